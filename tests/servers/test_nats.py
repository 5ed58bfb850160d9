"""A real NATS, and JetStream keeps what it was given over a kill."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from nats.aio.client import Client

from tests.servers.nats import NatsServer

pytestmark = pytest.mark.skipif(bool(NatsServer.missing()), reason=NatsServer.missing())


@asynccontextmanager
async def connected(server: NatsServer, **options: Any) -> AsyncIterator[Client]:
    """Without trying again: the server is there or the test fails."""
    client = Client()
    try:
        await client.connect(server.url, allow_reconnect=False, connect_timeout=5, **options)
        yield client
    finally:
        await client.close()


async def test_streams_survive_a_kill() -> None:
    with NatsServer() as server:
        async with connected(server) as client:
            stream = client.jetstream()
            await stream.add_stream(name="orders", subjects=["orders.>"])
            await stream.publish("orders.new", b"one")
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        async with connected(server) as client:
            message = await client.jetstream().get_msg("orders", seq=1)
            assert message.data == b"one"


async def test_more_configuration() -> None:
    with NatsServer('authorization { user: "ada", password: "secret" }') as server:
        with pytest.raises(Exception, match="Authorization Violation"):
            async with connected(server):
                pass
        async with connected(server, user="ada", password="secret") as client:
            assert client.is_connected


async def test_the_session_has_one(nats_server: NatsServer) -> None:
    async with connected(nats_server) as client:
        assert (await client.jetstream().account_info()).limits is not None
