"""Moments, durations and time zones, compared with the standard library where it can."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.go.layout import format_time, parse_time
from sensors.languages.go.limits import GoError
from sensors.languages.go.time import (
    SECOND,
    ZERO_SECONDS,
    ZULU,
    Date,
    Duration,
    Month,
    Time,
    Weekday,
    Zone,
    civil,
    days_of,
    load_zone,
    time_at,
    time_of,
)

EPOCH = date(1970, 1, 1)
BERLIN = load_zone("Europe/Berlin")
assert BERLIN is not None


@given(st.dates())
def test_calendar(day: date) -> None:
    days = (day - EPOCH).days
    assert civil(days) == (day.year, day.month, day.day)
    assert days_of(day.year, day.month, day.day) == days
    moment = Time(days * 86400)
    assert moment.weekday == day.isoweekday() % 7
    assert moment.year_day == day.timetuple().tm_yday


@given(st.integers(-(10**12), 10**12))
def test_the_calendar_has_no_end(days: int) -> None:
    assert days_of(*civil(days)) == days


@given(st.integers(-2_208_988_800, 10_413_792_000))
def test_zones_are_those_of_the_database(seconds: int) -> None:
    there = datetime.fromtimestamp(seconds, ZoneInfo("Europe/Berlin"))
    assert BERLIN is not None
    assert BERLIN.at(seconds)[1] == (there.utcoffset() or timedelta()).total_seconds()
    assert BERLIN.is_dst(seconds) is bool(there.dst())
    assert Time(seconds, 0, BERLIN).clock == (there.hour, there.minute, there.second)


@given(st.integers(ZERO_SECONDS, 253_402_300_799), st.integers(0, SECOND - 1))
def test_what_is_written_can_be_read(seconds: int, nanoseconds: int) -> None:
    moment = Time(seconds, nanoseconds)
    layout = "Monday, 2 January 2006 03:04:05.000000000PM -0700"
    assert parse_time(layout, format_time(moment, layout)) == moment
    assert moment.go_json() == format_time(moment, "2006-01-02T15:04:05.999999999Z07:00")
    assert moment.go_string() == format_time(moment, "2006-01-02 15:04:05.999999999 -0700 MST")


def test_wall_clocks_near_changes() -> None:
    assert BERLIN is not None
    before = time_of((2026, 3, 29), (1, 59, 59), 0, BERLIN)
    after = time_of((2026, 3, 29), (3, 0, 0), 0, BERLIN)
    assert after.minus(before) == SECOND
    assert time_of((2026, 3, 29), (2, 30, 0), 0, BERLIN).clock == (3, 30, 0)
    assert time_of((2026, 14, 1), (0, 0, 0), 0).date == Date(2027, 2, 1)


def test_names_of_zones() -> None:
    assert BERLIN is not None
    assert load_zone("") == load_zone("UTC") == load_zone("Local") == ZULU
    assert load_zone("Nowhere/Land") is load_zone("../etc/passwd") is load_zone("/etc") is None
    assert BERLIN.offset_of("CET", 0) == 3600
    assert BERLIN.offset_of("CEST", 1_700_000_000) == 7200
    assert BERLIN.offset_of("LMT", 1_700_000_000) == 3208
    assert BERLIN.offset_of("XYZ", 0) is None
    assert Zone("ABC", 60).offset_of("ABC", 0) == 60
    assert Zone("ABC", 60).offset_of("CET", 0) is None
    assert not ZULU.is_dst(0)


def test_the_far_future_keeps_the_rules() -> None:
    assert BERLIN is not None
    assert BERLIN.at(days_of(20026, 7, 1) * 86400) == ("CEST", 7200)
    assert BERLIN.at(days_of(20026, 1, 1) * 86400) == ("CET", 3600)
    assert BERLIN.at(days_of(-5, 1, 1) * 86400)[0] == "LMT"


def test_years_that_json_cannot_have() -> None:
    with pytest.raises(GoError):
        time_at(10**15).go_json()
    assert time_at(-(10**12)).go_string() == "-29719-04-05 22:13:20 +0000 UTC"
    assert Time(0, 0, Zone("", -5400)).go_string() == "1969-12-31 22:30:00 -0130 -0130"


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1_500, "1.5µs"),
        (-2_000_000, "-2ms"),
        (SECOND, "1s"),
        (61 * SECOND, "1m1s"),
        (3600 * SECOND, "1h0m0s"),
        (90 * 60 * SECOND + 1, "1h30m0.000000001s"),
        (-(1 << 63), "-2562047h47m16.854775808s"),
    ],
)
def test_durations(nanoseconds: int, text: str) -> None:
    assert Duration(nanoseconds).go_string() == text


def test_rounding() -> None:
    assert Duration(1_500).rounded(1_000) == 2_000
    assert Duration(-1_500).rounded(1_000) == -2_000
    assert Duration(1_400).rounded(1_000) == Duration(1_400).truncated(1_000) == 1_000
    assert Duration(-1_900).truncated(1_000) == -1_000
    assert Duration(5).rounded(0) == Duration(5).truncated(-1) == 5
    assert Duration((1 << 63) - 1).rounded(1 << 62) == (1 << 63) - 1


def test_names() -> None:
    assert (Month(3).go_string(), Month(13).go_string()) == ("March", "%!Month(13)")
    assert (Weekday(6).go_string(), Weekday(7).go_string()) == ("Saturday", "%!Weekday(7)")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10:00 CEST", "2026-07-01 10:00:00 +0200 CEST"),
        ("10:00 EST", "2026-07-01 10:00:00 +0000 EST"),
        ("10:00 +0200", "2026-07-01 10:00:00 +0200 CEST"),
        ("10:00 +0300", "2026-07-01 10:00:00 +0300 +0300"),
        ("10:00", "2026-07-01 10:00:00 +0200 CEST"),
    ],
)
def test_reading_in_a_zone(text: str, expected: str) -> None:
    assert BERLIN is not None
    layout = "2006-01-02 15:04" + (" MST" if text[-1] == "T" else " -0700" if "+" in text else "")
    assert parse_time(layout, f"2026-07-01 {text}", BERLIN).go_string() == expected
