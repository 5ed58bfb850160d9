"""Many rows in few statements.

Each step of a statement gives up the interpreter lock, and a thread that wants it back from a busy event loop may wait for
five milliseconds. Row by row, a commit of 32 small events was seen to take 300 ms to 1.8 s beside a busy loop; in
statements of many rows, 5 ms. Sizes are powers of two, so that few statements have to be kept prepared.
"""

from __future__ import annotations

import sqlite3
from typing import Any, Final

_LARGEST: Final = 256


class ManyRows:
    """A statement around a list of `VALUES`, to be run for any number of rows."""

    def __init__(self, before: str, width: int, after: str = "") -> None:
        self._before, self._width, self._after = before, width, after
        self._row = f"({', '.join('?' * width)})"
        self._statements: dict[int, str] = {}

    def run(self, connection: sqlite3.Connection, values: list[Any]) -> None:
        """Run it for the rows whose values lie in `values` one after another, and empty the list."""
        start, rows = 0, len(values) // self._width
        while rows:
            size = min(_LARGEST, 1 << (rows.bit_length() - 1))
            end = start + size * self._width
            connection.execute(self._statement(size), values if end - start == len(values) else values[start:end])
            start, rows = end, rows - size
        values.clear()

    def _statement(self, size: int) -> str:
        statement = self._statements.get(size)
        if statement is None:
            rows = ", ".join([self._row] * size)
            statement = self._statements[size] = f"{self._before} VALUES {rows} {self._after}"
        return statement
