"""Functions that match and replace by patterns: regular expressions, in time linear in the text, and wildcards.

A pattern that is written in the expression is compiled with it, so what is wrong with one is found at load.
"""

from __future__ import annotations

import re
from time import monotonic
from typing import Any, Final, TypeAlias

import re2

from sensors.languages.go.numbers import format_float
from sensors.languages.jmes.errors import JmesRuntimeError
from sensors.languages.jmes.function import Function, Parameter
from sensors.languages.jmes.limits import check_length
from sensors.languages.regex_search import Regex, RegexError

SECONDS: Final = 1.0
"""How long one replacement may take: a search is linear, but many of them may each go to the end of the text."""

_REFERENCE: Final = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")
_GROUP_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,7}", re.ASCII)

Template: TypeAlias = "list[bytes | int | str]"
"""Text, and the numbers and names of groups to put between."""


def _text(value: str | int | float) -> str:
    """A text or the digits of a number."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) else format_float(value, "f")


def _compile(pattern: str) -> Regex:
    try:
        return Regex(pattern)
    except RegexError as error:
        raise JmesRuntimeError(str(error)) from error


def _compile_for_groups(pattern: str) -> Any:
    """The expression as the library has it, for bytes."""
    return _compile(pattern).compiled


def _compile_wildcards(pattern: str) -> Regex:
    """`*` stands for any text, `?` for any character."""
    parts = {"*": ".*", "?": "."}
    return _compile(r"(?s)\A" + "".join(parts.get(c) or re2.escape(c) for c in pattern) + r"\z")


def _matches(regex: Regex, text: str) -> bool:
    return regex.matches(text)


def _template(text: str) -> Template:
    """A replacement in which `$1`, `$name` and `${name}` stand for groups and `$$` for `$`, by the rules of Go's Expand."""
    pieces: Template = []
    at = 0
    for found in _REFERENCE.finditer(text):
        pieces.append(text[at : found.start()].encode(errors="replace"))
        at = found.end()
        if found[1]:
            pieces.append(b"$")
        else:
            name = found[2] or found[3]
            pieces.append(int(name) if _GROUP_NUMBER.fullmatch(name) else name)
    pieces.append(text[at:].encode(errors="replace"))
    return pieces


def _read_template(value: str | int | float) -> Template:
    return _template(_text(value))


def _read_literal(value: str | int | float) -> Template:
    return [_text(value).encode(errors="replace")]


def _replace_all(regex: Any, text: str, template: Template) -> str:
    """Matches that do not overlap are replaced; an empty one right behind another does not count."""
    data = text.encode(errors="replace")
    made = _Pieces()
    copied = at = 0
    deadline = monotonic() + SECONDS
    while at <= len(data) and (match := regex.search(data, at)) is not None:
        start, end = match.span()
        made.add(data[copied:start])
        if end > copied or start == 0:
            _expand(template, match, made)
        copied = end
        # A search that found nothing but the place where it began goes on behind the next character.
        at = end if end > at else _behind(data, at)
        if monotonic() > deadline:
            raise JmesRuntimeError(f"replacing takes longer than {SECONDS:g} s")
    made.add(data[copied:])
    return b"".join(made.pieces).decode(errors="replace")


class _Pieces:
    """What a text is put together from, which is not to become too long."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self._length = 0

    def add(self, piece: bytes) -> None:
        self._length += len(piece)
        check_length(self._length)
        self.pieces.append(piece)


def _behind(data: bytes, at: int) -> int:
    """Where the character ends that begins at `at`."""
    at += 1
    while at < len(data) and data[at] & 0xC0 == 0x80:
        at += 1
    return at


def _expand(template: Template, match: Any, made: _Pieces) -> None:
    """Adds the replacement of a match. A group that there is not, or that took no part, is empty."""
    for piece in template:
        if isinstance(piece, bytes):
            made.add(piece)
            continue
        group = piece if isinstance(piece, int) else match.re.groupindex.get(piece.encode(), -1)
        if 0 <= group <= match.re.groups and (found := match[group]) is not None:
            made.add(found)


_REGEX: Final = Parameter(("string",), read=_compile)
_REGEX_WITH_GROUPS: Final = Parameter(("string",), read=_compile_for_groups)
_WILDCARDS: Final = Parameter(("string",), read=_compile_wildcards)
_TEXT: Final = Parameter(("string", "number"), read=_text)

PATTERNS: Final = (
    Function(
        "regex_match",
        (_REGEX, _TEXT),
        _matches,
        "boolean",
        about="whether the regular expression (RE2) matches anywhere in the text; `^` and `$` bind it to the ends",
        example="regex_match('^v[0-9]+', 'v12-rc1')",
    ),
    Function(
        "regex_replace_all",
        (_REGEX_WITH_GROUPS, _TEXT, Parameter(("string", "number"), read=_read_template)),
        _replace_all,
        "string",
        about="every match replaced; `$1`, `$name` and `${name}` stand for groups",
        example="regex_replace_all('([a-z]+)-([0-9]+)', 'run-7', '$2 of ${1}s')",
    ),
    Function(
        "regex_replace_all_literal",
        (_REGEX_WITH_GROUPS, _TEXT, Parameter(("string", "number"), read=_read_literal)),
        _replace_all,
        "string",
        about="every match replaced by the third text as it stands",
        example="regex_replace_all_literal('[0-9]', 'a1b2', '$')",
    ),
    Function(
        "pattern_match",
        (_WILDCARDS, _TEXT),
        _matches,
        "boolean",
        about="whether the whole text fits the pattern, in which `*` is any text and `?` any character",
        example="pattern_match('release/*', 'release/1.2')",
    ),
)
