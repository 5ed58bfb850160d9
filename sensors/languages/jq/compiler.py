"""jq tree -> filters. Names are resolved here: of a variable, only how many frames further out it lies is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sensors.languages.expression_error import ExpressionError
from sensors.languages.jq import bindings as bindings
from sensors.languages.jq import steps as steps
from sensors.languages.jq import tree
from sensors.languages.jq.bindings import Entry, Scope
from sensors.languages.jq.library import FORMS, FUNCTIONS, UNAVAILABLE
from sensors.languages.jq.loops import each
from sensors.languages.jq.operators import OPERATIONS
from sensors.languages.jq.patterns import binder, names_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sensors.languages.jq.frames import Filter

_ENVIRONMENT: Final = "$ENV"


class Compiler:
    """Compiles one query, whose text is shown with what is wrong in it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def filter(self, node: tree.Node, scope: Scope) -> Filter:
        """Raises ExpressionError for a name that there is not."""
        match node:
            case tree.Identity():
                return steps.identity
            case tree.Literal(value):
                return lambda frame, given, trail: ((value, trail),)
            case tree.Index(base, tree.Literal(key)):
                return steps.at_constant(self.filter(base, scope), key)
            case tree.Index(base, key):
                return steps.at_key(self.filter(base, scope), self.filter(key, scope))
            case tree.Slice(base, start, end):
                return steps.in_slice(*(self.filter(part, scope) for part in (base, start, end)))
            case tree.Iterate(base):
                return steps.piped(self.filter(base, scope), each)
            case tree.Pipe(left, right):
                return steps.piped(self.filter(left, scope), self.filter(right, scope))
            case tree.Comma(left, right):
                return steps.both(self.filter(left, scope), self.filter(right, scope))
            case tree.Sign(sign, operand):
                return steps.signed(sign, self.filter(operand, scope))
            case tree.Binary(operator, left, right):
                return steps.calculated(OPERATIONS[operator], self.filter(left, scope), self.filter(right, scope))
            case tree.Alternative(left, right):
                return steps.alternative(self.filter(left, scope), self.filter(right, scope))
            case tree.Update(operator, target, value):
                return steps.updated(operator, self.filter(target, scope), self.filter(value, scope))
            case tree.If(condition, then, otherwise):
                return steps.chosen(*(self.filter(part, scope) for part in (condition, then, otherwise)))
            case tree.Try(body, handler):
                return steps.tried(self.filter(body, scope), self._optional(handler, scope))
            case tree.Array(content):
                return steps.collected(self._optional(content, scope))
            case tree.Object(members):
                pairs = [(self.filter(name, scope), self._optional(value, scope)) for name, value in members]
                return steps.built(pairs)
            case tree.Variable():
                return self._variable(node, scope)
            case tree.Call():
                return self._call(node, scope)
            case tree.Function():
                return self._function(node, scope)
            case tree.Bind():
                return self._bind(node, scope)
            case tree.Reduce() | tree.Foreach():
                return self._loop(node, scope)
            case tree.Label(name, body):
                return bindings.labelled(self.filter(body, scope.with_frame(f"*{name}")))
            case tree.Break(name, at):
                label = scope.find(f"*{name}")
                if label is None:
                    raise self._error(f"there is no label '{name}'", at)
                return bindings.jump(scope.depth - label.depth)

    def _optional(self, node: tree.Node | None, scope: Scope) -> Filter | None:
        return None if node is None else self.filter(node, scope)

    def _error(self, message: str, at: int) -> ExpressionError:
        return ExpressionError(message, self._text, at)

    def _variable(self, node: tree.Variable, scope: Scope) -> Filter:
        entry = scope.find(node.name)
        if entry is not None:
            return bindings.variable(scope.depth - entry.depth)
        if node.name == _ENVIRONMENT:
            return lambda frame, value, trail: (({}, trail),)
        raise self._error(f"there is no variable '{node.name}'", node.at)

    def _function(self, node: tree.Function, scope: Scope) -> Filter:
        entry = Entry(node.name, len(node.parameters), scope.depth)
        outer = Scope(entry, scope, scope.depth)
        inner = outer
        for name in node.parameters:
            inner = inner.with_frame(name.removeprefix("$"), is_parameter=True)
        by_value = [place for place, name in enumerate(node.parameters) if name.startswith("$")]
        for place in by_value:
            inner = inner.with_frame(node.parameters[place])
        # Its body may call it before this is known.
        body = self.filter(node.body, inner)
        entry.definition = bindings.with_values(body, len(node.parameters), by_value) if by_value else body
        return self.filter(node.rest, outer)

    def _call(self, node: tree.Call, scope: Scope) -> Filter:
        name, arity = node.name, len(node.arguments)
        arguments = [self.filter(argument, scope) for argument in node.arguments]
        if (entry := scope.find(name, arity)) is not None:
            distance = scope.depth - entry.depth
            return bindings.parameter(distance) if entry.is_parameter else bindings.called(entry, distance, arguments)
        if (form := FORMS.get((name, arity))) is not None:
            return form(*arguments)
        if (function := FUNCTIONS.get((name, arity))) is not None:
            return steps.applied(function, arguments)
        if name.startswith("@"):
            return steps.failing(f"format not defined: {name}")
        if name in UNAVAILABLE:
            raise self._error(f"the function '{name}' is not available", node.at)
        raise self._error(f"there is no function '{name}' of {arity} arguments", node.at)

    def _bind(self, node: tree.Bind, scope: Scope) -> Filter:
        names, inner = _named(node.patterns, scope)
        binders = [binder(pattern, names, lambda key: self.filter(key, scope)) for pattern in node.patterns]
        return bindings.bound(self.filter(node.source, scope), binders, self.filter(node.body, inner))

    def _loop(self, node: tree.Reduce | tree.Foreach, scope: Scope) -> Filter:
        names, inner = _named([node.pattern], scope)
        bind = binder(node.pattern, names, lambda key: self.filter(key, scope))
        source, start = self.filter(node.source, scope), self.filter(node.start, scope)
        update = self.filter(node.update, inner)
        if isinstance(node, tree.Reduce):
            return bindings.reduced(source, bind, start, update)
        return bindings.for_each(source, bind, start, update, self.filter(node.extract, inner))


def _named(patterns: Iterable[tree.Pattern], scope: Scope) -> tuple[list[str], Scope]:
    """The names in some patterns, and a scope in which they are known."""
    names = list(dict.fromkeys(name for pattern in patterns for name in names_in(pattern)))
    for name in names:
        scope = scope.with_frame(name)
    return names, scope
