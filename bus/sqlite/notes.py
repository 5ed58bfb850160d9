"""Small notes that are kept over restarts."""

from __future__ import annotations

import sqlite3

from bus.sqlite.transaction import Transaction
from bus.sqlite.writer import Write


class Remember(Write[None]):
    """Keep a note, or forget it."""

    def __init__(self, name: str, value: bytes | None) -> None:
        super().__init__()
        self._note = (name, value)

    def apply(self, transaction: Transaction) -> None:
        name, value = self._note
        if value is None:
            transaction.connection.execute("DELETE FROM notes WHERE name = ?", (name,))
        else:
            transaction.connection.execute("INSERT OR REPLACE INTO notes(name, value) VALUES (?, ?)", self._note)


def read_note(connection: sqlite3.Connection, name: str) -> bytes | None:
    """The note, if there is one."""
    row = connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
    return None if row is None else bytes(row[0])


def read_notes(connection: sqlite3.Connection, prefix: str) -> dict[str, bytes]:
    """The notes whose names begin so."""
    after = prefix + chr(0x10FFFF)
    rows = connection.execute(
        "SELECT name, value FROM notes WHERE name >= ? AND name < ? ORDER BY name", (prefix, after)
    )
    return {name: bytes(value) for name, value in rows}
