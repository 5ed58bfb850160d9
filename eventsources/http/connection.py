"""HTTP on the wire: everything that touches aiohttp's low-level server.

Requests and answers are light objects of our own in place of aiohttp's, which make a request a third cheaper. What aiohttp's
protocol asks of them is here and nowhere else.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import RequestHandler, RequestPayloadError, Server

from eventsources.http.request import Answer, Load, Request

if TYPE_CHECKING:
    from aiohttp import StreamReader
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.http import RawRequestMessage

LINGER: Final = 5.0
"""Seconds that the rest of a refused body is read and thrown away, so that the sender gets to see the answer."""

_SETTINGS: Final[dict[str, Any]] = {
    "access_log": None,
    "auto_decompress": False,
    "lingering_time": 0,
    "max_line_size": 64 << 10,
    "read_bufsize": 64 << 10,
}

BAD_REQUEST: Final = Answer(400, "400 Bad Request", last=True)
_FULL: Final = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class HttpServer(Server):
    """Makes a protocol for each connection and has every request answered; `answer` must not raise.

    Connections beyond the limit are told to come back.
    """

    def __init__(self, answer: Callable[[Request], Awaitable[Answer]], load: Load) -> None:
        super().__init__(self._respond, request_factory=self._incoming)
        self._answer, self._load = answer, load

    def __call__(self) -> RequestHandler:
        return _Connection(self, loop=self._loop, keepalive_timeout=self._load.limits.idle, **_SETTINGS)

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._load.connections += 1
        if self._load.connections > self._load.limits.connections:
            transport.write(_FULL)
            handler.force_close()

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        self._load.connections -= 1
        super().connection_lost(handler, exc)

    def _incoming(
        self,
        message: RawRequestMessage,
        content: StreamReader,
        protocol: RequestHandler,
        writer: AbstractStreamWriter,
        task: asyncio.Task[None],
    ) -> Any:
        return _Incoming(message, content, writer, self._load, protocol)

    async def _respond(self, request: Any) -> Any:
        answer = await self._answer(request)
        last = answer.last or not request.keep_alive or request.unfinished
        try:
            await request.write(_render(answer, last, request.version, request.method == "HEAD", int(time.time())))
            if request.unfinished:
                await request.discard(LINGER)
        except ConnectionError:
            last = True
        return _Written(not last)


class _Connection(RequestHandler):
    """Answers what is no HTTP without writing any of it into the log, as aiohttp does."""

    __slots__ = ()

    def handle_error(
        self, request: Any, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> Any:
        return _Written(False, BAD_REQUEST)


class _Incoming(Request):
    """A request with what aiohttp's protocol calls on the one it is busy with."""

    __slots__ = ("_task", "protocol")

    def __init__(
        self,
        message: RawRequestMessage,
        content: StreamReader,
        writer: AbstractStreamWriter,
        load: Load,
        protocol: RequestHandler,
    ) -> None:
        super().__init__(message, content, writer, load)
        self.protocol = protocol

    @property
    def unfinished(self) -> bool:
        """Some of the body has not come yet."""
        return not self._content.is_eof()

    async def write(self, data: bytes) -> None:
        """Send an answer. Raises ConnectionError if it is not taken."""
        await self.writer.write(data)
        if not self.protocol.writing_paused:
            return
        try:
            async with asyncio.timeout(self._load.limits.body):
                await self.writer.drain()
        except TimeoutError:  # a sender that goes on sending and takes no answers
            if self.protocol.transport is not None:
                self.protocol.transport.abort()
            raise ConnectionResetError from None

    async def discard(self, seconds: float) -> None:
        """Read the rest of the body and throw it away. Raises ConnectionError."""
        try:
            async with asyncio.timeout(seconds):
                while not self._content.at_eof():
                    await self._content.readany()
        except (TimeoutError, RuntimeError, HttpProcessingError, RequestPayloadError):
            raise ConnectionResetError from None

    def _finish(self) -> None:
        pass

    def _cancel(self, error: BaseException) -> None:
        self._content.set_exception(error)


class _Written:
    """What aiohttp's protocol takes for an answer that it has to write; most are written already."""

    __slots__ = ("_answer", "keep_alive")

    def __init__(self, keep_alive: bool, answer: Answer | None = None) -> None:
        self.keep_alive, self._answer = keep_alive, answer

    async def prepare(self, request: _Incoming) -> None:
        if self._answer is not None:
            await request.write(_render(self._answer, not self.keep_alive, (1, 1), False, int(time.time())))

    async def write_eof(self) -> None:
        pass


@lru_cache(maxsize=64)
def _render(answer: Answer, last: bool, version: tuple[int, int], bodiless: bool, second: int) -> bytes:
    """The bytes of an answer, the same for all requests of a second."""
    status, text, headers, _ = answer
    body = text.encode("utf-8", "surrogateescape")
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Date: {formatdate(second, usegmt=True)}"]
    if text and not any(name == "Content-Type" for name, _ in headers):
        lines.append("Content-Type: text/plain; charset=utf-8")
    lines.append(f"Content-Length: {len(body)}")
    lines += [f"{name}: {value}" for name, value in headers]
    if last:
        lines.append("Connection: close")
    elif version < (1, 1):
        lines.append("Connection: keep-alive")
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n"
    return head if bodiless else head + body
