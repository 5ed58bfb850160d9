"""The history and the dead letters of an instance that is stopped, or that runs in another process."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from bus.sqlite.dead_letters import SqliteDeadLetters
from bus.sqlite.directory import DATABASE
from bus.sqlite.history import SqliteHistory
from bus.sqlite.reader import Reader
from config.errors import EventyardError


class SqliteReader:
    """Reads a data directory without locking it or changing anything in it; an async context manager.

    Entering raises StoreCorrupt or EventyardError. Dead letters can be listed and read, not retried or dropped.
    """

    def __init__(self, directory: Path | str) -> None:
        self._path = Path(directory) / DATABASE
        self._reader = Reader(self._path, read_only=True)
        self.history = SqliteHistory(self._reader)
        self.dead_letters = SqliteDeadLetters(self._reader)

    async def __aenter__(self) -> Self:
        if not self._path.is_file():
            raise EventyardError("there is no store here", where=str(self._path), fix="check --data-dir")
        await self._reader.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._reader.stop()


def open_read_only(directory: Path | str) -> SqliteReader:
    """The history and dead letters in a data directory."""
    return SqliteReader(directory)
