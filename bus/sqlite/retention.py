"""What leaves the store, and when: evaluated events beyond the limits, in small portions between other commits.

An event that a Sensor who listens to it has not evaluated stays, and so does one that a firing in the outbox refers to;
what lies behind them may still go. The narrow row of an event stays as long as its id has to be recognised.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from bus.limits import Limits
from bus.sqlite.chores import Chore
from bus.sqlite.transaction import RECORD_BITS, Transaction

_EVENTS: Final = 256
_LOG_ROWS: Final = 4096

# CASE, because what has to stay must not be looked up in the large table.
_REMOVABLE: Final = """
WITH floors AS MATERIALIZED (
    SELECT l.subject_id, min(c.position) AS position FROM consumers c JOIN listens l ON l.consumer_id = c.id
    GROUP BY l.subject_id)
SELECT log.position FROM log LEFT JOIN floors USING (subject_id)
WHERE log.position > ? AND log.position <= ?
  AND CASE WHEN log.position > floors.position THEN 0
      ELSE NOT EXISTS (SELECT 1 FROM outbox o WHERE o.position = log.position)
          AND EXISTS (SELECT 1 FROM bodies b WHERE b.position = log.position) END
ORDER BY log.position LIMIT ?
"""


class Removal(NamedTuple):
    """One portion: positions whose events go, and up to which position ids are forgotten."""

    positions: list[int]
    forgotten: int


def used_bytes(connection: sqlite3.Connection) -> int:
    """What the store holds; pages that are free for new events do not count."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int((pages - free) * size)


def removals(connection: sqlite3.Connection, limits: Limits, now: float) -> Iterator[Removal]:
    """Portion after portion of what has to go now; each is found when the one before it is gone."""
    until = _cut(connection, limits, now)
    after = _first(connection) - 1
    while after < until:
        rows = connection.execute(_REMOVABLE, (after, until, _EVENTS)).fetchall()
        if not rows:
            break
        positions = [position for (position,) in rows]
        yield Removal(positions, 0)
        after = positions[-1]
    while True:
        forgotten = _forgettable(connection, limits, now)
        (oldest,) = connection.execute("SELECT coalesce(min(position), 0) FROM log").fetchone()
        if not oldest or oldest > forgotten:
            break
        yield Removal([], min(forgotten, oldest + _LOG_ROWS - 1))


class Remove(Chore):
    """Delete one portion."""

    def __init__(self, removal: Removal) -> None:
        super().__init__()
        self._removal = removal

    def apply(self, transaction: Transaction) -> None:
        execute = transaction.connection.execute
        for first, last in _runs(self._removal.positions):
            execute("DELETE FROM bodies WHERE position BETWEEN ? AND ?", (first, last))
            keys = (first << RECORD_BITS, ((last + 1) << RECORD_BITS) - 1)
            execute("DELETE FROM records WHERE key BETWEEN ? AND ?", keys)
            execute("DELETE FROM reports WHERE position BETWEEN ? AND ?", (first, last))
        if self._removal.forgotten:
            execute("DELETE FROM log WHERE position <= ?", (self._removal.forgotten,))
            execute("DELETE FROM marks WHERE position < ?", (self._removal.forgotten,))


def position_before(connection: sqlite3.Connection, instant: float) -> int:
    """The greatest position known to be older than an instant. After a clock was set back, what came before that counts as
    older than what came after, whatever its time."""
    (position,) = connection.execute(
        "SELECT coalesce(max(position), 0) FROM marks WHERE at <= ?", (instant,)
    ).fetchone()
    return int(position)


def _first(connection: sqlite3.Connection) -> int:
    (first,) = connection.execute("SELECT coalesce(min(position), 1) FROM bodies").fetchone()
    return int(first)


def _head(connection: sqlite3.Connection) -> int:
    (head,) = connection.execute("SELECT coalesce(max(position), 0) FROM log").fetchone()
    return int(head)


def _cut(connection: sqlite3.Connection, limits: Limits, now: float) -> int:
    """The position up to which evaluated events have to go."""
    first, head = _first(connection), _head(connection)
    excess = used_bytes(connection) - limits.retention_bytes
    by_size = 0
    if excess > 0:
        by_size = first - 1 + (head - first + 1) * excess // (excess + limits.retention_bytes) + 1
    return min(
        head, max(position_before(connection, now - limits.retention_age), head - limits.retention_events, by_size)
    )


def _forgettable(connection: sqlite3.Connection, limits: Limits, now: float) -> int:
    """The position up to which ids need not be recognised any more and events are gone. The newest row always stays: it is
    where the log goes on."""
    head = _head(connection)
    (kept,) = connection.execute("SELECT coalesce(min(position), ?) FROM bodies", (head,)).fetchone()
    forgotten = max(position_before(connection, now - limits.dedup_age), head - limits.dedup_events)
    return int(min(forgotten, kept - 1, head - 1))


def _runs(positions: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Neighbours together, as (first, last)."""
    first = last = None
    for position in positions:
        if first is None or last is None:
            first = last = position
        elif position == last + 1:
            last = position
        else:
            yield first, last
            first = last = position
    if first is not None and last is not None:
        yield first, last
