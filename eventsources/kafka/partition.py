"""Reading one partition of a topic, outside of any group: what is done is noted on the bus, and a restart goes on there.

Argo Events keeps no place here and begins at the newest each time.
"""

from __future__ import annotations

from typing import Any

import msgspec
from aiokafka import TopicPartition

from bus.kafka.client import PATIENCE, Topic
from config.errors import Temporary
from eventsources.base import SourceContext
from eventsources.kafka.reader import Batch, Reader
from eventsources.kafka.settings import KafkaSettings


class _Note(msgspec.Struct, frozen=True):
    """Where to read on; offsets mean nothing in another cluster or topic."""

    cluster: str
    topic: str
    partition: int
    offset: int


class PartitionReader(Reader):
    """One partition, outside of any group; what is done is noted on the bus."""

    def __init__(self, settings: KafkaSettings, context: SourceContext) -> None:
        super().__init__(settings, context)
        self._partition = TopicPartition(settings.topic, int(settings.partition))

    def _membership(self) -> dict[str, Any]:
        return {"group_id": None, "request_timeout_ms": int(PATIENCE * 1000)}

    async def _begin(self, topic: Topic) -> None:
        number = self._partition.partition
        if number not in topic.partitions:
            what = f"the topic '{self._settings.topic}' has no partition {number}, it has {len(topic.partitions)}"
            raise Temporary(what, where=self._where, fix="correct partition; they are counted from 0")
        self._cluster = topic.cluster
        self._consumer.assign([self._partition])
        await self._consumer.start()
        noted = await self._recall()
        if noted is None or noted != (here := self._note(noted.offset)):
            here = self._note((await self._consumer.end_offsets([self._partition]))[self._partition])
            await self._remember(here)
        self._consumer.seek(self._partition, here.offset)

    async def done(self, batch: Batch) -> None:
        for records in batch.values():
            await self._remember(self._note(records[-1].offset + 1))

    async def _ask(self) -> None:
        await self._consumer.end_offsets([self._partition])

    def _note(self, offset: int) -> _Note:
        return _Note(self._cluster, self._partition.topic, self._partition.partition, offset)

    async def _recall(self) -> _Note | None:
        noted = await self._context.notes.recall()
        try:
            return msgspec.json.decode(noted, type=_Note) if noted else None
        except msgspec.MsgspecError:
            return None

    async def _remember(self, note: _Note) -> None:
        await self._context.notes.remember(msgspec.json.encode(note))
