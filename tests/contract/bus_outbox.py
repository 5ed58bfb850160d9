"""Firings that outlive the commit of their event: the outbox, and the dead letters for those that were given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from bus.base import Attempt, Bus, DeadLetter, Delivery, Firing, Subscription, TriggerName
from bus.limits import Limits
from tests.contract.bus_stage import (
    PUSH,
    SENSOR,
    START,
    TRIGGER,
    BusStage,
    FakeClock,
    commit,
    deliver,
    event,
    firing,
    take,
)

OTHER = TriggerName(SENSOR, "other")


class OutboxContract(BusStage):
    async def test_ready_firings_in_order(self, bus: Bus) -> None:
        async with _evaluating(bus, 6) as (subscription, deliveries):
            made = [firing(delivery, name=TRIGGER if n % 2 else OTHER) for n, delivery in enumerate(deliveries)]
            await commit(subscription, deliveries[:3], *made[:3])
            await commit(subscription, deliveries[3:], *made[3:])
            found = await bus.outbox.ready(TRIGGER, after=0, limit=10)
            assert _keys(found) == _keys([made[1], made[3], made[5]])
            assert [f.id for f in found] == sorted({f.id for f in found}) == [made[n].id for n in (1, 3, 5)]
            assert _keys(await bus.outbox.ready(TRIGGER, after=found[0].id, limit=1)) == [made[3].key]
            assert await bus.outbox.ready(TRIGGER, after=found[2].id, limit=10) == []
            assert await bus.outbox.ready(TriggerName("ns/else", "announce"), after=0, limit=10) == []

    async def test_a_firing_is_kept_whole(self, bus: Bus) -> None:
        attempts = [
            Attempt(at="2026-11-23T21:14:03Z", duration=0.5, status=503, answer="no", error="busy", retry_in=1.0)
        ]
        async with _evaluating(bus, 2) as (subscription, (one, two)):
            changed = msgspec.structs.replace(two.event, data=b"changed")
            made = firing(
                two, "k", status="waiting", due=START + 1, attempts=attempts, rendered="POST", reason="because"
            )
            made.events = {"push": two.event, "held": one.event, "changed": changed}
            expected = _content(made)
            await commit(subscription, [one, two], made)
            attempts.clear()
            (found,) = await bus.outbox.due(TRIGGER, now=START + 1, limit=10)
            assert _content(found) == expected

    async def test_waiting_firings_when_they_are_due(self, bus: Bus) -> None:
        async with _evaluating(bus, 4) as (subscription, deliveries):
            assert await bus.outbox.next_due(TRIGGER) is None
            dues = (30.0, 10.0, 20.0, 10.0)
            made = [firing(d, status="waiting", due=START + due) for d, due in zip(deliveries, dues, strict=True)]
            await commit(subscription, deliveries, *made)
            assert await bus.outbox.next_due(TRIGGER) == START + 10
            assert await bus.outbox.next_due(OTHER) is None
            assert await bus.outbox.due(TRIGGER, now=START + 9.9, limit=9) == []
            assert _keys(await bus.outbox.due(TRIGGER, now=START + 20, limit=9)) == _keys([made[1], made[3], made[2]])
            assert _keys(await bus.outbox.due(TRIGGER, now=START + 99, limit=2)) == _keys([made[1], made[3]])
            assert await bus.outbox.ready(TRIGGER, after=0, limit=9) == []

    async def test_settling(self, bus: Bus) -> None:
        async with _evaluating(bus, 4) as (subscription, deliveries):
            fired, waiting, dead, untouched = made = [firing(delivery) for delivery in deliveries]
            await commit(subscription, deliveries, *made)
            fired.status = "fired"
            waiting.status, waiting.due = "waiting", START + 5
            waiting.attempts.append(Attempt(at="t", error="no"))
            dead.status, dead.reason, dead.rendered = "dead", "refused", "POST /"
            await bus.outbox.settle(made[:3])
            assert _keys(await bus.outbox.ready(TRIGGER, after=0, limit=9)) == [untouched.key]
            (kept,) = await bus.outbox.due(TRIGGER, now=START + 5, limit=9)
            assert _content(kept) == _content(waiting)
            (letter,) = await bus.dead_letters.list()
            assert _content(letter.firing) == _content(dead)
            for settled in made[:3]:
                (report,) = await bus.history.reports(settled.position)
                assert (report.sensor, report.trigger, report.key) == (*TRIGGER, settled.key)
                assert (report.status, report.due, report.reason) == (settled.status, settled.due, settled.reason)
                assert list(report.attempts) == settled.attempts
            assert await bus.history.reports(untouched.position) == []

    async def test_settling_again_keeps_the_latest_word(self, bus: Bus) -> None:
        async with _evaluating(bus, 1) as (subscription, (one,)):
            made = firing(one)
            await commit(subscription, [one], made)
            for due in (1.0, 2.0):
                made.status, made.due = "waiting", START + due
                await bus.outbox.settle([made])
            assert await bus.outbox.next_due(TRIGGER) == START + 2
            made.status = "fired"
            await bus.outbox.settle([made])
            await bus.outbox.settle([made])
            assert await bus.outbox.next_due(TRIGGER) is None
            assert [report.status for report in await bus.history.reports(one.position)] == ["fired"]

    async def test_settling_knows_firings_by_name_and_key(self, bus: Bus) -> None:
        async with _evaluating(bus, 1) as (subscription, (one,)):
            await commit(subscription, [one], firing(one, "a"), firing(one, "b"), firing(one, "a", OTHER))
            gone = firing(one, "a", status="fired")
            await bus.outbox.settle([gone])
            assert _keys(await bus.outbox.ready(TRIGGER, after=0, limit=9)) == ["b"]
            assert _keys(await bus.outbox.ready(OTHER, after=0, limit=9)) == ["a"]

    async def test_calls_take_effect_in_the_order_they_are_made(self, bus: Bus) -> None:
        async with _evaluating(bus, 40) as (subscription, deliveries):
            made = [firing(delivery) for delivery in deliveries]
            async with asyncio.TaskGroup() as group:
                group.create_task(commit(subscription, deliveries, *made))
                await asyncio.sleep(0)
                assert len(await bus.outbox.ready(TRIGGER, after=0, limit=99)) == 40
                for one in made[:30]:
                    one.status = "fired"
                    group.create_task(bus.outbox.settle([one]))
                await asyncio.sleep(0)
                assert _keys(await bus.outbox.ready(TRIGGER, after=0, limit=99)) == _keys(made[30:])
                cancelled = group.create_task(_settle(bus, made[30], "waiting", START))
                await asyncio.sleep(0)
                cancelled.cancel()
                assert _keys(await bus.outbox.due(TRIGGER, now=START, limit=9)) == [made[30].key]

    async def test_a_firing_may_change_while_it_is_stored(self, bus: Bus) -> None:
        async with _evaluating(bus, 1) as (subscription, (one,)):
            made = firing(one)
            committing = asyncio.create_task(commit(subscription, [one], made))
            await asyncio.sleep(0)
            made.status, made.due, made.events = "fired", 99.0, {}
            made.attempts.append(Attempt(at="t"))
            await committing
            (found,) = await bus.outbox.ready(TRIGGER, after=0, limit=9)
            assert (found.status, found.due, found.attempts) == ("ready", 0.0, [])
            assert found.events == {"push": one.event}

    async def test_the_same_firing_twice_is_one(self, bus: Bus) -> None:
        async with _evaluating(bus, 2) as (subscription, (one, two)):
            await commit(subscription, [one], firing(one, "k"))
            await commit(subscription, [two], firing(two, "k"))
            (found,) = await bus.outbox.ready(TRIGGER, after=0, limit=9)
            assert found.position == one.position

    async def test_firings_keep_their_events_while_the_log_forgets(self, tmp_path: Path, clock: FakeClock) -> None:
        limits = Limits(retention_events=2)
        bus = self.open(tmp_path, limits, clock)
        async with _evaluating(bus, 5) as (subscription, deliveries):
            made = [firing(deliveries[1], "kept"), firing(deliveries[2], "dead", status="dead")]
            await commit(subscription, deliveries, *made)
            await commit(subscription, await deliver(bus, subscription, 5))
            await self.tidy(bus)
            await bus.publish([event()])
            assert await bus.history.find(deliveries[0].event.id) == []
            assert await bus.history.find(deliveries[2].event.id) == []
            (found,) = await bus.outbox.ready(TRIGGER, after=0, limit=9)
            assert found.events == {"push": deliveries[1].event}
            (letter,) = await bus.dead_letters.list()
            assert letter.firing.events == {"push": deliveries[2].event}
            found.status = "fired"
            await bus.outbox.settle([found])
            await self.tidy(bus)
            await bus.publish([event()])
            assert await bus.history.find(deliveries[1].event.id) == []

    async def test_dead_letters_newest_first(self, bus: Bus, clock: FakeClock) -> None:
        async with _evaluating(bus, 4) as (subscription, deliveries):
            sensors = ("ns/a", "ns/b", "ns/a", "ns/b")
            for delivery, sensor in zip(deliveries, sensors, strict=True):
                dead = firing(delivery, name=TriggerName(sensor, "t"), status="dead", reason="gone")
                await commit(subscription, [delivery], dead)
                clock.now += 1
            letters = await bus.dead_letters.list()
            assert [letter.firing.position for letter in letters] == [d.position for d in reversed(deliveries)]
            assert letters[-1].at == "2027-01-15T08:00:00Z" and letters[0].at == "2027-01-15T08:00:03Z"
            numbers = _ids(letters)
            assert _ids(await bus.dead_letters.list(limit=2)) == numbers[:2]
            assert _ids(await bus.dead_letters.list(before=numbers[1])) == numbers[2:]
            assert _ids(await bus.dead_letters.list(sensor="ns/a")) == numbers[1::2]
            assert _ids(await bus.dead_letters.list(sensor="ns/a", before=numbers[1])) == numbers[3:]
            found = await bus.dead_letters.get(numbers[2])
            assert found is not None and _content(found.firing) == _content(letters[2].firing)
            assert await bus.dead_letters.get(10**9) is None
            assert (await bus.stats()).dead == 4

    async def test_a_firing_given_up_twice_is_one_dead_letter(self, bus: Bus) -> None:
        async with _evaluating(bus, 1) as (subscription, (one,)):
            made = firing(one, status="dead", reason="first")
            await commit(subscription, [one], made)
            made.reason = "second"
            await bus.outbox.settle([made])
            (letter,) = await bus.dead_letters.list()
            assert letter.firing.reason == "second"

    async def test_dead_letters_are_retried(self, bus: Bus) -> None:
        async with _evaluating(bus, 3) as (subscription, deliveries):
            attempts = [Attempt(at="t", error="no", retry_in=9.0), Attempt(at="u", error="still no")]
            made = [firing(d, status="dead", attempts=attempts, reason="spent") for d in deliveries]
            await commit(subscription, deliveries, *made)
            letters = await bus.dead_letters.list()
            names = await bus.dead_letters.retry([letters[0].id, letters[1].id, 10**9])
            assert list(names) == [TRIGGER]
            assert _ids(await bus.dead_letters.list()) == _ids(letters[2:])
            assert await bus.dead_letters.retry([letters[0].id]) == []
            found = await bus.outbox.due(TRIGGER, now=0.0, limit=9)
            assert _keys(found) == [made[2].key, made[1].key]
            assert found[0].events == made[2].events
            assert [attempt.error for attempt in found[0].attempts] == ["no", "still no"]
            assert sum(attempt.count for attempt in found[0].attempts) == 0
            (report,) = await bus.history.reports(made[2].position)
            assert report.status == "waiting"

    async def test_dead_letters_are_dropped(self, bus: Bus) -> None:
        async with _evaluating(bus, 2) as (subscription, deliveries):
            await commit(subscription, deliveries, *(firing(d, status="dead") for d in deliveries))
            newer, older = await bus.dead_letters.list()
            assert await bus.dead_letters.drop([older.id, 10**9]) == 1
            assert _ids(await bus.dead_letters.list()) == [newer.id]


@asynccontextmanager
async def _evaluating(bus: Bus, count: int) -> AsyncIterator[tuple[Subscription, list[Delivery]]]:
    async with bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
        await bus.publish([event() for _ in range(count)])
        yield subscription, await take(subscription, count)


async def _settle(bus: Bus, firing: Firing, status: str, due: float) -> None:
    firing.status, firing.due = status, due
    await bus.outbox.settle([firing])


def _ids(letters: Sequence[DeadLetter]) -> list[int]:
    return [letter.id for letter in letters]


def _keys(firings: Sequence[Firing]) -> list[str]:
    return [firing.key for firing in firings]


def _content(firing: Firing) -> tuple[object, ...]:
    fields = (firing.key, firing.name, firing.position, dict(firing.events), firing.status, firing.due)
    return (*fields, list(firing.attempts), firing.rendered, firing.reason)
