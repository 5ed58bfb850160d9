"""What an expression can hardly mean, though Argo Events accepts it and then skips every event in silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from sensors.languages.exprlang.signatures import BUILTINS
from sensors.languages.exprlang.tree import (
    Binary,
    Call,
    Constant,
    Identifier,
    Let,
    ListNode,
    Member,
    Node,
    Unary,
    children,
)
from sensors.languages.go.values import Int
from sensors.languages.sprig.refused import REFUSED


def find_traps(root: Node, helpers: Mapping[str, Any]) -> tuple[str, ...]:
    """What is suspicious in a tree, in words, in the order in which it is written."""
    nodes = list(_every(root))
    variables = {node.name for node in nodes if isinstance(node, Let)}
    found = (_trap(node, variables, helpers) for node in nodes)
    return tuple(dict.fromkeys(filter(None, found)))


def _every(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _every(child)


def _trap(node: Node, variables: set[str], helpers: Mapping[str, Any]) -> str:
    match node:
        case Call(callee=Identifier(name=name)) if name not in variables and name not in helpers:
            return f"there is no function '{name}'{_similar(name, [*BUILTINS, *helpers])}"
        case Call(callee=Member(base=Identifier(name="sprig"), property=Constant(value=name))):
            if name in REFUSED:
                return f"sprig.{name} is refused: {REFUSED[name]}"
            if name not in helpers["sprig"]:
                return f"sprig has no function '{name}'{_similar(name, list(helpers['sprig']))}"
        case Binary(operator="%", left=left) if _is_of_event(left):
            return "'%' wants integers, and numbers of an event are none: write int(…) around them"
        case Binary(operator="==" | "!=", left=left, right=right):
            if (_is_of_event(left) and _has_integers(right)) or (_is_of_event(right) and _has_integers(left)):
                return "a list of integers never equals one of an event, whose numbers are none: write [1.0, 2.0]"
    return ""


def _is_of_event(node: Node) -> bool:
    """Whether it is a name, or a path that begins with one."""
    while isinstance(node, Member):
        node = node.base
    return isinstance(node, Identifier)


def _has_integers(node: Node) -> bool:
    if not isinstance(node, ListNode):
        return False
    values = [element.operand if isinstance(element, Unary) else element for element in node.elements]
    return any(isinstance(value, Constant) and isinstance(value.value, Int) for value in values)


def _similar(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; did you mean '{near[0]}'?" if near else ""
