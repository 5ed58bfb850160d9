"""From text to tree: the one place that knows the `jmespath` library, its tokens, nodes and exceptions.

What the library would find out only while evaluating is refused here, with its column: unknown functions, wrong
numbers of arguments, constants that a function cannot read, `&` in a wrong place, a slice step of 0. Size and depth are
bounded, so that no expression can exhaust the stack later.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, TypeAlias

from jmespath import exceptions
from jmespath.lexer import Lexer
from jmespath.parser import Parser

from sensors.languages.jmes import tree
from sensors.languages.jmes.errors import JmesRuntimeError, JmesSyntaxError
from sensors.languages.jmes.function import Function, Parameter

MAX_LENGTH = 32_768
"""Characters of an expression."""

MAX_DEPTH = 120
"""Levels of nodes within nodes. Terms of one `&&`, `||`, `|` or `.` chain lie on one level."""

_Raw: TypeAlias = Mapping[str, Any]
"""A node of the library: `type`, `children` and, for some types, `value`."""

Token: TypeAlias = Mapping[str, Any]
"""A token of the library: `type`, `value` and `start`, its column."""

_PATHS = (
    "subexpression",
    "index_expression",
    "projection",
    "value_projection",
    "filter_projection",
    "flatten",
)
_CHAINS = ("subexpression", "index_expression", "pipe")


def parse(text: str, functions: Mapping[str, Function]) -> tree.Node:
    """The tree of an expression; raises JmesSyntaxError."""
    if len(text) > MAX_LENGTH:
        raise JmesSyntaxError(f"the expression has {len(text)} characters, more than {MAX_LENGTH}", text)
    tokens = tokenize(text)
    _refuse(tokens, text)
    with _translated(text):
        raw = Parser().parse(text).parsed
    return _Converter(text, functions, tokens).node(raw, 1)


def tokenize(text: str) -> list[Token]:
    """The tokens of an expression, the last of type `eof`; raises JmesSyntaxError."""
    with _translated(text):
        return list(Lexer().tokenize(text))


class _Converter:
    """Makes the tree out of the library's nodes.

    These know nothing of their places in the text. But every call stems from one `(`, every reference from one `&` and
    every constant from one token, and nodes are visited in the order of the text, so the places are dealt out one after
    the other.
    """

    def __init__(self, text: str, functions: Mapping[str, Function], tokens: Sequence[Token]) -> None:
        self._text = text
        self._functions = functions
        self._calls = _call_columns(tokens)
        self._references = (token["start"] for token in tokens if token["type"] == "expref")
        self._constants = (token["start"] for token in tokens if token["type"] == "literal")
        self._constant = 0
        """Where the constant visited last stands."""

    def node(self, raw: _Raw, depth: int) -> tree.Node:
        if depth > MAX_DEPTH:
            raise _too_deep(self._text)
        raw = _negate_whole_path(raw)
        children, value = raw["children"], raw.get("value")
        match raw["type"]:
            case "identity" | "current":
                return tree.Given()
            case "literal":
                self._constant = next(self._constants)
                return tree.Constant(value)
            case "field":
                return tree.Field(str(value))
            case "index":
                return tree.Index(raw["value"])
            case "slice":
                return tree.Slice(*children)
            case "subexpression" | "index_expression" | "pipe":
                return tree.Chain(self._nodes(_flat(raw, _CHAINS), depth))
            case "and_expression" | "or_expression" as kind:
                return tree.Logic("and" if kind == "and_expression" else "or", self._nodes(_flat(raw, (kind,)), depth))
            case "not_expression":
                return tree.Not(*self._nodes(children, depth))
            case "comparator":
                return tree.Compare(raw["value"], *self._nodes(children, depth))
            case "flatten":
                return tree.Flatten(*self._nodes(children, depth))
            case "projection":
                base, each = self._nodes(children, depth)
                return tree.Projection(base, each)
            case "value_projection":
                base, each = self._nodes(children, depth)
                return tree.Projection(base, each, of_values=True)
            case "filter_projection":
                base, condition, each = self._nodes((children[0], children[2], children[1]), depth)
                return tree.Projection(base, each, condition)
            case "multi_select_list":
                return tree.MultiList(self._nodes(children, depth))
            case "multi_select_dict":
                bodies = self._nodes([pair["children"][0] for pair in children], depth)
                return tree.MultiHash(tuple(zip((str(pair["value"]) for pair in children), bodies, strict=True)))
            case "function_expression":
                return self._call(raw, depth)
            case "expref":
                hint = "'&' stands only before an argument that is an expression, as in sort_by(@, &name)"
                raise JmesSyntaxError(hint, self._text, next(self._references))
            case unknown:
                raise JmesSyntaxError(f"{unknown} is not supported", self._text)

    def _nodes(self, raws: Iterable[_Raw], depth: int) -> tuple[tree.Node, ...]:
        return tuple(self.node(raw, depth + 1) for raw in raws)

    def _call(self, raw: _Raw, depth: int) -> tree.Call:
        name, arguments, column = raw["value"], raw["children"], next(self._calls)
        function = self._functions.get(name)
        if function is None:
            near = difflib.get_close_matches(name, self._functions, 1)
            hint = f"; did you mean {near[0]}()?" if near else ""
            raise JmesSyntaxError(f"unknown function {name}(){hint}", self._text, column)
        if fault := function.arity_fault(len(arguments)):
            raise JmesSyntaxError(fault, self._text, column)
        made: list[tree.Node] = []
        for number, argument in enumerate(arguments, 1):
            parameter = function.parameter(number)
            if argument["type"] == "expref":
                place = next(self._references)
                if not parameter.takes_expression:
                    raise JmesSyntaxError(f"{name}() takes no expression as argument {number}", self._text, place)
                made.append(tree.Reference(self.node(argument["children"][0], depth + 1)))
            elif parameter.kinds == ("expression",):
                hint = f"{name}() takes an expression as argument {number}: write '&' before it"
                raise JmesSyntaxError(hint, self._text, column)
            else:
                made.append(self.node(argument, depth + 1))
                self._read(made[-1], parameter)
        return tree.Call(function, tuple(made))

    def _read(self, argument: tree.Node, parameter: Parameter) -> None:
        """Refuses a constant that the function cannot read."""
        if parameter.read is None or not isinstance(argument, tree.Constant) or parameter.mismatch(argument.value):
            return
        try:
            parameter.read(argument.value)
        except JmesRuntimeError as error:
            raise JmesSyntaxError(str(error), self._text, self._constant) from error


def _negate_whole_path(raw: _Raw) -> _Raw:
    """`!a.b` negates `a.b`. The library reads `(!a).b`, which is null for every document, so nobody can mean it."""
    path: list[_Raw] = []
    left = raw
    while left["type"] in _PATHS:
        path.append(left)
        left = left["children"][0]
    if not path or left["type"] != "not_expression":
        return raw
    inner: _Raw = left["children"][0]
    for step in reversed(path):
        inner = {**step, "children": [inner, *step["children"][1:]]}
    return {**left, "children": [inner]}


def _flat(raw: _Raw, types: Sequence[str]) -> list[_Raw]:
    """The operands of a run of operators that the library nests to the left, in the order of the text."""
    later: list[_Raw] = []
    while raw["type"] in types:
        first, *rest = raw["children"]
        later.extend(reversed(rest))
        raw = _negate_whole_path(first)
    return [raw, *reversed(later)]


def _call_columns(tokens: Sequence[Token]) -> Iterator[int]:
    """Where the functions called are named, one after the other."""
    for before, token in pairwise(tokens):
        if token["type"] == "lparen" and before["type"] == "unquoted_identifier":
            yield before["start"]
        elif token["type"] == "lparen" and before["type"] == "rparen":  # the library takes `(name)(…)` for a call
            yield token["start"]


def _refuse(tokens: Sequence[Token], text: str) -> None:
    """Refuses what the library reports without a column or only while evaluating."""
    types = [token["type"] for token in tokens]
    for at, token in enumerate(tokens):
        if types[at : at + 2] == ["quoted_identifier", "lparen"]:
            raise JmesSyntaxError("a function is named without quotes", text, token["start"])
        if token["type"] == "number" and token["value"] == 0:
            before = types[max(0, at - 3) : at]
            if before[-2:] == ["colon", "colon"] or before == ["colon", "number", "colon"]:
                raise JmesSyntaxError("the step of a slice cannot be 0", text, token["start"])


def _too_deep(text: str) -> JmesSyntaxError:
    return JmesSyntaxError(f"the expression is nested more than {MAX_DEPTH} levels deep", text)


@contextmanager
def _translated(text: str) -> Iterator[None]:
    """Turns what the library raises into JmesSyntaxError."""
    try:
        yield
    except exceptions.JMESPathError as error:
        raise JmesSyntaxError(*_fault(error, text)) from error
    except RecursionError as error:
        raise _too_deep(text) from error
    except PendingDeprecationWarning as error:  # raised where warnings are errors; elsewhere the library takes it
        raise JmesSyntaxError("a string between backticks needs double quotes within them", text) from error
    except ValueError as error:  # CPython converts no number of more than 4300 digits
        raise JmesSyntaxError("a number is too long", text) from error


def _fault(error: exceptions.JMESPathError, text: str) -> tuple[str, str, int]:
    """Message, text and column for an exception of the library, the most specific first."""
    match error:
        case exceptions.EmptyExpressionError():
            return "the expression is empty", text, 0
        case exceptions.LexerError(lexer_value="="):
            return "unknown token '='; equality is '=='", text, error.lexer_position
        case exceptions.LexerError() if error.message.startswith("Bad token"):
            return "what stands between backticks is not JSON", text, error.lexer_position
        case exceptions.LexerError():
            return error.message[:1].lower() + error.message[1:], text, error.lexer_position
        case exceptions.IncompleteExpressionError() | exceptions.ParseError(token_type="EOF"):
            return "the expression ends too early", text, len(text)
        case exceptions.ParseError() if error.msg.startswith("Invalid function name"):
            return "only a name can be called", text, error.lex_position
        case exceptions.ParseError():
            what = _TOKENS.get(error.token_type.lower(), f"'{error.token_value}'")
            return f"unexpected {what}", text, error.lex_position
        case _:
            return str(error), text, 0


_TOKENS = {
    "unquoted_identifier": "name",
    "quoted_identifier": "name",
    "literal": "literal",
    "number": "number (as a value it is written between backticks)",
}
"""What to call the tokens that are no symbols."""
