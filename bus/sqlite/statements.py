"""Many rows in few statements.

Each step of a statement gives up the interpreter lock, and a thread that wants it back from a busy event loop may wait for
five milliseconds. Row by row, a commit of 32 small events was seen to take 300 ms to 1.8 s beside a busy loop; in
statements of many rows, 5 ms. Sizes are powers of two, so that few statements have to be kept prepared.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

_LARGEST: Final = 256


class RowInsert:
    """`INSERT INTO table(columns) VALUES (…), (…), …` for any number of rows."""

    def __init__(self, table: str, *columns: str, conflict: str = "") -> None:
        self._width = len(columns)
        self._head = f"INSERT {conflict} INTO {table}({', '.join(columns)}) VALUES "  # noqa: S608
        self._row = f"({', '.join('?' * self._width)})"
        self._statements: dict[int, str] = {}

    def run(self, connection: sqlite3.Connection, values: list[Any]) -> None:
        """Insert the rows whose values lie in `values` one after another."""
        start, rows = 0, len(values) // self._width
        while rows:
            size = min(_LARGEST, 1 << (rows.bit_length() - 1))
            end = start + size * self._width
            connection.execute(self._statement(size), values if end - start == len(values) else values[start:end])
            start, rows = end, rows - size

    def _statement(self, size: int) -> str:
        statement = self._statements.get(size)
        if statement is None:
            statement = self._statements[size] = self._head + ", ".join([self._row] * size)
        return statement
