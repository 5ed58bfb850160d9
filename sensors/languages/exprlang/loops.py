"""Predicates of expr-lang at work: what is asked of each element of a list, and what comes of the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sensors.languages.exprlang.operators import truth
from sensors.languages.exprlang.values import AnyMap, Groups, element, length
from sensors.languages.go.limits import GoError
from sensors.languages.go.values import Int

if TYPE_CHECKING:
    from sensors.languages.exprlang.frame import Evaluate, Frame

Loop: TypeAlias = "Callable[[Frame, Scope, Evaluate, Evaluate | None], Any]"
"""What a predicate gives: for a frame, a scope in it, what is asked, and what becomes of an element that is found."""


class Scope:
    """The elements that are gone through, of a list, a text or, as long as none is asked for, a map; and how far it got."""

    __slots__ = ("acc", "index", "size", "values")

    def __init__(self, values: Any) -> None:
        self.values = values
        self.size = length(values)
        self.index = 0
        self.acc: Any = None

    def current(self) -> Any:
        """The element. Raises GoError if there are none in order."""
        return element(self.values, self.index)

    def rounds(self, frame: Frame, start: int = 0) -> Iterator[None]:
        """One element after the other."""
        for index in range(start, self.size):
            self.index = index
            frame.budget.spend(1)
            yield

    def backwards(self, frame: Frame) -> Iterator[None]:
        """One element after the other, the last one first."""
        for index in range(self.size - 1, -1, -1):
            self.index = index
            frame.budget.spend(1)
            yield


def _until(answer: bool, result: bool) -> Loop:
    """As soon as one answer is this, the result is that, else the opposite."""

    def loop(frame: Frame, scope: Scope, ask: Evaluate, then: Evaluate | None) -> bool:
        for _ in scope.rounds(frame):
            if truth(ask(frame)) is answer:
                return result
        return not result

    return loop


def _count(frame: Frame, scope: Scope, ask: Evaluate, then: Evaluate | None) -> Int:
    return Int(sum(truth(ask(frame)) for _ in scope.rounds(frame)))


def _one(frame: Frame, scope: Scope, ask: Evaluate, then: Evaluate | None) -> bool:
    return _count(frame, scope, ask, then) == 1


def _filter(frame: Frame, scope: Scope, ask: Evaluate, then: Evaluate | None) -> list[Any]:
    found = [then(frame) if then is not None else scope.current() for _ in scope.rounds(frame) if truth(ask(frame))]
    frame.grow(len(found))
    return found


def _map(frame: Frame, scope: Scope, ask: Evaluate, then: Evaluate | None) -> list[Any]:
    made = [ask(frame) for _ in scope.rounds(frame)]
    frame.grow(len(made))
    return made


_MISSING: Final = object()


def _find(frame: Frame, scope: Scope, ask: Evaluate, then: Evaluate | None) -> Any:
    return _found(frame, scope, scope.rounds(frame), ask, then)


def _find_last(frame: Frame, scope: Scope, ask: Evaluate, then: Evaluate | None) -> Any:
    return _found(frame, scope, scope.backwards(frame), ask, then)


def _found(frame: Frame, scope: Scope, rounds: Iterator[None], ask: Evaluate, then: Evaluate | None) -> Any:
    for _ in rounds:
        if truth(ask(frame)):
            return then(frame) if then is not None else scope.current()
    return _MISSING


def or_nil(loop: Loop) -> Loop:
    """With nil for what is not found."""

    def run(frame: Frame, scope: Scope, ask: Evaluate, then: Evaluate | None) -> Any:
        found = loop(frame, scope, ask, then)
        return None if found is _MISSING else found

    return run


def or_error(loop: Loop) -> Loop:
    """With a GoError for what is not found."""

    def run(frame: Frame, scope: Scope, ask: Evaluate, then: Evaluate | None) -> Any:
        found = loop(frame, scope, ask, then)
        if found is _MISSING:
            raise GoError("the index is out of range: nothing was found")
        return found

    return run


def _index(loop: Loop) -> Loop:
    """Not the element, but where it is."""

    def where(frame: Frame, scope: Scope, ask: Evaluate, then: Evaluate | None) -> Any:
        return loop(frame, scope, ask, lambda frame: Int(scope.index))

    return where


def _group(frame: Frame, scope: Scope, ask: Evaluate, then: Evaluate | None) -> Groups:
    groups = Groups()
    for _ in scope.rounds(frame):
        key = ask(frame)
        groups.setdefault(AnyMap.key(key), []).append(scope.current())
    return groups


def _reduce(frame: Frame, scope: Scope, ask: Evaluate, then: Evaluate | None) -> Any:
    """`then` gives what it begins with; without one it is the first element."""
    if then is not None:
        scope.acc, start = then(frame), 0
    else:
        scope.acc, start = scope.current(), 1
    for _ in scope.rounds(frame, start):
        scope.acc = ask(frame)
    return scope.acc


FINDING: Final[Mapping[str, Loop]] = {"find": _find, "findLast": _find_last}
LOOPS: Final[Mapping[str, Loop]] = {
    "all": _until(False, False),
    "any": _until(True, True),
    "none": _until(True, False),
    "one": _one,
    "count": _count,
    "filter": _filter,
    "map": _map,
    **{name: or_nil(loop) for name, loop in FINDING.items()},
    "findIndex": or_nil(_index(_find)),
    "findLastIndex": or_nil(_index(_find_last)),
    "groupBy": _group,
    "reduce": _reduce,
}
"""The predicates by name."""
