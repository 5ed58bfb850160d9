"""The parts of a JSONPath, by the rules of evilmonkeyinc/jsonpath 0.8.1, which cuts a path into texts and reads each alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from sensors.languages.go.limits import GoError
from sensors.languages.go.numbers import fits, read_integer


@dataclass(frozen=True, slots=True)
class Root:
    """`$`"""


@dataclass(frozen=True, slots=True)
class Current:
    """`@`"""


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`*`"""


@dataclass(frozen=True, slots=True)
class Descent:
    """`..`"""


@dataclass(frozen=True, slots=True)
class Length:
    """`.length`"""


@dataclass(frozen=True, slots=True)
class Key:
    """`.name` or `['name']`"""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`[1]`"""

    number: int


@dataclass(frozen=True, slots=True)
class Script:
    """`[(…)]`, and what stands in parentheses within a slice or a union."""

    text: str


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(…)]`"""

    script: Script


@dataclass(frozen=True, slots=True)
class Union:
    """`[1, 2]` or `['a', 'b']`"""

    choices: tuple[str | int | Script, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """`[start:stop:step]`"""

    start: int | Script | None
    stop: int | Script | None
    step: int | Script | None


Part: TypeAlias = Root | Current | Wildcard | Descent | Length | Key | Index | Script | Filter | Union | Range

_MAX_LENGTH: Final = 1000
_QUOTED: Final = re.compile(r"'.*'|\".*\"", re.DOTALL)
_SCRIPT: Final = re.compile(r"\(.+\)", re.DOTALL)


def read_path(path: str) -> list[Part]:
    """The parts of a path. Raises GoError."""
    if len(path) > _MAX_LENGTH:
        raise GoError(f"a JSONPath of more than {_MAX_LENGTH} characters")
    if path[:1] not in ("$", "@") or path[1:2] not in ("", ".", "["):
        raise GoError("a JSONPath begins with '$', and '.' or '[' follow")
    return [_read_part(part) for part in [path[0], *_split(path[1:])]]


def _split(path: str) -> list[str]:
    """The texts of the parts; dots and brackets within brackets, quotes and parentheses do not cut."""
    parts: list[str] = []
    part, quotes, rounds, squares = "", 0, 0, 0
    for character in path:
        if not part:
            quotes = rounds = 0
        quotes += character == "'"
        rounds += (character == "(") - (character == ")")
        squares += (character == "[") - (character == "]")
        part += character
        is_open = quotes % 2 == 1 or rounds != 0
        if part == "..":
            parts.append(part)
            part = ""
        elif part in (".", "[", ".["):
            continue
        elif character == "[" and part.count("[") == 1:
            parts.append(part[:-1].removeprefix("."))
            part = "["
        elif "[" in part:
            if character == "]" and not is_open and squares == 0:
                parts.append(part.removeprefix("."))
                part = ""
        elif character == "." and not is_open:
            parts.append(part[:-1].removeprefix("."))
            part = "."
    return [*parts, part.removeprefix(".")] if part else parts


def _read_part(text: str) -> Part:
    text = text.strip()
    simple: dict[str, Part] = {"$": Root(), "@": Current(), "*": Wildcard(), "..": Descent(), "length": Length()}
    if text in simple:
        return simple[text]
    if not text.startswith("["):
        if not text:
            raise GoError("a part of the JSONPath is empty")
        return Key(text)
    inner = text[1:-1].strip()
    if not text.endswith("]") or not inner:
        raise _fault(text)
    if inner == "*":
        return Wildcard()
    if inner.startswith("?"):
        if not (inner.startswith("?(") and inner.endswith(")")):
            raise _fault(text)
        return Filter(Script(inner[2:-1].strip()))
    return _read_subscript(_arguments(inner, text), text)


def _fault(text: str) -> GoError:
    return GoError(f"the JSONPath is not understood at '{text[:40]}'")


def _arguments(inner: str, text: str) -> list[str | int | None]:
    """What stands between commas and colons, which are arguments themselves; quoted names with their quotes."""
    found: list[str | int | None] = []
    part, rounds, quote = "", 0, ""
    for at, character in enumerate(inner):
        part += character
        match character:
            case " " if not quote and not rounds:
                part = part.strip()
            case "(" if not quote:
                rounds += 1
            case ")":
                rounds -= 1
                if not rounds:
                    if not _SCRIPT.fullmatch(part):
                        raise _fault(text)
                    found.append(part)
                    part = ""
            case "'" | '"' if quote in ("", character) and not rounds:
                if part[-2:-1] == "\\":
                    part = part[:-2] + character
                    continue
                if not quote and part != character:
                    raise _fault(text)
                if quote:
                    found.append(part)
                    part = ""
                quote = "" if quote else character
            case ":" if not quote and not rounds:
                if part != ":":
                    found.append(_integer(part[:-1], text))
                elif not at:
                    found.append(None)
                found.append(":")
                part = ""
            case "," if not quote and not rounds:
                if part != ",":
                    found.append(_integer_or_text(part[:-1]))
                found.append(",")
                part = ""
    return [*found, _integer_or_text(part)] if part else found


def _integer(digits: str, text: str) -> int:
    number = _integer_or_text(digits)
    if isinstance(number, str):
        raise _fault(text)
    return number


def _integer_or_text(digits: str) -> int | str:
    try:
        number = read_integer(digits, 10)
    except ValueError:
        return digits
    return number if fits(number) else digits


def _read_subscript(arguments: list[str | int | None], text: str) -> Part:
    if len(arguments) == 1:
        [only] = arguments
        if isinstance(only, int):
            return Index(only)
        if isinstance(only, str) and _is_quoted(only):
            return Key(only[1:-1])
        if isinstance(only, str) and _SCRIPT.fullmatch(only):
            return Script(only[1:-1])
        raise _fault(text)
    commas, colons = arguments.count(","), arguments.count(":")
    if commas and colons:
        raise _fault(text)
    if commas:
        choices = [argument for argument in arguments if argument != ","]
        if commas >= len(choices):
            raise _fault(text)
        return Union(tuple(_choice(choice, text) for choice in choices))
    if 1 <= colons <= 2:
        return _read_range(arguments, text)
    raise _fault(text)


def _is_quoted(text: str) -> bool:
    return len(text) > 1 and _QUOTED.fullmatch(text) is not None


def _choice(argument: str | int | None, text: str) -> str | int | Script:
    if isinstance(argument, int):
        return argument
    if isinstance(argument, str):
        if _SCRIPT.fullmatch(argument):
            return Script(argument[1:-1])
        if _is_quoted(argument):
            return argument[1:-1]
    raise _fault(text)


def _read_range(arguments: list[str | int | None], text: str) -> Range:
    bounds: list[str | int | None] = []
    after_colon = False
    for argument in arguments:
        if argument != ":":
            bounds.append(argument)
        elif after_colon:
            bounds.append(None)
        after_colon = argument == ":"
    if len(bounds) == 1 and arguments.count(":") == 1:
        bounds.append(None)
    if not len(bounds) >= 2:
        raise _fault(text)
    start, stop, step = (*bounds, None)[:3]
    return Range(_bound(start, text), _bound(stop, text), _bound(step, text))


def _bound(argument: str | int | None, text: str) -> int | Script | None:
    if isinstance(argument, str):
        if not _SCRIPT.fullmatch(argument):
            raise _fault(text)
        return Script(argument[1:-1])
    return argument
