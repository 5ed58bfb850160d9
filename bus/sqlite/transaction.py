"""What one commit does: rows are gathered while the writes are applied, and written in few statements at the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from bus.base import Record, Subject, TriggerName
from bus.event import Event
from bus.limits import Limits
from bus.sqlite.dictionaries import Dictionary
from bus.sqlite.recent import RecentIds
from bus.sqlite.statements import ManyRows
from bus.sqlite.stored import encode_extras, origin_in

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
        self.statements = Statements()
        self.recent = RecentIds(limits.dedup_events)
        newest = connection.execute("SELECT position, at FROM log ORDER BY position DESC LIMIT 1").fetchone()
        marked = connection.execute("SELECT at FROM marks ORDER BY position DESC LIMIT 1").fetchone()
        deferred = connection.execute("SELECT max(id) FROM outbox").fetchone()
        self.head: int = newest[0] if newest else 0
        self.at: float = newest[1] if newest else now
        self.marked_at: float = marked[0] if marked else 0.0
        self.outbox_id: int = deferred[0] or 0
        rows = connection.execute(
            "SELECT subject_id, id, position FROM log WHERE position > ?", (self.head - limits.dedup_events,)
        )
        while page := rows.fetchmany(10_000):
            self.recent.add({hash((subject, id, "")): position for subject, id, position in page})

    def dictionaries(self) -> tuple[Dictionary, ...]:
        """All texts that are kept by number."""
        return (self.subjects, self.sensors, self.triggers)


class Statements:
    """The statements of a commit. CROSS JOIN makes SQLite look up each row given instead of scanning the table."""

    def __init__(self) -> None:
        self.log = ManyRows("INSERT INTO log(position, subject_id, at, id, type)", 5)
        self.bodies = ManyRows("INSERT INTO bodies(position, time, contenttype, extras, data)", 5)
        self.records = ManyRows("INSERT OR REPLACE INTO records(key, verdict, body)", 3)
        self.positions = ManyRows(
            "UPDATE consumers SET position = v.column2 FROM (", 2, ") v WHERE id = v.column1 AND position < v.column2"
        )
        self.states = ManyRows("INSERT OR REPLACE INTO states(consumer_id, name, position, event)", 4)
        self.unheld = ManyRows(
            "DELETE FROM states WHERE rowid IN (SELECT s.rowid FROM (",
            2,
            ") v CROSS JOIN states s ON s.consumer_id = v.column1 AND s.name = v.column2)",
        )
        self.outbox = ManyRows(
            "INSERT INTO outbox(id, trigger_id, key, position, due, settled_at, report, events)",
            8,
            "ON CONFLICT (trigger_id, key) DO NOTHING",
        )
        self.fired = ManyRows(
            "DELETE FROM outbox WHERE id IN (SELECT o.id FROM (",
            2,
            ") v CROSS JOIN outbox o ON o.trigger_id = v.column1 AND o.key = v.column2)",
        )
        self.waiting = ManyRows(
            "UPDATE outbox SET due = v.column3, settled_at = v.column4, report = v.column5 FROM (",
            5,
            ") v WHERE trigger_id = v.column1 AND key = v.column2",
        )
        self.reports = ManyRows("INSERT OR REPLACE INTO reports(position, trigger_id, key, report)", 4)


class Transaction:
    """One commit in the making. What reads a table calls `flush` first."""

    def __init__(self, connection: sqlite3.Connection, state: WriterState, now: float) -> None:
        self.connection = connection
        self.now = now
        self.state = state
        self.head: int = state.head
        self.outbox_id: int = state.outbox_id
        self._dedup_age = state.limits.dedup_age
        self._fresh: dict[int, int] = {}
        self._fresh_ids: list[tuple[int, str, str]] = []
        self._log: list[Any] = []
        self._bodies: list[Any] = []
        self._records: list[Any] = []
        self._positions: dict[int, int] = {}
        self._states: dict[tuple[int, str], tuple[int, bytes] | None] = {}
        self._outbox: list[Any] = []
        self._fired: list[Any] = []
        self._waiting: list[Any] = []
        self._reports: list[Any] = []

    def append(self, events: Sequence[Event], scope: str) -> list[int]:
        """Add events to the log; their positions, 0 for each that is there already."""
        connection, number, suspected = self.connection, self.state.subjects.number, self.state.recent.position
        positions = []
        for event in events:
            id = event.id
            subject = number(connection, (scope, event.source, event.subject))
            key = hash((subject, id, event.origin))
            known = self._fresh.get(key) or suspected(key)
            if not known and event.origin:
                # What was read back after a start is known without its origin.
                known = suspected(hash((subject, id, "")))
            if known and self._is_at(known, subject, event):
                positions.append(0)
                continue
            self.head = position = self.head + 1
            positions.append(position)
            self._fresh[key] = position
            self._fresh_ids.append((subject, id, event.origin))
            self._log += (position, subject, self.now, id, event.type)
            extras = encode_extras(event) if event.extensions or event.dataschema else None
            self._bodies += (position, event.time, event.datacontenttype, extras, event.data)
        return positions

    def _is_at(self, position: int, subject: int, event: Event) -> bool:
        """Whether the log has this event at that position, and not for too long."""
        identity = (subject, event.id, event.origin)
        if position > self.state.head:
            return self._fresh_ids[position - self.state.head - 1] == identity
        row = self.connection.execute(
            "SELECT l.subject_id, l.id, b.extras, l.at FROM log l LEFT JOIN bodies b ON b.position = l.position"
            " WHERE l.position = ?",
            (position,),
        ).fetchone()
        if row is None or (*row[:2], origin_in(row[2])) != identity:
            return False
        # A clock that was set back makes ages negative, which is recent enough.
        return self.now - float(row[3]) <= self._dedup_age

    def advance(self, consumer: int, position: int) -> None:
        """All up to `position` is evaluated."""
        self._positions[consumer] = max(position, self._positions.get(consumer, 0))

    def record(self, records: Sequence[Record]) -> None:
        """Keep decision records."""
        for record in records:
            sensor = self.state.sensors.number(self.connection, (record.sensor,))
            if sensor >> RECORD_BITS:
                raise OverflowError(f"the store has seen {sensor} Sensors, more than it can tell apart")
            self._records += ((record.position << RECORD_BITS) | sensor, record.verdict, record.body)

    def hold(self, consumer: int, name: str, held: tuple[int, bytes] | None) -> None:
        """A half-met condition: the position and the event that it waits with, or None."""
        self._states[consumer, name] = held

    def defer(self, name: TriggerName, key: str, position: int, due: float | None, report: bytes, events: bytes) -> int:
        """Put a firing into the outbox, unless it is there; `due` None = never attempted. Its id."""
        if self._fired or self._waiting:
            self.flush()
        self.outbox_id += 1
        self._outbox += (self.outbox_id, self.trigger(name), key, position, due, self.now, report, events)
        return self.outbox_id

    def finish(self, name: TriggerName, key: str) -> None:
        """Take a firing out of the outbox."""
        self._fired += (self.trigger(name), key)

    def postpone(self, name: TriggerName, key: str, due: float | None, report: bytes) -> None:
        """A firing in the outbox waits for another try, or still for the first."""
        self._waiting += (self.trigger(name), key, due, self.now, report)

    def report(self, name: TriggerName, key: str, position: int, report: bytes) -> None:
        """Keep the latest word on a firing."""
        self._reports += (position, self.trigger(name), key, report)

    def subject(self, subject: Subject) -> int:
        """A subject by number."""
        return self.state.subjects.number(self.connection, (subject.scope, subject.source, subject.event))

    def trigger(self, name: TriggerName) -> int:
        """A trigger by number."""
        return self.state.triggers.number(self.connection, name)

    def flush(self) -> None:
        """Write what was gathered."""
        connection, statements = self.connection, self.state.statements
        if self._log:
            statements.log.run(connection, self._log)
            statements.bodies.run(connection, self._bodies)
        if self._positions:
            statements.positions.run(connection, [value for pair in self._positions.items() for value in pair])
            self._positions.clear()
        if self._states:
            self._flush_states()
        statements.records.run(connection, self._records)
        statements.outbox.run(connection, self._outbox)
        statements.fired.run(connection, self._fired)
        statements.waiting.run(connection, self._waiting)
        statements.reports.run(connection, self._reports)

    def _flush_states(self) -> None:
        held = [value for key, row in self._states.items() if row is not None for value in (*key, *row)]
        unheld = [value for key, row in self._states.items() if row is None for value in key]
        self.state.statements.states.run(self.connection, held)
        self.state.statements.unheld.run(self.connection, unheld)
        self._states.clear()

    def commit(self) -> None:
        """Write everything and make it durable."""
        self.flush()
        if self.head > self.state.head:
            self._mark()
        self.connection.execute("COMMIT")
        self._learn()

    def _mark(self) -> None:
        """Note now and then which position belongs to which time, and always where the clock was set back: between two
        marks time only goes forward."""
        state = self.state
        mark = "INSERT OR REPLACE INTO marks(position, at) VALUES (?, ?)"
        if self.now < state.at:
            self.connection.execute(mark, (state.head, state.at))
        if self.now < state.at or self.now - state.marked_at >= MARK_EVERY:
            self.connection.execute(mark, (self.head, self.now))

    def _learn(self) -> None:
        state = self.state
        for dictionary in state.dictionaries():
            dictionary.learn()
        state.outbox_id = self.outbox_id
        if self.head > state.head:
            if self.now < state.at or self.now - state.marked_at >= MARK_EVERY:
                state.marked_at = self.now
            state.recent.add(self._fresh)
            state.head, state.at = self.head, self.now

    def roll_back(self) -> None:
        """Undo everything."""
        for dictionary in self.state.dictionaries():
            dictionary.forget()
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")
