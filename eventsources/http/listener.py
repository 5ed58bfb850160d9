"""One port: which requests go to which route, and how it is opened and closed."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Collection
from typing import Any, Final

from config.errors import EventyardError
from eventsources.go.url import clean_path, compile_endpoint, escape_path, split_target
from eventsources.http.connection import BAD_REQUEST, HttpServer
from eventsources.http.request import Answer, Load, Refused, Request
from eventsources.http.route import Route

_log = logging.getLogger("eventyard.http")

HEALTH: Final = "/health"
CUT_OFF: Final = 1.0
"""Seconds for writing the last answers when a port is closed."""

HANDSHAKE: Final = 20.0
"""Seconds for a TLS handshake."""

_NOT_FOUND: Final = Answer(404, "404 page not found\n")
_EXPECTATION_FAILED: Final = Answer(417, last=True)
_CLOSING: Final = Answer(503, "shutting down", (("Retry-After", "1"),), last=True)
_FAILED: Final = Answer(500, "internal error", last=True)
_HEALTHY: Final = Answer(200, "OK")


class Mounted:
    """A route in its place, and the tasks of the requests it is busy with."""

    __slots__ = ("_idle", "busy", "cut", "leaving", "route")

    def __init__(self, route: Route) -> None:
        self.route = route
        self.busy: set[asyncio.Task[Any]] = set()
        self.leaving = self.cut = False
        self._idle = asyncio.Event()

    def begin(self) -> asyncio.Task[Any]:
        """One request more, in the present task."""
        task = asyncio.current_task()
        assert task is not None
        self.busy.add(task)
        return task

    def end(self, task: asyncio.Task[Any]) -> None:
        """One request less."""
        self.busy.discard(task)
        if not self.busy:
            self._idle.set()

    async def idle(self, grace: float) -> bool:
        """Wait until no request is left, for `grace` seconds at most."""
        try:
            async with asyncio.timeout(grace):
                while self.busy:
                    self._idle.clear()
                    await self._idle.wait()
        except TimeoutError:
            return False
        return True

    def cut_off(self) -> None:
        """Whoever is not answered by now is told to come back."""
        self.cut = True
        for task in self.busy:
            task.cancel()


class Listener:
    """A bound port. Of several routes on one path the last that was mounted is served."""

    def __init__(self, load: Load, tls: ssl.SSLContext | None) -> None:
        self._load = load
        self.tls = tls
        self._mounts: dict[str, list[Mounted]] = {}
        self._direct: dict[str, Mounted] = {}
        self._exact: dict[str, Mounted] = {}
        self._patterns: list[tuple[Callable[[str], object], Mounted]] = []
        self._draining = False
        self._server: asyncio.Server | None = None
        self._web: HttpServer | None = None

    async def open(self, host: str, port: int) -> None:
        """Bind the port. Raises EventyardError."""
        self._web = HttpServer(self._answer, self._load)
        try:
            self._server = await asyncio.get_running_loop().create_server(
                self._web,
                host,
                port,
                ssl=self.tls,
                backlog=1024,
                ssl_handshake_timeout=HANDSHAKE if self.tls else None,
            )
        except OSError as error:
            raise EventyardError(
                f"cannot listen on {host}:{port}: {error.strerror or error}",
                fix="free the port or choose another",
            ) from None

    @property
    def port(self) -> int:
        """The number that was bound."""
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def empty(self) -> bool:
        """Nothing is mounted."""
        return not self._mounts

    # -- routes

    def mount(self, route: Route, leaving: Collection[str] = ()) -> Mounted:
        """Serve a route. Raises EventyardError if its path is another owner's that is not among those `leaving`."""
        path = route.context.endpoint
        mounts = self._mounts.setdefault(path, [])
        if mounts and mounts[-1].route.owner not in (route.owner, *leaving):
            raise EventyardError(
                f"{path} on port {route.context.port} is taken by {mounts[-1].route.owner}",
                where=route.owner,
                fix="give each event an endpoint of its own",
            )
        mounted = Mounted(route)
        mounts.append(mounted)
        self._index()
        return mounted

    def unmount(self, mounted: Mounted) -> None:
        """Serve it no longer; one that was mounted before it on the same path is served again."""
        path = mounted.route.context.endpoint
        self._mounts[path].remove(mounted)
        if not self._mounts[path]:
            del self._mounts[path]
        self._index()

    def serves_another(self, route: Route) -> bool:
        """Whether another was mounted on its path after it."""
        return self._mounts[route.context.endpoint][-1].route is not route

    def _index(self) -> None:
        exact: dict[str, Mounted] = {}
        patterns: list[tuple[Callable[[str], object], Mounted]] = []
        for path, mounts in self._mounts.items():
            try:
                compiled = compile_endpoint(path)
            except EventyardError:
                continue  # no request can reach it, as validation said
            if isinstance(compiled, str):
                exact[compiled] = mounts[-1]
            else:
                patterns.append((compiled, mounts[-1]))
        self._exact, self._patterns = exact, patterns
        # A target without query and escapes is its path, which saves taking most of them apart.
        self._direct = {path: mounted for path, mounted in exact.items() if "?" not in path and "%" not in path}

    def _find(self, request: Request) -> Mounted:
        """The route of a request. Raises Refused with what is to be said instead."""
        try:
            path, request.query = split_target(request.target)
        except ValueError:
            raise Refused(BAD_REQUEST) from None
        if (clean := clean_path(path)) != path:
            _, mark, query = request.target.partition("?")
            raise Refused(Answer(301, headers=(("Location", escape_path(clean) + mark + query),)))
        if (mounted := self._exact.get(path)) is not None:
            return mounted
        for matches, mounted in self._patterns:
            if matches(path):
                return mounted
        raise Refused(_HEALTHY if path == HEALTH else _NOT_FOUND)

    # -- requests

    async def _answer(self, request: Request) -> Answer:
        if self._draining:
            return _CLOSING
        try:
            mounted = self._direct.get(request.target) or self._find(request)
            if mounted.leaving:
                return _CLOSING
            if request.header("Expect").lower() not in ("", "100-continue"):
                return _EXPECTATION_FAILED
        except Refused as refused:
            return refused.answer
        task = mounted.begin()
        try:
            return await mounted.route.handle(request)
        except Refused as refused:
            return refused.answer
        except asyncio.CancelledError:
            if not mounted.cut:
                raise
            task.uncancel()
            return _CLOSING
        except Exception:
            _log.exception("%s: a request failed", mounted.route.owner)
            return _FAILED
        finally:
            request.release()
            mounted.end(task)

    # -- the end

    def stop(self) -> None:
        """Accept nothing more; requests on connections that are open are refused. Harmless to repeat."""
        self._draining = True
        if self._server is not None:
            self._server.close()
            self._server = None

    async def close(self, grace: float) -> None:
        """Stop, let the requests in progress end, close all connections. Harmless to repeat."""
        self.stop()
        deadline = asyncio.get_running_loop().time() + grace
        for mounted in [each for mounts in self._mounts.values() for each in mounts]:
            await mounted.idle(max(deadline - asyncio.get_running_loop().time(), 0))
            mounted.cut_off()
        if self._web is not None:
            self._web.pre_shutdown()
            await self._web.shutdown(CUT_OFF)
