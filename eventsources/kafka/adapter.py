"""Messages of a Kafka topic as events: the `kafka` source of Argo Events, with nothing read twice unnoticed or not at all.

What was read counts as read only after the bus has it: in a group by a commit, of a single partition by a note on the bus. A
crash in between repeats messages, whose events have the same ids again. A message that is not what the manifest promises
(`jsonBody`, a schema) becomes an event all the same, its bytes as base64 text, so that it neither gets lost nor in the way of
those behind it; Argo Events drops it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Final, Self

from bus.kafka.schema_registry import SchemaRegistry
from config.gotime import go_text
from eventsources.base import Emit, EventSource, SourceContext
from eventsources.kafka.group import GroupReader
from eventsources.kafka.message import LARGEST, Messages, wrap
from eventsources.kafka.partition import PartitionReader
from eventsources.kafka.reader import Batch, Reader
from eventsources.kafka.settings import KafkaSettings
from eventsources.messages.body import NotJson, as_base64, as_json
from eventsources.messages.complaints import Complaints
from eventsources.messages.handover import Handover

BATCH: Final = 500
"""Messages that become durable together at most."""


class Kafka(EventSource[KafkaSettings]):
    """Publishes each message of a topic. `largest` is the size in bytes of a message that is still taken."""

    kind = "kafka"
    Settings = KafkaSettings

    def __init__(
        self,
        settings: KafkaSettings,
        context: SourceContext,
        *,
        largest: int = LARGEST,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(settings, context)
        self._name = f"source {context.source}/{context.event}"
        self._complaints = Complaints(self._name)
        self._handover = Handover(self._name, self._complaints, sleep=sleep)
        self._largest, self._sleep = largest, sleep
        self._limit = max(settings.limit_events_per_second, 0)

    @classmethod
    def check(cls, settings: KafkaSettings) -> list[tuple[str, str, str]]:
        return settings.check()

    @classmethod
    def describe(cls, settings: KafkaSettings, host: str) -> str:
        group = settings.consumer_group
        how = f"group {group.group_name}" if group is not None else f"partition {settings.partition}"
        return f"kafka {settings.url} topic {settings.topic}, {how}"

    @classmethod
    def wrap(cls, settings: KafkaSettings, body: bytes, headers: Mapping[str, str]) -> bytes:
        if settings.cloud_events:
            return body
        try:
            written = as_json(body) if settings.json_body else as_base64(body)
        except NotJson:
            written = as_base64(body)
        return wrap(settings, written, timestamp=go_text(datetime.now().astimezone()), headers=headers)

    async def __aenter__(self) -> Self:
        settings, context = self.settings, self.context
        for selector in settings.selectors():
            context.values.secret(selector)
        async with AsyncExitStack() as stack:
            registry = None
            if settings.json_body and settings.schema_registry is not None:
                registry = await stack.enter_async_context(SchemaRegistry(settings.schema_registry, context.values))
            self._messages = Messages(settings, context, self._complaints, registry, largest=self._largest)
            group = settings.consumer_group
            self._reader: Reader = (
                PartitionReader(settings, context) if group is None else GroupReader(settings, context, group)
            )
            await self._reader.open()
            stack.push_async_callback(self._reader.close)
            self._opened = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._opened.aclose()

    async def run(self, emit: Emit) -> None:
        """Read, hand to the bus, and only then say that it was read."""
        reader, loop = self._reader, asyncio.get_running_loop()
        most = min(BATCH, self._limit) or BATCH
        while True:
            batch = await reader.read(most)
            begun = loop.time()
            async with reader.handling():
                count = await self._handle(batch, emit)
            if self._limit:
                await self._sleep(max(count / self._limit - (loop.time() - begun), 0.0))

    async def _handle(self, batch: Batch, emit: Emit) -> int:
        """The number of messages that are done with."""
        records = [record for each in batch.values() for record in each]
        await self._handover.give(await self._messages.events(records), emit)
        await self._handover.insist(lambda: self._reader.done(batch))
        return len(records)
