"""triggers/argo_workflow/retry.py: what runs again, what is forgotten, and what stays."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import Permanent
from tests.triggers.workflow_tree import LATER, NAME, NOW, node, nodes, steps, workflow
from triggers.argo_workflow.nodes import node_id, read_nodes, write_nodes
from triggers.argo_workflow.retry import retried
from triggers.argo_workflow.selector import parse_selector


def phases(made: dict[str, Any]) -> dict[str, str]:
    """Phases of the nodes, by name without that of the Workflow."""
    return {each["name"].removeprefix(NAME): each["phase"] for each in made["status"]["nodes"].values()}


def test_the_failed_step_is_forgotten_and_what_contains_it_runs_again() -> None:
    before = steps()
    given_ = copy.deepcopy(before)
    made = retried(before, at=LATER)
    assert before == given_
    assert phases(made.workflow) == {"": "Running", "[0]": "Succeeded", "[0].a": "Succeeded", "[1]": "Running"}
    assert made.pods == [f"ci-work-{node_id(NAME, 'ci[1].b').removeprefix('ci-')}"]
    root, group = (made.workflow["status"]["nodes"][node_id(NAME, name)] for name in ("ci", "ci[1]"))
    assert (root["startedAt"], group["startedAt"]) == (LATER, LATER)
    assert not {"finishedAt", "outboundNodes"} & root.keys()
    assert not {"finishedAt", "message", "children"} & group.keys()


def test_the_workflow_begins_again() -> None:
    spec = {"shutdown": "Stop", "activeDeadlineSeconds": 0, "entrypoint": "main"}
    conditions = [{"type": "Completed", "status": "True"}, {"type": "PodRunning", "status": "False"}]
    before = steps(message="child failed", persistentVolumeClaims=[{}], conditions=conditions)
    before["status"]["storedWorkflowTemplateSpec"] = copy.deepcopy(spec)
    made = retried({**before, "spec": spec}, parameters=[("env", "prod")], at=LATER).workflow
    arguments = {"parameters": [{"name": "env", "value": "prod"}]}
    assert made["spec"] == {"entrypoint": "main", "arguments": arguments}
    status = made["status"]
    assert status["storedWorkflowTemplateSpec"] == {
        "entrypoint": "main",
        "activeDeadlineSeconds": 0,
        "arguments": arguments,
    }
    assert not {"phase", "message", "finishedAt", "persistentVolumeClaims"} & status.keys()
    assert status["startedAt"] == LATER
    assert status["conditions"] == [{"type": "PodRunning", "status": "False"}, {"type": "Completed", "status": "False"}]
    assert made["metadata"]["labels"] == {"workflows.argoproj.io/phase": "Failed", "app": "shop"}


def test_a_workflow_that_is_one_pod_begins_with_nothing() -> None:
    made = retried(workflow(node("", "Pod", "Error")), at=LATER)
    assert made.workflow["status"]["nodes"] == {}
    assert made.pods == ["ci"]


def diamond(b: str = "Failed", c: str = "Succeeded", d: str = "Omitted") -> dict[str, Any]:
    return workflow(
        node("", "DAG", "Failed", ".a"),
        node(".a", "Pod", "Succeeded", ".b", ".c", boundary="/"),
        node(".b", "Pod", b, ".d", boundary="/"),
        node(".c", "Pod", c, ".d", boundary="/"),
        node(".d", "Pod", d, boundary="/"),
    )


def test_what_came_after_a_failure_is_forgotten_too() -> None:
    assert phases(retried(diamond(), at=LATER).workflow) == {"": "Running", ".a": "Succeeded", ".c": "Succeeded"}


def test_a_failure_that_did_no_harm_stays() -> None:
    made = retried(diamond(c="Error", d="Succeeded"), at=LATER)
    assert phases(made.workflow)[".b"] == "Failed"
    assert made.pods == []


def test_successful_nodes_run_again_if_they_are_chosen() -> None:
    chosen = parse_selector("displayName=b")
    made = retried(diamond("Succeeded", d="Succeeded"), restart=chosen, at=LATER)
    assert phases(made.workflow) == {"": "Running", ".a": "Succeeded", ".c": "Succeeded"}
    assert len(made.pods) == 2


def test_attempts_are_made_anew() -> None:
    flag: dict[str, Any] = {"nodeFlag": {"retried": True}}
    tree = workflow(
        node("", "Retry", "Failed", "(0)", "(1)"),
        node("(0)", "Pod", "Failed", **flag),
        node("(1)", "Pod", "Failed", **flag),
    )
    made = retried(tree, at=LATER)
    assert phases(made.workflow) == {"": "Running"}
    assert len(made.pods) == 2


def test_an_attempt_that_was_followed_by_a_success_stays() -> None:
    flag: dict[str, Any] = {"nodeFlag": {"retried": True}}
    tree = workflow(
        node("", "DAG", "Failed", ".r"),
        node(".r", "Retry", "Succeeded", ".r(0)", ".r(1)", boundary="/"),
        node(".r(0)", "Pod", "Failed", boundary="/", **flag),
        node(".r(1)", "Pod", "Succeeded", ".z", boundary="/", **flag),
        node(".z", "Pod", "Failed", boundary="/"),
    )
    made = phases(retried(tree, at=LATER).workflow)
    assert made == {"": "Running", ".r": "Succeeded", ".r(0)": "Failed", ".r(1)": "Succeeded"}


def test_a_container_takes_its_pod_with_it() -> None:
    tree = workflow(
        node("", "DAG", "Failed", ".p"),
        node(".p", "Pod", "Succeeded", ".p.one", boundary="/"),
        node(".p.one", "Container", "Succeeded", ".p.two", boundary=".p"),
        node(".p.two", "Container", "Failed", boundary=".p"),
    )
    made = retried(tree, at=LATER)
    assert phases(made.workflow) == {"": "Running"}
    assert len(made.pods) == 1


def test_the_exit_handler_is_forgotten() -> None:
    tree = steps()
    tree["status"]["nodes"] |= nodes(
        node(".onExit", "Steps", "Succeeded", ".onExit[0]"),
        node(".onExit[0]", "StepGroup", "Succeeded", ".onExit[0].x", boundary=".onExit"),
        node(".onExit[0].x", "Pod", "Succeeded", boundary=".onExit"),
    )
    made = retried(tree, at=LATER)
    assert not any("onExit" in name for name in phases(made.workflow))
    assert len(made.pods) == 4


def test_other_parameters_make_other_members_of_a_group() -> None:
    tree = workflow(
        node("", "Steps", "Failed", "[0]"),
        node("[0]", "StepGroup", "Failed", "[0].w(0)", "[0].w(1)", boundary="/"),
        node("[0].w(0)", "Pod", "Succeeded", boundary="/"),
        node("[0].w(1)", "Pod", "Failed", boundary="/"),
    )
    assert len(retried(tree, at=LATER).workflow["status"]["nodes"]) == 3
    assert len(retried(tree, parameters=[("n", "3")], at=LATER).workflow["status"]["nodes"]) == 2


def test_what_was_skipped_stays_skipped() -> None:
    tree = workflow(
        node("", "DAG", "Failed", ".g"),
        node(".g", "TaskGroup", "Skipped", ".p", boundary="/", message="when 'false'"),
        node(".p", "Pod", "Failed", boundary="/"),
    )
    made = retried(tree, at=LATER).workflow
    assert phases(made) == {"": "Running", ".g": "Skipped"}
    assert "message" not in made["status"]["nodes"][node_id(NAME, "ci.g")]


@pytest.mark.parametrize(
    "tree",
    [
        workflow(node("", "DAG", "Failed"), node(".lost", "Pod", "Failed")),
        workflow(node("", "DAG", "Failed", ".missing")),
        workflow(node("", "DAG", "Failed", ".a"), node(".a", "Container", "Failed")),
        workflow(node(".onExit", "Pod", "Failed")),
        workflow(node("", "DAG", "Failed"), offloadNodeStatusVersion="v1"),
    ],
)
def test_what_does_not_fit_together_is_refused(tree: dict[str, Any]) -> None:
    with pytest.raises(Permanent):
        retried(tree, at=LATER)


def test_compressed_nodes_stay_compressed() -> None:
    tree = steps()
    unpacked = tree["status"]["nodes"]
    tree["status"]["compressedNodes"] = "x"
    write_nodes(tree, unpacked)
    assert "nodes" not in tree["status"]
    assert read_nodes(tree) == unpacked
    made = retried(tree, at=LATER).workflow
    assert "nodes" not in made["status"]
    assert read_nodes(made) == retried(steps(), at=LATER).workflow["status"]["nodes"]


PHASES = st.sampled_from(["Succeeded", "Failed", "Error", "Omitted", "Skipped"])
KINDS = st.sampled_from(["Pod", "Suspend", "DAG", "TaskGroup", "StepGroup", "Steps", "Retry", "HTTP"])


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Any]:
    """Any tree in which the boundary of a node is the root or the node above it."""
    size = draw(st.integers(1, 12))
    made = [node("", draw(KINDS), "Failed")]
    for number in range(1, size):
        above = made[draw(st.integers(0, number - 1))]
        below = node(f".{number}", draw(KINDS), draw(PHASES))
        below["boundaryID"] = draw(st.sampled_from([NAME, above["id"]]))
        above.setdefault("children", []).append(below["id"])
        made.append(below)
    return workflow(*made)


@given(trees())
def test_what_is_left_is_a_tree(tree: dict[str, Any]) -> None:
    before = copy.deepcopy(tree)
    made = retried(tree, at=LATER)
    assert tree == before
    left, all_ = made.workflow["status"]["nodes"], tree["status"]["nodes"]
    assert left.keys() <= all_.keys()
    assert all(child in left for each in left.values() for child in each.get("children") or ())
    assert len(set(made.pods)) == len(made.pods)
    forgotten = all_.keys() - left.keys()
    assert sum(all_[name]["type"] == "Pod" for name in forgotten) == len(made.pods)
    for name, each in left.items():
        assert each.get("startedAt") in (NOW, LATER)
        assert each["phase"] in (all_[name]["phase"], "Running")
