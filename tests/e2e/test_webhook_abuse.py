"""Senders that are careless or hostile: the right status, nothing published, nothing secret said, memory bounded."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import resource
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.instance import Instance, Sink, free_port, instance
from tests.e2e.manifests import API, post, secret, sensor, webhooks, write
from tests.e2e.senders import post_all

KEY = "a-secret-that-nobody-says"
CONNECTIONS = 10_000


def sign(body: bytes, key: str = KEY) -> str:
    """GitHub's signature."""
    return "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An instance with a signed webhook at /hook and a plain one at /in, both of at most 4096 bytes."""

    running: Instance
    sink: Sink
    port: int

    async def raw(self, request: bytes, *, end: bool = False) -> tuple[int, bytes]:
        """Send bytes on a connection of their own; the status and all that came back. 0 = it was closed in silence."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            if end:
                writer.write_eof()
            async with asyncio.timeout(30):
                answer = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return 0, b""
        finally:
            writer.close()
        return int(answer.split(b" ")[1]), answer

    async def hook(self, body: bytes, method: str = "POST", target: str = "/hook", **headers: str) -> int:
        """The status of a request with these headers (`_` means `-`)."""
        lines = [f"{method} {target} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        status, _ = await self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return status

    async def published(self) -> int:
        """How many events there are."""
        return int((await self.running.api("status"))["position"])


@asynccontextmanager
async def endpoint(folder: Path) -> AsyncIterator[Endpoint]:
    """Start one."""
    port = free_port()
    where = {"port": str(port), "method": "POST", "maxPayloadSize": 4096}
    hook = {
        "repositories": [{"owner": "acme", "names": ["shop"]}],
        "events": ["*"],
        "contentType": "json",
        "webhookSecret": {"name": "github", "key": "secret"},
        "webhook": {**where, "endpoint": "/hook"},
    }
    github = {
        "apiVersion": API,
        "kind": "EventSource",
        "metadata": {"name": "github"},
        "spec": {"github": {"hook": hook}},
    }
    async with Sink() as sink:
        write(folder, "secret", secret("github", secret=KEY))
        write(folder, "sources", github, webhooks({"in": {**where, "endpoint": "/in"}}))
        write(folder, "sensor", sensor("forward", post(sink.url)))
        async with instance(folder) as running:
            yield Endpoint(running, sink, port)
            # Whatever happened, it still works.
            await post_all(f"http://127.0.0.1:{port}/in", ["last"])
            await sink.until(lambda: "last" in sink.ids)
            assert await running.stop() == 0
    assert KEY not in running.said
    assert "Traceback" not in running.said


async def test_what_must_not_pass(tmp_path: Path) -> None:
    body = b'{"action": "opened"}'
    good = {"X_GitHub_Event": "issues", "Content_Type": "application/json"}
    async with endpoint(tmp_path) as at:
        statuses = {
            "no signature": await at.hook(body, **good),
            "wrong key": await at.hook(body, X_Hub_Signature_256=sign(body, "another"), **good),
            "other body": await at.hook(body, X_Hub_Signature_256=sign(b"{}"), **good),
            "no hex": await at.hook(body, X_Hub_Signature_256="sha256=zz", **good),
            "unknown hash": await at.hook(body, X_Hub_Signature_256="md5=" + "0" * 32, **good),
            "oversize": await at.hook(b" " * 5000, X_Hub_Signature_256=sign(b" " * 5000), **good),
            "other type": await at.hook(
                body, X_Hub_Signature_256=sign(body), X_GitHub_Event="issues", Content_Type="text/plain"
            ),
            "not JSON": await at.hook(b"{action}", X_Hub_Signature_256=sign(b"{action}"), **good),
            "no object": await at.hook(b"[1]", X_Hub_Signature_256=sign(b"[1]"), **good),
            "plain: not JSON": await at.hook(b"{action}", target="/in"),
            "plain: no body": await at.hook(b"", target="/in"),
            "plain: oversize": await at.hook(b" " * 5000, target="/in"),
            "plain: wrong method": await at.hook(body, method="PUT", target="/in"),
            "plain: no such path": await at.hook(body, target="/inn"),
        }
        assert statuses == dict.fromkeys(statuses, 400) | {"plain: no such path": 404}
        assert await at.published() == 0
        assert await at.hook(body, X_Hub_Signature_256=sign(body), **good) == 200
        assert await at.published() == 1


async def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """As Argo Events does: what is no UTF-8 within a string is replaced, and the event is taken."""
    async with endpoint(tmp_path) as at:
        assert await at.hook(b'{"id": "a\xff\xfe"}', target="/in") == 200
        await at.sink.until(lambda: bool(at.sink.ids))
        assert list(at.sink.ids) == ["a\ufffd\ufffd"]
        assert await at.hook(b"\xff\xfe", target="/in") == 400
        assert await at.hook(b'{"id": "h"}', target="/in", X_Header="\u00ff\u2028") == 200


async def test_bodies_in_chunks(tmp_path: Path) -> None:
    head = b"POST /in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with endpoint(tmp_path) as at:
        assert (await at.raw(head + b'8\r\n{"id": "\r\n6\r\nchunk"\r\n1\r\n}\r\n0\r\n\r\n'))[0] == 200
        await at.sink.until(lambda: "chunk" in at.sink.ids)
        published = await at.published()
        assert (await at.raw(head + b"1000\r\n" + b" " * 4096 + b"\r\n" + b"1000\r\n" + b" " * 4096))[0] == 400
        assert (await at.raw(head + b"zz\r\n"))[0] == 400
        assert (await at.raw(head + b"4\r\n{}", end=True))[0] in (0, 400)
        assert (await at.raw(b"POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nContent-Length: 8\r\n\r\n{}"))[
            0
        ] == 400
        assert (await at.raw(b"\x16\x03\x01 this is TLS\r\n\r\n"))[0] == 400
        assert await at.published() == published


async def test_a_slow_sender_disturbs_nobody(tmp_path: Path) -> None:
    async with endpoint(tmp_path) as at:
        slow = []
        for start in (b"POST /in HT", b"POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n{") * 200:
            reader, writer = await asyncio.open_connection("127.0.0.1", at.port)
            writer.write(start)
            slow.append((reader, writer))
        ids = [f"quick{number}" for number in range(50)]
        await post_all(f"http://127.0.0.1:{at.port}/in", ids)
        await at.sink.until(lambda: set(ids) <= at.sink.ids.keys())
        assert await at.published() == 50
        for _, writer in slow:
            writer.write(b" ")
        for _, writer in slow:
            writer.close()


def limit_of_files() -> int:
    """Files that this process may have open, after asking for as many as possible."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


@pytest.mark.timeout(120)
async def test_ten_thousand_connections(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    allowed = limit_of_files()
    connections = min(CONNECTIONS, allowed - 500)
    async with endpoint(tmp_path) as at:
        idle = at.running.rss
        many: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        body = b'{"id": "many"}'
        request = b"POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        statuses: Counter[bytes] = Counter()

        async def connect() -> None:
            while len(many) + opening[0] < connections:
                opening[0] += 1
                try:
                    pair = await asyncio.open_connection("127.0.0.1", at.port)
                finally:
                    opening[0] -= 1
                many.append(pair)

        opening = [0]
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for _ in range(100):
                group.create_task(connect())
        waiting = at.running.rss
        # One in ten sends something, while all the others hold their connection.
        for reader, writer in many[::10]:
            writer.write(request)
            statuses[(await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]] += 1
            await reader.readexactly(len(b"success"))
        busy = at.running.rss
        for _, writer in many:
            writer.transport.abort()
        with capsys.disabled():
            print(
                f"\n{len(many)} connections: RSS {idle:.0f} MB without, {waiting:.0f} MB with them, {busy:.0f} MB busy; "
                f"{statuses[b'200']} of {statuses.total()} requests answered with 200"
            )
            if connections < CONNECTIONS:
                print(f"only so many, for this process may open no more than {allowed} files (ulimit -Hn)")
    assert statuses.keys() == {b"200"}
    assert busy < 400
