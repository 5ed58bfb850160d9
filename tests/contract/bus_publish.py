"""Publishing: durable, ordered, each event once, refused when there is no room."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bus.base import Bus, EventQuery, Subject
from bus.event import Event
from bus.limits import DAY, Limits
from config.errors import BusClosed, BusFull
from tests.contract.bus_stage import HOOK, PUSH, SENSOR, BusStage, FakeClock, commit, event, events, ids, take


class PublishContract(BusStage):
    async def test_stores_in_order(self, bus: Bus) -> None:
        async with bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
            assert list(await bus.publish(events(3))) == [True, True, True]
            assert list(await bus.publish(events(2, start=3))) == [True, True]
            deliveries = await take(subscription, 5)
        assert ids(deliveries) == ["e0", "e1", "e2", "e3", "e4"]
        positions = [delivery.position for delivery in deliveries]
        assert positions == sorted(set(positions)) and positions[0] > 0

    async def test_an_id_tells_events_of_one_origin_apart(self, bus: Bus) -> None:
        one, two = (
            Event(id="1", source="es", subject="push", type="t", data=b"{}", extensions={"originsource": origin})
            for origin in ("/a", "/b")
        )
        async with bus:
            assert list(await bus.publish([one, two, one])) == [True, True, False]
            assert list(await bus.publish([two])) == [False]

    async def test_nothing_to_publish(self, bus: Bus) -> None:
        async with bus:
            assert list(await bus.publish([])) == []

    @pytest.mark.parametrize(
        "given",
        [
            event("plain"),
            event("nothing", data=None),
            event("empty", data=b""),
            event("binary", data=bytes(range(256)) * 40),
            event("ünï\U0001f600", data="\u017b\U0001f600".encode()),
            Event(
                id="full",
                source="/a/b?c#d",
                type="com.example",
                subject="push",
                time="2026-11-23T21:14:03.123456789+01:00",
                datacontenttype="text/plain; charset=utf-8",
                dataschema="https://example.com/schema",
                data=b"hello",
                extensions={"traceparent": "00-abc-def-01", "n1": "ß"},
            ),
        ],
        ids=lambda event: event.id.encode("ascii", "replace").decode(),
    )
    @pytest.mark.parametrize("late", [False, True])
    async def test_keeps_every_attribute(self, bus: Bus, given: Event, late: bool) -> None:
        subject = Subject(given.source, given.subject)
        async with bus:
            async with bus.subscribe(SENSOR, [subject]) as subscription:
                await bus.publish([given])
                if not late:
                    (delivery,) = await subscription.next()
            if late:
                async with bus.subscribe(SENSOR, [subject]) as subscription:
                    (delivery,) = await subscription.next()
            (found,) = await bus.history.events(EventQuery())
        assert delivery.event == given
        assert found == delivery

    async def test_knows_an_event_again(self, bus: Bus) -> None:
        async with bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
            assert list(await bus.publish([event("a"), event("b")])) == [True, True]
            assert list(await bus.publish([event("b"), event("c"), event("a")])) == [False, True, False]
            await bus.publish([event("end")])
            assert ids(await take(subscription, 4)) == ["a", "b", "c", "end"]

    async def test_knows_an_event_again_within_one_call(self, bus: Bus) -> None:
        async with bus:
            assert list(await bus.publish([event("a"), event("a"), event("b")])) == [True, False, True]

    async def test_knows_an_event_again_that_is_on_its_way(self, bus: Bus) -> None:
        async with bus:
            answers = await asyncio.gather(*(bus.publish([event("a")]) for _ in range(20)))
        assert [answer for (answer,) in answers] == [True] + [False] * 19

    async def test_same_id_elsewhere_is_another_event(self, bus: Bus) -> None:
        other = Subject("github", "other"), Subject("gitlab", "push")
        async with bus:
            assert list(await bus.publish([event("a"), *(event("a", subject) for subject in other)])) == [True] * 3
            assert list(await bus.publish([event("a")], "team/bus")) == [True]
            assert list(await bus.publish([event("a")])) == [False]

    async def test_forgets_ids_after_a_while(self, bus: Bus, clock: FakeClock) -> None:
        async with bus:
            await bus.publish([event("a")])
            clock.now += 3 * DAY
            assert list(await bus.publish([event("a")])) == [False]
            clock.now += 1
            assert list(await bus.publish([event("a")])) == [True]
            assert list(await bus.publish([event("a")])) == [False]

    async def test_a_clock_set_back_forgets_nothing(self, bus: Bus, clock: FakeClock) -> None:
        async with bus:
            await bus.publish([event("a")])
            clock.now -= 30 * DAY
            assert list(await bus.publish([event("b"), event("a")])) == [True, False]

    async def test_many_publishers(self, bus: Bus) -> None:
        async with bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
            await asyncio.gather(*(bus.publish([event(f"{n}-{k}") for k in range(3)]) for n in range(300)))
            deliveries = await take(subscription, 900)
        assert len(set(ids(deliveries))) == 900
        assert [d.position for d in deliveries] == sorted(d.position for d in deliveries)
        together = [id.split("-") for id in ids(deliveries)]
        assert all([k for n, k in together if n == str(number)] == ["0", "1", "2"] for number in range(300))

    async def test_a_cancelled_publisher_harms_nobody(self, bus: Bus) -> None:
        async with bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
            tasks = [asyncio.create_task(_publish(bus, f"e{number}")) for number in range(50)]
            await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            again = await bus.publish(events(50))
            assert list(again[1::2]) == [False] * 25
            assert sorted(ids(await take(subscription, 50))) == sorted(f"e{number}" for number in range(50))

    async def test_closed(self, bus: Bus) -> None:
        async with bus:
            pass
        with pytest.raises(BusClosed):
            await bus.publish([event()])
        with pytest.raises(BusClosed):
            await bus.remember("a", b"")

    async def test_full_of_events_that_are_not_evaluated(self, tmp_path: Path, clock: FakeClock) -> None:
        limits = Limits(store_bytes=1 << 20, retention_bytes=1 << 18)
        async with self.open(tmp_path, limits, clock) as bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
            await bus.publish([event("other", HOOK)])
            taken = 0
            with pytest.raises(BusFull) as caught:
                for number in range(1000):
                    await bus.publish([event(f"e{number}", data=bytes(10_000))])
                    taken += 1
            assert caught.value.retry_after > 0
            assert 10 < taken < 110
            await self.tidy(bus)
            with pytest.raises(BusFull):
                await bus.publish([event(data=bytes(500_000))])
            deliveries = await take(subscription, taken)
            assert ids(deliveries) == [f"e{number}" for number in range(taken)]
            await commit(subscription, deliveries)
            await self.tidy(bus)
            assert list(await bus.publish([event(data=bytes(500_000))])) == [True]

    async def test_refuses_more_than_may_be_on_its_way(self, tmp_path: Path, clock: FakeClock) -> None:
        limits = Limits(pending_events=10)
        async with self.open(tmp_path, limits, clock) as bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
            answers = await asyncio.gather(*(_publish(bus, f"e{n}") for n in range(50)), return_exceptions=True)
            stored = [f"e{n}" for n, answer in enumerate(answers) if answer is True]
            assert all(answer is True or isinstance(answer, BusFull) for answer in answers)
            assert len(stored) >= 10
            assert ids(await take(subscription, len(stored))) == stored


async def _publish(bus: Bus, id: str) -> bool:
    (stored,) = await bus.publish([event(id)])
    return stored
