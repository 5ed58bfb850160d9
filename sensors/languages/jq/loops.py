"""Loops of jq: filters that are applied again and again, and those that stop another before it is at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from sensors.languages.jq.frames import Filter, Form, Frame, Output, Run, Trail, values
from sensors.languages.jq.lookup import at_index
from sensors.languages.jq.operators import add, subtract
from sensors.languages.jq.order import compare
from sensors.languages.jq.values import JqError, Value, described, is_number, is_true, unfit

Steps: TypeAlias = Callable[[Frame, Value, Trail | None], Iterable[tuple[bool, Value, Trail | None]]]
"""What follows a value in a search: outputs, and what to go on from (False)."""

_LOOP_SIZE: Final = 200
"""Bytes that a loop within a loop takes."""


def each(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
    """`.[]`"""
    if value.__class__ not in (list, dict):
        raise JqError(f"cannot iterate over: {described(value)}")
    if trail is not None:
        trail.check(value, "on iterating ")
    keys = sorted(value) if value.__class__ is dict else range(len(value))
    for key in keys:
        frame.run.spend(1)
        yield (value[key], None) if trail is None else (value[key], Trail(value[key], key, trail))


def each_if_any(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
    """`.[]?`"""
    return each(frame, value, trail) if value.__class__ in (list, dict) else []


def _searched(steps: Steps) -> Filter:
    """Go on from each value before the next one beside it is looked at, without a call within a call."""

    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        open_loops = [iter(steps(frame, value, trail))]
        while open_loops:
            step = next(open_loops[-1], None)
            if step is None:
                open_loops.pop()
                continue
            frame.run.spend(1)
            is_output, found, way = step
            if is_output:
                yield found, way
            else:
                frame.run.take(_LOOP_SIZE)
                open_loops.append(iter(steps(frame, found, way)))

    return form


def recurse(step: Filter = each_if_any, condition: Filter | None = None) -> Filter:
    def steps(frame: Frame, value: Value, trail: Trail | None) -> Iterator[tuple[bool, Value, Trail | None]]:
        yield True, value, trail
        for found, way in step(frame, value, trail):
            if condition is None:
                yield False, found, way
            else:
                for truth in values(condition, frame, found):
                    if is_true(truth):
                        yield False, found, way

    return _searched(steps)


def while_(condition: Filter, update: Filter) -> Filter:
    def steps(frame: Frame, value: Value, trail: Trail | None) -> Iterator[tuple[bool, Value, Trail | None]]:
        for truth in values(condition, frame, value):
            if is_true(truth):
                yield True, value, trail
                for found, way in update(frame, value, trail):
                    yield False, found, way

    return _searched(steps)


def until(condition: Filter, update: Filter) -> Filter:
    def steps(frame: Frame, value: Value, trail: Trail | None) -> Iterator[tuple[bool, Value, Trail | None]]:
        for truth in values(condition, frame, value):
            if is_true(truth):
                yield True, value, trail
            else:
                for found, way in update(frame, value, trail):
                    yield False, found, way

    return _searched(steps)


def repeat(body: Filter) -> Filter:
    """The same again and again, as gojq has it."""

    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        while True:
            frame.run.spend(1)
            yield from body(frame, value, trail)

    return form


def range_(*bounds: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for start, end, step in _bounds(bounds, frame, value):
            for bound in (start, end, step):
                if not is_number(bound):
                    raise unfit("range", bound)
            at, way = start, compare(frame.run, step, 0)
            while way * compare(frame.run, at, end) < 0:
                frame.run.spend(1)
                yield at, trail
                at = add(frame.run, at, step)

    return form


def _bounds(bounds: tuple[Filter, ...], frame: Frame, value: Value) -> Iterator[tuple[Value, Value, Value]]:
    """Start, end and step; the last named vary fastest."""
    first, *others = bounds
    for one in values(first, frame, value):
        if not others:
            yield 0, one, 1
            continue
        for two in values(others[0], frame, value):
            for three in values(others[1], frame, value) if len(others) > 1 else (1,):
                yield one, two, three


def first(body: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        for output in body(frame, value, trail):
            return (output,)
        return []

    return form


def last(body: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterable[Output]:
        outputs: list[Output] = []
        for output in body(frame, value, trail):
            outputs = [output]
        return outputs

    return form


def _counted(name: str, frame: Frame, value: Value, number: Filter) -> Iterator[Value]:
    """How many of them. Raises JqError for less than none."""
    for wanted in values(number, frame, value):
        if compare(frame.run, wanted, 0) < 0:
            raise JqError(f"{name} doesn't support negative {'index' if name == 'nth' else 'count'}")
        yield wanted


def _counting_down(run: Run, outputs: Iterable[Output], wanted: Value) -> Iterator[tuple[Output, int]]:
    """Outputs, and whether after each of them more (1), none (0) or less than none (-1) are left of what is wanted."""
    left = wanted
    for output in outputs:
        left = subtract(run, left, 1)
        yield output, compare(run, left, 0)


def limit(number: Filter, body: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for wanted in _counted("limit", frame, value, number):
            if wanted == 0:
                continue
            for output, left in _counting_down(frame.run, body(frame, value, trail), wanted):
                yield output
                if left <= 0:
                    break

    return form


def _skipped(run: Run, outputs: Iterable[Output], wanted: Value) -> Iterable[Output]:
    if wanted == 0:
        return outputs
    return (output for output, left in _counting_down(run, outputs, wanted) if left < 0)


def skip(number: Filter, body: Filter) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        for wanted in _counted("skip", frame, value, number):
            yield from _skipped(frame.run, body(frame, value, trail), wanted)

    return form


def nth(number: Filter, body: Filter | None = None) -> Filter:
    def form(frame: Frame, value: Value, trail: Trail | None) -> Iterator[Output]:
        if body is None:
            for place in values(number, frame, value):
                found = at_index(frame.run, value, place)
                if trail is not None:
                    trail.check(value)
                yield found, None if trail is None else Trail(found, place, trail)
            return
        for wanted in _counted("nth", frame, value, number):
            for output in _skipped(frame.run, body(frame, value, trail), wanted):
                yield output
                break

    return form


def _place(number: int) -> Form:
    """`first` and `last`"""
    return lambda: nth(lambda frame, value, trail: ((number, trail),))


FORMS: Final[dict[tuple[str, int], Form]] = {
    ("first", 0): _place(0),
    ("first", 1): first,
    ("last", 0): _place(-1),
    ("last", 1): last,
    ("limit", 2): limit,
    ("nth", 1): nth,
    ("nth", 2): nth,
    ("range", 1): range_,
    ("range", 2): range_,
    ("range", 3): range_,
    ("recurse", 0): recurse,
    ("recurse", 1): recurse,
    ("recurse", 2): recurse,
    ("repeat", 1): repeat,
    ("skip", 2): skip,
    ("until", 2): until,
    ("while", 2): while_,
}
