"""Functions of jq about lists: searching, sorting, grouping and flattening them."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import zip_longest
from typing import Final

from sensors.languages.jq.frames import Function, Run
from sensors.languages.jq.lookup import places
from sensors.languages.jq.operators import ITEM_SIZE
from sensors.languages.jq.order import by_order, compare, equal
from sensors.languages.jq.values import JqError, Value, is_number, members, shown, to_float, unfit


def reverse(run: Run, value: Value) -> Value:
    if value.__class__ is not list:
        raise unfit("reverse", value)
    run.take(ITEM_SIZE * len(value))
    return value[::-1]


def _found_at(run: Run, name: str, value: Value, part: Value) -> list[Value] | None:
    if value is None:
        return None
    if value.__class__ is str and part.__class__ is str:
        run.read(len(value) * 16)
        starts = []
        at = value.find(part) if part else -1
        while at >= 0:
            starts.append(at)
            run.spend(1)
            at = value.find(part, at + 1)
        return starts
    if value.__class__ is not list:
        raise unfit(name, value, part)
    return places(run, value, part if part.__class__ is list else [part])


def indices(run: Run, value: Value, part: Value) -> Value:
    return _found_at(run, "indices", value, part)


def index(run: Run, value: Value, part: Value) -> Value:
    return next(iter(_found_at(run, "index", value, part) or ()), None)


def rindex(run: Run, value: Value, part: Value) -> Value:
    return next(reversed(_found_at(run, "rindex", value, part) or ()), None)


def flatten(run: Run, value: Value, depth: Value = math.inf) -> Value:
    items = members(value)
    if items is None:
        raise unfit("flatten", value)
    if not is_number(depth):
        raise unfit("flatten", depth)
    if depth < 0 or depth != depth:
        raise JqError(f"flatten depth should not be negative: {shown(depth)}")
    flat: list[Value] = []
    _flatten_into(flat, run, items, to_float(depth))
    return flat


def _flatten_into(flat: list[Value], run: Run, items: list[Value], depth: float) -> None:
    run.take(ITEM_SIZE * len(items))
    run.spend(len(items))
    for item in items:
        if item.__class__ is list and depth != 0:
            _flatten_into(flat, run, item, depth - 1)
        else:
            flat.append(item)


def _with_keys(run: Run, value: list[Value], by: list[Value]) -> list[tuple[Value, Value]]:
    """Keys and items in the order of the keys; equal ones stay as they were."""
    run.take(ITEM_SIZE * 8 * len(value))
    key = by_order(run)
    return sorted(zip(by, value, strict=True), key=lambda pair: key(pair[0]))


def sorted_by(run: Run, value: list[Value], by: list[Value]) -> list[Value]:
    """The items in the order of their keys."""
    return [item for _, item in _with_keys(run, value, by)]


def groups(run: Run, value: list[Value], by: list[Value]) -> list[list[Value]]:
    """The items of equal keys together, in the order of the keys."""
    found: list[list[Value]] = []
    last: Value = None
    for key, item in _with_keys(run, value, by):
        if not found or not equal(run, last, key):
            found.append([])
            last = key
        found[-1].append(item)
    return found


def uniques(run: Run, value: list[Value], by: list[Value]) -> list[Value]:
    """The first item of each key, in the order of the keys."""
    return [group[0] for group in groups(run, value, by)]


def least(run: Run, value: list[Value], by: list[Value]) -> Value:
    """The first of the items with the least key, null if there is none."""
    return _best(run, value, by, lambda order: order > 0)


def greatest(run: Run, value: list[Value], by: list[Value]) -> Value:
    """The last of the items with the greatest key, null if there is none."""
    return _best(run, value, by, lambda order: order <= 0)


def _best(run: Run, value: list[Value], by: list[Value], is_worse: Callable[[int], bool]) -> Value:
    run.spend(len(value))
    found = -1
    for place, key in enumerate(by):
        if found < 0 or is_worse(compare(run, by[found], key)):
            found = place
    return value[found] if found >= 0 else None


def _by_itself(name: str, compute: Callable[[Run, list[Value], list[Value]], Value]) -> Function:
    """A function of a list whose items are their own keys."""

    def function(run: Run, value: Value) -> Value:
        if value.__class__ is not list:
            raise unfit(name, value)
        return compute(run, value, value)

    return function


def transpose(run: Run, value: Value) -> Value:
    if value.__class__ is not list or any(row.__class__ is not list for row in value):
        raise unfit("transpose", value)
    run.take(ITEM_SIZE * len(value) * max(map(len, value), default=0))
    return [list(column) for column in zip_longest(*value)]


def bsearch(run: Run, value: Value, wanted: Value) -> Value:
    if value.__class__ is not list:
        raise unfit("bsearch", value, wanted)
    low, high = 0, len(value)
    while low < high:
        middle = (low + high) // 2
        if compare(run, value[middle], wanted) < 0:
            low = middle + 1
        else:
            high = middle
    return low if low < len(value) and equal(run, value[low], wanted) else -low - 1


FUNCTIONS: Final[dict[tuple[str, int], Function]] = {
    ("bsearch", 1): bsearch,
    ("flatten", 0): flatten,
    ("flatten", 1): flatten,
    ("index", 1): index,
    ("indices", 1): indices,
    ("max", 0): _by_itself("max", greatest),
    ("min", 0): _by_itself("min", least),
    ("reverse", 0): reverse,
    ("rindex", 1): rindex,
    ("sort", 0): _by_itself("sort", sorted_by),
    ("transpose", 0): transpose,
    ("unique", 0): _by_itself("unique", uniques),
}
