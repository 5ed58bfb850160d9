"""What the kafka source says and does when its broker refuses it, goes away, falls silent and comes back."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from config.errors import Temporary
from eventsources.http.server import HttpListeners
from eventsources.kafka.adapter import Kafka
from eventsources.kafka.settings import KafkaSettings
from tests.contract.eventsource import running
from tests.eventsources.kafka_stage import Arrivals, Stage, stage
from tests.eventsources.surroundings import Collector, make_context
from tests.servers.kafka import KafkaServer
from tests.servers.server import free_port

SOON = 15.0
"""Seconds in which a source notices that its broker is gone."""


@pytest.fixture(scope="module")
def server() -> Iterator[KafkaServer]:
    """With logins, and without making topics by itself."""
    if missing := KafkaServer.missing():
        pytest.skip(missing)
    with KafkaServer(sasl=True, ssl=True, config="auto.create.topics.enable=false") as made:
        yield made


@pytest.fixture
async def scene(server: KafkaServer) -> AsyncIterator[Stage]:
    """A topic with one partition."""
    async with stage(server) as made:
        yield made


def source(**fields: Any) -> Kafka:
    """Settings as in a manifest, and the Secrets that they name."""
    assert KafkaServer.USER
    secrets = {"kafka/user": KafkaServer.USER, "kafka/password": KafkaServer.PASSWORD, "kafka/wrong": "wr0ng"}
    if authority := fields.pop("authority", ""):
        secrets["kafka/ca"] = authority
    settings = KafkaSettings.model_validate({"consumerGroup": {"groupName": "g"}, "jsonBody": True, **fields})
    return Kafka(settings, make_context(HttpListeners(), secrets))


def login(mechanism: str, password: str = "password") -> dict[str, Any]:
    """A `sasl` block."""
    return {
        "mechanism": mechanism,
        "userSecret": {"name": "kafka", "key": "user"},
        "passwordSecret": {"name": "kafka", "key": password},
    }


async def refusal(made: Kafka) -> Temporary:
    """What a source says when it cannot be entered."""
    with pytest.raises(Temporary) as error:
        async with made:
            pass
    assert error.value.fix
    assert "wr0ng" not in str(error.value) + error.value.fix
    return error.value


@pytest.mark.parametrize("mechanism", ["", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
async def test_logins(scene: Stage, mechanism: str) -> None:
    emit = Arrivals()
    fields = {"url": scene.server.sasl_url, "topic": scene.topic, "consumerGroup": {"groupName": scene.topic}}
    async with source(**fields, sasl=login(mechanism)) as made, running(made, emit):
        await scene.send(b"1")
        await emit.first(1)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
async def test_a_wrong_password(scene: Stage, mechanism: str) -> None:
    fields = {"url": scene.server.sasl_url, "topic": scene.topic}
    error = await refusal(source(**fields, sasl=login(mechanism, "wrong")))
    assert error.what.startswith("the broker refused the login: ")
    assert error.where == scene.server.sasl_url
    assert "userSecret" in error.fix


async def test_no_login_where_one_is_needed(scene: Stage) -> None:
    error = await refusal(source(url=scene.server.sasl_url, topic=scene.topic))
    assert error.what == "the broker closed the connection"
    assert "sasl" in error.fix


async def test_tls(scene: Stage) -> None:
    assert scene.server.authority is not None
    authority, emit = scene.server.authority.ca.read_text(), Arrivals()
    tls = {"caCertSecret": {"name": "kafka", "key": "ca"}}
    fields = {"url": scene.server.ssl_url, "topic": scene.topic, "consumerGroup": {"groupName": scene.topic}}
    async with source(**fields, tls=tls, authority=authority) as made, running(made, emit):
        await scene.send(b"1")
        await emit.first(1)
    error = await refusal(source(**fields, tls={"enabled": True}))
    assert error.what.startswith("the broker's certificate is not trusted: ")
    assert "caCertSecret" in error.fix
    error = await refusal(source(**fields))
    assert error.what == "the broker closed the connection"


async def test_tls_where_there_is_none(scene: Stage) -> None:
    error = await refusal(source(url=scene.server.url, topic=scene.topic, tls={"insecureSkipVerify": True}))
    assert "tls" in error.fix


async def test_an_unknown_topic(scene: Stage) -> None:
    error = await refusal(source(url=scene.server.url, topic="nowhere"))
    assert (error.what, error.where) == ("there is no topic 'nowhere'", scene.server.url)
    assert error.fix == "create it, or correct topic"


async def test_brokers_that_are_not_there(scene: Stage) -> None:
    away = f"127.0.0.1:{free_port()}"
    error = await refusal(source(url=away, topic=scene.topic))
    assert (error.what, error.where) == ("no connection: connection refused", away)
    error = await refusal(source(url=f"{away}, {away}", topic=scene.topic))
    assert error.what.count(f"{away}: no connection: connection refused") == 2
    emit = Arrivals()
    fields = {"url": f"{away}, {scene.server.url}", "topic": scene.topic, "consumerGroup": {"groupName": scene.topic}}
    async with source(**fields) as made, running(made, emit):
        await scene.send(b"1")
        await emit.first(1)


@pytest.mark.parametrize("group", [True, False])
async def test_a_broker_that_is_killed_and_comes_back(group: bool) -> None:
    if missing := KafkaServer.missing():
        pytest.skip(missing)
    fields: dict[str, Any] = {} if group else {"consumerGroup": None, "partition": "0"}
    with KafkaServer() as server:
        emit = Arrivals()
        async with stage(server) as scene:
            async with scene.source(**fields) as made:
                await scene.send(b"1")
                run = asyncio.ensure_future(made.run(emit))
                await emit.first(1)
                await scene.until_committed(1) if group else None
                await asyncio.to_thread(server.kill)
                begun = time.monotonic()
                with pytest.raises(Temporary) as error:
                    await run
                assert time.monotonic() - begun < SOON
                assert error.value.where == server.url
                begun = time.monotonic()
            assert time.monotonic() - begun < SOON
            assert (await refusal(scene.source(**fields))).what == "no connection: connection refused"
            await asyncio.to_thread(server.start)
            async with stage(server) as other:
                # What was written while nobody read.
                await other.producer.send_and_wait(scene.topic, b"2")
            async with scene.source(**fields) as made, running(made, emit):
                await emit.until(lambda: 2 in {event.json()["body"] for event in emit.events})


async def test_a_broker_that_falls_silent(server: KafkaServer) -> None:
    async with stage(server) as scene:
        made = scene.source()
        await made.__aenter__()
        os.kill(server.pid, signal.SIGSTOP)
        try:
            begun = time.monotonic()
            with pytest.raises(Temporary, match="the broker does not answer"):
                await made.run(Collector())
            await made.__aexit__(None, None, None)
            assert time.monotonic() - begun < 2 * SOON
        finally:
            os.kill(server.pid, signal.SIGCONT)
