"""A topic of its own for each test, and someone who writes to it and looks at what was committed."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError

from bus.event import Event
from eventsources.http.server import HttpListeners
from eventsources.kafka.adapter import Kafka
from eventsources.kafka.settings import KafkaSettings
from tests.contract.eventsource import running
from tests.eventsources.surroundings import Collector, NoNotes, make_context
from tests.servers.kafka import KafkaServer

PATIENCE = 20.0
"""Seconds that nothing takes which is sure to come."""

REFUSED = 1.5
"""Seconds without a commit or note after which a message counts as not acknowledged."""


async def shortly(seconds: float) -> None:
    """Sleep, but not as long as it would be in earnest."""
    await asyncio.sleep(min(seconds, 0.05))


@dataclass(frozen=True, slots=True)
class Stage:
    """A topic, its name also that of a group."""

    server: KafkaServer
    topic: str
    producer: AIOKafkaProducer
    admin: AIOKafkaAdminClient
    notes: NoNotes

    async def send(
        self,
        value: bytes | None,
        *,
        key: bytes | None = b"k",
        partition: int = 0,
        headers: Sequence[tuple[str, bytes]] = (),
        at: int | None = None,
    ) -> int:
        """Write a message; its offset."""
        record = await self.producer.send_and_wait(
            self.topic, value, key=key, partition=partition, headers=list(headers), timestamp_ms=at
        )
        offset: int = record.offset
        return offset

    async def committed(self, partition: int = 0) -> int:
        """Where the group reads on; -1 if it never said."""
        while True:
            try:
                offsets = await self.admin.list_consumer_group_offsets(self.topic)
                break
            except (GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError, GroupLoadInProgressError):
                await asyncio.sleep(0.1)  # a new broker makes its topic of groups when somebody asks for the first
        found = offsets.get(TopicPartition(self.topic, partition))
        return -1 if found is None else int(found.offset)

    async def until_committed(self, offset: int, partition: int = 0, patience: float = PATIENCE) -> bool:
        """Whether the group says in time that it has read up to an offset."""
        try:
            async with asyncio.timeout(patience):
                # A broker has no event for this.
                while await self.committed(partition) < offset:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        except TimeoutError:
            return False
        return True

    def settings(self, **fields: Any) -> dict[str, Any]:
        """As in a manifest."""
        group = {"groupName": self.topic}
        given = {"url": self.server.url, "topic": self.topic, "consumerGroup": group, "jsonBody": True, **fields}
        return {name: value for name, value in given.items() if value is not None}

    def source(self, http: HttpListeners | None = None, **fields: Any) -> Kafka:
        """A source of the topic, in the group, that was not entered yet; all of them have the same notes."""
        settings = KafkaSettings.model_validate(self.settings(**fields))
        context = replace(make_context(http or HttpListeners()), notes=self.notes)
        return Kafka(settings, context, sleep=shortly, largest=1 << 20)


@asynccontextmanager
async def stage(server: KafkaServer, partitions: int = 1) -> AsyncIterator[Stage]:
    """A new topic."""
    topic = f"t-{uuid.uuid4().hex[:12]}"
    await server.create_topic(topic, partitions)
    admin = AIOKafkaAdminClient(bootstrap_servers=server.url)
    await admin.start()
    async with AIOKafkaProducer(bootstrap_servers=server.url, max_request_size=8 << 20) as producer:
        made = Stage(server, topic, producer, admin, NoNotes())
        try:
            # Connections that last are made now, so that a test can see what a source leaves behind.
            await made.committed()
            await producer.partitions_for(topic)
            yield made
        finally:
            await admin.close()


@dataclass
class Arrivals(Collector):
    """Tells when as many events as wanted have arrived."""

    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def batch(self, events: Sequence[Event], /) -> Sequence[bool]:
        answers = await super().batch(events)
        async with self.changed:
            self.changed.notify_all()
        return answers

    async def until(self, ready: Callable[[], bool]) -> None:
        """Wait for what has arrived to be as wanted."""
        async with asyncio.timeout(PATIENCE), self.changed:
            await self.changed.wait_for(ready)

    async def first(self, count: int) -> list[Event]:
        """The first events, once they are there."""
        await self.until(lambda: len(self.events) >= count)
        return self.events[:count]


async def arrived(scene: Stage, *messages: dict[str, Any], **fields: Any) -> list[Event]:
    """Send messages; the events that they become."""
    emit = Arrivals()
    async with scene.source(**fields) as source, running(source, emit):
        for message in messages:
            await scene.send(**message)
        return await emit.first(len(messages))
