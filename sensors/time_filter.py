"""The time filter: a daily window into which the event's own time must fall (`filters.time`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Final

from config.errors import EventyardError
from config.gotime import load_zone
from sensors.decision import FilterResult
from sensors.errors import CompileError
from sensors.filter import Check

if TYPE_CHECKING:
    from bus.event import Event
    from config.block import FieldPath
    from config.sensor import TimeFilter as Manifest

# As Go reads "15:04:05": one digit will do for the hour, and a fraction may follow.
_CLOCK: Final = re.compile(r" *(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d+))?", re.ASCII)


class TimeFilter:
    """From `start` until before `stop`; across midnight if `stop` is not later than `start`."""

    warnings: Sequence[str] = ()

    def __init__(self, asked: str, start: time, stop: time, zone: tzinfo) -> None:
        self._asked = asked
        self._start, self._stop, self._zone = start, stop, zone
        self._passed = Check(True, (FilterResult("time", asked),))

    def check(self, event: Event, explain: bool) -> Check:
        try:
            moment = datetime.fromisoformat(event.time)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            result = FilterResult("time", self._asked, "error", None, event.time, "the event's time is not RFC 3339")
            return Check(False, (result,), f"time: {result.error}")
        day = moment.astimezone(self._zone).date()
        start, stop = (_instant(datetime.combine(day, clock), self._zone) for clock in (self._start, self._stop))
        passed = start <= moment < stop if start < stop else start <= moment or moment < stop
        if passed and not explain:
            return self._passed
        return Check(passed, (FilterResult("time", self._asked, "passed" if passed else "failed", None, event.time),))


def compile_filter(manifest: Manifest, path: FieldPath) -> TimeFilter:
    """The filter of a `time` block, which stands at `path`. Raises CompileError."""
    start = _clock(manifest.start, (*path, "start"))
    stop = _clock(manifest.stop, (*path, "stop"))
    try:
        zone = load_zone(manifest.timezone)
    except EventyardError as error:
        raise CompileError((*path, "timezone"), error.what, error.fix) from None
    asked = f"from {manifest.start} until {manifest.stop} {manifest.timezone or 'UTC'}"
    return TimeFilter(asked, start, stop, zone)


def _clock(text: str, path: FieldPath) -> time:
    found = _CLOCK.fullmatch(text)
    try:
        if found:
            micros = int((found[4] or "0").ljust(6, "0")[:6])
            return time(int(found[1]), int(found[2]), int(found[3]), micros)
    except ValueError:
        pass
    raise CompileError(path, f"'{text}' is no time of day", "write it like '09:30:00'")


def _instant(clock: datetime, zone: tzinfo) -> datetime:
    """The instant of a local clock reading. Where the clocks change it is the one that Go's `time.Date` picks."""
    guess = clock.replace(tzinfo=UTC)
    near = guess - _offset(guess, zone)
    return guess - _offset(near, zone)


def _offset(instant: datetime, zone: tzinfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta()
