"""Reading a topic as a member of a consumer group: what is done is committed, and partitions come and go without loss."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka import errors as kafka
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.coordinator.assignors.range import RangePartitionAssignor
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor

from bus.kafka.client import PATIENCE, Topic
from eventsources.base import SourceContext
from eventsources.kafka.reader import Batch, Reader
from eventsources.kafka.settings import ConsumerGroupSettings, KafkaSettings

SESSION: Final = 6.0
"""Seconds without a sign of life after which a group gives a member's partitions to others; brokers allow no less."""

HANDOVER: Final = 5.0
"""Seconds that a batch in the making may hold up a group that shares its partitions anew."""

_ASSIGNORS: Final = {
    "range": RangePartitionAssignor,
    "roundrobin": RoundRobinPartitionAssignor,
    "sticky": StickyPartitionAssignor,
}


class GroupReader(Reader, ConsumerRebalanceListener):  # type: ignore[misc]
    """A member of a consumer group, which commits what is done."""

    def __init__(self, settings: KafkaSettings, context: SourceContext, group: ConsumerGroupSettings) -> None:
        super().__init__(settings, context)
        self._group = group
        self._begun: dict[TopicPartition, int] = {}
        self._placed = asyncio.Event()

    def _membership(self) -> dict[str, Any]:
        return {
            "group_id": self._group.group_name,
            "partition_assignment_strategy": [_ASSIGNORS.get(self._group.rebalance_strategy, RangePartitionAssignor)],
            "session_timeout_ms": int(SESSION * 1000),
            "heartbeat_interval_ms": int(SESSION * 1000 / 3),
            "rebalance_timeout_ms": int(HANDOVER * 2 * 1000),
            "request_timeout_ms": int((HANDOVER * 2 + SESSION) * 1000),
        }

    async def _begin(self, topic: Topic) -> None:
        self._known = topic.partitions
        self._consumer.subscribe([self._settings.topic], listener=self)
        await self._consumer.start()
        # The library calls itself started when it knows its partitions; their places are found after that.
        await self._placed.wait()
        if self._problem is not None:
            raise self._problem

    async def done(self, batch: Batch) -> None:
        ours = self._consumer.assignment()
        offsets = {partition: records[-1].offset + 1 for partition, records in batch.items() if partition in ours}
        await self._attempt(self._commit(offsets))

    async def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        # If the group has given a partition to another member, that one reads again what was not committed in time; the
        # bus knows those events by their ids.
        with suppress(kafka.CommitFailedError, kafka.IllegalStateError):
            await self._consumer.commit(offsets)

    async def _ask(self) -> None:
        await self._consumer.committed(TopicPartition(self._settings.topic, 0))

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Let the batch that is being handled come to its commit."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HANDOVER), self._busy:
                pass

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Find the places to begin of partitions that this group has never read."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._place([each for each in assigned if await self._consumer.committed(each) is None])
        except Exception as error:
            # Raised here it would go to a log of the library, and nowhere else.
            self._problem = error
        self._placed.set()

    async def _place(self, fresh: list[TopicPartition]) -> None:
        if not fresh:
            return
        # A partition that was added while this group was at work is all news to it.
        whole = [each for each in fresh if self._settings.is_oldest or each.partition not in self._known]
        news = [each for each in fresh if each not in whole]
        places = {
            **await self._consumer.beginning_offsets(whole),
            **await self._consumer.end_offsets(news),
            **{each: self._begun[each] for each in fresh if each in self._begun},
        }
        for partition, offset in places.items():
            self._consumer.seek(partition, offset)
        self._begun.update(places)
        await self._commit(places)  # if that fails, the next sharing finds them in `_begun`
