"""Subscriptions: every event of the subscribed subjects, in order, none twice, from where the last commit was."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from bus.base import Bus, Delivery, Progress, Subject, Subscription
from bus.limits import Limits
from config.errors import BusClosed
from tests.contract.bus_stage import (
    HOOK,
    PUSH,
    SENSOR,
    TRIGGER,
    BusStage,
    FakeClock,
    commit,
    deliver,
    event,
    events,
    firing,
    ids,
    take,
)


class SubscriptionContract(BusStage):
    async def test_begins_after_it_was_first_opened(self, bus: Bus) -> None:
        async with bus:
            await bus.publish(events(3))
            async with bus.subscribe(SENSOR, [PUSH]) as subscription:
                await bus.publish(events(2, start=3))
                assert ids(await take(subscription, 2)) == ["e3", "e4"]

    async def test_gets_its_subjects_only(self, bus: Bus) -> None:
        elsewhere = Subject(PUSH.source, PUSH.event, "team/bus")
        async with (
            bus,
            bus.subscribe("one", [PUSH]) as one,
            bus.subscribe("two", [PUSH, HOOK]) as two,
            bus.subscribe("three", [elsewhere]) as three,
            bus.subscribe("none", []),
        ):
            await bus.publish([event("a"), event("b", HOOK), event("c", Subject("github", "tag")), event("d")])
            await bus.publish([event("e")], "team/bus")
            assert ids(await take(one, 2)) == ["a", "d"]
            assert ids(await take(two, 3)) == ["a", "b", "d"]
            assert ids(await take(three, 1)) == ["e"]

    async def test_hands_out_at_most_the_limit(self, bus: Bus) -> None:
        async with bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
            await bus.publish(events(10))
            sizes = []
            taken: list[Delivery] = []
            while len(taken) < 10:
                batch = await subscription.next(3)
                sizes.append(len(batch))
                taken += batch
        assert max(sizes) <= 3 and min(sizes) >= 1
        assert ids(taken) == [f"e{number}" for number in range(10)]

    async def test_waits(self, bus: Bus) -> None:
        async with bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
            waiting = asyncio.create_task(take(subscription, 1))
            await bus.publish([event("other", HOOK)])
            await asyncio.sleep(0.01)
            assert not waiting.done()
            await bus.publish([event("a")])
            assert ids(await waiting) == ["a"]

    async def test_cancelling_next_loses_nothing(self, bus: Bus) -> None:
        chance = random.Random(7)
        taken: list[Delivery] = []
        async with bus, bus.subscribe(SENSOR, [PUSH]) as subscription, asyncio.TaskGroup() as group:
            publishing = group.create_task(_publish_slowly(bus, 200))
            while len(taken) < 200:
                asked = group.create_task(take(subscription, 1))
                if not publishing.done():
                    await asyncio.sleep(chance.choice((0, 0, 0.0005)))
                    asked.cancel()
                await asyncio.wait([asked])
                taken += [] if asked.cancelled() else asked.result()
        assert ids(taken) == [f"e{number}" for number in range(200)]

    async def test_continues_after_the_last_commit(self, bus: Bus) -> None:
        async with bus:
            async with bus.subscribe(SENSOR, [PUSH]) as subscription:
                await bus.publish(events(5))
                deliveries = await take(subscription, 5)
                await commit(subscription, deliveries[:2])
            await bus.publish(events(2, start=5))
            async with bus.subscribe(SENSOR, [PUSH]) as subscription:
                again = await take(subscription, 5)
            assert ids(again) == ["e2", "e3", "e4", "e5", "e6"]
            assert again[:3] == deliveries[2:]

    async def test_misses_nothing_while_closed(self, bus: Bus) -> None:
        async with bus:
            async with bus.subscribe(SENSOR, [PUSH]):
                pass
            await bus.publish([event("a"), event("b", HOOK), event("c")])
            async with bus.subscribe(SENSOR, [PUSH]) as subscription:
                await bus.publish([event("d")])
                assert ids(await take(subscription, 3)) == ["a", "c", "d"]

    async def test_continues_with_other_subjects(self, bus: Bus) -> None:
        async with bus:
            async with bus.subscribe(SENSOR, [PUSH]) as subscription:
                await commit(subscription, await deliver(bus, subscription, 2))
            async with bus.subscribe(SENSOR, [HOOK]) as subscription:
                await bus.publish([event("a"), event("b", HOOK)])
                assert ids(await take(subscription, 1)) == ["b"]

    async def test_one_opener_at_a_time(self, bus: Bus) -> None:
        async with bus:
            async with bus.subscribe(SENSOR, [PUSH]):
                with pytest.raises(RuntimeError, match="already open"):
                    await bus.subscribe(SENSOR, [PUSH]).__aenter__()
            async with bus.subscribe(SENSOR, [PUSH]):
                pass

    async def test_catches_up_while_events_arrive(self, tmp_path: Path, clock: FakeClock) -> None:
        """A Sensor that now lags and now keeps up goes back and forth between store and memory without a seam."""
        chance = random.Random(11)
        limits = Limits(tail_events=40, tail_bytes=2000)
        async with self.open(tmp_path, limits, clock) as bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
            async with asyncio.TaskGroup() as group:
                group.create_task(_publish_mixed(bus, 1500))
                taken: list[Delivery] = []
                while len(taken) < 1500:
                    batch = await subscription.next(chance.choice((1, 7, 256)))
                    taken += batch
                    await commit(subscription, batch)
                    await asyncio.sleep(chance.choice((0, 0, 0, 0.002, 0.01)))
            assert ids(taken) == [f"e{number}" for number in range(1500)]
            assert [d.position for d in taken] == sorted({d.position for d in taken})

    async def test_many_subscriptions_share_an_event(self, bus: Bus) -> None:
        async with bus:
            names = [f"sensor-{number}" for number in range(30)]
            subscriptions = [await bus.subscribe(name, [PUSH]).__aenter__() for name in names]
            await bus.publish(events(3))
            first = await take(subscriptions[0], 3)
            for subscription in subscriptions[1:]:
                taken = await take(subscription, 3)
                assert all(mine.event is shared.event for mine, shared in zip(taken, first, strict=True))
            for subscription in subscriptions:
                await subscription.__aexit__(None, None, None)

    async def test_next_ends_when_the_bus_closes(self, bus: Bus) -> None:
        async with bus:
            subscription = await bus.subscribe(SENSOR, [PUSH]).__aenter__()
            waiting = asyncio.create_task(take(subscription, 1))
            await asyncio.sleep(0)
        with pytest.raises(BusClosed):
            await waiting
        with pytest.raises(BusClosed):
            await subscription.commit(Progress(position=1))
        await subscription.__aexit__(None, None, None)

    async def test_state_is_there_again(self, bus: Bus) -> None:
        async with bus:
            async with bus.subscribe(SENSOR, [PUSH]) as subscription:
                assert subscription.state == {}
                one, two, three = await deliver(bus, subscription, 3)
                await subscription.commit(Progress(position=one.position, state={"t/a": one, "t/b": one}))
                await subscription.commit(Progress(position=two.position, state={"t/a": two, "t/c": None}))
                await subscription.commit(Progress(position=three.position, state={"t/b": None}))
            async with bus.subscribe("other", [PUSH]) as other:
                assert other.state == {}
            async with bus.subscribe(SENSOR, [PUSH]) as subscription:
                assert dict(subscription.state) == {"t/a": two}

    async def test_forgotten_consumers_begin_anew(self, bus: Bus) -> None:
        async with bus:
            async with bus.subscribe(SENSOR, [PUSH]) as subscription:
                one, two = await deliver(bus, subscription, 2)
                progress = Progress(position=one.position, state={"a": one}, firings=[firing(one, status="ready")])
                await subscription.commit(progress)
                with pytest.raises(RuntimeError, match="open"):
                    await bus.forget(SENSOR)
            await bus.forget(SENSOR)
            await bus.forget("never seen")
            assert len(await bus.outbox.ready(TRIGGER, after=0, limit=9)) == 1
            assert [d.position for d in await bus.history.find(two.event.id)] == [two.position]
            async with bus.subscribe(SENSOR, [PUSH]) as subscription:
                assert subscription.state == {}
                await bus.publish([event("new")])
                assert ids(await take(subscription, 1)) == ["new"]

    async def test_a_cancelled_commit_is_whole_or_not_at_all(self, bus: Bus) -> None:
        async with bus:
            async with bus.subscribe(SENSOR, [PUSH]) as subscription:
                one, two = await deliver(bus, subscription, 2)
                made = firing(one)
                progress = Progress(position=one.position, firings=[made])
                task = asyncio.create_task(_commit(subscription, progress))
                await asyncio.sleep(0)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                kept = await bus.outbox.ready(TRIGGER, after=0, limit=9)
            async with bus.subscribe(SENSOR, [PUSH]) as subscription:
                assert await take(subscription, 2 - len(kept)) == ([two] if kept else [one, two])


async def _commit(subscription: Subscription, progress: Progress) -> None:
    await subscription.commit(progress)


async def _publish_slowly(bus: Bus, count: int) -> None:
    for number in range(count):
        await bus.publish([event(f"e{number}")])
        await asyncio.sleep(0)


async def _publish_mixed(bus: Bus, count: int) -> None:
    """In gusts, other subjects between."""
    chance = random.Random(13)
    number = 0
    while number < count:
        size = min(chance.choice((1, 1, 5, 80)), count - number)
        await bus.publish([*events(size, start=number), event(f"h{number}", HOOK)])
        number += size
        await asyncio.sleep(chance.choice((0, 0.001, 0.003)))
