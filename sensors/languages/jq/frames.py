"""One evaluation of a jq query: what it may cost, its variables, and the path on which a value was found.

A filter is a function of a frame, an input and the input's trail; it gives any number of outputs, each with its own trail.
A single output may come as a tuple, which is computed at once; none or several come as a list or a generator. Trails
exist only where a path is asked for, as in `path(f)` or on the left of an assignment; else they are None.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from sensors.languages.budget import Budget
from sensors.languages.jq.values import JqError, Value, described


class Run(Budget):
    """`now` gives seconds since 1970."""

    __slots__ = ("now",)

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.now = now


class Frame:
    """The innermost of the variables, parameters and labels that are known somewhere; the others are further out."""

    __slots__ = ("outer", "run", "value")

    def __init__(self, run: Run, value: Any = None, outer: Frame | None = None) -> None:
        self.run = run
        self.value = value
        self.outer = outer

    def out(self, steps: int) -> Frame:
        """The frame that is so many steps further out."""
        frame = self
        for _ in range(steps):
            assert frame.outer is not None
            frame = frame.outer
        return frame


class Trail:
    """How a value was reached: the key, the value there, and the trail of where the key was looked up."""

    __slots__ = ("before", "key", "value")

    def __init__(self, value: Value, key: Value = None, before: Trail | None = None) -> None:
        self.value = value
        self.key = key
        self.before = before

    def keys(self) -> list[Value]:
        """The path."""
        keys: list[Value] = []
        trail = self
        while trail.before is not None:
            keys.append(trail.key)
            trail = trail.before
        keys.reverse()
        return keys

    def check(self, value: Value, action: str = "") -> None:
        """Raises JqError if a value is not the one that was reached."""
        reached = self.value
        if value.__class__ in (list, dict):
            is_same = value is reached or (not value and value == reached)
        else:
            is_same = value.__class__ is reached.__class__ and (value == reached or value != value != reached)
        if not is_same:
            raise JqError(f"invalid path {action}against: {described(value)}")


Output: TypeAlias = tuple[Value, Trail | None]
Filter: TypeAlias = Callable[[Frame, Value, Trail | None], Iterable[Output]]

Function: TypeAlias = Callable[..., Value]
"""A function of the run, the input and the values of its arguments."""

Form: TypeAlias = Callable[..., Filter]
"""A function that is given its arguments as filters, and makes one of them."""


class Jump(Exception):
    """`break` on its way to the label that it names."""

    def __init__(self, label: object) -> None:
        super().__init__()
        self.label = label


class Halt(Exception):
    """The end of the query; no `try` catches it."""


def values(filter: Filter, frame: Frame, value: Value) -> Iterable[Value]:
    """The outputs without their trails."""
    for output, _ in filter(frame, value, None):
        yield output
