"""One producer for all who write to a cluster with the same settings: pipelined, idempotent, connected when it is needed.

Two habits of the library are undone here. Its idempotent producer never gives up, and tells nobody why it tries again: here a
batch fails after `patience`, with the broker's reason. And after a batch has failed, its sequence numbers have a gap that
makes the broker refuse all that follow: here the next message makes a new producer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka import errors as kafka
from aiokafka.producer.sender import Sender, SendProduceReqHandler

from bus.kafka.client import CLOSING, PATIENCE, KafkaConnection, explained, part, reach
from config.credentials import Secrets
from config.errors import Permanent, Temporary

IN_FLIGHT: Final = 64
"""Messages that may wait for an acknowledgement. With more than fill a batch, the library wakes all of them for each batch."""

BATCH_BYTES: Final = 512 << 10
"""Bytes of a batch; brokers take 1 MiB by default."""

LARGEST: Final = 16 << 20
"""Bytes of a message that no broker is asked to take."""

_BACKOFF_MS: Final = 100
_TOO_LARGE: Final = (kafka.MessageSizeTooLargeError, kafka.RecordListTooLargeError)
_AGAIN: Final = (*_TOO_LARGE, kafka.OutOfOrderSequenceNumber)
"""Refusals that may concern the company of a message only: its batch was too large, or one before it was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message. Without `partition` the key decides (as in Java's client), without a key any partition will do."""

    topic: str
    value: bytes
    key: bytes | None = None
    partition: int | None = None
    headers: Sequence[tuple[str, bytes]] = ()


class Written(NamedTuple):
    """Where a message is."""

    partition: int
    offset: int


class KafkaProducer:
    """Made without a connection. `leader_only` gives up idempotence and is content with one replica."""

    def __init__(
        self,
        connection: KafkaConnection,
        secrets: Secrets,
        *,
        leader_only: bool = False,
        compress: bool = False,
        patience: float = PATIENCE,
    ) -> None:
        self._connection, self._secrets, self._patience = connection, secrets, patience
        self._where = ",".join(connection.brokers)
        self._options: dict[str, Any] = {
            "acks": 1 if leader_only else "all",
            "enable_idempotence": not leader_only,
            "compression_type": "snappy" if compress else None,
            "max_batch_size": BATCH_BYTES,
            "max_request_size": 2 * LARGEST,
            "request_timeout_ms": int(patience * 1000),
            "retry_backoff_ms": _BACKOFF_MS,
        }
        self._current: AIOKafkaProducer | None = None
        self._lock = asyncio.Lock()
        self._slots = asyncio.Semaphore(IN_FLIGHT)

    async def send(self, message: Outgoing) -> Written:
        """Return once the cluster has it. Raises Temporary or Permanent."""
        if len(message.value) > LARGEST:
            raise self._too_large(message)
        async with self._slots:
            try:
                return await self._send(message)
            except _AGAIN as error:
                alone = isinstance(error, _TOO_LARGE)
            try:
                return await self._send(message, alone=alone)
            except _TOO_LARGE:
                raise self._too_large(message) from None
            except _AGAIN as error:
                raise explained(error, self._where, message.topic) from None

    async def close(self) -> None:
        """Nothing remains; what could not be sent by now is not sent any more."""
        if (producer := self._current) is not None:
            await self._retire(producer)

    async def _send(self, message: Outgoing, *, alone: bool = False) -> Written:
        producer = await self._connect(message.topic)
        try:
            await self._check_partition(producer, message)
            # Normally the library notices in time that a batch is too old.
            async with asyncio.timeout(3 * self._patience):
                return await _write(producer, message, alone)
        except (kafka.KafkaError, OSError, TimeoutError) as error:
            await self._retire(producer)
            if isinstance(error, _AGAIN):
                raise
            raise explained(error, self._where, message.topic) from None

    async def _connect(self, topic: str) -> AIOKafkaProducer:
        async with self._lock:
            if self._current is None:
                arguments = self._connection.arguments(self._secrets)
                await reach(arguments, topic)
                producer = AIOKafkaProducer(**arguments, **self._options)
                _make_impatient(producer)
                try:
                    async with asyncio.timeout(self._patience):
                        await producer.start()
                except BaseException as error:
                    await part(producer)
                    if isinstance(error, (kafka.KafkaError, OSError, TimeoutError)):
                        raise explained(error, self._where, topic) from None
                    raise
                self._current = producer
            return self._current

    async def _check_partition(self, producer: AIOKafkaProducer, message: Outgoing) -> None:
        topic, number = message.topic, message.partition
        partitions = producer.client.cluster.partitions_for_topic(topic)
        if partitions is None:
            try:
                async with asyncio.timeout(self._patience / 2):
                    partitions = await producer.partitions_for(topic)
            except TimeoutError:
                raise explained(kafka.UnknownTopicOrPartitionError(), self._where, topic) from None
        if number is not None and number not in partitions:
            what = f"the topic '{topic}' has no partition {number}, it has {len(partitions)}"
            raise Temporary(
                what, where=self._where, fix="correct partition, or add partitions; they are counted from 0"
            )

    async def _retire(self, producer: AIOKafkaProducer) -> None:
        """Let what is on its way arrive, for a moment, and stop."""
        if self._current is producer:
            self._current = None
            await _stop(producer)

    def _too_large(self, message: Outgoing) -> Permanent:
        what = f"a message of {len(message.value)} bytes is more than the topic '{message.topic}' takes"
        return Permanent(what, where=self._where, fix="send less, or raise max.message.bytes of the topic")


async def _write(producer: AIOKafkaProducer, message: Outgoing, alone: bool) -> Written:
    headers, topic, number = list(message.headers), message.topic, message.partition
    if alone:
        batch = producer.create_batch()
        batch.append(timestamp=None, key=message.key, value=message.value, headers=headers)
        batch.close()
        if number is None:
            number = producer._partition(topic, None, None, None, message.key, message.value)
        future = await producer.send_batch(batch, topic, partition=number)
    else:
        future = await producer.send(topic, message.value, message.key, number, headers=headers)
    # Whoever is cancelled does not hear how it ended.
    future.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    record = await future
    return Written(record.partition, record.offset)


class _ImpatientHandler(SendProduceReqHandler):  # type: ignore[misc]
    """What the library does with an answer, but a batch grows old whether or not the producer is idempotent."""

    def _can_retry(self, error: Exception, batch: Any) -> bool:
        return bool(getattr(error, "retriable", False)) and not batch.expired()


class _ImpatientSender(Sender):  # type: ignore[misc]
    async def _send_produce_req(self, node_id: int, batches: dict[Any, Any]) -> None:
        await _ImpatientHandler(self, batches).do(node_id)
        self._in_flight.remove(node_id)
        self._muted_partitions.difference_update(batches)


def _make_impatient(producer: AIOKafkaProducer) -> None:
    theirs = producer._sender
    producer._sender = _ImpatientSender(
        theirs.client,
        acks=theirs._acks,
        txn_manager=theirs._txn_manager,
        message_accumulator=theirs._message_accumulator,
        retry_backoff_ms=_BACKOFF_MS,
        request_timeout_ms=theirs._request_timeout_ms,
    )


async def _stop(producer: AIOKafkaProducer) -> None:
    """Stop without waiting for a broker that does not answer, which the library would do."""
    gathered, sending = producer._message_accumulator, producer._sender.sender_task
    waiting: Any = [batch.future for batches in gathered._batches.values() for batch in batches]
    waiting += [batch.future for batch in gathered._pending_batches]
    if waiting and (await asyncio.wait(waiting, timeout=CLOSING))[1]:
        # Asked to end, it first waits for the answers to what it has sent; asked again, it does not.
        while not sending.done():
            sending.cancel()
            await asyncio.wait([sending], timeout=0.1)
        gathered.fail_all(kafka.ProducerClosed())
        for batches in gathered._batches.values():
            for batch in batches:
                # This failed as well, and nobody may be there to take note of it.
                if (drained := batch._drain_waiter).done() and not drained.cancelled():
                    drained.exception()
    await part(producer)
