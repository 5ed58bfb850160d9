"""Texts that are repeated without end are kept once and referred to by number."""

from __future__ import annotations

import sqlite3
from typing import Final

_REMEMBERED: Final = 65_536


class Dictionary:
    """A table of texts with a number each, and the writer's memory of it.

    What was added in a transaction that then failed is forgotten again.
    """

    def __init__(self, table: str, *columns: str) -> None:
        self._select = f"SELECT id FROM {table} WHERE {' AND '.join(f'{column} = ?' for column in columns)}"  # noqa: S608
        self._insert = f"INSERT INTO {table}({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
        self._numbers: dict[tuple[str, ...], int] = {}
        self._uncertain: list[tuple[str, ...]] = []

    def number(self, connection: sqlite3.Connection, key: tuple[str, ...]) -> int:
        """The number of a text, a new one if need be."""
        number = self._numbers.get(key)
        if number is None:
            row = connection.execute(self._select, key).fetchone()
            if row is not None:
                number = int(row[0])
            else:
                number = connection.execute(self._insert, key).lastrowid
                assert number is not None
                self._uncertain.append(key)
            self._numbers[key] = number
        return number

    def learn(self) -> None:
        """The transaction is durable."""
        self._uncertain.clear()
        if len(self._numbers) > _REMEMBERED:
            self._numbers.clear()

    def forget(self) -> None:
        """The transaction was rolled back."""
        for key in self._uncertain:
            self._numbers.pop(key, None)
        self._uncertain.clear()

    def clear(self) -> None:
        """Rows may have been deleted."""
        self._numbers.clear()
