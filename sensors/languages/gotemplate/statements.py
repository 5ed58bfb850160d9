"""Statements of a template as Python functions that write to an output, and the bounds that hold while it is rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from sensors.languages.go.format import show
from sensors.languages.go.limits import MAX_CALLS, MAX_STEPS, SECONDS, GoError, check_text
from sensors.languages.go.text import joined
from sensors.languages.go.values import MISSING, GoInteger, Int, described, elements, is_true, sorted_items
from sensors.languages.gotemplate.expressions import Expressions, Variables
from sensors.languages.gotemplate.tree import (
    Action,
    Body,
    Break,
    Call,
    Continue,
    If,
    Node,
    Range,
    Statement,
    Text,
    With,
)

Run: TypeAlias = Callable[[Any, Variables, "Output"], None]


class Output:
    """What has been written, and what rendering has cost. `clock` counts seconds."""

    __slots__ = ("_clock", "_deadline", "_parts", "_size", "calls", "steps")

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._deadline: float | None = None
        self._parts: list[str] = []
        self._size = 0
        self.calls = 0
        self.steps = 0

    def write(self, text: str) -> None:
        """Raises GoError if there is too much of it."""
        self._size += len(text)
        check_text(self._size)
        self._parts.append(text)

    def step(self) -> None:
        """Counts a round of a loop. Raises GoError if they are too many, or take too long."""
        self.steps += 1
        if self._deadline is None:
            self._deadline = self._clock() + SECONDS
        if self.steps > MAX_STEPS:
            raise GoError(f"the loops take more than {MAX_STEPS} rounds")
        if self._clock() > self._deadline:
            raise GoError(f"it takes more than {SECONDS:g} s")

    def enter(self) -> None:
        """Counts a template within a template. Raises GoError if they are too many."""
        self.step()
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise GoError(f"more than {MAX_CALLS} templates call one another")

    def text(self) -> str:
        return joined("".join(self._parts))


class _Break(Exception):
    pass


class _Continue(Exception):
    pass


def printed(value: Any) -> str:
    """What an action prints. Raises GoError if it is too long."""
    if value.__class__ is str:
        return value
    return "<no value>" if value is None or value is MISSING else show(value)


class Statements:
    """Makes functions of the bodies of templates, which may call one another by name."""

    def __init__(self, expressions: Expressions, bodies: Mapping[str, Body]) -> None:
        self._expressions = expressions
        self._sizes = {name: body.variables for name, body in bodies.items()}
        self._runs = {name: self._block(body.statements) for name, body in bodies.items()}

    def render(self, name: str, dot: Any, output: Output) -> None:
        """Runs a template by its name. Raises TemplateRuntimeError, or GoError or RecursionError beyond a bound."""
        self._runs[name](dot, [dot, *[MISSING] * (self._sizes[name] - 1)], output)

    def _block(self, statements: Sequence[Statement]) -> Run:
        runs = tuple(map(self._statement, statements))
        if len(runs) == 1:
            return runs[0]

        def run(dot: Any, variables: Variables, output: Output) -> None:
            for each in runs:
                each(dot, variables, output)

        return run

    def _statement(self, node: Statement) -> Run:
        match node:
            case Text():
                return self._guarded(node, lambda dot, variables, output: output.write(node.value))
            case Action():
                return self._action(node)
            case If():
                return self._if(node)
            case With():
                return self._with(node)
            case Range():
                return self._range(node)
            case Call():
                return self._call(node)
            case Break():
                return _raising(_Break)
            case Continue():
                return _raising(_Continue)

    def _guarded(self, node: Node, run: Run) -> Run:
        located = self._expressions.located

        def guarded(dot: Any, variables: Variables, output: Output) -> None:
            try:
                run(dot, variables, output)
            except GoError as error:
                raise located(node, error) from None

        return guarded

    def _action(self, node: Action) -> Run:
        if node.pipeline.slots:
            settle = self._expressions.settled(node.pipeline)

            def assign(dot: Any, variables: Variables, output: Output) -> None:
                settle(dot, variables)

            return assign
        evaluate = self._expressions.pipeline(node.pipeline)
        return self._guarded(
            node.pipeline, lambda dot, variables, output: output.write(printed(evaluate(dot, variables)))
        )

    def _if(self, node: If) -> Run:
        evaluate = self._expressions.settled(node.pipeline)
        body, otherwise = self._block(node.body), self._block(node.otherwise)

        def run(dot: Any, variables: Variables, output: Output) -> None:
            (body if is_true(evaluate(dot, variables)) else otherwise)(dot, variables, output)

        return run

    def _with(self, node: With) -> Run:
        evaluate = self._expressions.settled(node.pipeline)
        body, otherwise = self._block(node.body), self._block(node.otherwise)

        def run(dot: Any, variables: Variables, output: Output) -> None:
            value = evaluate(dot, variables)
            if is_true(value):
                body(value, variables, output)
            else:
                otherwise(dot, variables, output)

        return run

    def _range(self, node: Range) -> Run:
        evaluate = self._expressions.settled(node.pipeline)
        body, otherwise = self._block(node.body), self._block(node.otherwise)
        slots = node.pipeline.slots
        index_slot = slots[0] if len(slots) > 1 else None
        element_slot = slots[-1] if slots else None

        def run(dot: Any, variables: Variables, output: Output) -> None:
            is_empty = True
            for index, element in _rounds(evaluate(dot, variables), len(slots)):
                is_empty = False
                output.step()
                if index_slot is not None:
                    variables[index_slot] = index
                if element_slot is not None:
                    variables[element_slot] = element
                try:
                    body(element, variables, output)
                except _Continue:
                    continue
                except _Break:
                    break
            if is_empty:
                otherwise(dot, variables, output)

        return self._guarded(node.pipeline, run)

    def _call(self, node: Call) -> Run:
        evaluate = self._expressions.settled(node.pipeline) if node.pipeline is not None else None
        name = node.name

        def run(dot: Any, variables: Variables, output: Output) -> None:
            if name not in self._runs:
                raise GoError(f"there is no template '{name}'")
            given = evaluate(dot, variables) if evaluate is not None else MISSING
            output.enter()
            self.render(name, given, output)
            output.calls -= 1

        return self._guarded(node, run)


def _raising(signal: type[Exception]) -> Run:
    def run(dot: Any, variables: Variables, output: Output) -> None:
        raise signal

    return run


def _rounds(value: Any, variables: int) -> Iterable[tuple[Any, Any]]:
    """Index and element of each round. Raises GoError for what cannot be iterated over."""
    if isinstance(value, list):
        return ((Int(index), element) for index, element in enumerate(elements(value)))
    if isinstance(value, dict):
        return sorted_items(value)
    if isinstance(value, GoInteger):
        if variables > 1:
            raise GoError("a number can be iterated over with one variable only")
        cls = value.__class__
        return ((MISSING, cls(number)) for number in range(value))
    if value is MISSING:
        return ()
    raise GoError(f"'range' cannot iterate over {described(value)}")
