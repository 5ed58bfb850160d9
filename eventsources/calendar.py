"""Events at the ticks of a cron schedule or an interval: the calendar of Argo Events, on a clock that may be set.

A tick is known by its nominal instant, not by the moment it was made, so that making it twice (after a crash, in two
instances, while a new configuration takes over) gives the same event. The last tick is noted after each event; from
that note a restart knows what was missed, and an interval goes on in step.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
import orjson

from bus.event import Event, now_text
from config.duration import parse_duration
from config.errors import BusFull, EventyardError
from config.eventsource import EventSourceFilter
from config.gotime import load_zone
from config.model import Model
from config.schedule import Schedule, parse_exclusions, parse_schedule
from eventsources.base import Emit, EventSource, SourceContext

_log = logging.getLogger("eventyard.eventsources")

SLICE: Final = 30.0
"""Seconds after which the wall clock is looked at again, however far off the next tick is."""

GRACE: Final = timedelta(seconds=30)
"""What is no later than this was not missed: a restart takes as long. More than this late, time stood still or jumped."""

SET_BACK: Final = timedelta(hours=3)
"""A clock set back by less is waited for, so that no tick of a schedule is made twice; by more, it was wrong before."""

RETRY_FIRST, RETRY_MOST = 0.1, 5.0
"""Seconds between tries while the bus is full: doubling."""


class ConfigMapPersistence(Model):
    """Where Argo Events keeps the last tick. Not used: it is kept beside the events."""

    name: str = ""
    create_if_not_exist: bool = False


class CatchupConfiguration(Model):
    """Whether ticks missed while nothing ran are made up at the next start, those of the last `maxDuration` at most.

    `maxDuration` is a Go duration; empty means all of them.
    """

    enabled: bool = False
    max_duration: str = ""


class EventPersistence(Model):
    """What becomes of ticks that were missed."""

    catchup: CatchupConfiguration | None = None
    config_map: ConfigMapPersistence | None = None


class CalendarSettings(Model):
    """`spec.calendar.<event>`.

    `schedule` is a cron text of five fields and wins over `interval`, a Go duration of a second or more. `timezone` is
    an IANA name, empty for UTC. Each of `exclusionDates` reads `EXDATE:20260102T000000Z,...`; of these only the day
    counts, in the time zone, and nothing is due on it. `metadata` becomes part of each event's data.
    """

    schedule: str = ""
    interval: str = ""
    timezone: str = ""
    exclusion_dates: list[str] = []
    persistence: EventPersistence | None = None
    metadata: dict[str, str] | None = None
    filter: EventSourceFilter | None = None


class _Note(msgspec.Struct, frozen=True):
    """All ticks up to and including `done` were made, or are not to be; `schedule` is whose ticks."""

    done: Annotated[datetime, msgspec.Meta(tz=True)]
    schedule: str


class Calendar(EventSource[CalendarSettings]):
    """Emits `{"eventTime": "2026-01-02 03:04:00 +0000 UTC", "metadata"?}` at each tick.

    `eventTime` is the tick in Go's default text and the schedule's zone, `time` the moment of publishing, `id`
    `<source>-<event>-<tick in Unix seconds>`. `sleep` waits that many seconds of real time.
    """

    kind = "calendar"
    Settings = CalendarSettings

    @classmethod
    def describe(cls, settings: CalendarSettings, host: str) -> str:
        when = settings.schedule or f"every {settings.interval}"
        return f"{when} {settings.timezone}".rstrip()

    def __init__(
        self,
        settings: CalendarSettings,
        context: SourceContext,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(settings, context)
        self._sleep = sleep
        self._schedule = _schedule_of(settings)
        self._reach = _reach_of(settings.persistence)
        # A schedule must not make an hour's ticks twice; an interval is a distance in time and must not pause for one.
        self._patience = SET_BACK if settings.schedule else GRACE
        self._done = context.now()

    @classmethod
    def check(cls, settings: Any) -> list[tuple[str, str, str]]:
        """Faults: neither schedule nor interval, one that cannot be read, is never due or all the time, an unknown time
        zone, a wrong date or duration. Warnings: fields that do not do what they seem to."""
        return [*_check_schedule(settings), *_check_exclusions(settings), *_check_persistence(settings.persistence)]

    async def run(self, emit: Emit) -> None:
        """Emit each tick when it is due; while the bus is full, the tick and all that follow wait."""
        await self._recall()
        tick = self._resume()
        while True:
            assert tick is not None  # a schedule that is never due was refused
            late = await self._wait(tick)
            if late >= timedelta():
                await self._make(tick, emit)
            steady = timedelta() <= late <= GRACE
            tick = self._schedule.next_after(tick) if steady else self._resume()

    async def _recall(self) -> None:
        """Begin where the last run ended; the first run, or one with another schedule, begins now."""
        noted = await self.context.notes.recall()
        try:
            note = msgspec.json.decode(noted, type=_Note) if noted else None
        except msgspec.MsgspecError:
            _log.warning("%s: the note of the last tick cannot be read; it begins anew", self._name)
            note = None
        if note is not None and note.schedule == self._identity:
            self._done = note.done
        else:
            await self._settle(self.context.now())

    def _resume(self) -> datetime | None:
        """The next tick to make after time in which nothing ran, or in which the clock was set."""
        now = self.context.now()
        if self._done - now > self._patience:
            _log.warning("%s: the clock was set back by %s; it goes on from now", self._name, self._done - now)
            self._done = now
        tick = self._schedule.resume(self._done, self._done if self._reach is None else now - self._reach)
        missed = self._schedule.next_after(self._done)
        if missed != tick:
            _log.warning("%s: missed from %s to %s, not made up", self._name, missed, now)
        return tick

    async def _wait(self, tick: datetime) -> timedelta:
        """Sleep until a tick is due. Returns how much too late it woke, nothing if it was due already; a negative time
        if the clock was set back meanwhile, and then it need not be due."""
        late = timedelta()
        now = self.context.now()
        latest = max(self._done, now)
        while now < tick:
            if latest - now > self._patience:
                return now - latest
            await self._sleep(min((tick - now).total_seconds(), SLICE))
            now = self.context.now()
            latest, late = max(latest, now), now - tick
        return late

    async def _make(self, tick: datetime, emit: Emit) -> None:
        data: dict[str, Any] = {"eventTime": self._schedule.event_time(tick)}
        if self.settings.metadata:
            data["metadata"] = self.settings.metadata
        event = Event.new(
            id=f"{self.context.source}-{self.context.event}-{int(tick.timestamp())}",
            source=self.context.source,
            subject=self.context.event,
            type=self.kind,
            time=now_text(self.context.now),
            data=orjson.dumps(data),
            parsed=data,
        )
        await self._insist(lambda: emit(event))
        await self._settle(tick)

    async def _settle(self, done: datetime) -> None:
        self._done = done
        note = msgspec.json.encode(_Note(done.astimezone(UTC), self._identity))
        await self._insist(lambda: self.context.notes.remember(note))

    async def _insist(self, action: Callable[[], Awaitable[object]]) -> None:
        pause = RETRY_FIRST
        while True:
            try:
                await action()
            except BusFull as full:
                if pause == RETRY_FIRST:
                    _log.warning("%s: ticks wait: %s", self._name, full)
                await self._sleep(pause)
                pause = min(pause * 2, RETRY_MOST)
            else:
                return

    @property
    def _name(self) -> str:
        return f"source {self.context.source}/{self.context.event}"

    @property
    def _identity(self) -> str:
        # What a new schedule would have done before it was written is not to be made up.
        return f"{self.settings.schedule or self.settings.interval} {self.settings.timezone}"


def _schedule_of(settings: CalendarSettings) -> Schedule:
    return parse_schedule(
        settings.schedule,
        settings.interval,
        timezone=settings.timezone,
        exclusion_dates=settings.exclusion_dates,
    )


def _reach_of(persistence: EventPersistence | None) -> timedelta | None:
    """How far back missed ticks are made up; None = to the last one made."""
    catchup = persistence.catchup if persistence is not None else None
    if catchup is None or not catchup.enabled:
        return GRACE
    if not catchup.max_duration:
        return None
    return timedelta(microseconds=parse_duration(catchup.max_duration).ns // 1000)


def _check_schedule(settings: CalendarSettings) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    zone = settings.timezone
    try:
        load_zone(zone)
    except EventyardError as error:
        found.append(("timezone", str(error), error.fix))
        zone = ""
    try:
        parse_schedule(settings.schedule, settings.interval, timezone=zone)
    except EventyardError as error:
        field = "schedule" if settings.schedule else "interval" if settings.interval else ""
        return [*found, (field, str(error), error.fix)]
    if settings.schedule and settings.interval:
        found.append(("interval", "warning: the interval is ignored, as there is a schedule", "remove one of the two"))
    elif settings.interval and (ns := parse_duration(settings.interval).ns) % 1_000_000_000:
        fix = "write whole seconds"
        what = (
            f"warning: interval '{settings.interval}' ticks every {ns // 1_000_000_000}s: fractions of a second are cut"
        )
        found.append(("interval", what, fix))
    return found


def _check_exclusions(settings: CalendarSettings) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for index, item in enumerate(settings.exclusion_dates):
        field = f"exclusionDates.{index}"
        if not item.startswith("EXDATE:"):
            found.append((field, f"warning: '{item}' is ignored", "write it like EXDATE:20260102T000000Z"))
        else:
            try:
                parse_exclusions([item])
            except EventyardError as error:
                found.append((field, str(error), error.fix))
    return found


def _check_persistence(persistence: EventPersistence | None) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    if persistence is None:
        return found
    if persistence.config_map is not None:
        what = "warning: the ConfigMap is not used: the last tick is kept on the bus"
        if persistence.catchup is None or not persistence.catchup.enabled:
            fix = "write catchup: {enabled: true} if missed ticks are to be made up"
        else:
            fix = "nothing needs to be done; Argo Events needs it for the same effect"
        found.append(("persistence.configMap", what, fix))
    if persistence.catchup is not None and (limit := persistence.catchup.max_duration):
        field = "persistence.catchup.maxDuration"
        try:
            if parse_duration(limit).ns < 0:
                found.append((field, f"'{limit}' is negative", "write how far back to go, for example 1h"))
        except EventyardError as error:
            found.append((field, error.what, error.fix))
    return found
