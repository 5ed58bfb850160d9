"""What every EventSource promises, whatever feeds it. A test class of an adapter inherits this and says how to make one
and how something happens upstream."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

import pytest

from bus.event import Event
from config.errors import BusClosed, BusFull
from eventsources.base import Emit, EventSource
from eventsources.http.server import HttpListeners
from tests.eventsources.surroundings import Collector, make_context

SOON = 10.0
"""Seconds that no step of a test takes."""


class Gate:
    """An `emit` that keeps its caller until it is opened."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def __call__(self, event: Event, /) -> bool:
        self.reached.set()
        await self.opened.wait()
        return True

    async def batch(self, events: Sequence[Event], /) -> Sequence[bool]:
        await self(events[0])
        return [True] * len(events)


@asynccontextmanager
async def running(source: EventSource[Any], emit: Emit) -> AsyncIterator[asyncio.Task[None]]:
    """`source.run(emit)` in a task for as long as the block lasts."""
    async with asyncio.TaskGroup() as group:
        task = group.create_task(source.run(emit))
        try:
            yield task
        finally:
            task.cancel()


class EventSourceContract(ABC):
    """Inherit, give `make` and `happen`."""

    @abstractmethod
    def make(self, http: HttpListeners) -> EventSource[Any]:
        """A source that was not entered yet."""

    @abstractmethod
    async def happen(self, http: HttpListeners) -> bool:
        """Let one event happen upstream, a new one each time; True once the source acknowledged it, False if it did
        not, and whoever sent it knows."""

    @pytest.fixture
    def http(self) -> HttpListeners:
        return HttpListeners(grace=SOON)

    async def test_what_happens_is_emitted_with_its_names(self, http: HttpListeners) -> None:
        source, emit = self.make(http), Collector()
        async with source, running(source, emit):
            assert await self.happen(http)
        (event,) = emit.events
        context = make_context(http)
        assert (event.source, event.subject) == (context.source, context.event)
        assert event.type == (source.event_type or source.kind)
        assert event.id
        assert datetime.fromisoformat(event.time).utcoffset() is not None
        assert event.json() == Event.new(source="s", subject="e", type="t", data=event.data).json()

    async def test_entered_is_ready(self, http: HttpListeners) -> None:
        """What happens between entering and running is not missed."""
        source, emit = self.make(http), Collector()
        async with source, asyncio.TaskGroup() as group:
            happening = group.create_task(self.happen(http))
            await asyncio.sleep(0.01)
            assert not happening.done()
            async with running(source, emit):
                assert await happening
        assert len(emit.events) == 1

    async def test_two_things_that_happen_are_two_events(self, http: HttpListeners) -> None:
        source, emit = self.make(http), Collector()
        async with source, running(source, emit):
            assert await self.happen(http)
            assert await self.happen(http)
        first, second = emit.events
        assert first.key != second.key

    async def test_nothing_is_acknowledged_before_emit_returned(self, http: HttpListeners) -> None:
        source, gate = self.make(http), Gate()
        async with source, running(source, gate), asyncio.TaskGroup() as group:
            happening = group.create_task(self.happen(http))
            await gate.reached.wait()
            await asyncio.sleep(0.02)
            assert not happening.done()
            gate.opened.set()
            assert await happening

    @pytest.mark.parametrize(
        "error", [BusFull("full", retry_after=2.5), BusClosed("closed"), RuntimeError("a bug")], ids=repr
    )
    async def test_what_emit_refuses_is_not_acknowledged(self, http: HttpListeners, error: Exception) -> None:
        source, emit = self.make(http), Collector(fail=error)
        async with source, running(source, emit):
            assert not await self.happen(http)
            emit.fail = None
            assert await self.happen(http)

    async def test_a_repetition_and_a_filtered_event_are_acknowledged(self, http: HttpListeners) -> None:
        source = self.make(http)
        async with source, running(source, Collector(stored=False)):
            assert await self.happen(http)

    async def test_run_ends_only_when_cancelled(self, http: HttpListeners) -> None:
        source = self.make(http)
        async with source, running(source, Collector()) as task:
            assert await self.happen(http)
            assert not task.done()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait_for(task, SOON)
            assert task.cancelled()

    async def test_leaving_leaves_nothing_behind(self, http: HttpListeners) -> None:
        before = asyncio.all_tasks()
        for _ in range(2):
            source, emit = self.make(http), Collector()
            async with source, running(source, emit):
                assert await self.happen(http)
            assert len(emit.events) == 1
        left = asyncio.all_tasks() - before
        if left:
            _, pending = await asyncio.wait(left, timeout=SOON)
            assert not pending
