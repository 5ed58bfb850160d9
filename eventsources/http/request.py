"""An HTTP request as a source sees it, and the answer it gives; sources know nothing of the server beneath.

Header names and values are as Argo Events puts them into an event: Go's canonical spelling, a list of values each, the
value of `Authorization` masked, `Host` and `Transfer-Encoding` left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from eventsources.go import text as go_text

if TYPE_CHECKING:
    from aiohttp import StreamReader
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.http import RawRequestMessage

MASKED: Final = "*** Masked Auth Secret ***"
_LEFT_OUT: Final = frozenset({"Host", "Transfer-Encoding"})
_TOKEN: Final = frozenset(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


class Answer(NamedTuple):
    """What the sender is told: a status, plain text, and headers beyond the usual ones. `last` ends the connection."""

    status: int
    text: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    last: bool = False


SUCCESS: Final = Answer(200, "success")
INACTIVE: Final = Answer(400, "endpoint is inactive")
BUSY: Final = Answer(503, "too much at once, come back later", (("Retry-After", "1"),), last=True)


class Refused(Exception):
    """The request is answered with this and goes no further."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.text)


class TooLarge(Exception):
    """The body has more bytes than it may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on what senders can make us hold, over all ports together.

    connections: open at once. body_bytes: of bodies, from their arrival until they are answered; a body that is alone may
    exceed it. idle: seconds for the head of a request, or until the next one. body: seconds for a body and for taking the
    answer, and one more for every `body_rate` bytes of the body that came.
    """

    connections: int = 16_384
    body_bytes: int = 64 << 20
    idle: float = 75.0
    body: float = 20.0
    body_rate: int = 4096


class Load:
    """What is held now, measured against the limits."""

    __slots__ = ("body_bytes", "connections", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.connections = self.body_bytes = 0


@lru_cache(maxsize=1024)
def canonical_name(raw: bytes) -> str:
    """`x-GITHUB-event` as `X-Github-Event`; what is no header name stays as it is (Go's textproto)."""
    text = raw.decode("latin-1")
    if not _TOKEN.issuperset(raw):
        return text
    return "-".join(part[:1].upper() + part[1:].lower() for part in text.split("-"))


def collect_headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, list[str]]:
    """Headers as they go into an event."""
    found: dict[str, list[str]] = {}
    for raw_name, value in raw:
        name = canonical_name(raw_name)
        if name in found:
            found[name].append(go_text.decode(value))
        elif name not in _LEFT_OUT:
            found[name] = [go_text.decode(value)]
    if any(found.get("Authorization", ())):
        found["Authorization"] = [MASKED]
    return found


class Request:
    """One request, its body not read yet. `target` is the path and query as sent; `query` is set where it was split."""

    __slots__ = ("_content", "_held", "_load", "_message", "keep_alive", "method", "query", "target", "writer")

    def __init__(
        self, message: RawRequestMessage, content: StreamReader, writer: AbstractStreamWriter, load: Load
    ) -> None:
        self._message, self._content, self._load = message, content, load
        self._held = 0
        self.writer = writer
        self.method: str = message.method
        self.target: str = message.path
        self.keep_alive = not message.should_close
        self.query = ""

    @property
    def version(self) -> tuple[int, int]:
        """Of HTTP: (1, 0) or (1, 1)."""
        return self._message.version

    @property
    def raw_query(self) -> bytes:
        """The bytes of the query."""
        return self.query.encode("utf-8", "surrogateescape")

    def header(self, name: str) -> str:
        """The first value of a header, "" if there is none."""
        value: str = self._message.headers.get(name, "")
        return value

    def headers(self) -> dict[str, list[str]]:
        """All headers as they go into an event."""
        return collect_headers(self._message.raw_headers)

    async def read(self, limit: int) -> bytes:
        """The whole body, which counts as held until the request is answered.

        Raises TooLarge beyond `limit` bytes, and Refused if it comes too slowly, is broken or finds no room.
        """
        content = self._content
        if not content.is_eof():
            return await self._receive(limit)
        body = content.read_nowait()
        if len(body) > max(limit, 0):
            raise TooLarge
        self._hold(len(body))
        return body

    async def _receive(self, limit: int) -> bytes:
        # Whoever only checks manifests imports this module too, and must not wait for the server to load.
        from aiohttp.http_exceptions import HttpProcessingError
        from aiohttp.web import RequestPayloadError

        if int(self.header("Content-Length") or 0) > max(limit, 0):
            raise TooLarge
        if self.header("Expect") and self.version >= (1, 1):
            await self.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        limits = self._load.limits
        began = asyncio.get_running_loop().time()
        body = bytearray()
        try:
            async with asyncio.timeout(limits.body) as clock:
                while not self._content.at_eof():
                    chunk = await self._content.readany()
                    if len(body) + len(chunk) > max(limit, 0):
                        raise TooLarge
                    self._hold(len(chunk))
                    body += chunk
                    clock.reschedule(began + limits.body + len(body) / limits.body_rate)
        except TimeoutError:
            raise Refused(Answer(408, "the body came too slowly", last=True)) from None
        except (OSError, RuntimeError, HttpProcessingError, RequestPayloadError):
            raise Refused(Answer(400, "the body is broken", last=True)) from None
        return bytes(body)

    def _hold(self, size: int) -> None:
        load = self._load
        if load.body_bytes + size > load.limits.body_bytes and load.body_bytes > self._held:
            raise Refused(BUSY)
        load.body_bytes += size
        self._held += size

    def release(self) -> None:
        """The request is answered, its body counts no longer."""
        self._load.body_bytes -= self._held
        self._held = 0
