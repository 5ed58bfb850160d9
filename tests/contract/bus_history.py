"""What happened and why, the notes, the figures, and what is there again after a stop."""

from __future__ import annotations

from pathlib import Path

import pytest

from bus.base import Bus, EventQuery, Progress, Record, TriggerName
from bus.clock import text
from bus.limits import DAY, Limits
from tests.contract.bus_stage import (
    HOOK,
    PUSH,
    SENSOR,
    START,
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


class HistoryContract(BusStage):
    async def test_events_newest_first(self, bus: Bus) -> None:
        async with bus:
            await bus.publish(events(6))
            found = await bus.history.events(EventQuery(limit=4))
            assert ids(found) == ["e5", "e4", "e3", "e2"]
            assert ids(await bus.history.events(EventQuery(limit=4, before=found[-1].position))) == ["e1", "e0"]

    async def test_events_by_attribute(self, bus: Bus) -> None:
        async with bus:
            await bus.publish([event("a"), event("b", HOOK, type="webhook"), event("c", type="x"), event("d", HOOK)])
            assert ids(await bus.history.events(EventQuery(source="github"))) == ["c", "a"]
            assert ids(await bus.history.events(EventQuery(subject="hook"))) == ["d", "b"]
            assert ids(await bus.history.events(EventQuery(type="github"))) == ["d", "a"]
            assert ids(await bus.history.events(EventQuery(type="github", source="github"))) == ["a"]
            assert ids(await bus.history.events(EventQuery(source="unknown"))) == []

    async def test_events_by_time(self, bus: Bus, clock: FakeClock) -> None:
        async with bus:
            for step in range(10):
                await bus.publish([event(f"e{step}")])
                clock.now += 45.5
            moments = [text(START + step * 45.5) for step in range(10)]
            assert ids(await bus.history.events(EventQuery(since=moments[7]))) == ["e9", "e8", "e7"]
            assert ids(await bus.history.events(EventQuery(until=moments[1]))) == ["e1", "e0"]
            assert ids(await bus.history.events(EventQuery(since=moments[3], until=moments[4]))) == ["e4", "e3"]
            assert ids(await bus.history.events(EventQuery(since=text(START + 46), until=text(START + 90)))) == []
            assert ids(await bus.history.events(EventQuery(since=text(clock.now)))) == []
            with pytest.raises(ValueError):
                await bus.history.events(EventQuery(since="yesterday"))

    async def test_events_by_time_after_the_clock_was_set_back(self, bus: Bus, clock: FakeClock) -> None:
        async with bus:
            for id, offset in (("a", 0), ("b", 5), ("c", 3600), ("d", 3610), ("e", 7), ("f", 20), ("g", 3605)):
                clock.now = START + offset
                await bus.publish([event(id)])
            assert ids(await bus.history.events(EventQuery(since=text(START + 3600)))) == ["g", "d", "c"]
            assert ids(await bus.history.events(EventQuery(until=text(START + 10)))) == ["e", "b", "a"]
            query = EventQuery(since=text(START + 6), until=text(START + 3605))
            assert ids(await bus.history.events(query)) == ["g", "f", "e", "c"]

    async def test_find(self, bus: Bus) -> None:
        async with bus:
            await bus.publish([event("7f3c"), event("7f3d"), event("kafka:topic:0:7f"), event("%"), event("x7f3c")])
            assert ids(await bus.history.find("7f3c")) == ["7f3c"]
            assert ids(await bus.history.find("7f")) == ["kafka:topic:0:7f", "7f3d", "7f3c"]
            assert ids(await bus.history.find("topic:0:7f")) == ["kafka:topic:0:7f"]
            assert ids(await bus.history.find("%")) == ["%"]
            assert ids(await bus.history.find("none")) == []
            await bus.publish([event(f"many-{number}") for number in range(20)])
            assert len(await bus.history.find("many")) == 10

    async def test_records(self, bus: Bus) -> None:
        async with bus, bus.subscribe("ns/a", [PUSH]) as a, bus.subscribe("ns/b", [PUSH]) as b:
            await bus.publish(events(2))
            one, two = await take(a, 2)
            mine = [Record(one.position, "ns/a", "fired", b'{"a":1}'), Record(two.position, "ns/a", "filtered", b"{}")]
            await a.commit(Progress(position=two.position, records=mine))
            theirs = Record(one.position, "ns/b", "waiting", b'{"b":1}')
            await b.commit(Progress(position=one.position, records=[theirs]))
            assert sorted(await bus.history.records(one.position), key=lambda r: r.sensor) == [mine[0], theirs]
            assert list(await bus.history.records(two.position)) == [mine[1]]
            assert list(await bus.history.records(10**6)) == []
            verdicts = await bus.history.verdicts([one.position, two.position, 10**6])
            assert {position: sorted(pairs) for position, pairs in verdicts.items() if pairs} == {
                one.position: [("ns/a", "fired"), ("ns/b", "waiting")],
                two.position: [("ns/a", "filtered")],
            }

    async def test_retention_by_count(self, tmp_path: Path, clock: FakeClock) -> None:
        async with (
            self.open(tmp_path, Limits(retention_events=3), clock) as bus,
            bus.subscribe("ns/slow", [HOOK]) as slow,
            bus.subscribe(SENSOR, [PUSH]) as subscription,
        ):
            await bus.publish([event("held", HOOK)])
            deliveries = await deliver(bus, subscription, 9)
            records = [Record(delivery.position, SENSOR, "filtered", b"{}") for delivery in deliveries]
            await subscription.commit(Progress(position=deliveries[-1].position, records=records))
            await self.tidy(bus)
            await bus.publish([event("new", HOOK)])
            assert set(ids(deliveries[:4])).isdisjoint(ids(await bus.history.events(EventQuery(limit=99))))
            assert list(await bus.history.records(deliveries[0].position)) == []
            assert len(await bus.history.records(deliveries[-1].position)) == 1
            assert ids(await take(slow, 2)) == ["held", "new"]

    async def test_retention_by_age(self, tmp_path: Path, clock: FakeClock) -> None:
        async with self.open(tmp_path, Limits(retention_age=DAY), clock) as bus, bus.subscribe("ns/slow", [HOOK]):
            await bus.publish([event("old"), event("held", HOOK)])
            clock.now += DAY / 2
            await bus.publish([event("young")])
            await self.tidy(bus)
            assert len(await bus.history.events(EventQuery())) == 3
            clock.now += DAY / 2 + 120
            await self.tidy(bus)
            await bus.publish([event("new")])
            assert ids(await bus.history.events(EventQuery())) == ["new", "young", "held"]

    async def test_retention_after_the_clock_was_far_ahead(self, tmp_path: Path, clock: FakeClock) -> None:
        async with self.open(tmp_path, Limits(retention_age=DAY), clock) as bus:
            clock.now += 3650 * DAY
            await bus.publish([event("future")])
            clock.now = START
            await bus.publish([event("present")])
            clock.now += DAY + 120
            await bus.publish([event("later")])
            await self.tidy(bus)
            await bus.publish([event("new")])
            assert ids(await bus.history.events(EventQuery())) == ["new", "later"]

    async def test_ids_are_known_beyond_their_event(self, tmp_path: Path, clock: FakeClock) -> None:
        async with self.open(tmp_path, Limits(retention_events=2), clock) as bus:
            await bus.publish(events(8))
            await self.tidy(bus)
            await bus.publish([event("new")])
            assert "e0" not in ids(await bus.history.events(EventQuery()))
            assert not any(await bus.publish(events(8)))

    async def test_notes(self, bus: Bus) -> None:
        async with bus:
            assert await bus.recall("a") is None
            await bus.remember("a", b"1")
            await bus.remember("b", b"")
            await bus.remember("a", b"\x00\xff")
            assert await bus.recall("a") == b"\x00\xff"
            assert await bus.recall("b") == b""

    async def test_notes_are_found_by_how_they_begin_and_forgotten(self, bus: Bus) -> None:
        async with bus:
            for name in ("wait/b", "wait/a", "wait", "waits", "wait/a/1", "wait/é"):
                await bus.remember(name, name.encode())
            assert await bus.recollect("none") == {}
            assert list(await bus.recollect("wait/a")) == ["wait/a", "wait/a/1"]
            assert await bus.recollect("wait/") == {
                name: name.encode() for name in ("wait/a", "wait/a/1", "wait/b", "wait/é")
            }
            await bus.remember("wait/a", None)
            await bus.remember("never there", None)
            assert list(await bus.recollect("wait/")) == ["wait/a/1", "wait/b", "wait/é"]
            assert await bus.recall("wait/a") is None

    async def test_stats(self, bus: Bus, clock: FakeClock) -> None:
        async with bus:
            empty = await bus.stats()
            assert (empty.head, dict(empty.lag), dict(empty.outbox), empty.dead) == (0, {}, {}, 0)
            assert empty.oldest_unfinished is None
            async with bus.subscribe(SENSOR, [PUSH]) as subscription:
                deliveries = await deliver(bus, subscription, 5)
                await bus.publish([event(subject=HOOK)])
                assert (await bus.stats()).lag == {SENSOR: 5}
                clock.now += 60
                firings = [
                    firing(deliveries[1]),
                    firing(deliveries[1], name=TriggerName(SENSOR, "x"), status="waiting"),
                ]
                await commit(subscription, deliveries[:2], *firings)
                stats = await bus.stats()
                assert stats.head == deliveries[-1].position + 1
                assert stats.lag == {SENSOR: 3}
                assert stats.outbox == {TRIGGER: 1, TriggerName(SENSOR, "x"): 1}
                assert stats.oldest_unfinished == START
                assert stats.bytes > 0
            await bus.publish([event(), event()])
            assert (await bus.stats()).lag == {SENSOR: 5}


class DurableContract(BusStage):
    async def test_everything_is_there_after_a_stop(self, tmp_path: Path, clock: FakeClock) -> None:
        limits = Limits()
        async with self.open(tmp_path, limits, clock) as bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
            await bus.publish(events(5))
            one, two, three, *rest = await take(subscription, 5)
            made = [firing(two), firing(two, "w", status="waiting", due=START + 9), firing(two, "d", status="dead")]
            record = Record(two.position, SENSOR, "fired", b"{}")
            await subscription.commit(Progress(position=two.position, state={"c": one}, firings=made, records=[record]))
            await bus.remember("note", b"1")
        for _ in range(2):
            async with self.open(tmp_path, limits, clock) as bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
                assert subscription.state == {"c": one}
                assert await take(subscription, 3) == [three, *rest]
                (ready,) = await bus.outbox.ready(TRIGGER, after=0, limit=9)
                assert (ready.key, ready.events) == (made[0].key, {"push": two.event})
                assert await bus.outbox.next_due(TRIGGER) == START + 9
                (letter,) = await bus.dead_letters.list()
                assert letter.firing.key == "d"
                assert list(await bus.history.records(two.position)) == [record]
                assert await bus.recall("note") == b"1"
                assert list(await bus.publish([event("e0"), event("e4")])) == [False, False]
                assert len(await bus.history.events(EventQuery())) == 5
                assert (await bus.stats()).head == rest[-1].position
