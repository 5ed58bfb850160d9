"""A parsed expression as typed values, independent of the library that parsed it.

Every node is a function of one value, the *given*: the document at the root, the element within a projection, the
result of the step before within a chain. JMESPath has no variables, so nothing else can influence it.
"""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sensors.languages.jmes.function import Function

Comparison: TypeAlias = Literal["eq", "ne", "lt", "lte", "gt", "gte"]


@dataclass(frozen=True, slots=True)
class Given:
    """The given itself: `@`."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A value written in the expression."""

    value: Any


@dataclass(frozen=True, slots=True)
class Field:
    """`name`: a member of an object."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`[n]`: an element of an array, from the end if negative."""

    position: int


@dataclass(frozen=True, slots=True)
class Slice:
    """`[start:stop:step]`: some elements of an array."""

    start: int | None
    stop: int | None
    step: int | None


@dataclass(frozen=True, slots=True)
class Flatten:
    """`[]`: an array whose inner arrays gave way to their elements."""

    base: "Node"


@dataclass(frozen=True, slots=True)
class Chain:
    """`a.b`, `a[0]`, `a | b`: each step is given the result of the one before."""

    steps: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Projection:
    """`base[*].each`, `base[?condition].each`, `base.*.each` (`of_values`): what `each` makes of the elements, without nulls."""

    base: "Node"
    each: "Node"
    condition: "Node | None" = None
    of_values: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """`left == right` and the like."""

    comparison: Comparison
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Logic:
    """`a && b && …` or `a || b || …`: the value of the first term that decides, else that of the last."""

    operator: Literal["and", "or"]
    terms: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """`!term`."""

    term: "Node"


@dataclass(frozen=True, slots=True)
class MultiList:
    """`[a, b]`: an array of results; null for null."""

    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class MultiHash:
    """`{name: a, other: b}`: an object of results; null for null."""

    items: "tuple[tuple[str, Node], ...]"


@dataclass(frozen=True, slots=True)
class Reference:
    """`&body`: not its result but the expression itself; only ever an argument."""

    body: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """`function(arguments)`."""

    function: Function
    arguments: "tuple[Node, ...]"


Node: TypeAlias = (
    Given
    | Constant
    | Field
    | Index
    | Slice
    | Flatten
    | Chain
    | Projection
    | Compare
    | Logic
    | Not
    | MultiList
    | MultiHash
    | Reference
    | Call
)
