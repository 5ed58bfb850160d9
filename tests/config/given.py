"""Manifests for tests, short enough to be read where they are used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from config.errors import Fault, Severity
from config.load import load_text
from config.manifests import Manifests

FOLDER = Path(__file__).parent / "manifests"
API = "argoproj.io/v1alpha1"
TRIGGER: dict[str, Any] = {"template": {"name": "t", "log": {}}}
DEPENDENCY: dict[str, Any] = {"name": "d", "eventSourceName": "es", "eventName": "ev"}


def document(kind: str, spec: Any, name: str = "x", **metadata: Any) -> dict[str, Any]:
    """A manifest of ours."""
    return {"apiVersion": API, "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}


def source(name: str = "es", /, **types: Any) -> dict[str, Any]:
    """An EventSource."""
    return document("EventSource", types, name)


def sensor(*triggers: Any, dependencies: Any = (DEPENDENCY,), **spec: Any) -> dict[str, Any]:
    """A Sensor."""
    return document(
        "Sensor", {"dependencies": list(dependencies), "triggers": list(triggers or [TRIGGER]), **spec}, "s"
    )


def trigger(kind: str = "log", body: Any = None, **beside: Any) -> dict[str, Any]:
    """A trigger whose template may have more in `template`."""
    template = {"name": "t", kind: body if body is not None else {}, **beside.pop("template", {})}
    return {"template": template, **beside}


def bus(name: str = "default", /, **spec: Any) -> dict[str, Any]:
    """An EventBus."""
    return document("EventBus", spec, name)


def loaded(*documents: Any) -> Manifests:
    """What is made of documents; each is written at a line of its own."""
    return load_text("\n---\n".join(json.dumps(one) for one in documents), "f.yaml")


def found(*documents: Any, severity: Severity | None = None) -> list[tuple[str, str]]:
    """Path and code of what is wrong with documents."""
    return [(fault.path, fault.code) for fault in loaded(*documents).faults if severity in (None, fault.severity)]


def faults(*documents: Any) -> list[tuple[str, str]]:
    """Path and code of the faults alone."""
    return found(*documents, severity=Severity.FAULT)


def only(*documents: Any, code: str) -> Fault:
    """The one finding with that code."""
    (fault,) = (fault for fault in loaded(*documents).faults if fault.code == code)
    return fault
