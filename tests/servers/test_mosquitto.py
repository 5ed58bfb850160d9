"""A real MQTT broker: anonymous, with users, with TLS; what is retained survives a kill."""

from __future__ import annotations

import asyncio
import ssl

import aiomqtt
import pytest

from tests.servers.mosquitto import Mosquitto

pytestmark = pytest.mark.skipif(bool(Mosquitto.missing()), reason=Mosquitto.missing())


async def retained(client: aiomqtt.Client) -> bytes:
    """The message that waits for whoever subscribes."""
    await client.subscribe("plant/#")
    async with asyncio.timeout(10):
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            return message.payload
    raise AssertionError("the connection ended")


async def test_retained_messages_survive_a_kill() -> None:
    with Mosquitto() as server:
        async with aiomqtt.Client(server.host, server.port) as client:
            await client.publish("plant/1", b"warm", qos=1, retain=True)
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        async with aiomqtt.Client(server.host, server.port) as client:
            assert await retained(client) == b"warm"


async def test_users() -> None:
    with Mosquitto(users={"ada": "secret"}) as server:
        with pytest.raises(aiomqtt.MqttError):
            async with aiomqtt.Client(server.host, server.port, username="ada", password="wrong"):
                pass
        async with aiomqtt.Client(server.host, server.port, username="ada", password="secret") as client:
            await client.publish("plant/1", b"warm", qos=1)


async def test_tls_and_more_configuration() -> None:
    with Mosquitto("require_certificate true", tls=True) as server:
        assert server.authority is not None
        assert server.url.startswith("mqtts://")
        context = ssl.create_default_context(cafile=server.authority.ca)
        with pytest.raises(aiomqtt.MqttError):
            async with aiomqtt.Client(server.host, server.port, tls_context=context, timeout=2):
                pass
        context.load_cert_chain(server.authority.client_cert, server.authority.client_key)
        async with aiomqtt.Client(server.host, server.port, tls_context=context) as client:
            await client.publish("plant/1", b"warm", qos=1)


async def test_the_session_has_one(mosquitto: Mosquitto) -> None:
    async with aiomqtt.Client(mosquitto.host, mosquitto.port) as client:
        await client.publish("plant/1", b"warm", qos=2)
