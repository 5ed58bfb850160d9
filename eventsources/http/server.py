"""The HTTP listeners of a process: one per port, shared by all sources that are fed by HTTP.

A source mounts its route for as long as it runs. Mounting binds the port if nobody has yet; a changed version of a source
mounts the same path while the old one is still there and takes over its requests, without closing the port.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from config.errors import EventyardError
from eventsources.http.listener import Listener
from eventsources.http.request import Limits, Load
from eventsources.http.route import Route, parse_port

_log = logging.getLogger("eventyard.http")

GRACE = 10.0
"""Seconds that requests in progress are given to end when their route goes."""


class HttpListeners:
    """Made by the runtime, given to sources. `host` is the address that every port is bound on."""

    def __init__(self, host: str = "127.0.0.1", limits: Limits | None = None, *, grace: float = GRACE) -> None:
        self.host = host
        self.grace = grace
        self._load = Load(limits or Limits())
        self._listeners: dict[int, Listener] = {}
        self._changing = asyncio.Lock()
        self.leaving: frozenset[str] = frozenset()
        """Owners whose paths others may take over, because they are about to go."""

    def port(self, text: str) -> int:
        """The number behind a port of a manifest while something is mounted on it: "0" becomes the one that was free."""
        return self._listeners[parse_port(text)].port

    @property
    def connections(self) -> int:
        """Open connections on all ports."""
        return self._load.connections

    @property
    def body_bytes(self) -> int:
        """Bytes of the bodies of requests that are not answered yet."""
        return self._load.body_bytes

    @asynccontextmanager
    async def mount(self, route: Route) -> AsyncIterator[None]:
        """Serve a route while inside. Raises EventyardError if the port or the path is taken, or TLS is not as it must be.

        Leaving refuses new requests with 503, unless a successor serves them, and waits for those in progress.
        """
        number = parse_port(route.context.port)
        async with self._changing:
            listener = await self._opened(number, route)
            try:
                mounted = listener.mount(route, self.leaving)
            except EventyardError:
                await self._close_unused(number)
                raise
        try:
            yield
        finally:
            mounted.leaving = True
            try:
                if not await mounted.idle(self.grace):
                    _log.warning("%s: requests in progress did not end within %g s", route.owner, self.grace)
            finally:
                mounted.cut_off()
                listener.unmount(mounted)
                async with self._changing:
                    await self._close_unused(number)

    def is_succeeded(self, route: Route) -> bool:
        """Whether a later version of its owner has taken over the path of a route that is mounted."""
        return self._listeners[parse_port(route.context.port)].serves_another(route)

    async def drain(self, grace: float) -> None:
        """Stop accepting on all ports at once, let the requests in progress end within `grace` seconds, close all
        connections."""
        listeners = list(self._listeners.values())
        for listener in listeners:
            listener.stop()
        async with asyncio.TaskGroup() as group:
            for listener in listeners:
                group.create_task(listener.close(grace))

    async def _opened(self, number: int, route: Route) -> Listener:
        context = route.context
        secure = context.server_cert_secret is not None and context.server_key_secret is not None
        listener = self._listeners.get(number)
        if listener is None:
            tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if secure else None
            listener = Listener(self._load, tls)
            if tls is not None:
                _load_certificate(tls, route)
            await listener.open(self.host, number)
            self._listeners[number] = listener
        elif secure != (listener.tls is not None):
            raise EventyardError(
                f"port {context.port} is open {'without' if secure else 'with'} TLS",
                where=route.owner,
                fix="give all events on a port serverCertSecret and serverKeySecret, or none of them",
            )
        elif listener.tls is not None:
            _load_certificate(listener.tls, route)
        return listener

    async def _close_unused(self, number: int) -> None:
        listener = self._listeners.get(number)
        if listener is not None and listener.empty:
            del self._listeners[number]
            await listener.close(0)


def _load_certificate(tls: ssl.SSLContext, route: Route) -> None:
    """Take certificate and key of a route for all connections to come; both are PEM text."""
    certificate, key = route.context.server_cert_secret, route.context.server_key_secret
    assert certificate is not None and key is not None
    pem = f"{route.values.secret(certificate).reveal()}\n{route.values.secret(key).reveal()}\n"
    # The ssl module reads certificates from files only.
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(pem)
        file.flush()
        try:
            tls.load_cert_chain(file.name)
        except OSError as error:
            raise EventyardError(
                f"the certificate and key cannot be used: {error}",
                where=route.owner,
                fix="both must be PEM and belong together",
            ) from None
