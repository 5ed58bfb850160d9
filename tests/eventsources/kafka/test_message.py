"""What messages become."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import orjson
import pytest

from eventsources.kafka.adapter import Kafka
from eventsources.kafka.settings import KafkaSettings
from tests.bus.kafka.test_schema_registry import TEXT, WIRE, FakeRegistry, registry
from tests.contract.eventsource import running
from tests.eventsources.kafka_stage import Arrivals, Stage, arrived, stage
from tests.eventsources.surroundings import NOW
from tests.servers.kafka import KafkaServer


@pytest.fixture
async def scene(kafka_server: KafkaServer) -> AsyncIterator[Stage]:
    """A topic with one partition."""
    async with stage(kafka_server) as made:
        yield made


async def test_the_data_is_that_of_argo_events(scene: Stage) -> None:
    headers = [("b", b"1"), ("a", b"x"), ("b", "zwei ü".encode())]
    (event,) = await arrived(
        scene,
        {"value": b'{"ref": 1.50,\n "x": [ ]}', "headers": headers, "at": 1767323045120},
        metadata={"team": "blue"},
    )
    assert event.id == f"hooks:example:{scene.server.url}:{scene.topic}:0:0"
    assert event.data == (
        b'{"topic":"' + scene.topic.encode() + b'","key":"k","partition":0,"body":{"ref":1.50,"x":[]},'
        b'"timestamp":"2026-01-02 03:04:05.12 +0000 UTC","headers":{"a":"x","b":"zwei \xc3\xbc"},'
        b'"metadata":{"team":"blue"}}'
    )
    assert (event.type, event.datacontenttype, datetime.fromisoformat(event.time)) == ("kafka", "application/json", NOW)


async def test_without_json_body_bytes_are_base64(scene: Stage) -> None:
    events = await arrived(scene, {"value": b"\x00\xff", "key": None}, {"value": b""}, {"value": None}, jsonBody=False)
    assert [event.json()["body"] for event in events] == ["AP8=", "", None]
    assert events[0].json()["key"] == ""
    assert events[0].json()["headers"] == {}


async def test_a_message_that_is_not_json_is_kept_and_told(scene: Stage, caplog: pytest.LogCaptureFixture) -> None:
    messages = ({"value": value} for value in (b"not json", b"", None, b"[1]"))
    events = await arrived(scene, *messages)
    assert [event.json()["body"] for event in events] == ["bm90IGpzb24=", "", None, [1]]
    (line,) = [record for record in caplog.records if record.name == "eventyard.eventsources"]
    assert line.levelname == "ERROR"
    assert f"{scene.topic}/0 offset 0: the message is not JSON" in line.getMessage()


async def test_cloudevents_stay_what_they_are(scene: Stage, caplog: pytest.LogCaptureFixture) -> None:
    attributes = {"specversion": "1.0", "id": "A1", "source": "/shop", "type": "order", "tenant": "blue"}
    binary = [(f"ce_{name}", value.encode()) for name, value in attributes.items()]
    whole = orjson.dumps({**attributes, "id": "A2", "data": {"n": 1}})
    events = await arrived(
        scene,
        {"value": b'{"n": 1}', "headers": [*binary, ("content-type", b"application/json")]},
        {"value": whole, "headers": [("content-type", b"application/cloudevents+json; charset=UTF-8")]},
        {"value": b'{"n": 1}', "headers": [("ce_specversion", b"1.0")]},
        {"value": b'{"n": 1}'},
        cloudEvents=True,
    )
    for event, id in zip(events[:2], ("A1", "A2"), strict=True):
        assert (event.id, event.type, event.source, event.subject) == (id, "order", "hooks", "example")
        assert event.extensions == {"tenant": "blue", "originsource": "/shop"}
        assert event.json() == {"n": 1}
    assert [event.type for event in events[2:]] == ["kafka", "kafka"]
    assert "it is taken as any other message" in caplog.text


async def test_they_are_ordinary_messages_unless_the_manifest_says_so(scene: Stage) -> None:
    headers = [("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"s"), ("ce_type", b"t")]
    (event,) = await arrived(scene, {"value": b"{}", "headers": headers})
    assert event.type == "kafka"
    assert event.json()["headers"]["ce_type"] == "t"


async def test_what_is_too_large_is_dropped_and_told(scene: Stage, caplog: pytest.LogCaptureFixture) -> None:
    emit = Arrivals()
    async with scene.source() as source, running(source, emit):
        source._messages._largest = 100
        await scene.send(b'"' + bytes(b"x" * 100) + b'"')
        offset = await scene.send(b'"next"')
        assert await scene.until_committed(offset + 1)
    (event,) = emit.events
    assert event.json()["body"] == "next"
    assert f"{scene.topic}/0 offset 0: a message of 102 bytes is dropped, 100 are taken at most" in caplog.text


async def test_avro_by_a_schema_registry(scene: Stage, caplog: pytest.LogCaptureFixture) -> None:
    async with registry(FakeRegistry({7: {"schema": TEXT}})) as server:
        events = await arrived(
            scene,
            {"value": WIRE},
            {"value": b"\x00\x00\x00\x00\x08\x04hi"},
            {"value": b'{"a": "hi"}'},
            {"value": None},
            schemaRegistry={"url": server.url},
        )
    assert [event.json()["body"] for event in events] == [{"a": "hi"}, "AAAAAAgEaGk=", "eyJhIjogImhpIn0=", None]
    assert "offset 1: the message cannot be decoded: " in caplog.text
    assert "has no schema 8" in caplog.text


def test_what_is_made_by_hand_looks_like_a_message() -> None:
    settings = KafkaSettings.model_validate({"url": "k", "topic": "t", "jsonBody": True})
    data = orjson.loads(Kafka.wrap(settings, b'{"a": 1}', {"h": "v"}))
    assert data.pop("timestamp").endswith(" +0000 UTC")
    assert data == {"topic": "t", "key": "", "partition": 0, "body": {"a": 1}, "headers": {"h": "v"}}
    assert orjson.loads(Kafka.wrap(settings, b"{", {}))["body"] == "ew=="
    assert Kafka.wrap(settings.model_copy(update={"cloud_events": True}), b"x", {}) == b"x"
