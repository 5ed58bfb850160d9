"""EventSources at work: each in a task of its own, bound before it may emit, and started again when it fails."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from bus.base import Bus, Subject
from config.errors import BusClosed, BusFull, EventyardError, Temporary
from config.secrets import SecretStore
from eventsources.base import Emit, EventSource, SourceContext
from eventsources.http.server import HttpListeners
from eventyard.emitter import Emitter
from eventyard.metrics import Metrics
from eventyard.plan import SourcePlan

_log = logging.getLogger("eventyard.runtime")

RESTART_FIRST, RESTART_MOST = 1.0, 15.0
"""Seconds before a source that failed is started again: doubling, with jitter."""

START_WAIT = 30.0
"""Seconds that start-up waits for a source to be bound or connected before it goes on without."""

Key = tuple[str, str, str]
"""Namespace, EventSource, event."""


class RunningSource:
    """A source's task and how it is doing; it may emit once it is told to `go`."""

    def __init__(
        self, plan: SourcePlan, group: asyncio.TaskGroup, keep: Callable[[RunningSource], Coroutine[None, None, None]]
    ) -> None:
        self.plan = plan
        self.ready = asyncio.Event()
        self.go = asyncio.Event()
        self.failed = asyncio.Event()
        self.problem: EventyardError | None = None
        self.giving_way = False
        """While its next version is being opened: that may cut it off, where a broker knows both by one name."""
        self.entered: tuple[EventSource[Any], Emit] | None = None
        """The adapter while it is bound or connected, and what it emits to."""
        self.task: asyncio.Task[None] = group.create_task(keep(self), name=f"source:{plan.source}/{plan.event}")


class Notes:
    """A source's notes, kept on the bus under its name."""

    def __init__(self, bus: Bus, name: str) -> None:
        self._bus, self._name = bus, name

    async def recall(self) -> bytes | None:
        return await self._bus.recall(self._name)

    async def remember(self, value: bytes, /) -> None:
        await self._bus.remember(self._name, value)


@dataclass(frozen=True, slots=True)
class SourceRunner:
    """Opens and stops sources. `published` is awaited after an event is stored and before its sender is answered."""

    group: asyncio.TaskGroup
    bus: Bus
    listeners: HttpListeners
    metrics: Metrics
    secrets: SecretStore
    published: Callable[[Subject], Awaitable[None]] = field(repr=False)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def open(self, wanted: Mapping[Key, SourcePlan], undo: AsyncExitStack) -> dict[Key, RunningSource]:
        """Bind or connect sources, while their former versions may still run, so that a listener of both stays open.

        Raises EventyardError if one of them cannot be started as it is; `undo` then stops them all.
        """
        started = {key: RunningSource(plan, self.group, self._keep) for key, plan in wanted.items()}
        undo.push_async_callback(self.stop, started.values())
        for source in started.values():
            await _first_answer(source)
        for source in started.values():
            if source.problem is not None and _is_final(source.problem):
                raise _of_source(source.problem, source.plan)
        return started

    async def stop(self, sources: Iterable[RunningSource], patience: float | None = None) -> None:
        """Let requests in progress end; goes on without waiting for all of it after `patience` seconds."""
        tasks = [source.task for source in sources]
        for task in tasks:
            if not task.cancelling():
                task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=patience)

    async def _keep(self, running: RunningSource) -> None:
        """Run a source, and run it again when it fails, with growing pauses."""
        plan = running.plan
        gauge = self.metrics.running.labels(plan.source, plan.namespace)
        context = SourceContext(
            source=plan.source,
            event=plan.event,
            namespace=plan.namespace,
            values=self.secrets.within(plan.namespace),
            notes=Notes(self.bus, f"{plan.namespace}/{plan.source}/{plan.event}"),
            http=self.listeners,
            holds=plan.holds,
        )
        emit = Emitter(plan, self.bus, self.metrics, self.published)
        pause = RESTART_FIRST
        while True:
            try:
                async with plan.make(plan.settings, context) as source:
                    if running.problem is not None:
                        _log.info("source %s/%s is back", plan.source, plan.event)
                    running.problem = None
                    running.entered = (source, emit)
                    running.ready.set()
                    gauge.inc()
                    began = self.clock()
                    try:
                        await running.go.wait()
                        await source.run(emit)
                    finally:
                        gauge.dec()
                        running.ready.clear()
                        running.entered = None
                        if self.clock() - began > RESTART_MOST:
                            pause = RESTART_FIRST
                running.problem = Temporary("it ended by itself")
            except EventyardError as error:
                running.problem = error
            except Exception as error:
                running.problem = Temporary(f"{type(error).__name__}: {error}")
            running.failed.set()
            if _is_final(running.problem) and not running.go.is_set():
                return
            if not running.giving_way:
                what = in_one_line(running.problem)
                _log.warning("source %s/%s: %s; again in %.0f s", plan.source, plan.event, what, pause)
            await self.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311
            pause = min(pause * 2, RESTART_MOST)


async def _first_answer(source: RunningSource) -> None:
    """Wait until a source is ready or has failed once."""
    waits = [asyncio.ensure_future(source.ready.wait()), asyncio.ensure_future(source.failed.wait())]
    await asyncio.wait(waits, timeout=START_WAIT, return_when=asyncio.FIRST_COMPLETED)
    for each in waits:
        each.cancel()


def _of_source(problem: EventyardError, plan: SourcePlan) -> EventyardError:
    """The same, with the source that it stops: a Secret that is missing may be wanted by any."""
    name = f"source {plan.source}/{plan.event}"
    return EventyardError(problem.what, where=f"{name}: {problem.where}" if problem.where else name, fix=problem.fix)


def in_one_line(problem: EventyardError) -> str:
    """What is wrong, where, and how to mend it."""
    return f"{problem} ({problem.fix})" if problem.fix else str(problem)


def _is_final(problem: EventyardError | None) -> bool:
    """True for what will not mend itself: a port that is taken, a wrong setting. A broker that is away is not."""
    return problem is not None and not isinstance(problem, (Temporary, BusClosed, BusFull))
