"""`as [$a, {b: $c}]`: patterns that take a value apart and give names to its parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from sensors.languages.jq import tree
from sensors.languages.jq.frames import Filter, Frame, values
from sensors.languages.jq.lookup import at_index
from sensors.languages.jq.values import JqError, Value, described

Binder: TypeAlias = Callable[[Frame, Value], Iterable[Frame]]
"""The frames for a value, one for each way in which the pattern fits."""

_Parts: TypeAlias = dict[str, Value]


def names_in(pattern: tree.Pattern) -> Iterator[str]:
    match pattern:
        case tree.Name(name):
            yield name
        case tree.ArrayPattern(items):
            for item in items:
                yield from names_in(item)
        case tree.ObjectPattern(members):
            for _, inner in members:
                for each in inner:
                    yield from names_in(each)


def binder(pattern: tree.Pattern, names: Sequence[str], compile: Callable[[tree.Node], Filter]) -> Binder:
    """Give a frame to each name; those that this pattern does not have are null."""
    if isinstance(pattern, tree.Name) and len(names) == 1:
        return lambda frame, value: (Frame(frame.run, value, frame),)
    fit = _fitting(pattern, compile)

    def bind(frame: Frame, value: Value) -> Iterator[Frame]:
        for parts in fit(frame, value, {}):
            inner = frame
            for name in names:
                inner = Frame(frame.run, parts.get(name), inner)
            yield inner

    return bind


_Fit: TypeAlias = Callable[[Frame, Value, _Parts], Iterable[_Parts]]


def _fitting(pattern: tree.Pattern, compile: Callable[[tree.Node], Filter]) -> _Fit:
    match pattern:
        case tree.Name(name):
            return lambda frame, value, parts: ({**parts, name: value},)
        case tree.ArrayPattern(items):
            return _all([(tree.Literal(place), [item]) for place, item in enumerate(items)], compile, list)
        case tree.ObjectPattern(members):
            return _all(members, compile, dict)


def _all(
    members: Sequence[tuple[tree.Node, Sequence[tree.Pattern]]], compile: Callable[[tree.Node], Filter], kind: type
) -> _Fit:
    steps = [(compile(key), [_fitting(each, compile) for each in patterns]) for key, patterns in members]

    def fit(frame: Frame, value: Value, parts: _Parts, at: int = 0) -> Iterator[_Parts]:
        if at == len(steps):
            yield parts
            return
        if kind is list and value is not None and value.__class__ is not list:
            raise JqError(f"expected an array but got: {described(value)}")
        key, inner = steps[at]
        for name in values(key, frame, value):
            for found in _within(inner, frame, at_index(frame.run, value, name), parts):
                yield from fit(frame, value, found, at + 1)

    return fit


def _within(patterns: Sequence[_Fit], frame: Frame, value: Value, parts: _Parts) -> Iterator[_Parts]:
    first, *others = patterns
    for found in first(frame, value, parts):
        if others:
            yield from _within(others, frame, value, found)
        else:
            yield found
