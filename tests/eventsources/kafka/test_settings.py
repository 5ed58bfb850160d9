"""What `check` says about a `kafka` block, and what of sarama's settings is obeyed."""

from __future__ import annotations

from typing import Any

import pytest

from eventsources.kafka.adapter import Kafka
from eventsources.kafka.settings import KafkaSettings

GOOD: dict[str, Any] = {"url": "a:9092,b:9092", "topic": "t", "consumerGroup": {"groupName": "g"}}
SECRET = {"name": "s", "key": "k"}


def settings(**fields: Any) -> KafkaSettings:
    return KafkaSettings.model_validate({**GOOD, **fields})


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"consumerGroup": None, "partition": "3"},
        {"partition": "what a group does not need"},
        {"version": "2.8.0", "limitEventsPerSecond": 10, "connectionBackoff": {"steps": 3}},
        {"jsonBody": True, "schemaRegistry": {"url": "http://r:8081", "schemaId": 1}},
        {"sasl": {"userSecret": SECRET, "passwordSecret": SECRET}, "tls": {"enabled": True}},
        {"awsMskIamAuth": {"region": "eu-west-1"}},
        {"config": "consumer: {fetch: {min: 10, default: 2097152}, isolationLevel: 0}\nclientID: me\nrackID: a"},
        {"config": "Consumer:\n  Offsets:\n    Initial: -2\n"},
        {"config": ""},
    ],
)
def test_nothing_to_say(fields: dict[str, Any]) -> None:
    assert Kafka.check(settings(**fields)) == []


@pytest.mark.parametrize(
    ("fields", "path", "warning"),
    [
        ({"url": "kafka://a"}, "url", False),
        ({"consumerGroup": {"groupName": ""}}, "consumerGroup.groupName", False),
        ({"consumerGroup": None, "partition": "one"}, "partition", False),
        ({"consumerGroup": None, "partition": "-1"}, "partition", False),
        ({"consumerGroup": {"groupName": "g", "rebalanceStrategy": "fair"}}, "consumerGroup.rebalanceStrategy", True),
        ({"schemaRegistry": {"url": "http://r"}}, "schemaRegistry", True),
        ({"jsonBody": True, "schemaRegistry": {"url": "r"}}, "schemaRegistry.url", False),
        ({"sasl": {"mechanism": "GSSAPI"}}, "sasl.mechanism", False),
        ({"config": "producer: {retry: {max: 3}}"}, "config", True),
        ({"config": "consumer: {isolationLevel: high}"}, "config", False),
        ({"config": "clientID: 5"}, "config", False),
        ({"config": "["}, "config", False),
        ({"config": "just text"}, "config", False),
    ],
)
def test_faults_and_warnings(fields: dict[str, Any], path: str, warning: bool) -> None:
    ((found, what, fix),) = Kafka.check(settings(**fields))
    assert found == path
    assert what.startswith("warning: ") is warning
    assert fix


def test_settings_of_sarama_that_are_ignored_are_named() -> None:
    ((_, what, _),) = settings(config="net: {dialTimeout: 5s}\nconsumer: {fetch: {max: 1}}").check()
    assert what.endswith("have no effect here: consumer.fetch.max, net.dialtimeout")


def test_settings_of_sarama_that_are_obeyed() -> None:
    given = settings(config="consumer: {fetch: {min: 10, default: 20}, isolationLevel: 0}\nclientID: me\nrackID: a")
    assert given.tuning() == {
        "client_id": "me",
        "client_rack": "a",
        "fetch_min_bytes": 10,
        "max_partition_fetch_bytes": 20,
        "isolation_level": "read_uncommitted",
    }
    assert settings(config="consumer: {isolationLevel: 1}").tuning() == {"isolation_level": "read_committed"}
    assert settings(config="[").tuning() == {}


def test_the_oldest() -> None:
    assert not settings().is_oldest
    assert settings(consumerGroup={"groupName": "g", "oldest": True}).is_oldest
    assert settings(config="consumer: {offsets: {initial: -2}}").is_oldest
    assert not settings(consumerGroup=None, partition="0", config="consumer: {offsets: {initial: -2}}").is_oldest


def test_secrets_that_are_needed() -> None:
    login = {"userSecret": {"name": "s", "key": "user"}, "passwordSecret": {"name": "s", "key": "word"}}
    auth = {"username": {"name": "r", "key": "user"}, "password": {"name": "r", "key": "word"}}
    given = settings(sasl=login, schemaRegistry={"url": "http://r", "auth": auth})
    assert [(each.name, each.key) for each in given.selectors()] == [
        ("s", "user"),
        ("s", "word"),
        ("r", "user"),
        ("r", "word"),
    ]
