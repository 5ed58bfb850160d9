"""The one thread that reads, on a connection of its own: pages for those who lag, the outbox, the history."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from bus.sqlite.schema import check_readable, connect, translate
from config.errors import BusClosed

T = TypeVar("T")
Query = Callable[[sqlite3.Connection], T]


class Reader:
    """Runs queries one after another, each in a read transaction of its own, so that it sees one moment."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._read_only = read_only
        self._queue: SimpleQueue[tuple[Query[Any], asyncio.Future[Any]] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = True

    async def start(self) -> None:
        """Open the store. Raises StoreCorrupt or EventyardError."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="bus-reader", daemon=True)
        self._thread.start()
        self._closed = False
        try:
            await self.run(lambda connection: check_readable(connection, self._path))
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Finish what is waiting, then close."""
        if not self._closed and self._thread is not None:
            self._closed = True
            self._queue.put(None)
            await self._loop.run_in_executor(None, self._thread.join)

    async def run(self, query: Query[T]) -> T:
        """What the query returns. Raises BusClosed, StoreCorrupt or EventyardError."""
        if self._closed:
            raise BusClosed("the bus is closed")
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put((query, future))
        return await future

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        try:
            while (job := self._queue.get()) is not None:
                query, future = job
                try:
                    if connection is None:
                        connection = connect(self._path, read_only=self._read_only)
                    connection.execute("BEGIN")
                    try:
                        result = query(connection)
                    finally:
                        connection.execute("COMMIT")
                except Exception as error:
                    self._report(_fail, future, self._meaning_of(error))
                else:
                    self._report(_succeed, future, result)
        finally:
            if connection is not None:
                connection.close()

    def _meaning_of(self, error: Exception) -> Exception:
        return translate(error, self._path) if isinstance(error, sqlite3.Error) else error

    def _report(self, function: Callable[..., None], future: asyncio.Future[Any], outcome: Any) -> None:
        # RuntimeError: the loop is gone, so nobody waits for the answer any more.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, future, outcome)


def _succeed(future: asyncio.Future[Any], result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
