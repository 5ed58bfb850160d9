"""A bounded log in memory, and the places of its consumers in it."""

from __future__ import annotations

import sys
import time
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, Self

import msgspec

from bus.base import DEFAULT_SCOPE, Bus, BusStats, Delivery, Progress, Subject, Subscription, TriggerName
from bus.clock import Clock
from bus.event import Event
from bus.limits import MEMORY_LIMITS, Limits
from bus.memory.history import MemoryHistory
from bus.memory.outbox import MemoryDeadLetters, MemoryOutbox
from bus.tails import Listeners, Tail
from config.errors import BusClosed, BusFull

_LOOK_EVERY: Final = 60.0


class Entry(msgspec.Struct):
    """An event as the log keeps it."""

    delivery: Delivery
    subject: Subject
    at: float


class Consumer(msgspec.Struct):
    """What is kept of a Sensor while it is away."""

    position: int
    subjects: frozenset[Subject]
    state: dict[str, Delivery] = {}
    open: bool = False


class MemoryBus(Bus):
    """A bounded log in memory; it survives the closing of a subscription, not the process."""

    def __init__(self, limits: Limits = MEMORY_LIMITS, *, clock: Clock = time.time) -> None:
        self.limits = limits
        self.clock = clock
        self.log: dict[int, Entry] = {}
        self.consumers: dict[str, Consumer] = {}
        # All that lies in a tail lies in the log as well, so the tails need no bound of their own.
        self.listeners = Listeners(events=sys.maxsize, size=sys.maxsize)
        self.outbox: MemoryOutbox = MemoryOutbox(self)
        self.dead_letters: MemoryDeadLetters = MemoryDeadLetters(self)
        self.history: MemoryHistory = MemoryHistory(self)
        self.head = 0
        self._bytes = 0
        self._notes: dict[str, bytes] = {}
        self._seen: OrderedDict[tuple[Subject, str, str], float] = OrderedDict()
        self._looked = clock()
        self._look_at = 0
        self._closed = True

    async def publish(self, events: Sequence[Event], scope: str = DEFAULT_SCOPE) -> Sequence[bool]:
        self.check_open()
        now = self.clock()
        self._make_room(sum(event.size for event in events), now)
        positions = [self._append(event, Subject(event.source, event.subject, scope), now) for event in events]
        self.listeners.announce(events, scope, positions)
        return [position > 0 for position in positions]

    def _append(self, event: Event, subject: Subject, now: float) -> int:
        identity = (subject, event.id, event.origin)
        if identity in self._seen:
            if now - self._seen[identity] <= self.limits.dedup_age:
                return 0
            del self._seen[identity]
        self.head += 1
        self.log[self.head] = Entry(Delivery(self.head, event), subject, now)
        self._bytes += event.size
        self._seen[identity] = now
        if len(self._seen) > self.limits.dedup_events:
            self._seen.popitem(last=False)
        return self.head

    def _make_room(self, size: int, now: float) -> None:
        """Drop what is old enough and no longer needed; raise BusFull if that is not enough."""
        limits = self.limits
        full = self._bytes + size > limits.store_bytes
        crowded = self._bytes > limits.retention_bytes or len(self.log) >= limits.retention_events
        # Looking through all of the log for each event would cost more than the events.
        if full or (crowded and self.head >= self._look_at) or abs(now - self._looked) >= _LOOK_EVERY:
            self._retain(now)
            self._looked, self._look_at = now, self.head + limits.retention_events // 8
        if self._bytes and self._bytes + size > limits.store_bytes:
            raise BusFull(
                f"the bus in memory holds {self._bytes} bytes that are not evaluated yet",
                fix="wait for the Sensors, or use a durable bus",
            )

    def _retain(self, now: float) -> None:
        limits = self.limits
        # What lies before an old event is old, even if a clock that was ahead says otherwise.
        old = max((at for at, entry in self.log.items() if now - entry.at > limits.retention_age), default=0)
        referenced = {firing.position for firing in self.outbox.all()}
        for position, entry in list(self.log.items()):
            roomy = self._bytes <= limits.retention_bytes * 7 // 8 and len(self.log) < limits.retention_events * 7 / 8
            if position > old and roomy:
                break
            if position not in referenced and not self._is_awaited(position, entry.subject):
                del self.log[position]
                self._bytes -= entry.delivery.event.size
                self.history.forget(position)

    def _is_awaited(self, position: int, subject: Subject) -> bool:
        return any(position > known.position and subject in known.subjects for known in self.consumers.values())

    def subscribe(self, consumer: str, subjects: Collection[Subject]) -> Subscription:
        return MemorySubscription(self, consumer, frozenset(subjects))

    async def forget(self, consumer: str) -> None:
        self.check_open()
        known = self.consumers.get(consumer)
        if known is not None and known.open:
            raise RuntimeError(f"consumer '{consumer}' is still open")
        self.consumers.pop(consumer, None)

    async def recall(self, name: str) -> bytes | None:
        return self._notes.get(name)

    async def recollect(self, prefix: str) -> Mapping[str, bytes]:
        return {name: self._notes[name] for name in sorted(self._notes) if name.startswith(prefix)}

    async def remember(self, name: str, value: bytes | None) -> None:
        self.check_open()
        if value is None:
            self._notes.pop(name, None)
        else:
            self._notes[name] = value

    async def stats(self) -> BusStats:
        waiting: dict[TriggerName, int] = {}
        for firing in self.outbox.all():
            waiting[firing.name] = waiting.get(firing.name, 0) + 1
        oldest = min((firing.position for firing in self.outbox.all()), default=0)
        lag = {name: sum(1 for _ in self.unevaluated(known)) for name, known in self.consumers.items()}
        return BusStats(
            head=self.head,
            bytes=self._bytes,
            lag=lag,
            outbox=waiting,
            dead=len(self.dead_letters.letters),
            oldest_unfinished=self.log[oldest].at if oldest in self.log else None,
        )

    def unevaluated(self, consumer: Consumer) -> Iterator[Delivery]:
        """The events that a consumer has still to evaluate."""
        for position, entry in self.log.items():
            if position > consumer.position and entry.subject in consumer.subjects:
                yield entry.delivery

    def check_open(self) -> None:
        """Raises BusClosed unless the bus is open."""
        if self._closed:
            raise BusClosed("the bus is closed")

    async def __aenter__(self) -> Self:
        self._closed = False
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._closed = True
        self.listeners.close()


class MemorySubscription(Subscription):
    """One consumer's place in the log."""

    def __init__(self, bus: MemoryBus, name: str, subjects: frozenset[Subject]) -> None:
        self._bus = bus
        self._name = name
        self._subjects = subjects
        self._consumer = Consumer(0, subjects)
        self._tail = Tail(0, 0)

    @property
    def state(self) -> Mapping[str, Delivery]:
        return dict(self._consumer.state)

    async def next(self, limit: int = 256) -> Sequence[Delivery]:
        await self._tail.wait()
        return self._tail.take(limit)

    async def commit(self, progress: Progress) -> None:
        self._bus.check_open()
        consumer = self._consumer
        consumer.position = max(consumer.position, progress.position)
        for name, held in progress.state.items():
            if held is None:
                consumer.state.pop(name, None)
            else:
                consumer.state[name] = held
        for firing in progress.firings:
            if firing.status == "dead":
                self._bus.dead_letters.add(firing)
            else:
                self._bus.outbox.add(firing)
        self._bus.history.add(progress.records)
        self._tail.committed(progress.position)

    async def __aenter__(self) -> Self:
        bus = self._bus
        bus.check_open()
        consumer = bus.consumers.setdefault(self._name, Consumer(bus.head, self._subjects))
        if consumer.open:
            raise RuntimeError(f"consumer '{self._name}' is already open")
        consumer.open, consumer.subjects = True, self._subjects
        self._consumer = consumer
        self._tail = Tail(bus.head, bus.head)
        self._tail.waiting.extend(bus.unevaluated(consumer))
        bus.listeners.add(self._tail, self._subjects)
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._consumer.open = False
        self._bus.listeners.remove(self._tail, self._subjects)
        self._tail.close()
