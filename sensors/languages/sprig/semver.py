"""sprig's functions of semantic versions, and the methods that versions have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sensors.languages.go.limits import GoError
from sensors.languages.go.semver import BareVersion, Version, compare, constraints_of, parse_version
from sensors.languages.go.values import Int, Uint64
from sensors.languages.gotemplate.functions import STRING, Function, Kind


def _semver_compare(constraint: str, version: str) -> bool:
    alternatives = constraints_of(constraint)
    parsed = parse_version(version)
    for alternative in alternatives:
        # A prerelease is only for those who ask for prereleases.
        if parsed.prerelease and not any(each.version.prerelease for each in alternative):
            continue
        if all(each.allows(parsed) for each in alternative):
            return True
    return False


def _accept_version(value: Any) -> Version:
    if value.__class__ is Version:
        return value
    raise GoError("a *semver.Version is wanted")


def _no_constant(node: object) -> Any:
    raise GoError("a *semver.Version is wanted")


def _checked(part: str, sign: str) -> str:
    """A part of a version that stands after a sign, if it can stand there."""
    if part:
        parse_version(f"0.0.0{sign}{part}")
    return part


_POINTER: Final = Kind("*semver.Version", _accept_version, _no_constant)

FUNCTIONS: Final = (
    Function("semver", parse_version, (STRING,)),
    Function("semverCompare", _semver_compare, (STRING, STRING)),
)

_OF_VALUES: Final = (
    Function("Major", lambda version: Uint64(version.major)),
    Function("Minor", lambda version: Uint64(version.minor)),
    Function("Patch", lambda version: Uint64(version.patch)),
    Function("Prerelease", lambda version: version.prerelease),
    Function("Metadata", lambda version: version.metadata),
    Function("String", lambda version: version.go_string()),
    Function("IncMajor", lambda v: v.changed(major=v.major + 1, minor=0, patch=0, prerelease="", metadata="")),
    Function("IncMinor", lambda v: v.changed(minor=v.minor + 1, patch=0, prerelease="", metadata="")),
    Function("IncPatch", lambda v: v.changed(patch=v.patch + (not v.prerelease), prerelease="", metadata="")),
    Function("SetPrerelease", lambda v, text: v.changed(prerelease=_checked(text, "-")), (STRING,)),
    Function("SetMetadata", lambda v, text: v.changed(metadata=_checked(text, "+")), (STRING,)),
)
_OF_POINTERS: Final = (
    *_OF_VALUES,
    Function("Original", lambda version: version.original),
    Function("Compare", lambda one, other: Int(compare(one, other)), (_POINTER,)),
    Function("Equal", lambda one, other: compare(one, other) == 0, (_POINTER,)),
    Function("LessThan", lambda one, other: compare(one, other) < 0, (_POINTER,)),
    Function("LessThanEqual", lambda one, other: compare(one, other) <= 0, (_POINTER,)),
    Function("GreaterThan", lambda one, other: compare(one, other) > 0, (_POINTER,)),
    Function("GreaterThanEqual", lambda one, other: compare(one, other) >= 0, (_POINTER,)),
)

METHODS: Final[Mapping[type, Mapping[str, Function]]] = {
    Version: {method.name: method for method in _OF_POINTERS},
    BareVersion: {method.name: method for method in _OF_VALUES},
}
