from __future__ import annotations

from typing import Any

import pytest

from tests.config.given import DEPENDENCY, TRIGGER, bus, document, faults, found, only, sensor, trigger


def filtered(**filters: Any) -> dict[str, Any]:
    return sensor(dependencies=[{**DEPENDENCY, "filters": filters}])


DATA = {"path": "a", "type": "string", "value": ["^x$"]}


@pytest.mark.parametrize(
    ("filters", "path"),
    [
        ({"data": [{**DATA, "path": ""}]}, "data[0].path"),
        ({"data": [DATA, {**DATA, "value": []}]}, "data[1].value"),
        ({"data": [{**DATA, "value": ["^x$", ""]}]}, "data[0].value[1]"),
        ({"data": [{**DATA, "value": "x"}]}, "data[0].value"),
        ({"data": [{**DATA, "comparator": "=="}]}, "data[0].comparator"),
        ({"data": DATA}, "data"),
        ({"dataLogicalOperator": "xor"}, "dataLogicalOperator"),
        ({"exprLogicalOperator": "AND"}, "exprLogicalOperator"),
        ({"exprs": [{"fields": [{"name": "a", "path": "b"}]}]}, "exprs[0].expr"),
        ({"exprs": [{"expr": "a == 1"}]}, "exprs[0].fields"),
        ({"exprs": [{"expr": "a == 1", "fields": [{"name": "a"}]}]}, "exprs[0].fields[0].path"),
        ({"context": {"id": "x"}}, "context"),
        ({"context": {"type": "x", "time": "bad"}}, "context.time"),
        ({"time": {"start": "bad", "stop": "10:00:00"}}, "time.start"),
        ({"time": {"start": "09:00:00", "stop": "9:00:00"}}, "time.stop"),
        ({"time": {"start": "09:00:00", "stop": "24:00:00"}}, "time.stop"),
        ({"time": {"start": "09:00", "stop": "10:00:00"}}, "time.start"),
        ({"time": {"stop": "10:00:00"}}, "time.start"),
        ({"time": {"start": "09:00:00", "stop": "10:00:00", "timezone": "Mars/X"}}, "time.timezone"),
        ({"script": 5}, "script"),
    ],
)
def test_filters_that_are_refused(filters: dict[str, Any], path: str) -> None:
    assert [at for at, _ in faults(filtered(**filters))] == [f"spec.dependencies[0].filters.{path}"]


@pytest.mark.parametrize(
    "filters",
    [
        {"data": [{**DATA, "type": "nonsense", "comparator": ">="}], "dataLogicalOperator": "or"},
        {"context": {"type": "x", "time": "2026-01-02T15:04:05Z"}},
        {"time": {"start": "22:00:00", "stop": "6:00:00.5", "timezone": "Europe/Berlin"}},
        {"jmespath": ["data.a"], "script": "return true"},
        {"data": [], "exprs": []},
    ],
)
def test_filters_that_are_accepted(filters: dict[str, Any]) -> None:
    assert faults(filtered(**filters)) == []


def test_dependencies() -> None:
    assert faults(document("Sensor", None)) == [("spec.dependencies", "missing"), ("spec.triggers", "missing")]
    assert faults(sensor(dependencies=[{}])) == [
        ("spec.dependencies[0].eventName", "missing"),
        ("spec.dependencies[0].eventSourceName", "missing"),
        ("spec.dependencies[0].name", "missing"),
    ]
    operator = sensor(dependencies=[{**DEPENDENCY, "filtersLogicalOperator": "not"}])
    assert [path for path, _ in faults(operator)] == ["spec.dependencies[0].filtersLogicalOperator"]


def test_a_nats_bus_cannot_wait_for_an_event_twice() -> None:
    twice = sensor(dependencies=[DEPENDENCY, {**DEPENDENCY, "name": "e"}])
    assert faults(twice, bus(nats={"native": {}})) == [("spec.dependencies[1]", "duplicate-pair")]
    assert faults(twice, bus(jetstream={"version": "latest"})) == []
    assert faults(twice) == []


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({}, "template.name"),
        ({"template": None}, "template.name"),
        ({"template": {"name": "", "log": {}}}, "template.name"),
        (trigger(template={"conditionsReset": [{}]}), "template.conditionsReset[0].byTime"),
        (
            trigger(template={"conditionsReset": [{"byTime": {"cron": "@daily"}}]}),
            "template.conditionsReset[0].byTime.cron",
        ),
        (
            trigger(template={"conditionsReset": [{"byTime": {"cron": "* * * * *", "timezone": "x"}}]}),
            "template.conditionsReset[0].byTime.timezone",
        ),
        (trigger(parameters=[{"dest": "log"}]), "parameters[0].src"),
        (trigger("http", {"url": "x"}, policy={"status": {}}), "policy.status.allow"),
        (trigger("k8s", {"source": {}}, policy={"k8s": {}}), "policy.k8s.labels"),
        (trigger(dlqTrigger=trigger(atLeastOnce=True)), "atLeastOnce"),
        (trigger(atLeastOnce=True, dlqTrigger=trigger()), "dlqTrigger.atLeastOnce"),
        (trigger(atLeastOnce="true"), "atLeastOnce"),
        (trigger(rateLimit={"requestsPerUnit": "5"}), "rateLimit.requestsPerUnit"),
        (trigger(retryStrategy={"duration": 1.5}), "retryStrategy.duration"),
    ],
)
def test_triggers_that_are_refused(changed: dict[str, Any], path: str) -> None:
    assert f"spec.triggers[0].{path}" in [at for at, _ in faults(sensor(changed))]


@pytest.mark.parametrize(
    "changed",
    [
        trigger(template={"name": "any name!", "conditions": "", "conditionsReset": []}),
        trigger(policy={"status": {}, "k8s": {}}),
        trigger("http", {"url": "x"}, policy={"status": {"allow": []}}),
        trigger("k8s", {"source": {}}, policy={"status": {}}),
        trigger(retryStrategy={}, rateLimit={"unit": "Day", "requestsPerUnit": 5}),
        trigger(atLeastOnce=True, dlqTrigger=trigger(atLeastOnce=True)),
    ],
)
def test_triggers_that_are_accepted(changed: dict[str, Any]) -> None:
    assert faults(sensor(changed)) == []


def test_a_trigger_has_a_name_of_its_own() -> None:
    assert faults(sensor(TRIGGER, TRIGGER)) == [("spec.triggers[1].template.name", "duplicate-trigger")]


def test_names_that_a_jetstream_bus_cannot_take() -> None:
    manifest = {**sensor(), "metadata": {"name": "a.b"}}
    assert found(manifest, bus(jetstream={"version": "latest"})) == [("metadata.name", "trap-dot")]
    assert found(manifest) == []


def test_fields_without_effect() -> None:
    manifest = sensor(loggingFields={"a": "b"}, errorOnFailedRound=True)
    assert found(manifest) == [
        ("spec.loggingFields", "trap-dead-field"),
        ("spec.errorOnFailedRound", "trap-dead-field"),
    ]


def test_patterns() -> None:
    manifest = sensor(dependencies=[{**DEPENDENCY, "eventName": "*"}])
    assert only(manifest, code="trap-pattern").path == "spec.dependencies[0].eventName"
    assert found(manifest, bus(nats={"native": {}})) == []
