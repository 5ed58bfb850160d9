"""GitHub as far as hooks go: it keeps them, delivers to them, remembers what became of it, and is strict with who asks.

What breaks the rules of the API is answered as GitHub answers it and noted in `wrong`, which a test can demand to be empty.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import uuid
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Self
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.fakes.github_rules import INSTALLATION, TOKEN, is_hook, is_query, refusal, wrong_signature

FAILED = {"status": "failed to connect to host", "status_code": 502}


class FakeGitHub:
    """Knows `acme/shop`, `acme/tools`, the organization `acme` and, with a `key`, an App.

    `prefix` is `/api/v3` on an Enterprise Server, `page` bounds the size of pages, `now` is its clock. Answers in `script` are
    given first, whatever is asked. Places in `forbidden` may be seen and not administered. Deliveries with a GUID in `hidden`
    are listed and cannot be shown; whoever asks for one that is `held` waits for the end, and `holding` is set.
    """

    def __init__(
        self,
        *,
        prefix: str = "",
        key: RSAPrivateKey | None = None,
        page: int = 100,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.prefix, self.page, self.now = prefix, page, now
        self.key = key
        self.hooks: dict[str, list[dict[str, Any]]] = {"repos/acme/shop": [], "repos/acme/tools": [], "orgs/acme": []}
        self.app_hook: dict[str, Any] = {"id": 1, "config": {"url": "", "content_type": "json", "insecure_ssl": "0"}}
        self.secrets: dict[int, str] = {}
        self.deliveries: dict[int, list[dict[str, Any]]] = {1: []}
        self.tokens: dict[str, datetime] = {TOKEN: datetime.max.replace(tzinfo=UTC)}
        self.calls: list[tuple[str, str]] = []
        self.wrong: list[str] = []
        self.script: deque[web.Response] = deque()
        self.forbidden: set[str] = set()
        self.hidden: set[str] = set()
        self.held: set[str] = set()
        self.holding = asyncio.Event()
        self._released = asyncio.Event()
        self.remaining = 5000
        self.reset = 0
        self._numbers = itertools.count(100)

    @property
    def base(self) -> str:
        """The address of the API."""
        return f"{self.url}{self.prefix}/"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 25)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._released.set()
        await self._session.close()
        await self._runner.cleanup()

    def called(self, method: str) -> list[str]:
        """The paths that were asked for in this way."""
        return [path for asked, path in self.calls if asked == method]

    # -- what happens at GitHub

    def add_hook(self, place: str, url: str, **fields: Any) -> dict[str, Any]:
        """A hook that somebody made."""
        config = {"url": url, "content_type": "form", "insecure_ssl": "0", **fields.pop("config", {})}
        hook = {
            "id": next(self._numbers),
            "name": "web",
            "active": True,
            "events": ["push"],
            "config": config,
            **fields,
        }
        if secret := config.pop("secret", ""):
            self._keep_secret(hook, secret)
        self.hooks[place].append(hook)
        self.deliveries[hook["id"]] = []
        return hook

    async def happen(self, place: str, event: str, payload: dict[str, Any], *, lost: bool = False) -> str:
        """Something happens: all hooks of the place that ask for it are tried. `lost`: nobody answers. Its GUID."""
        guid = str(uuid.uuid4())
        for hook in [self.app_hook] if place == "app" else self.hooks[place]:
            wants = hook is self.app_hook or {"*", event} & set(hook["events"])
            if wants and hook.get("active", True):
                await self.attempt(hook, guid, event, payload, lost=lost)
        return guid

    async def attempt(
        self, hook: dict[str, Any], guid: str, event: str, payload: dict[str, Any], *, lost: bool = False
    ) -> int:
        """Deliver it, for the first time or again; the status."""
        body = json.dumps(payload).encode()
        if hook["config"]["content_type"] == "form":
            body = urlencode({"payload": body.decode()}).encode()
        kind = {"json": "application/json", "form": "application/x-www-form-urlencoded"}[hook["config"]["content_type"]]
        headers = {
            "Accept": "*/*",
            "Content-Type": kind,
            "User-Agent": "GitHub-Hookshot/044aadd",
            "X-GitHub-Delivery": guid,
            "X-GitHub-Event": event,
            "X-GitHub-Hook-ID": str(hook["id"]),
        }
        if secret := self.secrets.get(hook["id"]):
            headers["X-Hub-Signature-256"] = "sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex()
        at = self.now()
        result: dict[str, Any] = dict(FAILED)
        if not lost:
            try:
                async with self._session.post(hook["config"]["url"], data=body, headers=headers) as answer:
                    result = {"status": answer.reason or "", "status_code": answer.status}
            except aiohttp.ClientError:
                pass
        return self.record(hook, guid, event, payload, headers, at, result)

    def record(
        self,
        hook: dict[str, Any],
        guid: str,
        event: str,
        payload: Any,
        headers: dict[str, str],
        at: datetime,
        result: dict[str, Any],
    ) -> int:
        """Remember a delivery; its status."""
        earlier = any(each["guid"] == guid for each in self.deliveries[hook["id"]])
        self.deliveries[hook["id"]].insert(
            0,
            {
                "id": next(self._numbers),
                "guid": guid,
                "delivered_at": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "redelivery": earlier,
                "duration": 0.27,
                **result,
                "event": event,
                "action": payload.get("action") if isinstance(payload, dict) else None,
                "installation_id": None,
                "repository_id": 123,
                "throttled_at": None,
                "request": {"headers": headers, "payload": payload},
                "response": {"headers": {}, "payload": ""},
            },
        )
        return int(result["status_code"])

    def _keep_secret(self, hook: dict[str, Any], secret: str) -> None:
        self.secrets[hook["id"]] = secret
        hook["config"]["secret"] = "********"

    # -- the API

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0]
        if not path.startswith(self.prefix + "/"):
            return refusal(404, "Not Found")
        path = path.removeprefix(self.prefix + "/")
        self.calls.append((request.method, path))
        answer = self.script.popleft() if self.script else await self._answer(request, path)
        answer.headers.setdefault("Date", format_datetime(self.now().astimezone(UTC), usegmt=True))
        answer.headers.setdefault("x-ratelimit-limit", "5000")
        answer.headers.setdefault("x-ratelimit-remaining", str(self.remaining))
        answer.headers.setdefault("x-ratelimit-reset", str(self.reset or int(self.now().timestamp()) + 3600))
        return answer

    async def _answer(self, request: web.Request, path: str) -> web.Response:
        if self.remaining <= 0:
            return refusal(403, "API rate limit exceeded for user ID 1.")
        self.remaining -= 1
        for name, wanted in (("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2022-11-28")):
            if request.headers.get(name) != wanted:
                self.wrong.append(f"{request.method} {path}: {name} is {request.headers.get(name)}")
        if "User-Agent" not in request.headers:
            return self._refuse(403, "Request forbidden by administrative rules.", path)
        as_app = path.startswith("app/")
        if not (self._is_app(request) if as_app else self._is_known(request)):
            return refusal(401, "Bad credentials")
        steps = path.split("/")
        if as_app:
            return await self._app(request, steps)
        length = 3 if steps[0] == "repos" else 2
        place = "/".join(steps[:length])
        if place not in self.hooks or steps[length : length + 1] != ["hooks"]:
            return refusal(404, "Not Found")
        if place in self.forbidden:
            return refusal(403, "Resource not accessible by personal access token")
        rest = steps[length + 1 :]
        if not rest:
            return await self._all(request, place)
        hook = next((each for each in self.hooks[place] if str(each["id"]) == rest[0]), None)
        if hook is None:
            return refusal(404, "Not Found")
        if rest[1:2] == ["deliveries"]:
            if any(each["guid"] in self.held for each in self.deliveries[hook["id"]] if [str(each["id"])] == rest[2:]):
                self.holding.set()
                await self._released.wait()
            return self._deliveries(request, hook, rest[2:])
        return await self._one(request, place, hook)

    async def _app(self, request: web.Request, steps: list[str]) -> web.Response:
        if steps == ["app", "installations", str(INSTALLATION), "access_tokens"] and request.method == "POST":
            token, end = f"ghs_{next(self._numbers)}", self.now() + timedelta(hours=1)
            self.tokens[token] = end
            return web.json_response({"token": token, "expires_at": f"{end:%Y-%m-%dT%H:%M:%SZ}"}, status=201)
        if steps == ["app", "hook", "config"]:
            return web.json_response(self.app_hook["config"])
        if steps[:3] == ["app", "hook", "deliveries"]:
            return self._deliveries(request, self.app_hook, steps[3:])
        return refusal(404, "Not Found")

    async def _all(self, request: web.Request, place: str) -> web.Response:
        if request.method == "GET":
            page = int(request.query.get("page", "1"))
            size = self._size(request, "hooks")
            hooks = self.hooks[place]
            more = {"page": str(page + 1)} if len(hooks) > page * size else None
            return self._page(request, hooks[(page - 1) * size : page * size], more)
        body = await self._body(request)
        if body is None:
            return self._refuse(422, "Validation Failed", f"POST {place}: {await request.text()}")
        for other in self.hooks[place]:
            same = other["config"]["url"] == body["config"]["url"]
            if same and ({"*"} & {*other["events"], *body["events"]} or set(other["events"]) & set(body["events"])):
                kind = "repository" if place.startswith("repos") else "organization"
                return refusal(
                    422,
                    "Validation Failed",
                    [{"resource": "Hook", "code": "custom", "message": f"Hook already exists on this {kind}"}],
                )
        hook = self.add_hook(place, **{"url": body["config"]["url"], **body})
        return web.json_response(hook, status=201)

    async def _one(self, request: web.Request, place: str, hook: dict[str, Any]) -> web.Response:
        if request.method == "DELETE":
            self.hooks[place].remove(hook)
            return web.Response(status=204)
        if request.method != "PATCH":
            return web.json_response(hook)
        body = await self._body(request)
        if body is None:
            return self._refuse(422, "Validation Failed", f"PATCH {place}: {await request.text()}")
        self.secrets.pop(hook["id"], None)
        hook |= {**body, "config": {"content_type": "form", "insecure_ssl": "0", **body["config"]}}
        if secret := hook["config"].pop("secret", ""):
            self._keep_secret(hook, secret)
        return web.json_response(hook)

    def _deliveries(self, request: web.Request, hook: dict[str, Any], rest: list[str]) -> web.Response:
        kept = self.deliveries[hook["id"]]
        if rest:
            found = next((each for each in kept if str(each["id"]) == rest[0]), None)
            if found is None:
                return refusal(404, "Not Found")
            if found["guid"] in self.hidden:
                return refusal(500, "Server Error")
            # The payload is written anew from what it means: other spaces, other escapes, another order.
            payload = found["request"]["payload"]
            if isinstance(payload, dict):
                payload = dict(reversed(payload.items()))
            text = json.dumps(
                {**found, "request": {**found["request"], "payload": payload}}, ensure_ascii=False, indent=2
            )
            return web.Response(text=text, content_type="application/json")
        size = self._size(request, "deliveries")
        cursor = request.query.get("cursor", "")
        start = next((i for i, each in enumerate(kept) if f"v1_{each['id']}" == cursor), 0)
        shown = [
            {k: v for k, v in each.items() if k not in ("request", "response")} for each in kept[start : start + size]
        ]
        more = {"cursor": f"v1_{kept[start + size]['id']}"} if len(kept) > start + size else None
        return self._page(request, shown, more)

    # -- the rules

    def _refuse(self, status: int, message: str, why: str) -> web.Response:
        self.wrong.append(why)
        return refusal(status, message)

    def _is_known(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme in ("token", "Bearer") and token in self.tokens and self.now() < self.tokens[token]

    def _is_app(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or self.key is None:
            return False
        if why := wrong_signature(token, self.key, self.now()):
            self.wrong.append(f"JWT: {why}")
        return not why

    async def _body(self, request: web.Request) -> dict[str, Any] | None:
        if request.content_type != "application/json":
            return None
        body = await request.json()
        return body if is_hook(body, request.method) else None

    def _size(self, request: web.Request, what: str) -> int:
        if not is_query(request.query, what):
            self.wrong.append(f"query {request.query_string}")
        return min(int(request.query.get("per_page", "30")), self.page)

    def _page(self, request: web.Request, items: list[Any], more: dict[str, str] | None) -> web.Response:
        answer = web.json_response(items)
        if more is not None:
            query = urlencode({**request.query, **more})
            url = f"https://elsewhere.example.test{request.path}?{query}"
            answer.headers["Link"] = f'<{url}&before=x>; rel="prev", <{url}>; rel="next"'
        return answer
