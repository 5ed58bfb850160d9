"""Reading a topic: what a member of a consumer group and the reader of one partition have in common.

Positions are ours to decide: the library's own way to begin "at the newest" finds the end only once it fetches, and forgets it
until something was committed, so that what came in between would be lost. Here the place to begin is looked up while entering
and written down at once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NoReturn

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka import errors as kafka

from bus.kafka.client import PATIENCE, Topic, explained, part, reach
from eventsources.base import SourceContext
from eventsources.kafka.settings import KafkaSettings

Batch = Mapping[TopicPartition, Sequence[Any]]
"""Records of the library, in the order of their offsets."""

JOINING: Final = 20.0
"""Seconds until a consumer is in its place; those who are in a group already have to notice."""

SILENCE: Final = 3.0
"""Seconds without any answer after which the broker is asked whether it is there. A fetch without news takes half of one."""

_POLL: Final = 1.0
_FETCH_BYTES: Final = 8 << 20
_log = logging.getLogger("eventyard.eventsources")


class Reader(ABC):
    """One consumer of the library; opened, read from in a loop, closed."""

    def __init__(
        self, settings: KafkaSettings, context: SourceContext, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings, self._context, self._clock = settings, context, clock
        self._where = ",".join(settings.connection.brokers)
        self._heard = (0, clock())
        self._busy = asyncio.Lock()
        self._problem: Exception | None = None

    async def open(self) -> None:
        """Connect and find the place to begin: what comes from now on is read. Raises Temporary."""
        arguments = self._settings.connection.arguments(self._context.values)
        topic = await reach(arguments, self._settings.topic)
        self._consumer = AIOKafkaConsumer(
            **{
                **arguments,
                "enable_auto_commit": False,
                "auto_offset_reset": "none",
                "isolation_level": "read_committed",
                "fetch_max_bytes": _FETCH_BYTES,
                "metadata_max_age_ms": 60_000,
                **self._settings.tuning(),
                **self._membership(),
            }
        )
        try:
            async with asyncio.timeout(JOINING):
                await self._begin(topic)
        except BaseException as error:
            await part(self._consumer)
            if isinstance(error, Exception):
                self._fail(error)
            raise
        self._heard = (0, self._clock())

    async def close(self) -> None:
        """Leave nothing behind."""
        await part(self._consumer)

    async def read(self, most: int) -> Batch:
        """Wait for records, `most` of them at most. Raises Temporary if the broker is gone."""
        while True:
            if self._problem is not None:
                self._fail(self._problem)
            try:
                async with asyncio.timeout(_POLL + SILENCE):
                    found: Batch = await self._consumer.getmany(timeout_ms=int(_POLL * 1000), max_records=most)
            except TimeoutError:
                found = {}  # the group is still being shared anew, or its coordinator is gone
            except kafka.NoOffsetForPartitionError:
                continue  # noticed while the place to begin was looked up
            except kafka.OffsetOutOfRangeError as error:
                await self._attempt(self._rewind(error.args[0]))
                continue
            except kafka.KafkaError as error:
                self._fail(error)
            if found:
                self._heard = (0, self._clock())
                return found
            await self._listen()

    @asynccontextmanager
    async def handling(self) -> AsyncIterator[None]:
        """While a batch is handled; a group waits for it, for a while, before it shares its partitions anew."""
        async with self._busy:
            yield

    @abstractmethod
    async def done(self, batch: Batch) -> None:
        """All of a batch need not be read again. Raises Temporary."""

    @abstractmethod
    def _membership(self) -> dict[str, Any]:
        """Arguments of the consumer."""

    @abstractmethod
    async def _begin(self, topic: Topic) -> None:
        """Start the consumer and put it in its place."""

    @abstractmethod
    async def _ask(self) -> None:
        """Get any answer from the broker."""

    async def _listen(self) -> None:
        """Nothing came: see that this is not because nobody is there."""
        polled = max((self._consumer.last_poll_timestamp(each) or 0 for each in self._consumer.assignment()), default=0)
        latest, at = self._heard
        if polled != latest:
            self._heard = (polled, self._clock())
        elif self._clock() - at > SILENCE:
            await self._attempt(self._ask(), SILENCE)
            self._heard = (polled, self._clock())

    async def _rewind(self, offsets: Mapping[TopicPartition, int]) -> None:
        """The topic no longer has what comes next: go on with the oldest that it has."""
        for partition, offset in offsets.items():
            begin = (await self._consumer.beginning_offsets([partition]))[partition]
            self._consumer.seek(partition, begin)
            _log.error(
                "source %s/%s: %s/%d no longer has offset %d, what was deleted unread is lost; it goes on at %d",
                *(self._context.source, self._context.event, partition.topic, partition.partition, offset, begin),
            )

    async def _attempt(self, action: Awaitable[None], patience: float = PATIENCE) -> None:
        try:
            async with asyncio.timeout(patience):
                await action
        except (kafka.KafkaError, OSError, TimeoutError) as error:
            self._fail(error)

    def _fail(self, error: Exception) -> NoReturn:
        raise explained(error, self._where, self._settings.topic) from error
