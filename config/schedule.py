"""The schedules of a calendar: cron or interval, in a time zone, without the days that are excluded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Final, Protocol

from config.cron import Cron
from config.crontab import parse_cron
from config.duration import Duration, parse_duration
from config.errors import EventyardError
from config.gotime import go_text, load_zone, start_of_day

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Cron", "Interval", "Schedule", "Ticks", "parse_cron", "parse_exclusions", "parse_schedule"]

_SECOND: Final = timedelta(seconds=1)
_EXDATE: Final = "EXDATE:"
# Go takes a fraction after the seconds of any layout.
_DATE: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})(?:\.[0-9]+)?Z")


class Ticks(Protocol):
    """A sequence of instants without end or beginning. Instants are aware; those returned are in UTC."""

    @property
    def fault(self) -> EventyardError | None:
        """Why it makes no sense to run this: it is never due, or all the time."""

    def next_after(self, instant: datetime) -> datetime | None:
        """The first tick after an instant; None if there is none."""

    def previous_before(self, instant: datetime) -> datetime | None:
        """The last tick before an instant; None if there is none."""

    def resume(self, tick: datetime, earliest: datetime) -> datetime | None:
        """The first of the ticks that follow `tick` which is not before `earliest`; None if there is none."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A tick each `delay` after the one before, which is cut to whole seconds first, as in Go's robfig/cron.

    So 1.5s ticks once a second, after the first time; less than a second never gets away from the tick before.
    """

    delay: Duration

    @property
    def too_fast(self) -> bool:
        """Whether it is due all the time: under a second, zero or negative."""
        return self.delay.ns < 1_000_000_000

    @property
    def fault(self) -> EventyardError | None:
        """Why it makes no sense to run this interval."""
        if not self.too_fast:
            return None
        return EventyardError(f"interval '{self.delay}' would be due all the time", fix="write 1s or more")

    def next_after(self, instant: datetime) -> datetime | None:
        """The tick that follows one at that instant."""
        return instant.astimezone(UTC).replace(microsecond=0) + self._delay

    def previous_before(self, instant: datetime) -> datetime | None:
        """The tick that one at that instant follows."""
        return instant.astimezone(UTC).replace(microsecond=0) - self._delay

    def resume(self, tick: datetime, earliest: datetime) -> datetime | None:
        """The first of the ticks that follow one at `tick` which is not before `earliest`."""
        if self.too_fast:
            return None
        first = tick.astimezone(UTC).replace(microsecond=0) + self._delay
        period = self._delay // _SECOND * _SECOND
        # Division of timedeltas rounds down; of the negated distance it rounds the number of periods up.
        return first + max(0, -((first - earliest) // period)) * period

    @property
    def _delay(self) -> timedelta:
        return timedelta(microseconds=self.delay.ns // 1000)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Ticks told in a time zone; nothing is due on an excluded day of that zone."""

    ticks: Ticks
    zone: tzinfo = UTC
    excluded: frozenset[date] = frozenset()

    @property
    def fault(self) -> EventyardError | None:
        """Why it makes no sense to run this schedule."""
        return self.ticks.fault

    def next_after(self, instant: datetime) -> datetime | None:
        """The first tick after that instant, in UTC; None if there is none."""
        return self._included(self.ticks.next_after(instant))

    def resume(self, tick: datetime, earliest: datetime) -> datetime | None:
        """The first of the ticks that follow `tick` which is not before `earliest`, in UTC; None if there is none."""
        return self._included(self.ticks.resume(tick, earliest))

    def previous_before(self, instant: datetime) -> datetime | None:
        """The last tick before that instant, in UTC; None if there is none."""
        tick = self.ticks.previous_before(instant)
        while tick is not None and tick.astimezone(self.zone).date() in self.excluded:
            tick = self.ticks.previous_before(tick)
        return tick

    def event_time(self, tick: datetime) -> str:
        """The `eventTime` of a tick: Go's text for it in the schedule's zone."""
        return go_text(tick, self.zone)

    def _included(self, tick: datetime | None) -> datetime | None:
        while tick is not None and (day := tick.astimezone(self.zone).date()) in self.excluded:
            tick = self.ticks.resume(tick, start_of_day(day + timedelta(days=1), self.zone))
        return tick


def parse_schedule(
    schedule: str = "",
    interval: str = "",
    *,
    timezone: str = "",
    exclusion_dates: Iterable[str] = (),
    unsafe: bool = False,
) -> Schedule:
    """Read the fields of a calendar; `schedule` wins over `interval`, and an empty `timezone` is UTC.

    Raises EventyardError for texts that Argo Events refuses and, unless `unsafe`, for schedules that it accepts but
    that are never due or due all the time.
    """
    excluded = parse_exclusions(exclusion_dates)
    zone = load_zone(timezone)
    ticks: Ticks
    if schedule:
        ticks = parse_cron(schedule, zone)
    elif interval:
        ticks = Interval(parse_duration(interval))
    else:
        raise EventyardError("neither a schedule nor an interval", fix="write schedule: '0 9 * * *' or interval: 1h")
    if not unsafe and (fault := ticks.fault):
        raise fault
    return Schedule(ticks, zone, excluded)


def parse_exclusions(items: Iterable[str]) -> frozenset[date]:
    """The days of `EXDATE:` items (RFC 5545, without properties); items without that prefix mean nothing.

    Only the date of each `20260102T150405Z` counts. Raises EventyardError for any other form.
    """
    return frozenset(
        _day(text, item) for item in items if item.startswith(_EXDATE) for text in item[len(_EXDATE) :].split(",")
    )


def _day(text: str, item: str) -> date:
    found = _DATE.fullmatch(text)
    try:
        if found:
            year, month, day, hour, minute, second = map(int, found.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC).date()
    except ValueError:
        pass
    fix = "leave out the space" if text != text.strip() else "write it like EXDATE:20260102T000000Z,20260103T000000Z"
    raise EventyardError(f"'{text}' is no date and time", where=f"exclusion date '{item}'", fix=fix)
