"""Functions of jq that put filters to work on lists, objects and streams of events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from sensors.languages.jq.assignments import modify
from sensors.languages.jq.forms import mapped
from sensors.languages.jq.frames import Filter, Form, Frame, Output, Run, Trail, values
from sensors.languages.jq.functions import from_entries, length, to_entries, to_string
from sensors.languages.jq.lists import greatest, groups, least, sorted_by, uniques
from sensors.languages.jq.lookup import at_index, at_slice
from sensors.languages.jq.loops import each, limit, repeat
from sensors.languages.jq.operators import ITEM_SIZE, MEMBER_SIZE, add
from sensors.languages.jq.order import compare
from sensors.languages.jq.paths import Edit
from sensors.languages.jq.steps import collected, identity
from sensors.languages.jq.values import JqError, Value, described, members, unfit


def _by(name: str, compute: Callable[[Run, list[Value], list[Value]], Value]) -> Form:
    """A function of a list, whose items are looked at by all that a filter gives for each of them."""

    def build(key: Filter) -> Filter:
        def form(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
            keys = [list(values(key, frame, item)) for item, _ in each(frame, value, None)]
            frame.run.take(ITEM_SIZE * 8 * len(keys))
            if value.__class__ is not list:
                raise unfit(name, value, keys)
            return ((compute(frame.run, value, keys), trail),)

        return form

    return build


def walk(change: Filter) -> Filter:
    def within(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        frame.run.spend(1)
        if value.__class__ is list:
            inner: Iterable[Output] = inside_list(frame, value, trail)
        elif value.__class__ is dict:
            inner = inside_object(frame, value, trail)
        else:
            inner = ((value, trail),)
        for output, way in inner:
            yield from change(frame, output, way)

    inside_list, inside_object = mapped(within), modify(each, within)
    return within


def with_entries(change: Filter) -> Filter:
    change_all = mapped(change)

    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        ((entries, _),) = change_all(frame, to_entries(frame.run, value), None)
        return ((from_entries(frame.run, entries), trail),)

    return form


def combinations(number: Filter | None = None) -> Filter:
    """One of each list, in all ways; with a number, of so many times the input."""
    lists = identity if number is None else collected(limit(number, repeat(identity)))

    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for rest, way in lists(frame, value, trail):
            for chosen in combined(frame, rest, []):
                yield chosen, way

    def combined(frame: Frame, rest: Value, chosen: list[Value]) -> Iterator[Value]:
        if length(frame.run, rest) == 0:
            yield chosen
            return
        for item in values(each, frame, at_index(frame.run, rest, 0)):
            frame.run.take(ITEM_SIZE * (len(chosen) + 1))
            yield from combined(frame, at_slice(rest, 1, None), [*chosen, item])

    return form


def index_by(*filters: Filter) -> Filter:
    """`INDEX(stream; key)`: an object of the values by what the filter gives for each."""
    source, key = (each, filters[0]) if len(filters) == 1 else filters

    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        found: dict[str, Value] = {}
        for row in values(source, frame, value):
            for name in values(key, frame, row):
                frame.run.take(MEMBER_SIZE)
                found[to_string(frame.run, name)] = row
        return ((found, trail),)

    return form


def join_with(index: Filter, *filters: Filter) -> Filter:
    """`JOIN($index; stream; key; change)`: values with what an object has for each."""
    source, key, change = (None, filters[0], None) if len(filters) == 1 else (*filters, None)[:3]
    assert key is not None

    def rows(frame: Frame, value: Value, known: Value, source: Filter) -> Iterator[list[Value]]:
        for row in values(source, frame, value):
            frame.run.spend(1)
            yield [row, *(at_index(frame.run, known, name) for name in values(key, frame, row))]

    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for known in values(index, frame, value):
            if source is None:
                yield list(rows(frame, value, known, each)), trail
                continue
            for row in rows(frame, value, known, source):
                if change is None:
                    yield row, trail
                else:
                    yield from change(frame, row, trail)

    return form


def to_stream() -> Filter:
    """The leaves with their paths, and after each list or object the path of its last member."""

    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for event in events(frame.run, value, []):
            yield event, trail
        if members(value):
            yield [[last_key(value)]], trail

    def events(run: Run, value: Value, before: list[Value]) -> Iterator[Value]:
        run.take(ITEM_SIZE * (len(before) + 2))
        if not members(value):
            yield [before, value]
            return
        for key in sorted(value) if value.__class__ is dict else range(len(value)):
            inner = value[key]
            yield from events(run, inner, [*before, key])
            if members(inner):
                yield [[*before, key, last_key(inner)]]

    def last_key(value: Value) -> Value:
        return max(value) if value.__class__ is dict else len(value) - 1

    return form


def from_stream(source: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        run, edit, state = frame.run, Edit(frame.run), None
        for event in values(source, frame, value):
            if event is not None and event.__class__ is not list:
                raise JqError(f"expected an array but got: {described(event)}")
            keys, leaf = at_index(run, event, 0), at_index(run, event, 1)
            if length(run, event) == 2:
                state = edit.set_path(state, add(run, ["v"], keys), leaf)
                is_whole = length(run, keys) == 0
            else:
                is_whole = length(run, keys) == 1
            if is_whole:
                yield (state or {}).get("v"), trail
                edit, state = Edit(run), None

    return form


def truncate_stream(source: Filter) -> Filter:
    """The events of a stream without the first keys of their paths, as many as the input says."""

    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for event, way in source(frame, None, trail):
            keys = at_index(frame.run, event, 0)
            if compare(frame.run, length(frame.run, keys), value) > 0:
                yield Edit(frame.run).set_path(event, [0], at_slice(keys, value, None)), way

    return form


FORMS: Final[dict[tuple[str, int], Form]] = {
    ("INDEX", 1): index_by,
    ("INDEX", 2): index_by,
    ("JOIN", 2): join_with,
    ("JOIN", 3): join_with,
    ("JOIN", 4): join_with,
    ("combinations", 0): combinations,
    ("combinations", 1): combinations,
    ("fromstream", 1): from_stream,
    ("group_by", 1): _by("group_by", groups),
    ("max_by", 1): _by("max_by", greatest),
    ("min_by", 1): _by("min_by", least),
    ("sort_by", 1): _by("sort_by", sorted_by),
    ("tostream", 0): to_stream,
    ("truncate_stream", 1): truncate_stream,
    ("unique_by", 1): _by("unique_by", uniques),
    ("walk", 1): walk,
    ("with_entries", 1): with_entries,
}
