"""The kafka source as a whole: in one piece with bus, settings and Secrets."""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson
import pytest

from bus.event import Event
from config.errors import EventyardError, Permanent, Temporary
from eventsources.http.server import HttpListeners
from eventsources.kafka.adapter import Kafka
from eventsources.kafka.settings import KafkaSettings
from tests.bus.kafka.test_schema_registry import TEXT, WIRE, FakeRegistry, registry
from tests.contract.eventsource import running
from tests.eventsources.kafka_stage import Arrivals, Stage, stage
from tests.eventsources.surroundings import make_context
from tests.servers.kafka import KafkaServer


@pytest.fixture
async def scene(kafka_server: KafkaServer) -> AsyncIterator[Stage]:
    """A topic with one partition."""
    async with stage(kafka_server) as made:
        yield made


async def test_what_the_bus_can_never_take_does_not_block_the_rest(
    scene: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    class Picky(Arrivals):
        async def __call__(self, event: Event, /) -> bool:
            if event.json()["body"] == 2:
                raise Permanent("it is too large")
            return await super().__call__(event)

    emit = Picky()
    async with scene.source() as source:
        for number in (1, 2, 3):
            offset = await scene.send(orjson.dumps(number))
        async with running(source, emit):
            assert await scene.until_committed(offset + 1)
    assert {event.json()["body"] for event in emit.events} == {1, 3}
    assert "the bus cannot take event hooks:example:" in caplog.text


async def test_a_limit_slows_down(scene: Stage) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    settings = KafkaSettings.model_validate(scene.settings(limitEventsPerSecond=2))
    emit = Arrivals()
    async with Kafka(settings, make_context(HttpListeners()), sleep=sleep) as source:
        for number in range(5):
            await scene.send(orjson.dumps(number))
        async with running(source, emit):
            await emit.first(5)
    assert sum(slept[:2]) > 0.8
    assert max(slept) <= 1


async def test_a_missing_secret_refuses_to_start(scene: Stage) -> None:
    sasl = {"userSecret": {"name": "kafka", "key": "user"}, "passwordSecret": {"name": "kafka", "key": "password"}}
    with pytest.raises(EventyardError, match="there is no Secret kafka/user") as error:
        async with scene.source(sasl=sasl):
            pass
    assert not isinstance(error.value, Temporary)


async def test_without_its_schema_registry_it_waits(scene: Stage) -> None:
    async with registry(FakeRegistry({7: 503})) as server:
        source = scene.source(schemaRegistry={"url": server.url})
        async with source:
            offset = await scene.send(WIRE)
            with pytest.raises(Temporary, match="the schema registry answered 503"):
                await source.run(Arrivals())
        server.schemas[7] = {"schema": TEXT}
        emit = Arrivals()
        async with scene.source(schemaRegistry={"url": server.url}) as source, running(source, emit):
            assert await scene.until_committed(offset + 1)
    (event,) = emit.events
    assert event.json()["body"] == {"a": "hi"}


def test_it_says_where_events_come_from() -> None:
    group = KafkaSettings.model_validate({"url": "a:1,b:2", "topic": "t", "consumerGroup": {"groupName": "g"}})
    assert Kafka.describe(group, "") == "kafka a:1,b:2 topic t, group g"
    assert Kafka.describe(KafkaSettings(url="a", topic="t", partition="3"), "") == "kafka a topic t, partition 3"
