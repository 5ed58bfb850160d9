"""All parameters of a trigger, wherever it has them, as they were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from config.block import FieldPath
from config.checks.triggers import TRIGGERS
from config.decode import field_of
from config.sensor import TriggerManifest

Located = tuple[FieldPath, Mapping[str, Any]]
"""A parameter and the path to it."""

_LISTS: Final = ("parameters", "payload", "dynamicHeaders")


def parameters_of(trigger: TriggerManifest) -> Iterator[Located]:
    """Those of the trigger itself, then those of its bodies."""
    for index, parameter in enumerate(trigger.parameters):
        yield (*trigger.path, "parameters", index), parameter.model_dump(by_alias=True, exclude_unset=True)
    for kind in TRIGGERS:
        body = trigger.template.get(kind)
        if not isinstance(body, dict):
            continue
        for name in _LISTS:
            yield from listed(body, name, (*trigger.path, "template", kind))


def listed(body: Mapping[str, Any], name: str, path: FieldPath) -> Iterator[Located]:
    """Those in one list of a body."""
    written, items = field_of(body, name)
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield (*path, written, index), item


def source_of(parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where a parameter's value comes from; empty where that is missing or wrong."""
    source = field_of(parameter, "src")[1]
    return source if isinstance(source, dict) else {}
