from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bus.base import EventQuery, Subject
from bus.event import Event
from bus.memory import MemoryBus
from config.errors import BusClosed
from config.model import Model
from eventsources.calendar import Calendar
from eventyard.emitter import Emitter
from eventyard.metrics import Metrics
from eventyard.plan import SourcePlan


def make_event(number: int, kind: str = "calendar") -> Event:
    return Event.new(source="clock", subject="tick", type=kind, id=str(number), data=b"{}")


@pytest.fixture
async def bus() -> AsyncIterator[MemoryBus]:
    async with MemoryBus() as bus:
        yield bus


def make_emitter(bus: MemoryBus, metrics: Metrics, told: list[Subject]) -> Emitter:
    async def published(subject: Subject) -> None:
        told.append(subject)

    plan = SourcePlan(
        kind="calendar",
        source="clock",
        event="tick",
        namespace="default",
        scope="default/default",
        make=Calendar,
        settings=Model(),
        wanted=lambda event: event.type == "calendar",
        fingerprint="",
    )
    return Emitter(plan, bus, metrics, published)


def counted(metrics: Metrics) -> list[float]:
    labels = ("clock", "tick", "default")
    counters = (metrics.sent, metrics.duplicates, metrics.filtered, metrics.sent_failed)
    return [counter.labels(*labels)._value.get() for counter in counters]


async def test_a_batch_is_answered_event_by_event(bus: MemoryBus) -> None:
    metrics, told = Metrics("0"), list[Subject]()
    emit = make_emitter(bus, metrics, told)
    assert await emit(make_event(2))
    events = [make_event(1), make_event(2), make_event(3, "noise"), make_event(4)]
    assert list(await emit.batch(events)) == [True, False, False, True]
    assert counted(metrics) == [3, 1, 1, 0]
    assert len(told) == 2
    assert [each.event.id for each in await bus.history.events(EventQuery())] == ["4", "1", "2"]


async def test_a_batch_that_is_filtered_whole_never_reaches_the_bus(bus: MemoryBus) -> None:
    emit = make_emitter(bus, Metrics("0"), [])
    assert list(await emit.batch([make_event(1, "noise")])) == [False]
    assert await bus.history.events(EventQuery()) == []


async def test_what_the_bus_refuses_is_counted_and_raised() -> None:
    metrics = Metrics("0")
    emit = make_emitter(MemoryBus(), metrics, [])
    with pytest.raises(BusClosed):
        await emit.batch([make_event(1), make_event(2)])
    assert counted(metrics) == [0, 0, 0, 2]
