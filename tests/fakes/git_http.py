"""Git over HTTP as forges offer it: git's own back end behind a server that may ask for a login."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Self

from aiohttp import BasicAuth, web

BACKEND = "http-backend"


class GitHttp:
    """Serves the repositories in a folder. `login` is who may read, None for everybody; `logins` are those who tried."""

    def __init__(self, folder: Path, login: tuple[str, str] | None = None) -> None:
        self._folder, self._login = folder, login
        self.logins: list[tuple[str, str]] = []

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/api/v3/app/installations/{id}/access_tokens", self._token)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.authority = "{}:{}".format(*self._runner.addresses[0][:2])
        self.url = f"http://{self.authority}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._runner.cleanup()

    async def _token(self, request: web.Request) -> web.Response:
        """The login's password, as a forge gives it to its apps."""
        return web.json_response({"token": self._login[1] if self._login else ""}, status=201)

    async def _serve(self, request: web.Request) -> web.Response:
        if self._login is not None:
            given = request.headers.get("Authorization")
            if given is not None:
                found = BasicAuth.decode(given, encoding="utf-8")
                self.logins.append((found.login, found.password))
            if given is None or self.logins[-1] != self._login:
                return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="git"'})
        body = await request.read()
        return await asyncio.to_thread(self._answer, request, body)

    def _answer(self, request: web.Request, body: bytes) -> web.Response:
        environ = {
            "GIT_PROJECT_ROOT": str(self._folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "PATH_INFO": request.path,
            "QUERY_STRING": request.query_string,
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": "",
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
        }
        done = subprocess.run(["git", BACKEND], input=body, env=environ, capture_output=True, check=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        status = int(fields.pop("Status", "200 OK").split()[0])
        return web.Response(status=status, body=content, headers=fields)
