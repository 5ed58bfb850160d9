from __future__ import annotations

import pytest

from config.eventsource import EVENT_SOURCE_TYPES
from config.legacy import became, kind_became, source_became
from tests.config.given import bus, loaded, only, sensor, source, trigger


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (("spec", "circuit"), "conditions"),
        (("items", 3, "spec", "dependencyGroups"), "conditions"),
        (("spec", "triggers", 0, "template", "switch"), "conditions"),
        (("spec", "dependencies", 0, "gatewayName"), "eventSourceName"),
        (("spec", "triggers", 1, "template", "k8s", "group"), "apiVersion"),
        (("spec", "triggers", 1, "template", "argoWorkflow", "version"), "apiVersion"),
        (("spec", "triggers", 0, "template", "retryStrategy"), "beside template"),
        (("spec", "triggers", 0, "dlqTrigger", "template", "policy"), "beside template"),
        (("spec", "triggers", 0, "http"), "into template"),
        (("spec", "template", "spec"), "right under template"),
        (("spec", "nats", "native", "clusterID"), "nats.exotic"),
        (("spec", "github", "my-event", "namespace"), "own namespace"),
        (("spec", "stripe", "my-event", "namespace"), "own namespace"),
        (("spec", "triggers", 0, "template", "k8s", "source", "git", "namespace"), "own namespace"),
        (("spec", "triggers", 0, "template", "k8s", "parameters", 2, "src", "operation"), "beside src"),
        (("spec", "triggers", 0, "template", "http", "serverURL"), "url"),
        (("spec", "triggers", 0, "template", "http", "retryStrategy"), "beside template"),
        (("spec", "calendar", "my-event", "userPayload"), "metadata"),
        (("spec", "dependencies", 0, "jsonBody"), "EventSource"),
        (("spec", "signals"), "dependencies"),
        (("spec", "triggers", 0, "resource"), "source.resource"),
        (("spec", "type"), "remove it"),
    ],
)
def test_fields(path: tuple[str | int, ...], said: str) -> None:
    assert said in became(path)


@pytest.mark.parametrize("path", [(), ("spec",), ("spec", "template"), ("spec", "webhook", "type"), ("kind",)])
def test_other_fields(path: tuple[str, ...]) -> None:
    assert became(path) == ""


@pytest.mark.parametrize(
    ("name", "wanted"), [("cron", "calendar"), ("timer", "calendar"), ("githubs", "github"), ("S3", "minio")]
)
def test_sources(name: str, wanted: str) -> None:
    assert source_became(name) == f"did you mean '{wanted}'?"


def test_no_type_is_called_an_old_one() -> None:
    assert [kind for kind in EVENT_SOURCE_TYPES if source_became(kind)] == []
    assert source_became("nonsense") == ""
    assert "EventSource" in kind_became("Gateway")
    assert kind_became("Sensor") == ""


def test_a_manifest_of_years_ago_is_told_what_its_fields_became() -> None:
    old = sensor(
        trigger(template={"switch": {"any": ["g"]}, "retryStrategy": {"steps": 3}}),
        dependencies=[{"name": "d", "gatewayName": "g", "eventSourceName": "es", "eventName": "ev"}],
        circuit="g",
        dependencyGroups=[],
        subscription={"http": {"port": 9300}},
    )
    faults = loaded(old).faults
    assert {fault.code for fault in faults} == {"unknown-field"}
    assert len(faults) == 6
    assert all(fault.fix and "did you mean" not in fault.fix for fault in faults)


def test_sources_and_buses_of_years_ago() -> None:
    assert only(source(type="webhook", cron={"c": {}}), code="no-source").place.line == 1
    fixes = [fault.fix for fault in loaded(source(type="webhook", cron={"c": {}})).faults]
    assert "did you mean 'calendar'?" in fixes
    assert "nats.exotic" in only(bus(nats={"native": {"clusterID": "x"}}), code="unknown-field").fix
