"""The compiler of expr-lang: from a checked and optimized tree to a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

from sensors.languages.exprlang.builtins import FUNCTIONS
from sensors.languages.exprlang.checker import ENVIRONMENT
from sensors.languages.exprlang.frame import Evaluate, Frame
from sensors.languages.exprlang.loops import FINDING, LOOPS, Scope, or_error
from sensors.languages.exprlang.operators import OPERATORS, fetch, negate, text, truth
from sensors.languages.exprlang.signatures import PREDICATES
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
from sensors.languages.exprlang.types import INT, STRING
from sensors.languages.exprlang.values import GoFunction, length, sliced, to_int
from sensors.languages.go.limits import GoError, check_items
from sensors.languages.go.values import Int, Ints, is_nil, type_of

_ONLY_HERE: Final = frozenset(
    {"len", "type", "abs", "ceil", "floor", "round", "int", "float", "string", "upper", "lower"}
)
"""Builtins that have no value of their own, so that nothing can be called that was a name for one."""


class _ChainEnds(Exception):
    """A member with `?.` was asked of nil."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


def compile_tree(root: Node, expression: str, helpers: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], Any]:
    """The function of the environment that a tree is. `helpers` are names that every environment has besides its own.

    It raises GoError or LimitExceeded. Raises ExprlangError.
    """
    compiler = _Compiler(expression, helpers)
    run = compiler.compile(root)
    variables = compiler.count
    return lambda names: run(Frame(names, variables))


class _Compiler:
    def __init__(self, expression: str, helpers: Mapping[str, Any]) -> None:
        self._text = expression
        self._helpers = helpers
        self._variables: list[tuple[str, int]] = []
        self.count = 0

    def compile(self, node: Node) -> Evaluate:
        """The function of a node."""
        match node:
            case Constant():
                return _constant(node.value)
            case Identifier():
                return self._identifier(node.name)
            case Unary():
                return self._unary(node)
            case Binary():
                return self._binary(node)
            case Chain():
                return _chain(self.compile(node.inner))
            case Member():
                return self._member(node)
            case Slice():
                return self._slice(node)
            case Call():
                return self._call(node)
            case BuiltinCall():
                return self._builtin(node)
            case Closure():
                return self.compile(node.body)
            case Pointer():
                return self._pointer(node)
            case Conditional():
                return _conditional(*map(self.compile, (node.condition, node.then, node.otherwise)))
            case Let():
                return self._let(node)
            case ListNode():
                return _list([self.compile(element) for element in node.elements])
            case MapNode():
                return _map([(self.compile(key), self.compile(value)) for key, value in node.pairs])
        raise AssertionError(node)

    def _identifier(self, name: str) -> Evaluate:
        for known, index in reversed(self._variables):
            if known == name:
                return lambda frame: frame.variables[index]
        helpers = self._helpers
        if name == ENVIRONMENT:
            return lambda frame: {**frame.names, **helpers}
        if name in helpers:
            return _constant(helpers[name])
        return lambda frame: frame.names.get(name)

    def _unary(self, node: Unary) -> Evaluate:
        operand = self.compile(node.operand)
        if node.operator == "+":
            return operand
        if node.operator == "-":
            return lambda frame: negate(operand(frame))
        return lambda frame: not truth(operand(frame))

    def _binary(self, node: Binary) -> Evaluate:
        left, right = self.compile(node.left), self.compile(node.right)
        match node.operator:
            case "and" | "&&":
                return lambda frame: truth(left(frame)) and right(frame)
            case "or" | "||":
                return lambda frame: truth(left(frame)) or right(frame)
            case "??":
                return _coalesce(left, right)
            case "..":
                return _range(left, right)
            case "==" if node.left.type == node.right.type and node.left.type in (INT, STRING):
                return _equal_exactly(left, right, Int if node.left.type == INT else str)
            case "+":
                add = OPERATORS["+"]
                return lambda frame: frame.made(add(left(frame), right(frame)))
            case "matches" if node.pattern is not None:
                matches = node.pattern.matches
                return lambda frame: matches(text(left(frame)))
        operator = OPERATORS[node.operator]
        return lambda frame: operator(left(frame), right(frame))

    def _member(self, node: Member) -> Evaluate:
        base = self.compile(node.base)
        if node.is_optional:
            base = _or_end(base)
        if isinstance(node.property, Constant) and isinstance(node.property.value, str):
            return _named_member(base, node.property.value)
        key = self.compile(node.property)
        return lambda frame: fetch(base(frame), key(frame))

    def _slice(self, node: Slice) -> Evaluate:
        base = self.compile(node.base)
        stop = self.compile(node.stop) if node.stop is not None else None
        start = self.compile(node.start) if node.start is not None else _constant(Int(0))

        def run(frame: Frame) -> Any:
            value = base(frame)
            last = stop(frame) if stop is not None else Int(length(value))
            return frame.made(sliced(value, to_int(start(frame)), to_int(last)))

        return run

    def _call(self, node: Call) -> Evaluate:
        arguments = [self.compile(argument) for argument in node.arguments]
        if node.builtin is not None:
            name = node.builtin.name
            if name in _ONLY_HERE or name in PREDICATES:
                return _failing(f"{name} can only be called by its name")
            return self._function(name, arguments)
        callee = self.compile(node.callee)

        def run(frame: Frame) -> Any:
            given = [argument(frame) for argument in arguments]
            function = callee(frame)
            if function.__class__ is not GoFunction:
                raise GoError(f"{type_of(function)} is no function")
            return frame.made(function(given))

        return run

    def _builtin(self, node: BuiltinCall) -> Evaluate:
        if node.name not in PREDICATES:
            return self._function(node.name, [self.compile(argument) for argument in node.arguments])
        collection, ask = (self.compile(argument) for argument in node.arguments[:2])
        last = node.arguments[2] if len(node.arguments) == 3 else node.then
        then = self.compile(last) if last is not None else None
        loop = or_error(FINDING[node.name]) if node.must_find else LOOPS[node.name]

        def run(frame: Frame) -> Any:
            scope = Scope(collection(frame))
            frame.scopes.append(scope)
            found = loop(frame, scope, ask, then)
            frame.scopes.pop()
            return found

        return run

    def _function(self, name: str, arguments: list[Evaluate]) -> Evaluate:
        function = FUNCTIONS[name]
        try:
            inspect.signature(function).bind(*arguments)
        except TypeError:
            # Where nothing checked the call, as within the arguments of a function of sprig.
            return _failing(f"{name} does not take {len(arguments)} arguments")
        if len(arguments) == 1:
            [argument] = arguments
            return lambda frame: frame.made(function(argument(frame)))
        return lambda frame: frame.made(function(*[argument(frame) for argument in arguments]))

    def _pointer(self, node: Pointer) -> Evaluate:
        match node.name:
            case "":
                return lambda frame: frame.scopes[-1].current()
            case "index":
                return lambda frame: Int(frame.scopes[-1].index)
            case "acc":
                return lambda frame: frame.scopes[-1].acc
        raise ExprlangError(f"there is no #{node.name}", self._text, node.column)

    def _let(self, node: Let) -> Evaluate:
        value = self.compile(node.value)
        index = self.count
        self.count += 1
        self._variables.append((node.name, index))
        body = self.compile(node.body)
        self._variables.pop()

        def run(frame: Frame) -> Any:
            frame.variables[index] = value(frame)
            return body(frame)

        return run


def _constant(value: Any) -> Evaluate:
    return lambda frame: value


def _failing(reason: str) -> Evaluate:
    def run(frame: Frame) -> Any:
        raise GoError(reason)

    return run


def _chain(inner: Evaluate) -> Evaluate:
    def run(frame: Frame) -> Any:
        try:
            return inner(frame)
        except _ChainEnds as end:
            return end.value

    return run


def _or_end(base: Evaluate) -> Evaluate:
    def run(frame: Frame) -> Any:
        value = base(frame)
        if is_nil(value):
            raise _ChainEnds(value)
        return value

    return run


def _named_member(base: Evaluate, name: str) -> Evaluate:
    def run(frame: Frame) -> Any:
        value = base(frame)
        return value.get(name) if value.__class__ is dict else fetch(value, name)

    return run


def _coalesce(left: Evaluate, right: Evaluate) -> Evaluate:
    def run(frame: Frame) -> Any:
        value = left(frame)
        return right(frame) if is_nil(value) else value

    return run


def _range(left: Evaluate, right: Evaluate) -> Evaluate:
    def run(frame: Frame) -> Ints:
        first, last = to_int(left(frame)), to_int(right(frame))
        size = max(0, last - first + 1)
        check_items(size)
        frame.grow(size)
        frame.budget.spend(size)
        return Ints(map(Int, range(first, last + 1)))

    return run


def _equal_exactly(left: Evaluate, right: Evaluate, wanted: type) -> Evaluate:
    """Equality of what the checker holds for integers or texts; it is an error if they turn out to be something else."""

    def run(frame: Frame) -> bool:
        one, other = left(frame), right(frame)
        for value in (one, other):
            if value.__class__ is not wanted:
                raise GoError(f"'==' wants two of a kind, found {type_of(value)}")
        return bool(one == other)

    return run


def _conditional(condition: Evaluate, then: Evaluate, otherwise: Evaluate) -> Evaluate:
    return lambda frame: then(frame) if truth(condition(frame)) else otherwise(frame)


def _list(elements: list[Evaluate]) -> Evaluate:
    def run(frame: Frame) -> list[Any]:
        frame.grow(len(elements))
        return [element(frame) for element in elements]

    return run


def _map(pairs: list[tuple[Evaluate, Evaluate]]) -> Evaluate:
    def run(frame: Frame) -> dict[str, Any]:
        frame.grow(len(pairs))
        made = [(text(key(frame)), value(frame)) for key, value in pairs]
        # Of keys that repeat the first one counts.
        return dict(reversed(made))

    return run
