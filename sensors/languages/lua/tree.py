"""A Lua script as a tree, in which each name is resolved: it is a variable of some function, or global."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Operator = Literal["+", "-", "*", "/", "%", "^", "==", "~=", "<", "<=", ">", ">="]


@dataclass(eq=False, slots=True)
class Variable:
    """A local variable. One that an inner function knows too lives longer than the call that made it: it is shared."""

    name: str
    number: int
    owner: FunctionBody
    is_used: bool = False
    is_shared: bool = False


@dataclass(eq=False, slots=True)
class FunctionBody:
    """A function; `free` are variables of functions around it. `legacy` holds extra arguments for who does not say `...`."""

    outer: FunctionBody | None
    line: int
    is_variadic: bool = False
    parameters: list[Variable] = field(default_factory=list)
    legacy: Variable | None = None
    uses_varargs: bool = False
    free: dict[Variable, None] = field(default_factory=dict)
    block: Block = ()


@dataclass(frozen=True, slots=True)
class Constant:
    """None, a truth, a number or a text."""

    value: str | float | bool | None


@dataclass(frozen=True, slots=True)
class Varargs:
    pass


@dataclass(frozen=True, slots=True)
class Local:
    variable: Variable


@dataclass(frozen=True, slots=True)
class Global:
    name: str


@dataclass(frozen=True, slots=True)
class Index:
    base: Expression
    key: Expression


@dataclass(frozen=True, slots=True)
class Call:
    callee: Expression
    arguments: Sequence[Expression]


@dataclass(frozen=True, slots=True)
class MethodCall:
    base: Expression
    name: str
    arguments: Sequence[Expression]


@dataclass(frozen=True, slots=True)
class Single:
    """A call or `...` in parentheses, of whose values only the first counts."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    operator: Operator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Unary:
    operator: Literal["-", "not", "#"]
    operand: Expression


@dataclass(frozen=True, slots=True)
class Logic:
    """Two or more terms."""

    operator: Literal["and", "or"]
    terms: Sequence[Expression]


@dataclass(frozen=True, slots=True)
class Concatenation:
    """Two or more terms."""

    terms: Sequence[Expression]


@dataclass(frozen=True, slots=True)
class TableMaker:
    """Keys and values in their order; an element of a list has no key."""

    items: Sequence[tuple[Expression | None, Expression]]


@dataclass(frozen=True, slots=True)
class Closure:
    body: FunctionBody


Expression: TypeAlias = (
    Constant
    | Varargs
    | Local
    | Global
    | Index
    | Call
    | MethodCall
    | Single
    | Binary
    | Unary
    | Logic
    | Concatenation
    | TableMaker
    | Closure
)
Target: TypeAlias = Local | Global | Index


@dataclass(frozen=True, slots=True)
class Assign:
    line: int
    targets: Sequence[Target]
    values: Sequence[Expression]


@dataclass(frozen=True, slots=True)
class Declare:
    line: int
    variables: Sequence[Variable]
    values: Sequence[Expression]


@dataclass(frozen=True, slots=True)
class Evaluate:
    """A call whose values nobody wants."""

    line: int
    call: Call | MethodCall


@dataclass(frozen=True, slots=True)
class Do:
    line: int
    block: Block


@dataclass(frozen=True, slots=True)
class While:
    line: int
    condition: Expression
    block: Block


@dataclass(frozen=True, slots=True)
class Repeat:
    line: int
    block: Block
    condition: Expression


@dataclass(frozen=True, slots=True)
class If:
    line: int
    branches: Sequence[tuple[Expression, Block]]
    otherwise: Block


@dataclass(frozen=True, slots=True)
class CountingFor:
    line: int
    variable: Variable
    first: Expression
    last: Expression
    step: Expression
    block: Block


@dataclass(frozen=True, slots=True)
class IteratingFor:
    line: int
    variables: Sequence[Variable]
    values: Sequence[Expression]
    block: Block


@dataclass(frozen=True, slots=True)
class Return:
    line: int
    values: Sequence[Expression]


@dataclass(frozen=True, slots=True)
class Break:
    line: int
    at: int


@dataclass(frozen=True, slots=True)
class Label:
    line: int
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Goto:
    line: int
    name: str
    at: int


Statement: TypeAlias = (
    Assign | Declare | Evaluate | Do | While | Repeat | If | CountingFor | IteratingFor | Return | Break | Label | Goto
)
Block: TypeAlias = Sequence[Statement]
