"""Functions on arrays and objects, and the parsing of JSON and YAML, as Kyverno's functions of these names do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import orjson

from sensors.languages.go.numbers import format_float
from sensors.languages.jmes.errors import JmesRuntimeError
from sensors.languages.jmes.function import Function, Parameter
from sensors.languages.jmes.limits import MAX_PARSED, check_length
from sensors.languages.jmes.values import equals


def _parse_json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise JmesRuntimeError("parse_json() was given a text that is not JSON") from error


def _lookup(container: Any, key: Any) -> Any:
    if isinstance(container, dict):
        if not isinstance(key, str):
            raise JmesRuntimeError("lookup() wants a string as argument 2 to look in an object, found a number")
        return container.get(key)
    if isinstance(key, str) or key != int(key):
        raise JmesRuntimeError("lookup() wants an integer as argument 2 to look in an array")
    return container[int(key)] if 0 <= key < len(container) else None


def _items(container: Any, key: str, value: str) -> list[dict[str, Any]]:
    pairs = sorted(container.items()) if isinstance(container, dict) else enumerate(container)
    return [{key: each, value: found} for each, found in pairs]


def _object_from_lists(keys: list[Any], values: list[Any]) -> dict[str, Any]:
    padded = [*values, *[None] * (len(keys) - len(values))]
    return dict(zip(map(_key, keys), padded, strict=False))


def _key(value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return format_float(value, "f")
    raise JmesRuntimeError("object_from_lists() wants strings, numbers or booleans for keys")


def _label_match(wanted: dict[str, Any], labels: dict[str, Any]) -> bool:
    return all(key in labels and equals(labels[key], value) for key, value in wanted.items())


_STRING: Final = Parameter(("string",))
_ARRAY: Final = Parameter(("array",))
_OBJECT: Final = Parameter(("object",))
_CONTAINER: Final = Parameter(("object", "array"))


def data_functions(read_yaml: Callable[[str], Any]) -> tuple[Function, ...]:
    """The functions; `read_yaml` gives the value of a YAML document or raises ValueError, whose text may be shown."""

    def parse_yaml(text: str) -> Any:
        check_length(len(text), MAX_PARSED)
        try:
            return read_yaml(text)
        except ValueError as error:
            raise JmesRuntimeError(f"parse_yaml(): {error}") from error

    return (
        Function(
            "lookup",
            (_CONTAINER, Parameter(("string", "number"))),
            _lookup,
            about="the member or element whose key or position an expression gives; null if there is none",
            example="lookup(`{\"a\": 1}`, 'a')",
        ),
        Function(
            "items",
            (_CONTAINER, _STRING, _STRING),
            _items,
            "array",
            about="the members, in the order of their keys, or elements as objects with these two fields",
            example="items(`{\"a\": 1}`, 'key', 'value')",
        ),
        Function(
            "object_from_lists",
            (_ARRAY, _ARRAY),
            _object_from_lists,
            "object",
            about="the object of a list of keys and a list of values",
            example="object_from_lists(['a', 'b'], [`1`, `2`])",
        ),
        Function(
            "label_match",
            (_OBJECT, _OBJECT),
            _label_match,
            "boolean",
            about="whether the second object has every member of the first",
            example='label_match(`{"app": "x"}`, `{"app": "x", "tier": "web"}`)',
        ),
        Function(
            "parse_json",
            (_STRING,),
            _parse_json,
            about="the value of a text of JSON",
            example="parse_json('{\"a\": [1]}')",
        ),
        Function(
            "parse_yaml",
            (_STRING,),
            parse_yaml,
            about="the value of a text of YAML, of its first document; read as manifests are",
            example="parse_yaml('a: [yes, 010]')",
        ),
    )
