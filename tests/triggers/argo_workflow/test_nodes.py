"""triggers/argo_workflow/nodes.py: nodes as the controller keeps them."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from typing import Any

import pytest

from config.errors import Permanent
from tests.triggers.workflow_tree import LATER, NAME, node, suspended, workflow
from triggers.argo_workflow.nodes import end_waiting, node_id, pod_name, read_nodes, waiting, went_on, write_nodes
from triggers.argo_workflow.selector import parse_selector

APPROVE = parse_selector("displayName=approve")


def packed(content: bytes) -> dict[str, Any]:
    return {"status": {"compressedNodes": b64encode(content).decode()}}


def test_nodes_as_they_are() -> None:
    made = {"a": {"id": "a"}}
    assert read_nodes({"status": {"nodes": made}}) == made
    assert read_nodes({}) == read_nodes({"status": None}) == read_nodes({"status": {"nodes": None}}) == {}


def test_compressed_nodes() -> None:
    made = {"a": {"id": "a", "message": "ü"}}
    workflow = packed(gzip.compress(json.dumps(made).encode()))
    assert read_nodes(workflow) == made
    write_nodes(workflow, {"b": {"id": "b"}})
    assert read_nodes(workflow) == {"b": {"id": "b"}}
    assert "nodes" not in workflow["status"]


@pytest.mark.parametrize(
    "workflow",
    [
        packed(b"\x28\xb5\x2f\xfdzstd"),
        packed(gzip.compress(b"[]")),
        packed(gzip.compress(b"{")),
        packed(gzip.compress(b"{}")[:-3]),
        packed(b"\x1f\x8bnonsense"),
        {"status": {"compressedNodes": "%%%"}},
        {"status": {"offloadNodeStatusVersion": "fnv:1", "nodes": {}}},
    ],
)
def test_nodes_that_only_argo_server_can_read(workflow: dict[str, Any]) -> None:
    with pytest.raises(Permanent) as failure:
        read_nodes(workflow)
    assert "server: {url" in failure.value.fix


def test_no_more_is_unpacked_than_a_workflow_can_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triggers.argo_workflow.nodes._LONGEST_NODES", 1000)
    with pytest.raises(Permanent):
        read_nodes(packed(gzip.compress(json.dumps({"a": "x" * 2000}).encode())))


def test_names_are_those_of_argo() -> None:
    """Numbers as its own code computes them."""
    assert node_id("hello", "hello") == "hello"
    assert node_id("dag-diamond-82q7s", "dag-diamond-82q7s.D") == "dag-diamond-82q7s-1226654358"


@pytest.mark.parametrize(
    ("annotations", "more", "wanted"),
    [
        ({}, {}, "ci-work-{hash}"),
        ({"workflows.argoproj.io/pod-name-format": "v2"}, {}, "ci-work-{hash}"),
        ({"workflows.argoproj.io/pod-name-format": "v1"}, {}, "ci-{hash}"),
        ({}, {"templateRef": {"name": "shared", "template": "build"}}, "ci-build-{hash}"),
        ({}, {"templateName": ""}, "ci-{hash}"),
        ({}, {"templateName": "x" * 300}, "ci-" + "x" * 239 + "-{hash}"),
    ],
)
def test_names_of_pods(annotations: dict[str, str], more: dict[str, Any], wanted: str) -> None:
    made = node(".a", "Pod", **more)
    hashed = made["id"].removeprefix("ci-")
    assert pod_name({"metadata": {"name": NAME, "annotations": annotations}}, made) == wanted.format(hash=hashed)


def test_what_waits() -> None:
    nodes = suspended()["status"]["nodes"]
    assert len(waiting(nodes)) == 2
    assert waiting(nodes, APPROVE) == [node_id(NAME, "ci.approve")]
    assert not went_on(nodes, APPROVE)
    nodes = suspended(phase="Succeeded")["status"]["nodes"]
    assert not waiting(nodes)
    assert went_on(nodes, parse_selector("displayName=approve,phase=Running"))
    assert not went_on(nodes, parse_selector("displayName=nobody"))
    assert not waiting(workflow(node("", "Pod", "Running"))["status"]["nodes"])


def test_a_node_goes_on_with_defaults() -> None:
    asked: dict[str, Any] = {"name": "answer", "valueFrom": {"supplied": {}, "default": "no"}}
    before = node(
        ".a", "Suspend", "Running", outputs={"parameters": [asked, {"name": "b", "value": "1"}]}, message="why"
    )
    after = end_waiting(before, "Succeeded", "resumed by us", LATER)
    assert (after["phase"], after["finishedAt"], after["message"]) == ("Succeeded", LATER, "why; resumed by us")
    assert after["outputs"]["parameters"] == [{"name": "answer", "value": "no"}, {"name": "b", "value": "1"}]
    assert before["phase"] == "Running"
    assert before["outputs"]["parameters"][0] == asked


def test_a_node_that_is_stopped_has_the_message() -> None:
    before = node(".a", "Suspend", "Running", message="why")
    assert end_waiting(before, "Failed", "enough", LATER)["message"] == "enough"
    assert end_waiting(before, "Failed", "", LATER)["message"] == "why"


def test_a_node_that_needs_a_value_cannot_go_on() -> None:
    before = node(
        ".a", "Suspend", "Running", outputs={"parameters": [{"name": "answer", "valueFrom": {"supplied": {}}}]}
    )
    with pytest.raises(Permanent, match="answer"):
        end_waiting(before, "Succeeded", "", LATER)
    assert end_waiting(before, "Failed", "", LATER)["phase"] == "Failed"
