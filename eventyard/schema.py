"""JSON Schema (draft 2020-12) of the manifests, made of the models that read them and of the installed adapters' own.

A manifest that `check` passes is valid here; what only `check` can see (references, expressions, rules over several
fields) is not said. Unknown fields are allowed, as Argo Events ignores them, unless the schema is to be strict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from config.assemble_sensor import TemplateFields, TriggerFields
from config.checks.shapes import Known
from config.checks.sources import SOURCES as KNOWN_SOURCES
from config.checks.triggers import TRIGGERS as KNOWN_TRIGGERS
from config.errors import EventyardError
from config.eventbus import EventBusSpec
from config.eventsource import EVENT_SOURCE_TYPES, EventSourceSpec
from config.load import API_VERSION, KINDS
from config.model import Metadata
from config.sensor import TRIGGER_TYPES, SensorSpec
from eventyard.build import SOURCES, TRIGGERS
from eventyard.registry import Registry

Schema: TypeAlias = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_GENERIC: Final = (EventBusSpec, EventSourceSpec, SensorSpec, TriggerFields, TemplateFields, Metadata)
_OPEN: Final = Metadata.__name__
"""Kubernetes puts more into metadata than anybody models."""


def manifest_schema(registry: Registry, kind: str = "", *, strict: bool = False) -> Schema:
    """The schema of one kind, or of all of them. Raises EventyardError for any other kind."""
    if kind and kind not in KINDS:
        raise EventyardError(f"there is no kind '{kind}'", fix=f"choose one of {', '.join(KINDS)}")
    made = _Made(registry)
    kinds = {
        "EventBus": _envelope("EventBus", made.ref(EventBusSpec)),
        "EventSource": _envelope("EventSource", made.event_source()),
        "Sensor": _envelope("Sensor", made.sensor()),
    }
    if kind:
        root = kinds[kind]
    else:
        root = {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in kinds]}
        made.definitions.update(kinds)
    schema: Schema = {**root, "$defs": made.definitions}
    for inner in _objects(schema):
        inner.pop("title", None)
        if strict and "properties" in inner:
            inner.setdefault("additionalProperties", False)
    return {"$schema": DIALECT, "title": kind or "Manifests of eventyard", **_reachable(schema)}


class _Made:
    """The definitions of everything that a schema refers to."""

    def __init__(self, registry: Registry) -> None:
        self._sources = _blocks(registry, SOURCES, EVENT_SOURCE_TYPES, KNOWN_SOURCES)
        self._triggers = _blocks(registry, TRIGGERS, TRIGGER_TYPES, KNOWN_TRIGGERS)
        models = dict.fromkeys((*_GENERIC, *self._sources.values(), *self._triggers.values()))
        self._refs, schema = models_json_schema([(model, "validation") for model in models])
        self.definitions: Schema = schema["$defs"]
        self.definitions[_OPEN]["additionalProperties"] = True

    def ref(self, model: type[BaseModel]) -> Schema:
        """A reference to a model's definition."""
        return dict(self._refs[model, "validation"])

    def event_source(self) -> Schema:
        """`spec` of an EventSource: what is generic, and for each type its events by name."""
        types = {
            name: {"type": "object", "additionalProperties": self.ref(model)} for name, model in self._sources.items()
        }
        return self._extended(EventSourceSpec, types)

    def sensor(self) -> Schema:
        """`spec` of a Sensor, with its triggers."""
        bodies = {name: self.ref(model) for name, model in self._triggers.items()}
        template = self._extended(TemplateFields, bodies, required=["name"])
        trigger = self._extended(
            TriggerFields, {"template": template, "dlqTrigger": {"$ref": "#/$defs/Trigger"}}, required=["template"]
        )
        self.definitions["Trigger"] = trigger
        triggers = {"type": "array", "items": {"$ref": "#/$defs/Trigger"}}
        return self._extended(SensorSpec, {"triggers": triggers}, required=["dependencies", "triggers"])

    def _extended(self, model: type[BaseModel], properties: Schema, required: list[str] | None = None) -> Schema:
        """A model's definition with properties besides its own."""
        own = self.definitions[self.ref(model)["$ref"].rpartition("/")[2]]
        extended = {**own, "properties": {**own["properties"], **properties}}
        if required:
            extended["required"] = required
        return extended


def _blocks(
    registry: Registry, group: str, types: tuple[str, ...], known: Mapping[str, Known]
) -> dict[str, type[BaseModel]]:
    """The model of each type's own block: the adapter's, or what is known of a type that has none here."""
    models: dict[str, type[BaseModel]] = {}
    for name in dict.fromkeys((*types, *registry.names(group))):
        try:
            models[name] = registry.load(group, name).Settings
        except EventyardError:
            if name in known:
                models[name] = known[name].model
    return models


def _envelope(kind: str, spec: Schema) -> Schema:
    return {
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": {"const": API_VERSION},
            "kind": {"const": kind},
            "metadata": {"$ref": f"#/$defs/{_OPEN}"},
            "spec": spec,
            "status": {"type": "object", "additionalProperties": True},
        },
    }


def _objects(schema: Any) -> Iterator[Schema]:
    """Every subschema, the innermost last; a property may be named like a keyword, so names are not looked at."""
    if isinstance(schema, list):
        for item in schema:
            yield from _objects(item)
    elif isinstance(schema, dict):
        yield schema
        for key, value in schema.items():
            if key in ("properties", "$defs"):
                yield from _objects(list(value.values()))
            elif key not in ("default", "const", "enum", "required"):
                yield from _objects(value)


def _reachable(schema: Schema) -> Schema:
    """The schema with those definitions only that it refers to."""
    definitions = schema["$defs"]
    wanted: dict[str, None] = {}
    waiting = [{key: value for key, value in schema.items() if key != "$defs"}]
    while waiting:
        for inner in _objects(waiting.pop()):
            name = str(inner.get("$ref", "")).rpartition("/")[2]
            if name and name not in wanted:
                wanted[name] = None
                waiting.append(definitions[name])
    return {**schema, "$defs": {name: definitions[name] for name in sorted(wanted)}}
