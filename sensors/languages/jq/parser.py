"""jq text -> tree: the grammar of gojq."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Final, cast

from sensors.languages.expression_error import ExpressionError
from sensors.languages.jq import tree
from sensors.languages.jq.lexer import KEYWORDS, Lexer, Token
from sensors.languages.jq.text import to_text

_UPDATES: Final = frozenset(("=", "|=", "+=", "-=", "*=", "/=", "%=", "//="))
_PRIORITIES: Final[dict[str, tuple[int, int]]] = {
    "//": (1, 1),
    **dict.fromkeys(_UPDATES, (2, 3)),
    "or": (3, 4),
    "and": (4, 5),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), (5, 6)),
    **dict.fromkeys(("+", "-"), (6, 7)),
    **dict.fromkeys(("*", "/", "%"), (7, 8)),
}
"""How strongly an operator binds, and how strongly what stands on its right has to."""

_ALONE: Final = frozenset((2, 5))
"""Priorities whose operators cannot follow one another."""

_NESTING: Final = 80
_IDENTITY: Final = tree.Identity()
_TRUE: Final = tree.Literal(True)
_FALSE: Final = tree.Literal(False)
_CONSTANTS: Final = {"null": None, "true": True, "false": False}


def parse(text: str) -> tree.Node:
    """Raises ExpressionError."""
    lexer = Lexer(text)
    return _Parser(lexer, lexer.tokens()).query()


class _Parser:
    def __init__(self, lexer: Lexer, tokens: Sequence[Token], nesting: int = 0) -> None:
        self._lexer = lexer
        self._tokens = tokens
        self._position = 0
        self._nesting = nesting

    def query(self) -> tree.Node:
        """All tokens as one query."""
        node = self._pipe()
        if self._token.kind:
            raise self._unexpected("an operator")
        return node

    @property
    def _token(self) -> Token:
        return self._tokens[self._position]

    def _accept(self, kind: str) -> bool:
        if self._token.kind != kind:
            return False
        self._position += 1
        return True

    def _take(self, kind: str, what: str = "") -> Token:
        token = self._token
        if token.kind != kind:
            raise self._unexpected(what or f"'{kind}'")
        self._position += 1
        return token

    def _word(self, kind: str, what: str) -> str:
        return cast("str", self._take(kind, what).value)

    def _unexpected(self, expected: str) -> ExpressionError:
        token = self._token
        word = to_text(token.value) if token.kind == "number" else token.value
        found = "there is a text" if token.kind == "text" else f"there is '{word}'"
        return self._lexer.error(f"{found if token.kind else 'the query ends'} where {expected} should be", token.at)

    # Queries

    def _pipe(self) -> tree.Node:
        self._nesting += 1
        if self._nesting > _NESTING:
            raise self._lexer.error(f"more than {_NESTING} queries within one another", self._token.at)
        node = self._comma()
        if self._accept("|"):
            node = tree.Pipe(node, self._pipe())
        self._nesting -= 1
        return node

    def _comma(self) -> tree.Node:
        node = self._bound()
        while self._accept(","):
            node = tree.Comma(node, self._bound())
        return node

    def _bound(self) -> tree.Node:
        """An expression; what a definition, a label or a variable is for reaches as far as it can."""
        if self._accept("def"):
            return self._function()
        if self._accept("label"):
            name = self._word("variable", "the name of a label")
            self._take("|")
            return tree.Label(name, self._pipe())
        node = self._expression()
        if not self._accept("as"):
            return node
        patterns = [self._pattern()]
        while self._accept("?//"):
            patterns.append(self._pattern())
        self._take("|")
        return tree.Bind(node, patterns, self._pipe())

    def _function(self) -> tree.Function:
        name = self._word("name", "a name")
        parameters: list[str] = []
        if self._accept("("):
            while True:
                parameters.append(cast("str", self._token.value))
                if not (self._accept("name") or self._accept("variable")):
                    raise self._unexpected("a parameter")
                if not self._accept(";"):
                    break
            self._take(")")
        self._take(":")
        body = self._pipe()
        self._take(";")
        return tree.Function(name, parameters, body, self._pipe())

    def _pattern(self) -> tree.Pattern:
        if self._token.kind == "variable":
            return tree.Name(self._word("variable", ""))
        if self._accept("["):
            items = [self._pattern()]
            while self._accept(","):
                items.append(self._pattern())
            self._take("]")
            return tree.ArrayPattern(items)
        self._take("{", "a variable or a pattern")
        members = [self._member_pattern()]
        while self._accept(","):
            members.append(self._member_pattern())
        self._take("}")
        return tree.ObjectPattern(members)

    def _member_pattern(self) -> tuple[tree.Node, list[tree.Pattern]]:
        if self._token.kind == "variable":
            name = self._word("variable", "")
            patterns: list[tree.Pattern] = [tree.Name(name)]
            if self._accept(":"):
                patterns.append(self._pattern())
            return tree.Literal(name[1:]), patterns
        key = self._key()
        self._take(":")
        return key, [self._pattern()]

    def _key(self) -> tree.Node:
        """A name, a text or a query in parentheses."""
        if self._token.kind == "text":
            return self._text(self._take("text"), None)
        if self._accept("("):
            node = self._pipe()
            self._take(")")
            return node
        if self._token.kind == "name" or self._token.kind in KEYWORDS:
            self._position += 1
            return tree.Literal(self._tokens[self._position - 1].value)
        raise self._unexpected("a name")

    # Expressions

    def _expression(self, limit: int = 0) -> tree.Node:
        node = self._term()
        alone = 0
        while (priority := _PRIORITIES.get(self._token.kind)) is not None and priority[0] >= limit:
            if priority[0] == alone:
                raise self._unexpected("another operator")
            operator = self._take(self._token.kind).kind
            node = _operation(operator, node, self._expression(priority[1]))
            alone = priority[0] if priority[0] in _ALONE else 0
        return node

    def _term(self) -> tree.Node:
        for sign in "-+":
            if self._accept(sign):
                operand = self._term()
                if isinstance(operand, tree.Literal) and type(operand.value) in (int, float):
                    return operand if sign == "+" else tree.Literal(-operand.value)
                return tree.Sign(sign, operand)
        return self._suffixed(self._primary())

    def _primary(self) -> tree.Node:
        token = self._token
        self._position += 1
        match token.kind:
            case "number":
                return tree.Literal(token.value)
            case "text":
                return self._text(token, None)
            case "format":
                format = tree.Call(cast("str", token.value), (), token.at)
                return self._text(self._take("text"), format) if self._token.kind == "text" else format
            case "field":
                return tree.Index(_IDENTITY, tree.Literal(token.value))
            case ".":
                return self._after_dot(_IDENTITY) or _IDENTITY
            case "..":
                return tree.Call("recurse", (), token.at)
            case "null" | "true" | "false":
                return tree.Literal(_CONSTANTS[token.kind])
            case "variable":
                return tree.Variable(cast("str", token.value), token.at)
            case "name":
                return tree.Call(cast("str", token.value), self._arguments(), token.at)
            case "break":
                return tree.Break(self._word("variable", "the name of a label"), token.at)
            case "(":
                node = self._pipe()
                self._take(")")
                return node
            case "[":
                content = None if self._token.kind == "]" else self._pipe()
                self._take("]")
                return tree.Array(content)
            case "{":
                return self._object()
            case "if":
                return self._if()
            case "try":
                body = self._term()
                return tree.Try(body, self._term() if self._accept("catch") else None)
            case "reduce" | "foreach":
                return self._loop(token.kind)
            case _:
                self._position -= 1
                raise self._unexpected("an expression")

    def _arguments(self) -> list[tree.Node]:
        if not self._accept("("):
            return []
        arguments = [self._pipe()]
        while self._accept(";"):
            arguments.append(self._pipe())
        self._take(")")
        return arguments

    def _suffixed(self, node: tree.Node) -> tree.Node:
        whole, before = node, node
        while True:
            if self._accept("?"):
                # Only the last step may fail; what is in its brackets is about what the others gave.
                last = _on_identity(whole)
                whole = (
                    tree.Try(whole, None)
                    if last is None or before is whole
                    else tree.Pipe(before, tree.Try(last, None))
                )
                before = whole
                continue
            before_this = whole
            if self._token.kind == "field":
                whole = tree.Index(whole, tree.Literal(self._take("field").value))
            elif self._token.kind == "[":
                self._position += 1
                whole = self._bracket(whole)
            elif self._accept("."):
                step = self._after_dot(whole)
                if step is None:
                    raise self._unexpected("a text or '['")
                whole = step
            else:
                return whole
            before = before_this

    def _after_dot(self, base: tree.Node) -> tree.Node | None:
        """`.[…]` or `."…"`, None if there is nothing of that kind."""
        if self._token.kind == "text":
            return tree.Index(base, self._text(self._take("text"), None))
        return self._bracket(base) if self._accept("[") else None

    def _bracket(self, base: tree.Node) -> tree.Node:
        """What follows `[`."""
        if self._accept("]"):
            return tree.Iterate(base)
        nothing = tree.Literal(None)
        if self._accept(":"):
            node: tree.Node = tree.Slice(base, nothing, self._pipe())
        else:
            key = self._pipe()
            if self._accept(":"):
                node = tree.Slice(base, key, nothing if self._token.kind == "]" else self._pipe())
            else:
                node = tree.Index(base, key)
        self._take("]")
        return node

    def _object(self) -> tree.Object:
        members: list[tuple[tree.Node, tree.Node | None]] = []
        while self._token.kind != "}":
            members.append(self._member())
            if not self._accept(","):
                break
        self._take("}")
        return tree.Object(members)

    def _member(self) -> tuple[tree.Node, tree.Node | None]:
        token = self._token
        if self._accept("variable"):
            variable = tree.Variable(cast("str", token.value), token.at)
            if self._accept(":"):
                return variable, self._member_value()
            return tree.Literal(variable.name[1:]), variable
        key = self._key()
        if self._accept(":"):
            return key, self._member_value()
        if token.kind == "(":
            raise self._unexpected("':'")
        return key, None

    def _member_value(self) -> tree.Node:
        node = self._expression()
        return tree.Pipe(node, self._member_value()) if self._accept("|") else node

    def _if(self) -> tree.If:
        condition = self._pipe()
        self._take("then")
        then = self._pipe()
        otherwise: tree.Node = _IDENTITY
        if self._accept("elif"):
            return tree.If(condition, then, self._if())
        if self._accept("else"):
            otherwise = self._pipe()
        self._take("end")
        return tree.If(condition, then, otherwise)

    def _loop(self, kind: str) -> tree.Reduce | tree.Foreach:
        source = self._expression()
        self._take("as")
        pattern = self._pattern()
        self._take("(")
        start = self._pipe()
        self._take(";")
        update = self._pipe()
        extract = self._pipe() if kind == "foreach" and self._accept(";") else _IDENTITY
        self._take(")")
        if kind == "reduce":
            return tree.Reduce(source, pattern, start, update)
        return tree.Foreach(source, pattern, start, update, extract)

    def _text(self, token: Token, format: tree.Node | None) -> tree.Node:
        """A text, whose queries are put through a format."""
        pieces = cast("Sequence[str | Sequence[Token]]", token.value)
        written = format or tree.Call("tostring", (), token.at)
        nodes: list[tree.Node] = []
        for piece in pieces:
            if isinstance(piece, str):
                nodes.append(tree.Literal(piece))
            else:
                nodes.append(tree.Pipe(_Parser(self._lexer, piece, self._nesting).query(), written))
        return reduce(lambda left, right: tree.Binary("+", left, right), nodes) if nodes else tree.Literal("")


def _on_identity(node: tree.Node) -> tree.Node | None:
    """The last step of a node as a step from the input; None if it is no step."""
    match node:
        case tree.Index(_, key):
            return tree.Index(_IDENTITY, key)
        case tree.Slice(_, start, end):
            return tree.Slice(_IDENTITY, start, end)
        case tree.Iterate():
            return tree.Iterate(_IDENTITY)
        case _:
            return None


def _operation(operator: str, left: tree.Node, right: tree.Node) -> tree.Node:
    match operator:
        case "//":
            return tree.Alternative(left, right)
        case "and":
            return tree.If(left, tree.If(right, _TRUE, _FALSE), _FALSE)
        case "or":
            return tree.If(left, _TRUE, tree.If(right, _TRUE, _FALSE))
        case _ if operator in _UPDATES:
            return tree.Update(operator, left, right)
        case _:
            return tree.Binary(operator, left, right)
