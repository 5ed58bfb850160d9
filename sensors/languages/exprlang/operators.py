"""What the operators of expr-lang do with values: arithmetic, order, text, and how a member is found.

Integers and doubles mix, anything else must be of one kind; moments and durations have the arithmetic of Go.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from sensors.languages.exprlang.methods import METHODS
from sensors.languages.exprlang.values import (
    FLOATS,
    INTEGERS,
    GoFunction,
    element,
    is_equal,
    is_in,
    length,
    look_up,
    to_int,
)
from sensors.languages.go.arithmetic import divide, power
from sensors.languages.go.limits import GoError, check_text
from sensors.languages.go.text import joined
from sensors.languages.go.time import Duration, Time
from sensors.languages.go.values import Int, type_of
from sensors.languages.regex_search import RegexError, compile_regex


def _mismatch(symbol: str, left: Any, right: Any) -> GoError:
    return GoError(f"'{symbol}' is not defined on {type_of(left)} and {type_of(right)}")


def _are_numbers(left: Any, right: Any) -> bool:
    left_class, right_class = left.__class__, right.__class__
    return (left_class in FLOATS or left_class in INTEGERS) and (right_class in FLOATS or right_class in INTEGERS)


def _are_integers(left: Any, right: Any) -> bool:
    return left.__class__ in INTEGERS and right.__class__ in INTEGERS


def _ordering(symbol: str, compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def order(left: Any, right: Any) -> bool:
        left_class = left.__class__
        if _are_numbers(left, right):
            return compare(left, right)
        if left_class is right.__class__:
            if left_class is str or left_class is Duration:
                return compare(left, right)
            if left_class is Time:
                return compare(_instant(left), _instant(right))
        raise _mismatch(symbol, left, right)

    return order


def _instant(moment: Time) -> tuple[int, int]:
    return moment.seconds, moment.nanoseconds


less: Final = _ordering("<", operator.lt)
more: Final = _ordering(">", operator.gt)


def _add(left: Any, right: Any) -> Any:
    if _are_integers(left, right):
        return Int.wrap(left + right)
    if _are_numbers(left, right):
        return float(left) + float(right)
    match left, right:
        case str(), str():
            check_text(len(left) + len(right))
            return joined(left + right)
        case (Time() as moment, Duration() as duration) | (Duration() as duration, Time() as moment):
            return moment.plus(duration)
        case Duration(), Duration():
            return Duration.wrap(left + right)
    raise _mismatch("+", left, right)


def _subtract(left: Any, right: Any) -> Any:
    if _are_integers(left, right):
        return Int.wrap(left - right)
    if _are_numbers(left, right):
        return float(left) - float(right)
    match left, right:
        case Time(), Time():
            return left.minus(right)
        case Time(), Duration():
            return left.plus(Duration.wrap(-right))
        case Duration(), Duration():
            return Duration.wrap(left - right)
    raise _mismatch("-", left, right)


def _multiply(left: Any, right: Any) -> Any:
    if _are_integers(left, right):
        return Int.wrap(left * right)
    if _are_numbers(left, right):
        return float(left) * float(right)
    for duration, factor in ((left, right), (right, left)):
        if duration.__class__ is Duration:
            if factor.__class__ in FLOATS:
                return float(duration) * float(factor)
            if factor.__class__ in INTEGERS or factor.__class__ is Duration:
                return Duration.wrap(duration * factor)
    raise _mismatch("*", left, right)


def _divide(left: Any, right: Any) -> float:
    if not _are_numbers(left, right):
        raise _mismatch("/", left, right)
    return divide(float(left), float(right))


def _modulo(left: Any, right: Any) -> Int:
    if not _are_integers(left, right):
        raise _mismatch("%", left, right)
    if not right:
        raise GoError("a division by zero")
    rest = abs(int(left)) % abs(int(right))
    return Int(-rest if left < 0 else rest)


def _to_float(value: Any) -> float:
    if value.__class__ in FLOATS or value.__class__ in INTEGERS:
        return float(value)
    raise GoError(f"{type_of(value)} is no number")


def negate(value: Any) -> Any:
    """`-`: a number's opposite. Raises GoError."""
    if value.__class__ in FLOATS:
        return -float(value)
    if value.__class__ in INTEGERS:
        return value.__class__.wrap(-value)
    raise GoError(f"'-' is not defined on {type_of(value)}")


def truth(value: Any) -> bool:
    """A boolean. Raises GoError for anything else: nothing is taken for true or false."""
    if value.__class__ is not bool:
        raise GoError(f"true or false is wanted, found {type_of(value)}")
    return value


def text(value: Any) -> str:
    """A text. Raises GoError for anything else."""
    if value.__class__ is not str:
        raise GoError(f"a text is wanted, found {type_of(value)}")
    return value


def _matches(left: Any, right: Any) -> bool:
    try:
        pattern = compile_regex(text(right))
    except RegexError as error:
        raise GoError(str(error)) from None
    return pattern.matches(text(left))


def fetch(value: Any, key: Any) -> Any:
    """`value.key` and `value[key]`: a method, the element of a list, what a map has. Raises GoError."""
    if isinstance(value, dict):
        return look_up(value, key)
    if isinstance(value, list) or value.__class__ is str:
        index = to_int(key)
        return element(value, index + length(value) if index < 0 else index)
    methods = METHODS.get(value.__class__)
    if methods is not None and key.__class__ is str and key in methods:
        return GoFunction(methods[key], (value,))
    what = f"'{key}'" if key.__class__ is str else "of that kind"
    raise GoError(f"{type_of(value)} has no member {what}")


OPERATORS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "==": is_equal,
    "!=": lambda left, right: not is_equal(left, right),
    "<": less,
    ">": more,
    "<=": _ordering("<=", operator.le),
    ">=": _ordering(">=", operator.ge),
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "%": _modulo,
    **dict.fromkeys(("**", "^"), lambda left, right: power(_to_float(left), _to_float(right))),
    "in": is_in,
    "matches": _matches,
    "contains": lambda left, right: text(right) in text(left),
    "startsWith": lambda left, right: text(left).startswith(text(right)),
    "endsWith": lambda left, right: text(left).endswith(text(right)),
}
"""The operators that ask both of their operands."""
