"""Values of jq as JSON text, as gojq writes it: names sorted, nan as null, infinity as the largest number there is."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

from sensors.languages.go_numbers import format_json

_LARGEST: Final = 1.7976931348623157e308
_ESCAPED: Final = re.compile(r'["\\\x00-\x1f\x7f]')
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DIGITS_MOST: Final = 4000


def to_text(value: Any) -> str:
    kind = value.__class__
    if kind is str:
        return f'"{_ESCAPED.sub(_escape, value)}"'
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    if kind is float:
        return "null" if math.isnan(value) else format_json(max(-_LARGEST, min(value, _LARGEST)))
    if kind is list:
        return f"[{','.join(map(to_text, value))}]"
    return f"{{{','.join(f'{to_text(name)}:{to_text(value[name])}' for name in sorted(value))}}}"


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    return _ESCAPES.get(character) or f"\\u{ord(character):04x}"


def from_text(text: str) -> Any:
    """A value from JSON text. Raises ValueError if it is none."""
    return json.loads(text, parse_float=read_number, parse_int=read_number, parse_constant=_no_constant)


def _no_constant(text: str) -> Any:
    raise ValueError(f"'{text}' is nothing that JSON has")


def read_number(text: str) -> float | int:
    """A number as jq writes it. Raises ValueError if it is none; what is too large is infinite."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"'{text}' is no number")
    if any(sign in text for sign in ".eE"):
        return float(text)
    return int(text) if len(text) < _DIGITS_MOST else math.copysign(math.inf, -1.0 if text.startswith("-") else 1.0)
