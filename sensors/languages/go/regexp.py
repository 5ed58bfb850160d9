"""Regular expressions of Go, which are those of RE2: what is found where, and how often. They take linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sensors.languages.go.limits import GoError, check_text
from sensors.languages.go.text import from_bytes, to_bytes
from sensors.languages.regex_search import RegexError, compile_pattern

_SPECIAL: Final = re.compile(r"[\\.+*?()|\[\]{}^$]")
_REFERENCE: Final = re.compile(r"\$(?:(?P<dollar>\$)|(?P<name>\w+)|\{(?P<braced>\w+)\})")
_NUMBER_MOST: Final = 8
"""Digits of a group's number; more make a name of it."""

Span = tuple[int, int]


class Match(NamedTuple):
    """Where a match and its groups are, in bytes; a group that takes no part is at (-1, -1)."""

    spans: tuple[Span, ...]

    @property
    def start(self) -> int:
        return self.spans[0][0]

    @property
    def end(self) -> int:
        return self.spans[0][1]


class Regexp:
    """A compiled expression."""

    def __init__(self, pattern: str) -> None:
        try:
            self._compiled = compile_pattern(pattern)
        except RegexError:
            raise GoError("the regular expression is invalid") from None
        self.names: Mapping[str, int] = {
            name.decode() if isinstance(name, bytes) else name: index
            for name, index in self._compiled.groupindex.items()
        }

    def search(self, data: bytes, at: int = 0) -> Match | None:
        """The leftmost match from a place on."""
        found = self._compiled.search(data, at)
        while found is not None and found.start() == found.end() and _is_within(data, found.start()):
            # RE2 finds \B between the bytes of a character, too.
            found = self._compiled.search(data, found.start() + 1)
        if found is None:
            return None
        return Match(tuple(found.span(group) for group in range(self._compiled.groups + 1)))

    def find_all(self, data: bytes, most: int) -> Iterator[Match]:
        """Matches that do not overlap, all of them if `most` is negative; none is empty right after another."""
        at, count, before = 0, 0, -1
        while at <= len(data) and (most < 0 or count < most):
            match = self.search(data, at)
            if match is None:
                return
            is_wanted = True
            if match.end == at:
                is_wanted = match.start != before
                at = _next_character(data, at)
            else:
                at = match.end
            before = match.end
            if is_wanted:
                count += 1
                yield match

    def replace_all(self, text: str, replacement: Any) -> str:
        """The text with what `replacement` makes of the data and each match in its place."""
        data = to_bytes(text)
        pieces: list[bytes] = []
        at = copied = size = 0
        while at <= len(data) and (match := self.search(data, at)) is not None:
            piece = data[copied : match.start]
            if match.end > copied or match.start == 0:
                piece += replacement(data, match)
            size += len(piece)
            check_text(size)
            pieces.append(piece)
            copied = match.end
            at = match.end if match.end > at else _next_character(data, at)
        return from_bytes(b"".join(pieces) + data[copied:])

    def expand(self, template: str) -> Any:
        """The function that puts groups in place of `$1`, `${1}` and `$name`."""
        pieces: list[bytes | int] = []
        at = 0
        for found in _REFERENCE.finditer(template):
            pieces.append(to_bytes(template[at : found.start()]))
            at = found.end()
            if found["dollar"]:
                pieces.append(b"$")
            else:
                pieces.append(self._group(found["name"] or found["braced"]))
        pieces.append(to_bytes(template[at:]))

        def replacement(data: bytes, match: Match) -> bytes:
            return b"".join(
                piece
                if isinstance(piece, bytes)
                else data[slice(*match.spans[piece])]
                if 0 <= piece < len(match.spans) and match.spans[piece][0] >= 0
                else b""
                for piece in pieces
            )

        return replacement

    def _group(self, name: str) -> int:
        """The number of a group, negative if there is none of this name."""
        is_number = name.isascii() and name.isdigit() and len(name) <= _NUMBER_MOST and (name == "0" or name[0] != "0")
        return int(name) if is_number else self.names.get(name, -1)


def _is_within(data: bytes, at: int) -> bool:
    """Whether a place is between the bytes of a character."""
    return at < len(data) and data[at] & 0xC0 == 0x80


def _next_character(data: bytes, at: int) -> int:
    """Where the next character begins, one that is not UTF-8 being one byte long."""
    if at >= len(data):
        return at + 1
    first = data[at]
    length = 1 if first < 0xC2 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4 if first < 0xF5 else 1
    try:
        data[at : at + length].decode()
    except UnicodeDecodeError:
        return at + 1
    return at + length


@lru_cache(maxsize=256)
def compile_regexp(pattern: str) -> Regexp:
    """A regular expression. Raises GoError if there is none of this pattern."""
    return Regexp(pattern)


def quote_meta(text: str) -> str:
    """The expression that matches just this text."""
    return _SPECIAL.sub(r"\\\g<0>", text)
