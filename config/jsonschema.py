"""JSON Schemas of the three kinds, for editors: made from the models, so that they cannot differ from what is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from config.assemble_sensor import TemplateFields, TriggerFields
from config.checks.sources import SOURCES
from config.checks.triggers import TRIGGERS
from config.eventbus import EventBusSpec
from config.eventsource import EventSourceSpec
from config.load import API_VERSION, KINDS
from config.model import Metadata, Model
from config.sensor import SensorSpec

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_NONE: Final[Mapping[str, type[Model]]] = {}


def make_schema(
    kind: str, sources: Mapping[str, type[Model]] = _NONE, triggers: Mapping[str, type[Model]] = _NONE
) -> dict[str, Any]:
    """The schema of a kind. `sources` and `triggers` are the settings of adapters by type; types without an adapter
    are described as far as Argo Events checks them. Raises KeyError for a kind that is none of ours."""
    if kind not in KINDS:
        raise KeyError(kind)
    schemas = _Schemas({**{name: known.model for name, known in SOURCES.items()}, **sources}, _triggers(triggers))
    spec = {"EventBus": schemas.eventbus, "EventSource": schemas.eventsource, "Sensor": schemas.sensor}[kind]()
    return {
        "$schema": _DIALECT,
        "title": kind,
        "type": "object",
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "properties": {
            "apiVersion": {"const": API_VERSION},
            "kind": {"const": kind},
            "metadata": schemas.of(Metadata),
            "spec": spec,
        },
        "$defs": schemas.definitions,
    }


def _triggers(adapters: Mapping[str, type[Model]]) -> Mapping[str, type[Model]]:
    return {**{name: known.model for name, known in TRIGGERS.items()}, **adapters}


class _Schemas:
    """The schemas of models, and the definitions that they share."""

    def __init__(self, sources: Mapping[str, type[Model]], triggers: Mapping[str, type[Model]]) -> None:
        self._sources, self._triggers = sources, triggers
        self.definitions: dict[str, Any] = {}

    def eventbus(self) -> dict[str, Any]:
        return self.of(EventBusSpec)

    def eventsource(self) -> dict[str, Any]:
        blocks = self._refs(self._sources)
        types = {name: {"type": "object", "additionalProperties": block} for name, block in blocks.items()}
        return self._extended(EventSourceSpec, types)

    def sensor(self) -> dict[str, Any]:
        trigger = {"$ref": "#/$defs/Trigger"}
        template = {**self._extended(TemplateFields, self._refs(self._triggers)), "required": ["name"]}
        fields = self._extended(TriggerFields, {"template": template, "dlqTrigger": trigger})
        self.definitions["Trigger"] = {**fields, "required": ["template"]}
        spec = self._extended(SensorSpec, {"triggers": {"type": "array", "items": trigger, "minItems": 1}})
        return {**spec, "required": ["dependencies", "triggers"]}

    def of(self, model: type[BaseModel]) -> dict[str, Any]:
        return self._refs({"": model})[""]

    def _refs(self, models: Mapping[str, type[BaseModel]]) -> dict[str, dict[str, Any]]:
        wanted = list(dict.fromkeys(models.values()))
        found, shared = models_json_schema([(model, "validation") for model in wanted], by_alias=True)
        self.definitions.update(shared.get("$defs", {}))
        return {name: found[model, "validation"] for name, model in models.items()}

    def _extended(self, model: type[BaseModel], properties: Mapping[str, Any]) -> dict[str, Any]:
        schema = self.of(model)
        # The model itself is put here whole, for it has further properties.
        schema = self.definitions.pop(schema["$ref"].rpartition("/")[2]) if "$ref" in schema else schema
        return {**schema, "properties": {**schema["properties"], **properties}}
