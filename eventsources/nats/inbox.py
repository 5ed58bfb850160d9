"""Messages of core NATS, between the server, which does not wait, and the bus, which may have to be waited for."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from bus.nats.client import explained, lost
from bus.nats.connection import Connection, Lost, Message, size_of

_log = logging.getLogger("eventyard.eventsources")

MESSAGES, BYTES = 65_536, 64 << 20
"""What is held at most; beyond it messages are dropped, counted and told of. JetStream is for those who cannot have that."""


BATCH, BATCH_BYTES = 500, 8 << 20
"""What is handed on at once, at most; one message is allowed more."""


class Inbox:
    """A subscription. Nothing in it is acknowledged, as core NATS knows no such thing: what is not stored is lost."""

    def __init__(
        self,
        connection: Connection,
        subject: str,
        queue: str,
        *,
        most: int = MESSAGES,
        most_bytes: int = BYTES,
    ) -> None:
        self._connection, self._subject, self._queue = connection, subject, queue
        self._most, self._most_bytes = most, most_bytes
        self._arrived: deque[Message] = deque()
        self._bytes = self._dropped = 0
        self._wake = asyncio.Event()

    async def open(self) -> None:
        """Once this returns nothing that is sent is missed. Raises Temporary."""
        self._connection.on_lost = self._wake.set
        with explained(self._connection):
            self._subscription = await self._connection.subscribe(self._subject, self._take, self._queue)

    async def next(self) -> Sequence[Message]:
        """Messages that have arrived, at least one. Raises Temporary when there will be no more."""
        while not self._arrived:
            if self._connection.reason:
                raise lost(self._connection)
            self._wake.clear()
            await self._wake.wait()
        return self.take()

    def take(self) -> Sequence[Message]:
        """Messages that have arrived, if there are any."""
        if self._dropped:
            self._tell("were dropped", self._dropped)
            self._dropped = 0
        taken: list[Message] = []
        size = 0
        while self._arrived and len(taken) < BATCH and (not taken or size + _size(self._arrived[0]) <= BATCH_BYTES):
            taken.append(self._arrived.popleft())
            size += _size(taken[-1])
        self._bytes -= size
        return taken

    async def stop(self) -> None:
        """Receive no more. What the server had sent has arrived when this returns."""
        with suppress(Lost):
            await self._connection.unsubscribe(self._subscription)

    async def acknowledge(self, messages: Sequence[Message]) -> None:
        """There is nobody who wants to know."""

    async def release(self, messages: Sequence[Message]) -> None:
        """These, and all that nobody has taken, cannot be stored."""
        number = len(messages) + len(self._arrived)
        self._arrived.clear()
        if number:
            self._tell("could not be stored and are lost", number)

    def _take(self, message: Message) -> None:
        size = _size(message)
        if len(self._arrived) >= self._most or (self._arrived and self._bytes + size > self._most_bytes):
            if not self._dropped:
                self._tell("wait, more of them are dropped", len(self._arrived))
            self._dropped += 1
            return
        self._arrived.append(message)
        self._bytes += size
        self._wake.set()

    def _tell(self, what: str, number: int) -> None:
        remedy = "a stream keeps them: see jetStream"
        _log.error("%s: %d messages on '%s' %s; %s", self._connection.where, number, self._subject, what, remedy)


def _size(message: Message) -> int:
    return size_of(message.data, message.headers or {})
