"""The dispatcher: in order, at least once, bounded, and nothing given up that is not in the dead letters."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bus.base import Delivery, Firing, Progress, Subject, TriggerName
from bus.event import Event
from bus.memory import MemoryBus
from config.backoff import Backoff
from config.errors import EventyardError, Permanent, Temporary
from triggers.base import Outcome
from triggers.delivery.attempt import ATTEMPTS_FIRST, ATTEMPTS_LAST
from triggers.delivery.dispatch import Dispatcher
from triggers.delivery.lane import CROWDED, QUEUE_LENGTH, Action
from triggers.delivery.retry import RetryPolicy

NAME = TriggerName("default/s", "t")
Answer = Callable[[str, int], Outcome]


class Target:
    """Stands for the world: answers as told, remembers who came when, and can hold everybody."""

    def __init__(self, answer: Answer = lambda id, tries: Outcome(200)) -> None:
        self.answer = answer
        self.started: list[str] = []
        self.tries: dict[str, int] = defaultdict(int)
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_once = 0
        self.most_at_once = 0
        self.changed = asyncio.Condition()

    async def fire(self, request: object, key: str) -> Outcome:
        id = str(request)
        self.started.append(id)
        self.tries[id] += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        async with self.changed:
            self.changed.notify_all()
        try:
            await self.gate.wait()
            return self.answer(id, self.tries[id])
        finally:
            self.at_once -= 1
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        """Once the dispatcher has taken note of an answer."""
        self.told = asyncio.ensure_future(self._notify())

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def until(self, ready: Callable[[], bool]) -> None:
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(ready)


class World:
    """A bus in memory, a dispatcher, one trigger, and a Sensor's part: fire, then commit."""

    def __init__(self, bus: MemoryBus, dispatcher: Dispatcher, target: Target) -> None:
        self.bus, self.dispatcher, self.target = bus, dispatcher, target
        self.subscription = bus.subscribe("default/s", [Subject("es", "a")])
        self.settled: list[Firing] = []
        self.done = asyncio.Event()

    def add(self, *, retry: RetryPolicy | None = None, most: int = 16, at_least_once: bool = True) -> None:
        def render(firing: Firing) -> tuple[str, str]:
            (event,) = firing.events.values()
            if event.id.startswith("unrenderable"):
                raise Permanent("no value for body.x")
            if event.id.startswith("bug"):
                raise KeyError("oops")
            return event.id, f"GET {event.id}"

        self.dispatcher.add(
            Action(
                name=NAME,
                render=render,
                fire=lambda request, firing: self.target.fire(request, firing.key),
                full_text=str,
                retry=retry
                or RetryPolicy.from_backoff(Backoff.model_validate({"duration": "1ms", "steps": 5, "jitter": 0})),
                max_in_flight=most,
                at_least_once=at_least_once,
            )
        )

    async def publish(self, *ids: str) -> list[Firing]:
        await self.bus.publish([Event.new(source="es", subject="a", type="t", id=id, data=b"{}") for id in ids])
        deliveries: list[Delivery] = []
        while len(deliveries) < len(ids):
            deliveries += await self.subscription.next()
        return [
            Firing(key=d.event.id, name=NAME, position=d.position, events={"a": d.event}, attempts=[])
            for d in deliveries
        ]

    async def decide(self, *ids: str, commit: bool = True) -> list[Firing]:
        """What a Sensor does with new events: fire at once, commit a little later."""
        firings = await self.publish(*ids)
        for firing in firings:
            self.dispatcher.fire(firing)
        if commit:
            await asyncio.sleep(0)
            await self.commit(firings)
        return firings

    async def commit(self, firings: list[Firing]) -> None:
        unfinished = [firing for firing in firings if firing.status != "fired"]
        for firing in unfinished:
            firing.stored = True
        await self.subscription.commit(Progress(position=firings[-1].position, firings=unfinished))
        self.dispatcher.stored(unfinished)
        for firing in firings:
            if firing not in unfinished:
                self.dispatcher.finished(firing)

    async def settled_down(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.settled) < count:
                self.done.clear()
                await self.done.wait()

    async def ended(self, firing: Firing) -> None:
        async with asyncio.timeout(20), self.target.changed:
            await self.target.changed.wait_for(lambda: firing.status in ("fired", "dead"))

    async def outbox_read(self) -> None:
        """Wait until the lane knows that the outbox has nothing of an earlier run."""
        async with asyncio.timeout(20):
            while self.dispatcher._lanes[NAME].behind:  # noqa: ASYNC110
                await asyncio.sleep(0)

    async def outbox_size(self) -> int:
        return sum((await self.bus.stats()).outbox.values())


@asynccontextmanager
async def world(answer: Answer = lambda id, tries: Outcome(200)) -> AsyncIterator[World]:
    async with MemoryBus() as bus:
        settled: list[Firing] = []
        done = asyncio.Event()

        def note(firing: Firing) -> None:
            settled.append(firing)
            done.set()

        async with Dispatcher(bus.outbox, settled=note, chance=lambda: 0.5) as dispatcher:
            made = World(bus, dispatcher, Target(answer))
            made.settled, made.done = settled, done
            async with made.subscription:
                yield made


async def test_a_firing_that_succeeds_before_the_commit_needs_no_row() -> None:
    async with world() as w:
        w.add()
        await asyncio.sleep(0)
        firings = await w.decide("1", commit=False)
        await w.target.until(lambda: w.target.started == ["1"])
        await w.ended(firings[0])
        await w.commit(firings)
        assert await w.outbox_size() == 0
        assert [attempt.status for attempt in firings[0].attempts] == [200]
        assert w.dispatcher.depths() == {NAME: 0}


async def test_firings_start_in_order_and_no_more_at_once_than_allowed() -> None:
    ids = [f"{number:04}" for number in range(2 * QUEUE_LENGTH)]
    async with world() as w:
        w.add(most=3)
        w.target.gate.clear()
        await w.decide(*ids)
        await w.target.until(lambda: len(w.target.started) == 3)
        assert w.dispatcher.depths()[NAME] <= QUEUE_LENGTH + 3 + 1
        w.target.gate.set()
        await w.settled_down(len(ids))
        assert w.target.started == ids
        assert w.target.most_at_once == 3
        assert await w.outbox_size() == 0


async def test_what_is_spilled_while_more_arrives_is_neither_lost_nor_made_twice() -> None:
    async with world() as w:
        w.add(most=4)
        total = 0
        for round in range(8):
            ids = [f"{round}-{number}" for number in range(QUEUE_LENGTH + 20)]
            total += len(ids)
            await w.decide(*ids)
        await w.target.until(lambda: len(w.target.started) >= total)
        assert len(w.target.started) == len(set(w.target.started)) == total


async def test_memory_holds_a_bounded_head_however_often_retries_are_looked_for() -> None:
    async with world() as w:
        w.add()
        w.target.gate.clear()
        await w.decide(*(f"{number:04}" for number in range(5 * QUEUE_LENGTH)))
        lane = w.dispatcher._lanes[NAME]
        for _ in range(5):
            await w.dispatcher._load(lane)
            assert len(lane.queue) <= QUEUE_LENGTH + QUEUE_LENGTH // 4
        w.target.gate.set()
        await w.settled_down(5 * QUEUE_LENGTH)


async def test_senders_wait_while_a_crowd_is_in_front_of_them() -> None:
    async with world() as w:
        w.add(most=1)
        await asyncio.sleep(0)
        w.target.gate.clear()
        await w.dispatcher.room([NAME, TriggerName("default/s", "unknown")])
        firings = await w.decide(*(f"{number:03}" for number in range(CROWDED + 1)), commit=False)
        waiting = asyncio.ensure_future(w.dispatcher.room([NAME]))
        await w.target.until(lambda: w.target.started == ["000"])
        assert not waiting.done()
        w.target.gate.set()
        await waiting
        assert len(w.target.started) >= CROWDED // 2
        await w.ended(firings[-1])


async def test_senders_do_not_wait_for_a_slow_target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triggers.delivery.lane.HOLD_UP", 0.01)
    async with world() as w:
        w.add(most=1)
        await asyncio.sleep(0)
        w.target.gate.clear()
        await w.decide(*(f"{number:03}" for number in range(2 * CROWDED)), commit=False)
        await w.dispatcher.room([NAME])
        assert w.target.started == ["000"]
        w.target.gate.set()


async def test_a_temporary_failure_is_tried_again_until_it_works() -> None:
    def answer(id: str, tries: int) -> Outcome:
        if tries < 3:
            raise Temporary("HTTP 503")
        return Outcome(200)

    async with world(answer) as w:
        w.add()
        (firing,) = await w.decide("1")
        await w.target.until(lambda: w.target.tries["1"] == 3)
        await w.settled_down(3)
        last = w.settled[-1]
        assert (last.key, last.status) == (firing.key, "fired")
        assert [attempt.error for attempt in last.attempts] == ["HTTP 503", "HTTP 503", ""]
        assert await w.outbox_size() == 0


@pytest.mark.parametrize("failure", [Temporary("down", fix="start it"), Permanent("HTTP 404")])
async def test_what_is_given_up_is_a_dead_letter_with_every_answer(failure: EventyardError) -> None:
    def answer(id: str, tries: int) -> Outcome:
        raise failure

    async with world(answer) as w:
        w.add(retry=RetryPolicy.from_backoff(Backoff.model_validate({"duration": "1ms", "steps": 2, "jitter": 0})))
        await w.decide("1")
        await w.settled_down(2)
        (letter,) = await w.bus.dead_letters.list()
        assert letter.firing.events["a"].id == "1"
        assert [attempt.error for attempt in letter.firing.attempts] == [str(failure)] * 2
        assert [attempt.fix for attempt in letter.firing.attempts] == [failure.fix] * 2
        assert letter.firing.rendered == "1"
        assert await w.outbox_size() == 0


async def test_a_refusal_without_a_strategy_is_final_at_once() -> None:
    def answer(id: str, tries: int) -> Outcome:
        raise Permanent("HTTP 404")

    async with world(answer) as w:
        w.add(retry=RetryPolicy())
        await w.decide("1")
        await w.settled_down(1)
        assert w.target.started == ["1"]
        assert len(await w.bus.dead_letters.list()) == 1


@pytest.mark.parametrize("id", ["unrenderable", "bug"])
async def test_what_cannot_be_rendered_is_a_dead_letter_and_the_next_goes_on(id: str) -> None:
    async with world() as w:
        w.add()
        await w.decide(id, "fine")
        await w.target.until(lambda: "fine" in w.target.started)
        await w.settled_down(2)
        (letter,) = await w.bus.dead_letters.list()
        assert letter.firing.reason.startswith("cannot be rendered")


async def test_a_dead_letter_can_be_fired_again() -> None:
    ready = False

    def answer(id: str, tries: int) -> Outcome:
        if not ready:
            raise Permanent("HTTP 410")
        return Outcome(200)

    async with world(answer) as w:
        w.add(retry=RetryPolicy())
        await w.decide("1")
        await w.settled_down(1)
        ready = True
        (letter,) = await w.bus.dead_letters.list()
        w.dispatcher.wake(await w.bus.dead_letters.retry([letter.id]))
        await w.settled_down(2)
        assert w.settled[-1].status == "fired"
        assert not await w.bus.dead_letters.list()


async def test_an_unfinished_firing_is_made_again_by_the_next_dispatcher_with_the_same_key() -> None:
    async with MemoryBus() as bus:
        async with Dispatcher(bus.outbox) as first:
            w = World(bus, first, Target())
            w.target.gate.clear()
            async with w.subscription:
                w.add()
                await w.decide("1", "2")
                await w.target.until(lambda: len(w.target.started) == 2)
                assert not await first.drain(0.01)
        async with Dispatcher(bus.outbox) as second:
            again = World(bus, second, Target())
            again.add()
            await again.target.until(lambda: len(again.target.started) == 2)
            assert again.target.started == ["1", "2"]


async def test_at_most_once_is_fired_only_after_it_is_out_of_the_store() -> None:
    stored_while_firing: list[int] = []

    async with world() as w:
        sizes = w.outbox_size

        async def fire(request: object, key: str) -> Outcome:
            stored_while_firing.append(await sizes())
            raise Temporary("down")

        w.target.fire = fire  # type: ignore[method-assign]
        w.add(at_least_once=False, retry=RetryPolicy.once())
        await w.decide("1")
        await w.settled_down(1)
        assert stored_while_firing == [0]
        assert w.settled[-1].status == "dead"
        (letter,) = await w.bus.dead_letters.list()
        assert letter.firing.events["a"].id == "1"


async def test_a_target_that_is_down_gets_single_probes_and_the_rest_waits_in_order() -> None:
    up = False

    def answer(id: str, tries: int) -> Outcome:
        if not up:
            raise Temporary("connection refused")
        return Outcome(200)

    async with world(answer) as w:
        w.add(retry=RetryPolicy())
        ids = [f"{number:04}" for number in range(QUEUE_LENGTH + 200)]
        await w.decide(*ids)
        await w.settled_down(8)
        tried = len(w.target.started)
        assert tried <= 32
        up = True
        await w.target.until(lambda: set(w.target.started) == set(ids))
        await w.settled_down(tried + len(ids))
        fresh = [id for number, id in enumerate(w.target.started) if id not in w.target.started[:number]]
        assert fresh == ids


async def test_many_attempts_are_summed_up_and_still_counted() -> None:
    def answer(id: str, tries: int) -> Outcome:
        if tries <= 60:
            raise Temporary(f"try {tries}")
        return Outcome(200)

    async with world(answer) as w:
        w.add(
            most=1,
            retry=RetryPolicy.from_backoff(Backoff.model_validate({"duration": "100us", "steps": 100, "jitter": 0})),
        )
        await w.decide("1")
        await w.target.until(lambda: w.target.tries["1"] == 61)
        await w.settled_down(61)
        attempts = w.settled[-1].attempts
        assert len(attempts) <= ATTEMPTS_FIRST + ATTEMPTS_LAST + 2
        assert sum(attempt.count for attempt in attempts) == 61


async def test_a_removed_trigger_leaves_its_firings_in_the_outbox() -> None:
    async with world() as w:
        w.add(most=1)
        w.target.gate.clear()
        await w.decide("1", "2", "3")
        await w.target.until(lambda: w.target.started == ["1"])
        removal = asyncio.ensure_future(w.dispatcher.remove(NAME, 5.0))
        await asyncio.sleep(0)
        w.target.gate.set()
        await removal
        await w.settled_down(1)
        assert await w.outbox_size() == 2
        w.add()
        await w.settled_down(3)
        assert w.target.started == ["1", "2", "3"]


@pytest.mark.parametrize("commit_first", [True, False])
async def test_what_is_given_up_is_handed_to_its_dlq_trigger(commit_first: bool) -> None:
    other = TriggerName("default/s", "t/notify")
    notified = asyncio.Queue[str]()

    def refuse(id: str, tries: int) -> Outcome:
        raise Permanent("HTTP 404")

    def follow(firing: Firing) -> Firing:
        return Firing(key="followed", name=other, position=firing.position, events=firing.events, attempts=[])

    async def notify(request: object, firing: Firing) -> Outcome:
        notified.put_nowait(f"{request} {firing.key}")
        return Outcome(200)

    def render(firing: Firing) -> tuple[str, str]:
        return firing.events["a"].id, ""

    async with world(refuse) as w:
        common: dict[str, Any] = {"render": render, "full_text": str, "retry": RetryPolicy()}

        async def refused(request: object, firing: Firing) -> Outcome:
            return await w.target.fire(request, firing.key)

        w.dispatcher.add(Action(name=NAME, fire=refused, follow=follow, **common))
        w.dispatcher.add(Action(name=other, fire=notify, **common))
        if commit_first:
            w.target.gate.clear()
            await w.decide("1")
            w.target.gate.set()
        else:
            await w.outbox_read()
            (firing,) = await w.decide("1", commit=False)
            await w.ended(firing)
            firing.follower.stored = True  # type: ignore[union-attr]
            await w.subscription.commit(Progress(position=firing.position, firings=[firing.follower or firing]))
            w.dispatcher.stored([firing.follower or firing])
            w.dispatcher.finished(firing)
        async with asyncio.timeout(10):
            assert await notified.get() == "1 followed"
        assert not await w.bus.dead_letters.list()
