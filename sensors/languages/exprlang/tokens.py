"""The tokens of an expr-lang expression, by the lexer of version 1.15 (https://expr-lang.org, antonmedv/expr v1.15.5)."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final, NamedTuple

from sensors.languages.expression_error import ExpressionError
from sensors.languages.go.text import SPACES


class ExprlangError(ExpressionError):
    """An expression that cannot be compiled."""


class Kind(Enum):
    """What a token is."""

    NAME = "name"
    NUMBER = "number"
    STRING = "text"
    OPERATOR = "operator"
    BRACKET = "bracket"
    END = "end"


class Token(NamedTuple):
    """A token: its kind, its text (the content of a string), and where it begins."""

    kind: Kind
    value: str
    column: int

    def is_operator(self, *values: str) -> bool:
        return self.kind is Kind.OPERATOR and self.value in values

    def is_bracket(self, value: str) -> bool:
        return self.kind is Kind.BRACKET and self.value == value

    def __str__(self) -> str:
        return "the end" if self.kind is Kind.END else f"'{self.value}'"


WORDS: Final = frozenset({"not", "in", "or", "and", "matches", "contains", "startsWith", "endsWith", "let"})
"""Names that are operators."""

_SPACES: Final = frozenset(SPACES)
_DIGITS: Final = frozenset("0123456789")
_COMMENT: Final = re.compile(r"//[^\n]*\n?|/\*.*?\*/", re.DOTALL)
_OPERATOR: Final = re.compile(r"\?[.?]?|/|\|\|?|[,:;%+\-^]|[&!=*<>][&=*]?|\.\.?")
_NUMBER: Final = re.compile(
    r"(?:0[xX][0-9a-fA-F_]*|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*)(?:\.(?!\.)(?P<fraction>[0-9_]*))?(?:[eE][+-]?[0-9_]*)?"
)
_ESCAPE: Final = re.compile(
    r"""\\(?:(?P<octal>[0-7]{3})|x(?P<hex>[0-9a-fA-F]{2})|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8})"""
    r"""|(?P<name>[abfnrtv\\'"]))"""
)
_NAMED: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ODD: Final = {
    "`": "strings are written in single or double quotes",
    "@": "names are letters, digits, '_' and '$'",
    "\\": "a backslash has a meaning only within quotes",
}


def is_name_part(character: str) -> bool:
    """Whether a name may have it."""
    return character in "_$" or character.isalpha() or character.isdecimal()


def read_tokens(text: str) -> list[Token]:
    """The tokens of an expression, the last of which is its end. Raises ExprlangError."""
    return list(_Lexer(text).tokens())


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def tokens(self) -> list[Token]:
        found: list[Token] = []
        while (first := self._skip()) is not None:
            start = self._at
            if first in "'\"":
                found.append(Token(Kind.STRING, self._read_string(first), start))
            elif first in _DIGITS or (first == "." and self._text[start + 1 : start + 2] in _DIGITS):
                found.append(Token(Kind.NUMBER, self._read_number(), start))
            elif first == "#":
                found += self._read_pointer()
            elif first in "([{)]}":
                self._at += 1
                found.append(Token(Kind.BRACKET, first, start))
            elif (operator := _OPERATOR.match(self._text, start)) is not None:
                self._at = operator.end()
                found.append(Token(Kind.OPERATOR, operator[0], start))
            elif is_name_part(first):
                name = self._read_name()
                found.append(Token(Kind.OPERATOR if name in WORDS else Kind.NAME, name, start))
            else:
                raise self._fault(f"'{first}' is not understood: {_ODD.get(first, 'it has no meaning here')}", start)
        found.append(Token(Kind.END, "", len(self._text)))
        return found

    def _skip(self) -> str | None:
        """The next character that is neither blank nor comment; None at the end."""
        text = self._text
        while self._at < len(text):
            if text[self._at] in _SPACES:
                self._at += 1
            elif (comment := _COMMENT.match(text, self._at)) is not None:
                self._at = comment.end()
            elif text.startswith("/*", self._at):
                raise self._fault("the comment is not closed", self._at)
            else:
                return text[self._at]
        return None

    def _read_name(self) -> str:
        start = self._at
        while self._at < len(self._text) and is_name_part(self._text[self._at]):
            self._at += 1
        return self._text[start : self._at]

    def _read_pointer(self) -> list[Token]:
        """`#`, and the name that follows without a blank (`#index`), whatever it is."""
        start = self._at
        mark = "##" if self._text.startswith("##", start) else "#"
        self._at += len(mark)
        column = self._at
        name = self._read_name()
        pointer = Token(Kind.OPERATOR, mark, start)
        return [pointer, Token(Kind.NAME, name, column)] if name else [pointer]

    def _read_number(self) -> str:
        start = self._at
        found = _NUMBER.match(self._text, start)
        assert found is not None  # it begins with a digit, or with a point and one
        self._at = found.end()
        if self._at < len(self._text) and is_name_part(self._text[self._at]):
            raise self._fault(f"'{self._text[start : self._at + 1]}' is no number", start)
        return found[0]

    def _read_string(self, mark: str) -> str:
        start = self._at
        read: list[str] = []
        self._at += 1
        while True:
            character = self._text[self._at : self._at + 1]
            if character in ("", "\n"):
                raise self._fault("the text is not closed", start)
            if character == mark:
                self._at += 1
                return "".join(read)
            if character == "\\":
                read.append(self._read_escape(mark))
                continue
            # All line breaks within a text are one kind.
            read.append("\n" if character == "\r" else character)
            self._at += 1

    def _read_escape(self, mark: str) -> str:
        found = _ESCAPE.match(self._text, self._at)
        if found is None or (found["name"] in ("'", '"') and found["name"] != mark):
            raise self._fault("there is no such escape", self._at)
        if (name := found["name"]) is not None:
            self._at = found.end()
            return _NAMED.get(name, name)
        code = int(found["octal"], 8) if found["octal"] else int(found["hex"] or found["short"] or found["long"], 16)
        if code > 0x10FFFF or (found["octal"] and code > 0o377):
            raise self._fault("the escape is no character", self._at)
        self._at = found.end()
        return "\ufffd" if 0xD800 <= code <= 0xDFFF else chr(code)

    def _fault(self, message: str, column: int) -> ExprlangError:
        return ExprlangError(message, self._text, column)
