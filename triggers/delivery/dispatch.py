"""Around every trigger: fire at least once, in order, bounded; retry, and give up into the dead letters.

A firing is in exactly one of these places: in a lane's memory (`in_hand`), or in the outbox. It leaves `in_hand` only when
the outbox durably knows what became of it, so it cannot be loaded a second time while its first attempt is being noted.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from types import TracebackType
from typing import Self

from bus.base import Firing, Outbox, TriggerName
from config.errors import BusClosed, BusFull, EventyardError, Temporary
from triggers.delivery.attempt import Attempts
from triggers.delivery.lane import QUEUE_LENGTH, Action, Lane

_log = logging.getLogger("eventyard.triggers")

QUEUED_BYTES = 16 << 20
"""Event data held in memory by queued firings of all triggers together; parsed, it is a multiple of that."""

LOOK_MOST = 10.0
"""Seconds after which the outbox is asked again for retries, however far off they are: they are due by the wall clock, which
may be set. Everything else here goes by a clock that cannot be."""

LOOK_AGAIN = 0.05
"""Seconds between looks at retries that are due but still in hand."""


class Dispatcher:
    """All triggers of the process. `settled` is told each firing whose fate is durable after its decision was."""

    def __init__(
        self,
        outbox: Outbox,
        *,
        settled: Callable[[Firing], None] = lambda firing: None,
        attempted: Callable[[Firing, float, bool], None] = lambda firing, seconds, ok: None,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._lanes: dict[TriggerName, Lane] = {}
        self._on_settled = settled
        self._on_attempted = attempted
        self._clock = clock
        self._timer = timer
        self._attempts = Attempts(clock, chance, leave=self._leave)
        self._queued_bytes = 0
        self._unsettled: list[Firing] = []
        self._wake_settler = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._active = 0
        self._stopping = False
        self._group = asyncio.TaskGroup()
        self._workers: set[asyncio.Task[None]] = set()
        self._settler: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        self._settler = self._group.create_task(self._settle_forever(), name="dispatch:settle")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping = True
        for worker in self._workers:
            worker.cancel()
        if self._settler is not None:
            self._settler.cancel()
        await self._group.__aexit__(kind, error, trace)

    # -- triggers come and go

    def add(self, action: Action) -> None:
        """A trigger is ready to fire; what the outbox holds for it is fired first."""
        lane = self._lanes[action.name] = Lane(action)
        self._pump(lane)

    async def remove(self, name: TriggerName, grace: float) -> None:
        """A trigger goes: start nothing more, let what is in flight end within `grace` seconds. The rest stays in the
        outbox."""
        lane = self._lanes.pop(name, None)
        if lane is None:
            return
        lane.paused = True
        await self._wait_until(lambda: lane.in_flight == 0, grace)

    async def drain(self, grace: float) -> bool:
        """Start nothing more, wait for what is in flight; True if all of it ended within `grace` seconds."""
        self._stopping = True
        done = await self._wait_until(lambda: self._active == 0, grace)
        for worker in self._workers:
            worker.cancel()
        if self._workers:
            await asyncio.wait(self._workers)
        return done

    async def settle_all(self) -> None:
        """Make durable what is known; called after the last commit."""
        batch, self._unsettled = self._unsettled, []
        await self._store(batch)

    async def _wait_until(self, ready: Callable[[], bool], grace: float) -> bool:
        try:
            async with asyncio.timeout(grace):
                while not ready():
                    self._idle.clear()
                    await self._idle.wait()
        except TimeoutError:
            return False
        return True

    # -- firings come in

    def fire(self, firing: Firing) -> bool:
        """A Sensor has decided. Never waits: what cannot be held in memory is left to the outbox, and the answer False."""
        lane = self._lanes.get(firing.name)
        if lane is None:
            return False
        if self._queued_bytes > QUEUED_BYTES:
            lane.behind = True
        if not lane.offer(firing):
            return False
        self._queued_bytes += _size(firing)
        self._pump(lane)
        return True

    async def room(self, names: Iterable[TriggerName]) -> None:
        """Wait while firings of these triggers come faster than they can begin, for a moment at most: so that a process
        that is busy answers its senders later instead of sending everything round by way of the outbox."""
        for name in names:
            lane = self._lanes.get(name)
            if lane is not None and not lane.room.is_set():
                await lane.room.wait()

    def stored(self, firings: Iterable[Firing]) -> None:
        """The outbox durably holds these; those that are not in memory can be loaded, waiting ones get their alarm."""
        touched: dict[TriggerName, Lane] = {}
        for firing in firings:
            lane = self._lanes.get(firing.name)
            if lane is None:
                continue
            touched[firing.name] = lane
            if firing.key not in lane.in_hand:
                if firing.status == "ready":
                    lane.uncommitted -= 1
            elif firing.status == "waiting" or firing.status == "dead":
                self._release(lane, firing)
        for lane in touched.values():
            self._pump(lane)

    def finished(self, firing: Firing) -> None:
        """A fired firing's decision is durable with its outcome in it; forget it."""
        if (lane := self._lanes.get(firing.name)) is not None:
            lane.let_go(firing.key)

    def wake(self, names: Iterable[TriggerName]) -> None:
        """Somebody put firings into the outbox (a dead letter is retried)."""
        for name in names:
            if (lane := self._lanes.get(name)) is not None:
                lane.next_due = 0.0
                self._pump(lane)

    def depths(self) -> dict[TriggerName, int]:
        """Firings in memory by trigger."""
        return {name: len(lane.in_hand) for name, lane in self._lanes.items()}

    # -- attempts

    def _pump(self, lane: Lane) -> None:
        """Start what may start now, and see to it that the rest gets its turn."""
        if self._stopping or lane.paused:
            return
        now = self._timer()
        while lane.may_start(now):
            lane.in_flight += 1
            lane.starting += 1
            self._spawn(self._work(lane), f"fire:{lane.name}")
        if lane.wants_more(now):
            lane.begin_loading()
            self._spawn(self._load(lane), f"load:{lane.name}")
            return
        wake_at = lane.next_due
        if (lane.queue or lane.retries) and (opens := lane.opens_at()) > now:
            wake_at = opens if wake_at is None else min(wake_at, opens)
        if wake_at is not None and wake_at > now:
            self._set_alarm(lane, wake_at - now + 0.001)

    def _set_alarm(self, lane: Lane, delay: float) -> None:
        loop = asyncio.get_running_loop()
        if lane.alarm is not None:
            if lane.alarm.when() <= loop.time() + delay and not lane.alarm.cancelled():
                return
            lane.alarm.cancel()
        lane.alarm = loop.call_later(delay, self._alarm, lane)

    def _alarm(self, lane: Lane) -> None:
        lane.alarm = None
        if self._lanes.get(lane.name) is lane:
            self._pump(lane)

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> None:
        task = self._group.create_task(work, name=name)
        self._workers.add(task)
        task.add_done_callback(self._workers.discard)

    async def _work(self, lane: Lane) -> None:
        """Attempt firings one after another for as long as the lane has some to start. A firing is taken only here, where
        its attempt begins, so that firings begin in order."""
        self._active += 1
        lane.starting -= 1
        try:
            while not self._stopping and lane.may_go_on(self._timer()):
                await self._attempt(lane, lane.take())
        finally:
            lane.in_flight -= 1
            self._active -= 1
            self._idle.set()
        self._pump(lane)

    async def _attempt(self, lane: Lane, firing: Firing) -> None:
        self._queued_bytes = max(0, self._queued_bytes - _size(firing))
        if lane.action.rate is not None:
            await lane.action.rate.wait()
        sent = await self._attempts.make(lane.action, firing)
        if sent is not None:
            self._on_attempted(firing, sent.seconds, sent.failure is None)
            if sent.failure is None:
                lane.succeeded()
            elif isinstance(sent.failure, Temporary):
                now = self._timer()
                retry_at = now + sent.retry_in if sent.retry_in is not None else None
                lane.failed(now, retry_at=retry_at, told_to_wait=sent.failure.after is not None)
        if firing.status == "waiting":
            lane.postpone(firing)
        elif firing.follower is not None and (next_lane := self._lanes.get(firing.follower.name)) is not None:
            next_lane.expect()
        self._settle(firing)

    # -- outcomes become durable

    def _settle(self, firing: Firing) -> None:
        """If the outbox has it, tell the outbox; if not, the commit of its decision will find it done."""
        if firing.stored:
            self._unsettled.append(firing)
            self._wake_settler.set()

    async def _settle_forever(self) -> None:
        while True:
            await self._wake_settler.wait()
            self._wake_settler.clear()
            batch, self._unsettled = self._unsettled, []
            if not await self._store(batch):
                return
            lanes = set()
            for firing in batch:
                if (lane := self._lanes.get(firing.name)) is not None:
                    self._release(lane, firing)
                    lanes.add(lane)
                self._on_settled(firing)
                if firing.follower is not None:
                    self.stored((firing.follower,))
            for lane in lanes:
                self._pump(lane)

    async def _leave(self, firing: Firing) -> bool:
        """Take a firing out of the outbox before its only attempt; False if the bus is closing."""
        return await self._store([firing])

    async def _store(self, batch: Sequence[Firing]) -> bool:
        """Settle, however long the store is full; False if the bus is closing."""
        while batch:
            try:
                await self._outbox.settle(batch)
            except BusFull as error:
                _log.warning("outcomes cannot be stored: %s; trying again", error)
                await asyncio.sleep(error.retry_after)
                continue
            except BusClosed:
                return False
            break
        return True

    def _release(self, lane: Lane, firing: Firing) -> None:
        lane.let_go(firing.key)
        if firing.status == "waiting":
            lane.set_due(self._moment(firing.due))

    def _moment(self, due: float, least: float = 0.0) -> float:
        """When to ask the outbox for what is due then."""
        return self._timer() + min(max(due - self._clock(), least), LOOK_MOST)

    async def _load(self, lane: Lane) -> None:
        """Read on in the outbox: retries that are due, then the next ones in order."""
        try:
            if lane.next_due is None or lane.next_due <= self._timer():
                lane.next_due = None
                self._took(lane, await self._outbox.due(lane.name, now=self._clock(), limit=QUEUE_LENGTH), retry=True)
                following = await self._outbox.next_due(lane.name)
                # What is due but in hand shows up here until its outcome is stored, so look again a little later.
                lane.set_due(None if following is None else self._moment(following, LOOK_AGAIN))
            if lane.wants_next:
                overflows, uncommitted = lane.overflows, lane.uncommitted
                page = await self._outbox.ready(lane.name, after=lane.loaded, limit=QUEUE_LENGTH)
                self._took(lane, page, retry=False)
                if page:
                    lane.loaded = max(firing.id for firing in page)
                elif uncommitted == 0 and lane.overflows == overflows:
                    lane.behind = False
                elif lane.uncommitted > 0 and not lane.queue:
                    return  # nothing to read before the next commit; `stored` looks again
        except BusClosed:
            lane.paused = True
        except EventyardError as error:
            _log.warning("the outbox cannot be read: %s; trying again", error)
            lane.set_due(self._timer() + 1.0)
        finally:
            lane.loading = False
        self._pump(lane)

    def _took(self, lane: Lane, firings: Sequence[Firing], *, retry: bool) -> None:
        for firing in lane.accept(firings, retry=retry):
            firing.stored = True
            self._queued_bytes += _size(firing)


def _size(firing: Firing) -> int:
    return sum(event.size for event in firing.events.values())
