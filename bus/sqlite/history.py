"""What happened and why: questions to the log, the decision records and the reports."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bus import clock
from bus.base import Delivery, EventQuery, History, Record, Report
from bus.sqlite.log import SELECT_EVENTS, delivery
from bus.sqlite.reader import Reader
from bus.sqlite.stored import decode_report
from bus.sqlite.transaction import RECORD_BITS

_FOUND_BY_ID: Final = 10
_SENSOR: Final = (1 << RECORD_BITS) - 1


class SqliteHistory(History):
    """Readable beside a running instance and after it stopped."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def events(self, query: EventQuery) -> Sequence[Delivery]:
        since = clock.seconds(query.since) if query.since else None
        until = clock.seconds(query.until) if query.until else None
        return await self._reader.run(lambda connection: _events(connection, query, since, until))

    async def find(self, id: str) -> Sequence[Delivery]:
        # A LIKE would be slower, and would have to escape what means something to it.
        where = " WHERE substr(l.id, 1, ?) = ? OR instr(l.id || ':', ?) ORDER BY l.position DESC LIMIT ?"
        values = (len(id), id, f":{id}:", _FOUND_BY_ID)
        return await self._reader.run(
            lambda connection: [delivery(row) for row in connection.execute(SELECT_EVENTS + where, values)]
        )

    async def records(self, position: int) -> Sequence[Record]:
        statement = (
            "SELECT s.name, r.verdict, r.body FROM records r JOIN sensors s ON s.id = r.key & ?"
            " WHERE r.key BETWEEN ? AND ? ORDER BY s.name"
        )
        values = (_SENSOR, *_keys(position))
        return await self._reader.run(
            lambda connection: [Record(position, *row) for row in connection.execute(statement, values)]
        )

    async def reports(self, position: int) -> Sequence[Report]:
        statement = "SELECT report FROM reports WHERE position = ? ORDER BY trigger_id, key"
        return await self._reader.run(
            lambda connection: [decode_report(report) for (report,) in connection.execute(statement, (position,))]
        )

    async def verdicts(self, positions: Sequence[int]) -> Mapping[int, Sequence[tuple[str, str]]]:
        statement = (
            "SELECT s.name, r.verdict FROM records r JOIN sensors s ON s.id = r.key & ?"
            " WHERE r.key BETWEEN ? AND ? ORDER BY s.name"
        )
        return await self._reader.run(
            lambda connection: {
                position: connection.execute(statement, (_SENSOR, *_keys(position))).fetchall()
                for position in positions
            }
        )


def _keys(position: int) -> tuple[int, int]:
    return position << RECORD_BITS, (position << RECORD_BITS) | _SENSOR


def _events(
    connection: sqlite3.Connection, query: EventQuery, since: float | None, until: float | None
) -> list[Delivery]:
    where, values = ["1"], list[Any]()
    for condition, value in (
        ("l.position < ?", query.before),
        ("l.type = ?", query.type),
        ("l.subject_id IN (SELECT id FROM subjects WHERE source = ?)", query.source),
        ("l.subject_id IN (SELECT id FROM subjects WHERE event = ?)", query.subject),
    ):
        if value:
            where.append(condition)
            values.append(value)
    if since is not None:
        # All up to the mark before the first late enough one is too old; this saves the scan to the log's beginning.
        where.append(
            "l.at >= ? AND l.position > coalesce((SELECT max(position) FROM marks WHERE position <"
            " coalesce((SELECT min(position) FROM marks WHERE at >= ?), (SELECT max(position) + 1 FROM marks))), 0)"
        )
        values += (since, since)
    if until is not None:
        # All after the mark that follows the last early enough one is too new.
        where.append(
            "l.at <= ? AND l.position <= coalesce((SELECT min(position) FROM marks WHERE position >"
            " coalesce((SELECT max(position) FROM marks WHERE at <= ?), 0)), l.position)"
        )
        values += (until, until)
    statement = f"{SELECT_EVENTS} WHERE {' AND '.join(where)} ORDER BY l.position DESC LIMIT ?"
    return [delivery(row) for row in connection.execute(statement, (*values, query.limit))]
