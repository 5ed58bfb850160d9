"""sprig's functions of regular expressions."""

from __future__ import annotations

from typing import Final

from sensors.languages.go.limits import GoError, check_items
from sensors.languages.go.regexp import Match, compile_regexp, quote_meta
from sensors.languages.go.text import from_bytes, to_bytes
from sensors.languages.go.values import NilStrings, Strings
from sensors.languages.gotemplate.functions import INT, STRING, Function


def _match(pattern: str, text: str) -> bool:
    """An expression that is none matches nothing."""
    try:
        return _must_match(pattern, text)
    except GoError:
        return False


def _must_match(pattern: str, text: str) -> bool:
    return compile_regexp(pattern).search(to_bytes(text)) is not None


def _find(pattern: str, text: str) -> str:
    data = to_bytes(text)
    match = compile_regexp(pattern).search(data)
    return from_bytes(data[match.start : match.end]) if match else ""


def _find_all(pattern: str, text: str, most: int) -> Strings:
    data = to_bytes(text)
    found = Strings()
    for match in compile_regexp(pattern).find_all(data, most):
        found.append(from_bytes(data[match.start : match.end]))
        check_items(len(found))
    return found or NilStrings()


def _replace_all(pattern: str, text: str, replacement: str) -> str:
    regexp = compile_regexp(pattern)
    return regexp.replace_all(text, regexp.expand(replacement))


def _replace_all_literal(pattern: str, text: str, replacement: str) -> str:
    data = to_bytes(replacement)

    def literally(text: bytes, match: Match) -> bytes:
        return data

    return compile_regexp(pattern).replace_all(text, literally)


def _split(pattern: str, text: str, most: int) -> Strings:
    regexp = compile_regexp(pattern)
    if most == 0:
        return NilStrings()
    if pattern and not text:
        return Strings([""])
    data = to_bytes(text)
    parts = Strings()
    begin = end = 0
    for match in regexp.find_all(data, most):
        if most > 0 and len(parts) == most - 1:
            break
        end = match.start
        # An empty match at the beginning separates nothing.
        if match.end:
            parts.append(from_bytes(data[begin:end]))
            check_items(len(parts))
        begin = match.end
    if end != len(data):
        parts.append(from_bytes(data[begin:]))
    return parts


FUNCTIONS: Final = (
    Function("regexMatch", _match, (STRING, STRING)),
    Function("mustRegexMatch", _must_match, (STRING, STRING)),
    Function("regexQuoteMeta", quote_meta, (STRING,)),
    *(Function(name, _find, (STRING, STRING)) for name in ("regexFind", "mustRegexFind")),
    *(Function(name, _find_all, (STRING, STRING, INT)) for name in ("regexFindAll", "mustRegexFindAll")),
    *(Function(name, _split, (STRING, STRING, INT)) for name in ("regexSplit", "mustRegexSplit")),
    *(Function(name, _replace_all, (STRING, STRING, STRING)) for name in ("regexReplaceAll", "mustRegexReplaceAll")),
    *(
        Function(name, _replace_all_literal, (STRING, STRING, STRING))
        for name in ("regexReplaceAllLiteral", "mustRegexReplaceAllLiteral")
    ),
)
