"""Slack's Web API as far as `chat.postMessage` goes: strict about what it gets, with the errors that Slack has."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any, Self

from aiohttp import web

TOKEN = "xoxb-a-token-that-nobody-sees"
FIELDS = {
    "attachments": list,
    "blocks": list,
    "channel": str,
    "icon_emoji": str,
    "icon_url": str,
    "reply_broadcast": bool,
    "text": str,
    "thread_ts": str,
    "username": str,
}
HANG = web.Response(status=299)
RESET = web.Response(status=298)


def refusal(error: str, **headers: str) -> web.Response:
    """`ok: false` with Slack's word for it."""
    return web.json_response({"ok": False, "error": error}, headers=headers)


def rate_limited(seconds: int) -> web.Response:
    """What Slack answers to whom posts too often."""
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": str(seconds)})


class FakeSlack:
    """A workspace. What is in `script` is answered first, without looking at the request."""

    def __init__(self, *channels: str) -> None:
        self.channels = set(channels or ("deployments",))
        self.messages: list[dict[str, Any]] = []
        self.calls = 0
        self.script: deque[web.Response] = deque()
        self.connections: set[asyncio.BaseTransport] = set()
        self._changed = asyncio.Condition()
        self._released = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/api/chat.postMessage", self._post)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/api/"
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
            await self._changed.wait_for(lambda: self.calls >= times)

    async def abandoned(self) -> None:
        """Wait until nobody is connected."""
        async with asyncio.timeout(10):
            # The server has no event for this.
            while any(not transport.is_closing() for transport in self.connections):  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    async def _post(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        self.connections.add(request.transport)
        body = await request.read()
        self.calls += 1
        async with self._changed:
            self._changed.notify_all()
        if self.script:
            scripted = self.script.popleft()
            if scripted is RESET:
                request.transport.abort()
            if scripted is HANG:
                await self._released.wait()
            return web.Response(status=scripted.status, body=scripted.body, headers=scripted.headers)
        return self._judged(request, body)

    def _judged(self, request: web.Request, body: bytes) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return refusal("invalid_auth")
        if request.headers["Content-Type"] != "application/json; charset=utf-8":
            return refusal("invalid_post_type")
        fields = json.loads(body)
        if any(name not in FIELDS or not isinstance(value, FIELDS[name]) for name, value in fields.items()):
            return refusal("invalid_arguments")
        if fields["channel"] not in self.channels:
            return refusal("channel_not_found")
        if not (fields.get("text") or fields.get("blocks") or fields.get("attachments")):
            return refusal("no_text")
        if "reply_broadcast" in fields and "thread_ts" not in fields:
            return refusal("invalid_arguments")
        if "thread_ts" in fields and fields["thread_ts"] not in {message["ts"] for message in self.messages}:
            return refusal("thread_not_found")
        ts = f"1700000000.{len(self.messages):06}"
        self.messages.append({**fields, "ts": ts})
        return web.json_response({"ok": True, "channel": f"C{fields['channel']}", "ts": ts, "message": fields})
