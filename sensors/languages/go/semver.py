"""Semantic versions and constraints, as Masterminds/semver 3.5 reads them: loosely, with `v`, and with parts missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from itertools import zip_longest
from typing import Any, ClassVar, Final, NamedTuple

from sensors.languages.go.limits import GoError
from sensors.languages.go.regexp import compile_regexp
from sensors.languages.go.text import to_bytes

_IDENTIFIERS: Final = r"([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*)"
_VERSION: Final = rf"^v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(-{_IDENTIFIERS})?(\+{_IDENTIFIERS})?$"
_LOOSE: Final = rf"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?(-{_IDENTIFIERS})?(\+{_IDENTIFIERS})?"
_OPERATORS: Final = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^"
_VALID: Final = rf"^(\s*({_OPERATORS})\s*({_LOOSE})\s*)((?:\s+|,\s*)({_OPERATORS})\s*({_LOOSE})\s*)*$"
_SINGLE: Final = rf"({_OPERATORS})\s*({_LOOSE})"
_WHOLE: Final = rf"^\s*({_OPERATORS})\s*({_LOOSE})\s*$"
_RANGE: Final = rf"\s*({_LOOSE})\s+-\s+({_LOOSE})\s*"
_WILD: Final = frozenset(("x", "X", "*", ""))
_VERSION_MOST, _CONSTRAINT_MOST, _GROUPS_MOST = 256, 512, 32
_SEGMENT_MOST: Final = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Version:
    """A pointer to a version, which is what `semver` gives."""

    go_type: ClassVar[str] = "*semver.Version"
    go_kind: ClassVar[str] = "ptr"

    major: int
    minor: int
    patch: int
    prerelease: str = ""
    metadata: str = ""
    original: str = ""

    def go_string(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        if self.prerelease:
            text += f"-{self.prerelease}"
        return f"{text}+{self.metadata}" if self.metadata else text

    go_json = go_string

    def changed(self, **parts: Any) -> BareVersion:
        """The version with other parts; its original is written anew, with a `v` if there was one. Raises GoError."""
        changed = BareVersion(**{**asdict(self), **parts})
        if max(changed.major, changed.minor, changed.patch) > _SEGMENT_MOST:
            raise GoError("a part of the version is too large")
        prefix = "v" if self.original.startswith("v") else ""
        return replace(changed, original=prefix + changed.go_string())


class BareVersion(Version):
    """A version that is no pointer, which is what `IncMinor` gives; it has not all of the methods."""

    __slots__ = ()
    go_type = "semver.Version"
    go_kind = "struct"


def _groups(pattern: str, text: str) -> list[str] | None:
    """All groups of a match, empty where they take no part."""
    data = to_bytes(text)
    match = compile_regexp(pattern).search(data)
    if match is None:
        return None
    return [data[start:end].decode(errors="replace") if start >= 0 else "" for start, end in match.spans]


def parse_version(text: str) -> Version:
    """A version. Raises GoError."""
    if len(to_bytes(text)) > _VERSION_MOST:
        raise GoError("the version is too long")
    found = _groups(_VERSION, text)
    if found is None:
        raise GoError("the version is invalid")
    major, minor, patch = (int(segment.lstrip(".") or 0) for segment in found[1:4])
    if max(major, minor, patch) > _SEGMENT_MOST:
        raise GoError("the version is invalid")
    prerelease, metadata = found[5], found[8]
    if any(part.isdigit() and len(part) > 1 and part[0] == "0" for part in prerelease.split(".")):
        raise GoError("a part of the prerelease begins with 0")
    return Version(major, minor, patch, prerelease, metadata, text)


def compare(one: Version, other: Version) -> int:
    """-1, 0 or 1. A prerelease is before its release; metadata does not count."""
    ours, theirs = (one.major, one.minor, one.patch), (other.major, other.minor, other.patch)
    if ours != theirs:
        return 1 if ours > theirs else -1
    if not one.prerelease or not other.prerelease:
        return bool(other.prerelease) - bool(one.prerelease)
    return _compare_prereleases(one.prerelease, other.prerelease)


def _compare_prereleases(one: str, other: str) -> int:
    for ours, theirs in zip_longest(one.split("."), other.split("."), fillvalue=""):
        if ours != theirs:
            return 1 if _precedence(ours) > _precedence(theirs) else -1
    return 0


def _precedence(part: str) -> tuple[int, int, str]:
    """Nothing is before numbers, numbers are before words."""
    if not part:
        return 0, 0, ""
    if part.isdigit() and int(part) <= _SEGMENT_MOST:
        return 1, int(part), ""
    return 2, 0, part


class Constraint(NamedTuple):
    """One comparison. `parts` says how many parts of the version are given, 3 if all are."""

    operator: str
    version: Version
    parts: int

    def allows(self, version: Version) -> bool:
        return _ALLOWS[self.operator](version, self)


def _allows_not(version: Version, constraint: Constraint) -> bool:
    wanted = constraint.version
    if constraint.parts < 3:
        if version.major != wanted.major:
            return True
        if constraint.parts == 1:
            return False
        if version.minor != wanted.minor:
            return True
        if constraint.parts == 2:
            either = version.prerelease or wanted.prerelease
            return bool(either) and _compare_prereleases(version.prerelease, wanted.prerelease) != 0
        if version.patch != wanted.patch:
            return True
    return compare(version, wanted) != 0


def _allows_greater(version: Version, constraint: Constraint) -> bool:
    wanted = constraint.version
    if constraint.parts == 3 or (version.major == wanted.major and constraint.parts == 0):
        return compare(version, wanted) > 0
    if version.major != wanted.major:
        return version.major > wanted.major
    return constraint.parts == 2 and version.minor > wanted.minor


def _allows_less_or_equal(version: Version, constraint: Constraint) -> bool:
    wanted = constraint.version
    if constraint.parts == 3:
        return compare(version, wanted) <= 0
    if version.major != wanted.major:
        return version.major < wanted.major
    return version.minor <= wanted.minor or constraint.parts == 1


def _allows_tilde(version: Version, constraint: Constraint) -> bool:
    wanted = constraint.version
    if compare(version, wanted) < 0:
        return False
    if not (wanted.major or wanted.minor or wanted.patch) and constraint.parts in (0, 3):
        return True
    return version.major == wanted.major and (version.minor == wanted.minor or constraint.parts == 1)


def _allows_equal(version: Version, constraint: Constraint) -> bool:
    if constraint.parts < 3:
        return _allows_tilde(version, constraint)
    return compare(version, constraint.version) == 0


def _allows_caret(version: Version, constraint: Constraint) -> bool:
    wanted = constraint.version
    if compare(version, wanted) < 0:
        return False
    if wanted.major or constraint.parts == 1:
        return version.major == wanted.major
    if version.major:
        return False
    if wanted.minor or constraint.parts == 2:
        return version.minor == wanted.minor
    return not version.minor and version.patch == wanted.patch


_ALLOWS: Final[Mapping[str, Callable[[Version, Constraint], bool]]] = {
    "": _allows_equal,
    "=": _allows_equal,
    "!=": _allows_not,
    ">": _allows_greater,
    "<": lambda version, constraint: compare(version, constraint.version) < 0,
    ">=": lambda version, constraint: compare(version, constraint.version) >= 0,
    "=>": lambda version, constraint: compare(version, constraint.version) >= 0,
    "<=": _allows_less_or_equal,
    "=<": _allows_less_or_equal,
    "~": _allows_tilde,
    "~>": _allows_tilde,
    "^": _allows_caret,
}


@lru_cache(maxsize=256)
def constraints_of(text: str) -> tuple[tuple[Constraint, ...], ...]:
    """Alternatives, each of constraints that must all hold. Raises GoError."""
    if len(to_bytes(text)) > _CONSTRAINT_MOST:
        raise GoError("the constraint is too long")
    alternatives = _without_ranges(text).split("||")
    if len(alternatives) > _GROUPS_MOST:
        raise GoError("the constraint has too many alternatives")
    return tuple(map(_alternative, alternatives))


def _without_ranges(text: str) -> str:
    """`1.2 - 3.4` written as two comparisons."""
    data = to_bytes(text)
    for match in list(compile_regexp(_RANGE).find_all(data, -1)):
        whole, low, high = (data[slice(*match.spans[group])].decode(errors="replace") for group in (0, 1, 11))
        text = text.replace(whole, f">= {low}, <= {high} ", 1)
    return text


def _alternative(text: str) -> tuple[Constraint, ...]:
    data = to_bytes(text)
    if compile_regexp(_VALID).search(data) is None:
        raise GoError("the constraint is invalid")
    singles = [data[match.start : match.end].decode() for match in compile_regexp(_SINGLE).find_all(data, -1)]
    return tuple(map(_constraint, singles or [text]))


def _constraint(text: str) -> Constraint:
    found = _groups(_WHOLE, text)
    if found is None:
        raise GoError("the constraint is invalid")
    _, operator, version, major, minor, patch, prerelease, *_ = found
    if major in _WILD:
        return Constraint(operator, parse_version(f"0.0.0{prerelease}"), 0)
    if minor.lstrip(".") in _WILD:
        return Constraint(operator, parse_version(f"{major}.0.0{prerelease}"), 1)
    if patch.lstrip(".") in _WILD:
        return Constraint(operator, parse_version(f"{major}{minor}.0{prerelease}"), 2)
    return Constraint(operator, parse_version(version), 3)
