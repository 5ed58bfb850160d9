"""Govaluate, the language of `filters.exprs`, with the answers of Knetic/govaluate as Argo Events uses it.

    expression = compile_govaluate("size > 10 && ref =~ '^refs/heads/'")
    expression({"size": 42.0, "ref": "refs/heads/main"})

There are numbers (doubles), texts, booleans, null, lists and objects, and no functions. A text that looks like a date is
a number, its Unix time. What stands behind a parenthesis that closes too much is ignored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from sensors.languages.govaluate.operators import LEVELS, EvaluationError, Operand, Operator, Parameters, prefix
from sensors.languages.govaluate.tokens import GovaluateError, Kind, Token, read_tokens
from sensors.languages.regex_search import RegexError, compile_regex

__all__ = ["EvaluationError", "Expression", "GovaluateError", "compile_govaluate"]

_MAX_DEPTH: Final = 64
"""Parentheses and right-hand sides within one another, each of which takes a few frames of the stack."""

_PATTERNS: Final = ("=~", "!~")
_BINARY: Final = frozenset({Kind.SEPARATOR, Kind.TERNARY, Kind.LOGICAL, Kind.COMPARATOR, Kind.MODIFIER})


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A compiled expression; immutable, to be used by any number of threads."""

    text: str
    names: tuple[str, ...]
    """The names that it may ask for."""
    _run: Operand = field(repr=False)

    def __call__(self, parameters: Parameters) -> Any:
        """Its value for these values by name. Raises EvaluationError."""
        return self._run(parameters)


def compile_govaluate(text: str) -> Expression:
    """Compiles an expression. Raises GovaluateError for what can be known to be wrong before there are values."""
    tokens = read_tokens(text)
    run = _Parser(text, tokens).expression()
    names = (str(token.value) for token in tokens if token.kind is Kind.VARIABLE)
    return Expression(text, tuple(dict.fromkeys(names)), run)


class _Parser:
    def __init__(self, text: str, tokens: list[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def expression(self, loosest: int = 0) -> Operand:
        """What begins here and is held together by operators of this precedence or tighter ones."""
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            deepest = self._tokens[min(self._at, len(self._tokens) - 1)]
            raise GovaluateError("nested too deeply", self._text, deepest.column)
        value = self._operand()
        for level in range(len(LEVELS) - 1, loosest - 1, -1):
            steps: list[tuple[Operator, Operand]] = []
            while (token := self._peek_operator(level)) is not None:
                self._at += 1
                if token.value in _PATTERNS:
                    self._compile_pattern()
                steps.append((LEVELS[level][token.value], self.expression(level + 1)))
            if steps:
                value = _chain(value, steps)
        self._depth -= 1
        return value

    def _operand(self) -> Operand:
        token = self._peek()
        if token is None or token.kind is Kind.CLOSE:
            # `()` and an operator before a `)` are understood, as null.
            return _constant(None)
        self._at += 1
        match token.kind:
            case Kind.NUMBER | Kind.BOOLEAN | Kind.STRING | Kind.TIME:
                return _constant(token.value)
            case Kind.VARIABLE:
                return _variable(token.value)
            case Kind.PREFIX:
                return prefix(token.value, self._operand())
            case Kind.OPEN:
                return self._group()
            case Kind.ACCESSOR:
                return self._accessor(token)
        raise GovaluateError(f"{token.kind} where a value should be", self._text, token.column)

    def _group(self) -> Operand:
        inner = self.expression()
        self._at += 1
        return inner

    def _accessor(self, token: Token) -> Operand:
        """A field or method of a Go struct, which no value of an event is; its argument is all that follows."""
        if (following := self._peek()) is not None and following.kind is Kind.OPEN:
            self.expression()
        name, _, field = str(token.value).partition(".")

        def access(parameters: Parameters) -> Any:
            raise EvaluationError(f"'{name}' has no field '{field}' here; bind the whole path to a name")

        return access

    def _compile_pattern(self) -> None:
        """Make a pattern of the text that follows, so that it is compiled once."""
        token = self._peek()
        if token is not None and token.kind is Kind.STRING:
            try:
                pattern = compile_regex(token.value)
            except RegexError as error:
                raise GovaluateError(str(error), self._text, token.column) from None
            self._tokens[self._at] = token._replace(value=pattern)

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _peek_operator(self, level: int) -> Token | None:
        token = self._peek()
        return token if token is not None and token.kind in _BINARY and token.value in LEVELS[level] else None


def _constant(value: Any) -> Operand:
    return lambda parameters: value


def _variable(name: str) -> Operand:
    def read(parameters: Parameters) -> Any:
        try:
            value = parameters[name]
        except KeyError:
            raise EvaluationError(f"no field is named '{name}'") from None
        return float(value) if value.__class__ is int else value

    return read


def _chain(first: Operand, steps: list[tuple[Operator, Operand]]) -> Operand:
    """Operators of one precedence, from left to right. A loop, so that a hundred of them nest no deeper than one."""
    if len(steps) == 1:
        [(operator, operand)] = steps
        return lambda parameters: operator(first(parameters), operand, parameters)

    def run(parameters: Parameters) -> Any:
        value = first(parameters)
        for operator, operand in steps:
            value = operator(value, operand, parameters)
        return value

    return run
