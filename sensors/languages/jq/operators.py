"""The operators of jq on two values."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sensors.languages.jq.order import compare, equal
from sensors.languages.jq.values import (
    JqError,
    Value,
    bounded,
    described,
    is_number,
    is_true,
    to_float,
    to_integer,
    type_name,
)

if TYPE_CHECKING:
    from sensors.languages.budget import Budget

ITEM_SIZE: Final = 8
"""Bytes that an item takes in a list."""

MEMBER_SIZE: Final = 100
"""Bytes that a member takes in an object."""

Operation = Callable[["Budget", Value, Value], Value]


def _unfit(verb: str, left: Value, right: Value) -> JqError:
    return JqError(f"cannot {verb}: {described(left)} and {described(right)}")


def _by_zero(verb: str, left: Value, right: Value) -> JqError:
    return JqError(f"cannot {verb} {described(left)} by: {described(right)}")


def _same_kind(left: Value, right: Value) -> str:
    """The type of both, empty if they have different ones."""
    kind = type_name(left)
    return kind if kind == type_name(right) else ""


def add(budget: Budget, left: Value, right: Value) -> Value:
    match _same_kind(left, right):
        case "number":
            return _calculated(left, right, lambda one, other: one + other)
        case "string":
            budget.take(len(left) + len(right))
            return left + right
        case "array":
            budget.take(ITEM_SIZE * (len(left) + len(right)))
            return left + right if left and right else left or right
        case "object":
            budget.take(MEMBER_SIZE * (len(left) + len(right)))
            return {**left, **right} if left and right else left or right
    if left is None or right is None:
        return right if left is None else left
    raise _unfit("add", left, right)


def subtract(budget: Budget, left: Value, right: Value) -> Value:
    match _same_kind(left, right):
        case "number":
            return _calculated(left, right, lambda one, other: one - other)
        case "array":
            return [item for item in left if not any(equal(budget, item, other) for other in right)]
    raise _unfit("subtract", left, right)


def multiply(budget: Budget, left: Value, right: Value) -> Value:
    match _same_kind(left, right):
        case "number":
            return _calculated(left, right, lambda one, other: one * other)
        case "object":
            return _merged(budget, left, right)
    if left.__class__ is str and is_number(right):
        return _repeated(budget, left, to_float(right))
    if right.__class__ is str and is_number(left):
        return _repeated(budget, right, to_float(left))
    raise _unfit("multiply", left, right)


def _merged(budget: Budget, left: dict[str, Value], right: dict[str, Value]) -> dict[str, Value]:
    budget.take(MEMBER_SIZE * (len(left) + len(right)))
    merged = dict(left)
    for name, value in right.items():
        before = merged.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            merged[name] = _merged(budget, before, value)
        else:
            merged[name] = value
    return merged


def _repeated(budget: Budget, text: str, count: float) -> str | None:
    if count < 0 or math.isnan(count):
        return None
    times = int(min(count, 1e10))
    budget.take(len(text) * times)
    return text * times


def divide(budget: Budget, left: Value, right: Value) -> Value:
    match _same_kind(left, right):
        case "number":
            if right == 0:
                raise _by_zero("divide", left, right)
            if left.__class__ is int and right.__class__ is int and left % right == 0:
                return left // right
            return to_float(left) / to_float(right)
        case "string":
            return split(budget, left, right) if left else []
    raise _unfit("divide", left, right)


def split(budget: Budget, text: str, separator: str) -> list[Value]:
    """A text in its pieces; without a separator, in its characters."""
    budget.take(len(text) * (1 if separator else ITEM_SIZE))
    pieces = text.split(separator) if separator else list(text)
    budget.spend(len(pieces))
    return pieces


def modulo(budget: Budget, left: Value, right: Value) -> Value:
    if _same_kind(left, right) != "number":
        raise _unfit("modulo", left, right)
    if left.__class__ is float or right.__class__ is float:
        if math.isnan(left) or math.isnan(right):
            return math.nan
        dividend, divisor = to_integer(left), to_integer(right)
    else:
        dividend, divisor = left, right
    if divisor == 0:
        raise _by_zero("modulo", left, right)
    rest = abs(dividend) % abs(divisor)
    return -rest if dividend < 0 else rest


def _calculated(left: Value, right: Value, calculate: Callable[[Value, Value], Value]) -> Value:
    """Integers stay such; with a double, both are doubles."""
    if left.__class__ is int and right.__class__ is int:
        return bounded(calculate(left, right))
    return calculate(to_float(left), to_float(right))


def _alternative(budget: Budget, left: Value, right: Value) -> Value:
    return left if is_true(left) else right


def _comparison(holds: Callable[[int], bool]) -> Operation:
    def operate(budget: Budget, left: Value, right: Value) -> bool:
        return holds(compare(budget, left, right))

    return operate


OPERATIONS: Final[dict[str, Operation]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "%": modulo,
    "//": _alternative,
    "==": _comparison(lambda order: order == 0),
    "!=": _comparison(lambda order: order != 0),
    "<": _comparison(lambda order: order < 0),
    "<=": _comparison(lambda order: order <= 0),
    ">": _comparison(lambda order: order > 0),
    ">=": _comparison(lambda order: order >= 0),
}
