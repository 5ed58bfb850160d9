from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.duration import Duration
from config.errors import EventyardError
from config.schedule import Interval, Schedule, parse_exclusions, parse_schedule

SECOND = 1_000_000_000
INSTANTS = st.integers(1_700_000_000 * 10**6, 1_900_000_000 * 10**6).map(
    lambda micros: datetime.fromtimestamp(micros // 10**6, UTC) + timedelta(microseconds=micros % 10**6)
)


def ticks(schedule: Schedule, after: str, count: int) -> list[str]:
    instant, found = datetime.fromisoformat(after), []
    for _ in range(count):
        tick = schedule.next_after(instant)
        assert tick is not None
        found.append(schedule.event_time(tick))
        instant = tick
    return found


@pytest.mark.parametrize(
    ("interval", "after", "wanted"),
    [
        ("1m", "2026-03-14T15:09:26.75Z", ["2026-03-14 15:10:26 +0000 UTC", "2026-03-14 15:11:26 +0000 UTC"]),
        ("24h", "2026-03-14T15:09:26Z", ["2026-03-15 15:09:26 +0000 UTC", "2026-03-16 15:09:26 +0000 UTC"]),
        ("1.5s", "2026-03-14T15:09:26.75Z", ["2026-03-14 15:09:27.5 +0000 UTC", "2026-03-14 15:09:28.5 +0000 UTC"]),
    ],
)
def test_interval(interval: str, after: str, wanted: list[str]) -> None:
    assert ticks(parse_schedule(interval=interval), after, len(wanted)) == wanted


def test_event_times_are_told_in_the_zone() -> None:
    schedule = parse_schedule(interval="90m", timezone="America/New_York")
    assert ticks(schedule, "2026-03-14T15:09:26Z", 1) == ["2026-03-14 12:39:26 -0400 EDT"]
    schedule = parse_schedule("TZ=Asia/Tokyo 0 9 * * *", timezone="Europe/Berlin")
    assert ticks(schedule, "2026-01-01T00:00:00Z", 1) == ["2026-01-02 01:00:00 +0100 CET"]


def test_schedule_wins_over_interval() -> None:
    schedule = parse_schedule("0 0 * * *", "1s")
    assert ticks(schedule, "2026-01-01T00:00:00Z", 1) == ["2026-01-02 00:00:00 +0000 UTC"]


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({}, "neither a schedule nor an interval"),
        ({"schedule": "0 0 * * 7"}, "'7' is outside of 0-6"),
        ({"schedule": "0 0 31 2 *"}, "schedule '0 0 31 2 *' is never due"),
        ({"interval": "0s"}, "interval '0s' would be due all the time"),
        ({"interval": "-5s"}, "interval '-5s' would be due all the time"),
        ({"interval": "999ms"}, "interval '999ms' would be due all the time"),
        ({"interval": "1d"}, "unknown unit 'd' in duration '1d'"),
        ({"interval": "1h", "timezone": "Nowhere"}, "unknown time zone 'Nowhere'"),
        ({"interval": "1h", "exclusion_dates": ["EXDATE:2026-01-02"]}, "'2026-01-02' is no date and time"),
    ],
)
def test_refuse(fields: dict[str, Any], what: str) -> None:
    with pytest.raises(EventyardError) as caught:
        parse_schedule(**fields)
    assert caught.value.what == what
    assert caught.value.fix


@pytest.mark.parametrize("fields", [{"schedule": "0 0 31 2 *"}, {"interval": "0s"}, {"interval": "-1h"}])
def test_unsafe_schedules_can_be_read_and_say_what_is_wrong(fields: dict[str, Any]) -> None:
    schedule = parse_schedule(**fields, unsafe=True)
    assert schedule.fault is not None
    assert schedule.ticks.fault is not None


def test_a_second_is_not_too_fast() -> None:
    assert not Interval(Duration(SECOND)).too_fast
    assert parse_schedule(interval="1s").fault is None


@pytest.mark.parametrize(
    ("items", "days"),
    [
        ([], []),
        (["EXDATE:20260102T000000Z"], ["2026-01-02"]),
        (
            ["EXDATE:20260102T235959Z,20260103T000000Z", "EXDATE:20260104T120000.5Z"],
            ["2026-01-02", "2026-01-03", "2026-01-04"],
        ),
        (["20260102T000000Z", "exdate:20260102T000000Z", "RDATE:20260102T000000Z", "anything"], []),
    ],
)
def test_exclusions(items: list[str], days: list[str]) -> None:
    assert parse_exclusions(items) == {date.fromisoformat(day) for day in days}


@pytest.mark.parametrize(
    "dates",
    [
        "",
        "20260102",
        "2026-01-02",
        "20260102T000000",
        "20260102T000000z",
        "20260102T240000Z",
        "20260102T006000Z",
        "20260102T000060Z",
        "20260229T000000Z",
        "20261301T000000Z",
        "20260102T000000Z,",
        "20260102T000000Z\n",
        "２0260102T000000Z",
    ],
)
def test_wrong_exclusions(dates: str) -> None:
    with pytest.raises(EventyardError, match="is no date and time") as caught:
        parse_exclusions([f"EXDATE:{dates}"])
    assert caught.value.where == f"exclusion date 'EXDATE:{dates}'"


def test_a_space_after_the_comma_is_pointed_at() -> None:
    with pytest.raises(EventyardError) as caught:
        parse_exclusions(["EXDATE:20260102T000000Z, 20260103T000000Z"])
    assert caught.value.fix == "leave out the space"


def test_the_whole_local_day_is_excluded() -> None:
    schedule = parse_schedule(
        "0 */12 * * *", timezone="America/New_York", exclusion_dates=["EXDATE:20260102T150000Z,20260103T150000Z"]
    )
    assert ticks(schedule, "2026-01-02T00:00:00Z", 2) == [
        "2026-01-04 00:00:00 -0500 EST",
        "2026-01-04 12:00:00 -0500 EST",
    ]
    previous = schedule.previous_before(datetime.fromisoformat("2026-01-04T00:00:00-05:00"))
    assert previous == datetime.fromisoformat("2026-01-01T12:00:00-05:00")


def test_excluded_days_are_not_resumed_on() -> None:
    schedule = parse_schedule(interval="7h", exclusion_dates=["EXDATE:20260102T000000Z"])
    last, hours = datetime(2026, 1, 1, 9, tzinfo=UTC), timedelta(hours=1)
    assert schedule.resume(last, last) == last + 7 * hours
    assert schedule.resume(last, last + 14 * hours) == last + 14 * hours
    assert schedule.resume(last, last + 15 * hours) == last + 42 * hours


def test_a_schedule_that_ends_in_excluded_days() -> None:
    schedule = parse_schedule(interval="0s", exclusion_dates=["EXDATE:20260102T000000Z"], unsafe=True)
    assert schedule.next_after(datetime(2026, 1, 2, 12, tzinfo=UTC)) is None
    assert parse_schedule("0 0 31 2 *", unsafe=True).next_after(datetime(2026, 1, 2, tzinfo=UTC)) is None


def test_exclusions_cost_no_walk_through_the_day() -> None:
    # Every second of a year is excluded: 31 million ticks.
    days = ",".join(f"{date(2026, 1, 1) + timedelta(days=day):%Y%m%d}T000000Z" for day in range(365))
    schedule = parse_schedule(interval="1s", exclusion_dates=[f"EXDATE:{days}"])
    assert ticks(schedule, "2026-01-01T12:00:00Z", 1) == ["2027-01-01 00:00:00 +0000 UTC"]


@given(st.integers(1, 10**7), INSTANTS)
def test_interval_and_its_inverse(seconds: int, instant: datetime) -> None:
    interval = Interval(Duration(seconds * SECOND))
    before = interval.previous_before(instant)
    assert before is not None
    assert interval.next_after(before) == instant.replace(microsecond=0)


@given(st.integers(SECOND, 3 * 3600 * SECOND), INSTANTS, st.integers(-86400, 86400))
def test_interval_resumes_in_step(ns: int, instant: datetime, seconds: int) -> None:
    interval, earliest = Interval(Duration(ns)), instant + timedelta(seconds=seconds)
    wanted = interval.next_after(instant)
    while wanted is not None and wanted < earliest:
        wanted = interval.next_after(wanted)
    assert interval.resume(instant, earliest) == wanted
