from __future__ import annotations

from typing import Any

import pytest

from config.checks.eventbus import check_change
from config.errors import Fault
from config.findings import Findings
from tests.config.given import bus, faults, loaded

EXOTIC = {"url": "u", "clusterID": "c"}


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ({}, "spec"),
        ({"jetstream": None}, "spec"),
        ({"nats": {}}, "spec.nats"),
        ({"nats": {"native": {}, "exotic": EXOTIC}}, "spec.nats.exotic"),
        ({"nats": {"exotic": {"url": "u"}}}, "spec.nats.exotic.clusterID"),
        ({"nats": {"exotic": {"clusterID": "c"}}}, "spec.nats.exotic.url"),
        ({"jetstream": {}}, "spec.jetstream.version"),
        ({"jetstream": {"version": "latest", "replicas": 2}}, "spec.jetstream.replicas"),
        ({"jetstream": {"version": "latest", "replicas": 0}}, "spec.jetstream.replicas"),
        ({"jetstream": {"version": "latest", "replicas": "3"}}, "spec.jetstream.replicas"),
        ({"jetstream": "x"}, "spec.jetstream"),
        ({"jetstreamExotic": {}}, "spec.jetstreamExotic.url"),
        ({"kafka": {"url": ""}}, "spec.kafka.url"),
        ({"kafka": {"url": "k"}, "jetstream": {}}, "spec.jetstream.version"),
    ],
)
def test_what_is_refused(spec: dict[str, Any], path: str) -> None:
    assert [at for at, _ in faults(bus(**spec))] == [path]


@pytest.mark.parametrize(
    "spec",
    [
        {"nats": {"native": {"replicas": 1, "auth": "bogus"}}},
        {"nats": {"exotic": {"url": "u", "clusterID": ""}}},
        {"nats": {"native": {}}, "jetstream": {"version": "latest"}},
        {"jetstream": {"version": "bogus", "startArgs": ["-D"], "persistence": {"volumeSize": "10Gi"}}},
        {"jetstreamExotic": {"url": "n", "tls": {"insecureSkipVerify": True}}},
        {"kafka": {"url": "k", "sasl": {}, "consumerGroup": {"oldest": True}}},
    ],
)
def test_what_is_accepted(spec: dict[str, Any]) -> None:
    assert faults(bus(**spec)) == []


NATIVE: dict[str, Any] = {"nats": {"native": {}}}
EXTERNAL = {"nats": {"exotic": EXOTIC}}
STREAM = {"jetstream": {"version": "latest"}}


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (NATIVE, STREAM, "spec.jetstream"),
        (STREAM, NATIVE, "spec.nats"),
        (STREAM, {"jetstreamExotic": {"url": "n"}}, "spec.jetstreamExotic"),
        ({"kafka": {"url": "k"}}, STREAM, "spec.jetstream"),
        (NATIVE, EXTERNAL, "spec.nats.exotic"),
        (EXTERNAL, NATIVE, "spec.nats.native"),
        (NATIVE, {"nats": {"native": {"auth": "token"}}}, "spec.nats.native.auth"),
        ({"nats": {"exotic": {**EXOTIC, "auth": "token"}}}, EXTERNAL, "spec.nats.exotic.auth"),
        (STREAM, {"jetstream": {"version": "latest", "streamConfig": ""}}, "spec.jetstream.streamConfig"),
        (
            {"jetstream": {"version": "latest", "streamConfig": "replicas: 1"}},
            {"jetstream": {"version": "latest", "streamConfig": "replicas: 3"}},
            "spec.jetstream.streamConfig",
        ),
        (NATIVE, {"nats": {"native": {"auth": "none"}}}, None),
        (STREAM, {"jetstream": {"version": "2.9.1", "replicas": 5}}, None),
        (STREAM, {"kafka": {"url": "k"}}, None),
        ({"jetstreamExotic": {"url": "a"}}, {"jetstreamExotic": {"url": "b"}}, None),
    ],
)
def test_changes(old: dict[str, Any], new: dict[str, Any], path: str | None) -> None:
    before, after = loaded(bus(**old)).eventbuses[0], loaded(bus(**new)).eventbuses[0]
    found: list[Fault] = []
    check_change(before, after, Findings(after.marks, found))
    assert [fault.path for fault in found] == ([path] if path else [])
