"""MQTT in and out of a real process, which is killed, beside a real broker, which is killed, too."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import orjson
import pytest

from tests.e2e import manifests
from tests.e2e.instance import Instance, Sink, instance
from tests.servers.mosquitto import Mosquitto

ROUNDS = int(os.environ.get("EVENTYARD_BROKER_ROUNDS", "5"))

EVERYTHING = "max_queued_messages 0"
"""Mosquitto drops what waits for a client that is away beyond 1,000 messages, unless it is told not to."""


def mqtt_source(server: Mosquitto, **fields: Any) -> dict[str, Any]:
    """An EventSource that reads `in/#`."""
    block = {"url": server.url, "topic": "in/#", "clientId": "eventyard", "jsonBody": True, **fields}
    return {
        "apiVersion": manifests.API,
        "kind": "EventSource",
        "metadata": {"name": "hooks"},
        "spec": {"mqtt": {"in": block}},
    }


@asynccontextmanager
async def publisher(server: Mosquitto) -> AsyncIterator[aiomqtt.Client]:
    """Another client."""
    async with aiomqtt.Client(server.host, server.port, max_inflight_messages=64) as client:
        client.pending_calls_threshold = 1000
        yield client


class Flood:
    """Publishes until it is stopped; `accepted` is what the broker took over."""

    def __init__(self, client: aiomqtt.Client, qos: int) -> None:
        self._client, self._qos = client, qos
        self._numbers = itertools.count()
        self._flows = False
        self.accepted: list[str] = []

    async def flow(self) -> None:
        """Until `stop`."""
        self._flows = True
        async with asyncio.TaskGroup() as group:
            for _ in range(8):
                group.create_task(self._send())

    def stop(self) -> None:
        """What is on its way is published still: a cancelled publish of this library may go on as if it were not."""
        self._flows = False

    async def _send(self) -> None:
        while self._flows:
            id = f"n-{next(self._numbers)}"
            await self._client.publish("in/x", orjson.dumps({"id": id}), qos=self._qos, timeout=30)
            self.accepted.append(id)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("qos", [1, 2])
async def test_kill_at_random_moments_loses_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], qos: int
) -> None:
    chance = random.Random(20260101 + qos)
    with Mosquitto(EVERYTHING) as server:
        async with Sink() as sink, publisher(server) as client:
            flood = Flood(client, qos)
            manifests.write(tmp_path, "source", mqtt_source(server, qos=qos))
            manifests.write(tmp_path, "sensor", manifests.sensor("forward", manifests.post(sink.url)))
            running = Instance(tmp_path)
            try:
                for _ in range(ROUNDS):
                    await running.start()
                    async with asyncio.TaskGroup() as group:
                        group.create_task(flood.flow())
                        await asyncio.sleep(chance.uniform(0.01, 0.35))
                        await running.kill()
                        flood.stop()
                await running.start()
                await sink.until(lambda: set(flood.accepted) <= sink.ids.keys(), 60.0 + 4.0 * ROUNDS)
                await running.until(lambda status: not status["unfinished"] and status["sensors"][0]["lag"] == 0)
                assert await running.stop() == 0
            finally:
                await running.gone()
    accepted = flood.accepted
    lost = set(accepted) - sink.ids.keys()
    repeated = sum(count - 1 for count in sink.ids.values())
    with capsys.disabled():
        print(
            f"\nQoS {qos}, {ROUNDS} kills: {len(accepted)} taken by the broker, {len(sink.ids)} fired, "
            f"{len(lost)} lost, {repeated} repeated"
        )
    assert accepted
    assert not lost


async def test_a_broker_that_goes_and_comes_back(tmp_path: Path) -> None:
    payload = [{"src": {"dependencyName": "event", "dataKey": "body.id"}, "dest": "id"}]
    with Mosquitto(EVERYTHING) as server:
        block = {"url": server.url, "topic": "out", "payload": payload}
        manifests.write(tmp_path, "source", mqtt_source(server))
        trigger = {"template": {"name": "publish", "mqtt": block}}
        manifests.write(tmp_path, "sensor", manifests.sensor("forward", trigger))
        async with instance(tmp_path) as running:
            assert f"mqtt://127.0.0.1:{server.port} topic in/#" in running.said
            for number in range(2):
                async with publisher(server) as client:
                    await client.subscribe("out", qos=1)
                    await client.publish("in/x", orjson.dumps({"id": f"n-{number}"}), qos=1)
                    async with asyncio.timeout(30):
                        message = await anext(aiter(client.messages))
                assert message.payload == orjson.dumps({"id": f"n-{number}"})
                if number == 0:
                    await asyncio.to_thread(server.kill)
                    await running.until_ready(503)
                    assert f"127.0.0.1:{server.port}" in running.said
                    await asyncio.to_thread(server.start)
                    await running.until_ready()
            assert await running.stop() == 0


async def test_its_next_version_takes_its_place_in_silence(tmp_path: Path) -> None:
    """Both have the same clientId, so the broker closes the connection of the one that is there."""
    with Mosquitto(EVERYTHING) as server:
        async with Sink() as sink, publisher(server) as client:
            manifests.write(tmp_path, "source", mqtt_source(server))
            manifests.write(tmp_path, "sensor", manifests.sensor("forward", manifests.post(sink.url)))
            async with instance(tmp_path) as running:
                manifests.write(tmp_path, "source", mqtt_source(server, metadata={"version": "2"}))
                await running.until_said("changed EventSource hooks/in")
                await client.publish("in/x", orjson.dumps({"id": "n-0"}), qos=1)
                await sink.until(lambda: "n-0" in sink.ids)
                assert await running.stop() == 0
                assert "closed the connection" not in running.errors.read_text()
