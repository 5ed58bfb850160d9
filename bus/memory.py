"""The whole bus contract in memory: for tests, for `eventyard test`, and for those who need no durability."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Self

import msgspec

from bus import clock as clocks
from bus.base import (
    DEFAULT_SCOPE,
    Bus,
    BusStats,
    DeadLetter,
    DeadLetters,
    Delivery,
    EventQuery,
    Firing,
    History,
    Outbox,
    Progress,
    Record,
    Report,
    Subject,
    Subscription,
    TriggerName,
)
from bus.clock import Clock
from bus.event import Event
from bus.firings import renewed, report_of
from bus.limits import MEMORY_LIMITS, Limits
from bus.tails import Listeners, Tail
from config.errors import BusClosed, BusFull


class _Entry(msgspec.Struct):
    """An event as the log keeps it."""

    delivery: Delivery
    subject: Subject
    at: float


class _Consumer(msgspec.Struct):
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
        self.log: dict[int, _Entry] = {}
        self.consumers: dict[str, _Consumer] = {}
        self.listeners = Listeners(events=limits.retention_events, size=limits.store_bytes)
        self.outbox: MemoryOutbox = MemoryOutbox(self)
        self.dead_letters: MemoryDeadLetters = MemoryDeadLetters(self)
        self.history: MemoryHistory = MemoryHistory(self)
        self.head = 0
        self._bytes = 0
        self._notes: dict[str, bytes] = {}
        self._seen: dict[tuple[Subject, str], tuple[int, float]] = {}
        self._closed = True

    async def publish(self, events: Sequence[Event], scope: str = DEFAULT_SCOPE) -> Sequence[bool]:
        self.check_open()
        now = self.clock()
        self._make_room(sum(event.size for event in events), now)
        positions = [self._append(event, Subject(event.source, event.subject, scope), now) for event in events]
        self.listeners.announce(events, scope, positions)
        return [position > 0 for position in positions]

    def _append(self, event: Event, subject: Subject, now: float) -> int:
        identity = (subject, event.id)
        if identity in self._seen:
            if now - self._seen[identity][1] <= self.limits.dedup_age:
                return 0
            del self._seen[identity]
        self.head += 1
        self.log[self.head] = _Entry(Delivery(self.head, event), subject, now)
        self._bytes += event.size
        self._seen[identity] = (self.head, now)
        if len(self._seen) > self.limits.dedup_events:
            del self._seen[next(iter(self._seen))]
        return self.head

    def _make_room(self, size: int, now: float) -> None:
        """Drop what is old enough and no longer needed; raise BusFull if that is not enough."""
        limits = self.limits
        referenced = {firing.position for firing in self.outbox.all()}
        for position, entry in list(self.log.items()):
            wanted = self._bytes + size > limits.retention_bytes or len(self.log) >= limits.retention_events
            if not wanted and now - entry.at <= limits.retention_age:
                break
            if position not in referenced and not self._is_awaited(position, entry.subject):
                del self.log[position]
                self._bytes -= entry.delivery.event.size
                self.history.forget(position)
        if self._bytes and self._bytes + size > limits.store_bytes:
            raise BusFull(
                f"the bus in memory holds {self._bytes} bytes that are not evaluated yet",
                fix="wait for the Sensors, or use a durable bus",
            )

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

    async def remember(self, name: str, value: bytes) -> None:
        self.check_open()
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

    def unevaluated(self, consumer: _Consumer) -> Iterator[Delivery]:
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
        self._consumer = _Consumer(0, subjects)
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
        consumer = bus.consumers.setdefault(self._name, _Consumer(bus.head, self._subjects))
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


class MemoryOutbox(Outbox):
    """Unfinished firings by trigger and key, in the order of their ids."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus
        self._firings: dict[TriggerName, dict[str, Firing]] = {}
        self._ids = count(1)

    def add(self, firing: Firing) -> None:
        """Keep a firing; one with the same key is there already, so nothing changes."""
        kept = self._firings.setdefault(firing.name, {})
        if firing.key not in kept:
            firing.id = next(self._ids)
            kept[firing.key] = _copy(firing)

    def all(self) -> Iterator[Firing]:
        """All unfinished firings."""
        for firings in self._firings.values():
            yield from firings.values()

    async def ready(self, name: TriggerName, *, after: int, limit: int) -> Sequence[Firing]:
        found = (f for f in self._firings.get(name, {}).values() if f.status == "ready" and f.id > after)
        return [_copy(firing) for firing in islice(found, limit)]

    async def due(self, name: TriggerName, *, now: float, limit: int) -> Sequence[Firing]:
        found = sorted((f for f in self._waiting(name) if f.due <= now), key=lambda f: (f.due, f.id))
        return [_copy(firing) for firing in found[:limit]]

    async def next_due(self, name: TriggerName) -> float | None:
        return min((firing.due for firing in self._waiting(name)), default=None)

    def _waiting(self, name: TriggerName) -> Iterator[Firing]:
        return (firing for firing in self._firings.get(name, {}).values() if firing.status == "waiting")

    async def settle(self, firings: Sequence[Firing]) -> None:
        self._bus.check_open()
        for firing in firings:
            kept = self._firings.get(firing.name, {})
            stored = kept.get(firing.key)
            if stored is None:
                continue
            settled = msgspec.structs.replace(
                _copy(firing), id=stored.id, events=stored.events, position=stored.position
            )
            if firing.status in ("fired", "dead"):
                del kept[firing.key]
            else:
                kept[firing.key] = settled
            if firing.status == "dead":
                self._bus.dead_letters.add(settled)
            self._bus.history.report(settled)


class MemoryDeadLetters(DeadLetters):
    """Firings that were given up, by id."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus
        self.letters: dict[int, DeadLetter] = {}
        self._ids = count(1)

    def add(self, firing: Firing) -> None:
        """Keep a firing that was given up."""
        id = next(self._ids)
        at = clocks.text(self._bus.clock())
        self.letters[id] = DeadLetter(id=id, at=at, firing=msgspec.structs.replace(_copy(firing), id=0))

    async def list(self, *, limit: int = 100, before: int = 0, sensor: str = "") -> Sequence[DeadLetter]:
        found = (
            letter
            for id, letter in reversed(self.letters.items())
            if (not before or id < before) and (not sensor or letter.firing.name.sensor == sensor)
        )
        return list(islice(found, limit))

    async def get(self, id: int) -> DeadLetter | None:
        return self.letters.get(id)

    async def retry(self, ids: Sequence[int]) -> Sequence[TriggerName]:
        self._bus.check_open()
        names: dict[TriggerName, None] = {}
        for id in ids:
            letter = self.letters.pop(id, None)
            if letter is not None:
                firing = renewed(letter.firing)
                self._bus.outbox.add(firing)
                self._bus.history.report(firing)
                names[firing.name] = None
        return list(names)

    async def drop(self, ids: Sequence[int]) -> int:
        self._bus.check_open()
        return sum(self.letters.pop(id, None) is not None for id in ids)


class MemoryHistory(History):
    """Decision records and reports, kept as long as their event."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus
        self._records: dict[int, dict[str, Record]] = {}
        self._reports: dict[int, dict[tuple[TriggerName, str], Report]] = {}

    def add(self, records: Sequence[Record]) -> None:
        """Keep decision records."""
        for record in records:
            self._records.setdefault(record.position, {})[record.sensor] = record

    def report(self, firing: Firing) -> None:
        """Keep the latest word on a firing."""
        self._reports.setdefault(firing.position, {})[firing.name, firing.key] = report_of(firing)

    def forget(self, position: int) -> None:
        """The event is gone."""
        self._records.pop(position, None)
        self._reports.pop(position, None)

    async def events(self, query: EventQuery) -> Sequence[Delivery]:
        since = clocks.seconds(query.since) if query.since else float("-inf")
        until = clocks.seconds(query.until) if query.until else float("inf")
        found = (
            entry.delivery
            for position, entry in reversed(self._bus.log.items())
            if (not query.before or position < query.before)
            and query.source in ("", entry.subject.source)
            and query.subject in ("", entry.subject.event)
            and query.type in ("", entry.delivery.event.type)
            and since <= entry.at <= until
        )
        return list(islice(found, query.limit))

    async def find(self, id: str) -> Sequence[Delivery]:
        found = (
            entry.delivery
            for entry in reversed(self._bus.log.values())
            if entry.delivery.event.id.startswith(id) or entry.delivery.event.id.endswith(":" + id)
        )
        return list(islice(found, 10))

    async def records(self, position: int) -> Sequence[Record]:
        return list(self._records.get(position, {}).values())

    async def reports(self, position: int) -> Sequence[Report]:
        return list(self._reports.get(position, {}).values())

    async def verdicts(self, positions: Sequence[int]) -> Mapping[int, Sequence[tuple[str, str]]]:
        return {
            position: [(record.sensor, record.verdict) for record in self._records.get(position, {}).values()]
            for position in positions
        }


def _copy(firing: Firing) -> Firing:
    """What is kept must not change when the caller's firing does."""
    return msgspec.structs.replace(firing, attempts=list(firing.attempts), events=dict(firing.events))
