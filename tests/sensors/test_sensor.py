"""The Sensor's loop: what it decides becomes durable in batches, finished firings with it, the rest in the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest

from bus.base import Attempt, Delivery, Firing, Progress, Subject
from bus.event import Event
from bus.memory import MemoryBus
from config.errors import BusFull
from config.sensor import Dependency as DependencyManifest
from sensors.conditions import compile_conditions
from sensors.decision import Decision, complete, decode
from sensors.filters import compile_filters
from sensors.sensor import Sensor
from sensors.step import Dependency, SensorRule, TriggerRule


def rule(conditions: str = "") -> SensorRule:
    names = ["a", "b"]
    dependencies = [
        Dependency(name=name, source="es", event=name, filters=compile_filters(DependencyManifest(name=name)))
        for name in names
    ]
    compiled = compile_conditions(conditions or "a && b", names)
    return SensorRule.build("default/s", dependencies, [TriggerRule(name="t", conditions=compiled)])


class Dispatch:
    """Finishes firings at once if `instant`, else leaves them open; `taken` is what it says of them."""

    def __init__(self, *, instant: bool = True, taken: bool = True) -> None:
        self.instant, self.taken = instant, taken
        self.fired: list[Firing] = []
        self.kept: list[Firing] = []
        self.forgotten: list[Firing] = []

    def fire(self, firing: Firing) -> bool:
        self.fired.append(firing)
        if self.instant:
            self.end(firing)
        return self.taken

    def end(self, firing: Firing) -> None:
        firing.status = "fired"
        firing.attempts.append(Attempt(at="2026-01-02T03:04:05Z", status=200))

    def stored(self, firings: Iterable[Firing]) -> None:
        self.kept += firings

    def finished(self, firing: Firing) -> None:
        self.forgotten.append(firing)


class Watch:
    """Collects decisions as they become durable."""

    def __init__(self) -> None:
        self.decisions: list[tuple[Delivery, Decision]] = []
        self.changed = asyncio.Event()

    def __call__(self, delivery: Delivery, decision: Decision) -> None:
        self.decisions.append((delivery, decision))
        self.changed.set()

    async def count(self, wanted: int) -> None:
        async with asyncio.timeout(10):
            while len(self.decisions) < wanted:
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def running(bus: MemoryBus, dispatch: Dispatch, watch: Watch, conditions: str = "") -> AsyncIterator[Sensor]:
    subscription = bus.subscribe("default/s", [Subject("es", "a"), Subject("es", "b")])
    sensor = Sensor(rule(conditions), subscription, dispatch, decided=watch)
    async with asyncio.TaskGroup() as group:
        group.create_task(sensor.run())
        await sensor.ready.wait()
        yield sensor
        sensor.stop()
        sensor.finish()


async def publish(bus: MemoryBus, *ids: str) -> None:
    await bus.publish([Event.new(source="es", subject=id[0], type="t", id=id, data=b"{}") for id in ids])


async def test_a_firing_that_ends_before_the_commit_is_in_the_record_with_its_answer() -> None:
    async with MemoryBus() as bus:
        dispatch, watch = Dispatch(), Watch()
        async with running(bus, dispatch, watch, "a || b"):
            await publish(bus, "a1")
            await watch.count(1)
        (delivery, decision) = watch.decisions[0]
        assert decision.verdict == "fired"
        (record,) = await bus.history.records(delivery.position)
        assert decode(record.body).triggers[0].attempts[0].status == 200
        assert dispatch.forgotten == dispatch.fired
        assert not dispatch.kept


async def test_an_unfinished_firing_is_in_the_outbox_when_its_decision_is_durable() -> None:
    async with MemoryBus() as bus:
        dispatch, watch = Dispatch(instant=False), Watch()
        async with running(bus, dispatch, watch, "a || b"):
            await publish(bus, "a1")
            await watch.count(1)
            (kept,) = await bus.outbox.ready(dispatch.fired[0].name, after=0, limit=10)
            assert kept.key == dispatch.fired[0].key
            assert dispatch.kept == dispatch.fired
            assert dispatch.fired[0].stored
            kept.status = "fired"
            kept.attempts = [Attempt(at="2026-01-02T03:04:06Z", status=202)]
            await bus.outbox.settle([kept])
        delivery, _ = watch.decisions[0]
        (record,) = await bus.history.records(delivery.position)
        whole = complete(decode(record.body), await bus.history.reports(delivery.position))
        assert whole.verdict == "fired"
        assert whole.triggers[0].attempts[0].status == 202


async def test_decisions_wait_in_their_order_for_firings_that_may_end_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensors.sensor.PATIENCE", 60.0)
    async with MemoryBus() as bus:
        dispatch, watch = Dispatch(instant=False), Watch()
        async with running(bus, dispatch, watch, "a || b") as sensor:
            await publish(bus, "a1", "a2")
            await sensor._dirty.wait()
            first, second = dispatch.fired
            dispatch.end(second)
            assert sensor._ripe() == 0
            dispatch.end(first)
            await watch.count(2)
            assert [delivery.event.id for delivery, _ in watch.decisions] == ["a1", "a2"]
        assert not dispatch.kept


async def test_a_firing_that_begins_from_the_outbox_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensors.sensor.PATIENCE", 60.0)
    async with MemoryBus() as bus:
        dispatch, watch = Dispatch(instant=False, taken=False), Watch()
        async with running(bus, dispatch, watch, "a || b"):
            await publish(bus, "a1")
            await watch.count(1)
            assert dispatch.kept == dispatch.fired


async def test_half_met_conditions_are_kept_over_a_restart() -> None:
    async with MemoryBus() as bus:
        dispatch, watch = Dispatch(), Watch()
        async with running(bus, dispatch, watch) as sensor:
            await publish(bus, "a1")
            await watch.count(1)
            assert sensor.waiting() == {"t/a": "a1"}
        async with running(bus, dispatch, watch) as sensor:
            assert sensor.waiting() == {"t/a": "a1"}
            await publish(bus, "b1")
            await watch.count(2)
            assert sensor.waiting() == {}
        assert {name: event.id for name, event in dispatch.fired[0].events.items()} == {"a": "a1", "b": "b1"}


async def test_events_that_arrive_while_it_is_away_are_evaluated_in_order_afterwards() -> None:
    async with MemoryBus() as bus:
        dispatch, watch = Dispatch(), Watch()
        async with running(bus, dispatch, watch, "a || b"):
            pass
        ids = [f"a{number}" for number in range(600)]
        await publish(bus, *ids)
        async with running(bus, dispatch, watch, "a || b"):
            await watch.count(600)
        assert [firing.events["a"].id for firing in dispatch.fired] == ids


async def test_a_full_store_delays_the_commit_and_loses_nothing() -> None:
    async with MemoryBus() as bus:
        dispatch, watch = Dispatch(instant=False), Watch()
        async with running(bus, dispatch, watch, "a || b") as sensor:
            subscription = sensor._subscription
            commit = subscription.commit
            refused = 0

            async def refuse(progress: Progress) -> None:
                nonlocal refused
                if refused < 2:
                    refused += 1
                    raise BusFull("disk full", retry_after=0.001)
                await commit(progress)

            subscription.commit = refuse  # type: ignore[method-assign]
            await publish(bus, "a1")
            await watch.count(1)
            assert refused == 2
            assert len(await bus.outbox.ready(dispatch.fired[0].name, after=0, limit=10)) == 1
