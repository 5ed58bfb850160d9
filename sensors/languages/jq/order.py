"""The order of all values of jq, which is counted as work: values may be large."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any, Final

from sensors.languages.jq.values import Value, to_float

if TYPE_CHECKING:
    from sensors.languages.budget import Budget

_ORDER: Final = {type(None): 0, bool: 1, int: 3, float: 3, str: 4, list: 5, dict: 6}


def compare(budget: Budget, left: Value, right: Value) -> int:
    """Below, equal to or above zero: null < false < true < numbers < texts < arrays < objects; nan is less than any number."""
    kinds = _ORDER[left.__class__], _ORDER[right.__class__]
    if kinds[0] != kinds[1]:
        return -1 if kinds[0] < kinds[1] else 1
    match kinds[0]:
        case 0:
            return 0
        case 3:
            if left.__class__ is not right.__class__:
                left, right = to_float(left), to_float(right)
            return -1 if left < right or left != left else 0 if left == right else 1
        case 4:
            budget.read(min(len(left), len(right)))
            return int(left > right) - int(left < right)
        case 5:
            return _compare_lists(budget, left, right)
        case 6:
            names = sorted(left)
            if (order := _compare_lists(budget, names, sorted(right))) != 0:
                return order
            return _compare_lists(budget, [left[name] for name in names], [right[name] for name in names])
        case _:
            return int(left > right) - int(left < right)


def _compare_lists(budget: Budget, left: list[Value], right: list[Value]) -> int:
    for one, other in zip(left, right, strict=False):
        budget.spend(1)
        if (order := compare(budget, one, other)) != 0:
            return order
    return (len(left) > len(right)) - (len(left) < len(right))


def equal(budget: Budget, left: Value, right: Value) -> bool:
    return compare(budget, left, right) == 0


def by_order(budget: Budget) -> Callable[[Value], Any]:
    """A key to sort by."""

    def order(left: Value, right: Value) -> int:
        budget.spend(1)
        return compare(budget, left, right)

    return cmp_to_key(order)
