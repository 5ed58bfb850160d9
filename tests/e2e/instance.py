"""A real `eventyard run` in a process of its own, and a real HTTP target that remembers what it got."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiohttp
import psutil
from aiohttp import web

START = 30.0
"""Seconds that a start may take on a machine that is busy."""

Respond = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Instance:
    """One folder with manifests and data; started, killed and started again. `environ` is added to the environment."""

    def __init__(self, folder: Path, *options: str, data: Path | None = None, environ: Mapping[str, str] = {}) -> None:
        self.folder = folder
        self.data = data or folder / "data"
        self.manifests = folder / "manifests"
        self.ops = f"127.0.0.1:{free_port()}"
        self.options = options
        self.environ = environ
        self.process: asyncio.subprocess.Process | None = None
        self.output = folder / "run.out"
        self.errors = folder / "run.err"

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self.process is not None
        return self.process.pid

    @property
    def rss(self) -> float:
        """Megabytes of memory that the running process has."""
        return float(psutil.Process(self.pid).memory_info().rss) / (1 << 20)

    @property
    def said(self) -> str:
        """All that it ever wrote."""
        return self.output.read_text() + self.errors.read_text()

    async def spawn(self) -> None:
        """Start and wait for nothing."""
        with self.output.open("ab") as output, self.errors.open("ab") as errors:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "eventyard",
                "run",
                str(self.manifests),
                "--data-dir",
                str(self.data),
                "--ops",
                self.ops,
                *self.options,
                stdout=output,
                stderr=errors,
                cwd=self.folder,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environ},
            )

    async def start(self) -> None:
        """Start and wait until it says that it is ready. Raises AssertionError with its output if it ends instead."""
        await self.spawn()
        await self.until_ready()

    async def until_ready(self, *statuses: int) -> None:
        """Wait until /readyz answers with 200, or one of these."""
        assert self.process is not None
        async with aiohttp.ClientSession() as session, asyncio.timeout(START):
            while True:
                assert self.process.returncode is None, self.said
                try:
                    async with session.get(f"http://{self.ops}/readyz") as answer:
                        if answer.status in (statuses or (200,)):
                            return
                except aiohttp.ClientConnectionError:
                    pass
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def gone(self) -> None:
        """Kill it if it still runs."""
        if self.process is not None and self.process.returncode is None:
            await self.kill()

    async def stop(self, name: signal.Signals = signal.SIGTERM) -> int:
        """As an operator would; the exit code."""
        assert self.process is not None
        self.process.send_signal(name)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for the exit code."""
        assert self.process is not None
        async with asyncio.timeout(START):
            return await self.process.wait()

    async def api(self, path: str, body: object = None) -> Any:
        """Ask the running instance."""
        async with aiohttp.ClientSession() as session:
            method = "GET" if body is None else "POST"
            async with session.request(method, f"http://{self.ops}/api/v1/{path}", json=body) as answer:
                assert answer.status == 200, await answer.text()
                return await answer.json()

    async def until(self, ready: Callable[[Any], bool], path: str = "status", seconds: float = START) -> Any:
        """Ask again and again until the answer is as wanted."""
        answer: Any = None
        try:
            async with asyncio.timeout(seconds):
                while not ready(answer := await self.api(path)):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{path} is still {answer}\n{self.said}") from None
        return answer

    async def until_said(self, text: str, times: int = 1) -> str:
        """Wait until it has written a text so often; all that it wrote."""
        try:
            async with asyncio.timeout(START):
                # Files have no event for this.
                while (said := self.said).count(text) < times:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"it never said '{text}':\n{self.said}") from None
        return said

    async def command(self, *arguments: str) -> tuple[int, str]:
        """Another `eventyard` that asks this one; its exit code and output."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            "eventyard",
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=self.folder,
            env={**os.environ, "EVENTYARD_OPS": self.ops},
        )
        async with asyncio.timeout(START):
            output, _ = await process.communicate()
        return process.returncode or 0, output.decode()


class Sink:
    """The target of HTTP triggers: counts ids and idempotency keys; `respond` may answer anything."""

    def __init__(self, respond: Respond | None = None) -> None:
        self.respond = respond
        self.port = free_port()
        self.ids: Counter[str] = Counter()
        self.keys: dict[str, set[str]] = {}
        self.changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where triggers post to."""
        return f"http://127.0.0.1:{self.port}/"

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if self.respond is not None:
            answer = await self.respond(request, body)
            if getattr(answer, "status", 200) >= 300:
                return answer
        async with self.changed:
            self.ids[body["id"]] += 1
            self.keys.setdefault(body["id"], set()).add(request.headers["Idempotency-Key"])
            self.changed.notify_all()
        return web.Response(text="ok")

    async def until(self, ready: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait for what it has got to be as wanted."""
        try:
            async with asyncio.timeout(seconds), self.changed:
                await self.changed.wait_for(ready)
        except TimeoutError:
            raise AssertionError(f"after {seconds:g} s the sink has {len(self.ids)} events") from None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=16 << 20)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()


def webhook_to_sink(folder: Path, sink: Sink, *, port: int, trigger: str = "", dependency: str = "") -> None:
    """Manifests of the smallest useful kind: a webhook whose events are posted on."""
    manifests = folder / "manifests"
    manifests.mkdir(parents=True, exist_ok=True)
    (manifests / "all.yaml").write_text(
        f"""
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata: {{name: hooks}}
spec:
  webhook:
    in: {{endpoint: /in, port: "{port}", method: POST}}
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {{name: forward}}
spec:
  dependencies:
    - name: event
      eventSourceName: hooks
      eventName: in
{dependency}
  triggers:
    - template:
        name: post
        http:
          url: {sink.url}
          method: POST
          headers: {{Content-Type: application/json}}
          payload:
            - {{src: {{dependencyName: event, dataKey: body.id}}, dest: id}}
{trigger}
"""
    )


@asynccontextmanager
async def instance(
    folder: Path, *options: str, data: Path | None = None, environ: Mapping[str, str] = {}
) -> AsyncIterator[Instance]:
    """A started instance that is gone afterwards, whatever happened."""
    made = Instance(folder, *options, data=data, environ=environ)
    try:
        await made.start()
        yield made
    finally:
        await made.gone()
