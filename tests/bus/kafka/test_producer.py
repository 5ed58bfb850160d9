"""The shared producer against a real broker: told apart what cannot be sent, and well again after every failure."""

from __future__ import annotations

import asyncio
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from aiokafka import errors as kafka

from bus.kafka.client import KafkaConnection
from bus.kafka.producer import LARGEST, KafkaProducer, Outgoing, Written, _ImpatientHandler
from config.errors import Permanent, Temporary
from tests.fakes.values import FakeSecrets
from tests.servers.kafka import KafkaServer

PATIENCE = 3.0


@pytest.fixture(scope="module")
def server() -> Iterator[KafkaServer]:
    """One that does not make topics by itself."""
    if missing := KafkaServer.missing():
        pytest.skip(missing)
    with KafkaServer(config="auto.create.topics.enable=false") as made:
        yield made


@pytest.fixture
async def topic(server: KafkaServer) -> str:
    """With two partitions."""
    name = f"t-{uuid.uuid4().hex[:12]}"
    await server.create_topic(name, 2)
    return name


@pytest.fixture
async def producer(server: KafkaServer) -> AsyncIterator[KafkaProducer]:
    """One that soon gives up."""
    made = KafkaProducer(KafkaConnection(url=server.url), FakeSecrets(), patience=PATIENCE)
    yield made
    await made.close()


async def tried(producer: KafkaProducer, topic: str, value: bytes, **fields: Any) -> Written | Exception:
    """What comes of a message."""
    try:
        return await producer.send(Outgoing(topic=topic, value=value, **fields))
    except (Temporary, Permanent) as error:
        return error


async def test_keys_and_partitions(producer: KafkaProducer, topic: str) -> None:
    same = {(await producer.send(Outgoing(topic=topic, value=b"x", key=b"key"))).partition for _ in range(5)}
    assert len(same) == 1
    assert (await producer.send(Outgoing(topic=topic, value=b"x", partition=1))).partition == 1
    error = await tried(producer, topic, b"x", partition=2)
    assert isinstance(error, Temporary)
    assert f"the topic '{topic}' has no partition 2, it has 2" in str(error)


@pytest.mark.parametrize("options", [{"leader_only": True}, {"compress": True}])
async def test_other_ways_to_send(server: KafkaServer, topic: str, options: dict[str, bool]) -> None:
    made = KafkaProducer(KafkaConnection(url=server.url), FakeSecrets(), **options)
    assert (await made.send(Outgoing(topic=topic, value=b"x" * 1000, partition=0))) == Written(0, 0)
    await made.close()


async def test_a_topic_that_is_not_there(producer: KafkaProducer, topic: str) -> None:
    # Asked for while connecting, and later.
    for _ in range(2):
        error = await tried(producer, "nowhere", b"x")
        assert isinstance(error, Temporary)
        assert error.what == "there is no topic 'nowhere'"
        await producer.send(Outgoing(topic=topic, value=b"x"))


async def test_what_is_too_large_is_permanent_and_spares_the_others(producer: KafkaProducer, topic: str) -> None:
    values = [b"a", os.urandom(300_000), os.urandom(300_000), os.urandom(1_100_000), os.urandom(300_000), b"b"]
    found = await asyncio.gather(*(tried(producer, topic, value, partition=0) for value in values))
    refused = [each for each in found if not isinstance(each, Written)]
    assert len(refused) == 1
    assert isinstance(found[3], Permanent)
    assert found[3].what == f"a message of 1100000 bytes is more than the topic '{topic}' takes"
    assert isinstance(await tried(producer, topic, b"next", partition=0), Written)
    assert isinstance(await tried(producer, topic, bytes(LARGEST + 1)), Permanent)


async def test_a_broker_that_is_killed_and_comes_back() -> None:
    if missing := KafkaServer.missing():
        pytest.skip(missing)
    with KafkaServer() as server:
        await server.create_topic("t")
        producer = KafkaProducer(KafkaConnection(url=server.url), FakeSecrets(), patience=PATIENCE)
        await producer.send(Outgoing(topic="t", value=b"x"))
        await asyncio.to_thread(server.kill)
        begun = time.monotonic()
        for error in await asyncio.gather(*(tried(producer, "t", b"x") for _ in range(100))):
            assert isinstance(error, Temporary)
            assert error.where == server.url
        assert time.monotonic() - begun < 5 * PATIENCE
        refused = await tried(producer, "t", b"x")
        assert isinstance(refused, Temporary)
        assert refused.what == "no connection: connection refused"
        await asyncio.to_thread(server.start)
        assert isinstance(await tried(producer, "t", b"again"), Written)
        await producer.close()


async def test_a_broker_that_falls_silent(server: KafkaServer, producer: KafkaProducer, topic: str) -> None:
    await producer.send(Outgoing(topic=topic, value=b"x"))
    os.kill(server.pid, signal.SIGSTOP)
    try:
        error = await tried(producer, topic, b"x")
        assert isinstance(error, Temporary)
        assert error.what == "the broker does not answer"
    finally:
        os.kill(server.pid, signal.SIGCONT)
    assert isinstance(await tried(producer, topic, b"again"), Written)


async def test_closing_does_not_wait_for_a_broker_that_is_silent(
    server: KafkaServer, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    made = KafkaProducer(KafkaConnection(url=server.url), FakeSecrets(), patience=60.0)
    await made.send(Outgoing(topic=topic, value=b"x"))
    os.kill(server.pid, signal.SIGSTOP)
    try:
        async with asyncio.TaskGroup() as group:
            sending = [group.create_task(tried(made, topic, b"x")) for _ in range(3)]
            await asyncio.sleep(0.1)
            for each in sending:
                each.cancel()
        begun = time.monotonic()
        await made.close()
        assert time.monotonic() - begun < 12.0
    finally:
        os.kill(server.pid, signal.SIGCONT)
    assert "never retrieved" not in caplog.text


@pytest.mark.parametrize("old", [True, False])
def test_the_brokers_reason_is_heard_once_a_batch_is_old(old: bool) -> None:
    class Batch:
        def expired(self) -> bool:
            return old

    handler = object.__new__(_ImpatientHandler)
    assert handler._can_retry(kafka.NotEnoughReplicasError(), Batch()) is not old
    assert not handler._can_retry(kafka.MessageSizeTooLargeError(), Batch())
