"""Requests to one API server by the kubernetes library, and the only place that imports its client.

The library's default timeouts, retries and content types are not relied upon: each request says what it wants.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Protocol, Self, cast

import aiohttp
import orjson
from kubernetes.aio.client import ApiClient, Configuration

from config.errors import EventyardError, Permanent, Temporary
from config.kubernetes.failures import Attempt, TooLarge, Unavailable, Unreachable, failure
from config.kubernetes.login import Access, Endpoint, Login

JSON: Final = "application/json"

CONNECT: Final = 10.0
"""Seconds until a connection has to be there."""

LARGEST: Final = 3 * 1024 * 1024
"""Bytes of a request's body; more makes the server cut the connection, which would look as if it were away."""

_AGENT: Final = "eventyard"


class Client(Protocol):
    """What is used of the library's ApiClient, which has no types."""

    async def close(self) -> None: ...

    async def param_serialize(
        self, method: str, path: str, **given: Any
    ) -> tuple[str, str, dict[str, str], Any, Any]: ...

    async def call_api(self, method: str, url: str, headers: dict[str, str], **given: Any) -> Any: ...


class Connection:
    """One API server and one identity; opened by the first request, closed by leaving the context.

    Credentials are renewed when they expire, and once more when the server does not take them (401).
    """

    def __init__(self, access: Access, *, timeout: float = 30.0, clock: Callable[[], float] = time.time) -> None:
        self.where = access.where
        self._access, self._timeout, self._clock = access, timeout, clock
        self._lock = asyncio.Lock()
        self._login: Login | None = None
        self._api: Client | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        api, self._api, self._login = self._api, None, None
        if api is not None:
            await api.close()

    async def request(
        self,
        attempt: Attempt,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] = {},
        body: Any = None,
        content_type: str = JSON,
        accept: str = JSON,
    ) -> Any:
        """The JSON of the answer. `attempt` says in messages what this is about.

        Raises an error of `failures` for any other answer and for none.
        """
        timeout = aiohttp.ClientTimeout(total=self._timeout, connect=CONNECT)
        async with self._answer(attempt, method, path, query, body, content_type, accept, timeout) as answer:
            data = await answer.read()
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            raise Unavailable(
                f"no JSON came back from the attempt to {attempt}",
                where=attempt.where,
                fix="is this address a Kubernetes API, or a proxy in front of it?",
            ) from None

    @asynccontextmanager
    async def stream(
        self, attempt: Attempt, path: str, *, query: Mapping[str, str], silence: float
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes of an answer that goes on; a silence of that many seconds is the end of it.

        Raises as `request` does, also while it is being read.
        """
        timeout = aiohttp.ClientTimeout(total=None, connect=CONNECT, sock_read=silence)
        async with self._answer(attempt, "GET", path, query, None, JSON, JSON, timeout) as answer:
            try:
                yield answer.content.iter_any()
            except aiohttp.SocketTimeoutError:
                return

    @asynccontextmanager
    async def _answer(
        self,
        attempt: Attempt,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Any,
        content_type: str,
        accept: str,
        timeout: aiohttp.ClientTimeout,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        body = _sized(attempt, body, content_type)
        headers = {"Accept": accept, "Content-Type": content_type}
        try:
            refused: Login | None = None
            while True:
                api, login = await self._ready(refused)
                answer = await self._send(api, login, method, path, query, headers, body, timeout)
                if answer.status == 401 and refused is None:
                    await answer.read()
                    refused = login
                    continue
                break
            try:
                if answer.status >= 300:
                    raise failure(attempt, answer.status, await answer.read(), answer.headers.get("Retry-After"))
                yield answer
            finally:
                await _hang_up(answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _unreachable(attempt, error, timeout) from None

    async def _send(
        self,
        api: Client,
        login: Login,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: Any,
        timeout: aiohttp.ClientTimeout,
    ) -> aiohttp.ClientResponse:
        own = {**headers, **({"Authorization": login.authorization} if login.authorization else {})}
        _, url, own, body, _ = await api.param_serialize(
            method, path, query_params=list(query.items()), header_params=own, body=body
        )
        answer = await api.call_api(method, url, own, body=body, _request_timeout=timeout)
        response: aiohttp.ClientResponse = answer.response
        return response

    async def _ready(self, refused: Login | None) -> tuple[Client, Login]:
        async with self._lock:
            login = self._login
            if login is None or login is refused or self._clock() >= login.expires:
                login = await _mendable(self._access.login())
                if self._api is None or self._login is None or login.endpoint != self._login.endpoint:
                    stale, self._api = self._api, _open(login.endpoint)
                    if stale is not None:
                        # Whoever reads from it sees a lost connection, and comes back with the new certificate.
                        await stale.close()
                self._login = login
            assert self._api is not None
            return self._api, login


async def _hang_up(answer: aiohttp.ClientResponse) -> None:
    """Nothing remains of an answer that was not read to its end: TLS would first wait for the server's farewell."""
    connection = answer.connection
    if connection is not None and connection.protocol is not None and connection.transport is not None:
        closed = connection.protocol.closed
        connection.transport.abort()
        if closed is not None:
            await asyncio.gather(closed, return_exceptions=True)
    answer.release()


async def _mendable(login: Awaitable[Login]) -> Login:
    """Whoever mends a file on this machine need not do again what was asked meanwhile."""
    try:
        return await login
    except (Temporary, Permanent):
        raise
    except EventyardError as error:
        raise Temporary(error.what, where=error.where, fix=error.fix) from None


def _open(endpoint: Endpoint) -> Client:
    configuration = Configuration(
        host=endpoint.server,
        verify_ssl=endpoint.verify,
        ca_cert_data=endpoint.authority or None,
        tls_server_name=endpoint.server_name or None,
        proxy=endpoint.proxy or None,
    )
    try:
        # The library, as OpenSSL, takes certificates from files only; it has read them when the client is made.
        with tempfile.TemporaryDirectory(prefix="eventyard-") as folder:
            if endpoint.certificate:
                configuration.cert_file = _write(Path(folder, "certificate"), endpoint.certificate)
                configuration.key_file = _write(Path(folder, "key"), endpoint.key)
            api = ApiClient(configuration)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise Temporary(
            f"a certificate or key cannot be used: {error}", where=endpoint.server, fix="they have to be PEM texts"
        ) from None
    api.user_agent = _AGENT
    return cast(Client, api)


def _write(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def _sized(attempt: Attempt, body: Any, content_type: str) -> Any:
    if body is None:
        return None
    text = body if isinstance(body, str) else json.dumps(body)
    if len(text) > LARGEST:
        raise TooLarge(
            f"the attempt to {attempt} needs {len(text)} bytes, and the server takes {LARGEST}",
            where=attempt.where,
            fix="make the object smaller",
        )
    # The library writes JSON itself where the content type says so, and takes only text for any other.
    return body if "json" in content_type.lower() or content_type == "application/apply-patch+yaml" else text


def _unreachable(attempt: Attempt, error: Exception, timeout: aiohttp.ClientTimeout) -> Unreachable:
    fix = "is the API server running, and does the address in the kubeconfig lead to it?"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        why, fix = (
            f"its certificate is not trusted: {error.certificate_error}",
            "is 'certificate-authority' the right one?",
        )
    elif isinstance(error, aiohttp.ConnectionTimeoutError):
        why = f"no connection in {CONNECT:g} s"
    elif isinstance(error, TimeoutError):
        why = f"no answer in {timeout.total or timeout.sock_read:g} s"
    else:
        why = str(error) or type(error).__name__
    return Unreachable(f"no answer to the attempt to {attempt}: {why}", where=attempt.where, fix=fix)
