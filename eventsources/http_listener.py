"""One port: connections, routing, and everything about aiohttp's low-level server.

Requests and answers are our own light objects in place of aiohttp's, which halves what a request costs. What they have to
offer to aiohttp for that is gathered here, in `_Incoming` and `_Outgoing`.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, cast

from aiohttp.web import BaseRequest, RequestHandler, Server

from config.errors import EventyardError
from eventsources.go_url import clean_path, compile_endpoint, escape_path, split_target
from eventsources.http_request import Answer, Load, Refused, Request
from eventsources.http_route import Route

if TYPE_CHECKING:
    from aiohttp import StreamReader
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.http import RawRequestMessage

_log = logging.getLogger("eventyard.http")

HEALTH: Final = "/health"
LINGER: Final = 5.0
"""Seconds that the rest of a refused body is read and thrown away, so that the sender gets to see the answer."""

_NOT_FOUND: Final = Answer(404, "404 page not found\n")
_BAD_REQUEST: Final = Answer(400, "400 Bad Request", last=True)
_EXPECTATION_FAILED: Final = Answer(417, last=True)
_CLOSING: Final = Answer(503, "shutting down", (("Retry-After", "1"),), last=True)
_FAILED: Final = Answer(500, "internal error", last=True)
_OK: Final = Answer(200, "OK")
_FULL: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
)
_REASONS: Final = {status.value: status.phrase for status in HTTPStatus}


class _Incoming(Request):
    """A request with what aiohttp's protocol calls on the one it is busy with."""

    __slots__ = ("_task",)

    def _finish(self) -> None:
        pass

    def _cancel(self, error: BaseException) -> None:
        self._content.set_exception(error)


class _Outgoing:
    """An answer as aiohttp's protocol writes one."""

    __slots__ = ("keep_alive", "_answer", "_limit", "_request")

    def __init__(self, request: Request, answer: Answer, limit: float) -> None:
        self._request, self._answer, self._limit = request, answer, limit
        self.keep_alive = request.keep_alive and not answer.last

    async def prepare(self, request: BaseRequest) -> None:
        pass

    async def write_eof(self) -> None:
        writer = self._request.writer
        await writer.write(self._bytes())
        # Only a sender that takes no answers while it goes on sending comes to wait here.
        try:
            async with asyncio.timeout(self._limit):
                await writer.drain()
        except TimeoutError:
            raise ConnectionResetError from None

    def _bytes(self) -> bytes:
        status, text, headers, _ = self._answer
        body = text.encode("utf-8", "surrogateescape")
        lines = [f"HTTP/1.1 {status} {_REASONS[status]}", f"Date: {_date(int(time.time()))}"]
        if text:
            lines.append("Content-Type: text/plain; charset=utf-8")
        lines.append(f"Content-Length: {len(body)}")
        lines += [f"{name}: {value}" for name, value in headers]
        if not self.keep_alive:
            lines.append("Connection: close")
        elif self._request.version < (1, 1):
            lines.append("Connection: keep-alive")
        head = "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n"
        return head if self._request.method == "HEAD" else head + body
