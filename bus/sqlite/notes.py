"""Small notes that EventSources keep over restarts."""

from __future__ import annotations

import sqlite3

from bus.sqlite.transaction import Transaction
from bus.sqlite.writer import Write


class Remember(Write[None]):
    """Keep a note."""

    def __init__(self, name: str, value: bytes) -> None:
        super().__init__()
        self._note = (name, value)

    def apply(self, transaction: Transaction) -> None:
        transaction.connection.execute("INSERT OR REPLACE INTO notes(name, value) VALUES (?, ?)", self._note)


def read_note(connection: sqlite3.Connection, name: str) -> bytes | None:
    """The note, if there is one."""
    row = connection.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
    return None if row is None else bytes(row[0])
