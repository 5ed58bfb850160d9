"""Assignments of jq: `=`, `|=` and the likes of `+=`. They give the input with other values at the paths on their left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sensors.languages.jq.frames import Filter, Frame, Output, Trail, values
from sensors.languages.jq.operators import Operation
from sensors.languages.jq.paths import Edit, get_path
from sensors.languages.jq.values import Value


def paths(target: Filter, frame: Frame, value: Value) -> Iterator[list[Value]]:
    """The paths of a filter's outputs. Raises JqError if one was not found in the input."""
    for output, trail in target(frame, value, Trail(value)):
        assert trail is not None
        trail.check(output)
        yield trail.keys()


def assign(target: Filter, value: Filter) -> Filter:
    """`target = value`"""

    def assigned(frame: Frame, given: Value, trail: Trail | None) -> Iterator[Output]:
        for new in values(value, frame, given):
            edit, result = Edit(frame.run), given
            for path in paths(target, frame, given):
                result = edit.set_path(result, path, new)
            yield result, trail

    return assigned


def modify(target: Filter, change: Filter) -> Filter:
    """`target |= change`: the first output of the change; without one, what is there is deleted."""

    def modified(frame: Frame, given: Value, trail: Trail | None) -> Iterable[Output]:
        return ((_modified(frame, given, target, change), trail),)

    return modified


def operate(target: Filter, operation: Operation, value: Filter) -> Filter:
    """`target += value` and its like, once for each value."""

    def operated(frame: Frame, given: Value, trail: Trail | None) -> Iterator[Output]:
        for operand, way in value(frame, given, trail):

            def change(inner: Frame, present: Value, _: Trail | None, operand: Value = operand) -> Iterable[Output]:
                return ((operation(inner.run, present, operand), None),)

            yield _modified(frame, given, target, change), way

    return operated


def _modified(frame: Frame, given: Value, target: Filter, change: Filter) -> Value:
    edit, result = Edit(frame.run), given
    gone: list[Value] = []
    for path in paths(target, frame, given):
        for new, _ in change(frame, get_path(frame.run, result, path), None):
            result = edit.set_path(result, path, new)
            break
        else:
            gone.append(path)
    return edit.delete_paths(result, gone)
