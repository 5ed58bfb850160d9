"""A compact way to write down which fields a type has, from which a model is made the first time it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Final

from pydantic import create_model

from config.backoff import Backoff
from config.eventsource import EventSourceFilter
from config.model import (
    BasicAuth,
    ConfigMapKeySelector,
    Instant,
    Int32,
    Int64,
    Model,
    NATSAuth,
    SASLConfig,
    SecretKeySelector,
    SecureHeader,
    TLSConfig,
    UInt64,
)
from config.sensor import TriggerParameter

Finding = tuple[str, str, str]
"""A field's path within the block, what is wrong, and how to correct it; an empty `what` means that it is missing."""

Rule = Callable[[Any], Iterable[Finding]]
"""What Argo Events demands of a block. It is given the model of a shape, whose attributes are named as in a manifest."""

_TYPES: Final[Mapping[str, tuple[Any, Any]]] = {
    "text": (str, ""),
    "maybe_text": (str | None, None),
    "flag": (bool, False),
    "int32": (Int32, 0),
    "maybe_int32": (Int32 | None, None),
    "int64": (Int64, 0),
    "maybe_int64": (Int64 | None, None),
    "uint64": (UInt64, 0),
    "instant": (Instant | None, None),
    "texts": (list[str] | None, None),
    "labels": (dict[str, str] | None, None),
    "anything": (Any, None),
    "selector": (SecretKeySelector | None, None),
    "config_map": (ConfigMapKeySelector | None, None),
    "backoff": (Backoff | None, None),
    "tls": (TLSConfig | None, None),
    "sasl": (SASLConfig | None, None),
    "basic": (BasicAuth | None, None),
    "nats_auth": (NATSAuth | None, None),
    "filter": (EventSourceFilter | None, None),
    "parameters": (list[TriggerParameter] | None, None),
    "secure_headers": (list[SecureHeader] | None, None),
}


class Shape:
    """The fields of a block. Nothing is made of them before a model is asked for."""

    def __init__(self, *extends: Shape, **fields: Any) -> None:
        self._extends, self._fields = extends, fields

    def model(self, name: str) -> type[Model]:
        """A model of that name; the models of parts are named after their fields."""
        return create_model(name, __base__=Model, **self._made(name))

    def _made(self, name: str) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for shape in self._extends:
            made.update(shape._made(name))
        for key, value in self._fields.items():
            if isinstance(value, str):
                made.update(dict.fromkeys(value.split(), _TYPES[key]))
                continue
            part = f"{name}{key[:1].upper()}{key[1:]}"
            if isinstance(value, list):
                made[key] = (list[value[0].model(part)] | None, None)  # type: ignore[misc]
            else:
                made[key] = (value.model(part) | None, None)
        return made


def shape(*extends: Shape, **fields: Any) -> Shape:
    """Fields by type, their names separated by spaces: `shape(text="url topic", flag="dlq")`.

    A keyword whose value is no text is the name of a field of that shape, or of a list of the shape in brackets.
    """
    return Shape(*extends, **fields)


class Known:
    """A type of source or trigger of Argo Events: how its block looks, and what its validator demands."""

    def __init__(self, name: str, shape: Shape, *rules: Rule) -> None:
        self._name, self._shape, self.rules = name, shape, rules

    @cached_property
    def model(self) -> type[Model]:
        """The model of the block."""
        return self._shape.model(self._name)
