"""A jq query as a tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sensors.languages.jq.values import Value


@dataclass(frozen=True, slots=True)
class Identity:
    pass


@dataclass(frozen=True, slots=True)
class Literal:
    value: Value


@dataclass(frozen=True, slots=True)
class Index:
    base: Node
    key: Node


@dataclass(frozen=True, slots=True)
class Slice:
    base: Node
    start: Node
    end: Node


@dataclass(frozen=True, slots=True)
class Iterate:
    base: Node


@dataclass(frozen=True, slots=True)
class Pipe:
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comma:
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Sign:
    """`-operand` or `+operand`"""

    sign: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """`operator` is an arithmetic one or a comparison."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Alternative:
    """`left // right`"""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Update:
    """`=`, `|=`, or with the operator before it, as in `+=`."""

    operator: str
    target: Node
    value: Node


@dataclass(frozen=True, slots=True)
class If:
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Try:
    body: Node
    handler: Node | None


@dataclass(frozen=True, slots=True)
class Array:
    content: Node | None


@dataclass(frozen=True, slots=True)
class Object:
    """Names and values; without one, the value is the member of the input with that name."""

    members: Sequence[tuple[Node, Node | None]]


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: Sequence[Node]
    at: int


@dataclass(frozen=True, slots=True)
class Function:
    """A definition and what it is for. A parameter that begins with `$` is a value, and known without it as a filter, too."""

    name: str
    parameters: Sequence[str]
    body: Node
    rest: Node


@dataclass(frozen=True, slots=True)
class Bind:
    """`source as pattern ?// … | body`"""

    source: Node
    patterns: Sequence[Pattern]
    body: Node


@dataclass(frozen=True, slots=True)
class Reduce:
    source: Node
    pattern: Pattern
    start: Node
    update: Node


@dataclass(frozen=True, slots=True)
class Foreach:
    source: Node
    pattern: Pattern
    start: Node
    update: Node
    extract: Node


@dataclass(frozen=True, slots=True)
class Label:
    name: str
    body: Node


@dataclass(frozen=True, slots=True)
class Break:
    name: str
    at: int


Node: TypeAlias = (
    Identity
    | Literal
    | Index
    | Slice
    | Iterate
    | Pipe
    | Comma
    | Sign
    | Binary
    | Alternative
    | Update
    | If
    | Try
    | Array
    | Object
    | Variable
    | Call
    | Function
    | Bind
    | Reduce
    | Foreach
    | Label
    | Break
)


@dataclass(frozen=True, slots=True)
class Name:
    """`$name`"""

    name: str


@dataclass(frozen=True, slots=True)
class ArrayPattern:
    items: Sequence[Pattern]


@dataclass(frozen=True, slots=True)
class ObjectPattern:
    """Key, and the patterns of its value: one, or a name and one."""

    members: Sequence[tuple[Node, Sequence[Pattern]]]


Pattern: TypeAlias = Name | ArrayPattern | ObjectPattern
