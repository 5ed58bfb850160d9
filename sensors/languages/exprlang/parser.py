"""The parser of expr-lang: from a text to a tree, by the grammar and the precedences of version 1.15.

Two oddities are kept because they decide what an expression means: a `not` before a loose operator within a tight one is
lost (`a == b not in c` is `(a == b) in c`), and nothing may stand beside `??` without parentheses.
"""

from __future__ import annotations

from typing import Final

from sensors.languages.exprlang.signatures import BUILTINS, PREDICATES
from sensors.languages.exprlang.tokens import WORDS, ExprlangError, Kind, Token, read_tokens
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
    children,
)
from sensors.languages.gjson.result import read_float
from sensors.languages.go.values import Int

_UNARY: Final = {"not": 50, "!": 50, "-": 90, "+": 90}
_BINARY: Final = {
    "|": 0,
    **dict.fromkeys(("or", "||"), 10),
    **dict.fromkeys(("and", "&&"), 15),
    **dict.fromkeys(("==", "!=", "<", ">", ">=", "<=", "in", "matches", "contains", "startsWith", "endsWith"), 20),
    "..": 25,
    **dict.fromkeys(("+", "-"), 30),
    **dict.fromkeys(("*", "/", "%"), 60),
    **dict.fromkeys(("**", "^"), 100),
    "??": 500,
}
_FROM_THE_RIGHT: Final = ("**", "^")
_LITERALS: Final = {"true": True, "false": False, "nil": None}
_MEANT: Final = {"=": "write '=='", "===": "write '=='", "&": "write '&&'", "<>": "write '!='", ";": "one is enough"}

_MAX_NESTING: Final = 64
_MAX_DEPTH: Final = 200
"""Nodes below one another, which is also the length of a chain of operators."""


def parse(text: str) -> Node:
    """The tree of an expression. Raises ExprlangError."""
    root = _Parser(text).whole()
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > _MAX_DEPTH:
            raise ExprlangError(f"more than {_MAX_DEPTH} operations within one another", text, level[0].column)
        level = [child for node in level for child in children(node)]
    return root


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = read_tokens(text)
        self._at = 0
        self._closures = 0
        self._nesting = 0

    @property
    def _current(self) -> Token:
        return self._tokens[self._at]

    def whole(self) -> Node:
        """The expression, and nothing behind it."""
        root = self._expression()
        if self._current.kind is not Kind.END:
            raise self._unexpected()
        return root

    def _expression(self, loosest: int = 0) -> Node:
        self._nesting += 1
        if self._nesting > _MAX_NESTING:
            raise self._fault(f"nested more than {_MAX_NESTING} levels deep")
        if not loosest and self._current.is_operator("let"):
            node = self._declaration()
        else:
            node = self._operations(self._primary(), loosest)
            if not loosest:
                node = self._conditional(node)
        self._nesting -= 1
        return node

    def _operations(self, left: Node, loosest: int) -> Node:
        before = ""
        while self._current.kind is Kind.OPERATOR:
            negation = self._current if self._take_operator("not") else None
            token = self._current
            precedence = _BINARY.get(token.value, -1) if token.kind is Kind.OPERATOR else -1
            if precedence < loosest:
                break
            self._at += 1
            if token.value == "|":
                left = self._pipe(left)
            else:
                if before == "??" != token.value:
                    raise self._fault(f"'{token.value}' beside '??': put one of them in parentheses", token)
                tighter = precedence if token.value in _FROM_THE_RIGHT else precedence + 1
                left = Binary(token.value, left, self._expression(tighter), column=token.column)
                if negation is not None:
                    left = Unary("not", left, column=negation.column)
            before = token.value
        return left

    def _declaration(self) -> Node:
        self._at += 1
        name = self._current
        self._expect_name("a variable")
        self._expect_operator("=")
        value = self._expression()
        self._expect_operator(";")
        return Let(name.value, value, self._expression(), column=name.column)

    def _conditional(self, condition: Node) -> Node:
        while self._take_operator("?"):
            if self._take_operator(":"):
                then, otherwise = condition, self._expression()
            else:
                then = self._expression()
                self._expect_operator(":")
                otherwise = self._expression()
            condition = Conditional(condition, then, otherwise, column=condition.column)
        return condition

    def _primary(self) -> Node:
        token = self._current
        if token.kind is Kind.OPERATOR and token.value in _UNARY:
            self._at += 1
            operand = self._expression(_UNARY[token.value])
            return self._postfix(Unary(token.value, operand, column=token.column))
        if token.is_bracket("("):
            self._at += 1
            inner = self._expression()
            self._expect_bracket(")")
            return self._postfix(inner)
        if token.is_operator("#", "."):
            if not self._closures:
                raise self._fault(f"'{token.value}' stands for an element, and there is none outside of a predicate")
            return self._postfix(self._pointer(token))
        return self._secondary(token)

    def _pointer(self, token: Token) -> Node:
        name = ""
        if token.value == "#":
            self._at += 1
            if self._current.kind is Kind.NAME:
                name = self._current.value
                self._at += 1
        return Pointer(name, column=token.column)

    def _secondary(self, token: Token) -> Node:
        match token.kind:
            case Kind.NAME:
                self._at += 1
                if token.value in _LITERALS:
                    return Constant(_LITERALS[token.value], column=token.column)
                return self._postfix(self._named(token))
            case Kind.NUMBER:
                self._at += 1
                return Constant(self._number(token), column=token.column)
            case Kind.STRING:
                self._at += 1
                return Constant(token.value, column=token.column)
        if token.is_bracket("["):
            return self._postfix(self._list(token))
        if token.is_bracket("{"):
            return self._postfix(self._map(token))
        raise self._unexpected()

    def _number(self, token: Token) -> Int | float:
        digits = token.value.replace("_", "")
        try:
            if "x" in digits:
                number = int(digits, 16)
            elif any(character in ".eE" for character in digits):
                return read_float(digits)
            else:
                number = int(digits, 10)
        except (ValueError, OverflowError):
            raise self._fault(f"'{token.value}' is no number", token) from None
        if number >= 1 << 63:
            raise self._fault(f"'{token.value}' is too large for an integer", token)
        return Int(number)

    def _named(self, token: Token) -> Node:
        if not self._current.is_bracket("("):
            return Identifier(token.value, column=token.column)
        if token.value in PREDICATES:
            self._at += 1
            collection = self._expression()
            self._expect_operator(",")
            return self._predicate(token, collection)
        if token.value in BUILTINS:
            return BuiltinCall(token.value, self._arguments(), column=token.column)
        callee = Identifier(token.value, column=token.column)
        return Call(callee, self._arguments(), column=token.column)

    def _predicate(self, token: Token, collection: Node) -> Node:
        """The rest of a call whose second argument is asked of each element of the first."""
        arguments = [collection, self._closure()]
        if token.value == "reduce" and self._take_operator(","):
            arguments.append(self._expression())
        self._expect_bracket(")")
        return BuiltinCall(token.value, arguments, column=token.column)

    def _closure(self) -> Node:
        start = self._current
        braced = start.is_bracket("{")
        if braced:
            self._at += 1
        self._closures += 1
        body = self._expression()
        self._closures -= 1
        if braced:
            self._expect_bracket("}")
        return Closure(body, column=start.column)

    def _list(self, token: Token) -> Node:
        self._at += 1
        elements: list[Node] = []
        while not self._current.is_bracket("]"):
            if elements:
                self._expect_operator(",")
                if self._current.is_bracket("]"):
                    break
            elements.append(self._expression())
        self._expect_bracket("]")
        return ListNode(elements, column=token.column)

    def _map(self, token: Token) -> Node:
        self._at += 1
        pairs: list[tuple[Node, Node]] = []
        while not self._current.is_bracket("}"):
            if pairs:
                self._expect_operator(",")
                if self._current.is_bracket("}"):
                    break
            key = self._key()
            self._expect_operator(":")
            pairs.append((key, self._expression()))
        self._expect_bracket("}")
        return MapNode(pairs, column=token.column)

    def _key(self) -> Node:
        token = self._current
        if token.kind in (Kind.NUMBER, Kind.STRING, Kind.NAME):
            self._at += 1
            return Constant(token.value, column=token.column)
        if token.is_bracket("("):
            return self._expression()
        raise self._fault(f"a key is a name, a text, a number or something in parentheses, not {token}")

    def _postfix(self, node: Node) -> Node:
        while True:
            token = self._current
            if token.is_operator(".", "?."):
                node = self._member(node, is_optional=token.value == "?.")
            elif token.is_bracket("["):
                node = self._index(node, token)
            else:
                return node

    def _member(self, base: Node, *, is_optional: bool) -> Node:
        self._at += 1
        name = self._current
        if name.kind is not Kind.NAME and not (name.kind is Kind.OPERATOR and name.value in WORDS):
            raise self._fault(f"a name should follow, not {name}: other keys are written ['…']")
        self._at += 1
        in_chain = isinstance(base, Chain)
        if isinstance(base, Chain):
            base = base.inner
        key = Constant(name.value, column=name.column)
        node: Node = Member(base, key, is_optional, column=name.column)
        if self._current.is_bracket("("):
            node = Call(node, self._arguments(), column=name.column)
        return Chain(node) if in_chain or is_optional else node

    def _index(self, base: Node, token: Token) -> Node:
        self._at += 1
        start = None if self._current.is_operator(":") else self._expression()
        if not self._take_operator(":"):
            assert start is not None
            self._expect_bracket("]")
            return Member(base, start, column=token.column)
        stop = None if self._current.is_bracket("]") else self._expression()
        self._expect_bracket("]")
        return Slice(base, start, stop, column=token.column)

    def _pipe(self, left: Node) -> Node:
        name = self._current
        self._expect_name("a function")
        if name.value in PREDICATES:
            self._expect_bracket("(")
            return self._predicate(name, left)
        arguments = [left, *self._arguments()]
        if name.value in BUILTINS:
            return BuiltinCall(name.value, arguments, column=name.column)
        return Call(Identifier(name.value, column=name.column), arguments, column=name.column)

    def _arguments(self) -> list[Node]:
        self._expect_bracket("(")
        arguments: list[Node] = []
        while not self._current.is_bracket(")"):
            if arguments:
                self._expect_operator(",")
            arguments.append(self._expression())
        self._at += 1
        return arguments

    def _take_operator(self, value: str) -> bool:
        if not self._current.is_operator(value):
            return False
        self._at += 1
        return True

    def _expect_operator(self, value: str) -> None:
        if not self._take_operator(value):
            raise self._unexpected(f"'{value}'")

    def _expect_bracket(self, value: str) -> None:
        if not self._current.is_bracket(value):
            raise self._unexpected(f"'{value}'")
        self._at += 1

    def _expect_name(self, what: str) -> None:
        if self._current.kind is not Kind.NAME:
            raise self._unexpected(what)
        self._at += 1

    def _unexpected(self, wanted: str = "") -> ExprlangError:
        token = self._current
        following = self._tokens[self._at + 1].value if self._at + 1 < len(self._tokens) else ""
        meant = _MEANT.get(token.value + following) or _MEANT.get(token.value, "")
        hint = f"{wanted} should stand here" if wanted else meant
        return self._fault(f"{token} is not expected{f': {hint}' if hint else ''}")

    def _fault(self, message: str, token: Token | None = None) -> ExprlangError:
        return ExprlangError(message, self._text, (token or self._current).column)
