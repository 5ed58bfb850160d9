from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import EventyardError
from config.gotime import go_text, load_zone, parse_go_text, start_of_day

ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"]


@pytest.mark.parametrize("name", ["", "UTC", "Local"])
def test_names_of_utc(name: str) -> None:
    assert load_zone(name) is UTC


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("Europe/Berln", "did you mean 'Europe/Berlin'?"),
        ("america/new_york", "did you mean 'America/New_York'?"),
        ("Nowhere", "use an IANA name such as 'Europe/Berlin'"),
    ],
)
def test_unknown_zone_names_a_similar_one(name: str, fix: str) -> None:
    with pytest.raises(EventyardError, match=f"unknown time zone '{name}'") as caught:
        load_zone(name)
    assert caught.value.fix == fix


@pytest.mark.parametrize("name", ["America", "../etc/passwd", "/etc/localtime", "a\0b", " UTC"])
def test_what_is_no_zone(name: str) -> None:
    with pytest.raises(EventyardError):
        load_zone(name)


@pytest.mark.parametrize(
    ("zone", "day", "start"),
    [
        ("UTC", "2026-01-01", "2026-01-01T00:00Z"),
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00Z"),  # 00:00 is skipped
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00Z"),  # 00:00 is skipped
        ("America/Havana", "2026-11-01", "2026-11-01T04:00Z"),  # 00:00 comes twice
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00Z"),  # the day is left out
    ],
)
def test_start_of_day(zone: str, day: str, start: str) -> None:
    assert start_of_day(date.fromisoformat(day), load_zone(zone)) == datetime.fromisoformat(start)


@pytest.mark.parametrize(
    ("instant", "zone", "text"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "UTC", "2026-01-02 03:04:05 +0000 UTC"),
        (datetime(2026, 1, 2, 3, 4, 5, 500_000, tzinfo=UTC), "UTC", "2026-01-02 03:04:05.5 +0000 UTC"),
        (datetime(2026, 1, 2, 3, 4, 5, 1, tzinfo=UTC), "UTC", "2026-01-02 03:04:05.000001 +0000 UTC"),
        (datetime(2026, 3, 9, 6, tzinfo=UTC), "America/New_York", "2026-03-09 02:00:00 -0400 EDT"),
        (datetime(2026, 3, 14, 20, 30, tzinfo=UTC), "Asia/Kolkata", "2026-03-15 02:00:00 +0530 IST"),
        (datetime(2026, 4, 6, tzinfo=UTC), "Australia/Lord_Howe", "2026-04-06 10:30:00 +1030 +1030"),
        (datetime(2018, 11, 4, 4, tzinfo=UTC), "America/Sao_Paulo", "2018-11-04 02:00:00 -0200 -02"),
    ],
)
def test_go_text(instant: datetime, zone: str, text: str) -> None:
    assert go_text(instant, load_zone(zone)) == text
    assert parse_go_text(text) == instant


def test_both_hours_of_a_change_to_winter_time_have_their_own_text() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    texts = [go_text(first + timedelta(hours=hour), load_zone("Europe/Berlin")) for hour in (0, 1)]
    assert texts == ["2026-10-25 02:30:00 +0200 CEST", "2026-10-25 02:30:00 +0100 CET"]


@given(
    st.integers(0, 10**16).map(lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)),
    st.sampled_from(ZONES),
)
def test_text_round_trip(instant: datetime, zone: str) -> None:
    assert parse_go_text(go_text(instant, load_zone(zone))) == instant


def test_monotonic_reading_and_nanoseconds_are_dropped() -> None:
    read = parse_go_text("2026-01-02 03:04:05.123456789 -0500 EST m=+12.345678901")
    assert read == datetime(2026, 1, 2, 8, 4, 5, 123_456, tzinfo=UTC)
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-02T03:04:05Z",
        "2026-13-02 03:04:05 +0000 UTC",
        "2026-01-02 03:04:05 +9999 X",
        "0001-01-01 00:00:00 +0100 X",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(EventyardError, match="is no time as Go writes it"):
        parse_go_text(text)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (parse_go_text, load_zone):
        try:
            read(text)
        except EventyardError as error:
            assert error.fix


@given(
    st.sampled_from(["Africa/Cairo", "America/Havana", "Europe/Berlin"]), st.dates(date(2020, 1, 1), date(2030, 1, 1))
)
def test_the_instant_before_a_day_is_of_another(zone: str, day: date) -> None:
    start = start_of_day(day, ZoneInfo(zone))
    assert start.astimezone(ZoneInfo(zone)).date() == day
    assert (start - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() == day - timedelta(days=1)
