"""YAML to JSON as Go's ghodss/yaml does it (YAML 1.1 by yaml.v2), for events whose data is YAML.

It differs from PyYAML's own reading: `y` and `on` are truths, dates stay text, `0o17` and `017` are octal, there are no
sexagesimal numbers, and keys that are numbers or truths become text.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Iterator
from typing import Any, Final

import orjson
import yaml

from sensors.languages.gjson_result import parse_float

_NODES_MOST: Final = 1_000_000
"""Values written, counting what aliases repeat; Go bounds aliases as well."""

_CONSTANTS: Final[dict[str, object]] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_INTEGER: Final = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<binary>[01]+)|0[oO]?(?P<octal>[0-7]+)|(?P<decimal>0|[1-9][0-9]*))"
)
_BASES: Final = {"hex": 16, "binary": 2, "octal": 8, "decimal": 10}
_NUMERIC: Final = frozenset("0123456789+-")
_FLOATING: Final = _NUMERIC | {"."}
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_PREFIX: Final = "tag:yaml.org,2002:"
_TYPES: Final[dict[str, type]] = {"int": int, "float": float, "bool": bool, "null": type(None)}


def to_json(data: bytes) -> str:
    """The first document of a YAML text as JSON. Raises ValueError, which says where the text is wrong."""
    try:
        # Events come from anywhere; the node tree alone is read, nothing is constructed by tag.
        node = yaml.compose(data.decode(errors="replace"), Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        place = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"the event's data is not YAML: {error.problem}{place}") from None
    except (yaml.YAMLError, RecursionError):
        raise ValueError("the event's data is not YAML") from None
    reader = _Reader()
    value = None if node is None else reader.value(node)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


class _Loader(yaml.SafeLoader):
    """Leaves scalars that are neither quoted nor tagged without a tag."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        if kind is yaml.ScalarNode:
            return "" if implicit[0] else f"{_PREFIX}str"
        return str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]


class _Reader:
    """Reads one tree of nodes, with a bound on what aliases make of it."""

    def __init__(self) -> None:
        self._left = _NODES_MOST
        self._open: set[int] = set()

    def value(self, node: yaml.Node) -> Any:
        self._left -= 1
        if self._left < 0 or id(node) in self._open:
            raise ValueError("the event's data repeats itself by aliases without end")
        if isinstance(node, yaml.ScalarNode):
            value = _scalar(node)
            if not isinstance(value, float):
                return value
            if not math.isfinite(value):
                raise ValueError(f"the event's data has the number {node.value}, which JSON has not")
            # Go writes 1000, not 1000.0.
            return int(value) if value.is_integer() and abs(value) < 2**53 else value
        self._open.add(id(node))
        made = (
            [self.value(item) for item in node.value]
            if isinstance(node, yaml.SequenceNode)
            else {_key(key): self.value(item) for key, item in self._members(node)}
        )
        self._open.discard(id(node))
        return made

    def _members(self, node: yaml.Node) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """The members of a mapping, those it merges first, so that its own win."""
        own = []
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value == "<<" and key.style is None:
                sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
                for source in reversed(sources):
                    if not isinstance(source, yaml.MappingNode):
                        raise ValueError("the event's data merges something that is no mapping")
                    yield from self._members(source)
            else:
                own.append((key, value))
        yield from own


def _key(node: yaml.Node) -> str:
    key = _scalar(node) if isinstance(node, yaml.ScalarNode) else None
    match key:
        case str():
            return key
        case bool():
            return "true" if key else "false"
        case int():
            return str(key)
        case float():
            return f"{key:g}"
        case _:
            raise ValueError("the event's data has a key that is no text, number or truth")


def _scalar(node: yaml.ScalarNode) -> Any:
    text: str = node.value
    tag = node.tag.removeprefix(_PREFIX)
    if tag == "":
        return _resolve(text)
    if tag == "binary":
        try:
            return base64.b64decode(text).decode(errors="replace")
        except ValueError:
            raise ValueError("the event's data has a !!binary that is not base64") from None
    if tag not in _TYPES:
        return text
    value = _resolve(text)
    if tag == "float" and type(value) is int:
        return float(value)
    if type(value) is not _TYPES[tag]:
        raise ValueError(f"the event's data has a !!{tag} that is none")
    return value


def _resolve(text: str) -> Any:
    """What a plain scalar stands for."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    plain = text.replace("_", "")
    if text[:1] in _NUMERIC and (found := _INTEGER.fullmatch(plain)):
        base = found.lastgroup or "decimal"
        number = int(found["sign"] + found[base], _BASES[base])
        if -(2**63) <= number < 2**64:
            return number
    if text[:1] == ".":
        plain = text
    return parse_float(plain) if text[:1] in _FLOATING and _FLOAT.fullmatch(plain) else text
