"""Semantic versions (https://semver.org) and ranges of them: `>=1.2.0 <2.0.0 || 3.x`.

The notation of ranges is that of `github.com/blang/semver`: comparators side by side must all hold, of alternatives
between `||` one. An `x` stands for any number there, in every place from where it is.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Final, NamedTuple

_NUMBER: Final = r"(0|[1-9][0-9]{0,19})"
_LABELS: Final = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_VERSION: Final = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_LABELS}))?(?:\+{_LABELS})?")
_PARTIAL: Final = re.compile(rf"{_NUMBER}\.(?:x(?:\.x)?|{_NUMBER}\.x)")
_TERM: Final = re.compile(r" *([<>=!]*) *([^ <>=!|]+)")
_LONGEST_TEXT: Final = 1000

_TESTS: Final[dict[str, Callable[[Version, Version], bool]]] = {
    "": operator.eq,
    "=": operator.eq,
    "==": operator.eq,
    "!": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Test = Callable[["Version"], bool]


class Version(NamedTuple):
    """A version without its build metadata, which has no precedence; compared as versions are.

    `labels` are those of a pre-release in a form that sorts: numbers before words, a release after its pre-releases.
    """

    major: int
    minor: int
    patch: int
    labels: tuple[tuple[int, int, str], ...]


_RELEASE: Final = ((2, 0, ""),)


def parse_version(text: str) -> Version:
    """The version. Raises ValueError."""
    found = _VERSION.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if found is None:
        raise ValueError("not a semantic version: write three numbers, such as 1.2.3")
    labels = tuple(_label(label) for label in found[4].split(".")) if found[4] else _RELEASE
    return Version(int(found[1]), int(found[2]), int(found[3]), labels)


def parse_range(text: str) -> Test:
    """Whether a version is within the range. Raises ValueError."""
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"a range of more than {_LONGEST_TEXT} characters")
    alternatives = [_alternative(part) for part in text.split("||")]
    return lambda version: any(all(test(version) for test in tests) for tests in alternatives)


def _label(text: str) -> tuple[int, int, str]:
    if not text.isdigit():
        return 1, 0, text
    if text[0] == "0" and len(text) > 1:
        raise ValueError("a number in a semantic version begins with 0")
    return 0, int(text), ""


def _alternative(text: str) -> list[Test]:
    tests: list[Test] = []
    at, text = 0, text.rstrip(" ")
    while at < len(text) or not tests:
        term = _TERM.match(text, at)
        if term is None or term[1] not in _TESTS:
            raise ValueError("not a range of versions: write comparators before versions, such as >=1.2.0 <2.0.0")
        partial = _PARTIAL.fullmatch(term[2])
        tests.append(_within(term[1], partial) if partial else _compared(term[1], parse_version(term[2])))
        at = term.end()
    return tests


def _compared(comparator: str, wanted: Version) -> Test:
    holds = _TESTS[comparator]
    return lambda version: holds(version, wanted)


def _within(comparator: str, partial: re.Match[str]) -> Test:
    """A comparison with all versions that `1.x`, `1.x.x` or `1.2.x` stands for."""
    major, minor = int(partial[1]), int(partial[2] or "0")
    first = Version(major, minor, 0, _RELEASE)
    after = Version(major, minor + 1, 0, _RELEASE) if partial[2] else Version(major + 1, 0, 0, _RELEASE)
    match comparator:
        case "<" | ">=":
            return _compared(comparator, first)
        case "<=":
            return _compared("<", after)
        case ">":
            return _compared(">=", after)
        case "!" | "!=":
            return lambda version: version < first or version >= after
        case _:
            return lambda version: first <= version < after
