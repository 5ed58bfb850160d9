"""The condition of an array query, ``#(path op value)``: how it is read and when an element satisfies it."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sensors.languages.gjson.result import ABSENT, Result, Type, parse_float, read_truth
from sensors.languages.gjson.text import unescape
from sensors.languages.gjson.wildcard import compile_wildcard

if TYPE_CHECKING:
    from collections.abc import Callable

_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OPERATOR: Final = re.compile(r"==?|!=|!%|<=?|>=?|%|!\Z|")
_BLANKS: Final = "".join(map(chr, range(0x21)))
_YES: Final = Result(Type.TRUE, "true")
_NO: Final = Result(Type.FALSE, "false")


@dataclass(frozen=True, slots=True)
class Query:
    """``path`` is looked up in each element and compared by ``op`` (empty: it need only exist) with ``value``."""

    path: str = ""
    op: str = ""
    value: str = ""
    every: bool = False
    pattern: re.Pattern[str] | None = None

    def accepts(self, found: Result) -> bool:
        value = self.value
        if value.startswith("~"):
            found, value = _as_truth(found, value[1:])
        if not found.exists:
            return False
        if self.op == "":
            return True
        if found.type is Type.STRING:
            if self.pattern is not None:
                return (self.pattern.match(found.text) is not None) is (self.op == "%")
            order = _ORDERS.get(self.op)
            return order is not None and order(found.text, value)
        if found.type is Type.NUMBER:
            order = _ORDERS.get(self.op)
            return order is not None and order(found.number(), parse_float(value))
        if found.type in (Type.TRUE, Type.FALSE):
            return _compare_truth(found.type is Type.TRUE, self.op, value)
        return False


def parse_query(path: str) -> tuple[Query, int]:
    """The query that ``path`` begins with and its length; length 0 and an empty query where a bracket is missing.

    ``#[…]`` is the older spelling of ``#(…)``; a ``#`` after it asks for every match instead of the first.
    """
    depth, value_at, escaped = 1, 0, False
    at = 2
    while at < len(path):
        character = path[at]
        if depth == 1 and value_at == 0 and character in "!=<>%":
            value_at = at
        elif character == "\\":
            at += 1
        elif character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
            if depth == 0:
                break
        elif character == '"':
            closing = end_of_string(path, at)
            escaped = escaped or "\\" in path[at:closing]
            at = closing
        at += 1
    if depth > 0:
        return Query(), 0
    every = path[at + 1 : at + 2] == "#"
    if value_at == 0:
        return Query(path[2:at].strip(_BLANKS), every=every), at + 1
    comparison = path[value_at:at].strip(_BLANKS)
    found = _OPERATOR.match(comparison)
    sign = found[0] if found else ""
    value = comparison[len(sign) :].strip(_BLANKS)
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = unescape(value[1:-1]) if escaped else value[1:-1]
    op = "=" if sign == "==" else sign
    pattern = compile_wildcard(value) if op in ("%", "!%") else None
    return Query(path[2:value_at].strip(_BLANKS), op, value, every, pattern), at + 1


def end_of_string(path: str, at: int) -> int:
    """Where the quote that closes the string opened at ``at`` stands; len(path) when nothing closes it."""
    at += 1
    while at < len(path) and path[at] != '"':
        at += 2 if path[at] == "\\" else 1
    return min(at, len(path))


def _as_truth(found: Result, kind: str) -> tuple[Result, str]:
    """The operand and value of a comparison with ``~true``, ``~false``, ``~null`` or ``~*``: a question of kind."""
    if kind == "*":
        answer = found.exists
    elif kind == "null":
        answer = found.type is Type.NULL
    elif kind in ("true", "false"):
        answer = _is_like(found, kind == "true")
    else:
        return ABSENT, ""
    return (_YES if answer else _NO), "true"


def _is_like(found: Result, wanted: bool) -> bool:
    if found.type is Type.STRING:
        return read_truth(found.text.lower()) is wanted
    if found.type is Type.NUMBER:
        return (found.number() != 0) is wanted
    if wanted:
        return found.type is Type.TRUE
    return found.type in (Type.FALSE, Type.NULL)


def _compare_truth(actual: bool, op: str, value: str) -> bool:
    """False sorts before true; the value is compared as the word it is, so anything but true and false is neither."""
    if op == "=":
        return value == ("true" if actual else "false")
    if op == "!=":
        return value != ("true" if actual else "false")
    if actual:
        return op == ">=" or (op == ">" and value == "false")
    return op == "<=" or (op == "<" and value == "true")
