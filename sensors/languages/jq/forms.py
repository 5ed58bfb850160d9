"""Functions of jq whose arguments are filters, which they apply as often as they like: choices and searches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from sensors.languages.jq.assignments import modify, paths
from sensors.languages.jq.frames import Filter, Form, Frame, Output, Trail, values
from sensors.languages.jq.functions import delete_paths, has, total
from sensors.languages.jq.loops import each, recurse
from sensors.languages.jq.operators import ITEM_SIZE
from sensors.languages.jq.order import equal
from sensors.languages.jq.paths import Edit, get_path
from sensors.languages.jq.values import (
    Value,
    is_normal,
    is_number,
    is_true,
    to_float,
)


def empty() -> Filter:
    return lambda frame, value, trail: []


def select(condition: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        outputs = condition(frame, value, None)
        if outputs.__class__ is tuple:
            ((truth, _),) = outputs
            return ((value, trail),) if is_true(truth) else []
        return ((value, trail) for truth, _ in outputs if is_true(truth))

    return form


def _selecting(is_wanted: Callable[[Value], bool]) -> Form:
    """`strings` and its like."""
    return lambda: lambda frame, value, trail: ((value, trail),) if is_wanted(value) else []


def _of(*kinds: type) -> Form:
    return _selecting(lambda value: value.__class__ in kinds)


def mapped(change: Filter) -> Filter:
    """`map(f)`"""

    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        frame.run.take(ITEM_SIZE * (len(value) if value.__class__ in (list, dict) else 0))
        return (([output for item, _ in each(frame, value, None) for output in values(change, frame, item)], trail),)

    return form


def is_empty(body: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        for _ in body(frame, value, None):
            return ((False, trail),)
        return ((True, trail),)

    return form


def _quantified(wanted: bool) -> Form:
    """`any`, which ends at the first that is true, and `all`, which ends at the first that is not."""

    def build(*filters: Filter) -> Filter:
        source = filters[0] if len(filters) > 1 else each
        condition = filters[-1] if filters else None

        def form(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
            for item in values(source, frame, value):
                for truth in (item,) if condition is None else values(condition, frame, item):
                    if is_true(truth) is wanted:
                        return ((wanted, trail),)
            return ((not wanted, trail),)

        return form

    return build


def add_all(body: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        items = list(values(body, frame, value))
        frame.run.take(ITEM_SIZE * len(items))
        return ((total(frame.run, items), trail),)

    return form


def in_(container: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for item in values(container, frame, value):
            yield has(frame.run, item, value), trail

    return form


def among(*filters: Filter) -> Filter:
    """`IN(source; values)`"""
    *source, wanted = filters

    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        for other in values(wanted, frame, value):
            for one in values(source[0], frame, value) if source else (value,):
                frame.run.spend(1)
                if equal(frame.run, one, other):
                    return ((True, trail),)
        return ((False, trail),)

    return form


def path(body: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for keys in paths(body, frame, value):
            yield keys, trail

    return form


def all_paths(*condition: Filter) -> Filter:
    wanted = recurse() if not condition else _both(recurse(), select(condition[0]))

    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for keys in paths(wanted, frame, value):
            if keys:
                yield keys, trail

    return form


def _both(left: Filter, right: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for output, way in left(frame, value, trail):
            yield from right(frame, output, way)

    return form


def get(keys: Filter) -> Filter:
    """`getpath(keys)`"""

    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for way in values(keys, frame, value):
            found = get_path(frame.run, value, way)
            if trail is None:
                yield found, None
                continue
            trail.check(value)
            reached = trail
            for key in way:
                reached = Trail(found, key, reached)
            yield found, reached

    return form


def delete(body: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        return ((delete_paths(frame.run, value, list(paths(body, frame, value))), trail),)

    return form


def pick(body: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        edit, result = Edit(frame.run), None
        for keys in paths(body, frame, value):
            result = edit.set_path(result, keys, get_path(frame.run, value, keys))
        return ((result, trail),)

    return form


FORMS: Final[dict[tuple[str, int], Form]] = {
    ("IN", 1): among,
    ("IN", 2): among,
    ("add", 1): add_all,
    ("all", 0): _quantified(False),
    ("all", 1): _quantified(False),
    ("all", 2): _quantified(False),
    ("any", 0): _quantified(True),
    ("any", 1): _quantified(True),
    ("any", 2): _quantified(True),
    ("arrays", 0): _of(list),
    ("booleans", 0): _of(bool),
    ("del", 1): delete,
    ("empty", 0): empty,
    ("finites", 0): _selecting(lambda value: is_number(value) and not math.isinf(to_float(value))),
    ("getpath", 1): get,
    ("in", 1): in_,
    ("isempty", 1): is_empty,
    ("iterables", 0): _of(list, dict),
    ("map", 1): mapped,
    ("map_values", 1): lambda change: modify(each, change),
    ("normals", 0): _selecting(is_normal),
    ("nulls", 0): _of(type(None)),
    ("numbers", 0): _of(int, float),
    ("objects", 0): _of(dict),
    ("path", 1): path,
    ("paths", 0): all_paths,
    ("paths", 1): all_paths,
    ("pick", 1): pick,
    ("scalars", 0): _selecting(lambda value: value.__class__ not in (list, dict)),
    ("select", 1): select,
    ("strings", 0): _of(str),
    ("values", 0): _selecting(lambda value: value is not None),
}
