"""The tokens of a template: text, and within `{{…}}` words, numbers, strings and signs. Trim markers are dealt with here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from sensors.languages.gotemplate.errors import TemplateError

_SPACES: Final = " \t\r\n"
_OPENING: Final = re.compile(r"\{\{(-[ \t\r\n])?")
_CLOSING: Final = re.compile(r"([ \t\r\n]-)?\}\}")
_WORD_END: Final = re.compile(r"[ \t\r\n.,|:)(]|\}\}|\Z")
_NUMBER: Final = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?"
    r"|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?"
)
_TOKEN: Final = re.compile(
    r"""(?P<space>[ \t\r\n]+)
    |(?P<declare>:=)|(?P<assign>=)|(?P<pipe>\|)|(?P<open>\()|(?P<close>\))
    |(?P<string>"(?:[^"\\\n]|\\[^\n])*")|(?P<raw>`[^`]*`)|(?P<character>'(?:[^'\\\n]|\\[^\n])*')
    |(?P<variable>\$\w*)|(?P<field>\.(?![0-9])\w+)|(?P<dot>\.)(?![0-9])
    |(?P<number>(?=[+\-.0-9]))
    |(?P<word>\w+)
    |(?P<sign>[ -~])""",
    re.VERBOSE,
)
_KEYWORDS: Final = frozenset(
    ("block", "break", "continue", "define", "else", "end", "if", "range", "nil", "template", "with")
)


class Token(NamedTuple):
    """`kind` is `text`, `left`, `right`, `eof`, a keyword, or the name of a group of the lexer's pattern."""

    kind: str
    text: str
    start: int
    end: int


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def fault(text: str, offset: int, message: str) -> TemplateError:
    """The error of a part of a template."""
    return TemplateError(message, *place(text, offset))


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a template, `eof` last. Raises TemplateError, as soon as the parser comes to the place."""
    at = 0
    while (opening := _OPENING.search(text, at)) is not None:
        content = text[at : opening.start()]
        if opening[1]:
            content = content.rstrip(_SPACES)
        if content:
            yield Token("text", content, at, at + len(content))
        if text.startswith("/*", opening.end()):
            at = _after_comment(text, opening)
            continue
        token = Token("left", "{{", opening.start(), opening.end())
        yield token
        for token in _action(text, opening):
            yield token
        at = _skip_spaces(text, token.end) if token.text != "}}" else token.end
    if at < len(text):
        yield Token("text", text[at:], at, len(text))
    yield Token("eof", "", len(text), len(text))


def _skip_spaces(text: str, at: int) -> int:
    return len(text) - len(text[at:].lstrip(_SPACES))


def _after_comment(text: str, opening: re.Match[str]) -> int:
    end = text.find("*/", opening.end() + 2)
    if end < 0:
        raise fault(text, opening.start(), "the comment is not closed")
    closing = _CLOSING.match(text, end + 2)
    if closing is None:
        raise fault(text, end + 2, "the comment ends before the closing '}}'")
    return _skip_spaces(text, closing.end()) if closing[1] else closing.end()


def _action(text: str, opening: re.Match[str]) -> Iterator[Token]:
    """The tokens up to and including the right delimiter."""
    at = opening.end()
    opened: list[int] = []
    while True:
        if closing := _CLOSING.match(text, at):
            if opened:
                raise fault(text, opened[-1], "this '(' is not closed")
            yield Token("right", closing[0], at, closing.end())
            return
        if at >= len(text):
            raise fault(text, opening.start(), "the action is not closed by '}}'")
        token = _token(text, at)
        if token.kind == "open":
            opened.append(at)
        elif token.kind == "close":
            if not opened:
                raise fault(text, at, "there is no '(' to this ')'")
            opened.pop()
        yield token
        at = token.end


def _token(text: str, at: int) -> Token:
    found = _TOKEN.match(text, at)
    if found is None:
        raise fault(text, at, f"'{text[at]}' has no meaning here")
    kind, content, end = found.lastgroup or "", found[0], found.end()
    match kind:
        case "number":
            return _number(text, at)
        case "space":
            # The blank before a trim marker belongs to the closing.
            if _CLOSING.match(text, end - 1):
                end -= 1
                content = content[:-1]
        case "sign" if content in "\"`'":
            raise fault(text, at, "the string is not closed")
        case "sign" if content == ":":
            raise fault(text, at, "':' without '='")
        case "word" | "field" | "variable" | "dot" if not _WORD_END.match(text, end):
            raise fault(text, end, f"'{text[end]}' cannot follow '{content}'")
        case "word" if content in _KEYWORDS:
            kind = content
    return Token(kind, content, at, end)


def _number(text: str, at: int) -> Token:
    """A number, or two that are a complex one."""
    found = _NUMBER.match(text, at)
    assert found is not None
    end = found.end()
    if text[end : end + 1] in ("+", "-"):
        second = _NUMBER.match(text, end)
        assert second is not None
        end = second.end()
        if text[end - 1] != "i":
            raise fault(text, at, f"'{text[at:end]}' is no number")
    if re.match(r"\w", text[end : end + 1]):
        raise fault(text, at, f"'{text[at : end + 1]}' is no number")
    return Token("number", text[at:end], at, end)
