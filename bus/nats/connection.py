"""One connection to one NATS server by the library nats-py; it does not come back, whoever owns it connects anew.

Added to the library is what concerns those who wait: all of them learn at once that the connection is over, or that the user
may not do what they want, and one round trip tells all who have sent something in the same turn of the event loop that the
server has it.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from nats import errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from bus.nats.transport import Transport

KEEPALIVE: Final = 5.0
"""Seconds between PINGs; a server that is silent for three of them is given up."""

Message: TypeAlias = Msg

_VIOLATION: Final = re.compile(r'permissions violation for (publish|subscription) to "([^"]*)"')
_GONE: Final = (errors.ConnectionClosedError, errors.OutboundBufferLimitError, errors.BadSubscriptionError)
_INBOX: Final = "_inbox."


class Lost(Exception):
    """The connection is over; the text says why."""


class NotAllowed(Exception):
    """The server does not let this user do that: `action` is `publish` or `subscription`."""

    def __init__(self, action: str, subject: str) -> None:
        self.action, self.subject = action, subject
        super().__init__(f"{action} of '{subject}'")


class NobodyThere(Exception):
    """A request to a subject that nobody listens to."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """Someone who waits for the server, with what it may not like."""

    action: str
    subject: str
    is_request: bool
    scope: asyncio.Timeout = field(default_factory=lambda: asyncio.timeout(None))
    failure: Exception | None = None

    def is_meant(self, action: str, subject: str) -> bool:
        """Whether a violation concerns it; the library tells of subjects in small letters."""
        if self.is_request and action == "subscription" and subject.startswith(_INBOX):
            return True
        return (self.action, self.subject.lower()) == (action, subject)

    def fail(self, failure: Exception) -> None:
        """Wake it with this error, if it is not awake already."""
        if self.failure is None and not self.scope.expired():
            self.failure = failure
            self.scope.reschedule(0)


class Connection:
    """Made by `bus.nats.client.connect`; `where` is how messages call the server.

    Once it is over `reason` says why, `on_lost` is called, and all that is waited for and every later call raises Lost.
    """

    def __init__(self, where: str, *, demands_tls: bool = False) -> None:
        self.where = where
        self.reason = ""
        self.on_lost: Callable[[], None] = lambda: None
        self._client = Client()
        self._client._transport = self._transport = Transport(demands_tls=demands_tls)
        self._is_open = False
        self._waiting: set[_Waiting] = set()
        # One of several messages to the same subject may stand for all, the others' violations come after they have left.
        self._refused: deque[tuple[str, str]] = deque(maxlen=1024)
        self._tasks: set[asyncio.Task[None]] = set()
        self._round: asyncio.Task[None] | None = None
        self._leaving: asyncio.Task[None] | None = None
        self._patience = 0.0

    # -- what its owner does

    async def open(self, url: str, keepalive: float, **options: Any) -> None:
        """`options` are the library's. Raises what it raises; `close` is to be called in any case."""
        self._patience = 3 * keepalive
        settings: dict[str, Any] = {
            "error_cb": self._hear,
            "closed_cb": self._over,
            "allow_reconnect": False,
            "ping_interval": keepalive,
            # Without a limit `publish` never waits: if it is cancelled while it does, it goes on as if it were not.
            "pending_size": 0,
        }
        await self._client.connect(url, **settings, **options)
        self._is_open = True
        if not self._client.is_connected:
            # To the library whatever is not -ERR is a welcome.
            raise ConnectionResetError("it closed the connection")

    @property
    def largest(self) -> int:
        """Bytes of headers and data together that the server takes in one message."""
        return self._client.max_payload

    @property
    def is_secure(self) -> bool:
        """Whether it goes on under TLS."""
        return self._transport.is_secure

    async def publish(
        self, subject: str, data: bytes = b"", *, reply: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """Send a message without waiting for anything."""
        with self._alive():
            await self._client.publish(subject, data, reply, dict(headers) if headers else None)

    async def deliver(self, subject: str, data: bytes, *, headers: Mapping[str, str] | None = None) -> None:
        """Send a message and return once the server has it. Raises NotAllowed too."""
        async with self._waits("publish", subject):
            await self._client.publish(subject, data, headers=dict(headers) if headers else None)
            await self._confirmed()

    async def subscribe(self, subject: str, take: Callable[[Message], None], queue: str = "") -> Subscription:
        """Hand each message on to `take`; returns what to unsubscribe with once the server has the subscription.
        Raises NotAllowed too."""

        async def hand_on(message: Message) -> None:
            take(message)

        async with self._waits("subscription", subject):
            subscription = await self._client.subscribe(subject, queue, hand_on)
            await self._confirmed()
        return subscription

    async def unsubscribe(self, subscription: Subscription) -> None:
        """Returns when the last message that the server had sent is handed on."""
        async with self._waits():
            await asyncio.shield(self._start(subscription.drain()))  # type: ignore[no-untyped-call]

    async def request(
        self, subject: str, data: bytes = b"", *, headers: Mapping[str, str] | None = None, timeout: float = 5.0
    ) -> Message:
        """Send a message and return the answer to it. Raises NotAllowed, NobodyThere and TimeoutError too."""
        async with self._waits("publish", subject, is_request=True):
            try:
                given = dict(headers) if headers else None
                return await self._client.request(subject, data, timeout=timeout, headers=given)
            except errors.NoRespondersError:
                raise NobodyThere(subject) from None

    async def close(self) -> None:
        """Send what is still to be sent, and end it."""
        self._end("it was closed")
        if self._leaving is None:
            self._leaving = asyncio.ensure_future(self._leave())
        # Half closed, the library would leave tasks behind.
        await asyncio.shield(self._leaving)

    # -- what the library calls

    async def _hear(self, error: Exception) -> None:
        if not self._is_open:
            # Unless this raises the library tries the same server again.
            raise error
        action, subject = found.groups() if (found := _VIOLATION.search(str(error))) else ("", "")
        concerned = [each for each in self._waiting if action and each.is_meant(action, subject)]
        for each in concerned:
            each.fail(NotAllowed(action, each.subject if each.action == action else subject))
        if concerned:
            self._refused.append((action, subject))
        elif (action, subject) not in self._refused:
            self._break(_said(error))

    async def _over(self) -> None:
        self._end(self._why())

    # -- inside

    async def _confirmed(self) -> None:
        """Returns when the server has read all that was sent so far."""
        if self._round is None:
            self._round = self._start(self._go_round())
        # A PING whose waiter is cancelled would end the library's reader, unnoticed, when it is answered.
        await asyncio.shield(self._round)
        if self.reason:
            raise Lost(self.reason)

    async def _go_round(self) -> None:
        self._round = None  # for those who come later it is too late
        try:
            # Unlike its `flush`, this does not succeed where nobody reads the answer.
            await self._client.rtt(self._patience)  # type: ignore[arg-type]
        except errors.TimeoutError as error:
            self._break(_said(error))
        except errors.Error:
            self._end(self._why())

    @asynccontextmanager
    async def _waits(self, action: str = "", subject: str = "", *, is_request: bool = False) -> AsyncIterator[None]:
        waiting = _Waiting(action, subject, is_request)
        try:
            async with waiting.scope:
                self._waiting.add(waiting)
                with self._alive():
                    yield
        except TimeoutError:
            if waiting.failure is None:
                raise
            raise waiting.failure from None
        finally:
            self._waiting.discard(waiting)

    @contextmanager
    def _alive(self) -> Iterator[None]:
        if self.reason:
            raise Lost(self.reason)
        try:
            yield
        except _GONE:
            self._end(self._why())
            raise Lost(self.reason) from None

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """In a task that is over when this is closed."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _leave(self) -> None:
        await self._client.close()
        await self._transport.closed.wait()  # where the library had begun to by itself
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _break(self, reason: str) -> None:
        self._end(reason)
        self._transport.abort()

    def _end(self, reason: str) -> None:
        """From now on it is over; the first reason counts."""
        if self.reason:
            return
        self.reason = reason
        for waiting in self._waiting:
            waiting.fail(Lost(reason))
        self.on_lost()

    def _why(self) -> str:
        return _said(self._client.last_error)


def size_of(data: bytes, headers: Mapping[str, str]) -> int:
    """Bytes of a message that count against `largest`."""
    head = sum(len(name) + len(value.encode()) + len(": \r\n") for name, value in headers.items())
    return len(data) + (len("NATS/1.0\r\n\r\n") + head if headers else 0)


def text_of(error: Exception) -> str:
    """What the library says, without its own name and the server's quotes."""
    return str(error).removeprefix("nats: ").strip("' ")


def _said(error: Exception | None) -> str:
    match error:
        case errors.UnexpectedEOF():
            return "the server closed it"
        case errors.StaleConnectionError() | errors.TimeoutError():
            return "the server does not answer any more"
        case errors.ProtocolError():
            return "it does not speak NATS"
        case OSError():
            return f"it broke: {reason_of(error)}"
        case errors.Error():
            return f"the server ended it: {text_of(error)}"
    return "it was closed" if error is None else f"{type(error).__name__}: {error}"


def reason_of(error: Exception) -> str:
    """What a socket or TLS says is wrong, without numbers and addresses."""
    if said := getattr(error, "verify_message", "") or getattr(error, "reason", ""):
        return str(said).replace("_", " ").lower() if str(said).isupper() else str(said)
    number = getattr(error, "errno", None) or 0
    return os.strerror(number) if number > 0 else str(getattr(error, "strerror", "") or error or type(error).__name__)
