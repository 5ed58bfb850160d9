"""What a gjson path finds: a piece of JSON text with its kind, and the texts, numbers and truths Go would make of it.

Manifests are written against the answers of Go's tidwall/gjson, where a number prints as it was spelled, a string can be
read as a number, and an object is its source text. The conversions live here, apart from the search, because filters and
parameters use them on every event.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

_DECIMAL = re.compile(r"[+-]?(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?")
_HEXADECIMAL = re.compile(r"[+-]?0[xX]_?[0-9a-fA-F_]*\.?[0-9a-fA-F_]*[pP][+-]?[0-9][0-9_]*")
_LONE_UNDERSCORE = re.compile(r"(?<![0-9a-fA-FxX])_|_(?![0-9a-fA-F])")
_NOT_FINITE = re.compile(r"[+-]?inf(?:inity)?|nan", re.IGNORECASE)
_INTEGER = re.compile(r"-?[0-9]*")
_TRUE_WORDS = frozenset({"1", "t", "T", "true", "True", "TRUE"})
_FALSE_WORDS = frozenset({"0", "f", "F", "false", "False", "FALSE"})


class Type(StrEnum):
    """Kind of a result; the values are the names Argo Events gives them."""

    NULL = "Null"
    FALSE = "False"
    NUMBER = "Number"
    STRING = "String"
    TRUE = "True"
    JSON = "JSON"


class Result(NamedTuple):
    """One value found in a JSON text.

    ``raw`` is the source text (an empty raw of type Null means "nothing found"), ``text`` the content of a string.
    ``start`` is where raw begins in the searched text, 0 when it was computed rather than found; ``starts`` are the
    places of the elements of a list that was gathered from several places (``a.#.b``, ``a.#(…)#``).
    """

    type: Type
    raw: str
    text: str = ""
    start: int = 0
    starts: tuple[int, ...] | None = None

    @property
    def exists(self) -> bool:
        return self.raw != "" or self.type is not Type.NULL

    @property
    def is_object(self) -> bool:
        return self.type is Type.JSON and self.raw.startswith("{")

    @property
    def is_array(self) -> bool:
        return self.type is Type.JSON and self.raw.startswith("[")

    def string(self) -> str:
        """The value as text: string content, digits of an integer as spelled, other numbers shortest without an
        exponent, ``true``/``false``, source text of objects and arrays; null is empty.
        """
        kind = self.type
        if kind is Type.STRING:
            return self.text
        if kind is Type.NUMBER:
            return self.raw if _INTEGER.fullmatch(self.raw) else format_float(parse_float(self.raw))
        if kind is Type.TRUE:
            return "true"
        if kind is Type.FALSE:
            return "false"
        return self.raw if kind is Type.JSON else ""

    def number(self) -> float:
        """The value as a double: numeric strings are read, true is 1, whatever is no number is 0."""
        if self.type is Type.NUMBER:
            return parse_float(self.raw)
        if self.type is Type.STRING:
            return parse_float(self.text)
        return 1.0 if self.type is Type.TRUE else 0.0

    def boolean(self) -> bool:
        """The value as a truth: true, a number other than 0, or one of the strings 1, t, true in any case."""
        if self.type is Type.STRING:
            return read_truth(self.text.lower()) is True
        if self.type is Type.NUMBER:
            return parse_float(self.raw) != 0
        return self.type is Type.TRUE

    def value(self) -> Any:
        """The value in Python: every number a float, the first of repeated keys kept, None where raw is no JSON."""
        if self.type is Type.STRING:
            return self.text
        if self.type is Type.NUMBER:
            return parse_float(self.raw)
        if self.type is Type.JSON:
            try:
                return json.loads(self.raw, parse_int=float, object_pairs_hook=_first_wins)
            except (ValueError, RecursionError):
                return None
        return None if self.type is Type.NULL else self.type is Type.TRUE


ABSENT = Result(Type.NULL, "")


def read_truth(text: str) -> bool | None:
    """Go's strconv.ParseBool; None where that is an error."""
    if text in _TRUE_WORDS:
        return True
    return False if text in _FALSE_WORDS else None


def read_float(text: str) -> float:
    """Go's strconv.ParseFloat: ValueError for what is no number, OverflowError for what is too large for a double.

    Go takes more than JSON: hexadecimal mantissas with a binary exponent, underscores between digits, inf and nan.
    """
    if _DECIMAL.fullmatch(text):
        number = float(text)
        if math.isinf(number):
            raise OverflowError(f"{text!r} is too large a number")
        return number
    if _HEXADECIMAL.fullmatch(text) and not _LONE_UNDERSCORE.search(text):
        return float.fromhex(text.replace("_", ""))
    if _NOT_FINITE.fullmatch(text):
        return float(text)
    raise ValueError(f"{text!r} is no number")


def parse_float(text: str) -> float:
    """As ``read_float``, with 0 for what is no number and infinity for what is too large."""
    try:
        return read_float(text)
    except ValueError:
        return 0.0
    except OverflowError:
        return -math.inf if text.startswith("-") else math.inf


def format_float(number: float) -> str:
    """Go's strconv.FormatFloat(number, 'f', -1, 64): the shortest decimal that reads back, never with an exponent."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    text = repr(number)
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def _first_wins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found
