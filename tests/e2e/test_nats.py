"""A real instance between two streams of a real NATS server: killed, and the server killed, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from bus.nats.client import Address, Target, connect
from bus.nats.connection import Connection, Message
from bus.nats.jetstream import ask
from tests.e2e.instance import Instance, instance
from tests.e2e.manifests import API, write
from tests.servers.nats import NatsServer

ROUNDS = int(os.environ.get("EVENTYARD_BROKER_ROUNDS", "3"))

PATIENCE = 60.0
"""Seconds that nothing takes which is sure to come."""


@pytest.fixture
def server() -> Iterator[NatsServer]:
    if missing := NatsServer.missing():
        pytest.skip(missing)
    with NatsServer() as server:
        yield server


@asynccontextmanager
async def linked(server: NatsServer) -> AsyncIterator[Connection]:
    """A connection."""
    connection = await connect(Target([Address(server.host, server.port)]), "test")
    try:
        yield connection
    finally:
        await connection.close()


async def make_streams(link: Connection) -> None:
    """IN takes `in.>`, OUT takes `out` and knows each message by its key."""
    config = {"duplicate_window": 3600 * 1_000_000_000, "allow_direct": True}
    for name, subject in (("IN", "in.>"), ("OUT", "out")):
        await ask(link, f"STREAM.CREATE.{name}", {"name": name, "subjects": [subject], **config})


def forward(folder: Path, server: NatsServer, source: dict[str, Any], **trigger: Any) -> None:
    """Manifests that publish the id of each message of `in.orders` to `out`."""
    write(
        folder,
        "all",
        {
            "apiVersion": API,
            "kind": "EventSource",
            "metadata": {"name": "hooks"},
            "spec": {"nats": {"in": {"url": server.url, "subject": "in.orders", "jsonBody": True, **source}}},
        },
        {
            "apiVersion": API,
            "kind": "Sensor",
            "metadata": {"name": "forward"},
            "spec": {
                "dependencies": [{"name": "event", "eventSourceName": "hooks", "eventName": "in"}],
                "triggers": [
                    {
                        "template": {
                            "name": "publish",
                            "nats": {
                                "url": server.url,
                                "subject": "out",
                                "payload": [{"src": {"dependencyName": "event", "dataKey": "body.id"}, "dest": "id"}],
                                **trigger,
                            },
                        }
                    }
                ],
            },
        },
    )


async def stored(link: Connection, stream: str) -> list[bytes]:
    """The data of all messages of a stream."""
    state = (await ask(link, f"STREAM.INFO.{stream}", None))["state"]
    get, found = f"$JS.API.DIRECT.GET.{stream}", []
    for begin in range(state["first_seq"], state["last_seq"] + 1, 500):
        sequences = range(begin, min(begin + 500, state["last_seq"] + 1))
        asked = (link.request(get, orjson.dumps({"seq": sequence})) for sequence in sequences)
        found += [message.data for message in await asyncio.gather(*asked)]
    return found


async def until_stored(link: Connection, stream: str, count: int) -> None:
    """Wait until a stream has so many messages."""
    async with asyncio.timeout(PATIENCE):
        # A stream has no event for this.
        while (await ask(link, f"STREAM.INFO.{stream}", None))["state"]["messages"] < count:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def flood(link: Connection, prefix: str, sent: list[str]) -> None:
    """Publish for as long as it lasts; note what the stream has confirmed."""
    for number in range(1_000_000):
        ids = [f"{prefix}-{number}-{each}" for each in range(50)]
        await asyncio.gather(*(link.request("in.orders", orjson.dumps({"id": id})) for id in ids))
        sent += ids
        await asyncio.sleep(0.01)


@pytest.mark.timeout(900)
async def test_kill_at_random_moments_loses_nothing(
    tmp_path: Path, server: NatsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each message that IN had ends in OUT, and in it once: what is fired again has its key again."""
    chance = random.Random(20260102)
    sent: list[str] = []
    forward(tmp_path, server, {"jetStream": {"ackWait": "1s"}}, jetStream=True)
    running = Instance(tmp_path)
    async with linked(server) as link:
        await make_streams(link)
        try:
            for round in range(ROUNDS):
                await running.start()
                publishing = asyncio.ensure_future(flood(link, str(round), sent))
                await asyncio.sleep(chance.uniform(0.02, 0.4))
                await running.kill()
                publishing.cancel()
                await asyncio.wait([publishing])
            await running.start()
            there = [orjson.loads(data)["id"] for data in await stored(link, "IN")]
            await until_stored(link, "OUT", len(there))
            await running.until(lambda status: not status["unfinished"] and status["sensors"][0]["lag"] == 0)
            assert await running.stop() == 0
        finally:
            await running.gone()
        fired = [orjson.loads(data)["id"] for data in await stored(link, "OUT")]
    with capsys.disabled():
        print(f"\n{ROUNDS} kills: {len(sent)} confirmed, {len(there)} in IN, {len(fired)} in OUT")
    assert set(sent) <= set(there)
    assert sorted(fired) == sorted(there)


async def test_a_server_that_is_away_and_back(tmp_path: Path, server: NatsServer) -> None:
    forward(tmp_path, server, {"jetStream": {}}, jetStream=True)
    async with linked(server) as link:
        await make_streams(link)
    async with instance(tmp_path) as running:
        for count in (20, 40):
            async with linked(server) as link:
                for number in range(20):
                    await link.request("in.orders", b'{"id":"%d-%d"}' % (count, number))
                await until_stored(link, "OUT", count)
            if count == 20:
                await asyncio.to_thread(server.kill)
                await running.until_ready(503)
                said = await running.until_said("cannot be reached")
                assert f"127.0.0.1:{server.port}" in said
                await asyncio.to_thread(server.start)
                await running.until_ready()
        assert await running.stop() == 0


async def test_core_nats(tmp_path: Path, server: NatsServer) -> None:
    forward(tmp_path, server, {})
    async with instance(tmp_path) as running, linked(server) as link:
        got: asyncio.Queue[Message] = asyncio.Queue()
        await link.subscribe("out", got.put_nowait)
        for number in range(100):
            await link.deliver("in.orders", b'{"id":"%d"}' % number)
        async with asyncio.timeout(PATIENCE):
            messages = [await got.get() for _ in range(100)]
        assert {orjson.loads(message.data)["id"] for message in messages} == {str(number) for number in range(100)}
        assert len({(message.headers or {})["Nats-Msg-Id"] for message in messages}) == 100
        assert await running.stop() == 0


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"url": "nats://127.0.0.1:1"}, "NATS 127.0.0.1:1: it cannot be reached: Connection refused"),
        ({"jetStream": {"stream": "NONE"}}, "there is no stream 'NONE'"),
    ],
)
async def test_it_starts_without_what_it_needs(
    tmp_path: Path, server: NatsServer, source: dict[str, Any], said: str
) -> None:
    """And says what that is; nobody else is kept waiting."""
    forward(tmp_path, server, source)
    running = Instance(tmp_path)
    try:
        await running.spawn()
        await running.until_ready(503)
        await running.until_said(said)
        assert await running.stop() == 0
    finally:
        await running.gone()
