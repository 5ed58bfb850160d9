"""A real Kafka: topics, every kind of listener, and what was written survives a kill."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.servers.kafka import KafkaServer

pytestmark = pytest.mark.skipif(bool(KafkaServer.missing()), reason=KafkaServer.missing())


async def write(url: str, topic: str, value: bytes, **options: Any) -> None:
    """One record."""
    producer = AIOKafkaProducer(bootstrap_servers=url, **options)
    try:
        await producer.start()
        await producer.send_and_wait(topic, value)
    finally:
        await producer.stop()


async def read(url: str, topic: str) -> bytes:
    """The first record."""
    async with AIOKafkaConsumer(topic, bootstrap_servers=url, auto_offset_reset="earliest") as consumer:
        async with asyncio.timeout(30):
            value: bytes = (await consumer.getone()).value
            return value


async def test_every_listener_and_a_kill() -> None:
    with KafkaServer(sasl=True, ssl=True) as server:
        await server.create_topic("orders", partitions=1)
        await write(server.url, "orders", b"one")
        for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"):
            sasl: dict[str, Any] = {
                "security_protocol": "SASL_PLAINTEXT",
                "sasl_mechanism": mechanism,
                "sasl_plain_username": server.USER,
            }
            await write(server.sasl_url, "orders", b"two", sasl_plain_password=server.PASSWORD, **sasl)
            with pytest.raises(KafkaError):
                await write(server.sasl_url, "orders", b"two", sasl_plain_password="wrong", **sasl)
        assert server.authority is not None
        context = ssl.create_default_context(cafile=server.authority.ca)
        await write(server.ssl_url, "orders", b"three", security_protocol="SSL", ssl_context=context)
        context.load_cert_chain(server.authority.client_cert, server.authority.client_key)
        await write(server.ssl_url, "orders", b"three", security_protocol="SSL", ssl_context=context)
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        assert await read(server.url, "orders") == b"one"


async def test_the_session_has_one(kafka_server: KafkaServer) -> None:
    await kafka_server.create_topic("tests-servers", partitions=3)
    await write(kafka_server.url, "tests-servers", b"one")
    assert await read(kafka_server.url, "tests-servers") == b"one"
