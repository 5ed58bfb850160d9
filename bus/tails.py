"""The short way from a commit to the Sensors: committed events go to the tails of those who listen, and to nobody else.

A tail is the end of the log as one subscription sees it. It is bounded: a subscription that does not keep up reads the store
until it has caught up again, without a gap and without a repetition, because both ways are compared by position.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Final

from bus.base import Delivery, Subject
from bus.event import Event
from config.errors import BusClosed

_CHUNKS: Final = 8
_MISSED: Final = 4096
"""Positions that a tail remembers before it would rather search the store."""


class Tail:
    """What one subscription has still to take.

    Up to `cursor` everything was handed out or lies in `waiting`. What is not kept in memory any more is known by its
    position in `missed`; when those are too many, the tail is `behind`: all after `cursor` has to be searched in the store,
    at least up to `latest`. `handed` holds what was taken and not committed yet.
    """

    __slots__ = ("_closed", "_waiter", "behind", "cursor", "handed", "latest", "missed", "waiting")

    def __init__(self, cursor: int, latest: int) -> None:
        self.waiting: deque[Delivery] = deque()
        self.missed: deque[int] = deque()
        self.handed: deque[Delivery] = deque()
        self.cursor = cursor
        self.latest = latest
        self.behind = latest > cursor
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False

    def push(self, delivery: Delivery) -> None:
        """A matching event was committed."""
        position = delivery.position
        if self.behind:
            self.latest = position
        elif self.missed:
            self.missed.append(position)
            self._limit_missed()
        elif position > self.cursor:
            # Else a page from the store brought it before its commit was announced.
            self.waiting.append(delivery)
            self.cursor = position
        if self._waiter is not None:
            self.wake()

    def fill(self, page: Sequence[Delivery], scanned: int) -> None:
        """A page from the store: all matching events after `cursor` up to position `scanned`."""
        self.waiting.extend(page)
        self.cursor = scanned
        while self.missed and self.missed[0] <= scanned:
            self.missed.popleft()
        self.behind = self.behind and scanned < self.latest

    def shed(self, position: int) -> None:
        """Let go of what lies at or before `position` and all after it; the store has it."""
        if self.waiting and self.waiting[0].position <= position:
            self.cursor = self.waiting[0].position - 1
            if not self.behind:
                self.missed.extendleft(delivery.position for delivery in reversed(self.waiting))
                self._limit_missed()
            self.waiting.clear()

    def _limit_missed(self) -> None:
        if len(self.missed) > _MISSED:
            self.behind, self.latest = True, self.missed[-1]
            self.missed.clear()

    def take(self, limit: int) -> list[Delivery]:
        """The next deliveries, at most `limit`."""
        waiting = self.waiting
        if len(waiting) <= limit:
            taken = list(waiting)
            waiting.clear()
        else:
            taken = [waiting.popleft() for _ in range(limit)]
        self.handed.extend(taken)
        return taken

    def committed(self, position: int) -> None:
        """What was handed out up to `position` is evaluated for good."""
        handed = self.handed
        while handed and handed[0].position <= position:
            handed.popleft()

    @property
    def lag(self) -> int:
        """Events that are not evaluated yet, unless `behind`."""
        return len(self.waiting) + len(self.missed) + len(self.handed)

    @property
    def idle(self) -> bool:
        """Whether all events up to `cursor` are evaluated and committed."""
        return not (self.behind or self.waiting or self.missed or self.handed)

    async def wait(self) -> None:
        """Return when there is something to take or to read. Raises BusClosed."""
        while not (self.waiting or self.missed or self.behind):
            if self._closed:
                raise BusClosed("the bus or this subscription is closed")
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None

    def wake(self) -> None:
        """Let a waiting reader look again."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def close(self) -> None:
        """Nothing more will come."""
        self._closed = True
        self.wake()


class Listeners:
    """Who wants which subject. Publishing costs nothing for those that listen to something else."""

    def __init__(self, *, events: int, size: int) -> None:
        self._by_subject: dict[tuple[str, str, str], list[Tail]] = {}
        self._tails: dict[Tail, None] = {}
        # The stream is cut into chunks; what is older than the last few is in no tail any more. This bounds the memory of
        # all tails together without counting who still holds what.
        self._chunk_events, self._chunk_size = max(1, events // _CHUNKS), max(1, size // _CHUNKS)
        self._chunks: deque[int] = deque()
        self._events = self._size = 0

    def add(self, tail: Tail, subjects: Iterable[Subject]) -> None:
        """From now on `tail` gets the events of these subjects."""
        self._tails[tail] = None
        for subject in subjects:
            self._by_subject.setdefault(subject, []).append(tail)

    def remove(self, tail: Tail, subjects: Iterable[Subject]) -> None:
        """`tail` gets nothing more."""
        self._tails.pop(tail, None)
        for subject in subjects:
            tails = self._by_subject.get(subject, [])
            if tail in tails:
                tails.remove(tail)
            if not tails:
                self._by_subject.pop(subject, None)

    def announce(self, events: Sequence[Event], scope: str, positions: Sequence[int]) -> None:
        """These events are committed at these positions (0 = it was there before)."""
        for event, position in zip(events, positions, strict=True):
            if position and (tails := self._by_subject.get((event.source, event.subject, scope))):
                delivery = Delivery(position, event)
                for tail in tails:
                    tail.push(delivery)
                self._events += 1
                self._size += len(event.data or b"")
                if self._size >= self._chunk_size or self._events >= self._chunk_events:
                    self._cut(position)

    def _cut(self, position: int) -> None:
        self._events = self._size = 0
        self._chunks.append(position)
        if len(self._chunks) >= _CHUNKS:
            oldest = self._chunks.popleft()
            for tail in self._tails:
                tail.shed(oldest)

    def tails(self) -> Iterable[Tail]:
        """All that listen."""
        return self._tails

    def close(self) -> None:
        """Tell all that nothing more will come."""
        for tail in self._tails:
            tail.close()
