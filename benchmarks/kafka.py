"""Kafka in and out: messages into the sqlite bus, and firings into a topic, against a real broker on the same machine.

    python -m benchmarks.kafka [--messages 40000] [--size 300] [--rounds 3]

The source reads a topic that was filled before, in a consumer group, as fast as the bus takes it; the clock runs from the first
batch to the last commit. The trigger fires with 64 on their way at once, each acknowledged by the broker. CPU is that of
this process, the bus's writer included, and not the broker's. `--rounds` alternate; the median counts.
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
from pathlib import Path
from typing import Any

import orjson
import uvloop
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from bus.event import Event
from bus.sqlite import SqliteBus
from config.sensor import ParameterSource, TriggerParameter
from eventsources.base import SourceContext
from eventsources.http.server import HttpListeners
from eventsources.kafka.adapter import Kafka as Source
from eventsources.kafka.settings import KafkaSettings as SourceSettings
from tests.fakes.values import FakeValues, context, event
from tests.servers.kafka import KafkaServer
from triggers.kafka import Kafka as Trigger
from triggers.kafka import KafkaSettings as TriggerSettings

DEMANDED: Mapping[str, float] = {"source": 8_000, "trigger": 5_000}
"""Messages a second."""

FIRINGS = 64
GROUP = "benchmark"


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
        self.begun = self.cpu = 0.0

    async def __call__(self, event: Event, /) -> bool:
        return (await self.batch([event]))[0]

    async def batch(self, events: Sequence[Event], /) -> Sequence[bool]:
        if not self.begun:
            self.begun, self.cpu = time.perf_counter(), time.process_time()
        stored = await self._bus.publish(events)
        self.left -= sum(stored)
        return stored


async def fill(server: KafkaServer, topic: str, count: int, size: int) -> None:
    """Write the messages."""
    async with AIOKafkaProducer(bootstrap_servers=server.url, max_batch_size=1 << 19) as producer:
        for start in range(0, count, 1000):
            futures = []
            for number in range(start, min(start + 1000, count)):
                body = {"number": number, "ref": "refs/heads/main"}
                text = "x" * (size - len(orjson.dumps({**body, "text": ""})))
                futures.append(await producer.send(topic, orjson.dumps({**body, "text": text}), key=b"key"))
            await asyncio.gather(*futures)


async def read(server: KafkaServer, count: int, size: int) -> tuple[float, float]:
    """Messages a second and CPU seconds for each."""
    topic = f"in-{uuid.uuid4().hex[:8]}"
    await server.create_topic(topic)
    await fill(server, topic, count, size)
    group = {"groupName": topic, "oldest": True}
    settings = SourceSettings.model_validate(
        {"url": server.url, "topic": topic, "jsonBody": True, "consumerGroup": group}
    )
    nothing: Any = Nothing()
    surroundings = SourceContext(
        source="kafka", event="in", namespace="default", values=nothing, notes=nothing, http=HttpListeners()
    )
    admin = AIOKafkaAdminClient(bootstrap_servers=server.url)
    await admin.start()
    with tempfile.TemporaryDirectory(dir=".") as folder:
        async with SqliteBus(Path(folder)) as bus, Source(settings, surroundings) as source:
            emit = Into(bus, count)
            async with asyncio.TaskGroup() as tasks:
                running = tasks.create_task(source.run(emit))
                while await committed(admin, topic) < count:
                    await asyncio.sleep(0.02)
                seconds, cpu = time.perf_counter() - emit.begun, time.process_time() - emit.cpu
                running.cancel()
            assert emit.left == 0, f"{emit.left} events are not on the bus"
    await admin.close()
    return count / seconds, cpu / count


async def committed(admin: AIOKafkaAdminClient, topic: str) -> int:
    """Where the group reads on."""
    found = (await admin.list_consumer_group_offsets(topic)).get(TopicPartition(topic, 0))
    return int(found.offset) if found is not None else 0


async def fire(server: KafkaServer, count: int, size: int) -> tuple[float, float]:
    """The same for firings."""
    topic = f"out-{uuid.uuid4().hex[:8]}"
    await server.create_topic(topic)
    parameter = TriggerParameter(src=ParameterSource(dependency_name="push", data_key="text"), dest="text")
    settings = TriggerSettings(url=server.url, topic=topic, payload=[parameter])
    numbers, values = iter(range(count)), FakeValues(push=event({"text": "x" * (size - 11)}))
    async with Trigger(settings, context()) as trigger:

        async def send() -> None:
            for number in numbers:
                await trigger.fire(trigger.render(trigger.settings, values), f"key-{number}")

        begun, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(send() for _ in range(FIRINGS)))
        seconds, used = time.perf_counter() - begun, time.process_time() - cpu
    return count / seconds, used / count


def main() -> int:
    """The table; 1 if one of them is slower than demanded."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=40_000)
    parser.add_argument("--size", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    options, _ = parser.parse_known_args()
    if missing := KafkaServer.missing():
        print(f"  not measured: {missing}")
        return 0
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in DEMANDED}
    with KafkaServer() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for _ in range(options.rounds):
            found["source"].append(runner.run(read(server, options.messages, options.size)))
            found["trigger"].append(runner.run(fire(server, options.messages, options.size)))
    slow = False
    for name, rounds in found.items():
        rate, cpu = (statistics.median(column) for column in zip(*rounds, strict=True))
        slow |= rate < DEMANDED[name]
        print(f"  {name:<8} {rate:>8,.0f} messages/s  {cpu * 1e6:5.1f} us CPU each   ({DEMANDED[name]:,.0f}/s wanted)")
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
