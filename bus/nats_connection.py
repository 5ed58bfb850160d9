"""One connection to one NATS server, from the first byte to the last; it does not come back, whoever owns it connects anew.

The protocol is spoken here, in few lines, rather than by the client library nats-py 2.16, on which "the server has it" cannot
be built: its flush sends the PING before the messages that are still in its buffer, a flush that is cancelled ends its reader
unnoticed, TLS that a manifest demands is left out where the server offers none, and of repeated headers all but one are lost.

Nothing here has a task of its own. What arrives is handed on within the event loop's callback; what is sent goes out in one
piece at the end of the loop's turn, and one PING after it tells all who wait when the server has it.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import secrets
import ssl
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, cast

import orjson

from bus import nats_wire
from bus.nats_wire import Line, Malformed, Message

KEEPALIVE: Final = 5.0
"""Seconds between PINGs; a server that is silent for three of them is given up."""

CLOSING: Final = 2.0
"""Seconds that an orderly end may take."""

_PING: Final = b"PING\r\n"
_PONG: Final = b"PONG\r\n"
_VIOLATION: Final = re.compile(r"permissions violation for (publish|subscription) to \"([^\"]*)\"", re.IGNORECASE)


class Lost(Exception):
    """The connection is over; the text says why."""


class NotAllowed(Exception):
    """The server does not let this user do that: `action` is `publish` or `subscription`."""

    def __init__(self, action: str, subject: str) -> None:
        self.action, self.subject = action, subject
        super().__init__(f"{action} of '{subject}'")


class NobodyThere(Exception):
    """A request to a subject that nobody listens to."""


class _Waiting(NamedTuple):
    """Someone who waits until the server has read all that was sent so far, and for what."""

    done: asyncio.Future[None]
    action: str = ""
    subject: str = ""


class _Asked(NamedTuple):
    """A request that waits for its answer."""

    answer: asyncio.Future[Message]
    subject: str


class Connection(asyncio.Protocol):
    """Made by `bus.nats_client.connect`; `where` is how messages call the server.

    `info` is what the server last said of itself. Once the connection is over `reason` says why, `complaint` holds the
    server's own words if it had any (`tls_failed` if it ended it by TLS), `on_lost` is called, and all that is waited for and
    every later call raises Lost.
    """

    def __init__(self, where: str, *, keepalive: float = KEEPALIVE) -> None:
        self._loop = asyncio.get_running_loop()
        self.where = where
        self.info: Mapping[str, Any] = {}
        self.greeted: asyncio.Future[None] = self._loop.create_future()
        self.reason = self.complaint = ""
        self.tls_failed = False
        self.on_lost: Callable[[], None] = lambda: None
        self._transport: asyncio.Transport | None = None
        self._gone: asyncio.Future[None] = self._loop.create_future()
        self._parser = nats_wire.Parser()
        self._out: list[bytes] = []
        self._writes: asyncio.Handle | None = None
        self._waiting: list[_Waiting] = []
        self._pinged: deque[list[_Waiting]] = deque()
        self._takers: dict[int, Callable[[Message], None]] = {}
        self._numbers = itertools.count(1)
        self._inbox = f"_INBOX.{secrets.token_hex(11)}."
        self._asked: dict[str, _Asked] = {}
        self._listening = False
        self._keepalive = keepalive
        self._silent = 0
        self._timer: asyncio.TimerHandle | None = None

    # -- what its owner does

    @property
    def largest(self) -> int:
        """Bytes of headers and data together that the server takes in one message."""
        return int(self.info.get("max_payload", 1 << 20))

    @property
    def is_secure(self) -> bool:
        """Whether it goes on under TLS."""
        return self._transport is not None and self._transport.get_extra_info("ssl_object") is not None

    def publish(self, subject: str, data: bytes = b"", *, reply: str = "", head: bytes = b"") -> None:
        """Send a message without waiting for anything; `head` is a block of headers."""
        self._send(nats_wire.publish(subject, data, reply=reply, head=head))

    async def deliver(self, subject: str, data: bytes, *, head: bytes = b"") -> None:
        """Send a message and return once the server has it. Raises NotAllowed too."""
        self.publish(subject, data, head=head)
        await self._confirmed("publish", subject)

    async def subscribe(self, subject: str, take: Callable[[Message], None], queue: str = "") -> int:
        """Hand each message on to `take`; returns the number to unsubscribe with once the server has the subscription.
        Raises NotAllowed too."""
        sid = next(self._numbers)
        self._takers[sid] = take
        self._send(nats_wire.subscribe(sid, subject, queue))
        await self._confirmed("subscription", subject)
        return sid

    async def unsubscribe(self, sid: int) -> None:
        """Returns when the last message that the server had sent is handed on."""
        self._send(nats_wire.unsubscribe(sid))
        await self._confirmed()
        self._takers.pop(sid, None)

    async def request(self, subject: str, data: bytes = b"", *, head: bytes = b"", timeout: float = 5.0) -> Message:
        """Send a message and return the answer to it. Raises NotAllowed, NobodyThere and TimeoutError too."""
        if not self._listening:
            self._listening = True
            sid = next(self._numbers)
            self._takers[sid] = self._answered
            self._send(nats_wire.subscribe(sid, f"{self._inbox}*"))
        reply = f"{self._inbox}{next(self._numbers):x}"
        asked = self._asked[reply] = _Asked(self._loop.create_future(), subject)
        try:
            self.publish(subject, data, reply=reply, head=head)
            async with asyncio.timeout(timeout):
                message = await asked.answer
        finally:
            del self._asked[reply]
        if message.status[0] == "503":
            raise NobodyThere(subject)
        return message

    async def close(self) -> None:
        """Send what is still to be sent, and end it."""
        self._write()
        self._end("it was closed")
        if self._transport is None:
            return
        self._transport.close()
        try:
            async with asyncio.timeout(CLOSING):
                await asyncio.shield(self._gone)
        except TimeoutError:
            self._transport.abort()
            await asyncio.shield(self._gone)
        except asyncio.CancelledError:
            self._transport.abort()
            raise

    # -- how it begins

    async def secure(self, context: ssl.SSLContext, host: str) -> None:
        """Go on under TLS. Raises OSError."""
        plain = self._transport
        assert plain is not None
        try:
            self._transport = await self._loop.start_tls(plain, self, context, server_hostname=host)
        except BaseException:
            # Nobody is told of the end of a transport whose handshake failed.
            plain.abort()
            self.connection_lost(None)
            raise

    async def introduce(self, options: Mapping[str, Any]) -> None:
        """Say who is there; returns once the server has accepted that."""
        self._send(b"CONNECT " + orjson.dumps(options) + b"\r\n")
        await self._confirmed()
        self._timer = self._loop.call_later(self._keepalive, self._look)

    # -- what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._silent = 0
        try:
            for said in self._parser.feed(data):
                if isinstance(said, Message):
                    if (take := self._takers.get(said.sid)) is not None:
                        take(said)
                else:
                    self._hear(said)
        except Malformed as error:
            self._break(f"it does not speak NATS: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        self.tls_failed = isinstance(exc, ssl.SSLError)
        self._end(f"it broke: {reason_of(exc)}" if exc is not None else "the server closed it")
        if not self._gone.done():
            self._gone.set_result(None)

    # -- inside

    def _send(self, command: bytes) -> None:
        if self.reason:
            raise Lost(self.reason)
        self._out.append(command)
        if self._writes is None:
            self._writes = self._loop.call_soon(self._write)

    def _write(self) -> None:
        """Send all of this turn; a PING behind it if someone waits."""
        if self._writes is not None:
            self._writes.cancel()
            self._writes = None
        if self._waiting:
            self._pinged.append(self._waiting)
            self._waiting = []
            self._out.append(_PING)
        if self._out and not self.reason:
            assert self._transport is not None
            self._transport.write(b"".join(self._out))
        self._out.clear()

    async def _confirmed(self, action: str = "", subject: str = "") -> None:
        waiting = _Waiting(self._loop.create_future(), action, subject)
        self._waiting.append(waiting)
        await waiting.done

    def _answered(self, message: Message) -> None:
        asked = self._asked.get(message.subject)
        if asked is not None and not asked.answer.done():
            asked.answer.set_result(message)

    def _hear(self, line: Line) -> None:
        if line.verb == "PONG":
            for waiting in self._pinged.popleft() if self._pinged else ():
                if not waiting.done.done():
                    waiting.done.set_result(None)
        elif line.verb == "PING":
            self._send(_PONG)
        elif line.verb == "INFO":
            self._learn(line.rest)
        elif line.verb == "-ERR":
            self._complain(line.rest.decode("utf-8", "replace").strip("' "))
        elif line.verb != "+OK":
            raise Malformed(line.verb[:80])

    def _learn(self, text: bytes) -> None:
        try:
            info = orjson.loads(text)
        except ValueError:
            info = None
        if not isinstance(info, dict):
            raise Malformed("its INFO is no JSON object")
        self.info = info
        if not self.greeted.done():
            self.greeted.set_result(None)

    def _complain(self, text: str) -> None:
        """What the user may not do concerns whoever waits for it; anything else ends the connection."""
        found = _VIOLATION.search(text)
        concerned: list[asyncio.Future[Any]] = []
        if found is not None:
            action, subject = found[1].lower(), found[2]
            concerned += (
                waiting.done
                for waiting in itertools.chain(*self._pinged, self._waiting)
                if (waiting.action, waiting.subject) == (action, subject)
            )
            concerned += (
                asked.answer
                for asked in self._asked.values()
                if subject == (asked.subject if action == "publish" else f"{self._inbox}*")
            )
            for future in concerned:
                _fail(future, NotAllowed(action, subject))
        if not concerned:
            self.complaint = text
            self._break(f"the server ended it: {text}")

    def _look(self) -> None:
        """Is the server still there? It is asked, and given up when it owes the third answer."""
        if self._silent == 2:
            self._break("the server does not answer any more")
            return
        self._silent += 1
        self._pinged.append([])
        self._send(_PING)
        self._timer = self._loop.call_later(self._keepalive, self._look)

    def _break(self, reason: str) -> None:
        self._end(reason)
        if self._transport is not None:
            self._transport.abort()

    def _end(self, reason: str) -> None:
        """From now on it is over; the first reason counts."""
        if self.reason:
            return
        self.reason = reason
        if self._timer is not None:
            self._timer.cancel()
        _fail(self.greeted, Lost(reason))
        for waiting in itertools.chain(*self._pinged, self._waiting):
            _fail(waiting.done, Lost(reason))
        for asked in self._asked.values():
            _fail(asked.answer, Lost(reason))
        self._pinged.clear()
        self._waiting.clear()
        self._takers.clear()
        self.on_lost()


def _fail(future: asyncio.Future[Any], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
        future.exception()  # whoever waited for it may be gone


def reason_of(error: Exception) -> str:
    """What a socket or TLS says is wrong, without numbers and addresses."""
    if said := getattr(error, "verify_message", "") or getattr(error, "reason", ""):
        return str(said).replace("_", " ").lower() if str(said).isupper() else str(said)
    number = getattr(error, "errno", None) or 0
    return os.strerror(number) if number > 0 else str(getattr(error, "strerror", "") or error or type(error).__name__)
