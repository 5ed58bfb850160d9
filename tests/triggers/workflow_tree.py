"""Nodes of Workflows, as a controller leaves them: small trees that tests retry, resume and resubmit."""

from __future__ import annotations

from typing import Any

from triggers.argo_workflow.nodes import Nodes, node_id

NAME = "ci"
NOW = "2026-03-14T15:09:26Z"
LATER = "2026-03-14T16:00:00Z"


def node(
    name: str, kind: str, phase: str = "Succeeded", *children: str, boundary: str = "", **more: Any
) -> dict[str, Any]:
    """One node; names of children and of the boundary are without that of the Workflow."""
    full = NAME + name
    made: dict[str, Any] = {"id": node_id(NAME, full), "name": full, "displayName": name.lstrip(".") or NAME}
    made |= {"type": kind, "phase": phase, "templateName": "work", "startedAt": NOW}
    if phase != "Running":
        made["finishedAt"] = NOW
    if children:
        made["children"] = [node_id(NAME, NAME + child) for child in children]
    if boundary:
        made["boundaryID"] = node_id(NAME, NAME + boundary.removeprefix("/"))
    return {**made, **more}


def nodes(*made: dict[str, Any]) -> Nodes:
    """By id."""
    return {each["id"]: each for each in made}


def workflow(*made: dict[str, Any], phase: str = "Failed", **status: Any) -> dict[str, Any]:
    """A Workflow `ci` with these nodes, that has ended."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {
            "name": NAME,
            "namespace": "build",
            "uid": "1-2-3",
            "resourceVersion": "7",
            "labels": {"workflows.argoproj.io/completed": "true", "workflows.argoproj.io/phase": phase, "app": "shop"},
        },
        "spec": {"entrypoint": "main", "arguments": {"parameters": [{"name": "env", "value": "test"}]}},
        "status": {"phase": phase, "startedAt": NOW, "finishedAt": NOW, "nodes": nodes(*made), **status},
    }


def steps(second: str = "Failed", **more: Any) -> dict[str, Any]:
    """Two steps after each other; the first has succeeded."""
    return workflow(
        node("", "Steps", "Failed", "[0]", outboundNodes=[node_id(NAME, "ci[1].b")]),
        node("[0]", "StepGroup", "Succeeded", "[0].a", boundary="/"),
        node("[0].a", "Pod", "Succeeded", "[1]", boundary="/"),
        node("[1]", "StepGroup", "Failed", "[1].b", boundary="/", message="child failed"),
        node("[1].b", "Pod", second, boundary="/", message="Error (exit code 1)"),
        **more,
    )


def suspended(*parameters: dict[str, Any], phase: str = "Running") -> dict[str, Any]:
    """One that waits at two nodes, `approve` and `other`."""
    return workflow(
        node("", "DAG", "Running", ".approve", ".other"),
        node(
            ".approve",
            "Suspend",
            phase,
            boundary="/",
            **({"outputs": {"parameters": list(parameters)}} if parameters else {}),
        ),
        node(".other", "Suspend", phase, boundary="/", message="in doubt"),
        phase="Running",
    )
