"""Recorded cases of parameters: values resolved, and what they are written into."""

from __future__ import annotations

import importlib
import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from config.block import Marks
from config.decode import decode
from config.errors import Fault, Permanent, Severity
from config.sensor import TRIGGER_TYPES, ParameterSource, TriggerParameter
from sensors.errors import CompileError
from sensors.parameters import compile_parameters
from sensors.source import compile_source
from tests.oracle import NotBuilt
from tests.oracle.events import make_event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bus.event import Event

_PROJECT: Final = Path(__file__).parents[2] / "pyproject.toml"
_FAILURES: Final = {"error", "panic", "crash", "decodeError"}


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """`value` and `type`, `object`, `payload` or `template`, after the kind of the case; or `error`."""
    events = {name: make_event(event["context"], event["data"]) for name, event in case["events"].items()}
    try:
        return _KINDS[case["kind"]](case, events)
    except (CompileError, Permanent, ValidationError) as error:
        return {"error": str(error)}


def _resolve(case: dict[str, Any], events: Mapping[str, Event]) -> dict[str, Any]:
    value = compile_source(ParameterSource.model_validate(case["src"]))(events)
    return {"value": None} if value is None else {"value": value.text, "type": str(value.kind)}


def _payload(case: dict[str, Any], events: Mapping[str, Event]) -> dict[str, Any]:
    return {"payload": compile_parameters(_listed(case)).payload(events).decode()}


def _apply(case: dict[str, Any], events: Mapping[str, Event]) -> dict[str, Any]:
    return {"object": compile_parameters(_listed(case)).edit(case["object"], events)}


def _resource(case: dict[str, Any], events: Mapping[str, Event]) -> dict[str, Any]:
    """A Kubernetes object is no longer one without its kind."""
    made = compile_parameters(_listed(case)).apply(json.loads(case["object"]), events)
    if not isinstance(made.get("kind"), str) or not made["kind"]:
        return {"error": "the object has no kind"}
    return {"object": json.dumps(made)}


def _template(case: dict[str, Any], events: Mapping[str, Event]) -> dict[str, Any]:
    """The template as the trigger's adapter takes it; it has to be there to say what it does not take."""
    template = case["trigger"]["template"]
    made = compile_parameters(_listed(case["trigger"])).apply(template, events)
    known = {"name", "conditions", "conditionsReset"}
    for kind in TRIGGER_TYPES:
        if made.get(kind) is None:
            continue
        known.add(kind)
        faults: list[Fault] = []
        settings = decode(_settings(kind), made[kind], (), Marks("", {}), faults)
        wrong = [str(fault) for fault in faults if fault.severity is Severity.FAULT]
        if settings is None or wrong:
            return {"error": "; ".join(wrong)}
        made[kind] = settings.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {"template": json.dumps({name: made[name] for name in made.keys() & known})}


def _settings(kind: str) -> Any:
    """The model of an adapter's block, found as an installed eventyard finds it."""
    offered = tomllib.loads(_PROJECT.read_text())["project"]["entry-points"]["eventyard.triggers"]
    if kind not in offered:
        raise NotBuilt(kind)
    module, name = offered[kind].split(":")
    try:
        return getattr(importlib.import_module(module), name).Settings
    except ImportError as error:
        raise NotBuilt(kind) from error


def _listed(block: dict[str, Any]) -> list[TriggerParameter]:
    return [TriggerParameter.model_validate(item) for item in block["parameters"]]


def agrees(want: dict[str, Any], got: dict[str, Any]) -> bool:
    """Whether both failed, or the values are equal. What crashes there may be an error or be left out here."""
    if "panic" in want or "crash" in want:
        return True
    if _FAILURES & want.keys():
        return "error" in got
    if "error" in got:
        return False
    if "value" in want:
        return want["value"] == got["value"] and (want["value"] is None or want["type"] == got["type"])
    [name] = want.keys()
    if name == "template":
        return bool(_without_empty(json.loads(want[name])) == _without_empty(json.loads(got[name])))
    return bool(_parsed(want[name]) == _parsed(got[name]))


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or "")
    except ValueError:
        return text or ""


def _without_empty(value: Any) -> Any:
    """Go writes some empty fields and leaves out others."""
    if isinstance(value, dict):
        cleaned = {name: _without_empty(each) for name, each in value.items()}
        return {name: each for name, each in cleaned.items() if each}
    return [_without_empty(each) for each in value] if isinstance(value, list) else value


_KINDS: Final[dict[str, Callable[[dict[str, Any], Mapping[str, Event]], dict[str, Any]]]] = {
    "resolve": _resolve,
    "payload": _payload,
    "apply": _apply,
    "resource": _resource,
    "template": _template,
}

ANSWERS: Final[
    dict[
        str,
        tuple[Callable[[dict[str, Any]], dict[str, Any]], Callable[[dict[str, Any], dict[str, Any]], bool]],
    ]
] = {"parameters": (answer, agrees)}
