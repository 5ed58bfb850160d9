"""A durable consumer of a JetStream stream, from which messages are pulled: each is the server's until it is acknowledged.

They are asked for here, not by `fetch` of the library nats-py 2.16: that one, when it is cancelled, forgets what has arrived,
which comes again only after `ackWait`; it knows no limit of bytes; and a consumer that is deleted looks to it like one without
messages. Nor is a consumer configured by the library, which would drop what it does not know of a configuration.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from nats import errors
from nats.js.api import Header

from bus.nats.client import explained, lost
from bus.nats.connection import Connection, Lost, Message
from bus.nats.jetstream import API, NO_CONSUMER, NO_STREAM, Declined, ask
from config.errors import Temporary

BATCH: Final = 256
"""Messages that are asked for at once."""

BYTES: Final = 16 << 20
"""Bytes that they may have together; one message is allowed more."""

EXPIRY: Final = 10.0
"""Seconds for which the server keeps a request open; its silence for longer means that the request was lost."""

ACK_WAIT: Final = 5
"""Seconds after which a new consumer sends again what is not acknowledged, if the manifest does not say. A process that was
killed has its messages back soon; one that is merely slow gets them twice, and knows them by their ids."""

_SUBJECTS: Final = 64 << 10  # which count as well
_GRACE: Final = 2.0
_NANOSECONDS: Final = 1_000_000_000
_OVER: Final = frozenset({"404", "408"})
_COMPLETE: Final = "batch completed"
_BYTES_SPENT: Final = "exceeds maxbytes"
_OTHER: Final = "choose another name in jetStream.durable, or delete the consumer: nats consumer rm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Durable:
    """A consumer as a manifest wants it. `config` holds fields of JetStream's consumer configuration."""

    stream: str
    name: str
    config: Mapping[str, Any] = field(default_factory=dict)


async def bind(connection: Connection, durable: Durable) -> Mapping[str, Any]:
    """See to it that the consumer is there and is as wanted; what the manifest does not say stays as it is. Returns its
    configuration. Raises Temporary."""
    at = f"{durable.stream}.{durable.name}"
    try:
        there = (await ask(connection, f"CONSUMER.INFO.{at}", None))["config"]
    except Declined as error:
        if error.code == NO_STREAM:
            fix = f"make it: nats stream add {durable.stream}, or correct jetStream.stream"
            raise Temporary(f"there is no stream '{durable.stream}'", where=connection.where, fix=fix) from None
        if error.code != NO_CONSUMER:
            raise
        there = None
    new = {"ack_wait": ACK_WAIT * _NANOSECONDS} if there is None else {}
    wanted = {"durable_name": durable.name, "ack_policy": "explicit", **new, **durable.config}
    if there is not None and "deliver_subject" in there:
        raise Temporary(f"the consumer '{durable.name}' is no pull consumer", where=connection.where, fix=_OTHER)
    if there is not None and wanted.items() <= there.items():
        return dict(there)
    request = {
        "stream_name": durable.stream,
        "config": {**(there or {}), **wanted},
        "action": "create" if there is None else "update",
    }
    try:
        return dict((await ask(connection, f"CONSUMER.CREATE.{at}", request))["config"])
    except Declined as error:
        what = f"the consumer '{durable.name}' cannot be as wanted: {error.what}"
        raise Temporary(what, where=connection.where, fix=_OTHER) from None


class Pull:
    """Messages of a consumer as they come, asked for in batches of BATCH and BYTES at most, one after another."""

    def __init__(self, connection: Connection, durable: Durable, config: Mapping[str, Any]) -> None:
        self._connection = connection
        self._ask = f"{API}CONSUMER.MSG.NEXT.{durable.stream}.{durable.name}"
        self._inbox = f"_INBOX.{secrets.token_hex(11)}"
        # A consumer may be made with limits of its own.
        self._batch = min(config.get("max_batch") or BATCH, BATCH)
        self._expiry = min((config.get("max_expires") or _NANOSECONDS * 3600) / _NANOSECONDS, EXPIRY)
        self._bytes = config.get("max_bytes") or max(BYTES, connection.largest + _SUBJECTS)
        self._requests = self._due = 0
        self._arrived: list[Message] = []
        self._trouble: Temporary | None = None
        self._wake = asyncio.Event()

    async def open(self) -> None:
        """Raises Temporary."""
        self._connection.on_lost = self._wake.set
        with explained(self._connection):
            self._subscription = await self._connection.subscribe(f"{self._inbox}.*", self._take)

    async def next(self) -> Sequence[Message]:
        """The messages that have arrived, at least one. Raises Temporary when there will be no more."""
        while not self._arrived:
            if self._trouble is not None:
                raise self._trouble
            if self._connection.reason:
                raise lost(self._connection)
            if self._due <= 0:
                await self._request()
            self._wake.clear()
            try:
                async with asyncio.timeout(self._expiry + _GRACE):
                    await self._wake.wait()
            except TimeoutError:
                self._due = 0  # as when the server that led the consumer is gone, and ours is not
        return self.take()

    def take(self) -> Sequence[Message]:
        """The messages that have arrived, if there are any."""
        arrived, self._arrived = self._arrived, []
        return arrived

    async def stop(self) -> None:
        """Receive no more. What the server had sent has arrived when this returns."""
        with suppress(Lost):
            await self._connection.unsubscribe(self._subscription)

    async def acknowledge(self, messages: Sequence[Message]) -> None:
        """They need not come again. What the server does not learn it sends once more."""
        with suppress(errors.Error):
            for message in messages:
                await message.ack()

    async def release(self, messages: Sequence[Message] = ()) -> None:
        """Give these back, and all that nobody has taken: they come again at once, to whoever asks for them."""
        with suppress(errors.Error):
            for message in (*messages, *self.take()):
                await message.nak()

    async def _request(self) -> None:
        self._requests += 1
        self._due = self._batch
        wanted = {"batch": self._batch, "max_bytes": self._bytes, "expires": int(self._expiry * _NANOSECONDS)}
        with explained(self._connection):
            await self._connection.publish(self._ask, orjson.dumps(wanted), reply=f"{self._inbox}.{self._requests}")

    def _take(self, message: Message) -> None:
        if not message.subject.startswith(self._inbox):
            self._arrived.append(message)
            self._due -= 1
            self._wake.set()
            return
        headers = message.headers or {}
        code, text = headers.get(Header.STATUS, ""), headers.get(Header.DESCRIPTION, "")
        if message.subject != f"{self._inbox}.{self._requests}" or code == "100":
            return
        if code in _OVER or text.lower() == _COMPLETE or (self._due < self._batch and _BYTES_SPENT in text.lower()):
            self._due = 0
        else:
            fix = "look at the consumer: nats consumer info"
            self._trouble = Temporary(
                f"JetStream gives no messages: {text or code}", where=self._connection.where, fix=fix
            )
        self._wake.set()
