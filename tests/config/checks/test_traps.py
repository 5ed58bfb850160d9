"""Every trap that a manifest can step into, and the manifests beside it that do not."""

from __future__ import annotations

from typing import Any

import pytest

from config.errors import Severity
from tests.config.checks.test_sources import GOOD
from tests.config.given import DEPENDENCY, found, loaded, only, sensor, source, trigger

SRC = {"dependencyName": "d"}
HTTP = {"url": "http://x"}


def codes(*documents: Any) -> list[str]:
    return [code for _, code in found(*documents)]


def waiting(**change: Any) -> dict[str, Any]:
    return sensor(dependencies=[{**DEPENDENCY, **change}])


def data(**change: Any) -> dict[str, Any]:
    return waiting(filters={"data": [{"path": "a", "type": "string", "value": ["^x$"], **change}]})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"value": ["main"]}, "trap-regex"),
        ({"value": ["v1.2"]}, "trap-regex"),
        ({"value": ["^main$", "dev"]}, "trap-regex"),
        ({"value": ["^a$", "^b$"], "comparator": "!="}, "trap-not-equal-list"),
        ({"comparator": ">"}, "trap-string-comparator"),
        ({"type": "bool", "value": ["true"], "comparator": "!="}, "trap-bool-comparator"),
        ({"type": "strnig"}, "trap-data-type"),
    ],
)
def test_data_filters(change: dict[str, Any], code: str) -> None:
    assert codes(data(**change)) == [code]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"value": ["^a$", "^b$"]},
        {"value": ["^(a|b)$"], "comparator": "!="},
        {"value": ["refs/heads/.*"]},
        {"type": "number", "value": ["5"], "comparator": ">="},
        {"type": "bool", "value": ["true"], "comparator": "="},
        {"template": "{{ .Input | upper }}"},
    ],
)
def test_data_filters_that_are_fine(change: dict[str, Any]) -> None:
    assert codes(data(**change)) == []


def test_a_regex_is_explained() -> None:
    fault = only(data(value=["v1.2"]), code="trap-regex")
    assert "'xv1.2x'" in fault.what
    assert fault.fix == "for equality write '^v1\\.2$', or as jmespath: data.a == 'v1.2'"
    assert fault.severity is Severity.WARNING


def test_templates_of_filters() -> None:
    bad = data(template="{{ toLower .Input }}")
    assert only(bad, code="bad-template").severity is Severity.FAULT
    filters = bad["spec"]["dependencies"][0]["filters"]
    filters["data"].append({"path": "a", "type": "string", "value": ["^x$"]})
    filters["dataLogicalOperator"] = "or"
    assert only(bad, code="bad-template").severity is Severity.WARNING


def test_an_error_beats_or() -> None:
    filters = {"data": [{"path": "a", "type": "number", "value": ["1"]}], "context": {"type": "x"}}
    assert codes(waiting(filters=filters, filtersLogicalOperator="or")) == ["trap-or-error"]
    assert codes(waiting(filters=filters, filtersLogicalOperator="and")) == []
    assert codes(waiting(filters={"context": {"type": "x"}, "script": "x"}, filtersLogicalOperator="or")) == []


@pytest.mark.parametrize("text", ["a == '2026-01-02'", 'a > "2026-01-02T03:04:05Z"', "a == '3:04PM'"])
def test_texts_that_look_like_dates(text: str) -> None:
    filters = {"exprs": [{"expr": text, "fields": [{"name": "a", "path": "b"}]}]}
    assert codes(waiting(filters=filters)) == ["trap-date-text"]
    filters = {"exprs": [{"expr": "a == '2026'", "fields": [{"name": "a", "path": "b"}]}]}
    assert codes(waiting(filters=filters)) == []


def test_two_transforms() -> None:
    assert codes(waiting(transform={"jq": ".", "script": "x"})) == ["trap-two-transforms"]


@pytest.mark.parametrize(
    ("kind", "path", "wanted"),
    [
        ("github", "headers.X-GitHub-Event.0", "headers.X-Github-Event.0"),
        ("github", "header.X-Github-Event.0", "headers.X-Github-Event.0"),
        ("webhook", "headers.content-type.0", "header.Content-Type.0"),
    ],
)
def test_names_of_headers(kind: str, path: str, wanted: str) -> None:
    events = source("es", **{kind: {"ev": GOOD[kind] | ({"webhookSecret": SRC} if kind == "github" else {})}})
    assert only(events, data(path=path), code="trap-header").fix == f"write {wanted}"
    assert "trap-header" not in codes(events, data(path=wanted))
    assert "trap-header" not in codes(data(path=path))


def test_bodies_that_are_base64() -> None:
    kafka = {**GOOD["kafka"], "partition": "", "consumerGroup": {"groupName": "g"}}
    plain, decoded = source("es", kafka={"ev": kafka}), source("es", kafka={"ev": {**kafka, "jsonBody": True}})
    reading = sensor(trigger("http", {**HTTP, "payload": [{"src": {**SRC, "dataKey": "body.a"}, "dest": "x"}]}))
    assert codes(plain, reading) == ["trap-base64-body"]
    assert codes(decoded, reading) == []
    expression = {"exprs": [{"expr": "a == 1", "fields": [{"name": "a", "path": "body.a"}]}]}
    assert codes(plain, waiting(filters=expression)) == ["trap-base64-body"]
    assert codes(plain, waiting(filters=expression, transform={"jq": "."})) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (trigger(atLeastOnce=False), "trap-at-most-once"),
        (trigger(retryStrategy={}), "trap-retry"),
        (trigger(rateLimit={"requestsPerUnit": 1, "unit": "Day"}), "trap-rate-unit"),
        (trigger("http", HTTP, policy={"status": {"allow": []}}), "trap-no-status"),
        (trigger(policy={"status": {"allow": [200]}}), "trap-dead-policy"),
        (trigger("http", HTTP, policy={"k8s": {"labels": {}}}), "trap-dead-policy"),
        (trigger("http", HTTP, template={"log": {}}), "trap-two-actions"),
        (
            trigger("k8s", {"source": {}, "operation": "delete"}, policy={"k8s": {"labels": {"a": "b"}}}),
            "trap-dead-policy",
        ),
        (
            trigger("slack", {"slackToken": {"name": "a", "key": "b"}, "parameters": [{"src": SRC, "dest": "x"}]}),
            "trap-dead-parameters",
        ),
        (trigger("log", {"intervalSeconds": 5}), "trap-interval"),
        (
            trigger("http", {**HTTP, "payload": [{"src": SRC, "dest": "a"}, {"src": SRC, "dest": ""}]}),
            "trap-whole-payload",
        ),
        (trigger("http", HTTP, parameters=[{"src": SRC, "dest": "url"}]), "trap-dest"),
        (trigger("k8s", {"source": {}}, parameters=[{"src": SRC, "dest": "metadata.name"}]), "trap-dest"),
    ],
)
def test_triggers(change: dict[str, Any], code: str) -> None:
    assert codes(sensor(change)) == [code]


@pytest.mark.parametrize(
    "change",
    [
        trigger(atLeastOnce=True, retryStrategy={}),
        trigger(rateLimit={"requestsPerUnit": 1, "unit": "Minute"}),
        trigger("http", HTTP, policy={"status": {"allow": [200]}}),
        trigger("http", {**HTTP, "payload": [{"src": SRC, "dest": ""}]}),
        trigger("http", HTTP, parameters=[{"src": SRC, "dest": "http.url"}, {"src": SRC, "dest": "name"}]),
        trigger("k8s", {"source": {}, "patchStrategy": "application/json-patch+json"}),
        trigger("k8s", {"source": {}, "operation": "patch"}, policy={"k8s": {"labels": {"a": "b"}}}),
    ],
)
def test_triggers_that_are_fine(change: dict[str, Any]) -> None:
    assert codes(sensor(change)) == []


def test_triggers_that_could_never_work() -> None:
    assert found(sensor({"template": {"name": "t"}})) == [("spec.triggers[0].template", "no-action")]
    assert found(sensor(trigger(rateLimit={}))) == [("spec.triggers[0].rateLimit.requestsPerUnit", "rate-limit-zero")]
    assert only(sensor(trigger(atLeastOnce=False, retryStrategy={})), code="trap-at-most-once").what.endswith(
        "no effect"
    )
    manifest = sensor(trigger("http", HTTP, parameters=[{"src": SRC, "dest": "spec.x"}]))
    assert only(manifest, code="trap-dest").fix == "begin with http."


def payload(**source: Any) -> dict[str, Any]:
    return sensor(trigger("http", {**HTTP, "payload": [{"src": {**SRC, **source}, "dest": "x"}]}))


def test_templates_of_parameters() -> None:
    bad = {"dataTemplate": "{{ toLower .Input.a }}"}
    path = "spec.triggers[0].template.http.payload[0].src.dataTemplate"
    assert [(fault.path, fault.severity) for fault in loaded(payload(**bad)).faults] == [(path, Severity.FAULT)]
    for fallback in ({"value": "x"}, {"dataKey": "a"}):
        assert [fault.severity for fault in loaded(payload(**bad, **fallback)).faults] == [Severity.WARNING]
    assert codes(payload(contextTemplate="{{ nonsense }}")) == ["bad-template"]
    assert codes(payload(dataTemplate="{{ .Input.a | lower }}")) == []


def test_raw_data_and_numbers_in_templates() -> None:
    assert codes(payload(dataTemplate="{{ .Input.a }}", useRawData=True)) == ["trap-raw-template"]
    assert codes(payload(dataKey="a", useRawData=True)) == []
    assert codes(payload(dataTemplate="{{ .Input.body.id }}")) == ["trap-float"]
    assert codes(payload(dataTemplate="{{ .Input.body.id | int64 }}{{ .Input.valid }}")) == []


@pytest.mark.parametrize(
    ("kind", "change", "code"),
    [
        ("amqp", {"consume": {}}, "trap-never-acknowledged"),
        ("generic", {}, "trap-generic-insecure"),
        ("gitlab", {}, "trap-unsigned"),
        ("bitbucketserver", {}, "trap-unsigned"),
    ],
)
def test_sources(kind: str, change: dict[str, Any], code: str) -> None:
    assert codes(source(**{kind: {"e": {**GOOD[kind], **change}}})) == [code]


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("amqp", {"consume": {"autoAck": True}}),
        ("kafka", {}),
        ("generic", {"insecure": True}),
        ("gitlab", {"secretToken": {"name": "a", "key": "b"}}),
        ("gitlab", {"webhook": {"endpoint": "/x", "port": "1", "authSecret": {"name": "a", "key": "b"}}}),
    ],
)
def test_sources_that_are_fine(kind: str, change: dict[str, Any]) -> None:
    assert codes(source(**{kind: {"e": {**GOOD[kind], **change}}})) == []


@pytest.mark.parametrize("name", ["a.b", "a b", "", "a*", ">"])
def test_names_that_no_subject_can_have(name: str) -> None:
    assert codes(source(webhook={name: GOOD["webhook"]})) == ["trap-dot"]
    assert codes(source("a.b", webhook={"e": GOOD["webhook"]})) == ["trap-dot"]


def test_every_warning_says_something() -> None:
    for manifest in (data(value=["main"]), sensor(trigger(retryStrategy={})), source(kafka={"e": GOOD["kafka"]})):
        for fault in loaded(manifest).faults:
            assert fault.what
            assert fault.fix
            assert fault.place.line
