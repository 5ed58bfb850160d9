"""How a data filter compares: what each of its types makes of a value in the manifest and a value in the event.

The oddities are Argo Events': a string is searched for a regular expression of RE2, only for `=` and `!=`; a number is
compared as a double, to which text is converted as Go does it; a truth is compared whatever the comparator is.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Final

from sensors.languages.gjson.get import Result
from sensors.languages.gjson.result import read_float
from sensors.languages.regex_search import compile_pattern

Test = Callable[[Result], bool]
"""Whether a value of the event compares well with one of the manifest. Raises ValueError if that cannot be told."""

_ORDERS: Final[dict[str, Callable[[float, float], bool]]] = {
    "": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_TRUTHS: Final = {
    **dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True),
    **dict.fromkeys(("0", "f", "F", "FALSE", "false", "False"), False),
}
_LITERAL: Final = re.compile(r"(\^?)([^\\.+*?()|\[\]{}^$]*)(\$?)")


def compile_test(type: str, comparator: str, value: str) -> Test:
    """The comparison with one value. Raises ValueError if there is none of this type with this value."""
    match type:
        case "string":
            return _compile_string(comparator, value)
        case "number":
            return _compile_number(comparator, value)
        case "bool":
            return _compile_bool(value)
        case _:
            raise ValueError(f"unsupported JSON type '{type}'")


def describe(type: str, comparator: str) -> str:
    """The comparison in words, as it stands between the path and the value."""
    match type, comparator:
        case "string", "" | "=":
            return "matches"
        case "string", "!=":
            return "does not match"
        case "bool", _:
            return "is"
        case _:
            return comparator or "="


def _compile_string(comparator: str, pattern: str) -> Test:
    search = _compile_search(pattern)
    if comparator in ("", "="):
        return lambda found: search(found.string())
    if comparator == "!=":
        return lambda found: not search(found.string())
    return lambda found: False


def _compile_search(pattern: str) -> Callable[[str], bool]:
    """Whether a text has a match. Plain texts, the most frequent patterns, are compared without the engine."""
    if (plain := _LITERAL.fullmatch(pattern)) is not None:
        begin, text, end = plain.groups()
        if begin and end:
            return lambda found: found == text
        if begin:
            return lambda found: found.startswith(text)
        return (lambda found: found.endswith(text)) if end else (lambda found: text in found)
    search = compile_pattern(pattern).search
    return lambda found: search(found.encode(errors="replace")) is not None


def _compile_number(comparator: str, text: str) -> Test:
    try:
        wanted = read_float(text)
    except OverflowError:
        raise ValueError(f"'{text}' is too large a number") from None
    except ValueError:
        raise ValueError(f"'{text}' is no number") from None
    holds = _ORDERS.get(comparator)
    return (lambda found: holds(found.number(), wanted)) if holds else (lambda found: False)


def _compile_bool(text: str) -> Test:
    if (wanted := _TRUTHS.get(text)) is None:
        raise ValueError(f"'{text}' is not a truth: write 'true' or 'false'")
    return lambda found: found.boolean() is wanted
