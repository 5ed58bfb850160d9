"""The HTTP client of triggers: aiohttp under the rules of Go's net/http, which manifests for Argo Events rely on.

One session per trigger, without cookies; connections are kept alive, and there are no more of them than firings in
flight (`flow.maxInFlight`). One time limit covers a whole exchange with its redirects.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Self

import aiohttp
from aiohttp import ClientHandlerType, ClientMiddlewareType, ClientRequest, ClientResponse, ClientTimeout

from config.errors import EventyardError, Permanent, Temporary
from triggers.message import REDIRECTS, Message
from triggers.proxy import proxy_for

MOST_REQUESTS: Final = 10
"""Requests of one exchange, redirects included."""

ANSWER_LIMIT: Final = 64 << 10
"""Bytes of an answer that are read at most, unless more are kept; a longer one costs its connection."""

ANSWER_TIMEOUT: Final = 5.0
"""Seconds that the rest of an answer is waited for once its status is known; the status decides, not the rest."""

CONNECT_TIMEOUT: Final = 30.0
"""Seconds until a connection must stand."""

# Only these are sent with `Content-Length: 0` when there is no body.
_SIZED: Final = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `body` is its beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body for a person to read."""
        return self.body.decode("utf-8", "replace")


class Client:
    """Sends requests while it is entered. `keep` is how many bytes of an answer's body are kept.

    `environ` may name proxies (`triggers.proxy`); as in Argo Events they are not for triggers with TLS settings.
    """

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, keep: int = 1024, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._tls = tls
        self._keep, self._limit = keep, max(keep, ANSWER_LIMIT)
        named = tls is None and any(name.upper() in ("HTTP_PROXY", "HTTPS_PROXY") for name in environ)
        self._environ = environ if named else None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=self._tls or True),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._session.close()

    async def send(self, message: Message, timeout: ClientTimeout) -> Answer:
        """Send a request and follow its redirects. `timeout.total` is for all of it, in seconds.

        Raises Temporary if no answer comes, Permanent if it cannot be sent or is redirected for ever.
        """
        first, limit = message, timeout
        started = asyncio.get_running_loop().time()
        for _ in range(MOST_REQUESTS):
            try:
                response = await self._request(message, limit)
                content = response.content
                body = content.read_nowait() if content.is_eof() else await self._rest(response)
            except (aiohttp.ClientError, TimeoutError) as error:
                raise _translated(error, message, timeout) from None
            status, location = response.status, response.headers.get("Location")
            if not location or status not in REDIRECTS:
                return Answer(status, response.headers, body[: self._keep])
            message = message.redirected(first, status, location)
            if timeout.total is not None:
                limit = time_limit(max(timeout.total - (asyncio.get_running_loop().time() - started), 0.001))
        raise Permanent(f"stopped after {MOST_REQUESTS} requests that redirected", where=first.target.authority)

    def _request(self, message: Message, timeout: ClientTimeout) -> Awaitable[ClientResponse]:
        headers = message.headers
        if message.target.login and "Authorization" not in headers:
            headers = headers.copy()
            headers["Authorization"] = message.target.login
        options: dict[str, Any] = {}
        if self._environ is not None:
            options["proxy"] = proxy_for(message.target.url, self._environ)
        has_length = bool(message.body) or message.method in _SIZED
        if has_length and "Content-Type" not in headers:
            # aiohttp would name a type of its own invention.
            options["skip_auto_headers"] = ("Content-Type",)
        return self._session.request(
            message.method,
            message.target.url,
            headers=headers,
            data=message.body or None,
            timeout=timeout,
            allow_redirects=False,
            middlewares=_as_written(message.method, has_length, "Accept" in headers, "Accept-Encoding" in headers),
            **options,
        )

    async def _rest(self, response: ClientResponse) -> bytes:
        """The beginning of a body that has not arrived yet; what cannot be had in time is done without."""
        body, size = b"", 0
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                while size <= self._limit and (chunk := await response.content.readany()):
                    body += chunk[: self._keep - len(body)]
                    size += len(chunk)
        except (aiohttp.ClientError, TimeoutError):
            response.close()
        except BaseException:
            response.close()
            raise
        if size > self._limit:
            response.close()
        return body


def time_limit(seconds: float) -> ClientTimeout:
    """A limit for a whole exchange; within it, a connection must stand in time."""
    return ClientTimeout(total=seconds, sock_connect=CONNECT_TIMEOUT)


@lru_cache(maxsize=64)
def _as_written(method: str, length: bool, accept: bool, encoding: bool) -> tuple[ClientMiddlewareType]:
    """Takes back what aiohttp adds to a request or changes in it, unlike Go: so nothing is sent that nobody wrote.

    The flags say which of the headers are meant to be sent.
    """
    written = {"Content-Length": length, "Accept": accept, "Accept-Encoding": encoding}
    unasked = tuple(name for name, wanted in written.items() if not wanted)

    async def send(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        for name in unasked:
            request.headers.pop(name, None)
        request.method = method
        return await handler(request)

    return (send,)


def _translated(error: Exception, message: Message, timeout: ClientTimeout) -> EventyardError:
    """What went wrong for a person, without any header or login in it."""
    where = message.target.authority
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Temporary(f"no connection within {CONNECT_TIMEOUT:g} s", where=where, fix="is the target reachable?")
    if isinstance(error, TimeoutError):
        return Temporary(f"no answer within {timeout.total:g} s", where=where, fix="see the trigger's timeout")
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        reason = getattr(error.certificate_error, "verify_message", "") or "it cannot be verified"
        return Temporary(f"its certificate is not trusted: {reason}", where=where, fix="see the trigger's tls block")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Temporary("the host name cannot be resolved", where=where, fix="check the host in the url")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Temporary(f"cannot connect: {_reason(error)}", where=where, fix="is the target running?")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return Temporary("the connection was closed before an answer came", where=where)
    if isinstance(error, aiohttp.ClientOSError):
        return Temporary(f"the connection broke: {_reason(error)}", where=where)
    if isinstance(error, aiohttp.ClientResponseError):
        return Temporary("what it answered is not HTTP", where=where, fix="is this the right port?")
    return Temporary(f"the request failed: {type(error).__name__}", where=where)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
