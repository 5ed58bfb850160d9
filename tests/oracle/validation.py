"""Recorded verdicts of Argo Events' validators on single manifests, and on changes through its admission webhook."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from config.checks import STRICTER
from config.checks.eventbus import check_change
from config.checks.references import missing_eventbuses
from config.errors import Fault, Severity
from config.findings import Findings
from config.load import load_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_BUSES: Final = {
    "jetstream": {"jetstream": {"version": "latest"}},
    "nats": {"nats": {"native": {}}},
    "kafka": {"kafka": {"url": "kafka:9092"}},
}


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """`valid` by Argo Events' rules, and our `faults`; what eventyard refuses beyond them does not count."""
    manifest, old = case["manifest"], case.get("old")
    if old is not None and _generation(old) == _generation(manifest):
        return {"valid": True, "faults": []}
    found = load_text("\n---\n".join(json.dumps(one) for one in (manifest, *_bus(case))))
    faults = [*found.faults, *(missing_eventbuses(found) if manifest["kind"] == "Sensor" else ())]
    if old is not None and manifest["kind"] == "EventBus":
        before = load_text(json.dumps(old)).eventbuses[0]
        changed = found.eventbuses[0]
        check_change(before, changed, Findings(changed.marks, faults))
    refusals = _refusals(faults)
    return {"valid": not refusals, "faults": [str(fault) for fault in refusals]}


def _generation(manifest: dict[str, Any]) -> int:
    generation = manifest["metadata"].get("generation", 0)
    assert isinstance(generation, int)
    return generation


def _bus(case: dict[str, Any]) -> list[dict[str, Any]]:
    """The EventBus that a Sensor is validated with. An update looks it up by name, and only `default` exists."""
    manifest = case["manifest"]
    if manifest["kind"] != "Sensor" or case["eventBus"] not in _BUSES:
        return []
    name = (manifest.get("spec") or {}).get("eventBusName") or "default"
    metadata = {"name": "default" if "old" in case else name}
    if namespace := (manifest.get("metadata") or {}).get("namespace"):
        metadata["namespace"] = namespace
    return [
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "EventBus",
            "metadata": metadata,
            "spec": _BUSES[case["eventBus"]],
        }
    ]


def _refusals(faults: Iterable[Fault]) -> list[Fault]:
    return [fault for fault in faults if fault.severity is Severity.FAULT and fault.code not in STRICTER]


def agrees(want: dict[str, Any], got: dict[str, Any]) -> bool:
    """Whether both accept or both refuse; a validator that crashed refuses."""
    return bool(want.get("valid", False)) is bool(got["valid"])


ANSWERS: Final[
    dict[
        str,
        tuple[Callable[[dict[str, Any]], dict[str, Any]], Callable[[dict[str, Any], dict[str, Any]], bool]],
    ]
] = {"validation": (answer, agrees)}
