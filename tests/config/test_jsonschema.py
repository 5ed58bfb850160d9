from __future__ import annotations

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from config.jsonschema import make_schema
from config.load import KINDS
from config.model import Model
from tests.config.given import FOLDER, bus, sensor, source, trigger


class Ring(Model):
    times: int


def errors(manifest: Any, **adapters: Any) -> list[str]:
    schema = make_schema(manifest["kind"], **adapters)
    return [error.json_path for error in Draft202012Validator(schema).iter_errors(manifest)]


@pytest.mark.parametrize("kind", KINDS)
def test_schemas_are_schemas(kind: str) -> None:
    schema = make_schema(kind)
    Draft202012Validator.check_schema(schema)
    assert not [name for name in schema["$defs"] if "__" in name]


def test_no_other_kinds() -> None:
    with pytest.raises(KeyError):
        make_schema("Pod")


def test_good_manifests_pass() -> None:
    documents = list(yaml.safe_load_all((FOLDER / "pipeline.yaml").read_text()))
    documents += yaml.safe_load((FOLDER / "cron.json").read_text())["items"]
    for manifest in documents:
        if manifest["kind"] in KINDS:
            assert errors(manifest) == []


@pytest.mark.parametrize(
    ("manifest", "path"),
    [
        (bus(jetstream={"replicas": "3"}), "$.spec.jetstream"),
        (source(webhook={"e": {"port": 12000}}), "$.spec.webhook.e.port"),
        (source(webhook=[]), "$.spec.webhook"),
        (sensor(trigger("http", {"url": 5})), "$.spec.triggers[0].template.http.url"),
        (sensor({}), "$.spec.triggers[0]"),
        (sensor(trigger(dlqTrigger={"template": {"log": {}}})), "$.spec.triggers[0].dlqTrigger.template"),
        (sensor(trigger(retryStrategy={"duration": []})), "$.spec.triggers[0].retryStrategy"),
    ],
)
def test_wrong_manifests_fail(manifest: Any, path: str) -> None:
    found = errors(manifest)
    assert found
    assert all(one.startswith(path) for one in found), found


def test_adapters_describe_their_own_blocks() -> None:
    adapters = {"triggers": {"bell": Ring}, "sources": {"webhook": Ring}}
    assert errors(sensor(trigger("bell", {"times": 3})), **adapters) == []
    assert errors(sensor(trigger("bell", {})), **adapters) == ["$.spec.triggers[0].template.bell"]
    assert errors(source(webhook={"e": {}}), **adapters) == ["$.spec.webhook.e"]
