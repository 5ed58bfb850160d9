"""Waits for what triggers started, over restarts, and publishes how it ended: an event that Sensors can listen to.

What is waited for is a note on the bus, made before its firing counts as a success and forgotten after the outcome is
published; so a crash repeats a wait at most, and the event it leads to has the same id.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from bus.base import Bus, Firing, TriggerName
from bus.event import Event, now_text
from config.errors import BusClosed, BusFull, EventyardError, Permanent
from eventyard.plan import TriggerPlan
from triggers.base import Result, Trigger

_log = logging.getLogger("eventyard.results")

TYPE: Final = "eventyard.result"
"""The type of the events published here; their source is the Sensor's name, their subject the trigger's."""

CAUSE: Final = "causeid"
"""The extension with the ids of the events that caused the firing, with commas between."""

GRACE: Final = 5.0
"""Seconds for a first answer, where the time was over before anyone could ask."""

AGAIN_FIRST, AGAIN_MOST = 1.0, 30.0
"""Seconds before asking again after a failure: doubling, with jitter."""

_TIMEOUT: Final = "Timeout"
_UNKNOWN: Final = "Unknown"


class Wait(msgspec.Struct, kw_only=True, frozen=True):
    """What is waited for: `started` is the trigger's own word for it, `deadline` Unix seconds, `at` RFC 3339."""

    key: str
    started: dict[str, Any]
    at: str
    deadline: float
    causes: dict[str, dict[str, str]]


@dataclass(slots=True)
class _Awaiting:
    """An opened trigger, and its waits by key."""

    plan: TriggerPlan
    adapter: Trigger[Any, Any]
    tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)


class Results:
    """All waits of one instance; its tasks live in `group`."""

    def __init__(
        self,
        bus: Bus,
        group: asyncio.TaskGroup,
        *,
        clock: Callable[[], float] = time.time,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._bus = bus
        self._group = group
        self._clock = clock
        self._chance = chance
        self._triggers: dict[TriggerName, _Awaiting] = {}

    async def add(self, plan: TriggerPlan, adapter: Trigger[Any, Any]) -> None:
        """A trigger is usable; go on with what was waited for in its name."""
        awaiting = self._triggers[plan.name] = _Awaiting(plan, adapter)
        for note, kept in (await self._bus.recollect(_note(plan.name, ""))).items():
            self._start(awaiting, note, msgspec.json.decode(kept, type=Wait))

    async def remove(self, name: TriggerName) -> None:
        """Stop waiting; the notes stay, for the trigger's next version."""
        awaiting = self._triggers.pop(name, None)
        tasks = list(awaiting.tasks.values()) if awaiting is not None else []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def close(self) -> None:
        """Stop all waits."""
        for name in list(self._triggers):
            await self.remove(name)

    async def begin(self, name: TriggerName, firing: Firing, started: Mapping[str, Any]) -> None:
        """Durably wait for what a firing started; a repetition of the firing changes nothing. Raises BusFull or BusClosed."""
        awaiting = self._triggers.get(name)
        if awaiting is None:
            raise BusClosed(f"trigger {name} is being stopped")
        assert awaiting.plan.manifest.awaits is not None
        note = _note(name, firing.key)
        if note in awaiting.tasks:
            return
        now = self._clock()
        wait = Wait(
            key=firing.key,
            started=dict(started),
            at=_text(now),
            deadline=now + awaiting.plan.manifest.awaits.timeout.seconds,
            causes={dependency: _cause(event) for dependency, event in firing.events.items()},
        )
        await self._bus.remember(note, msgspec.json.encode(wait))
        if self._triggers.get(name) is awaiting:
            self._start(awaiting, note, wait)

    def _start(self, awaiting: _Awaiting, note: str, wait: Wait) -> None:
        if note not in awaiting.tasks:
            task = self._group.create_task(self._see_through(awaiting, note, wait), name=note)
            awaiting.tasks[note] = task
            task.add_done_callback(lambda _: awaiting.tasks.pop(note, None))

    async def _see_through(self, awaiting: _Awaiting, note: str, wait: Wait) -> None:
        plan = awaiting.plan
        assert plan.manifest.awaits is not None
        try:
            async with asyncio.timeout(max(wait.deadline - self._clock(), GRACE)):
                result = await self._ask(awaiting.adapter, wait, note)
        except TimeoutError:
            result = Result(phase=_TIMEOUT, ok=False, message=f"not ended within {plan.manifest.awaits.timeout}")
        event = _event(plan, wait, result, _text(self._clock()))
        try:
            await self._insist(lambda: self._bus.publish((event,), plan.scope))
            await self._insist(lambda: self._bus.remember(note, None))
        except BusClosed:
            return
        _log.info("trigger %s: what it started ended: %s", plan.name, result.phase)

    async def _ask(self, adapter: Trigger[Any, Any], wait: Wait, note: str) -> Result:
        pause = AGAIN_FIRST
        while True:
            try:
                return await adapter.result(wait.started)
            except Permanent as error:
                return Result(phase=_UNKNOWN, ok=False, message=str(error))
            except EventyardError as error:
                _log.warning("%s: %s; again in %.0f s", note, error, pause)
            except Exception as error:
                _log.error("%s failed in a way it should not: %s: %s", note, type(error).__name__, error)
            await asyncio.sleep(pause * (0.8 + 0.4 * self._chance()))
            pause = min(pause * 2, AGAIN_MOST)

    async def _insist(self, act: Callable[[], Awaitable[object]]) -> None:
        """Do it, however long the store is full."""
        while True:
            try:
                await act()
                return
            except BusFull as error:
                _log.warning("an outcome cannot be stored: %s; trying again", error)
                await asyncio.sleep(error.retry_after)


def _note(name: TriggerName, key: str) -> str:
    return f"await/{name}/{key}"


def _cause(event: Event) -> dict[str, str]:
    return {"id": event.id, "source": event.source, "subject": event.subject, "type": event.type}


def _event(plan: TriggerPlan, wait: Wait, result: Result, at: str) -> Event:
    sensor = plan.name.sensor.rpartition("/")[2]
    data = {
        "sensor": sensor,
        "trigger": plan.name.trigger,
        "kind": plan.kind,
        "key": wait.key,
        "phase": result.phase,
        "ok": result.ok,
        "message": result.message,
        "startedAt": wait.at,
        "finishedAt": at,
        "causes": wait.causes,
        "object": result.object,
    }
    return Event.new(
        id=f"{wait.key}-result",
        source=sensor,
        subject=plan.name.trigger,
        type=TYPE,
        time=at,
        data=msgspec.json.encode(data),
        extensions={CAUSE: ",".join(cause["id"] for cause in wait.causes.values())},
    )


def _text(moment: float) -> str:
    return now_text(lambda: datetime.fromtimestamp(moment, UTC))
