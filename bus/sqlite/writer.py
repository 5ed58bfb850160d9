"""The one thread that writes: whatever is waiting goes into the next transaction, so that many events share one fsync.

There is no artificial delay: a lone event is committed at once, and while that commit runs, others gather. Each commit
reports back to the event loop once.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final, Generic, TypeVar

from bus.clock import Clock
from bus.limits import Limits
from bus.sqlite.schema import open_database, translate
from bus.sqlite.transaction import Transaction, WriterState
from config.errors import BusClosed, BusFull, EventyardError

T = TypeVar("T")

BATCH_EVENTS: Final = 256
"""More events in one commit only add latency."""

_BATCH_WRITES: Final = 1024
_RESTART_WAIT_MS: Final = 50
_PASSING: Final = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOMEM,
    }
)
_FATAL: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

logger = logging.getLogger("eventyard.bus")


class Write(Generic[T]):
    """One thing to be written. `apply` runs in the writer's thread, within a transaction that may still fail; `done` or
    `failed` runs on the event loop once that is decided."""

    events = 0

    def __init__(self) -> None:
        self.future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def apply(self, transaction: Transaction) -> T:
        """Do it; the result is handed to `done`."""
        raise NotImplementedError

    def done(self, result: T) -> None:
        """It is durable."""
        if not self.future.done():
            self.future.set_result(result)

    def failed(self, error: Exception) -> None:
        """Nothing of it happened."""
        if not self.future.done():
            self.future.set_exception(error)


class Writer:
    """Owns the writing connection from opening to closing."""

    def __init__(self, path: Path, limits: Limits, clock: Clock) -> None:
        self.path = path
        self.wal_is_long = False
        self._limits = limits
        self._clock = clock
        self._queue: SimpleQueue[Write[Any] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._broken: EventyardError | None = None
        self._refused = False
        self._closed = True
        self.on_commit: Callable[[], None] = lambda: None

    async def start(self) -> None:
        """Open the store. Raises StoreCorrupt or EventyardError."""
        self._loop = asyncio.get_running_loop()
        opened: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, args=(opened,), name="bus-writer", daemon=True)
        self._thread.start()
        await opened
        self._closed = False

    async def stop(self) -> None:
        """Write what is waiting, then close the store."""
        self._closed = True
        thread = self._thread
        if thread is not None and thread.is_alive():
            self._queue.put(None)
            await self._loop.run_in_executor(None, thread.join)

    def put(self, write: Write[Any]) -> None:
        """Queue a write; callable from any thread. Raises BusClosed."""
        if self._closed:
            raise BusClosed("the bus is closed")
        self._queue.put(write)

    async def submit(self, write: Write[T]) -> T:
        """Queue a write and wait until it is durable. Raises BusFull or BusClosed."""
        self.put(write)
        return await write.future

    def _run(self, opened: asyncio.Future[None]) -> None:
        try:
            connection = open_database(self.path)
        except Exception as error:
            self._loop.call_soon_threadsafe(_set_exception, opened, error)
            return
        try:
            connection.execute(f"PRAGMA journal_size_limit = {self._limits.wal_bytes}")
            state = WriterState(connection, self._limits, self._clock())
        except sqlite3.Error as error:
            connection.close()
            self._loop.call_soon_threadsafe(_set_exception, opened, translate(error, self.path))
            return
        self._loop.call_soon_threadsafe(opened.set_result, None)
        try:
            self._serve(connection, state)
        finally:
            connection.close()

    def _serve(self, connection: sqlite3.Connection, state: WriterState) -> None:
        queue = self._queue
        open = True
        while open:
            write = queue.get()
            if write is None:
                return
            batch = [write]
            events = write.events
            while events < BATCH_EVENTS and len(batch) < _BATCH_WRITES and not queue.empty():
                write = queue.get()
                if write is None:
                    open = False
                    break
                batch.append(write)
                events += write.events
            self._commit(connection, state, batch)
            if self.wal_is_long:
                self._restart_wal(connection)

    def _commit(self, connection: sqlite3.Connection, state: WriterState, batch: list[Write[Any]]) -> None:
        try:
            if self._broken is not None:
                raise self._broken
            results = self._transact(connection, state, batch)
        except Exception as error:
            meaning = self._meaning_of(error)
            if meaning is None and len(batch) > 1:
                # One of them cannot be written; the others must not suffer for it.
                for write in batch:
                    self._commit(connection, state, [write])
                return
            self._report(_fail, batch, meaning or error)
        else:
            if self._refused:
                self._refused = False
                logger.warning("the store %s can be written again", self.path)
            self.on_commit()
            self._report(_deliver, batch, results)

    def _transact(self, connection: sqlite3.Connection, state: WriterState, batch: Sequence[Write[Any]]) -> list[Any]:
        transaction = Transaction(connection, state, self._clock())
        connection.execute("BEGIN IMMEDIATE")
        try:
            results = [write.apply(transaction) for write in batch]
            transaction.commit()
        except BaseException:
            transaction.roll_back()
            raise
        return results

    def _meaning_of(self, error: Exception) -> EventyardError | None:
        """What the failure of a transaction means to everyone in it; None if it is the fault of one of them."""
        if isinstance(error, EventyardError):
            return error
        if not isinstance(error, sqlite3.Error):
            return None
        # Errors that the driver raises by itself have no code.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code in _FATAL:
            logger.critical("the store %s is damaged: %s", self.path, error)
            corrupt = translate(error, self.path)
            self._broken = BusClosed(corrupt.what, where=corrupt.where, fix=corrupt.fix)
            return self._broken
        if code in _PASSING:
            if not self._refused:
                self._refused = True
                logger.error("the store %s cannot be written for now: %s", self.path, error)
            return BusFull(
                f"the store cannot be written: {error}",
                where=str(self.path),
                fix="make room on the disk; nothing is lost, senders are told to come back",
                retry_after=5.0,
            )
        return None

    def _report(self, function: Callable[[list[Write[Any]], Any], None], batch: list[Write[Any]], outcome: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(function, batch, outcome)
        except RuntimeError:
            # The loop is gone without having closed the bus; what was committed is durable all the same.
            logger.warning("the event loop ended before the bus was closed")

    def _restart_wal(self, connection: sqlite3.Connection) -> None:
        """Begin the write-ahead log anew. Between two transactions nobody holds it but readers, who are soon done."""
        self.wal_is_long = False
        try:
            connection.execute(f"PRAGMA busy_timeout = {_RESTART_WAIT_MS}")
            connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
        except sqlite3.Error as error:
            logger.warning("the write-ahead log could not be restarted: %s", error)
        finally:
            connection.execute("PRAGMA busy_timeout = 10000")


def _deliver(batch: list[Write[Any]], results: list[Any]) -> None:
    for write, result in zip(batch, results, strict=True):
        write.done(result)


def _fail(batch: list[Write[Any]], error: Exception) -> None:
    for write in batch:
        # Each one that waits raises an error of its own: a shared one would gather the tracebacks of all.
        write.failed(copy(error))


def _set_exception(future: asyncio.Future[None], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
