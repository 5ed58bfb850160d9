"""A Sensor's place in the log: opened durably, fed from memory while it keeps up and from the store while it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Self

from bus.base import Delivery, Progress, Subject, Subscription
from bus.event import Event
from bus.sqlite.dead_letters import bury
from bus.sqlite.log import read_listed, read_page
from bus.sqlite.stored import decode_event, encode_event, encode_events, encode_report
from bus.sqlite.transaction import Transaction
from bus.sqlite.writer import Write
from bus.tails import Tail

if TYPE_CHECKING:
    from bus.sqlite.bus import SqliteBus


class Opened(NamedTuple):
    """What the store knows of a consumer, and where the log ended at that moment."""

    id: int
    position: int
    head: int
    subjects: tuple[int, ...]
    state: dict[str, tuple[int, bytes]]


class OpenConsumer(Write[Opened]):
    """Create a consumer at the head of the log, or find where it was."""

    def __init__(self, name: str, subjects: Iterable[Subject], listen: Callable[[Opened], None]) -> None:
        super().__init__()
        self._name = name
        self._subjects = tuple(subjects)
        self._listen = listen

    def apply(self, transaction: Transaction) -> Opened:
        transaction.flush()
        execute = transaction.connection.execute
        row = execute("SELECT id, position FROM consumers WHERE name = ?", (self._name,)).fetchone()
        if row is None:
            position = transaction.head
            id = execute("INSERT INTO consumers(name, position) VALUES (?, ?)", (self._name, position)).lastrowid
            assert id is not None
        else:
            id, position = row
        subjects = tuple(transaction.subject(subject) for subject in self._subjects)
        known = {subject for (subject,) in execute("SELECT subject_id FROM listens WHERE consumer_id = ?", (id,))}
        # Where nothing changes, nothing is written, so that a thousand Sensors are open again without an fsync.
        if known != set(subjects):
            execute("DELETE FROM listens WHERE consumer_id = ?", (id,))
            for subject in subjects:
                execute("INSERT INTO listens(consumer_id, subject_id) VALUES (?, ?)", (id, subject))
        rows = execute("SELECT name, position, event FROM states WHERE consumer_id = ?", (id,))
        return Opened(id, position, transaction.head, subjects, {name: (at, event) for name, at, event in rows})

    def done(self, result: Opened) -> None:
        # Commits are announced in their order, so that from exactly here on nothing is missed.
        if not self.future.cancelled():
            self._listen(result)
        super().done(result)


class CommitProgress(Write[list[int]]):
    """All that an evaluation changed; the result is the outbox id of each firing, 0 for those given up."""

    def __init__(
        self, consumer: int, progress: Progress, logged: Mapping[int, Event], committed: Callable[[list[int]], None]
    ) -> None:
        super().__init__()
        self._consumer = consumer
        self._committed = committed
        self._position = progress.position
        self._records = progress.records
        self._state = [
            (name, None if held is None else (held.position, encode_event(held.event)))
            for name, held in progress.state.items()
        ]
        self._firings = [
            (
                firing.name,
                firing.key,
                firing.position,
                firing.due if firing.status == "waiting" else None,
                encode_report(firing),
                # What lies in the dead letters must outlive its event.
                encode_events(firing.events, None if firing.status == "dead" else logged.get(firing.position)),
                firing.status == "dead",
            )
            for firing in progress.firings
        ]

    def apply(self, transaction: Transaction) -> list[int]:
        transaction.advance(self._consumer, self._position)
        transaction.record(self._records)
        for condition, held in self._state:
            transaction.hold(self._consumer, condition, held)
        ids = []
        for name, key, position, due, report, events, dead in self._firings:
            if dead:
                bury(transaction, name, key, position, report, events)
                ids.append(0)
            else:
                ids.append(transaction.defer(name, key, position, due, report, events))
        return ids

    def done(self, result: list[int]) -> None:
        # Not left to whoever waits: it may have been cancelled, and the commit happened all the same.
        self._committed(result)
        super().done(result)


class Advance(Write[None]):
    """Consumers that have nothing to evaluate follow the head of the log, so that they need not look through all of it
    when they are opened again."""

    def __init__(self, positions: Mapping[int, int]) -> None:
        super().__init__()
        self._positions = positions

    def apply(self, transaction: Transaction) -> None:
        for consumer, position in self._positions.items():
            transaction.advance(consumer, position)

    def failed(self, error: Exception) -> None:
        self.future.cancel()


class Forget(Write[None]):
    """A consumer is gone for good."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def apply(self, transaction: Transaction) -> None:
        transaction.flush()
        execute = transaction.connection.execute
        row = execute("SELECT id FROM consumers WHERE name = ?", (self._name,)).fetchone()
        if row is not None:
            execute("DELETE FROM listens WHERE consumer_id = ?", row)
            execute("DELETE FROM states WHERE consumer_id = ?", row)
            execute("DELETE FROM consumers WHERE id = ?", row)


class SqliteSubscription(Subscription):
    """One consumer, open."""

    def __init__(self, bus: SqliteBus, name: str, subjects: frozenset[Subject]) -> None:
        self._bus = bus
        self._name = name
        self._subjects = subjects
        self._state: dict[str, Delivery] = {}
        self.tail = Tail(0, 0)
        self.id = 0
        self.position = 0
        self.numbers: tuple[int, ...] = ()

    @property
    def state(self) -> Mapping[str, Delivery]:
        return self._state

    async def next(self, limit: int = 256) -> Sequence[Delivery]:
        tail = self.tail
        while True:
            await tail.wait()
            if tail.waiting:
                return tail.take(limit)
            if tail.missed:
                query = partial(read_listed, positions=list(islice(tail.missed, limit)), limit=limit)
            else:
                query = partial(read_page, subjects=self.numbers, after=tail.cursor, limit=limit)
            page = await self._bus.reader.run(query)
            tail.fill(page.deliveries, page.scanned)

    async def commit(self, progress: Progress) -> None:
        logged: dict[int, Event] = {}
        if progress.firings:
            logged = {delivery.position: delivery.event for delivery in self.tail.handed}

        def committed(ids: list[int]) -> None:
            for firing, id in zip(progress.firings, ids, strict=True):
                firing.id = id
            self.position = max(self.position, progress.position)
            self.tail.committed(progress.position)

        write = CommitProgress(self.id, progress, logged, committed)
        await (self._bus.outbox.submit(write) if progress.firings else self._bus.writer.submit(write))

    def idle_position(self) -> int:
        """Where this consumer may stand although it never committed so much; 0 if it has something to do."""
        head = self._bus.announced
        return head if self.tail.idle and head > self.position else 0

    async def __aenter__(self) -> Self:
        self._bus.enter(self._name, self)
        try:
            opened = await self._bus.writer.submit(OpenConsumer(self._name, self._subjects, self._listen))
        except BaseException:
            self._leave()
            raise
        self._state = {name: Delivery(at, decode_event(event)) for name, (at, event) in opened.state.items()}
        return self

    def _listen(self, opened: Opened) -> None:
        self.id, self.position, self.numbers = opened.id, opened.position, opened.subjects
        self.tail = Tail(opened.position, opened.head)
        self._bus.listeners.add(self.tail, self._subjects)

    async def __aexit__(self, *exc: object) -> None:
        position = self.idle_position()
        self._leave()
        if position and not self._bus.closed:
            self._bus.writer.put(Advance({self.id: position}))

    def _leave(self) -> None:
        self._bus.listeners.remove(self.tail, self._subjects)
        self._bus.leave(self._name)
        self.tail.close()
