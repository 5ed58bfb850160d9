"""The dead-letter queue: firings that were given up, their events whole, for they outlive the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Sequence
from typing import Any, Final, Protocol, TypeVar

from bus import clock
from bus.base import DeadLetter, DeadLetters, TriggerName
from bus.event import Event
from bus.firings import renewed
from bus.sqlite.reader import Reader
from bus.sqlite.stored import decode_events, decode_report, encode_report, load_firing
from bus.sqlite.transaction import Transaction
from bus.sqlite.writer import Write
from config.errors import EventyardError

T = TypeVar("T")

_SELECT: Final = "SELECT d.id, d.at, d.position, d.report, d.events FROM dead d"


def bury(transaction: Transaction, name: TriggerName, key: str, position: int, report: bytes, events: bytes) -> None:
    """Put a firing into the dead letters, or the latest word into its letter; `events` are whole."""
    transaction.connection.execute(
        "INSERT INTO dead(at, trigger_id, key, position, report, events) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (trigger_id, key) DO UPDATE SET at = excluded.at, report = excluded.report",
        (transaction.now, transaction.trigger(name), key, position, report, events),
    )


class Retry(Write[list[TriggerName]]):
    """Put dead letters back into the outbox."""

    def __init__(self, ids: Sequence[int]) -> None:
        super().__init__()
        self._ids = ids

    def apply(self, transaction: Transaction) -> list[TriggerName]:
        execute = transaction.connection.execute
        names: dict[TriggerName, None] = {}
        for id in self._ids:
            row = execute("SELECT position, report, events FROM dead WHERE id = ?", (id,)).fetchone()
            if row is None:
                continue
            position, report, events = row
            firing = renewed(load_firing(decode_report(report), position, {}))
            again = encode_report(firing)
            transaction.defer(firing.name, firing.key, position, firing.due, again, events)
            transaction.report(firing.name, firing.key, position, again)
            execute("DELETE FROM dead WHERE id = ?", (id,))
            names[firing.name] = None
        return list(names)


class Drop(Write[int]):
    """Delete dead letters."""

    def __init__(self, ids: Sequence[int]) -> None:
        super().__init__()
        self._ids = ids

    def apply(self, transaction: Transaction) -> int:
        execute = transaction.connection.execute
        return sum(execute("DELETE FROM dead WHERE id = ?", (id,)).rowcount for id in self._ids)


class Submit(Protocol):
    """Queues a write and waits until it is durable."""

    def __call__(self, write: Write[T], /) -> Awaitable[T]: ...


class SqliteDeadLetters(DeadLetters):
    """The dead letters; `submit` is missing where nothing may be written."""

    def __init__(self, reader: Reader, submit: Submit | None = None) -> None:
        self._reader = reader
        self._submit = submit

    async def list(self, *, limit: int = 100, before: int = 0, sensor: str = "") -> Sequence[DeadLetter]:
        where, values = ["1"], list[Any]()
        if before:
            where.append("d.id < ?")
            values.append(before)
        if sensor:
            where.append("d.trigger_id IN (SELECT id FROM triggers WHERE sensor = ?)")
            values.append(sensor)
        query = f"{_SELECT} WHERE {' AND '.join(where)} ORDER BY d.id DESC LIMIT ?"
        return await self._reader.run(
            lambda connection: [_letter(row) for row in connection.execute(query, (*values, limit))]
        )

    async def get(self, id: int) -> DeadLetter | None:
        def query(connection: sqlite3.Connection) -> DeadLetter | None:
            row = connection.execute(f"{_SELECT} WHERE d.id = ?", (id,)).fetchone()
            return None if row is None else _letter(row)

        return await self._reader.run(query)

    async def retry(self, ids: Sequence[int]) -> Sequence[TriggerName]:
        return await self._write(Retry(ids))

    async def drop(self, ids: Sequence[int]) -> int:
        return await self._write(Drop(ids))

    async def _write(self, write: Write[T]) -> T:
        if self._submit is None:
            raise EventyardError("the store is open for reading only", fix="ask the running instance (--ops HOST:PORT)")
        return await self._submit(write)


def _letter(row: tuple[int, float, int, bytes, bytes]) -> DeadLetter:
    id, at, position, report, events = row
    firing = load_firing(decode_report(report), position, decode_events(events, _missing))
    return DeadLetter(id=id, at=clock.text(at), firing=firing)


def _missing() -> Event:
    raise LookupError("a dead letter has lost an event")
