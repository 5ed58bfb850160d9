"""The ops listener: /healthz, /readyz, /metrics and the API. Beyond loopback it demands a bearer token."""

from __future__ import annotations

import hmac
import ipaddress
import os
import time
from types import TracebackType
from typing import Self

from aiohttp import web

from config.errors import EventyardError
from config.secret import Secret
from eventyard.address import TOKEN, split_address
from eventyard.api import API, Handler, json_response, readable_errors
from eventyard.runtime import Runtime

OPEN_PATHS = ("/healthz", "/readyz")
"""What a kubelet asks without a token; says nothing but yes or no there."""

LAST_ANSWERS = 1.0
"""Seconds that a stop waits for answers in progress; catching up may take minutes, and goes on after the next start."""


class Ops:
    """An async context manager: entered = listening. An address of `off` means none."""

    def __init__(self, runtime: Runtime, address: str, *, token: Secret | None = None) -> None:
        self._runtime = runtime
        self._address = address
        given = os.environ.get(TOKEN, "")
        self._token = token or (Secret(given) if given else None)
        self._runner: web.AppRunner | None = None
        self.listening = ""

    async def __aenter__(self) -> Self:
        if self._address == "off":
            return self
        host, port = split_address(self._address)
        if self._token is None and not _is_loopback(host):
            raise EventyardError(
                f"the ops listener on {host} is reachable from outside and has no token",
                fix=f"set {TOKEN}, or listen on 127.0.0.1",
            )
        app = web.Application(middlewares=[self._authorise, readable_errors], client_max_size=16 << 20)
        app.add_routes(
            [
                web.get("/healthz", self.healthz),
                web.get("/readyz", self.readyz),
                web.get("/metrics", self.metrics),
                *API(self._runtime).routes(),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=LAST_ANSWERS)
        await self._runner.setup()
        try:
            site = web.TCPSite(self._runner, host, port)
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise EventyardError(
                f"the ops listener cannot use {self._address}: {error.strerror or error}",
                fix="choose another with --ops HOST:PORT, or --ops off",
            ) from error
        bound = self._runner.addresses[0]
        self.listening = f"{bound[0]}:{bound[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _authorise(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self._token is not None and request.path not in OPEN_PATHS:
            scheme, _, given = request.headers.get("Authorization", "").partition(" ")
            known = hmac.compare_digest(given.encode(), self._token.reveal().encode())
            if scheme != "Bearer" or not known:
                return json_response({"error": "a bearer token is needed", "fix": f"send the one in {TOKEN}"}, 401)
        return await handler(request)

    async def healthz(self, request: web.Request) -> web.Response:
        """The process lives."""
        return web.Response(text="ok")

    async def readyz(self, request: web.Request) -> web.Response:
        """200 only while every source is bound or connected and every Sensor runs."""
        problems = self._runtime.problems()
        if not problems:
            return web.Response(text="ready")
        text = "not ready" if self._token is not None else "\n".join(problems)
        return web.Response(text=text, status=503)

    async def metrics(self, request: web.Request) -> web.Response:
        """Prometheus' exposition format."""
        stats = await self._runtime.bus.stats()
        body = self._runtime.metrics.text(stats, time.time())
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
