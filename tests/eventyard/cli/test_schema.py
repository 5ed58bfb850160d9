from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from eventyard.cli import app
from tests.eventyard.cli.conftest import Run

ROOT = Path(__file__).parents[3]
KINDS = ("EventBus", "EventSource", "Sensor")
FILES = [
    file
    for file in sorted([*(ROOT / "examples").rglob("*.yaml"), *(ROOT / "eventyard" / "templates").glob("*.yaml")])
    if "kind: Event" in file.read_text() or "kind: Sensor" in file.read_text()
]

BUS = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "EventBus",
    "metadata": {"name": "default", "creationTimestamp": None},
    "spec": {"jetstream": {"version": "latest", "streamConfig": "maxAge: 24h"}},
}


@cache
def _schema(*arguments: str) -> Draft202012Validator:
    schema = json.loads(CliRunner().invoke(app, ["schema", *arguments]).stdout)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _documents(file: Path) -> list[Any]:
    return [each for each in yaml.safe_load_all(file.read_text()) if each and each.get("kind") in KINDS]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_examples_are_valid(file: Path) -> None:
    documents = _documents(file)
    assert documents
    for strict in ((), ("--strict",)):
        of_all = _schema(*strict)
        for document in documents:
            of_all.validate(document)
            _schema(document["kind"], *strict).validate(document)


@pytest.mark.parametrize("kind", [*KINDS, "sensor"])
def test_one_kind_refuses_the_others(kind: str) -> None:
    assert _schema(kind).is_valid(BUS) == (kind == "EventBus")


def test_mistakes_are_found() -> None:
    of_all, strict = _schema(), _schema("--strict")
    of_all.validate(BUS)
    strict.validate(BUS)
    source = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "EventSource",
        "metadata": {"name": "hooks"},
        "spec": {"webhook": {"push": {"endpoint": "/push", "port": "12000", "method": "POST"}}},
    }
    of_all.validate(source)
    source["spec"] = {"webhook": {"push": {"endpoint": "/push", "port": 12000}}}
    assert not of_all.is_valid(source), "a port is text"
    source["spec"] = {"webhook": {"push": {"endpont": "/push"}}}
    assert of_all.is_valid(source), "unknown fields are ignored"
    assert not strict.is_valid(source)
    source["spec"] = {"nats": {"jobs": {"url": "nats://localhost", "subject": "jobs"}}}
    strict.validate(source)
    assert of_all.is_valid({**BUS, "kind": "Other"}) is False


def test_the_fields_of_adapters_are_described(run: Run) -> None:
    schema = json.loads(run("schema", "Sensor").stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$defs"]["HTTPSettings"]["properties"]["url"]["description"]
    assert "dlqTrigger" in schema["$defs"]["Trigger"]["properties"]


def test_an_unknown_kind_is_wrong_usage(run: Run) -> None:
    result = run("schema", "Workflow")
    assert (result.exit_code, "none of EventBus, EventSource, Sensor" in result.stderr) == (2, True)
