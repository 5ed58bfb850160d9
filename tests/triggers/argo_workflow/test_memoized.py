"""triggers/argo_workflow/memoized.py: what a new Workflow takes over from one that failed."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from config.errors import Permanent
from tests.triggers.workflow_tree import LATER, NAME, node, nodes, steps, workflow
from triggers.argo_workflow.memoized import take_over
from triggers.argo_workflow.nodes import node_id


def taken(old: dict[str, Any]) -> dict[str, Any]:
    """The status of a new Workflow `ci-new`."""
    made: dict[str, Any] = {"metadata": {"name": "ci-new"}}
    before = copy.deepcopy(old)
    take_over(made, old, LATER)
    assert old == before
    status: dict[str, Any] = made["status"]
    return status


def test_what_succeeded_is_skipped_and_what_failed_comes_again() -> None:
    status = taken(steps(storedTemplates={"namespaced/x": {}}))
    assert status["storedTemplates"] == {"namespaced/x": {}}
    assert status["conditions"] == [{"type": "Completed", "status": "False"}]
    by_name = {each["name"]: each for each in status["nodes"].values()}
    assert {name: (each["type"], each["phase"]) for name, each in by_name.items()} == {
        "ci-new": ("Steps", "Pending"),
        "ci-new[0]": ("StepGroup", "Pending"),
        "ci-new[0].a": ("Skipped", "Skipped"),
        "ci-new[1]": ("StepGroup", "Pending"),
        "ci-new[1].b": ("Pod", "Pending"),
    }
    assert by_name["ci-new[0].a"]["message"] == f"original pod: {node_id(NAME, 'ci[0].a')}"
    assert by_name["ci-new[0].a"]["finishedAt"] == LATER
    assert not {"startedAt", "finishedAt", "message"} & by_name["ci-new[1].b"].keys()
    assert by_name["ci-new"]["outboundNodes"] == [by_name["ci-new[1].b"]["id"]]
    for key, each in status["nodes"].items():
        assert key == each["id"] == node_id("ci-new", each["name"])
        assert set(each.get("children", ())) <= status["nodes"].keys()
        assert each.get("boundaryID", "ci-new") == "ci-new"


def test_exit_handlers_and_what_was_skipped_in_vain_are_left_out() -> None:
    old = workflow(
        node("", "DAG", "Failed", ".no", ".yes"),
        node(".no", "Skipped", "Skipped", ".x", boundary="/"),
        node(".yes", "Skipped", "Skipped", ".y", boundary="/"),
        node(".x", "Pod", "Failed", boundary="/"),
        node(".y", "Pod", "Succeeded", boundary="/"),
    )
    old["status"]["nodes"] |= nodes(node(".onExit", "Pod"))
    names = {each["name"] for each in taken(old)["nodes"].values()}
    assert names == {"ci-new", "ci-new.yes", "ci-new.x", "ci-new.y"}


@pytest.mark.parametrize("phase", ["Running", "Succeeded", ""])
def test_only_what_failed_is_taken_over(phase: str) -> None:
    with pytest.raises(Permanent, match="Failed or Error"):
        take_over({"metadata": {"name": "n"}}, workflow(node("", "Pod"), phase=phase), LATER)
