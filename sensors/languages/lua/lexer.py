"""Words of a Lua script. Lua knows bytes only: from here on a text is a `str` in which each character stands for a byte."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from sensors.languages.expression_error import ExpressionError
from sensors.languages.lua.numbers import read_number

KEYWORDS: Final = frozenset(
    [
        "and",
        "break",
        "do",
        "else",
        "elseif",
        "end",
        "false",
        "for",
        "function",
        "goto",
        "if",
        "in",
        "local",
        "nil",
        "not",
        "or",
        "repeat",
        "return",
        "then",
        "true",
        "until",
        "while",
    ]
)
_NEWLINE: Final = re.compile(r"\r\n|\n\r|\r")
_BLANK: Final = re.compile(r"(?:[ \t\n]+|--(?!\[=*\[)[^\n]*)+")
_LONG: Final = re.compile(r"(?:--)?\[(=*)\[\n?")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]*|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]*)?")
_SYMBOL: Final = re.compile(r"\.\.\.|\.\.|==|~=|<=|>=|::|[-+*/%^#<>=(){}\[\];:,.]")
_PLAIN: Final = re.compile(r"[^\\\n'\"]*")
_ESCAPE: Final = re.compile(r"[0-9]{1,3}|.", re.DOTALL)
_ESCAPES: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class Token(NamedTuple):
    """`kind` is `name`, `number`, `string`, or the keyword or symbol itself; empty after the last. `at` counts bytes from 0."""

    kind: str
    value: str | float
    line: int
    at: int


class Source:
    """The text of a script, and the errors in it."""

    def __init__(self, text: str) -> None:
        self._text = _NEWLINE.sub("\n", text)
        self.bytes = self._text.encode(errors="replace").decode("latin-1")

    def error(self, message: str, at: int) -> ExpressionError:
        """A fault at a byte."""
        before = self.bytes[:at].encode("latin-1").decode(errors="replace")
        return ExpressionError(message, self._text, len(before))

    def tokens(self) -> Iterator[Token]:
        """All words, and an empty one at the end. Raises ExpressionError."""
        text, at, line = self.bytes, 0, 1
        while True:
            start = at
            if (blank := _BLANK.match(text, at)) is not None:
                at = blank.end()
            elif text.startswith("--", at):
                at = self._end_of_long(at)[1]
            elif at == len(text):
                yield Token("", "", line, at)
                return
            else:
                token, at = self._token(at, line)
                yield token
            line += text.count("\n", start, at)

    def _token(self, at: int, line: int) -> tuple[Token, int]:
        text = self.bytes
        if (found := _NAME.match(text, at)) is not None:
            kind = found[0] if found[0] in KEYWORDS else "name"
            return Token(kind, found[0], line, at), found.end()
        if (found := _NUMBER.match(text, at)) is not None:
            # Of an integer that begins with 0, the rest is octal, once the 0 is gone.
            digits = found[0][1:] if found[0][0] == "0" and found[0][1:2].isdigit() else found[0]
            if digits[-1] in "eExX+-":
                raise self.error("this number is not complete", at)
            return Token("number", read_number(digits), line, at), found.end()
        if text[at] in "'\"":
            value, end = self._quoted(at)
            return Token("string", value, line, at), end
        if _LONG.match(text, at) is not None:
            value, end = self._end_of_long(at)
            return Token("string", value, line, at), end
        if (found := _SYMBOL.match(text, at)) is not None:
            return Token(found[0], found[0], line, at), found.end()
        raise self.error("this is no part of Lua 5.1", at)

    def _end_of_long(self, at: int) -> tuple[str, int]:
        """What lies between long brackets, and where the text goes on."""
        opening = _LONG.match(self.bytes, at)
        assert opening is not None
        closing = f"]{opening[1]}]"
        end = self.bytes.find(closing, opening.end())
        if end < 0:
            raise self.error(f"the closing '{closing}' is missing", at)
        return self.bytes[opening.end() : end], end + len(closing)

    def _quoted(self, at: int) -> tuple[str, int]:
        text, mark, start = self.bytes, self.bytes[at], at
        pieces: list[str] = []
        at += 1
        while True:
            plain = _PLAIN.match(text, at)
            assert plain is not None
            pieces.append(plain[0])
            at = plain.end()
            character = text[at : at + 1]
            at += 1
            if character == mark:
                return "".join(pieces), at
            if character == "\\" and (escape := _ESCAPE.match(text, at)) is not None:
                at = escape.end()
                name = escape[0]
                pieces.append(chr(int(name) & 255) if name.isdigit() else _ESCAPES.get(name, name))
            elif character in ("'", '"'):
                pieces.append(character)
            else:
                raise self.error("this text is not closed in its line", start)
