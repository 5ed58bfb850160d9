"""The tokens of a govaluate expression, with the lexer's rules of what may follow what.

The rules are those of Knetic/govaluate at the version that Argo Events uses, its oddities included: any quote ends any
string, a run of symbols is one token (`n>-1` is not understood), a backslash makes the next character part of a token.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sensors.languages.expression_error import ExpressionError
from sensors.languages.gjson.result import read_float
from sensors.languages.go.layout import parse_time
from sensors.languages.go.limits import GoError


class GovaluateError(ExpressionError):
    """An expression that cannot be read."""


class Kind(StrEnum):
    """What a token is; the values are for messages."""

    PREFIX = "a prefix"
    NUMBER = "a number"
    BOOLEAN = "a boolean"
    STRING = "a text"
    TIME = "a date"
    VARIABLE = "a name"
    ACCESSOR = "a field"
    COMPARATOR = "a comparison"
    LOGICAL = "a logical operator"
    MODIFIER = "an operator"
    OPEN = "'('"
    CLOSE = "')'"
    TERNARY = "a choice"
    SEPARATOR = "','"


class Token(NamedTuple):
    """A token: its kind, its value (text of an operator, value of a literal) and where it begins."""

    kind: Kind
    value: Any
    column: int


_VALUES: Final = (Kind.NUMBER, Kind.BOOLEAN, Kind.VARIABLE, Kind.ACCESSOR)
_OPERATORS: Final = (Kind.MODIFIER, Kind.COMPARATOR, Kind.LOGICAL, Kind.CLOSE, Kind.SEPARATOR)
_BEGIN: Final = frozenset({Kind.PREFIX, *_VALUES, Kind.STRING, Kind.TIME, Kind.OPEN})
_AFTER_VALUE: Final = frozenset({*_OPERATORS, Kind.TERNARY})
_FOLLOWERS: Final[dict[Kind | None, frozenset[Kind]]] = {
    None: _BEGIN,
    Kind.OPEN: _BEGIN | {Kind.CLOSE},
    Kind.CLOSE: _AFTER_VALUE | {Kind.NUMBER, Kind.BOOLEAN, Kind.VARIABLE, Kind.STRING, Kind.TIME, Kind.OPEN},
    Kind.NUMBER: _AFTER_VALUE,
    Kind.BOOLEAN: _AFTER_VALUE,
    Kind.STRING: _AFTER_VALUE,
    Kind.TIME: frozenset(_OPERATORS),
    Kind.VARIABLE: _AFTER_VALUE,
    Kind.ACCESSOR: _AFTER_VALUE | {Kind.OPEN},
    Kind.MODIFIER: _BEGIN - {Kind.TIME} | {Kind.CLOSE},
    Kind.COMPARATOR: _BEGIN | {Kind.CLOSE},
    Kind.LOGICAL: _BEGIN | {Kind.CLOSE},
    Kind.PREFIX: frozenset({*_VALUES, Kind.OPEN, Kind.CLOSE}),
    Kind.TERNARY: _BEGIN | {Kind.SEPARATOR},
    Kind.SEPARATOR: _BEGIN,
}
_LAST: Final = frozenset({Kind.CLOSE, Kind.NUMBER, Kind.BOOLEAN, Kind.STRING, Kind.TIME, Kind.VARIABLE, Kind.ACCESSOR})
_PREFIXES: Final = frozenset("-!~")
_SYMBOLS: Final = {
    **dict.fromkeys(("+", "-", "*", "/", "%", "**", "&", "|", "^", ">>", "<<"), Kind.MODIFIER),
    **dict.fromkeys(("&&", "||"), Kind.LOGICAL),
    **dict.fromkeys(("==", "!=", ">", ">=", "<", "<=", "=~", "!~"), Kind.COMPARATOR),
    **dict.fromkeys(("?", ":", "??"), Kind.TERNARY),
}
_MEANT: Final = {
    "===": "write '=='",
    "=": "write '=='",
    "and": "write '&&'",
    "or": "write '||'",
    "not": "write '!'",
    "null": "bind the name to a path whose value is null",
}
_BLANK: Final = re.compile("[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_HEXADECIMAL: Final = re.compile(r"[0-9a-fA-F]+")
_DATE_LAYOUTS: Final = (
    "Mon Jan _2 15:04:05 2006",
    "Mon Jan _2 15:04:05 MST 2006",
    "Mon Jan 02 15:04:05 -0700 2006",
    "3:04PM",
    "2006-01-02T15:04:05Z07:00",
    "2006-01-02T15:04:05.999999999Z07:00",
    "2006-01-02",
    "2006-01-02 15:04",
    "2006-01-02 15:04:05",
    "2006-01-02 15:04:05-07:00",
    "2006-01-02T15Z0700",
    "2006-01-02T15:04Z0700",
    "2006-01-02T15:04:05Z0700",
    "2006-01-02T15:04:05.999999999Z0700",
)


def read_tokens(text: str) -> list[Token]:
    """The tokens of an expression, in an order that makes one. Raises GovaluateError."""
    lexer = _Lexer(text)
    tokens: list[Token] = []
    last: Kind | None = None
    while (token := lexer.next(last)) is not None:
        tokens.append(token)
        last = token.kind
    _check_balance(text, tokens)
    _check_order(text, tokens)
    return tokens


def _check_balance(text: str, tokens: list[Token]) -> None:
    opened = [token for token in tokens if token.kind is Kind.OPEN]
    closed = [token for token in tokens if token.kind is Kind.CLOSE]
    # Only the numbers are compared, so what follows a parenthesis too many is read and then ignored.
    if len(opened) > len(closed):
        raise GovaluateError("a parenthesis is not closed", text, opened[len(closed)].column)
    if len(closed) > len(opened):
        raise GovaluateError("a parenthesis is closed that was not opened", text, closed[len(opened)].column)


def _check_order(text: str, tokens: list[Token]) -> None:
    last: Kind | None = None
    before = Token(Kind.OPEN, "", 0)
    for token in tokens:
        if token.kind not in _FOLLOWERS[last]:
            if last is Kind.VARIABLE and token.kind is Kind.OPEN:
                raise GovaluateError(f"there is no function '{before.value}'", text, before.column)
            after = f" cannot follow {last}" if last else " cannot be the first"
            meant = _MEANT.get(str(token.value)) or _MEANT.get(str(before.value))
            raise GovaluateError(f"{token.kind}{after}{f': {meant}' if meant else ''}", text, token.column)
        last, before = token.kind, token
    if last not in _LAST:
        raise GovaluateError("the expression ends too early", text, len(text))


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def next(self, last: Kind | None) -> Token | None:
        """The next token after one of that kind; None at the end."""
        while self._at < len(self._text) and _BLANK.match(self._text, self._at):
            self._at += 1
        if self._at >= len(self._text):
            return None
        start, first = self._at, self._text[self._at]
        if _is_numeric(first):
            return Token(Kind.NUMBER, self._read_number(first), start)
        if first == ",":
            self._at += 1
            return Token(Kind.SEPARATOR, ",", start)
        if first == "[":
            return Token(Kind.VARIABLE, self._read_quoted("]", "the bracket is not closed"), start)
        if first.isalpha():
            return self._read_word(start)
        if first in "'\"":
            text = self._read_quoted("'\"", "the text is not closed")
            moment = _read_date(text)
            return Token(Kind.STRING, text, start) if moment is None else Token(Kind.TIME, moment, start)
        if first in "()":
            self._at += 1
            return Token(Kind.OPEN if first == "(" else Kind.CLOSE, first, start)
        return self._read_symbol(start, last)

    def _read_number(self, first: str) -> float:
        start = self._at
        if first == "0" and self._text[start + 1 : start + 2] == "x" and start + 2 < len(self._text):
            self._at += 2
            digits = self._read_while(lambda character: character.isdecimal() or character in "abcdefABCDEF")
            if not _HEXADECIMAL.fullmatch(digits) or int(digits, 16) >= 1 << 64:
                raise self._fault(f"'0x{digits}' is no hexadecimal number of 64 bits", start)
            return float(int(digits, 16))
        digits = self._read_while(_is_numeric)
        try:
            return read_float(digits)
        except (ValueError, OverflowError):
            raise self._fault(f"'{digits}' is no number", start) from None

    def _read_word(self, start: int) -> Token:
        word = self._read_while(lambda character: character.isalpha() or character.isdecimal() or character in "_.")
        if word in ("in", "IN"):
            return Token(Kind.COMPARATOR, "in", start)
        if "." in word[1:]:
            names = word.split(".")
            if not names[-1]:
                raise self._fault(f"'{word}' ends with a dot", start)
            if hidden := next((name for name in names[1:] if name[:1].upper() != name[:1]), None):
                fix = f"bind the whole path to one name, or write [{word}] if that is the name"
                raise self._fault(f"'{word}' is no name and has no field '{hidden}': {fix}", start)
            return Token(Kind.ACCESSOR, word, start)
        if word in ("true", "false"):
            return Token(Kind.BOOLEAN, word == "true", start)
        return Token(Kind.VARIABLE, word, start)

    def _read_symbol(self, start: int, last: Kind | None) -> Token:
        symbol = self._read_while(_is_symbolic)
        # A minus is a sign where a value may begin, else a subtraction.
        if symbol in _PREFIXES and Kind.PREFIX in _FOLLOWERS[last]:
            return Token(Kind.PREFIX, symbol, start)
        if (kind := _SYMBOLS.get(symbol)) is not None:
            return Token(kind, symbol, start)
        meant = _MEANT.get(symbol, "put blanks between operators" if len(symbol) > 1 else "")
        shown = symbol[:20] or self._text[start]
        raise self._fault(f"'{shown}' is no operator{f': {meant}' if meant else ''}", start)

    def _read_quoted(self, ends: str, unclosed: str) -> str:
        """The text up to one of `ends`, blanks included."""
        start, read = self._at, []
        self._at += 1
        while self._at < len(self._text):
            character = self._text[self._at]
            self._at += 1
            if character == "\\":
                read.append(self._escaped())
            elif character in ends:
                return "".join(read)
            else:
                read.append(character)
        raise self._fault(unclosed, start)

    def _read_while(self, belongs: Callable[[str], bool]) -> str:
        """The characters that belong together, up to a blank."""
        read: list[str] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == "\\":
                self._at += 1
                read.append(self._escaped())
                continue
            if _BLANK.match(character):
                if read:
                    break
            elif belongs(character):
                read.append(character)
            else:
                break
            self._at += 1
        return "".join(read)

    def _escaped(self) -> str:
        if self._at >= len(self._text):
            raise self._fault("a backslash at the end", self._at - 1)
        self._at += 1
        return self._text[self._at - 1]

    def _fault(self, message: str, column: int) -> GovaluateError:
        return GovaluateError(message, self._text, column)


def _is_numeric(character: str) -> bool:
    return character.isdecimal() or character == "."


def _is_symbolic(character: str) -> bool:
    return not (character.isalpha() or character.isdecimal() or character in "()[]'\"")


def _read_date(text: str) -> float | None:
    """The Unix time of a text that is a date to govaluate; None for others."""
    for layout in _DATE_LAYOUTS:
        try:
            return float(parse_time(layout, text).seconds)
        except GoError:
            continue
    return None
