"""The log itself: adding events to it, and reading it on from a position."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple

from bus.base import Delivery
from bus.event import Event
from bus.sqlite.stored import logged_event
from bus.sqlite.transaction import Transaction
from bus.sqlite.writer import Write

_SCAN: Final = 65_536
"""Positions looked at in one query, so that a Sensor far behind does not keep the others from reading."""

_PAGE_BYTES: Final = 512 << 10
_LISTED: Final = 256

_COLUMNS: Final = "l.id, s.source, s.event, l.type, b.time, b.contenttype, b.extras, b.data"

# CROSS JOIN is a plain join whose order is not the planner's to choose: along the log, which is sorted and narrow.
_JOINED: Final = "CROSS JOIN bodies b ON b.position = l.position CROSS JOIN subjects s ON s.id = l.subject_id"
SELECT_EVENTS: Final = f"SELECT l.position, {_COLUMNS} FROM log l {_JOINED}"  # noqa: S608
"""Rows for `delivery`; to be followed by WHERE."""


class Publish(Write[list[int]]):
    """Events to be added; `announce` is told their positions once they are durable, `done` or not waited for any more."""

    def __init__(
        self, events: Sequence[Event], scope: str, announce: Callable[[Publish, Sequence[int] | None], None], size: int
    ) -> None:
        super().__init__()
        self.batch = events
        self.scope = scope
        self.size = size
        self.events = len(events)
        self._announce = announce

    def apply(self, transaction: Transaction) -> list[int]:
        return transaction.append(self.batch, self.scope)

    def done(self, result: list[int]) -> None:
        self._announce(self, result)
        super().done(result)

    def failed(self, error: Exception) -> None:
        self._announce(self, None)
        super().failed(error)


class Page(NamedTuple):
    """Matching events and how far the log was looked at for them."""

    deliveries: list[Delivery]
    scanned: int


def read_listed(connection: sqlite3.Connection, positions: Sequence[int], limit: int) -> Page:
    """The first events of those at these positions: up to `limit`, fewer if they are large."""
    # A power of two, so that few statements have to be kept prepared.
    count = 1 << (min(limit, len(positions), _LISTED).bit_length() - 1)
    wanted = positions[:count]
    rows = connection.execute(
        f"SELECT l.position, {_COLUMNS} FROM (VALUES {', '.join(['(?)'] * count)}) v"  # noqa: S608
        f" CROSS JOIN log l ON l.position = v.column1 {_JOINED}",
        wanted,
    )
    return _page(rows, limit, wanted[-1])


def read_page(connection: sqlite3.Connection, subjects: Collection[int], after: int, limit: int) -> Page:
    """The next events of these subjects: up to `limit`, fewer if they are large, perhaps none yet."""
    (head,) = connection.execute("SELECT coalesce(max(position), 0) FROM log").fetchone()
    (first,) = connection.execute("SELECT coalesce(min(position), 0) FROM bodies").fetchone()
    until = min(head, max(after, first) + _SCAN)
    rows = connection.execute(
        f"{SELECT_EVENTS} WHERE l.position > ? AND l.position <= ?"
        f" AND l.subject_id IN ({', '.join(map(str, subjects))}) ORDER BY l.position LIMIT ?",
        (after, until, limit),
    )
    return _page(rows, limit, max(until, after))


def _page(rows: sqlite3.Cursor, limit: int, end: int) -> Page:
    deliveries: list[Delivery] = []
    size = 0
    for row in rows:
        found = delivery(row)
        deliveries.append(found)
        size += found.event.size
        if size > _PAGE_BYTES or len(deliveries) == limit:
            return Page(deliveries, found.position)
    return Page(deliveries, end)


def count_after(connection: sqlite3.Connection, subjects: Collection[int], after: int) -> int:
    """How many events of these subjects lie after a position."""
    (found,) = connection.execute(
        f"SELECT count(*) FROM log WHERE position > ? AND subject_id IN ({', '.join(map(str, subjects))})",  # noqa: S608
        (after,),
    ).fetchone()
    return int(found)


def read_event(connection: sqlite3.Connection, position: int) -> Event:
    """The event at a position. Raises LookupError if there is none."""
    row = connection.execute(f"{SELECT_EVENTS} WHERE l.position = ?", (position,)).fetchone()
    if row is None:
        raise LookupError(f"there is no event at position {position}")
    return delivery(row).event


def delivery(row: tuple[int, str, str, str, str, str, str, str | None, bytes | None]) -> Delivery:
    """The event of a row of SELECT_EVENTS."""
    position, id, source, subject, type, time, contenttype, extras, data = row
    return Delivery(position, logged_event(id, source, subject, type, time, contenttype, extras, data))
