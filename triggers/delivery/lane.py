"""One trigger's way from decided firings to attempts: in order, so many at once, waiting where the target is unwell.

Memory holds a bounded head of the queue. What does not fit stays in the outbox, where its Sensor's commit put it, and is
loaded from there in order; so a target that is away for a day costs disk, not memory.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bus.base import Firing, TriggerName
from triggers.base import Outcome
from triggers.delivery.rate_limit import RateLimiter
from triggers.delivery.retry import RetryPolicy

QUEUE_LENGTH = 512
"""Firings of one trigger in memory beyond those in flight."""

CROWDED = 64
"""Firings of one trigger in memory from which on its senders are answered late, until half of them have begun ..."""

HOLD_UP = 0.25
"""... but for so many seconds at most: if they have not begun by then, it is not we who are slow, but the target."""

UNWELL_AFTER = 8
"""So many temporary failures in a row, and the target is taken to be down."""

PROBE_FIRST, PROBE_MOST = 1.0, 30.0
"""Seconds between single attempts at a target that is down: doubling from the first to the most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What a trigger does. `render` turns a firing into a request (raises Permanent) and its readable form; `fire` sends a
    request with its firing's key (raises Temporary or Permanent). `follow` makes the firing of the `dlqTrigger` that
    takes the place of one that is given up."""

    name: TriggerName
    render: Callable[[Firing], tuple[Any, str]]
    fire: Callable[[Any, Firing], Awaitable[Outcome]]
    full_text: Callable[[Any], str]
    retry: RetryPolicy
    rate: RateLimiter | None = None
    max_in_flight: int = 16
    at_least_once: bool = True
    follow: Callable[[Firing], Firing] | None = None


class Lane:
    """The state of one trigger's firings; changed only on the event loop, never awaited."""

    def __init__(self, action: Action) -> None:
        self.action = action
        self.queue: deque[Firing] = deque()
        self.retries: deque[Firing] = deque()
        self.in_hand: set[str] = set()
        self.in_flight = 0
        self.starting = 0
        self.paused = False
        # Until the outbox was looked through after a start, new firings queue up behind what it may hold.
        self.behind = True
        self.loaded = 0
        self.uncommitted = 0
        self.overflows = 0
        self.alarm: asyncio.TimerHandle | None = None
        self.room = asyncio.Event()
        self.room.set()
        self._hold: asyncio.TimerHandle | None = None
        self.loading = False
        # Let go while the outbox is being read: what is read may be older than that, and still have them.
        self._let_go: set[str] = set()
        self.next_due: float | None = None
        # Keys of firings that failed and come before everything else, where only one is in flight.
        self._first: set[str] = set()
        self._failures = 0
        self._probe = PROBE_FIRST
        self._closed_until = 0.0

    @property
    def name(self) -> TriggerName:
        """Whose lane this is."""
        return self.action.name

    def offer(self, firing: Firing) -> bool:
        """Take a new firing into memory; False = it must wait in the outbox.

        A trigger that fires at most once has all its firings come from there, after their decision is durable."""
        if self.behind or len(self.queue) >= QUEUE_LENGTH or not self.action.at_least_once:
            self.expect()
            return False
        self.in_hand.add(firing.key)
        self.queue.append(firing)
        if len(self.queue) == CROWDED:
            self._hold_up()
        return True

    def expect(self) -> None:
        """A firing of this trigger will be in the outbox, once the commit of what caused it is durable."""
        self.behind = True
        self.uncommitted += 1
        self.overflows += 1

    def _hold_up(self) -> None:
        if self._hold is not None:
            self._hold.cancel()
        self.room.clear()
        self._hold = asyncio.get_running_loop().call_later(HOLD_UP, self.room.set)

    def accept(self, firings: Sequence[Firing], *, retry: bool) -> list[Firing]:
        """Take firings loaded from the outbox, except those in hand already; returns the new ones."""
        new = [firing for firing in firings if firing.key not in self.in_hand and firing.key not in self._let_go]
        self.in_hand.update(firing.key for firing in new)
        (self.retries if retry else self.queue).extend(new)
        return new

    def begin_loading(self) -> None:
        """The outbox is going to be read."""
        self.loading = True
        self._let_go.clear()

    def let_go(self, key: str) -> None:
        """The outbox, or the commit of its decision, durably knows what became of a firing."""
        self.in_hand.discard(key)
        if self.loading:
            self._let_go.add(key)

    @property
    def wants_next(self) -> bool:
        """True if there is room for the next firings in order, and the outbox may have some."""
        return self.behind and len(self.queue) <= QUEUE_LENGTH // 4

    def wants_more(self, now: float) -> bool:
        """True if the outbox should be read now: on in order, or for retries that are due."""
        if self.loading:
            return False
        if self.wants_next:
            return True
        return self.next_due is not None and self.next_due <= now and len(self.retries) <= QUEUE_LENGTH // 4

    def set_due(self, due: float | None) -> None:
        """A retry is due at that time."""
        if due is not None:
            self.next_due = due if self.next_due is None else min(self.next_due, due)

    def may_start(self, now: float) -> bool:
        """True if one more worker may begin: there is a firing that none of those about to begin will take."""
        return self._takable() > self.starting and self._has_room(now, self.in_flight)

    def may_go_on(self, now: float) -> bool:
        """True if a worker that has ended an attempt may take another firing."""
        return self._takable() > 0 and self._has_room(now, self.in_flight - 1)

    def _takable(self) -> int:
        """Firings that may be taken. Where only one is in flight, none overtakes one that waits for another try."""
        if self.action.max_in_flight == 1 and (self._first or self.next_due is not None):
            return len(self.retries)
        return len(self.retries) + len(self.queue)

    def _has_room(self, now: float, busy: int) -> bool:
        if self.paused:
            return False
        if self._closed_until:
            return now >= self._closed_until and busy == 0
        return busy < self.action.max_in_flight

    def opens_at(self) -> float:
        """When the next attempt at a target that is down may be made; 0 = at any time."""
        return self._closed_until

    def take(self) -> Firing:
        """The next firing to attempt: one whose retry is due first, then in order."""
        if len(self.queue) <= CROWDED // 2:
            self.room.set()
        firing = (self.retries or self.queue).popleft()
        self._first.discard(firing.key)
        return firing

    def postpone(self, firing: Firing) -> None:
        """It is tried again later."""
        if self.action.max_in_flight == 1:
            self._first.add(firing.key)

    def succeeded(self) -> None:
        """The target works."""
        self._failures, self._probe, self._closed_until = 0, PROBE_FIRST, 0.0

    def failed(self, now: float, *, retry_at: float | None, told_to_wait: bool) -> None:
        """A temporary failure. Enough of them in a row, or a target that asks for a pause, and only single attempts at
        growing intervals are made, so that a target that is down is not flooded and the order is kept."""
        self._failures += 1
        if retry_at is not None and (self.action.max_in_flight == 1 or told_to_wait):
            self._closed_until = max(self._closed_until, retry_at)
        elif self._failures >= min(UNWELL_AFTER, self.action.max_in_flight) and now >= self._closed_until:
            self._closed_until = now + self._probe
            self._probe = min(self._probe * 2, PROBE_MOST)
