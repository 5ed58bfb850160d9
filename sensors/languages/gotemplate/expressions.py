"""Pipelines of a template as Python functions of the dot and of the variables, made once when the template is compiled.

A name of `variables[0]` is `$`. What a function finds is MISSING where there is nothing at all and None for a nil; the two
differ only where a field is looked for next, so that a whole pipeline gives MISSING for either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NoReturn, TypeAlias

from sensors.languages.go.limits import MAX_TEXT, GoError
from sensors.languages.go.values import MISSING, described, is_true, to_float, type_of
from sensors.languages.gotemplate.errors import TemplateRuntimeError
from sensors.languages.gotemplate.functions import MAP, Function, Kind, ideal
from sensors.languages.gotemplate.lexer import place
from sensors.languages.gotemplate.tree import (
    Bool,
    Chain,
    Command,
    Dot,
    Field,
    Identifier,
    Nil,
    Node,
    Number,
    Operand,
    Pipeline,
    String,
    Variable,
)

Variables: TypeAlias = list[Any]
Evaluate: TypeAlias = Callable[[Any, Variables], Any]
Methods: TypeAlias = Mapping[type, Mapping[str, Function]]

_SHOWN_MOST: Final = 60
"""Characters of the template that an error shows."""


class Expressions:
    """Makes functions of pipelines. `methods` are those of values that have some."""

    def __init__(self, text: str, functions: Mapping[str, Function], methods: Methods) -> None:
        self._text = text
        self._functions = functions
        self._methods = methods

    def located(self, node: Node, error: Exception | str) -> TemplateRuntimeError:
        """The error of a part of the template."""
        source = " ".join(self._text[node.start : node.end].split())
        if len(source) > _SHOWN_MOST:
            source = source[: _SHOWN_MOST - 1] + "…"
        return TemplateRuntimeError(str(error), source, *place(self._text, node.start))

    def settled(self, node: Pipeline) -> Evaluate:
        """A pipeline whose value is kept: in variables, as the dot, or by whatever stands around its parentheses."""
        run, slots = self.pipeline(node), node.slots

        def evaluate(dot: Any, variables: Variables) -> Any:
            value = run(dot, variables)
            if value is None:
                value = MISSING
            elif value.__class__ is int:
                value = to_float(value)
            for slot in slots:
                variables[slot] = value
            return value

        return evaluate

    def pipeline(self, node: Pipeline) -> Evaluate:
        """A pipeline whose value is only looked at. Variables are not set."""
        [first, *others] = node.commands
        evaluate = self._command(first, None)
        for command in others:
            evaluate = self._command(command, evaluate)
        return evaluate

    def _command(self, node: Command, final: Evaluate | None) -> Evaluate:
        """A command, which gets the value of the one before it as its last argument."""
        word, arguments = node.words[0], node.words[1:]
        match word:
            case Identifier(name="and" | "or"):
                return self._short_circuit(word, arguments, final)
            case Identifier():
                return self._call(self._functions[word.name], node, arguments, final)
            case Field() | Chain() | Variable() if word.names and (arguments or final):
                return self._method_call(node, word, arguments, final)
        if arguments or final:
            return self._failing(node, f"'{self._text[word.start : word.end]}' is no function and takes no arguments")
        if isinstance(word, Nil):
            return self._failing(node, "nil is no command")
        return self._operand(word)

    def _operand(self, node: Operand) -> Evaluate:
        """A word by itself."""
        match node:
            case Dot():
                return _dot
            case Bool() | String() | Nil() | Number():
                try:
                    constant = ideal(node)
                except GoError as error:
                    return self._failing(node, str(error))
                return lambda dot, variables: constant
            case Field():
                return self._fields(node, _dot, node.names)
            case Variable():
                slot = node.slot
                return self._fields(node, lambda dot, variables: variables[slot], node.names)
            case Chain():
                return self._fields(node, self._operand(node.base), node.names)
            case Identifier():
                return self._command(Command(node.start, node.end, (node,)), None)
            case Pipeline():
                return self.settled(node)

    def _failing(self, node: Node, message: str) -> Evaluate:
        def fail(dot: Any, variables: Variables) -> NoReturn:
            raise self.located(node, message)

        return fail

    # Fields

    def _fields(self, node: Node, base: Evaluate, names: Sequence[str]) -> Evaluate:
        if not names:
            return base
        field = self._field

        if base is _dot:

            def read_dot(dot: Any, variables: Variables) -> Any:
                for name in names:
                    dot = dot.get(name, MISSING) if dot.__class__ is dict else field(node, dot, name)
                return dot

            return read_dot

        def read(dot: Any, variables: Variables) -> Any:
            value = base(dot, variables)
            for name in names:
                value = value.get(name, MISSING) if value.__class__ is dict else field(node, value, name)
            return value

        return read

    def _field(self, node: Node, value: Any, name: str) -> Any:
        """A field of what is no plain object: a method without arguments, if it has one."""
        if value is MISSING:
            return MISSING
        if isinstance(value, dict):
            return value.get(name, MISSING)
        method = self._method(node, value, name)
        if fault := method.arity_fault(0):
            raise self.located(node, fault)
        try:
            return method.call(value)
        except GoError as error:
            raise self.located(node, error) from None

    def _method(self, node: Node, value: Any, name: str) -> Function:
        method = self._methods.get(value.__class__, {}).get(name)
        if method is None:
            raise self.located(node, f"{described(value)} has no field '{name}'")
        return method

    def _method_call(
        self, node: Node, word: Field | Chain | Variable, arguments: Sequence[Operand], final: Evaluate | None
    ) -> Evaluate:
        """`.a.b x`, where the last name must be that of a method."""
        match word:
            case Field():
                base: Evaluate = _dot
            case Variable():
                slot = word.slot
                base = lambda dot, variables: variables[slot]  # noqa: E731
            case Chain():
                base = self._operand(word.base)
        receiver = self._fields(word, base, word.names[:-1])
        name = word.names[-1]
        compiled: dict[str, Evaluate] = {}

        def evaluate(dot: Any, variables: Variables) -> Any:
            value = receiver(dot, variables)
            if value is MISSING:
                return MISSING
            if isinstance(value, dict):
                raise self.located(node, f"field '{name}' is no method and takes no arguments")
            method = self._method(node, value, name)
            key = f"{type_of(value)}.{name}"
            if key not in compiled:
                compiled[key] = self._call(method, node, arguments, final, _receiver)
            # The receiver travels behind the variables, where no slot is.
            return compiled[key](dot, [*variables, value])

        return evaluate

    # Calls

    def _call(
        self,
        function: Function,
        node: Node,
        arguments: Sequence[Operand],
        final: Evaluate | None,
        receiver: Evaluate | None = None,
    ) -> Evaluate:
        if fault := function.arity_fault(len(arguments) + (final is not None)):
            return self._failing(node, fault)
        call = function.call
        given = [self._argument(function.parameter(index), each) for index, each in enumerate(arguments)]
        if receiver is not None:
            given.insert(0, receiver)
        if final is not None:
            last = _accepted(function.parameter(len(arguments)), final, settles=True)
            constants = _constants(given)
            if constants is not None:
                return self._guarded(node, lambda dot, variables: call(*constants, last(dot, variables)))

            def run(dot: Any, variables: Variables) -> Any:
                # What comes through the pipe has been evaluated before the arguments are.
                value = last(dot, variables)
                return call(*[each(dot, variables) for each in given], value)

            return self._guarded(node, run)
        if len(given) == 1:
            [only] = given
            return self._guarded(node, lambda dot, variables: call(only(dot, variables)))
        return self._guarded(node, lambda dot, variables: call(*[each(dot, variables) for each in given]))

    def _argument(self, kind: Kind, node: Operand) -> Evaluate:
        if isinstance(node, (Bool, String, Number, Nil)):
            try:
                return _Constant(kind.constant(node))
            except GoError as error:
                return self._failing(node, str(error))
        return _accepted(kind, self._operand(node), settles=False)

    def _guarded(self, node: Node, run: Evaluate) -> Evaluate:
        """What a function makes of its arguments, within bounds; whatever goes wrong is an error of the template."""

        def evaluate(dot: Any, variables: Variables) -> Any:
            try:
                value = run(dot, variables)
            except TemplateRuntimeError:
                raise
            except (GoError, RecursionError) as error:
                raise self.located(node, _reason(error)) from None
            except (ArithmeticError, LookupError, TypeError, ValueError) as error:
                raise self.located(node, "the function cannot take these values") from error
            if value.__class__ is str and len(value) > MAX_TEXT:
                raise self.located(node, f"a text of more than {MAX_TEXT} characters is made")
            return value

        return evaluate

    def _short_circuit(self, word: Identifier, arguments: Sequence[Operand], final: Evaluate | None) -> Evaluate:
        """`and` gives its first false argument, `or` its first true one, else the last; what follows is not evaluated."""
        if not arguments and final is None:
            return self._failing(word, f"{word.name} wants at least 1 argument, not 0")
        candidates = [self._operand(each) for each in arguments]
        wanted = word.name == "or"

        def evaluate(dot: Any, variables: Variables) -> Any:
            piped = final(dot, variables) if final is not None else None
            value = None
            for each in candidates:
                value = each(dot, variables)
                if is_true(value) is wanted:
                    return value
            return value if final is None else piped

        return evaluate


class _Constant:
    """An argument that is the same every time."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, dot: Any, variables: Variables) -> Any:
        return self.value


def _constants(given: Sequence[Evaluate]) -> tuple[Any, ...] | None:
    """The values of arguments if all of them are constant."""
    values = [each.value for each in given if isinstance(each, _Constant)]
    return tuple(values) if len(values) == len(given) else None


def _accepted(kind: Kind, evaluate: Evaluate, *, settles: bool) -> Evaluate:
    accept = kind.accept
    if kind is MAP and settles:
        # A nil that came through a pipe is as good as nothing.
        return lambda dot, variables: accept(MISSING if (value := evaluate(dot, variables)) is None else value)
    return lambda dot, variables: accept(evaluate(dot, variables))


def _dot(dot: Any, variables: Variables) -> Any:
    return dot


def _receiver(dot: Any, variables: Variables) -> Any:
    return variables[-1]


def _reason(error: Exception) -> str:
    return "the value is nested too deeply" if isinstance(error, RecursionError) else str(error)
