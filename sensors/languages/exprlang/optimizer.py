"""The optimizer of expr-lang, as far as it changes what an expression means.

It does more than make things fast: `x and false` never asks for x, `filter(…)[0]` stops at the first element found, and
`x in ['a', 'b']` becomes a set of texts, of which it is an error to ask for anything but a text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeGuard

from sensors.languages.exprlang.operators import OPERATORS
from sensors.languages.exprlang.tokens import ExprlangError
from sensors.languages.exprlang.tree import (
    Binary,
    BuiltinCall,
    Call,
    Chain,
    Closure,
    Conditional,
    Constant,
    Let,
    ListNode,
    MapNode,
    Member,
    Node,
    Slice,
    Unary,
)
from sensors.languages.exprlang.types import FLOAT, INT, kind_of
from sensors.languages.exprlang.values import IntSet, TextSet
from sensors.languages.go.values import Int

_MOST_FOLDS: Final = 1000
_AND: Final = ("and", "&&")
_OR: Final = ("or", "||")
_ARITHMETIC: Final = ("+", "-", "*", "/", "**", "^")

Change = Callable[[Node], Node]


def optimize(root: Node, text: str) -> Node:
    """The tree that is evaluated in the end. Raises ExprlangError for a division by zero that is written."""
    root = _walk(root, _use_sets)
    for _ in range(_MOST_FOLDS):
        folding = _Folding(text)
        root = _walk(root, folding.fold)
        if not folding.has_changed:
            break
    for change in (_use_bounds, _map_what_is_found, _count_what_is_found, _find_last, _find_first):
        root = _walk(root, change)
    return root


def _walk(node: Node, change: Change) -> Node:
    """Change all nodes from the leaves up. What the optimizer itself put behind a filter it does not look at again."""
    match node:
        case Unary():
            node.operand = _walk(node.operand, change)
        case Binary():
            node.left, node.right = _walk(node.left, change), _walk(node.right, change)
        case Chain():
            node.inner = _walk(node.inner, change)
        case Member():
            node.base, node.property = _walk(node.base, change), _walk(node.property, change)
        case Slice():
            node.base = _walk(node.base, change)
            node.start = _walk(node.start, change) if node.start is not None else None
            node.stop = _walk(node.stop, change) if node.stop is not None else None
        case Call():
            node.callee = _walk(node.callee, change)
            node.arguments = [_walk(argument, change) for argument in node.arguments]
        case BuiltinCall():
            node.arguments = [_walk(argument, change) for argument in node.arguments]
        case Closure():
            node.body = _walk(node.body, change)
        case Conditional():
            node.condition = _walk(node.condition, change)
            node.then, node.otherwise = _walk(node.then, change), _walk(node.otherwise, change)
        case Let():
            node.value, node.body = _walk(node.value, change), _walk(node.body, change)
        case ListNode():
            node.elements = [_walk(element, change) for element in node.elements]
        case MapNode():
            node.pairs = [(_walk(key, change), _walk(value, change)) for key, value in node.pairs]
    return change(node)


def _is_literal(node: Node, *classes: type) -> TypeGuard[Constant]:
    return isinstance(node, Constant) and node.is_literal and node.value.__class__ in classes


def _use_sets(node: Node) -> Node:
    if not (isinstance(node, Binary) and node.operator == "in" and isinstance(node.right, ListNode)):
        return node
    elements = node.right.elements
    values = [element.value for element in elements if isinstance(element, Constant)]
    if elements and kind_of(node.left.type) == "int" and all(_is_literal(element, Int) for element in elements):
        members: Any = IntSet(values)
    elif elements and all(_is_literal(element, str) for element in elements):
        members = TextSet(values)
    else:
        return node
    return Binary("in", node.left, Constant(members, is_literal=False), column=node.column)


class _Folding:
    """One pass over the tree in which what is known of constants is put in their place."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.has_changed = False

    def fold(self, node: Node) -> Node:
        folded = self._folded(node)
        if folded is None:
            return node
        self.has_changed = True
        folded.column = node.column
        return folded

    def _folded(self, node: Node) -> Node | None:
        """What takes the place of a node, None if it stays."""
        match node:
            case Unary():
                return self._unary(node)
            case Binary():
                return self._binary(node)
            case ListNode() if node.elements and all(
                _is_literal(each, Int, float, str, bool) for each in node.elements
            ):
                values = [each.value for each in node.elements if isinstance(each, Constant)]
                return Constant(values, is_literal=False)
            case BuiltinCall(name="filter", arguments=[BuiltinCall(name="filter") as inner, predicate]):
                both = Binary("&&", inner.arguments[1], predicate)
                return BuiltinCall("filter", [inner.arguments[0], both])
        return None

    def _unary(self, node: Unary) -> Node | None:
        operand = node.operand
        if node.operator in ("!", "not"):
            return Constant(not operand.value) if _is_literal(operand, bool) else None
        if _is_literal(operand, Int):
            return Constant(Int.wrap(-operand.value if node.operator == "-" else operand.value), type=INT)
        if _is_literal(operand, float):
            return Constant(-operand.value if node.operator == "-" else operand.value, type=FLOAT)
        return None

    def _binary(self, node: Binary) -> Node | None:
        left, right, operator = node.left, node.right, node.operator
        if operator in _AND or operator in _OR:
            return self._logical(left, right, operator in _AND)
        if operator == "==":
            same = any(_is_literal(left, kind) and _is_literal(right, kind) for kind in (Int, str, bool))
            return self._computed(operator, left, right) if same else None
        if operator == "%" and _is_literal(left, Int) and _is_literal(right, Int):
            if not right.value:
                raise ExprlangError("a division by zero", self._text, node.column)
            return self._computed(operator, left, right)
        if operator in _ARITHMETIC and _is_literal(left, Int, float) and _is_literal(right, Int, float):
            computed = self._computed(operator, left, right)
            computed.type = INT if computed.value.__class__ is Int else FLOAT
            return computed
        if operator == "+" and _is_literal(left, str) and _is_literal(right, str):
            return self._computed(operator, left, right)
        return None

    def _logical(self, left: Node, right: Node, neutral: bool) -> Node | None:
        """`and`, of which true is the neutral operand, or `or`, of which false is."""
        if _is_literal(left, bool) and left.value is neutral:
            return right
        if _is_literal(right, bool) and right.value is neutral:
            return left
        if _is_literal(left, bool) or _is_literal(right, bool):
            return Constant(not neutral)
        return None

    def _computed(self, operator: str, left: Node, right: Node) -> Constant:
        assert isinstance(left, Constant)
        assert isinstance(right, Constant)
        return Constant(OPERATORS[operator](left.value, right.value))


def _use_bounds(node: Node) -> Node:
    """`x in 1..3`, of an integer, is two comparisons."""
    match node:
        case Binary(operator="in", left=left, right=Binary(operator="..", left=start, right=stop)):
            if kind_of(left.type) == "int" and _is_literal(start, Int) and _is_literal(stop, Int):
                above, below = Binary(">=", left, start), Binary("<=", left, stop)
                return Binary("and", above, below, column=node.column)
    return node


def _map_what_is_found(node: Node) -> Node:
    match node:
        case BuiltinCall(name="map", arguments=[BuiltinCall(name="filter", then=None) as found, Closure() as then]):
            return BuiltinCall("filter", found.arguments, then.body, column=node.column)
    return node


def _count_what_is_found(node: Node) -> Node:
    match node:
        case BuiltinCall(name="len", arguments=[BuiltinCall(name="filter") as found]):
            return BuiltinCall("count", found.arguments, column=node.column)
    return node


def _find_last(node: Node) -> Node:
    return _find(node, -1, "last", "findLast")


def _find_first(node: Node) -> Node:
    return _find(node, 0, "first", "find")


def _find(node: Node, index: int, function: str, found_by: str) -> Node:
    """Of all that a filter finds only one is asked for."""
    match node:
        case Member(is_optional=False, base=BuiltinCall(name="filter") as found, property=chosen):
            if _is_literal(chosen, Int) and chosen.value == index:
                return BuiltinCall(found_by, found.arguments, found.then, must_find=True, column=node.column)
        case BuiltinCall(name=name, arguments=[BuiltinCall(name="filter") as found]) if name == function:
            return BuiltinCall(found_by, found.arguments, found.then, column=node.column)
    return node
