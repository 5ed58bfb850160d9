"""The types that operators of expr-lang give for the types of their operands; None where they are not defined on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sensors.languages.exprlang.types import (
    ANY,
    BOOL,
    DURATION,
    FLOAT,
    INTS,
    STRING,
    TIME,
    Known,
    combined,
    is_any,
    is_assignable,
    is_bool,
    is_comparable,
    is_duration,
    is_integer,
    is_number,
    is_string,
    is_time,
)


def _either(left: Known, right: Known, *tests: Callable[[Known], bool]) -> bool:
    """Whether one of them may be anything and the other is what one of the tests says."""
    if is_any(left):
        return is_any(right) or any(test(right) for test in tests)
    return is_any(right) and any(test(left) for test in tests)


def _logical(left: Known, right: Known) -> Known:
    return BOOL if (is_bool(left) and is_bool(right)) or _either(left, right, is_bool) else None


def _order(left: Known, right: Known) -> Known:
    same = any(test(left) and test(right) for test in (is_number, is_string, is_time))
    return BOOL if same or _either(left, right, is_number, is_string, is_time) else None


def _sum(left: Known, right: Known) -> Known:
    if left is not None and right is not None:
        if is_number(left) and is_number(right):
            return combined(left, right)
        if is_string(left) and is_string(right):
            return STRING
        if {left, right} == {TIME, DURATION}:
            return TIME
    return ANY if _either(left, right, is_number, is_string, is_time, is_duration) else None


def _difference(left: Known, right: Known) -> Known:
    if left is not None and right is not None:
        if is_number(left) and is_number(right):
            return combined(left, right)
        if is_time(left) and is_time(right):
            return DURATION
        if is_time(left) and is_duration(right):
            return TIME
    return ANY if _either(left, right, is_number, is_time) else None


def _product(left: Known, right: Known) -> Known:
    if left is not None and right is not None and is_number(left) and is_number(right):
        return combined(left, right)
    return ANY if _either(left, right, is_number) else None


def _quotient(left: Known, right: Known) -> Known:
    return FLOAT if (is_number(left) and is_number(right)) or _either(left, right, is_number) else None


def _rest(left: Known, right: Known) -> Known:
    if left is not None and right is not None and is_integer(left) and is_integer(right):
        return combined(left, right)
    return ANY if _either(left, right, is_integer) else None


def _texts(left: Known, right: Known) -> Known:
    return BOOL if (is_string(left) and is_string(right)) or _either(left, right, is_string) else None


def _range(left: Known, right: Known) -> Known:
    return INTS if (is_integer(left) and is_integer(right)) or _either(left, right, is_integer) else None


def _equality(left: Known, right: Known) -> Known:
    return BOOL if is_comparable(left, right) else None


def coalesced(left: Known, right: Known) -> Known:
    """The type of `??`, which is defined on everything."""
    if left is None or right is None:
        return left or right
    return left if is_assignable(right, left) else ANY


RULES: Final[Mapping[str, Callable[[Known, Known], Known]]] = {
    **dict.fromkeys(("==", "!="), _equality),
    **dict.fromkeys(("or", "||", "and", "&&"), _logical),
    **dict.fromkeys(("<", ">", "<=", ">="), _order),
    "+": _sum,
    "-": _difference,
    "*": _product,
    **dict.fromkeys(("/", "**", "^"), _quotient),
    "%": _rest,
    **dict.fromkeys(("matches", "contains", "startsWith", "endsWith"), _texts),
    "..": _range,
}
"""All operators but `in`, which asks more than the types, and `??`."""
