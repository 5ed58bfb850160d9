"""How fast GitHub deliveries are taken in: signature, envelope and answer, with an `emit` that returns at once.

    python benchmarks/ingest.py [--seconds 5] [--connections 32] [--plain]

A client in a process of its own sends the next delivery on each connection when the last is answered. `--plain` leaves the
signature out. Printed are answers a second and the server's CPU time an answer.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hmac
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import orjson
import uvloop

sys.path.insert(0, str(Path(__file__).parents[1]))

from bus.event import Event
from config.model import SecretKeySelector
from config.secret import Secret
from eventsources.base import SourceContext
from eventsources.github.adapter import GitHub, GitHubSettings
from eventsources.http.route import WebhookContext
from eventsources.http.server import HttpListeners

SECRET = "a secret of twenty-odd bytes"
BYTES = 7_700


def payload() -> bytes:
    """A push of GitHub's shape and size: many short keys, many addresses."""
    api = "https://api.github.com/repos/octo-org/octo-repo"
    person = {"name": "octo", "email": "octo@example.test", "username": "octo", "date": "2026-11-23T21:14:03Z"}
    parts = ["branches", "tags", "blobs", "git/refs", "trees", "statuses", "languages", "stargazers", "contributors"]
    parts += ["subscribers", "subscription", "commits", "git/commits", "comments", "contents", "compare", "merges"]
    parts += ["downloads", "issues", "pulls", "labels", "milestones", "notifications", "releases", "deployments"]
    push: dict[str, Any] = {
        "ref": "refs/heads/main",
        "before": "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
        "after": "0000000000000000000000000000000000000001",
        "repository": {
            "id": 186853002,
            "full_name": "octo-org/octo-repo",
            "private": False,
            "size": 214,
            "owner": {"login": "octo-org", "id": 21031067, "type": "Organization", "site_admin": False, **person},
            **{f"{part.replace('/', '_')}_url": f"{api}/{part}{{/sha}}" for part in parts},
        },
        "pusher": person,
        "sender": {
            "login": "octo",
            "id": 583231,
            **{f"{part.replace('/', '_')}_url": f"{api}/{part}" for part in parts},
        },
        "created": False,
        "deleted": False,
        "forced": False,
        "commits": [],
    }
    while len(orjson.dumps(push)) < BYTES:
        number = len(push["commits"])
        push["commits"].append(
            {
                "id": f"{number:040x}",
                "message": f"Change {number}",
                "author": person,
                "added": [],
                "modified": ["README.md"],
            }
        )
    return orjson.dumps(push)


class Known:
    """One Secret for all."""

    def secret(self, selector: SecretKeySelector, /) -> Secret:
        return Secret(SECRET)

    def config_map(self, selector: Any, /) -> str:
        raise NotImplementedError

    async def recall(self) -> bytes | None:
        return None

    async def remember(self, value: bytes, /) -> None:
        return None


class Taken:
    """The fastest bus there is."""

    async def __call__(self, event: Event, /) -> bool:
        return True

    async def batch(self, events: Sequence[Event], /) -> Sequence[bool]:
        return [True] * len(events)


async def serve(options: argparse.Namespace) -> None:
    """Run the source, and the client against it."""
    http = HttpListeners()
    settings = GitHubSettings(
        organizations=["octo-org"],
        webhook=WebhookContext(endpoint="/push", port="0"),
        webhook_secret=None if options.plain else SecretKeySelector(name="github", key="secret"),
    )
    known = Known()
    context = SourceContext(source="github", event="push", namespace="default", values=known, notes=known, http=http)
    gc.collect()
    gc.freeze()
    async with GitHub(settings, context) as source, asyncio.TaskGroup() as group:
        running = group.create_task(source.run(Taken()))
        command = [sys.executable, __file__, "--client", str(http.port("0")), *sys.argv[1:]]
        begun, cpu = time.perf_counter(), time.process_time()
        client = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        out, _ = await client.communicate()
        cpu = time.process_time() - cpu
        running.cancel()
    counts = orjson.loads(out)
    print(f"{counts['ok'] / options.seconds:,.0f} answers/s   {cpu / counts['ok'] * 1e6:.1f} µs CPU each   {counts}")
    print(f"{time.perf_counter() - begun:.1f} s, {len(payload())} bytes, {options.connections} connections")


class Sender(asyncio.Protocol):
    """Sends a delivery, waits for the answer, sends again."""

    def __init__(self, delivery: bytes, counts: dict[str, int]) -> None:
        self.delivery, self.counts = delivery, counts

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self.delivery)

    def data_received(self, data: bytes) -> None:
        self.counts["ok" if data.startswith(b"HTTP/1.1 200 ") else "other"] += 1
        self.transport.write(self.delivery)


async def send(options: argparse.Namespace) -> None:
    """The client."""
    body = payload()
    head = [
        "POST /push HTTP/1.1",
        "Host: 127.0.0.1",
        "User-Agent: GitHub-Hookshot/0123456",
        "Accept: */*",
        "Content-Type: application/json",
        "X-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-GitHub-Event: push",
        "X-GitHub-Hook-ID: 292430182",
        f"X-Hub-Signature-256: sha256={hmac.digest(SECRET.encode(), body, 'sha256').hex()}",
        f"Content-Length: {len(body)}",
    ]
    delivery = "\r\n".join([*head, "", ""]).encode() + body
    counts = {"ok": 0, "other": 0}
    loop = asyncio.get_running_loop()
    for _ in range(options.connections):
        await loop.create_connection(lambda: Sender(delivery, counts), "127.0.0.1", options.client)
    await asyncio.sleep(options.seconds)
    print(orjson.dumps(counts).decode())


def main() -> None:
    """Both sides."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--client", type=int, default=0, metavar="PORT", help=argparse.SUPPRESS)
    options = parser.parse_args()
    uvloop.run(send(options) if options.client else serve(options))


if __name__ == "__main__":
    main()
