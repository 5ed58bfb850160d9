"""Argo CD's REST interface as far as operations on Applications go: strict about what it gets, with the errors it has."""

from __future__ import annotations

import asyncio
import copy
import json
from collections import deque
from collections.abc import Mapping
from typing import Any, Final, Self

from aiohttp import web

TOKEN: Final = "a-token-that-nobody-sees"
SCOPE: Final = {"appNamespace": str, "project": str}
SYNC: Final[Mapping[str, type]] = {
    **SCOPE,
    "revision": str,
    "dryRun": bool,
    "prune": bool,
    "strategy": dict,
    "resources": list,
    "infos": list,
    "retryStrategy": dict,
    "syncOptions": dict,
    "sourcePositions": list,
    "revisions": list,
}
ROLLBACK: Final[Mapping[str, type]] = {**SCOPE, "id": int, "prune": bool, "dryRun": bool}
HANG = web.Response(status=299)
RESET = web.Response(status=298)

FAILED_PRECONDITION, INVALID, DENIED, UNAUTHENTICATED, NOT_FOUND = (9, 400), (3, 400), (7, 403), (16, 401), (5, 404)


def refusal(code: tuple[int, int], message: str, **headers: str) -> web.Response:
    """As the gateway in front of its gRPC answers."""
    body = {"error": message, "code": code[0], "message": message}
    return web.json_response(body, status=code[1], headers=headers)


def application(name: str = "shop", **fields: Any) -> dict[str, Any]:
    """One that has been deployed three times; as the server answers it, without its kind."""
    source = {"repoURL": "https://git.example/shop", "path": "deploy", "targetRevision": "main"}
    history: list[dict[str, Any]] = [{"revision": f"sha-{number}", "source": source} for number in range(3)]
    for number in range(1, 3):
        history[number]["id"] = number
    return {
        "metadata": {"name": name, "namespace": "argocd", "uid": f"uid-{name}"},
        "spec": {"project": "default", "source": source},
        "status": {"history": history, "sync": {"status": "Synced"}, "health": {"status": "Healthy"}},
        **fields,
    }


class FakeArgoCD:
    """Answers under `/base`. What is in `script` is answered first, without looking at the request.

    `calls` are what was asked for: method, path, and the query or body.
    """

    def __init__(self, *applications: dict[str, Any]) -> None:
        self.applications = {each["metadata"]["name"]: each for each in applications or (application(),)}
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.script: deque[web.Response] = deque()
        self.lose_next = False
        self.connections: set[asyncio.BaseTransport] = set()
        self._changed = asyncio.Condition()
        self._released = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/base"
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._released.set()
        await self._runner.cleanup()

    def release(self) -> None:
        """Let requests that hang go on."""
        self._released.set()

    async def called(self, times: int) -> None:
        """Wait for so many calls."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: len(self.calls) >= times)

    async def abandoned(self) -> None:
        """Wait until nobody is connected."""
        async with asyncio.timeout(10):
            # The server has no event for this.
            while any(not transport.is_closing() for transport in self.connections):  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    def control(self, name: str = "shop", **status: Any) -> None:
        """The controller has done what was asked for."""
        found = self.applications[name]
        operation = found.pop("operation", {})
        found["status"] |= {"operationState": {"operation": operation, **status.pop("operationState", {})}, **status}

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        self.connections.add(request.transport)
        text = await request.text()
        given: dict[str, Any] = json.loads(text) if text else dict(request.query)
        self.calls.append((request.method, request.path, given))
        async with self._changed:
            self._changed.notify_all()
        if self.script:
            scripted = self.script.popleft()
            if scripted is RESET:
                request.transport.abort()
            if scripted is HANG:
                await self._released.wait()
            return web.Response(status=scripted.status, body=scripted.body, headers=scripted.headers)
        answer = self._judged(request, given)
        if self.lose_next and request.method != "GET":
            self.lose_next = False
            request.transport.abort()
        return answer

    def _judged(self, request: web.Request, given: dict[str, Any]) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return refusal(UNAUTHENTICATED, "no session information")
        if request.method == "POST" and request.headers["Content-Type"] != "application/json":
            return web.Response(status=415, text="Invalid content type")
        root, _, path = request.path.partition("/applications")
        if root != "/base/api/v1":
            return web.Response(status=404, text="404 page not found")
        if not path:
            assert given == {"fields": "items.metadata.name"}
            return web.json_response({"items": [{"metadata": {"name": name}} for name in self.applications]})
        _, name, *rest = path.split("/")
        found = self.applications.get(name)
        if found is None:
            if given.get("project"):
                return refusal(NOT_FOUND, f'applications.argoproj.io "{name}" not found')
            return refusal(DENIED, "permission denied")
        match request.method, *rest:
            case ("GET",):
                assert given.keys() <= {*SCOPE, "refresh"}
                assert given.get("refresh", "normal") in ("normal", "hard")
                return web.json_response(found)
            case "POST", "sync":
                _check(given, SYNC)
                return self._begin(found, {"sync": _sync(given), "info": given["infos"]})
            case "POST", "rollback":
                _check(given, ROLLBACK)
                if "automated" in found["spec"].get("syncPolicy", {}):
                    return refusal(FAILED_PRECONDITION, "rollback cannot be initiated when auto-sync is enabled")
                entries = {each.get("id", 0): each for each in found["status"]["history"]}
                if given["id"] not in entries:
                    return refusal(INVALID, f"application shop does not have deployment with id {given['id']}")
                return self._begin(found, {"sync": {"revision": entries[given["id"]]["revision"]}})
            case "DELETE", "operation":
                assert given.keys() <= SCOPE.keys()
                if "operation" not in found:
                    return refusal(INVALID, "Unable to terminate operation. No operation is in progress")
                found["status"]["operationState"]["phase"] = "Terminating"
                return web.json_response({})
        return web.Response(status=404, text="404 page not found")

    def _begin(self, found: dict[str, Any], operation: dict[str, Any]) -> web.Response:
        if "operation" in found:
            error = "rpc error: code = FailedPrecondition desc = another operation is already in progress"
            return refusal(FAILED_PRECONDITION, f"error setting app operation: {error}")
        found["operation"] = {**operation, "initiatedBy": {"username": "ci"}}
        found["status"].pop("operationState", None)
        return web.json_response(copy.deepcopy(found))


def _check(given: dict[str, Any], known: Mapping[str, type]) -> None:
    for name, value in given.items():
        assert name in known, f"no field '{name}'"
        assert isinstance(value, known[name]), f"'{name}' is {value!r}"


def _sync(given: dict[str, Any]) -> dict[str, Any]:
    if "syncOptions" in given:
        assert given["syncOptions"].keys() == {"items"}
    assert len(given.get("revisions", ())) == len(given.get("sourcePositions", ()))
    kept = ("revision", "dryRun", "prune", "resources", "revisions")
    return {name: given[name] for name in kept if name in given}
