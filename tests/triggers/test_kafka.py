"""The kafka trigger keeps what every trigger promises, against a real broker; and what is its own."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from bus.kafka.schema_registry import SchemaRegistrySettings
from config.errors import EventyardError, Permanent, Temporary
from config.model import Model, SASLConfig, SecretKeySelector, SecureHeader, ValueFromSource
from config.sensor import ParameterSource, TriggerParameter
from tests.bus.kafka.test_schema_registry import TEXT, FakeRegistry, registry
from tests.contract.trigger import Stage, TriggerContract
from tests.fakes.values import FakeValues, context, event
from tests.servers.kafka import KafkaServer
from tests.servers.server import free_port
from triggers.kafka import MOST_PRODUCERS, Kafka, KafkaSettings, MskSettings

PAYLOAD = [TriggerParameter(src=ParameterSource(dependency_name="push", data_key="body.ref"), dest="ref")]


def written(url: str, topic: str, partitions: int = 1) -> list[Any]:
    """All records of a topic, in order. Runs a loop of its own, so that anybody may ask."""

    async def read() -> list[Any]:
        places = [TopicPartition(topic, number) for number in range(partitions)]
        consumer = AIOKafkaConsumer(bootstrap_servers=url, auto_offset_reset="earliest")
        await consumer.start()
        try:
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            found: list[Any] = []
            while sum(ends.values()) > len(found):
                for records in (await consumer.getmany(timeout_ms=1000)).values():
                    found += records
            return sorted(found, key=lambda record: (record.partition, record.offset))
        finally:
            await consumer.stop()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, read()).result()


def values(**data: Any) -> FakeValues:
    """An event of the dependency `push`."""
    return FakeValues(push=event({"body": {"ref": "main", **data}}))


def trigger(url: str, topic: str, **fields: Any) -> Kafka:
    """A trigger that was not entered yet."""
    secrets = {"key": "a-secret"}
    settings = KafkaSettings(**{"url": url, "topic": topic, "payload": PAYLOAD, **fields})
    return Kafka(settings, context(**secrets))


@pytest.fixture
async def topic(kafka_server: KafkaServer) -> str:
    """With two partitions."""
    name = f"t-{uuid.uuid4().hex[:12]}"
    await kafka_server.create_topic(name, 2)
    return name


class TestKafka(TriggerContract):
    """With a header that lies in a Secret."""

    @pytest.fixture(autouse=True)
    def _server(self, kafka_server: KafkaServer, topic: str) -> None:
        self.server, self.topic = kafka_server, topic

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        secret = ValueFromSource(secret_key_ref=SecretKeySelector(name="s", key="key"))
        secure = [SecureHeader(name="X-Auth", value_from=secret)]
        made = trigger(self.server.url, self.topic, secure_headers=secure, partition=1)

        def seen() -> Sequence[str]:
            return [record.value.decode() for record in written(self.server.url, self.topic, 2)]

        def keys() -> Sequence[str]:
            records = written(self.server.url, self.topic, 2)
            return [dict(record.headers)["Idempotency-Key"].decode() for record in records]

        yield Stage(trigger=made, values=values(), seen=seen, keys=keys, secrets=["a-secret"])

    def with_parameter(self, settings: Model, parameter: TriggerParameter) -> Model | None:
        return settings.model_copy(update={"parameters": [parameter]})


async def test_a_message(kafka_server: KafkaServer, topic: str) -> None:
    made = trigger(kafka_server.url, topic, headers={"a": "ü"}, partitioning_key="k", compress=True)
    async with made:
        outcome = await made.fire(made.render(made.settings, values()), "key-1")
    (record,) = written(kafka_server.url, topic, 2)
    assert outcome.answer == f"partition {record.partition}, offset 0"
    assert (record.key, record.value) == (b"k", b'{"ref":"main"}')
    assert dict(record.headers) == {"Idempotency-Key": b"key-1", "a": "ü".encode()}


async def failure(made: Kafka, *, data: str = "main") -> EventyardError:
    """What a firing fails with."""
    with pytest.raises((Temporary, Permanent)) as error:
        await made.fire(made.render(made.settings, values(ref=data)), "key-1")
    assert error.value.where
    assert error.value.fix
    return error.value


async def test_the_manifest_may_set_the_key_of_repetitions(kafka_server: KafkaServer, topic: str) -> None:
    async with trigger(kafka_server.url, topic, headers={"Idempotency-Key": "mine"}) as made:
        await made.fire(made.render(made.settings, values()), "key-1")
    (record,) = written(kafka_server.url, topic, 2)
    assert record.headers == (("Idempotency-Key", b"mine"),)


async def test_parameters_choose_topic_key_and_cluster(kafka_server: KafkaServer, topic: str) -> None:
    def of(key: str, dest: str) -> TriggerParameter:
        return TriggerParameter(src=ParameterSource(dependency_name="push", data_key=f"body.{key}"), dest=dest)

    parameters = [of("topic", "topic"), of("ref", "partitioningKey"), of("url", "url")]
    async with trigger("nowhere:1", "nowhere", parameters=parameters, required_acks=1) as made:
        request = made.render(made.settings, values(topic=topic, url=kafka_server.url))
        await made.fire(request, "key-1")
        with pytest.raises(Permanent, match="'kafka://x' is no address"):
            made.render(made.settings, values(topic=topic, url="kafka://x"))
    (record,) = written(kafka_server.url, topic, 2)
    assert record.key == b"main"


async def test_connections_of_long_ago_make_room(kafka_server: KafkaServer, topic: str) -> None:
    async with trigger(kafka_server.url, topic) as made:
        request = made.render(made.settings, values())
        for number in range(MOST_PRODUCERS + 2):
            url = f"{kafka_server.url}{',' * number}"
            await made.fire(replace(request, settings=request.settings.model_copy(update={"url": url})), "key")
        assert len(made._producers._open) == MOST_PRODUCERS
    assert len(written(kafka_server.url, topic, 2)) == MOST_PRODUCERS + 2


async def test_a_partition(kafka_server: KafkaServer, topic: str) -> None:
    async with trigger(kafka_server.url, topic, partition=1) as made:
        outcome = await made.fire(made.render(made.settings, values()), "key-1")
    assert outcome.answer == "partition 1, offset 0"
    async with trigger(kafka_server.url, topic, partition=7) as made:
        error = await failure(made)
    assert isinstance(error, Temporary)
    assert "no partition 7" in error.what


async def test_what_is_too_large_is_permanent(kafka_server: KafkaServer, topic: str) -> None:
    async with trigger(kafka_server.url, topic) as made:
        error = await failure(made, data="x" * 1_100_000)
        assert isinstance(error, Permanent)
        assert "max.message.bytes" in error.fix
        await made.fire(made.render(made.settings, values()), "key-2")


async def test_a_cluster_that_is_not_there_is_temporary_and_entering_does_not_mind() -> None:
    away = f"127.0.0.1:{free_port()}"
    async with trigger(away, "t") as made:
        error = await failure(made)
    assert isinstance(error, Temporary)
    assert (error.what, error.where) == ("no connection: connection refused", away)


async def test_a_refused_login_is_temporary() -> None:
    if missing := KafkaServer.missing():
        pytest.skip(missing)
    user, word = SecretKeySelector(name="s", key="user"), SecretKeySelector(name="s", key="word")
    sasl = SASLConfig(mechanism="SCRAM-SHA-256", user_secret=user, password_secret=word)
    with KafkaServer(sasl=True, config="auto.create.topics.enable=false") as server:
        await server.create_topic("t")
        for password in ("wr0ng", KafkaServer.PASSWORD):
            settings = KafkaSettings(url=server.sasl_url, topic="t", payload=PAYLOAD, sasl=sasl)
            async with Kafka(settings, context(user=KafkaServer.USER, word=password)) as made:
                if password == KafkaServer.PASSWORD:
                    await made.fire(made.render(made.settings, values()), "key-1")
                else:
                    error = await failure(made)
                    assert isinstance(error, Temporary)
                    assert error.what.startswith("the broker refused the login: ")
                    assert password not in str(error) + error.fix
        async with trigger(server.url, "nowhere") as made:
            error = await failure(made)
        assert isinstance(error, Temporary)
        assert error.what == "there is no topic 'nowhere'"


async def test_a_missing_secret_is_temporary(kafka_server: KafkaServer, topic: str) -> None:
    secret = ValueFromSource(secret_key_ref=SecretKeySelector(name="s", key="none"))
    async with trigger(kafka_server.url, topic, secure_headers=[SecureHeader(name="a", value_from=secret)]) as made:
        with pytest.raises(Temporary, match="Secret 's' has no key 'none'"):
            await made.fire(made.render(made.settings, values()), "key-1")


async def test_avro_by_a_schema_registry(kafka_server: KafkaServer, topic: str) -> None:
    text = '{"type": "record", "name": "R", "fields": [{"name": "ref", "type": "string"}]}'
    async with registry(FakeRegistry({7: {"schema": text}, 8: {"schema": TEXT}, 9: 500})) as server:

        def by(id: int) -> Kafka:
            given = SchemaRegistrySettings(url=server.url, schema_id=id)
            return trigger(kafka_server.url, topic, schema_registry=given)

        async with by(7) as made:
            for number in range(2):
                await made.fire(made.render(made.settings, values()), f"key-{number}")
        assert server.asked == [7]
        async with by(8) as made:
            error = await failure(made)
            assert isinstance(error, Permanent)
            assert error.what.startswith("it does not fit the schema")
        async with by(9) as made:
            with pytest.raises(Temporary, match="the schema registry answered 500"):
                await made.fire(made.render(made.settings, values()), "key-3")
    assert [record.value for record in written(kafka_server.url, topic, 2)] == [b"\x00\x00\x00\x00\x07\x08main"] * 2


def test_a_message_is_shown_without_secrets() -> None:
    secret = ValueFromSource(secret_key_ref=SecretKeySelector(name="s", key="key"))
    secure = [SecureHeader(name="X", value_from=secret)]
    made = trigger("k:9092", "t", headers={"a": "b", "Api-Key": "c"}, secure_headers=secure, partitioning_key="p")
    request = made.render(made.settings, values())
    assert request.show() == 'topic t of k:9092, key p  {"ref":"main"}'
    assert request.view() == {
        "url": "k:9092",
        "topic": "t",
        "partition": None,
        "key": "p",
        "headers": {"a": "b", "Api-Key": "***", "X": "***"},
        "body": '{"ref":"main"}',
    }


@pytest.mark.parametrize(
    ("fields", "path", "warning"),
    [
        ({"url": "kafka://a"}, "url", False),
        ({"partition": -1}, "partition", False),
        ({"partition": 0, "partitioning_key": "k"}, "partition", True),
        ({"flush_frequency": 500}, "flushFrequency", True),
        ({"required_acks": 7}, "requiredAcks", True),
        ({"secure_headers": [SecureHeader(name="a")]}, "secureHeaders.0.valueFrom", False),
        ({"schema_registry": SchemaRegistrySettings(url="r")}, "schemaRegistry.url", False),
        ({"sasl": SASLConfig(mechanism="GSSAPI")}, "sasl.mechanism", False),
    ],
)
def test_faults_and_warnings(fields: dict[str, Any], path: str, warning: bool) -> None:
    ((found, what, fix),) = Kafka.check(KafkaSettings(**{"url": "k", "topic": "t", **fields}))
    assert found == path
    assert what.startswith("warning: ") is warning
    assert fix


def test_nothing_to_say() -> None:
    for fields in ({}, {"partition": 0}, {"required_acks": -1}, {"aws_msk_iam_auth": MskSettings(region="r")}):
        assert Kafka.check(KafkaSettings.model_validate({"url": "k", "topic": "t", **fields})) == []
