"""One evaluation of an expression: the names it sees, what it holds on the way, and what it may cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sensors.languages.budget import Budget
from sensors.languages.go.limits import GoError

if TYPE_CHECKING:
    from sensors.languages.exprlang.loops import Scope

Evaluate: TypeAlias = "Callable[[Frame], Any]"
"""A compiled node. It raises GoError or LimitExceeded."""

_MOST_ELEMENTS: Final = 1_000_000
"""Elements of all lists and maps that an evaluation makes, by expr-lang's own limit."""

_ELEMENT_BYTES: Final = 50


class Frame:
    """Everything that an evaluation knows. `names` is the environment without the helpers that every expression has."""

    __slots__ = ("_elements", "budget", "names", "scopes", "variables")

    def __init__(self, names: Mapping[str, Any], variables: int) -> None:
        self.names = names
        self.variables: list[Any] = [None] * variables
        self.scopes: list[Scope] = []
        self.budget = Budget()
        self._elements = 0

    def grow(self, count: int) -> None:
        """Count the elements of a list or map. Raises GoError if there are too many."""
        self._elements += count
        if self._elements >= _MOST_ELEMENTS:
            raise GoError("the lists and maps that it makes are too large")

    def made(self, value: Any) -> Any:
        """The same value, whose size is counted. Raises LimitExceeded if all values together are too large."""
        if value.__class__ is str:
            self.budget.take(len(value))
        elif isinstance(value, (list, dict)):
            self.budget.take(len(value) * _ELEMENT_BYTES)
        return value
