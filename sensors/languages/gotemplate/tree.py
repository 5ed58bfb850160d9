"""The parts of a parsed template, as the grammar of text/template has them (https://pkg.go.dev/text/template)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Node:
    """`start` and `end` are offsets into the template's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Dot(Node):
    pass


@dataclass(frozen=True, slots=True)
class Nil(Node):
    pass


@dataclass(frozen=True, slots=True)
class Bool(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class String(Node):
    value: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number, as each of the types that can hold it; `text` decides which one it is where nothing else does."""

    text: str
    integer: int | None = None
    unsigned: int | None = None
    real: float | None = None
    imaginary: complex | None = None


@dataclass(frozen=True, slots=True)
class Field(Node):
    """`.a.b`, of the dot."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """`$x.a.b`; `slot` is where the variable is kept."""

    slot: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identifier(Node):
    """The name of a function."""

    name: str


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """`(…).a.b`, of a pipeline or of a function's result."""

    base: Operand
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Command(Node):
    """A word and its arguments."""

    words: Sequence[Operand]


@dataclass(frozen=True, slots=True)
class Pipeline(Node):
    """Commands, each with the result of the one before as its last argument. `slots` are the variables set to the result."""

    commands: Sequence[Command]
    slots: tuple[int, ...] = ()


Constant: TypeAlias = Nil | Bool | String | Number
Operand: TypeAlias = Dot | Nil | Bool | String | Number | Field | Variable | Identifier | Chain | Pipeline


@dataclass(frozen=True, slots=True)
class Text(Node):
    value: str


@dataclass(frozen=True, slots=True)
class Action(Node):
    pipeline: Pipeline


@dataclass(frozen=True, slots=True)
class If(Node):
    pipeline: Pipeline
    body: Sequence[Statement]
    otherwise: Sequence[Statement]


@dataclass(frozen=True, slots=True)
class With(Node):
    pipeline: Pipeline
    body: Sequence[Statement]
    otherwise: Sequence[Statement]


@dataclass(frozen=True, slots=True)
class Range(Node):
    """`otherwise` is for a list without elements."""

    pipeline: Pipeline
    body: Sequence[Statement]
    otherwise: Sequence[Statement]


@dataclass(frozen=True, slots=True)
class Break(Node):
    pass


@dataclass(frozen=True, slots=True)
class Continue(Node):
    pass


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`{{template "name" pipeline}}`."""

    name: str
    pipeline: Pipeline | None


Statement: TypeAlias = Text | Action | If | With | Range | Break | Continue | Call


@dataclass(frozen=True, slots=True)
class Body:
    """One template: what it consists of, and how many variables it has, `$` among them."""

    statements: Sequence[Statement]
    variables: int

    def is_empty(self) -> bool:
        """Whether there is nothing but blanks."""
        return all(isinstance(each, Text) and not each.value.strip() for each in self.statements)
