"""JSON as Go's encoding/json reads and writes it: keys sorted, HTML escaped if asked to, numbers as ECMAScript writes them."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

from sensors.languages.go.limits import MAX_TEXT, GoError, check_text
from sensors.languages.go.numbers import format_json
from sensors.languages.go.text import valid
from sensors.languages.go.values import GoInteger, described, elements, is_nil, sorted_items, to_float

_SPECIAL: Final = re.compile(r'["\\\x00-\x1f\u2028\u2029\ud800-\udfff]')
_SPECIAL_IN_HTML: Final = re.compile(r'["\\\x00-\x1f\u2028\u2029\ud800-\udfff<>&]')
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
        value = repaired(value)
    return value, "a number is too large" if too_large else ""


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def repaired(value: Any) -> Any:
    """A value of JSON with U+FFFD for each lone half of a surrogate pair, which no string of Go can hold."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [repaired(element) for element in value]
    if isinstance(value, dict):
        return {repaired(key): repaired(element) for key, element in value.items()}
    return value


def encode(value: Any, *, html: bool = True, indent: str = "") -> str:
    """A value as JSON, on several lines if there is an `indent`. Raises GoError for what JSON cannot hold."""
    encoding = _Encoding(_SPECIAL_IN_HTML if html else _SPECIAL, indent)
    encoding.put(value, "\n" if indent else "")
    return "".join(encoding.parts)


class _Encoding:
    def __init__(self, special: re.Pattern[str], indent: str) -> None:
        self.parts: list[str] = []
        self._special = special
        self._indent = indent
        self._size = 0

    def _write(self, text: str) -> None:
        self.parts.append(text)
        self._size += len(text)
        if self._size > MAX_TEXT:
            check_text(self._size)

    def put(self, value: Any, line: str) -> None:
        """Writes a value; `line` is what begins a line at its level, empty if there are no lines."""
        cls = value.__class__
        if cls is str:
            self._write(self._string(value))
        elif value is None:
            self._write("null")
        elif cls is bool:
            self._write("true" if value else "false")
        elif cls is float or cls is int:
            number = to_float(value) if cls is int else value
            if not math.isfinite(number):
                raise GoError("a number is not finite, and so no JSON")
            self._write(format_json(number))
        elif isinstance(value, GoInteger):
            self._write(int.__repr__(value))
        elif isinstance(value, (dict, list)):
            if is_nil(value):
                self._write("null")
            elif isinstance(value, dict):
                self._put_map(value, line)
            else:
                self._put_list(value, line)
        elif hasattr(value, "go_json"):
            self._write(self._string(value.go_json()))
        else:
            raise GoError(f"{described(value)} is no JSON")

    def _put_map(self, value: dict[str, Any], line: str) -> None:
        inner = line + self._indent if line else ""
        colon = ": " if line else ":"
        before = f"{{{inner}"
        for key, element in sorted_items(value):
            self._write(f"{before}{self._string(key)}{colon}")
            self.put(element, inner)
            before = f",{inner}"
        self._write(f"{line}}}" if value else "{}")

    def _put_list(self, value: list[Any], line: str) -> None:
        inner = line + self._indent if line else ""
        before = f"[{inner}"
        for element in elements(value):
            self._write(before)
            self.put(element, inner)
            before = f",{inner}"
        self._write(f"{line}]" if value else "[]")

    def _string(self, text: str) -> str:
        return f'"{self._special.sub(_escaped, text)}"'


def _escaped(found: re.Match[str]) -> str:
    """Bytes that are not UTF-8 are shown as one escape each."""
    code = ord(found[0])
    return _SHORT.get(found[0]) or f"\\u{0xFFFD if 0xD800 <= code <= 0xDFFF else code:04x}"
