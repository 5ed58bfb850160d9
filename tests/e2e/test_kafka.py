"""From a Kafka topic to a target and to another topic, with real processes: kill -9 here, kill -9 of the broker, nothing lost."""

from __future__ import annotations

import asyncio
import os
import random
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from tests.e2e.instance import Instance, Sink, instance
from tests.e2e.manifests import API, post, sensor, write
from tests.servers.kafka import KafkaServer
from tests.triggers.test_kafka import written

ROUNDS = int(os.environ.get("EVENTYARD_BROKER_ROUNDS", "5"))

QUICKLY = {"retryStrategy": {"duration": "200ms", "steps": 100}, "atLeastOnce": True}


def source(server: KafkaServer, topic: str, *, group: bool = True) -> dict[str, Any]:
    """An EventSource `hooks` whose event `in` is a topic."""
    how = {"consumerGroup": {"groupName": topic, "oldest": True}} if group else {"partition": "0"}
    event = {"url": server.url, "topic": topic, "jsonBody": True, **how}
    return {
        "apiVersion": API,
        "kind": "EventSource",
        "metadata": {"name": "hooks"},
        "spec": {"kafka": {"in": event}},
    }


def onward(server: KafkaServer, topic: str) -> dict[str, Any]:
    """A trigger that writes the id of the event to a topic."""
    payload = [{"src": {"dependencyName": "event", "dataKey": "body.id"}, "dest": "id"}]
    return {"template": {"name": "onward", "kafka": {"url": server.url, "topic": topic, "payload": payload}}, **QUICKLY}


async def flood(producer: AIOKafkaProducer, topic: str, prefix: str, sent: set[str]) -> None:
    """Write messages until cancelled; note those that the broker has."""
    for number in range(1_000_000):
        id = f"{prefix}-{number}"
        await producer.send_and_wait(topic, orjson.dumps({"id": id}))
        sent.add(id)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("group", [True, False], ids=["group", "partition"])
async def test_kill_at_random_moments_loses_nothing(
    tmp_path: Path, kafka_server: KafkaServer, group: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, sent, topic = random.Random(20260101), set[str](), f"t-{uuid.uuid4().hex[:12]}"
    await kafka_server.create_topic(topic)
    async with Sink() as sink, AIOKafkaProducer(bootstrap_servers=kafka_server.url) as producer:
        write(tmp_path, "in", source(kafka_server, topic, group=group))
        write(tmp_path, "out", sensor("forward", post(sink.url)))
        made = Instance(tmp_path)
        try:
            for round in range(ROUNDS):
                # After a kill the group first has to miss the member that is gone.
                await made.start()
                async with asyncio.TaskGroup() as tasks:
                    flooding = tasks.create_task(flood(producer, topic, str(round), sent))
                    await asyncio.sleep(chance.uniform(0.01, 0.5))
                    await made.kill()
                    flooding.cancel()
            await made.start()
            await sink.until(lambda: sent <= sink.ids.keys())
            await made.until(lambda status: not status["unfinished"] and status["sensors"][0]["lag"] == 0)
            assert await made.stop() == 0
        finally:
            await made.gone()
    repeated = sum(count - 1 for count in sink.ids.values())
    with capsys.disabled():
        lost = len(sent - sink.ids.keys())
        print(f"\n{ROUNDS} kills: {len(sent)} sent, {len(sink.ids)} fired, {lost} lost, {repeated} repeated")
    assert all(len(keys) == 1 for keys in sink.keys.values())


@pytest.mark.timeout(300)
async def test_a_broker_that_is_killed_and_comes_back(tmp_path: Path) -> None:
    if missing := KafkaServer.missing():
        pytest.skip(missing)
    with KafkaServer() as server:
        for topic in ("in", "out"):
            await server.create_topic(topic)
        write(tmp_path, "in", source(server, "in"))
        write(tmp_path, "out", sensor("forward", onward(server, "out")))
        async with instance(tmp_path) as made:
            async with AIOKafkaProducer(bootstrap_servers=server.url) as producer:
                for number in range(20):
                    await producer.send_and_wait("in", orjson.dumps({"id": str(number)}))
            await made.until(lambda status: not status["unfinished"] and status["sensors"][0]["lag"] == 0)
            assert len(await asyncio.to_thread(written, server.url, "out")) == 20
            await asyncio.to_thread(server.kill)
            await made.until_ready(503)
            said = await made.until_said("source hooks/in: ")
            assert server.url in said
            assert "Traceback" not in said
            await asyncio.to_thread(server.start)
            async with AIOKafkaProducer(bootstrap_servers=server.url) as producer:
                for number in range(20, 40):
                    await producer.send_and_wait("in", orjson.dumps({"id": str(number)}))
            await made.until_ready()
            wanted = {str(number) for number in range(40)}
            async with asyncio.timeout(60):
                while True:
                    records = await asyncio.to_thread(written, server.url, "out")
                    if {orjson.loads(record.value)["id"] for record in records} >= wanted:
                        break
            assert await made.stop() == 0
            assert "Traceback" not in made.said
    keys = Counter(dict(record.headers)["Idempotency-Key"] for record in records)
    assert len(keys) == 40
