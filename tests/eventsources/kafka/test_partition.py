"""The kafka source of a single partition keeps what every source promises, and its place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest

from config.errors import Temporary
from eventsources.http.server import HttpListeners
from eventsources.kafka.adapter import Kafka
from tests.contract.eventsource import EventSourceContract
from tests.eventsources.kafka_stage import REFUSED, Stage, arrived, stage
from tests.servers.kafka import KafkaServer


@pytest.fixture
async def scene(kafka_server: KafkaServer) -> AsyncIterator[Stage]:
    """A topic with one partition."""
    async with stage(kafka_server) as made:
        yield made


class TestPartition(EventSourceContract):
    """Without a group: acknowledged is what is noted."""

    @pytest.fixture(autouse=True)
    def _scene(self, scene: Stage) -> None:
        self.scene = scene

    def make(self, http: HttpListeners) -> Kafka:
        return self.scene.source(http, consumerGroup=None, partition="0")

    async def happen(self, http: HttpListeners) -> bool:
        offset = await self.scene.send(b'{"a": 1}')
        try:
            async with asyncio.timeout(REFUSED):
                while orjson.loads(self.scene.notes.value or b"{}").get("offset", -1) <= offset:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        except TimeoutError:
            return False
        return True


ONE = {"consumerGroup": None, "partition": "0"}


async def test_one_partition_goes_on_where_it_was(scene: Stage) -> None:
    await scene.send(b'"before"')
    (first,) = await arrived(scene, {"value": b"1"}, **ONE)
    await scene.send(b'"meanwhile"')
    (second,) = await arrived(scene, {"value": b"2"}, **ONE)
    assert (first.json()["body"], second.json()["body"]) == (1, "meanwhile")


@pytest.mark.parametrize("note", [b"no note", b'{"cluster":"other","topic":"t","partition":0,"offset":7}'])
async def test_a_note_about_something_else_is_not_followed(scene: Stage, note: bytes) -> None:
    scene.notes.value = note
    await scene.send(b'"before"')
    (event,) = await arrived(scene, {"value": b"1"}, **ONE)
    assert event.json()["body"] == 1


async def test_what_was_deleted_unread_is_told_and_left_behind(scene: Stage, caplog: pytest.LogCaptureFixture) -> None:
    await arrived(scene, {"value": b"0"}, **ONE)
    assert scene.notes.value is not None
    scene.notes.value = scene.notes.value.replace(b'"offset":1', b'"offset":70')
    (event,) = await arrived(scene, {"value": b"1"}, **ONE)
    assert event.json()["body"] == 0
    assert f"{scene.topic}/0 no longer has offset 70, what was deleted unread is lost; it goes on at 0" in caplog.text


async def test_a_partition_that_is_not_there(scene: Stage) -> None:
    with pytest.raises(Temporary, match=f"the topic '{scene.topic}' has no partition 3, it has 1") as error:
        async with scene.source(consumerGroup=None, partition="3"):
            pass
    assert error.value.where == scene.server.url
