"""Functions of jq about lists: searching, sorting, grouping and flattening them."""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

from sensors.languages.jq_frames import Run
from sensors.languages.jq_functions import Function
from sensors.languages.jq_lookup import places
from sensors.languages.jq_operators import ITEM_SIZE
from sensors.languages.jq_order import by_order, compare, equal
from sensors.languages.jq_values import JqError, Value, is_number, members, shown, to_float, unfit


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


def flatten(run: Run, value: Value, depth: Value = None) -> Value:
    items = members(value)
    if items is None:
        raise unfit("flatten", value)
    if depth is not None and not is_number(depth):
        raise unfit("flatten", depth)
    if depth is not None and (depth < 0 or depth != depth):
        raise JqError(f"flatten depth should not be negative: {shown(depth)}")
    flat: list[Value] = []
    _flatten_into(flat, run, items, -1.0 if depth is None else to_float(depth))
    return flat


def _flatten_into(flat: list[Value], run: Run, items: list[Value], depth: float) -> None:
    run.take(ITEM_SIZE * len(items))
    run.spend(len(items))
    for item in items:
        if item.__class__ is list and depth != 0:
            _flatten_into(flat, run, item, depth - 1)
        else:
            flat.append(item)


def sort_with(run: Run, name: str, value: Value, by: list[Value]) -> list[tuple[Value, Value]]:
    """Keys and items in the order of the keys; equal ones stay as they were."""
    if value.__class__ is not list:
        raise unfit(name, value)
    run.take(ITEM_SIZE * 8 * len(value))
    key = by_order(run)
    return sorted(zip(by, value, strict=True), key=lambda pair: key(pair[0]))


def sort(run: Run, value: Value) -> Value:
    return [item for _, item in sort_with(run, "sort", value, value)]


def groups(run: Run, name: str, value: Value, by: list[Value]) -> list[list[Value]]:
    """The items of equal keys together, in the order of the keys."""
    found: list[list[Value]] = []
    last: Value = None
    for key, item in sort_with(run, name, value, by):
        if not found or not equal(run, last, key):
            found.append([])
            last = key
        found[-1].append(item)
    return found


def unique(run: Run, value: Value) -> Value:
    return [group[0] for group in groups(run, "unique", value, value)]


def best(run: Run, name: str, value: Value, by: list[Value], sign: int) -> Value:
    """The item with the least key or, with the sign -1, the last of those with the greatest."""
    if value.__class__ is not list:
        raise unfit(name, value)
    run.spend(len(value))
    found = -1
    for place, key in enumerate(by):
        if found < 0 or (compare(run, by[found], key) > 0) == (sign > 0):
            found = place
    return value[found] if found >= 0 else None


def minimum(run: Run, value: Value) -> Value:
    return best(run, "min", value, value, 1)


def maximum(run: Run, value: Value) -> Value:
    return best(run, "max", value, value, -1)


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
    ("max", 0): maximum,
    ("min", 0): minimum,
    ("reverse", 0): reverse,
    ("rindex", 1): rindex,
    ("sort", 0): sort,
    ("transpose", 0): transpose,
    ("unique", 0): unique,
}
