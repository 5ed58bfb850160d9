"""Firings that are not finished: rows of their own, so that a slow target never holds back the position in the log."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

from bus.base import Firing, Outbox, TriggerName
from bus.sqlite.dead_letters import bury
from bus.sqlite.log import read_event
from bus.sqlite.reader import Query, Reader
from bus.sqlite.stored import decode_events, decode_report, encode_events, encode_report, load_firing
from bus.sqlite.transaction import Transaction
from bus.sqlite.writer import Write, Writer

T = TypeVar("T")

_SELECT: Final = (
    "SELECT o.id, o.position, o.report, o.events FROM triggers t CROSS JOIN outbox o ON o.trigger_id = t.id"
    " WHERE t.sensor = ? AND t.name = ?"
)
_PAGE_BYTES: Final = 4 << 20


class Fate(NamedTuple):
    """What became of one firing, as it was when that was told."""

    name: TriggerName
    key: str
    position: int
    status: str
    due: float
    report: bytes
    events: bytes
    """Whole, of a dead one or a follower: its row may be gone already, and dead letters outlive the log."""

    @classmethod
    def of(cls, firing: Firing, *, whole: bool) -> Fate:
        return cls(
            firing.name,
            firing.key,
            firing.position,
            firing.status,
            firing.due,
            encode_report(firing),
            encode_events(firing.events) if whole else b"",
        )


class Settle(Write[None]):
    """What became of firings, each with the follower that takes its place, if it has one."""

    def __init__(self, firings: Sequence[Firing]) -> None:
        super().__init__()
        self._fates = [
            (
                Fate.of(firing, whole=firing.status == "dead"),
                Fate.of(firing.follower, whole=True) if firing.follower is not None else None,
            )
            for firing in firings
        ]

    def apply(self, transaction: Transaction) -> None:
        for fate, follower in self._fates:
            name, key, position, status, due, report, events = fate
            if follower is not None:
                transaction.defer(follower.name, follower.key, position, None, follower.report, follower.events)
            elif status == "dead":
                bury(transaction, name, key, position, report, events)
            if status in ("fired", "dead"):
                transaction.finish(name, key)
            else:
                transaction.postpone(name, key, due if status == "waiting" else None, report)
            transaction.report(name, key, position, report)


class SqliteOutbox(Outbox):
    """The outbox; reads wait for the writes that were asked for before them."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        self._writer = writer
        self._reader = reader
        self._last: asyncio.Future[Any] | None = None

    async def submit(self, write: Write[T]) -> T:
        """Queue a write that changes the outbox and wait until it is durable."""
        self._writer.put(write)
        self._last = write.future
        # Shielded, for a reader has to wait for the write even if the one who asked for it was cancelled.
        return await asyncio.shield(write.future)

    async def settle(self, firings: Sequence[Firing]) -> None:
        await self.submit(Settle(firings))

    async def ready(self, name: TriggerName, *, after: int, limit: int) -> Sequence[Firing]:
        where = " AND o.due IS NULL AND o.id > ? ORDER BY o.id LIMIT ?"
        return await self._read(lambda connection: _firings(connection.execute(_SELECT + where, (*name, after, limit))))

    async def due(self, name: TriggerName, *, now: float, limit: int) -> Sequence[Firing]:
        where = " AND o.due <= ? ORDER BY o.due, o.id LIMIT ?"
        return await self._read(lambda connection: _firings(connection.execute(_SELECT + where, (*name, now, limit))))

    async def next_due(self, name: TriggerName) -> float | None:
        def query(connection: sqlite3.Connection) -> float | None:
            (due,) = connection.execute(
                "SELECT min(due) FROM outbox WHERE due IS NOT NULL AND trigger_id ="
                " (SELECT id FROM triggers WHERE sensor = ? AND name = ?)",
                name,
            ).fetchone()
            return None if due is None else float(due)

        return await self._read(query)

    async def _read(self, query: Query[T]) -> T:
        if self._last is not None and not self._last.done():
            await asyncio.wait([self._last])
        return await self._reader.run(query)


def _firings(rows: sqlite3.Cursor) -> list[Firing]:
    """The firings of these rows: all of them, or as many as fit into a page by their size, but at least one."""
    found: list[Firing] = []
    size = 0
    for id, position, report, cell in rows:
        events = decode_events(cell, partial(read_event, rows.connection, position))
        firing = load_firing(decode_report(report), position, events, id)
        found.append(firing)
        size += sum(event.size for event in firing.events.values())
        if size > _PAGE_BYTES:
            break
    return found
