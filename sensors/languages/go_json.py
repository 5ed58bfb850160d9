"""JSON as Go's encoding/json reads and writes it: keys sorted, HTML escaped if asked to, numbers as ECMAScript writes them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final

from sensors.languages.go_limits import MAX_TEXT, GoError, check_text
from sensors.languages.go_numbers import format_json
from sensors.languages.go_text import valid
from sensors.languages.go_values import GoInteger, elements, is_nil, kind_of, sorted_items, to_float, type_of

_SPECIAL: Final = re.compile(r'["\\\x00-\x1f\u2028\u2029]')
_SPECIAL_IN_HTML: Final = re.compile(r'["\\\x00-\x1f\u2028\u2029<>&]')
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_SURROGATE_ESCAPE: Final = re.compile(r"\\u[dD][89a-fA-F]")


def decode(text: str) -> tuple[Any, str]:
    """A value of JSON, and what is wrong with it: there is a value even so if only some numbers are too large."""
    text = valid(text)
    too_large: list[str] = []

    def number(digits: str) -> float | None:
        read = float(digits)
        if math.isinf(read):
            too_large.append(digits)
            return None
        return read

    try:
        value = json.loads(text, parse_int=number, parse_float=number, parse_constant=_refuse)
    except RecursionError:
        return None, "the JSON is nested too deeply"
    except ValueError:
        return None, "it is not valid JSON"
    if _SURROGATE_ESCAPE.search(text):
        value = _repaired(value)
    return value, "a number is too large" if too_large else ""


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _repaired(value: Any) -> Any:
    """The value with U+FFFD for each half of a surrogate pair."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_repaired(element) for element in value]
    if isinstance(value, dict):
        return {_repaired(key): _repaired(element) for key, element in value.items()}
    return value


def encode(value: Any, *, html: bool = True, indent: str = "") -> str:
    """A value as JSON, on several lines if there is an `indent`. Raises GoError for what JSON cannot hold."""
    parts: list[str] = []
    left = MAX_TEXT
    for part in _parts(value, _SPECIAL_IN_HTML if html else _SPECIAL, indent, "\n" if indent else ""):
        parts.append(part)
        left -= len(part)
        if left < 0:
            check_text(MAX_TEXT - left)
    return "".join(parts)


def _parts(value: Any, special: re.Pattern[str], indent: str, line: str) -> Iterator[str]:
    cls = value.__class__
    if cls is str:
        yield _string(value, special)
    elif isinstance(value, (dict, list)):
        yield from _container(value, special, indent, line)
    elif value is None:
        yield "null"
    elif cls is bool:
        yield "true" if value else "false"
    elif cls is float or cls is int:
        number = to_float(value) if cls is int else value
        if not math.isfinite(number):
            raise GoError("a number is not finite, and so no JSON")
        yield format_json(number)
    elif isinstance(value, GoInteger):
        yield int.__repr__(value)
    elif hasattr(value, "go_json"):
        yield _string(value.go_json(), special)
    else:
        raise GoError(f"{type_of(value)} is no JSON")


def _container(value: Any, special: re.Pattern[str], indent: str, line: str) -> Iterator[str]:
    if is_nil(value):
        yield "null"
        return
    is_map = kind_of(value) == "map"
    opening, closing = "{}" if is_map else "[]"
    yield opening
    inner = line + indent if line else ""
    pairs = sorted_items(value) if is_map else ((None, element) for element in elements(value))
    for index, (key, element) in enumerate(pairs):
        if index:
            yield ","
        yield inner
        if key is not None:
            yield _string(key, special)
            yield ": " if indent else ":"
        yield from _parts(element, special, indent, inner)
    if value:
        yield line
    yield closing


def _string(text: str, special: re.Pattern[str]) -> str:
    return f'"{special.sub(_escaped, valid(text))}"'


def _escaped(found: re.Match[str]) -> str:
    return _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}"
