"""The syntax tree of an expr-lang expression. The checker notes types in it, the optimizer replaces nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sensors.languages.exprlang.signatures import Builtin
    from sensors.languages.exprlang.types import Known
    from sensors.languages.regex_search import Regex


@dataclass(slots=True, eq=False, kw_only=True)
class Node:
    """What all nodes have: where they begin, and the type that the checker found."""

    column: int = 0
    type: Known = None


@dataclass(slots=True, eq=False)
class Constant(Node):
    """A literal, or what the optimizer computed. `is_literal` says that it is a number, text or truth as it was written."""

    value: Any
    is_literal: bool = True


@dataclass(slots=True, eq=False)
class Identifier(Node):
    """A name: a variable, or a key of the environment."""

    name: str


@dataclass(slots=True, eq=False)
class Unary(Node):
    operator: str
    operand: Node


@dataclass(slots=True, eq=False)
class Binary(Node):
    operator: str
    left: Node
    right: Node
    pattern: Regex | None = None


@dataclass(slots=True, eq=False)
class Chain(Node):
    """What ends as nil as soon as a member with `?.` is asked of nil."""

    inner: Node


@dataclass(slots=True, eq=False)
class Member(Node):
    """`base.property`, `base?.property`, `base[property]`."""

    base: Node
    property: Node
    is_optional: bool = False


@dataclass(slots=True, eq=False)
class Slice(Node):
    base: Node
    start: Node | None
    stop: Node | None


@dataclass(slots=True, eq=False)
class Call(Node):
    """A call of what is no builtin of that name; the checker may find that it is one all the same."""

    callee: Node
    arguments: list[Node]
    builtin: Builtin | None = None


@dataclass(slots=True, eq=False)
class BuiltinCall(Node):
    """A call of a builtin. The optimizer sets `then`, what becomes of each element found, and that finding none is an error."""

    name: str
    arguments: list[Node]
    then: Node | None = None
    must_find: bool = False


@dataclass(slots=True, eq=False)
class Closure(Node):
    """What is asked of each element."""

    body: Node


@dataclass(slots=True, eq=False)
class Pointer(Node):
    """The element, or something about it: `#`, `#index`, `#acc`."""

    name: str


@dataclass(slots=True, eq=False)
class Conditional(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(slots=True, eq=False)
class Let(Node):
    name: str
    value: Node
    body: Node


@dataclass(slots=True, eq=False)
class ListNode(Node):
    elements: list[Node]


@dataclass(slots=True, eq=False)
class MapNode(Node):
    pairs: list[tuple[Node, Node]] = field(default_factory=list)


def children(node: Node) -> list[Node]:
    """The nodes right below, in the order in which they are written."""
    match node:
        case Unary():
            return [node.operand]
        case Binary():
            return [node.left, node.right]
        case Chain():
            return [node.inner]
        case Member():
            return [node.base, node.property]
        case Slice():
            return [each for each in (node.base, node.start, node.stop) if each is not None]
        case Call():
            return [node.callee, *node.arguments]
        case BuiltinCall():
            return list(node.arguments)
        case Closure():
            return [node.body]
        case Conditional():
            return [node.condition, node.then, node.otherwise]
        case Let():
            return [node.value, node.body]
        case ListNode():
            return list(node.elements)
        case MapNode():
            return [each for pair in node.pairs for each in pair]
    return []
