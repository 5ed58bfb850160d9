"""A server that answers as a test has written down: for what a real API server cannot be made to say on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from config.kubernetes.login import Access, Endpoint, Login


@dataclass(kw_only=True)
class Answer:
    """`chunks` are sent one after the other; with `cut` the connection is then closed as if the server had died."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    chunks: Sequence[bytes] = ()
    cut: bool = False


@dataclass
class FakeApi:
    """Gives its answers in order, the last one again and again; whoever shows the `refused` token gets 401.

    `asked` has the requests: (method, path with query, headers).
    """

    url: str
    answers: list[Answer] = field(default_factory=list)
    refused: str = ""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        await request.read()
        self.asked.append((request.method, request.path_qs, dict(request.headers)))
        if self.refused and request.headers.get("Authorization") == f"Bearer {self.refused}":
            return web.json_response(status(401, "Unauthorized"), status=401)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not answer.chunks and not answer.cut:
            if isinstance(answer.body, str):
                return web.Response(text=answer.body, status=answer.status, headers=answer.headers)
            return web.json_response(answer.body, status=answer.status, headers=answer.headers)
        response = web.StreamResponse(status=answer.status)
        response.enable_chunked_encoding()
        await response.prepare(request)
        for chunk in answer.chunks:
            await response.write(chunk)
        if answer.cut and request.transport is not None:
            request.transport.abort()
        return response


@asynccontextmanager
async def fake_api(*answers: Answer) -> AsyncIterator[FakeApi]:
    """A running one."""
    app = web.Application(client_max_size=1 << 24)
    runner = web.AppRunner(app)
    api = FakeApi("", list(answers))
    app.router.add_route("*", "/{path:.*}", api.handle)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        api.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield api
    finally:
        await runner.cleanup()


class GivenAccess(Access):
    """Logs in with one token after the other; `logins` counts."""

    where = "the cluster of this test"
    namespace = "default"

    def __init__(self, server: str, *tokens: str, expires: float = float("inf")) -> None:
        self.server, self.tokens, self.expires, self.logins = server, list(tokens), expires, 0

    async def login(self) -> Login:
        """The next token, or the last one again."""
        self.logins += 1
        token = self.tokens.pop(0) if len(self.tokens) > 1 else (self.tokens or [""])[0]
        return Login(
            endpoint=Endpoint(server=self.server),
            authorization=f"Bearer {token}" if token else "",
            expires=self.expires,
        )


def status(code: int, reason: str = "", message: str = "no", **more: Any) -> dict[str, Any]:
    """A `Status` object."""
    return {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message, **more}
