"""A body of each type that Argo Events accepts, and the fields that it cannot do without."""

from __future__ import annotations

from typing import Any

import pytest

from config.checks.blocks import unknown_trigger_fields
from config.checks.triggers import TRIGGERS
from config.sensor import TRIGGER_TYPES
from tests.config.given import faults, loaded, sensor, trigger

KEY = {"name": "s", "key": "k"}
ITEM = {"src": {"dependencyName": "d", "dataKey": "a"}, "dest": "x"}

GOOD: dict[str, dict[str, Any]] = {
    "k8s": {"source": {"inline": "a"}},
    "argoWorkflow": {"source": {"inline": "a"}, "operation": "submit"},
    "http": {"url": "http://x"},
    "awsLambda": {"functionName": "f", "region": "r", "payload": []},
    "azureEventHubs": {},
    "azureServiceBus": {},
    "kafka": {"url": "k", "topic": "t", "payload": []},
    "pulsar": {},
    "nats": {"url": "n", "subject": "s", "payload": []},
    "slack": {"slackToken": KEY},
    "openWhisk": {"actionName": "a", "host": "h", "payload": []},
    "custom": {"serverURL": "s", "spec": {}},
    "log": {},
    "email": {"host": "h"},
}


def refused(kind: str, **change: Any) -> list[str]:
    manifest = sensor(trigger(kind, {**GOOD[kind], **change}))
    start = f"spec.triggers[0].template.{kind}."
    return [path.removeprefix(start) for path, _ in faults(manifest)]


def test_every_type_is_known() -> None:
    assert tuple(TRIGGERS) == tuple(GOOD) == TRIGGER_TYPES


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_body(kind: str) -> None:
    assert refused(kind) == []
    body = loaded(sensor(trigger(kind, {**GOOD[kind], "nonsense": 1}))).sensors[0].triggers[0].body
    assert body is not None
    assert [fault.code for fault in unknown_trigger_fields(body)] == ["unknown-field"]


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, body in GOOD.items() for field in body])
def test_each_field_of_a_good_body_is_needed(kind: str, field: str) -> None:
    assert refused(kind, **{field: None}) == [field]


@pytest.mark.parametrize(
    ("kind", "change", "path"),
    [
        ("k8s", {"operation": "apply"}, "operation"),
        ("k8s", {"source": {"git": {"url": 5}}}, "source.git.url"),
        ("k8s", {"parameters": [{"dest": "x"}]}, "parameters[0].src"),
        ("k8s", {"parameters": [ITEM, {"src": {}, "dest": "x"}]}, "parameters[1].src.dependencyName"),
        ("k8s", {"parameters": [{**ITEM, "dest": ""}]}, "parameters[0].dest"),
        ("k8s", {"parameters": [{**ITEM, "operation": "Append"}]}, "parameters[0].operation"),
        ("argoWorkflow", {"operation": "Submit"}, "operation"),
        ("http", {"method": "HEAD"}, "method"),
        ("http", {"timeout": "5"}, "timeout"),
        ("http", {"payload": [{"dest": "x"}]}, "payload[0].src"),
        ("http", {"payload": "x"}, "payload"),
        ("http", {"headers": {"a": 5}}, "headers.a"),
        ("awsLambda", {"payload": [{**ITEM, "dest": ""}]}, "payload[0].dest"),
        ("openWhisk", {"authToken": {"name": "s"}}, "authToken.key"),
        ("custom", {"secure": True}, "certSecret"),
        ("custom", {"spec": {"a": 1}}, "spec.a"),
        ("log", {"intervalSeconds": -1}, "intervalSeconds"),
        ("email", {"port": 65536}, "port"),
        ("email", {"port": "25"}, "port"),
    ],
)
def test_what_is_refused(kind: str, change: dict[str, Any], path: str) -> None:
    assert refused(kind, **change) == [path]


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("http", {"payload": [{**ITEM, "dest": ""}]}),
        ("http", {"dynamicHeaders": [{}]}),
        ("kafka", {"parameters": [{}]}),
        ("custom", {"payload": [{}]}),
        ("k8s", {"parameters": [{**ITEM, "operation": "prepend"}], "source": {"resource": [1]}}),
        ("email", {"port": 0, "to": []}),
    ],
)
def test_what_is_accepted(kind: str, change: dict[str, Any]) -> None:
    assert refused(kind, **change) == []


def test_bodies_that_are_not_done_are_checked_too() -> None:
    manifest = sensor(trigger("log", template={"http": {}}))
    assert faults(manifest) == [("spec.triggers[0].template.http.url", "missing")]
