"""Values of jq as JSON text, as gojq writes it: names sorted, nan as null, infinity as the largest number there is.

A value may hold another one a thousand times over and so have no end worth waiting for: whoever wants all of it counts what
is written, and messages are given the beginning only.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import sys
from collections.abc import Callable
from itertools import islice
from json.encoder import encode_basestring
from typing import Any, Final

from sensors.languages.go.numbers import format_json

_LARGEST: Final = 1.7976931348623157e308
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DIGITS_MOST: Final = 4000
_LONG: Final = (str, list, dict)
_CHUNK: Final = 4096
"""Characters of a text that are written at once."""

_MEMBERS_SHOWN: Final = 1000
"""Members of an object of which the first by name are looked for when only the beginning is written."""


class _Full(Exception):
    pass


def to_text(value: Any, take: Callable[[int], None] = lambda size: None) -> str:
    """The JSON text; `take` is told of each part of it how long it is, and raises what it likes if that is too much."""
    if value.__class__ not in _LONG:
        return _scalar(value)
    pieces: list[str] = []

    def put(piece: str) -> None:
        take(len(piece))
        pieces.append(piece)

    _write(value, put, sys.maxsize, "")
    return "".join(pieces)


def beginning(value: Any, size: int) -> str:
    """The first so many characters of the JSON text."""
    pieces: list[str] = []
    room = size

    def put(piece: str) -> None:
        nonlocal room
        pieces.append(piece)
        room -= len(piece)
        if room <= 0:
            raise _Full

    with contextlib.suppress(_Full):
        _write(value, put, _MEMBERS_SHOWN, "")
    return "".join(pieces)[:size]


def _write(value: Any, put: Callable[[str], None], members: int, before: str) -> None:
    kind = value.__class__
    if kind is str:
        put(before)
        _write_text(value, put)
    elif kind is list:
        put(f"{before}[")
        separator = ""
        for item in value:
            _write(item, put, members, separator)
            separator = ","
        put("]")
    elif kind is dict:
        put(f"{before}{{")
        separator = ""
        for name in sorted(islice(value, members)):
            put(separator)
            _write_text(name, put)
            _write(value[name], put, members, ":")
            separator = ","
        put("}")
    else:
        put(f"{before}{_scalar(value)}")


def _write_text(text: str, put: Callable[[str], None]) -> None:
    if len(text) <= _CHUNK:
        put(_quoted(text))
        return
    put('"')
    for start in range(0, len(text), _CHUNK):
        put(_quoted(text[start : start + _CHUNK])[1:-1])
    put('"')


def _quoted(text: str) -> str:
    return encode_basestring(text).replace("\x7f", "\\u007f")


def _scalar(value: Any) -> str:
    kind = value.__class__
    if kind is int:
        return str(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    return "null" if math.isnan(value) else format_json(max(-_LARGEST, min(value, _LARGEST)))


def from_text(text: str) -> Any:
    """A value from JSON text. Raises ValueError if it is none, or has an integer of thousands of digits."""
    return json.loads(text, parse_constant=_no_constant)


def _no_constant(text: str) -> Any:
    raise ValueError(f"'{text}' is nothing that JSON has")


def read_number(text: str) -> float | int:
    """A number as jq writes it. Raises ValueError if it is none; what is too large is infinite."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"'{text}' is no number")
    if any(sign in text for sign in ".eE"):
        return float(text)
    return int(text) if len(text) < _DIGITS_MOST else math.copysign(math.inf, -1.0 if text.startswith("-") else 1.0)
