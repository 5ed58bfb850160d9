"""The bus itself: opens the store, takes events in, and hands out its parts."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from bus.base import DEFAULT_SCOPE, Bus, BusStats, Subject, Subscription
from bus.clock import Clock
from bus.event import Event
from bus.limits import DEFAULT_LIMITS, Limits
from bus.sqlite.dead_letters import SqliteDeadLetters
from bus.sqlite.directory import DATABASE, DirectoryLock
from bus.sqlite.figures import read_figures
from bus.sqlite.history import SqliteHistory
from bus.sqlite.keeper import Keeper
from bus.sqlite.log import Publish
from bus.sqlite.notes import Remember, read_note, read_notes
from bus.sqlite.outbox import SqliteOutbox
from bus.sqlite.reader import Reader
from bus.sqlite.subscription import Advance, Forget, SqliteSubscription
from bus.sqlite.writer import Writer
from bus.tails import Listeners
from config.errors import BusFull

_IDLE_DISTANCE = 4096


class SqliteBus(Bus):
    """A log in `events.db` in a directory that belongs to one process at a time.

    Entering raises StoreBusy, StoreCorrupt or EventyardError, and then leaves nothing behind.
    """

    def __init__(self, directory: Path | str, *, limits: Limits = DEFAULT_LIMITS, clock: Clock = time.time) -> None:
        self.directory = Path(directory)
        self.closed = True
        self.announced = 0
        self._limits = limits
        self._path = self.directory / DATABASE
        self._lock = DirectoryLock(self.directory)
        self._open: dict[str, SqliteSubscription] = {}
        self._pending_events = self._pending_bytes = 0
        self._measured = self._since_measured = 0
        self.writer = Writer(self._path, limits, clock)
        self.reader = Reader(self._path)
        # Somebody's question that takes long must not keep a Sensor waiting, or a trigger.
        self._archive = Reader(self._path)
        self.listeners = Listeners(events=limits.tail_events, size=limits.tail_bytes)
        self._keeper = Keeper(self._path, limits, clock, self.writer, self._report_size)
        self.outbox: SqliteOutbox = SqliteOutbox(self.writer, self.reader)
        self.dead_letters = SqliteDeadLetters(self._archive, self.outbox.submit)
        self.history = SqliteHistory(self._archive)

    async def publish(self, events: Sequence[Event], scope: str = DEFAULT_SCOPE) -> Sequence[bool]:
        if not events:
            return []
        size = 0
        for event in events:
            if event.data is not None:
                size += len(event.data)
        self._check_room(len(events), size)
        write = Publish(tuple(events), scope, self._announce, size)
        self.writer.put(write)
        self._pending_events += write.events
        self._pending_bytes += size
        positions = await write.future
        return [position > 0 for position in positions]

    def _check_room(self, count: int, size: int) -> None:
        limits = self._limits
        if self._pending_events and (
            self._pending_events + count > limits.pending_events or self._pending_bytes + size > limits.pending_bytes
        ):
            raise BusFull(
                f"{self._pending_events} events ({self._pending_bytes} bytes) are waiting for the disk",
                where=str(self._path),
                fix="send more slowly, or use a faster disk",
            )
        held = self._measured + self._since_measured + self._pending_bytes
        if held + size > limits.store_bytes:
            raise BusFull(
                f"the store holds {held} bytes of at most {limits.store_bytes}, and what is not evaluated must not go",
                where=str(self._path),
                fix="see which Sensor lags or which target refuses (eventyard dlq list), or allow more bytes",
                retry_after=10.0,
            )

    def _announce(self, write: Publish, positions: Sequence[int] | None) -> None:
        """A publish is decided, in the order of the log; without positions nothing of it is there."""
        self._pending_events -= write.events
        self._pending_bytes -= write.size
        if positions is not None:
            self._since_measured += write.size
            self.announced = max(self.announced, *positions)
            self.listeners.announce(write.batch, write.scope, positions)

    def subscribe(self, consumer: str, subjects: Collection[Subject]) -> Subscription:
        return SqliteSubscription(self, consumer, frozenset(subjects))

    def enter(self, name: str, subscription: SqliteSubscription) -> None:
        """A subscription opens. Raises RuntimeError if one of that name is open."""
        if name in self._open:
            raise RuntimeError(f"consumer '{name}' is already open")
        self._open[name] = subscription

    def leave(self, name: str) -> None:
        """A subscription closed."""
        self._open.pop(name, None)

    async def forget(self, consumer: str) -> None:
        if consumer in self._open:
            raise RuntimeError(f"consumer '{consumer}' is still open")
        await self.writer.submit(Forget(consumer))

    async def recall(self, name: str) -> bytes | None:
        return await self.reader.run(lambda connection: read_note(connection, name))

    async def recollect(self, prefix: str) -> Mapping[str, bytes]:
        return await self.reader.run(lambda connection: read_notes(connection, prefix))

    async def remember(self, name: str, value: bytes | None) -> None:
        await self.writer.submit(Remember(name, value))

    async def stats(self) -> BusStats:
        lag = {name: known.tail.lag for name, known in self._open.items() if not known.tail.behind}
        figures = await self._archive.run(lambda connection: read_figures(connection, skip=lag.keys()))
        return BusStats(
            head=figures.head,
            bytes=figures.bytes,
            lag={**figures.lag, **lag},
            outbox=figures.outbox,
            dead=figures.dead,
            oldest_unfinished=figures.oldest_unfinished,
        )

    async def tidy(self) -> None:
        """Let go now of what retention allows to go, instead of within seconds."""
        await asyncio.get_running_loop().run_in_executor(None, self._keeper.tidy)

    def _report_size(self, held: int) -> None:
        # Runs in the keeper's thread; RuntimeError: the loop ended without having closed the bus.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._note_size, held)

    def _note_size(self, held: int) -> None:
        self._measured, self._since_measured = held, 0
        positions = {}
        for known in self._open.values():
            position = known.idle_position()
            if position - known.position > _IDLE_DISTANCE:
                positions[known.id] = known.position = position
        if positions and not self.closed:
            self.writer.put(Advance(positions))

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._lock.acquire()
        try:
            await self.writer.start()
            await self.reader.start()
            await self._archive.start()
            self.announced = await self.reader.run(_read_head)
        except BaseException:
            await self._stop_threads()
            raise
        self._keeper.start()
        self.closed = False
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.closed = True
        self.listeners.close()
        await self._loop.run_in_executor(None, self._keeper.stop)
        await self._stop_threads()

    async def _stop_threads(self) -> None:
        await self.writer.stop()
        await self.reader.stop()
        await self._archive.stop()
        self._lock.release()


def _read_head(connection: sqlite3.Connection) -> int:
    (head,) = connection.execute("SELECT coalesce(max(position), 0) FROM log").fetchone()
    return int(head)
