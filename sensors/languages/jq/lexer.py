"""Words of a jq query; a text with queries in it is one word, whose pieces are texts and the words of the queries."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from sensors.languages.expression_error import ExpressionError
from sensors.languages.jq.text import read_number

_WORDS: Final = (
    "or and module import include def as label break null true false if then elif else end try catch reduce foreach"
)
KEYWORDS: Final = frozenset(_WORDS.split())
_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#(?:\\(?:\\|\r\n?|\n)|[^\r\n])*)+")
_WORD: Final = re.compile(
    r"(?P<number>[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<field>\.[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<variable>\$[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)?)"
    r"|(?P<format>@[A-Za-z0-9_]+)"
    r"|(?P<symbol>\?//|//=|\|=|\+=|-=|\*=|/=|%=|==|!=|<=|>=|//|\.\.|[-+*/%=<>|,.\[\]{}()?:;$])"
)
_PLAIN: Final = re.compile(r'[^"\\]*')
_ESCAPE: Final = re.compile(r'\\(?:["/\\bfnrt]|u[0-9a-fA-F]{4})')
_HALF: Final = re.compile("[\ud800-\udfff]")
_NESTING: Final = 20
"""Texts in queries in texts."""


class Token(NamedTuple):
    """`kind` is number, field, variable, name, format, text, or the keyword or symbol itself; empty at the end.

    The value of a text is its pieces: texts and, for what is between `\\(` and `)`, tokens. `at` counts characters from 0.
    """

    kind: str
    value: str | float | Sequence[str | Sequence[Token]]
    at: int


class Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._nesting = 0

    def tokens(self) -> list[Token]:
        """Raises ExpressionError."""
        return self._until("")

    def error(self, message: str, at: int) -> ExpressionError:
        return ExpressionError(message, self._text, at)

    def _until(self, closing: str) -> list[Token]:
        """The words up to the parenthesis that closes what began before, or up to the end, and an empty one."""
        tokens: list[Token] = []
        depth = 0
        while True:
            if (blank := _BLANK.match(self._text, self._at)) is not None:
                self._at = blank.end()
            if self._at >= len(self._text):
                if closing:
                    raise self.error("the query ends within a text", self._at)
                break
            token = self._token()
            depth += (token.kind == "(") - (token.kind == ")")
            if closing and depth < 0:
                break
            tokens.append(token)
        tokens.append(Token("", "", self._at - bool(closing)))
        return tokens

    def _token(self) -> Token:
        at = self._at
        if self._text[at] == '"':
            return Token("text", self._quoted(), at)
        found = _WORD.match(self._text, at)
        if found is None:
            raise self.error("this is no part of jq", at)
        self._at = found.end()
        word = found[0]
        match found.lastgroup:
            case "number":
                if re.match(r"[A-Za-z_.]", self._text[self._at : self._at + 1]):
                    raise self.error("this number is not complete", at)
                return Token("number", read_number(word), at)
            case "field":
                return Token("field", word[1:], at)
            case "name" if word in KEYWORDS:
                return Token(word, word, at)
            case "symbol":
                return Token(word, word, at)
            case kind:
                return Token(str(kind), word, at)

    def _quoted(self) -> list[str | list[Token]]:
        start = self._at
        self._at += 1
        pieces: list[str | list[Token]] = []
        written = ""
        while True:
            plain = _PLAIN.match(self._text, self._at)
            assert plain is not None
            written += plain[0]
            self._at = plain.end()
            if self._text.startswith('"', self._at):
                self._at += 1
                return [*pieces, *_unescaped(written)]
            if self._text.startswith("\\(", self._at):
                self._at += 2
                self._nesting += 1
                if self._nesting > _NESTING:
                    raise self.error(f"more than {_NESTING} texts within one another", start)
                pieces += [*_unescaped(written), self._until(")")]
                written = ""
                self._nesting -= 1
            elif (escape := _ESCAPE.match(self._text, self._at)) is not None:
                written += escape[0]
                self._at = escape.end()
            elif self._at >= len(self._text):
                raise self.error("the closing '\"' of the text is missing", start)
            else:
                raise self.error(f"there is no escape '{self._text[self._at : self._at + 2]}'", self._at)


def _unescaped(written: str) -> list[str]:
    """The text that is written so; none if it is empty."""
    if not written:
        return []
    text: str = json.loads(f'"{written}"', strict=False)
    return [_HALF.sub("\ufffd", text)]
