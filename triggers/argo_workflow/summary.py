"""What of a Workflow that has ended is told about it: its nodes and templates may be a megabyte, and nobody asked for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from config.kubernetes.resource import Object

_METADATA: Final = ("name", "generateName", "namespace", "uid", "creationTimestamp", "labels", "annotations")
_SPEC: Final = ("entrypoint", "arguments", "workflowTemplateRef")
_STATUS: Final = ("phase", "message", "startedAt", "finishedAt", "progress", "outputs", "resourcesDuration")


def summarize(workflow: Mapping[str, Any]) -> Object:
    """Who it is, what it was asked for, how it ended. Without global outputs, those of its entrypoint take their place."""
    status = _part(workflow, "status")
    told = {
        "apiVersion": workflow.get("apiVersion", ""),
        "kind": workflow.get("kind", ""),
        "metadata": _some(_part(workflow, "metadata"), _METADATA),
        "spec": _some(_part(workflow, "spec"), _SPEC),
        "status": _some(status, _STATUS),
    }
    first = _part(_part(status, "nodes"), str(told["metadata"].get("name")))
    if not _part(status, "outputs").get("parameters") and _part(first, "outputs").get("parameters"):
        told["status"]["outputs"] = first["outputs"]
    return told


def _some(value: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value[name] for name in names if name in value}


def _part(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = value.get(name)
    return part if isinstance(part, Mapping) else {}
