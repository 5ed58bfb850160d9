"""What one commit does: rows are gathered while the writes are applied, and inserted in few statements at the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from bus.base import Record, Subject, TriggerName
from bus.event import Event
from bus.limits import Limits
from bus.sqlite.dictionaries import Dictionary
from bus.sqlite.recent import RecentIds
from bus.sqlite.statements import RowInsert
from bus.sqlite.stored import encode_extras

MARK_EVERY: Final = 60.0
"""Seconds between two marks; the precision of the retention by age."""

RECORD_BITS: Final = 20
"""A record's key is its event's position, then the Sensor's number in this many bits."""


class WriterState:
    """What the writer knows by heart about the store; true to the last commit."""

    def __init__(self, connection: sqlite3.Connection, limits: Limits, now: float) -> None:
        self.limits = limits
        self.subjects = Dictionary("subjects", "scope", "source", "event")
        self.sensors = Dictionary("sensors", "name")
        self.triggers = Dictionary("triggers", "sensor", "name")
        self.log_rows = RowInsert("log", "position", "subject_id", "at", "id", "type")
        self.body_rows = RowInsert("bodies", "position", "time", "contenttype", "extras", "data")
        self.record_rows = RowInsert("records", "key", "verdict", "body", conflict="OR REPLACE")
        self.recent = RecentIds(limits.dedup_events)
        self.head, self.at = connection.execute("SELECT position, at FROM log ORDER BY position DESC LIMIT 1").fetchone() or (0, now)
        (self.marked_at,) = connection.execute("SELECT at FROM marks ORDER BY position DESC LIMIT 1").fetchone() or (0.0,)
        rows = connection.execute(
            "SELECT subject_id, id, position FROM log WHERE position > ?", (self.head - limits.dedup_events,)
        )
        while page := rows.fetchmany(10_000):
            self.recent.add({hash((subject, id)): position for subject, id, position in page})

    def dictionaries(self) -> tuple[Dictionary, ...]:
        """All texts that are kept by number."""
        return (self.subjects, self.sensors, self.triggers)


class Transaction:
    """One commit in the making."""

    def __init__(self, connection: sqlite3.Connection, state: WriterState, now: float) -> None:
        self.connection = connection
        self.now = now
        self.state = state
        self.head: int = state.head
        self._log: list[Any] = []
        self._bodies: list[Any] = []
        self._records: list[Any] = []
        self._positions: dict[int, int] = {}
        self._fresh: dict[int, int] = {}
        self._fresh_ids: list[tuple[int, str]] = []

    def append(self, events: Sequence[Event], scope: str) -> list[int]:
        """Add events to the log; their positions, 0 for each that is there already."""
        connection, number, suspected = self.connection, self.state.subjects.number, self.state.recent.position
        positions = []
        for event in events:
            id = event.id
            subject = number(connection, (scope, event.source, event.subject))
            key = hash((subject, id))
            known = self._fresh.get(key) or suspected(key)
            if known and self._is_at(known, subject, id):
                positions.append(0)
                continue
            self.head = position = self.head + 1
            positions.append(position)
            self._fresh[key] = position
            self._fresh_ids.append((subject, id))
            self._log += (position, subject, self.now, id, event.type)
            extras = encode_extras(event) if event.extensions or event.dataschema else None
            self._bodies += (position, event.time, event.datacontenttype, extras, event.data)
        return positions

    def _is_at(self, position: int, subject: int, id: str) -> bool:
        """Whether the log has this id at that position, and not for too long."""
        if position > self.state.head:
            return self._fresh_ids[position - self.state.head - 1] == (subject, id)
        row = self.connection.execute("SELECT subject_id, id, at FROM log WHERE position = ?", (position,)).fetchone()
        # A clock that was set back makes ages negative, which is recent enough.
        return row is not None and row[:2] == (subject, id) and self.now - row[2] <= self.state.limits.dedup_age

    def advance(self, consumer: int, position: int) -> None:
        """All up to `position` is evaluated."""
        self._positions[consumer] = max(position, self._positions.get(consumer, 0))

    def record(self, records: Sequence[Record]) -> None:
        """Keep decision records."""
        for record in records:
            sensor = self.state.sensors.number(self.connection, (record.sensor,))
            self._records += ((record.position << RECORD_BITS) | sensor, record.verdict, record.body)

    def subject(self, subject: Subject) -> int:
        """A subject by number."""
        return self.state.subjects.number(self.connection, (subject.scope, subject.source, subject.event))

    def trigger(self, name: TriggerName) -> int:
        """A trigger by number."""
        return self.state.triggers.number(self.connection, (name.sensor, name.trigger))

    def flush(self) -> None:
        """Insert what was gathered."""
        connection, state = self.connection, self.state
        if self._log:
            state.log_rows.run(connection, self._log)
            state.body_rows.run(connection, self._bodies)
            self._mark()
        if self._records:
            state.record_rows.run(connection, self._records)
        for consumer, position in self._positions.items():
            connection.execute(
                "UPDATE consumers SET position = ?1 WHERE id = ?2 AND position < ?1", (position, consumer)
            )

    def _mark(self) -> None:
        """Note now and then which position belongs to which time, and always where the clock was set back: between two
        marks time only goes forward."""
        state = self.state
        mark = "INSERT OR REPLACE INTO marks VALUES (?, ?)"
        if self.now < state.at:
            self.connection.execute(mark, (state.head, state.at))
        if self.now < state.at or self.now - state.marked_at >= MARK_EVERY:
            self.connection.execute(mark, (self.head, self.now))

    def learn(self) -> None:
        """The transaction is durable."""
        state = self.state
        for dictionary in state.dictionaries():
            dictionary.learn()
        if self._log:
            if self.now < state.at or self.now - state.marked_at >= MARK_EVERY:
                state.marked_at = self.now
            state.recent.add(self._fresh)
            state.head, state.at = self.head, self.now

    def forget(self) -> None:
        """The transaction was rolled back."""
        for dictionary in self.state.dictionaries():
            dictionary.forget()
