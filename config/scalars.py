"""What an unquoted YAML scalar means: the rules of Go's yaml.v2, which read every manifest in a cluster.

They are YAML 1.1 without its odd ends: `yes`, `on` and `y` are booleans and `0755` is octal, but there are no base-60
numbers, and a timestamp is the text that was written.
"""

from __future__ import annotations

import base64
import binascii
import re
from math import isfinite, isinf, isnan
from typing import Final

from config.errors import EventyardError

Scalar = str | int | float | bool | None

_TRUE: Final = ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON")
_FALSE: Final = ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF")
_NULL: Final = ("", "~", "null", "Null", "NULL")
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(_TRUE, True),
    **dict.fromkeys(_FALSE, False),
    **dict.fromkeys(_NULL, None),
}
_SPECIAL_FLOATS: Final = {
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_NUMERIC_START: Final = frozenset("+-.0123456789")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INTEGER: Final = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_BASES: Final = (16, 2, 8, 10)
_STANDARD: Final = "tag:yaml.org,2002:"
_RESOLVABLE: Final = frozenset({"bool", "int", "float", "null", "timestamp"})


def resolve_plain(text: str) -> Scalar:
    """The value of an unquoted scalar without a tag."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC_START:
        return text
    if text in _SPECIAL_FLOATS:
        return _SPECIAL_FLOATS[text]
    return _number(text)


def resolve_tagged(tag: str, text: str) -> Scalar:
    """The value of a scalar with an explicit tag; a tag of an application's own leaves the text as it is.

    Raises EventyardError where the text cannot be what the tag says.
    """
    short = tag.removeprefix(_STANDARD)
    if tag == short or short not in _RESOLVABLE | {"binary"}:
        return text
    if short == "binary":
        try:
            return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            raise EventyardError("a !!binary value is not base64") from None
    if short == "timestamp":
        return text
    value = resolve_plain(text)
    if short == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    wanted = {"bool": bool, "int": int, "float": float, "null": type(None)}[short]
    if type(value) is not wanted:
        raise EventyardError(f"'{text}' is no {short}, as the tag !!{short} says")
    return value


def json_number(value: float) -> int | float:
    """A float as JSON carries it: without a fraction it is an integer. Raises EventyardError for NaN and infinity."""
    if isnan(value) or isinf(value):
        raise EventyardError("not-a-number and infinity have no place in a manifest", fix="write it in quotes")
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def _number(text: str) -> Scalar:
    plain = text.replace("_", "") if text[0] != "." else text
    found = _INTEGER.fullmatch(plain)
    if found:
        digits, base = next((group, base) for group, base in zip(found.groups()[1:], _BASES, strict=True) if group)
        # A text of a million digits is refused before it is made a number.
        if len(digits) <= 64:
            value = int(digits, base) * (-1 if found[1] == "-" else 1)
            if -(1 << 63) <= value < (1 << 63) or (not found[1] and value < (1 << 64)):
                return value
    if _FLOAT.fullmatch(plain) and isfinite(number := float(plain)):
        return number
    return text
