from __future__ import annotations

from typing import Any

import pytest

from config.checks.references import missing_eventbuses, named_in
from config.errors import Severity
from tests.config.checks.test_sources import GOOD
from tests.config.given import DEPENDENCY, bus, document, faults, found, loaded, only, sensor, source, trigger

SOURCE = source("es", webhook={"ev": GOOD["webhook"], "other": {**GOOD["webhook"], "endpoint": "/y"}})


def waiting_for(**change: Any) -> dict[str, Any]:
    return sensor(dependencies=[{**DEPENDENCY, **change}])


def test_an_event_that_is_there() -> None:
    assert found(SOURCE, sensor()) == []
    assert found(sensor()) == []


def test_an_event_that_its_source_does_not_send() -> None:
    fault = only(SOURCE, waiting_for(eventName="othr"), code="unknown-event")
    assert (fault.severity, fault.path, fault.fix) == (
        Severity.FAULT,
        "spec.dependencies[0].eventName",
        "did you mean 'other'?",
    )
    assert "ev, other" in only(SOURCE, waiting_for(eventName="x"), code="unknown-event").fix


def test_a_source_that_is_not_among_the_files_may_run_elsewhere() -> None:
    fault = only(SOURCE, waiting_for(eventSourceName="ess"), code="unknown-event-source")
    assert (fault.severity, fault.fix) == (Severity.WARNING, "did you mean 'es'?")
    assert "elsewhere" in only(SOURCE, waiting_for(eventSourceName="zzzz"), code="unknown-event-source").fix


def test_a_source_in_another_namespace() -> None:
    manifest = {**sensor(), "metadata": {"name": "s", "namespace": "ops"}}
    fault = only(SOURCE, manifest, code="unknown-event-source")
    assert "namespace 'default'" in fault.what
    assert fault.severity is Severity.WARNING


@pytest.mark.parametrize("kind", ["EventBus", "EventSource", "Sensor"])
def test_a_manifest_is_given_once(kind: str) -> None:
    manifest = {"EventBus": bus(kafka={"url": "k"}), "EventSource": source(sqs={"e": GOOD["sqs"]}), "Sensor": sensor()}[
        kind
    ]
    assert faults(manifest, manifest) == [("metadata.name", "duplicate-manifest")]
    assert "f.yaml:1:" in only(manifest, manifest, code="duplicate-manifest").what
    elsewhere = {**manifest, "metadata": {**manifest["metadata"], "namespace": "ops"}}
    assert faults(manifest, elsewhere) == []


def test_names_of_dependencies() -> None:
    names = [{**DEPENDENCY, "name": name} for name in ("a-b", "a-b", "a_b", "c")]
    assert found(sensor(dependencies=names)) == [
        ("spec.dependencies[1].name", "duplicate-dependency"),
        ("spec.dependencies[2].name", "colliding-dependencies"),
    ]


@pytest.mark.parametrize("conditions", ["d && (e-f || e_f)", "", "d", "(d)", "true", "!d", "'d' // x", "d && 1 == 1"])
def test_conditions_that_are_left_to_their_parser(conditions: str) -> None:
    names = [{**DEPENDENCY, "name": "d"}, {**DEPENDENCY, "name": "e-f"}]
    assert found(sensor(trigger(template={"conditions": conditions}), dependencies=names)) == []


def test_conditions_that_name_an_unknown_dependency() -> None:
    fault = only(sensor(trigger(template={"conditions": "d && dd"})), code="unknown-dependency")
    assert (fault.path, fault.fix) == ("spec.triggers[0].template.conditions", "did you mean 'd'?")
    assert fault.severity is Severity.FAULT


def test_parameters_of_dependencies_that_give_no_value() -> None:
    names = [{**DEPENDENCY, "name": name} for name in ("push", "tag")]
    http = {
        "url": "http://x",
        "payload": [{"src": {"dependencyName": "tag", "dataKey": "a"}, "dest": "x"}],
        "dynamicHeaders": [{"src": {"dependencyName": "pusch"}, "dest": "x"}],
    }
    parameters = [{"src": {"dependencyName": "push", "dataKey": "a"}, "dest": "http.url"}]
    manifest = sensor(trigger("http", http, template={"conditions": "push"}, parameters=parameters), dependencies=names)
    assert found(manifest) == [
        ("spec.triggers[0].template.http.payload[0].src.dependencyName", "unknown-dependency"),
        ("spec.triggers[0].template.http.dynamicHeaders[0].src.dependencyName", "unknown-dependency"),
    ]
    assert [fault.fix for fault in loaded(manifest).faults] == ["", "did you mean 'push'?"]


def test_names_in_conditions() -> None:
    assert named_in("", ["a", "b"]) == ["a", "b"]
    assert named_in("a && c-d", ["a", "b", "c_d"]) == ["a", "c_d"]


def test_buses_that_a_cluster_must_have() -> None:
    def missing(*documents: Any) -> list[str]:
        return [fault.path for fault in missing_eventbuses(loaded(*documents))]

    assert missing(sensor(), SOURCE) == ["spec.eventBusName"] * 2
    assert missing(sensor(), SOURCE, bus(kafka={"url": "k"})) == []
    assert missing(sensor(eventBusName="own"), bus(kafka={"url": "k"})) == ["spec.eventBusName"]
    assert missing(sensor(eventBusName="own"), bus("own", kafka={"url": "k"})) == []
    assert missing(sensor(), document("EventBus", {"kafka": {"url": "k"}}, "default", namespace="ops")) != []
