"""MQTT in and out: messages into the sqlite bus, and firings into a topic, against a real broker on the same machine.

    python -m benchmarks.mqtt [--messages 40000] [--size 300] [--rounds 3]

The source takes what a broker has kept for its session, at QoS 1, as fast as the bus takes it; the clock runs from the first
batch to the last. That all of it was acknowledged is seen by whoever takes the session over. The trigger fires at QoS 1 with
64 on their way at once, each acknowledged by the broker. CPU is that of this process, the bus's writer included, and not the
broker's. `--rounds` alternate; the median counts.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import uvloop

from bus.event import Event
from bus.mqtt.client import MqttClient
from bus.mqtt.settings import V5, Options, parse_address
from bus.sqlite import SqliteBus
from config.sensor import ParameterSource, TriggerParameter
from eventsources.base import SourceContext
from eventsources.http.server import HttpListeners
from eventsources.mqtt.adapter import MQTT as Source
from eventsources.mqtt.settings import MqttSettings as SourceSettings
from tests.fakes.values import FakeValues, context, event
from tests.servers.mosquitto import Mosquitto
from triggers.mqtt import MQTT as Trigger
from triggers.mqtt import MqttTriggerSettings as TriggerSettings

DEMANDED: Mapping[str, float] = {"source": 4_000, "trigger": 2_000}
"""Messages a second."""

FLOWS = 64


class Nothing:
    """No Secrets, and no notes."""

    def secret(self, selector: Any, /) -> Any:
        raise NotImplementedError

    config_map = secret

    async def recall(self) -> bytes | None:
        return None

    async def remember(self, value: bytes, /) -> None:
        return None


class Into:
    """An `emit` that counts what the bus has taken."""

    def __init__(self, bus: SqliteBus, wanted: int) -> None:
        self._bus, self.left = bus, wanted
        self.done = asyncio.Event()
        self.begun = self.cpu = 0.0

    async def __call__(self, event: Event, /) -> bool:
        return (await self.batch([event]))[0]

    async def batch(self, events: Sequence[Event], /) -> Sequence[bool]:
        if not self.begun:
            self.begun, self.cpu = time.perf_counter(), time.process_time()
        stored = await self._bus.publish(events)
        self.left -= sum(stored)
        if not self.left:
            self.done.set()
        return stored


def client(server: Mosquitto, name: str) -> Options:
    """Of a client of this name."""
    return Options(address=parse_address(server.url), client_id=name, versions=(V5,))


async def fill(server: Mosquitto, topic: str, count: int, size: int) -> None:
    """Publish the messages."""
    numbers = iter(range(count))
    async with MqttClient(client(server, f"{topic}-publisher")) as publisher:

        async def send() -> None:
            for number in numbers:
                body = {"number": number, "ref": "refs/heads/main"}
                text = "x" * (size - len(orjson.dumps({**body, "text": ""})))
                await publisher.publish(topic, orjson.dumps({**body, "text": text}), qos=1)

        await asyncio.gather(*(send() for _ in range(FLOWS)))


async def read(server: Mosquitto, count: int, size: int) -> tuple[float, float]:
    """Messages a second and CPU seconds for each."""
    topic = f"in-{uuid.uuid4().hex[:8]}"
    block = {"url": server.url, "topic": topic, "clientId": topic, "jsonBody": True}
    nothing: Any = Nothing()
    surroundings = SourceContext(
        source="mqtt", event="in", namespace="default", values=nothing, notes=nothing, http=HttpListeners()
    )
    settings = SourceSettings.model_validate(block)
    async with Source(settings, surroundings):
        pass  # the broker keeps what is published from now on
    await fill(server, topic, count, size)
    with tempfile.TemporaryDirectory(dir=".") as folder:
        async with SqliteBus(Path(folder)) as bus, Source(settings, surroundings) as source:
            emit = Into(bus, count)
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(source.run(emit))
                await emit.done.wait()
                seconds, cpu = time.perf_counter() - emit.begun, time.process_time() - emit.cpu
                running.cancel()
    again = replace(client(server, topic), clean=False)
    async with MqttClient(again) as successor:
        await successor.publish(topic, b"the end", qos=1)
        (message,) = await successor.receive(1)
        assert message.payload == b"the end", "the broker has something that was not acknowledged"
    return count / seconds, cpu / count


async def fire(server: Mosquitto, count: int, size: int) -> tuple[float, float]:
    """The same for firings."""
    parameter = TriggerParameter(src=ParameterSource(dependency_name="push", data_key="text"), dest="text")
    settings = TriggerSettings(url=server.url, topic=f"out-{uuid.uuid4().hex[:8]}", payload=[parameter])
    numbers, values = iter(range(count)), FakeValues(push=event({"text": "x" * (size - 11)}))
    async with asyncio.TaskGroup() as tasks, Trigger(settings, replace(context(), spawn=tasks.create_task)) as trigger:

        async def send() -> None:
            for number in numbers:
                await trigger.fire(trigger.render(trigger.settings, values), f"key-{number}")

        begun, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(send() for _ in range(FLOWS)))
        seconds, used = time.perf_counter() - begun, time.process_time() - cpu
    return count / seconds, used / count


def main() -> int:
    """The table; 1 if one of them is slower than demanded."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=40_000)
    parser.add_argument("--size", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    options, _ = parser.parse_known_args()
    if missing := Mosquitto.missing():
        print(f"  not measured: {missing}")
        return 0
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in DEMANDED}
    count, size = options.messages, options.size
    # Without this the broker keeps 1,000 messages for a client that is away, and drops the others.
    with Mosquitto("max_queued_messages 0") as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for _ in range(options.rounds):
            found["source"].append(runner.run(read(server, count, size)))
            found["trigger"].append(runner.run(fire(server, count, size)))
    slow = False
    for name, rounds in found.items():
        rate, cpu = (statistics.median(column) for column in zip(*rounds, strict=True))
        slow |= rate < DEMANDED[name]
        print(f"  {name:<8} {rate:>8,.0f} messages/s  {cpu * 1e6:5.1f} us CPU each   ({DEMANDED[name]:,.0f}/s wanted)")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
