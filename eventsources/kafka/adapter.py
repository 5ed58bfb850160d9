"""Messages of a Kafka topic as events: the `kafka` source of Argo Events, with nothing read twice unnoticed or not at all.

What was read counts as read only after the bus has it: in a group by a commit, of a single partition by a note on the bus. A
crash in between repeats messages, whose events have the same ids again. A message that is not what the manifest promises
(`jsonBody`, a schema) becomes an event all the same, its bytes as base64 text, so that it neither gets lost nor in the way of
those behind it; Argo Events drops it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from typing import Any, Final, Self

from bus.event import Event
from bus.kafka.schema_registry import SchemaRegistry
from config.errors import BusFull, Permanent, Temporary
from config.gotime import go_text
from eventsources.base import Emit, EventSource, SourceContext
from eventsources.kafka.group import GroupReader
from eventsources.kafka.message import LARGEST, Messages, wrap
from eventsources.kafka.partition import PartitionReader
from eventsources.kafka.reader import Batch, Reader
from eventsources.kafka.settings import KafkaSettings
from eventsources.messages.body import NotJson, as_base64, as_json
from eventsources.messages.complaints import Complaints

BATCH: Final = 500
"""Messages that become durable together at most."""

PAUSE_FIRST, PAUSE_MOST = 0.5, 15.0
"""Seconds until a batch that the bus did not take is offered again: doubling."""

_log = logging.getLogger("eventyard.eventsources")


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
        await self._hand_over(await self._messages.events(records), emit)
        await self._insist(lambda: self._reader.done(batch))
        return len(records)

    async def _hand_over(self, events: Sequence[Event], emit: Emit) -> None:
        """Return once the bus has all of them that it can ever take."""
        if not events:
            return
        try:
            await self._insist(lambda: emit.batch(events))
        except Permanent as error:
            if len(events) == 1:
                self._complaints.say("refused", f"the bus cannot take event {events[0].id}, it is dropped: {error}")
                return
            for event in events:
                await self._hand_over([event], emit)

    async def _insist(self, action: Callable[[], Awaitable[Any]]) -> None:
        """Do it again until it succeeds: a bus that is full, closed or out of order takes it later, and nothing is read
        meanwhile. Raises Temporary and Permanent, which concern Kafka or the event."""
        pause, told = PAUSE_FIRST, False
        while True:
            try:
                await action()
            except (Temporary, Permanent):
                raise
            except Exception as error:
                if not told:
                    told = True
                    _log.warning("%s: waits for the bus: %s", self._name, error)
                await self._sleep(error.retry_after if isinstance(error, BusFull) else pause)
                pause = min(pause * 2, PAUSE_MOST)
            else:
                return
