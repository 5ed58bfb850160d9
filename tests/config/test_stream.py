from __future__ import annotations

from typing import Any

import pytest

from config.duration import parse_duration
from config.eventbus import StreamConfig
from tests.config.given import bus, faults, found, loaded


def stream(**spec: Any) -> StreamConfig | None:
    manifests = loaded(bus(**spec))
    assert manifests.valid
    return manifests.eventbuses[0].stream


def test_a_native_bus_fills_up_what_is_not_given() -> None:
    assert stream(jetstream={"version": "latest"}) == StreamConfig()
    assert stream(
        jetstream={"version": "latest", "streamConfig": "MAXMSGS: 7\nmaxAge: 1h\nreplicas: 1"}
    ) == StreamConfig(max_msgs=7, max_age=parse_duration("1h"), replicas=1)


def test_an_exotic_bus_begins_with_nothing() -> None:
    found = stream(jetstreamExotic={"url": "nats://n", "streamConfig": "duplicates: 5m"})
    assert found is not None
    assert (found.max_msgs, found.max_bytes, found.replicas) == (0, 0, 0)
    assert (found.max_age.ns, str(found.duplicates)) == (0, "5m0s")


@pytest.mark.parametrize("spec", [{"kafka": {"url": "k"}}, {"nats": {"native": {}}, "jetstream": {"version": "x"}}])
def test_other_buses_have_none(spec: dict[str, Any]) -> None:
    assert stream(**spec) is None


@pytest.mark.parametrize("text", ["a: [", "- 1", "text"])
def test_a_stream_config_that_is_not_yaml(text: str) -> None:
    assert faults(bus(jetstream={"version": "latest", "streamConfig": text})) == [
        ("spec.jetstream.streamConfig", "bad-stream-config")
    ]


@pytest.mark.parametrize("text", ["maxMsg: 1", "maxMsgs: many", 'maxAge: "5"', "replicas: 1.5"])
def test_what_a_stream_config_says_wrong_is_warned_of(text: str) -> None:
    assert found(bus(jetstream={"version": "latest", "streamConfig": text})) == [
        ("spec.jetstream.streamConfig", "stream-config")
    ]


def test_one_server_cannot_hold_three_copies() -> None:
    one = {"version": "latest", "replicas": 1}
    assert found(bus(jetstream=one)) == [("spec.jetstream.streamConfig", "trap-stream-replicas")]
    assert found(bus(jetstream={**one, "streamConfig": "replicas: 1"})) == []


def test_a_bus_says_which_kind_it_is() -> None:
    kinds: list[dict[str, Any]] = [
        {"nats": {"native": {}}},
        {"jetstream": {"version": "latest"}},
        {"kafka": {"url": "k"}},
        {"jetstreamExotic": {"url": "n"}},
    ]
    buses = [loaded(bus(**spec)).eventbuses[0] for spec in kinds]
    assert [one.kind for one in buses] == ["nats", "jetstream", "kafka", "jetstreamExotic"]
    both = loaded(bus(kafka={"url": "k"}, jetstream={"version": "latest"})).eventbuses[0]
    assert both.kind == "jetstream"
