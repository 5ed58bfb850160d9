"""JSON Schema of the manifests with the fields of the installed adapters: of one kind, or of all kinds in one document.

A manifest that `check` passes is valid here; what only `check` can see (references, expressions) is not said. Unknown
fields are allowed, as Argo Events ignores them, unless the schema is to be strict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from config.errors import EventyardError
from config.jsonschema import make_schema
from config.load import KINDS
from config.model import Metadata, Model
from eventyard.build import SOURCES, TRIGGERS
from eventyard.registry import Registry

Schema: TypeAlias = dict[str, Any]


def manifest_schema(registry: Registry, kind: str = "", *, strict: bool = False) -> Schema:
    """The schema of one kind, or of any of them."""
    sources, triggers = _settings(registry, SOURCES), _settings(registry, TRIGGERS)
    schemas = {each: make_schema(each, sources, triggers) for each in ([kind] if kind else KINDS)}
    if strict:
        for schema in schemas.values():
            _close(schema)
    return schemas[kind] if kind else _joined(schemas)


def _settings(registry: Registry, group: str) -> dict[str, type[Model]]:
    """The settings of adapters by type; one whose library is missing is described as Argo Events knows it."""
    found: dict[str, type[Model]] = {}
    for name in registry.names(group):
        try:
            found[name] = registry.load(group, name).Settings
        except EventyardError:
            continue
    return found


def _joined(schemas: dict[str, Schema]) -> Schema:
    """One document with each schema as a definition, and all of their definitions beside them."""
    definitions: Schema = {}
    dialect = ""
    for kind, schema in schemas.items():
        # An EventSource and a trigger of one technology may both have, say, KafkaSettings.
        taken = {name for name, inner in schema["$defs"].items() if definitions.get(name, inner) != inner}
        schema = _renamed(schema, {name: f"{kind}{name}" for name in taken})
        definitions.update(schema.pop("$defs"))
        dialect = schema.pop("$schema")
        definitions[kind] = schema
    choices = [{"$ref": f"#/$defs/{kind}"} for kind in schemas]
    return {"$schema": dialect, "title": "Manifests of eventyard", "oneOf": choices, "$defs": definitions}


def _renamed(schema: Schema, names: Mapping[str, str]) -> Schema:
    """The schema with other names for some of its definitions."""
    refs = {f"#/$defs/{old}": f"#/$defs/{new}" for old, new in names.items()}
    for inner in _objects(schema):
        if (ref := inner.get("$ref")) in refs:
            inner["$ref"] = refs[ref]
    return {**schema, "$defs": {names.get(name, name): inner for name, inner in schema["$defs"].items()}}


def _close(schema: Schema) -> None:
    """Allow no unknown fields, but in metadata, into which Kubernetes puts more than anybody models."""
    schema["properties"]["status"] = {}
    for inner in _objects(schema):
        if "properties" in inner:
            inner.setdefault("additionalProperties", False)
    schema["$defs"][Metadata.__name__]["additionalProperties"] = True


def _objects(schema: Any) -> Iterator[Schema]:
    """Every schema within a schema. A property may be named like a keyword, so names of properties are not looked at."""
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
