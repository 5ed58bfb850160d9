"""What lies at a key of a value of jq: a name, a place, a part of a list, or a slice."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sensors.languages.jq.order import equal
from sensors.languages.jq.values import JqError, Value, described, is_number, to_integer

if TYPE_CHECKING:
    from sensors.languages.budget import Budget


def clamp(index: int, least: int, length: int) -> int:
    """An index, from the end if it is negative, within `least` and the length."""
    return max(least, min(index + length if index < 0 else index, length))


def at_index(budget: Budget, value: Value, key: Value) -> Value:
    """`value[key]`"""
    match key:
        case str():
            if value is None:
                return None
            if value.__class__ is not dict:
                raise JqError(f"expected an object but got: {described(value)}")
            return value.get(key)
        case bool() | None:
            raise _unfit_key(value, key)
        case int() | float():
            if value is None:
                return None
            if value.__class__ not in (list, str):
                raise JqError(f"expected an array but got: {described(value)}")
            place = clamp(to_integer(key), -1, len(value))
            return value[place] if 0 <= place < len(value) else None
        case list():
            if value is None:
                return None
            if value.__class__ is not list:
                raise JqError(f"expected an array but got: {described(value)}")
            return places(budget, value, key)
        case _:
            return None if value is None else at_slice(value, *bounds(key))


def _unfit_key(value: Value, key: Value) -> JqError:
    kind = {list: "a number for indexing an array", str: "a number for indexing a string"}.get(value.__class__)
    return JqError(f"expected {kind or 'a string for object key'} but got: {described(key)}")


def bounds(key: dict[str, Value]) -> tuple[Value, Value]:
    """The ends of a slice in a path."""
    if "start" not in key or "end" not in key:
        raise JqError(f'expected "start" and "end" for slicing but got: {described(key)}')
    return key["start"], key["end"]


def at_slice(value: Value, start: Value, end: Value) -> Value:
    """`value[start:end]`"""
    if value is None:
        return None
    if value.__class__ not in (list, str):
        raise JqError(f"expected an array but got: {described(value)}")
    first, last = slice_places(value, start, end)
    return value[first:last]


def slice_places(value: list[Value] | str, start: Value, end: Value) -> tuple[int, int]:
    """Where a slice begins and ends."""
    for bound in (start, end):
        if bound is not None and not is_number(bound):
            kind = "an array" if value.__class__ is list else "a string"
            raise JqError(f"expected a number for indexing {kind} but got: {described(bound)}")
    length = len(value)
    first = 0 if start is None else clamp(to_integer(start), 0, length)
    if end is None:
        return first, length
    ceiling = float(math.ceil(end)) if end.__class__ is float and math.isfinite(end) else end
    return first, clamp(to_integer(ceiling), first, length)


def places(budget: Budget, value: list[Value], part: list[Value]) -> list[Value]:
    """Where a list begins within another."""
    if not part:
        return []
    return [at for at in range(len(value) - len(part) + 1) if _is_at(budget, value, at, part)]


def _is_at(budget: Budget, value: list[Value], at: int, part: list[Value]) -> bool:
    budget.spend(1)
    return all(equal(budget, value[at + place], item) for place, item in enumerate(part))
