from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bus.event import Event
from config.errors import BusClosed, BusFull, EventyardError
from eventsources.base import SourceContext
from eventsources.calendar import GRACE, RETRY_MOST, SLICE, Calendar, CalendarSettings
from tests.eventsources.surroundings import Emitting

MINUTELY = {"schedule": "* * * * *"}
CATCH_UP = {"persistence": {"catchup": {"enabled": True}}}


class Crash(Exception):
    """The process dies here."""


class Clock:
    """Sleeping moves it on at once; at each of `jumps` (when it shows that time, by so many seconds) it is set."""

    def __init__(self, text: str, jumps: Sequence[tuple[str, float]] = ()) -> None:
        self.moment = datetime.fromisoformat(text)
        self.jumps = [(datetime.fromisoformat(at), timedelta(seconds=by)) for at, by in jumps]
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.moment

    def set(self, text: str) -> None:
        self.moment = datetime.fromisoformat(text)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)
        self.moment += timedelta(seconds=seconds)
        while self.jumps and self.jumps[0][0] <= self.moment:
            self.moment += self.jumps.pop(0)[1]


class Bus:
    """Keeps events and one source's note; `full`, `closed` and `crash` say how many of the next calls fail."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.events: list[Event] = []
        self.answers: list[bool] = []
        self.note: bytes | None = None
        self.full = self.full_notes = self.crash = 0
        self.slow: list[float] = []
        self.limit = 0
        self.reached = asyncio.Event()

    async def emit(self, event: Event, /) -> bool:
        if len(self.answers) == self.limit:
            self.reached.set()
            await asyncio.Event().wait()
        if self.full:
            self.full -= 1
            raise BusFull("the disk is full")
        if self.slow:
            self.clock.moment += timedelta(seconds=self.slow.pop(0))
        new = event.key not in {each.key for each in self.events}
        if new:
            self.events.append(event)
        self.answers.append(new)
        return new

    async def recall(self) -> bytes | None:
        return self.note

    async def remember(self, value: bytes, /) -> None:
        if self.crash:
            self.crash -= 1
            raise Crash
        if self.full_notes:
            self.full_notes -= 1
            raise BusFull("the disk is full")
        self.note = value

    def calendar(self, **fields: Any) -> Calendar:
        context = SourceContext(
            source="clock",
            event="tick",
            namespace="default",
            values=cast(Any, None),
            notes=self,
            http=cast(Any, None),
            now=self.clock.now,
        )
        return Calendar(CalendarSettings.model_validate(fields), context, sleep=self.clock.sleep)

    async def run(self, count: int, **fields: Any) -> list[str]:
        """The event times of the next `count` events of a calendar, which is cancelled when it makes one more."""
        before = len(self.events)
        self.limit, self.reached = len(self.answers) + count, asyncio.Event()
        async with self.calendar(**fields) as calendar, asyncio.TaskGroup() as group:
            task = group.create_task(calendar.run(Emitting(self.emit)))
            stop = group.create_task(self.reached.wait())
            await asyncio.wait((task, stop), return_when=asyncio.FIRST_COMPLETED)
            task.cancel()
            stop.cancel()
        return [event.json()["eventTime"].removesuffix(" +0000 UTC") for event in self.events[before:]]


def minutes(first: str, count: int) -> list[str]:
    begin = datetime.fromisoformat(first)
    return [f"{begin + timedelta(minutes=each):%Y-%m-%d %H:%M:%S}" for each in range(count)]


async def test_event() -> None:
    bus = Bus(Clock("2026-01-02T03:03:30.5Z"))
    await bus.run(1, **MINUTELY, metadata={"team": "blue"})
    assert bus.events == [
        Event(
            id="clock-tick-1767323040",
            source="clock",
            subject="tick",
            type="calendar",
            time="2026-01-02T03:04:00Z",
            data=b'{"eventTime":"2026-01-02 03:04:00 +0000 UTC","metadata":{"team":"blue"}}',
        )
    ]
    assert bus.events[0].json() == {"eventTime": "2026-01-02 03:04:00 +0000 UTC", "metadata": {"team": "blue"}}


async def test_no_metadata() -> None:
    bus = Bus(Clock("2026-01-02T03:03:30Z"))
    await bus.run(1, **MINUTELY, metadata={})
    assert bus.events[0].data == b'{"eventTime":"2026-01-02 03:04:00 +0000 UTC"}'


async def test_the_event_time_is_told_in_the_time_zone() -> None:
    bus = Bus(Clock("2026-07-01T12:00:00Z"))
    assert await bus.run(1, schedule="0 9 * * *", timezone="America/New_York") == ["2026-07-01 09:00:00 -0400 EDT"]
    assert bus.events[0].id == f"clock-tick-{int(datetime(2026, 7, 1, 13, tzinfo=UTC).timestamp())}"


async def test_an_hour_that_comes_twice_gives_two_events() -> None:
    bus = Bus(Clock("2026-10-25T00:00:00Z"))
    assert await bus.run(3, schedule="30 2 * * *", timezone="Europe/Berlin") == [
        "2026-10-25 02:30:00 +0200 CEST",
        "2026-10-25 02:30:00 +0100 CET",
        "2026-10-26 02:30:00 +0100 CET",
    ]


async def test_an_interval_is_cut_to_whole_seconds() -> None:
    bus = Bus(Clock("2026-01-02T03:04:05.75Z"))
    assert await bus.run(3, interval="1.5s") == [
        "2026-01-02 03:04:06.5",
        "2026-01-02 03:04:07.5",
        "2026-01-02 03:04:08.5",
    ]
    assert len({event.id for event in bus.events}) == 3


async def test_excluded_days() -> None:
    bus = Bus(Clock("2026-01-01T12:00:00Z"))
    dates = ["EXDATE:20260102T150405Z,20260103T000000Z", "20260104T000000Z"]
    assert await bus.run(2, schedule="0 9 * * *", exclusionDates=dates) == [
        "2026-01-04 09:00:00",
        "2026-01-05 09:00:00",
    ]


async def test_no_sleep_is_long() -> None:
    bus = Bus(Clock("2026-01-02T00:00:00Z"))
    await bus.run(1, schedule="0 1 * * *")
    assert max(bus.clock.slept) == SLICE


# -- restarts


async def test_without_catch_up_missed_ticks_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    bus = Bus(Clock("2026-01-02T09:00:30Z"))
    await bus.run(2, **MINUTELY)
    bus.clock.set("2026-01-02T10:00:45Z")
    assert await bus.run(2, **MINUTELY) == minutes("2026-01-02T10:01", 2)
    assert "source clock/tick: missed from 2026-01-02 09:03:00+00:00" in caplog.text


async def test_a_tick_due_during_a_short_restart_is_made() -> None:
    bus = Bus(Clock("2026-01-02T08:00:00Z"))
    daily = {"schedule": "0 9 * * *"}
    await bus.run(1, **daily)
    bus.clock.set("2026-01-03T09:00:20Z")
    assert await bus.run(2, **daily) == ["2026-01-03 09:00:00", "2026-01-04 09:00:00"]


@pytest.mark.parametrize(
    ("limit", "first"),
    [("", "2026-01-02T09:03"), ("10m", "2026-01-02T09:51"), ("24h", "2026-01-02T09:03"), ("0s", "2026-01-02T10:01")],
)
async def test_catch_up(limit: str, first: str) -> None:
    bus = Bus(Clock("2026-01-02T09:00:30Z"))
    fields = {**MINUTELY, "persistence": {"catchup": {"enabled": True, "maxDuration": limit}}}
    await bus.run(2, **fields)
    bus.clock.set("2026-01-02T10:00:30Z")
    slept = len(bus.clock.slept)
    wanted = minutes(first, 70)
    assert await bus.run(70, **fields) == wanted
    caught_up = sum(each <= "2026-01-02 10:00:30" for each in wanted)
    # Of these none was waited for.
    assert [event.time for event in bus.events[2 : 2 + caught_up]] == ["2026-01-02T10:00:30Z"] * caught_up
    assert len(bus.clock.slept) - slept == (70 - caught_up + 1) * 2 - 1


async def test_catch_up_reaches_back_to_the_first_start() -> None:
    bus = Bus(Clock("2026-01-02T08:00:00Z"))
    await bus.run(0, schedule="0 9 * * *", **CATCH_UP)
    bus.clock.set("2026-01-02T12:00:00Z")
    assert await bus.run(1, schedule="0 9 * * *", **CATCH_UP) == ["2026-01-02 09:00:00"]


async def test_catch_up_leaves_out_excluded_days() -> None:
    bus = Bus(Clock("2026-01-01T12:00:00Z"))
    fields = {"schedule": "0 9 * * *", "exclusionDates": ["EXDATE:20260103T000000Z"], **CATCH_UP}
    await bus.run(1, **fields)
    bus.clock.set("2026-01-04T12:00:00Z")
    assert await bus.run(2, **fields) == ["2026-01-04 09:00:00", "2026-01-05 09:00:00"]


async def test_disabled_catch_up_is_none() -> None:
    bus = Bus(Clock("2026-01-02T09:00:30Z"))
    fields = {**MINUTELY, "persistence": {"catchup": {"enabled": False, "maxDuration": "24h"}, "configMap": {}}}
    await bus.run(1, **fields)
    bus.clock.set("2026-01-02T10:00:45Z")
    assert await bus.run(1, **fields) == minutes("2026-01-02T10:01", 1)


@pytest.mark.parametrize("change", [{"schedule": "*/2 * * * *"}, {"timezone": "Europe/Berlin"}, {"interval": "1s"}])
async def test_a_new_schedule_makes_up_nothing(change: dict[str, str]) -> None:
    bus = Bus(Clock("2026-01-02T08:00:00Z"))
    await bus.run(1, schedule="0 9 * * *", **CATCH_UP)
    bus.clock.set("2026-01-05T12:00:00Z")
    base = {} if "interval" in change else {"schedule": "0 9 * * *"}
    await bus.run(1, **base | change, **CATCH_UP)
    assert bus.events[-1].time > "2026-01-05T12:00:00Z"


async def test_an_interval_goes_on_in_step() -> None:
    bus = Bus(Clock("2026-01-02T08:00:07Z"))
    assert await bus.run(1, interval="1h") == ["2026-01-02 09:00:07"]
    bus.clock.set("2026-01-02T09:50:00Z")
    assert await bus.run(1, interval="1h") == ["2026-01-02 10:00:07"]
    bus.clock.set("2026-01-02T14:30:00Z")
    assert await bus.run(1, interval="1h") == ["2026-01-02 15:00:07"]


async def test_restarts_before_the_first_tick_do_not_put_it_off() -> None:
    bus = Bus(Clock("2026-01-02T08:00:00Z"))
    for hour in (12, 16, 20):
        await bus.run(0, interval="24h")
        bus.clock.set(f"2026-01-02T{hour}:00:00Z")
    assert await bus.run(1, interval="24h") == ["2026-01-03 08:00:00"]


async def test_two_instances_make_the_same_events() -> None:
    bus = Bus(Clock("2026-01-02T08:00:00Z"))
    await bus.run(0, interval="10s")
    bus.clock.set("2026-01-02T08:00:04Z")
    bus.limit, bus.reached = 6, asyncio.Event()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(bus.calendar(interval="10s").run(Emitting(bus.emit))) for _ in range(2)]
        await bus.reached.wait()
        for task in tasks:
            task.cancel()
    # One of them sees the clock that the other's sleep moved on, so only the instants can be told.
    assert {event.json()["eventTime"][17:19] for event in bus.events} <= {"10", "20", "30", "40", "50", "00"}
    assert len(bus.events) < len(bus.answers)


async def test_a_crash_between_emitting_and_noting_repeats_the_same_event() -> None:
    bus = Bus(Clock("2026-01-02T08:59:00Z"))
    hourly = {"schedule": "0 * * * *"}
    await bus.run(0, **hourly)
    bus.clock.set("2026-01-02T08:59:50Z")
    bus.crash, bus.limit = 1, 9
    with pytest.raises(Crash):
        await bus.calendar(**hourly).run(Emitting(bus.emit))
    bus.clock.set("2026-01-02T09:00:05Z")
    assert await bus.run(2, **hourly) == ["2026-01-02 10:00:00"]
    assert bus.answers == [True, False, True]


async def test_cancelled_while_the_bus_is_full_makes_the_tick_after_the_restart() -> None:
    bus = Bus(Clock("2026-01-02T08:59:59Z"))
    reached, tries = asyncio.Event(), 0

    async def emit(event: Event, /) -> bool:
        nonlocal tries
        tries += 1
        if tries == 5:
            reached.set()
        raise BusFull("the disk is full")

    async with asyncio.TaskGroup() as group:
        task = group.create_task(bus.calendar(**MINUTELY).run(Emitting(emit)))
        await reached.wait()
        task.cancel()
    assert task.cancelled()
    assert await bus.run(1, **MINUTELY) == minutes("2026-01-02T09:00", 1)


@pytest.mark.parametrize("note", [b"", b"x", b"{}", b'{"done":"2026-01-02T08:00:00","schedule":"* * * * * "}'])
async def test_a_note_that_cannot_be_read_is_none(note: bytes) -> None:
    bus = Bus(Clock("2026-01-02T09:00:30Z"))
    bus.note = note
    assert await bus.run(1, **MINUTELY, **CATCH_UP) == minutes("2026-01-02T09:01", 1)


# -- a bus that refuses or is slow


async def test_a_full_bus_gets_the_same_tick_again() -> None:
    bus = Bus(Clock("2026-01-02T08:59:59Z"))
    bus.full = 8
    assert await bus.run(2, **MINUTELY) == minutes("2026-01-02T09:00", 2)
    assert bus.clock.slept[:9] == [1.0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, RETRY_MOST, RETRY_MOST]


async def test_ticks_wait_while_the_bus_is_full() -> None:
    bus = Bus(Clock("2026-01-02T08:59:59Z"))
    bus.full = 100
    assert await bus.run(20, **MINUTELY) == minutes("2026-01-02T09:00", 20)


async def test_ticks_wait_while_the_bus_is_slow() -> None:
    bus = Bus(Clock("2026-01-02T08:59:59Z"))
    bus.slow = [3600.0]
    assert await bus.run(90, **MINUTELY) == minutes("2026-01-02T09:00", 90)


async def test_a_note_is_tried_again_too() -> None:
    bus = Bus(Clock("2026-01-02T08:59:59Z"))
    bus.full_notes = 3
    assert await bus.run(1, **MINUTELY) == minutes("2026-01-02T09:00", 1)
    bus.full_notes = 3
    assert await bus.run(1, **MINUTELY) == minutes("2026-01-02T09:01", 1)
    assert bus.answers == [True, True]


async def test_a_closed_bus_ends_it() -> None:
    bus = Bus(Clock("2026-01-02T08:59:59Z"))

    async def emit(event: Event, /) -> bool:
        raise BusClosed("shutting down")

    with pytest.raises(BusClosed):
        await bus.calendar(**MINUTELY).run(Emitting(emit))


async def test_what_the_filter_drops_is_not_tried_again() -> None:
    bus = Bus(Clock("2026-01-02T08:59:59Z"))
    seen: list[str] = []

    async def emit(event: Event, /) -> bool:
        seen.append(event.id)
        if len(seen) == 3:
            raise Crash
        return False

    with pytest.raises(Crash):
        await bus.calendar(**MINUTELY).run(Emitting(emit))
    assert len(set(seen)) == 3


# -- a clock that is set


async def test_suspended_for_hours() -> None:
    bus = Bus(Clock("2026-01-02T21:59:10Z", jumps=[("2026-01-02T22:03:20Z", 10 * 3600 + 15)]))
    # The tick that was waited for comes late, the others of the night not at all.
    assert await bus.run(7, **MINUTELY) == [*minutes("2026-01-02T22:00", 5), *minutes("2026-01-03T08:04", 2)]


async def test_suspended_for_hours_with_catch_up() -> None:
    bus = Bus(Clock("2026-01-02T21:59:10Z", jumps=[("2026-01-02T22:03:20Z", 10 * 3600)]))
    assert await bus.run(700, **MINUTELY, **CATCH_UP) == minutes("2026-01-02T22:00", 700)


async def test_a_nightly_tick_survives_a_suspended_night() -> None:
    bus = Bus(Clock("2026-01-02T21:59:10Z", jumps=[("2026-01-02T22:03:20Z", 10 * 3600)]))
    assert await bus.run(2, schedule="0 3 * * *") == ["2026-01-03 03:00:00", "2026-01-04 03:00:00"]


async def test_a_clock_set_forward_a_little_loses_nothing() -> None:
    bus = Bus(Clock("2026-01-02T09:00:00Z", jumps=[("2026-01-02T09:00:05Z", 20)]))
    got = await bus.run(60, interval="1s")
    assert got == [f"2026-01-02 09:{each // 60:02d}:{each % 60:02d}" for each in range(1, 61)]


async def test_a_clock_set_back_a_little_repeats_nothing() -> None:
    bus = Bus(Clock("2026-01-02T08:59:00Z", jumps=[("2026-01-02T09:00:10Z", -3600)]))
    assert await bus.run(3, **MINUTELY) == minutes("2026-01-02T09:00", 3)
    assert bus.answers == [True, True, True]


async def test_a_clock_set_back_by_much_is_believed() -> None:
    bus = Bus(Clock("2026-01-02T08:59:00Z", jumps=[("2026-01-02T09:01:10Z", -4 * 3600)]))
    wanted = [*minutes("2026-01-02T09:00", 2), *minutes("2026-01-02T05:02", 3)]
    assert await bus.run(5, **MINUTELY) == wanted


@pytest.mark.parametrize("back", [45, 3600, 86400 * 365])
async def test_an_interval_goes_on_when_the_clock_is_set_back(back: int) -> None:
    bus = Bus(Clock("2026-01-02T09:00:00Z", jumps=[("2026-01-02T09:01:03Z", -back)]))
    await bus.run(9, interval="10s")
    assert len(bus.answers) == 9
    assert sum(bus.clock.slept) == pytest.approx(103, abs=10)


async def test_a_clock_that_was_years_ahead_for_a_moment() -> None:
    years = 9 * 365 * 86400
    bus = Bus(Clock("2026-01-02T09:00:30Z", jumps=[("2026-01-02T09:01:10Z", years), ("2034-12-01T00:00:00Z", 0)]))
    assert await bus.run(2, **MINUTELY) == minutes("2026-01-02T09:01", 2)
    bus.clock.jumps = [(bus.clock.moment, -timedelta(seconds=years))]
    await bus.run(2, **MINUTELY)
    assert bus.events[-1].json()["eventTime"].startswith("2026-01-02 09:0")
    assert sum(bus.clock.slept) < 600


async def test_a_clock_that_was_years_ahead_before_the_restart() -> None:
    bus = Bus(Clock("2035-01-02T09:00:30Z"))
    await bus.run(1, **MINUTELY)
    bus.clock.set("2026-01-02T09:00:30Z")
    assert await bus.run(2, **MINUTELY) == minutes("2026-01-02T09:01", 2)


SMALL = int(GRACE.total_seconds()) - 1
"""What may be missed and made up; all jumps and a pause together stay below it."""


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 1200), st.integers(-600, SMALL // 15)), max_size=6),
    st.lists(st.integers(0, SMALL // 2), min_size=1, max_size=5),
)
def test_every_tick_once_whatever_happens_to_the_clock(jumps: list[tuple[int, int]], restarts: list[int]) -> None:
    async def main() -> None:
        begin = datetime(2026, 1, 2, 9, tzinfo=UTC)
        bus = Bus(Clock("2026-01-02T09:00:00Z"))
        bus.clock.jumps = [(begin + timedelta(seconds=at), timedelta(seconds=by)) for at, by in sorted(jumps)]
        got: list[str] = []
        for pause in restarts:
            got += await bus.run(5, **MINUTELY)
            bus.clock.moment += timedelta(seconds=pause)
        assert got == minutes("2026-01-02T09:01", 5 * len(restarts))
        assert all(bus.answers)

    asyncio.run(main())


# -- check


def check(**fields: Any) -> list[tuple[str, str, str]]:
    return Calendar.check(CalendarSettings.model_validate(fields))


@pytest.mark.parametrize(
    "fields",
    [
        MINUTELY,
        {"interval": "1h30m", "timezone": "Europe/Berlin", "metadata": {"a": "b"}},
        {"schedule": "TZ=Asia/Tokyo 0 9 * * *", "exclusionDates": ["EXDATE:20260102T000000Z,20260103T000000Z"]},
        {**MINUTELY, "persistence": {"catchup": {"enabled": True, "maxDuration": "5m"}}},
        {**MINUTELY, "persistence": {}, "filter": {"expression": "true"}},
    ],
)
def test_good_settings(fields: dict[str, Any]) -> None:
    assert check(**fields) == []


@pytest.mark.parametrize(
    ("fields", "path", "what"),
    [
        ({}, "", "neither a schedule nor an interval"),
        ({"schedule": "@daily"}, "schedule", "schedules take no descriptors such as '@daily'"),
        ({"schedule": "* * * * * *"}, "schedule", ""),
        ({"schedule": "0 0 * * 7"}, "schedule", "'7' is outside of 0-6"),
        ({"schedule": "0 0 31 2 *"}, "schedule", "schedule '0 0 31 2 *' is never due"),
        ({"schedule": "TZ=Nowhere 0 0 * * *"}, "schedule", "unknown time zone 'Nowhere'"),
        ({"interval": "10"}, "interval", "duration '10' has no unit"),
        ({"interval": "1d"}, "interval", "unknown unit 'd' in duration '1d'"),
        ({"interval": "0s"}, "interval", "interval '0s' would be due all the time"),
        ({"interval": "-5s"}, "interval", "interval '-5s' would be due all the time"),
        ({"interval": "500ms"}, "interval", "interval '500ms' would be due all the time"),
        ({"interval": "1h", "timezone": "Europe/Berln"}, "timezone", "unknown time zone 'Europe/Berln'"),
        (
            {
                "interval": "1h",
                "exclusionDates": ["EXDATE:20260102T000000Z", "EXDATE:20260102T000000Z, 20260103T000000Z"],
            },
            "exclusionDates.1",
            "' 20260103T000000Z' is no date and time",
        ),
        (
            {"interval": "1h", "persistence": {"catchup": {"maxDuration": "1d"}}},
            "persistence.catchup.maxDuration",
            "unknown unit 'd' in duration '1d'",
        ),
        (
            {"interval": "1h", "persistence": {"catchup": {"maxDuration": "-1h"}}},
            "persistence.catchup.maxDuration",
            "'-1h' is negative",
        ),
    ],
)
def test_faults(fields: dict[str, Any], path: str, what: str) -> None:
    ((found_path, found, fix),) = check(**fields)
    assert found_path == path
    assert found.endswith(what)
    assert not found.startswith("warning: ")
    assert fix


@pytest.mark.parametrize(
    ("fields", "path", "what"),
    [
        ({**MINUTELY, "interval": "nonsense"}, "interval", "the interval is ignored, as there is a schedule"),
        ({"interval": "1.5s"}, "interval", "interval '1.5s' ticks every 1s: fractions of a second are cut"),
        ({**MINUTELY, "exclusionDates": ["20260102T000000Z"]}, "exclusionDates.0", "'20260102T000000Z' is ignored"),
        (
            {**MINUTELY, "persistence": {"configMap": {"name": "ticks", "createIfNotExist": True}}},
            "persistence.configMap",
            "the ConfigMap is not used: the last tick is kept on the bus",
        ),
        (
            {**MINUTELY, "persistence": {"configMap": {"name": "ticks"}, "catchup": {"enabled": True}}},
            "persistence.configMap",
            "the ConfigMap is not used: the last tick is kept on the bus",
        ),
    ],
)
def test_warnings(fields: dict[str, Any], path: str, what: str) -> None:
    ((found_path, found, fix),) = check(**fields)
    assert (found_path, found) == (path, f"warning: {what}")
    assert fix


def test_all_faults_are_told_at_once() -> None:
    paths = [path for path, _, _ in check(schedule="x", timezone="y", exclusionDates=["EXDATE:z"])]
    assert paths == ["timezone", "schedule", "exclusionDates.0"]


def test_settings_that_were_not_checked_are_refused() -> None:
    with pytest.raises(EventyardError, match="due all the time"):
        Bus(Clock("2026-01-02T00:00:00Z")).calendar(interval="0s")
