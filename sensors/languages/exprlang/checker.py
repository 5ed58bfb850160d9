"""The checker of expr-lang: what cannot work, whatever the event, is refused before there is one.

Argo Events compiles an expression for each event without telling the names it will have, so a name may be anything.
What is known all the same decides: `1 + 'a'` is refused even behind `false &&`, and a name that is also a builtin's
(`type`, `count`, `date`, …) is that builtin. Arguments of functions that are no builtins are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from sensors.languages.exprlang.calls import (
    Misfit,
    overload,
    type_of_call,
    type_of_element,
    type_of_member,
    type_of_predicate,
)
from sensors.languages.exprlang.rules import RULES, coalesced
from sensors.languages.exprlang.signatures import BUILTINS, PREDICATES, Builtin
from sensors.languages.exprlang.tokens import ExprlangError
from sensors.languages.exprlang.tree import (
    Binary,
    BuiltinCall,
    Call,
    Chain,
    Closure,
    Conditional,
    Constant,
    Identifier,
    Let,
    ListNode,
    MapNode,
    Member,
    Node,
    Pointer,
    Slice,
    Unary,
)
from sensors.languages.exprlang.types import (
    ANY,
    BOOL,
    FLOAT,
    FUNCTION,
    INT,
    LIST,
    MAP,
    STRING,
    TIME,
    Known,
    Type,
    is_any,
    is_assignable,
    is_bool,
    is_comparable,
    is_integer,
    is_list,
    is_map,
    is_number,
    is_string,
    kind_of,
    name_of,
)
from sensors.languages.go.values import Int
from sensors.languages.regex_search import RegexError, compile_regex

ENVIRONMENT: Final = "$env"
"""The name of all names together."""


class Found(NamedTuple):
    """What is known of a node: its type, the kind of a list's elements if all are of one, the builtin that it names."""

    type: Known
    elem: Known = None
    builtin: Builtin | None = None


_NOTHING: Final = Found(ANY)
_POINTERS: Final[Mapping[str, Mapping[str, Type]]] = {
    "map": {"index": INT},
    "reduce": {"index": INT, "acc": ANY},
}
"""What a predicate may ask besides the element itself."""


def check(root: Node, text: str) -> None:
    """Note the types of all nodes in the tree. Raises ExprlangError."""
    _Checker(text).visit(root)


def literal_type(value: object) -> Known:
    """The type of a constant as it is written."""
    match value:
        case bool():
            return BOOL
        case Int():
            return INT
        case float():
            return FLOAT
        case str():
            return STRING
    return None


class _Checker:
    def __init__(self, text: str) -> None:
        self._text = text
        self._elements: list[tuple[Known, Mapping[str, Type]]] = []
        self._variables: list[tuple[str, Found]] = []

    def visit(self, node: Node) -> Found:
        """What is known of a node."""
        found = self._found(node)
        node.type = found.type
        return found

    def _found(self, node: Node) -> Found:
        match node:
            case Constant():
                return Found(literal_type(node.value))
            case Identifier():
                return self._identifier(node)
            case Unary():
                return Found(self._unary(node))
            case Binary():
                return Found(self._binary(node))
            case Chain():
                return self.visit(node.inner)
            case Member():
                return self._member(node)
            case Slice():
                return Found(self._slice(node))
            case Call():
                return self._call(node)
            case BuiltinCall():
                return Found(self._builtin(node))
            case Closure():
                return Found(self._closure(node))
            case Pointer():
                return Found(self._pointer(node))
            case Conditional():
                return Found(self._conditional(node))
            case Let():
                return self._let(node)
            case ListNode():
                return self._list(node)
            case MapNode():
                for key, value in node.pairs:
                    self.visit(key)
                    self.visit(value)
                return Found(MAP)
        raise AssertionError(node)

    def _identifier(self, node: Identifier) -> Found:
        for name, found in reversed(self._variables):
            if name == node.name:
                return found
        if node.name == ENVIRONMENT:
            return Found(MAP)
        return _of_environment(node.name)

    def _unary(self, node: Unary) -> Known:
        operand = self.visit(node.operand).type
        if node.operator in ("!", "not"):
            if is_bool(operand) or is_any(operand):
                return BOOL
        elif is_number(operand) or is_any(operand):
            return operand
        raise self._fault(node, f"'{node.operator}' is not defined on {name_of(operand)}")

    def _binary(self, node: Binary) -> Known:
        left = self.visit(node.left).type
        found = self.visit(node.right)
        right = found.type
        if node.operator == "??":
            return coalesced(left, right)
        if node.operator == "in":
            result: Known = BOOL if self._may_be_in(node, left, found) else None
        else:
            if node.operator == "matches":
                self._compile_pattern(node)
            result = RULES[node.operator](left, right)
        if result is None:
            kinds = f"{name_of(left)} and {name_of(right)}"
            raise self._fault(node, f"'{node.operator}' is not defined on {kinds}{self._hint(node)}")
        return result

    def _compile_pattern(self, node: Binary) -> None:
        if isinstance(node.right, Constant) and isinstance(node.right.value, str):
            try:
                node.pattern = compile_regex(node.right.value)
            except RegexError as error:
                raise self._fault(node.right, str(error)) from None

    def _may_be_in(self, node: Binary, left: Known, found: Found) -> bool:
        right = found.type
        if right == TIME:
            return is_string(left) or is_any(left)
        if right is not None and is_map(right):
            if left is not None and not is_any(left) and not is_assignable(left, right.key or ANY):
                raise self._fault(node, f"a map with keys of type {right.key} has none of type {left}")
            return True
        if right is not None and is_list(right):
            if not is_comparable(left, right.elem) or not is_comparable(left, found.elem):
                raise self._fault(node, f"no element of this list is of type {name_of(left)}")
            return True
        return is_any(right) or (is_any(left) and is_string(right))

    def _hint(self, node: Binary) -> str:
        """What to write instead of the name of a builtin, if one was taken for a value."""
        for side in (node.left, node.right):
            if isinstance(side, Identifier) and side.name in BUILTINS:
                return f": '{side.name}' is a function here, the value is get({ENVIRONMENT}, '{side.name}')"
        return ""

    def _member(self, node: Member) -> Found:
        base = self.visit(node.base).type
        key = self.visit(node.property).type
        name = node.property.value if isinstance(node.property, Constant) else None
        if not isinstance(name, str):
            name = None
        if isinstance(node.base, Identifier) and node.base.name == ENVIRONMENT:
            return _of_environment(name) if name is not None else _NOTHING
        return Found(self._ruled(lambda: type_of_member(base, key, name), node, node.base, node.property))

    def _slice(self, node: Slice) -> Known:
        base = self.visit(node.base).type
        if not (is_any(base) or is_string(base) or is_list(base)):
            raise self._fault(node, f"{name_of(base)} cannot be sliced")
        for bound in (node.start, node.stop):
            if bound is not None:
                found = self.visit(bound).type
                if not is_integer(found) and not is_any(found):
                    raise self._fault(bound, f"the bounds of a slice are integers, not {name_of(found)}")
        return base

    def _call(self, node: Call) -> Found:
        callee = self.visit(node.callee)
        if callee.builtin is not None:
            node.builtin = callee.builtin
            return Found(self._function(callee.builtin, node, node.arguments))
        if callee.type is None:
            raise self._fault(node, "nil is no function")
        if is_any(callee.type):
            return _NOTHING
        if (signature := callee.type.signature) is None:
            raise self._fault(node, f"{callee.type} is no function")
        found = [self.visit(argument).type for argument in node.arguments]
        return Found(self._ruled(lambda: overload("the method", (signature,), found), node, *node.arguments))

    def _builtin(self, node: BuiltinCall) -> Known:
        if node.name in PREDICATES:
            return self._predicate(node)
        if node.name == "get":
            return self._get(node)
        return self._function(BUILTINS[node.name], node, node.arguments)

    def _function(self, builtin: Builtin, node: Node, arguments: Sequence[Node]) -> Known:
        found = [self.visit(argument).type for argument in arguments]
        return self._ruled(lambda: type_of_call(builtin, found), node, *arguments)

    def _predicate(self, node: BuiltinCall) -> Known:
        collection = self.visit(node.arguments[0]).type
        if not is_list(collection) and not is_any(collection):
            raise self._fault(node.arguments[0], f"{node.name} wants a list, not {name_of(collection)}")
        self._elements.append((collection, _POINTERS.get(node.name, {})))
        answer = self.visit(node.arguments[1]).type
        self._elements.pop()
        assert answer is not None  # a closure has a type
        if len(node.arguments) == 3:
            self.visit(node.arguments[2])
        return self._ruled(lambda: type_of_predicate(node.name, collection, answer), node, *node.arguments)

    def _get(self, node: BuiltinCall) -> Known:
        if len(node.arguments) != 2:
            raise self._fault(node, f"get wants 2 arguments, found {len(node.arguments)}")
        value, key = node.arguments
        if isinstance(value, Identifier) and value.name == ENVIRONMENT:
            return None if isinstance(key, Constant) and isinstance(key.value, str) else ANY
        base = self.visit(value).type
        if is_any(base):
            return ANY
        if base is None or not (is_list(base) or is_map(base)):
            raise self._fault(value, f"{name_of(base)} has no elements")
        wanted = self.visit(key).type
        return self._ruled(lambda: type_of_element(base, wanted), node, value, key)

    def _ruled(self, rule: Callable[[], Known], node: Node, *arguments: Node) -> Known:
        """What a rule says; where it says nothing, the fault of the argument that does not fit."""
        try:
            return rule()
        except Misfit as misfit:
            at = node if misfit.argument is None else arguments[misfit.argument]
            raise self._fault(at, str(misfit)) from None

    def _closure(self, node: Closure) -> Known:
        found = self.visit(node.body).type
        if found is None:
            raise self._fault(node.body, "a predicate cannot be nil")
        return found

    def _pointer(self, node: Pointer) -> Known:
        if not self._elements:
            raise self._fault(node, "there is no element outside of a predicate")
        collection, pointers = self._elements[-1]
        if not node.name:
            return collection.elem if collection is not None and is_list(collection) else ANY
        if node.name not in pointers:
            raise self._fault(node, f"there is no #{node.name} here")
        return pointers[node.name]

    def _conditional(self, node: Conditional) -> Known:
        condition = self.visit(node.condition).type
        if not is_bool(condition) and not is_any(condition):
            raise self._fault(node.condition, f"a condition is true or false, not {name_of(condition)}")
        then, otherwise = self.visit(node.then).type, self.visit(node.otherwise).type
        if then is None or otherwise is None:
            return then or otherwise
        return then if is_assignable(then, otherwise) else ANY

    def _let(self, node: Let) -> Found:
        if node.name in BUILTINS or any(name == node.name for name, _ in self._variables):
            raise self._fault(node, f"there is a '{node.name}' already")
        self._variables.append((node.name, self.visit(node.value)))
        found = self.visit(node.body)
        self._variables.pop()
        return found

    def _list(self, node: ListNode) -> Found:
        kinds = [self.visit(element).type for element in node.elements]
        same = bool(kinds) and None not in kinds and len({kind_of(kind) for kind in kinds}) == 1
        return Found(LIST, elem=kinds[-1] if same else None)

    def _fault(self, node: Node, message: str) -> ExprlangError:
        return ExprlangError(message, self._text, node.column)


def _of_environment(name: str) -> Found:
    """What a name stands for that is no variable."""
    builtin = BUILTINS.get(name)
    return Found(FUNCTION, builtin=builtin) if builtin is not None else _NOTHING
