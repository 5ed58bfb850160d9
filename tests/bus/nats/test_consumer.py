"""bus/nats/consumer.py: what the tests of the source, with a real server, do not come across."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from bus.nats.client import Target, connect, parse_addresses
from bus.nats.connection import Connection, Message
from bus.nats.consumer import Durable, Pull
from bus.nats.jetstream import ask
from config.errors import Temporary
from tests.fakes.nats import fake_server, greet
from tests.servers.nats import NatsServer

DURABLE = Durable(stream="S", name="d")
DATA = b"MSG in.a 1 $JS.ACK.S.d.1.7.1.99.0 1\r\nx\r\n"
HEARTBEAT = "NATS/1.0 100 Idle Heartbeat"


def status(line: str, reply: str) -> bytes:
    """A status as a server sends it."""
    head = f"{line}\r\n\r\n".encode()
    return f"HMSG {reply} 1 {len(head)} {len(head)}\r\n".encode() + head + b"\r\n"


@asynccontextmanager
async def pulling(
    *answers: bytes | str | None, config: dict[str, Any] | None = None
) -> AsyncIterator[tuple[Pull, list[Any]]]:
    """A Pull of a server that answers its requests with these, text being a status, None being silence; and the requests."""
    requests: list[Any] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await greet(reader, writer)
        left = list(answers)
        while line := await reader.readline():
            if line == b"PING\r\n":
                writer.write(b"PONG\r\n")
            elif line.startswith(b"PUB $JS.API.CONSUMER.MSG.NEXT.S.d "):
                requests.append(orjson.loads(await reader.readline()))
                answer = left.pop(0) if left else None
                if answer is not None:
                    writer.write(answer if isinstance(answer, bytes) else status(answer, line.split()[2].decode()))

    async with fake_server(serve) as port:
        connection = await connect(Target(parse_addresses(f"127.0.0.1:{port}")), "test")
        pull = Pull(connection, DURABLE, config or {})
        await pull.open()
        try:
            yield pull, requests
        finally:
            await connection.close()


async def test_one_request_at_a_time() -> None:
    async with pulling(DATA, config={"max_batch": 2}) as (pull, requests):
        assert [message.data for message in await pull.next()] == [b"x"]
        assert requests == [{"batch": 2, "max_bytes": 16 << 20, "expires": 10_000_000_000}]


@pytest.mark.parametrize(
    "line", ["NATS/1.0 404 No Messages", "NATS/1.0 408 Request Timeout", "NATS/1.0 409 Batch Completed"]
)
async def test_when_one_is_over_the_next_follows(line: str) -> None:
    async with pulling(line, line, DATA) as (pull, requests):
        await pull.next()
        assert len(requests) == 3


async def test_a_request_that_was_lost_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bus.nats.consumer._GRACE", 0.01)
    async with pulling(None, HEARTBEAT, DATA, config={"max_expires": 10_000_000}) as (pull, requests):
        await pull.next()
        assert len(requests) == 3


@pytest.mark.parametrize(
    "line",
    [
        "NATS/1.0 409 Leadership Change",
        "NATS/1.0 409 Server Shutdown",
        "NATS/1.0 409 Message Size Exceeds MaxBytes",
        "NATS/1.0 503",
        "NATS/1.0 400 Bad Request",
    ],
)
async def test_anything_else_ends_it(line: str) -> None:
    async with pulling(line) as (pull, _):
        with pytest.raises(Temporary, match="JetStream gives no messages") as failure:
            await pull.next()
        assert line.split(maxsplit=2)[-1] in failure.value.what


async def test_what_came_before_the_end_is_not_lost() -> None:
    async with pulling(DATA) as (pull, _):
        await pull.next()
        client = pull._connection._client
        pull._take(Message(client, "in.a", "$JS.ACK.S.d.1.8.1.99.0", b"y"))
        headers = {"Status": "409", "Description": "Server Shutdown"}
        pull._take(Message(client, f"{pull._inbox}.1", headers=headers))
        assert [message.data for message in await pull.next()] == [b"y"]
        with pytest.raises(Temporary):
            await pull.next()


async def test_a_message_as_large_as_a_server_allows() -> None:
    if missing := NatsServer.missing():
        pytest.skip(missing)
    size = 20 << 20
    with NatsServer(f"max_payload: {size}") as server:
        link: Connection = await connect(Target(parse_addresses(server.url)), "test")
        await ask(link, "STREAM.CREATE.S", {"name": "S", "subjects": ["a"]})
        config = {"durable_name": "d", "ack_policy": "explicit"}
        await ask(link, "CONSUMER.CREATE.S.d", {"stream_name": "S", "config": config})
        await link.request("a", bytes(size))
        pull = Pull(link, DURABLE, {})
        await pull.open()
        assert len((await pull.next())[0].data) == size
        await link.close()
