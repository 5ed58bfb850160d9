"""The kafka source in a consumer group keeps what every source promises; its members come and go without loss."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import orjson
import pytest
from aiokafka.admin import NewPartitions

from bus.event import Event
from eventsources.http.server import HttpListeners
from eventsources.kafka.adapter import Kafka
from tests.contract.eventsource import EventSourceContract, Gate, running
from tests.eventsources.kafka_stage import PATIENCE, REFUSED, Arrivals, Stage, arrived, stage
from tests.servers.kafka import KafkaServer


@pytest.fixture
async def scene(kafka_server: KafkaServer) -> AsyncIterator[Stage]:
    """A topic with one partition."""
    async with stage(kafka_server) as made:
        yield made


class TestGroup(EventSourceContract):
    """In a consumer group: acknowledged is what is committed."""

    @pytest.fixture(autouse=True)
    def _scene(self, scene: Stage) -> None:
        self.scene = scene

    def make(self, http: HttpListeners) -> Kafka:
        return self.scene.source(http)

    async def happen(self, http: HttpListeners) -> bool:
        offset = await self.scene.send(b'{"a": 1}')
        return await self.scene.until_committed(offset + 1, patience=REFUSED)


async def test_a_new_group_begins_with_what_comes_or_with_what_is_there(scene: Stage) -> None:
    await scene.send(b"1")
    (event,) = await arrived(scene, {"value": b"2"})
    assert event.json()["body"] == 2
    events = await arrived(
        scene, {"value": b"3"}, {"value": b"4"}, consumerGroup={"groupName": f"{scene.topic}-2", "oldest": True}
    )
    assert [event.json()["body"] for event in events] == [1, 2]


async def test_a_group_that_never_committed_has_its_place_from_the_first_moment(scene: Stage) -> None:
    async with scene.source():
        pass
    await scene.send(b'"meanwhile"')
    (event,) = await arrived(scene, {"value": b"1"})
    assert event.json()["body"] == "meanwhile"


async def test_what_was_emitted_and_not_committed_comes_again_with_its_id(scene: Stage) -> None:
    class Dying(Arrivals):
        async def batch(self, events: Sequence[Event], /) -> Sequence[bool]:
            await super().batch(events)
            raise asyncio.CancelledError

    first, second = Dying(), Arrivals()
    source = scene.source()
    async with source:
        await scene.send(b"1")
        with pytest.raises(asyncio.CancelledError):
            await source.run(first)
    async with scene.source() as source, running(source, second):
        (again,) = await second.first(1)
    assert again.key == first.events[0].key


async def test_many_messages_keep_the_order_of_their_partition(scene: Stage) -> None:
    emit = Arrivals()
    async with scene.source() as source:
        await asyncio.gather(*(scene.send(orjson.dumps(number)) for number in range(1500)))
        async with running(source, emit):
            events = await emit.first(1500)
    offsets = [int(event.id.rpartition(":")[2]) for event in events]
    assert offsets == list(range(1500))


async def test_readers_share_a_group_and_lose_nothing_when_one_comes_and_goes(kafka_server: KafkaServer) -> None:
    async with stage(kafka_server, partitions=4) as scene:
        emit, sent = Arrivals(), 0

        async def send() -> None:
            nonlocal sent
            while True:
                await scene.send(orjson.dumps(sent), partition=sent % 4)
                sent += 1
                await asyncio.sleep(0.002)

        async with scene.source() as stays, running(stays, emit), asyncio.TaskGroup() as group:
            sending = group.create_task(send())
            await emit.first(50)
            for strategy in ("range", "range"):
                joining = {"groupName": scene.topic, "rebalanceStrategy": strategy}
                async with scene.source(consumerGroup=joining) as comes, running(comes, emit):
                    assert comes._reader._consumer.assignment()
                    already = len(emit.events)
                    await emit.first(already + 200)
            sending.cancel()
            wanted = set(range(sent))
            await emit.until(lambda: {event.json()["body"] for event in emit.events} >= wanted)
    repeated = len(emit.events) - len({event.key for event in emit.events})
    assert repeated == 0


async def test_a_batch_that_takes_too_long_comes_again_with_its_ids(
    scene: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventsources.kafka.group.HANDOVER", 0.2)
    gate, emit = Gate(), Arrivals()
    async with scene.source() as slow, running(slow, gate):
        offset = await scene.send(b"1")
        await gate.reached.wait()
        async with scene.source() as comes, running(comes, emit):
            gate.opened.set()
            assert await scene.until_committed(offset + 1)
    assert {event.json()["body"] for event in emit.events} <= {1}


async def test_a_partition_that_is_added_is_read_from_its_beginning(scene: Stage) -> None:
    emit = Arrivals()
    async with scene.source() as source, running(source, emit):
        await scene.send(b"0")
        await emit.first(1)
        await scene.admin.create_partitions({scene.topic: NewPartitions(2)})
        await scene.producer.client.force_metadata_update()
        async with asyncio.timeout(PATIENCE):
            while len(scene.producer.client.cluster.partitions_for_topic(scene.topic)) < 2:
                await scene.producer.client.force_metadata_update()
        await scene.send(b"1", partition=1)
        # Within a minute the reader would ask by itself.
        source._reader._consumer._client.force_metadata_update()
        events = await emit.first(2)
    assert events[1].json()["partition"] == 1
