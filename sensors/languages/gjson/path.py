"""The syntax of gjson paths: each place in a path read into the step that it asks for.

The same characters mean different steps depending on what the document holds there (``1`` is a key in an object and an
index in an array; ``\\.`` is an escape in the one and nothing special in the other), so a path cannot become one list of
steps ahead of time. ``Steps`` reads every remainder of a path once per kind of container and remembers the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sensors.languages.gjson.query import Query, end_of_string, parse_query
from sensors.languages.gjson.text import quote, skip_argument, skip_container, valid
from sensors.languages.gjson.wildcard import compile_wildcard

MODIFIERS: Final = frozenset(
    {
        "pretty",
        "ugly",
        "reverse",
        "this",
        "flatten",
        "join",
        "valid",
        "keys",
        "values",
        "tostr",
        "fromstr",
        "group",
        "dig",
    }
)
_LITERALS: Final = frozenset({"true", "false", "null", "nan", "inf"})
_NOT_SIMPLE: Final = re.compile(r"[\x00-\x1f\[\]{}()#|!]")


@dataclass(frozen=True, slots=True)
class ObjectStep:
    """A step into an object: the member ``key``, or those that ``pattern`` matches."""

    key: str
    pattern: re.Pattern[str] | None = None
    rest: str | None = None
    pipe: str | None = None

    def matches(self, key: str) -> bool:
        return self.key == key if self.pattern is None else self.pattern.match(key) is not None


@dataclass(frozen=True, slots=True)
class ArrayStep:
    """A step into an array: an element by ``index`` (-1 for none), or with ``hash`` a count, a ``gather`` or a ``query``.

    ``gather`` is the path to collect from every element; ``rest`` follows the element that was chosen.
    """

    index: int = -1
    hash: bool = False
    counts: bool = False
    gather: str | None = None
    query: Query | None = None
    rest: str | None = None
    pipe: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A modifier at the head of a path, ``@name:argument``; ``rest`` begins with what separates it from the next step."""

    name: str
    argument: str
    rest: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A JSON literal at the head of a path, ``!{"a":1}``."""

    json: str
    rest: str


@dataclass(frozen=True, slots=True)
class Selection:
    """A multipath at the head of a path, ``{a,"x":b}`` or ``[a,b]``: names as JSON strings, with their paths."""

    opening: str
    parts: tuple[tuple[str, str], ...]
    rest: str


Head = Call | Literal | Selection


class Steps:
    """The readings of one path, made when first needed and kept as long as the path."""

    __slots__ = ("_arrays", "_heads", "_objects")

    def __init__(self) -> None:
        self._heads: dict[str, Head | str] = {}
        self._objects: dict[str, ObjectStep] = {}
        self._arrays: dict[str, ArrayStep] = {}

    def head(self, path: str) -> Head | str:
        """What stands at the head of the path instead of a key, or the path to follow when there is only a key."""
        head = self._heads.get(path)
        if head is None:
            head = self._heads[path] = _read_head(path)
        return head

    def in_object(self, path: str) -> ObjectStep:
        step = self._objects.get(path)
        if step is None:
            step = self._objects[path] = _read_object_step(path)
        return step

    def in_array(self, path: str) -> ArrayStep:
        step = self._arrays.get(path)
        if step is None:
            step = self._arrays[path] = _read_array_step(path)
        return step


def split_pipe(path: str) -> tuple[str, str | None]:
    """The path before and after its first pipe that stands outside of a query or object selection."""
    if "|" not in path:
        return path, None
    if path.startswith("{"):
        end = 1 + skip_argument(path[1:])
        return (path[:end], path[end + 1 :]) if path[end : end + 1] == "|" else (path, None)
    at = 0
    while at < len(path):
        if path[at] == "\\":
            at += 1
        elif path[at] == "|":
            return path[:at], path[at + 1 :]
        elif path[at] == "." and path[at + 1 : at + 2] == "#":
            at += 2
            if path[at : at + 1] in ("[", "("):
                at = _end_of_selector(path, at)
        at += 1
    return path, None


def _read_object_step(path: str) -> ObjectStep:
    key: list[str] = []
    wild = False
    rest: str | None = None
    pipe: str | None = None
    at = 0
    while at < len(path):
        character = path[at]
        if character == "\\":
            at += 1
            key.append(path[at : at + 1])
        elif character == "|":
            pipe = path[at + 1 :]
            break
        elif character == ".":
            rest, pipe = _after_dot(path[at + 1 :])
            break
        else:
            wild = wild or character in "*?"
            key.append(character)
        at += 1
    name = "".join(key)
    return ObjectStep(name, compile_wildcard(name) if wild else None, rest, pipe)


def _read_array_step(path: str) -> ArrayStep:
    hashed = False
    gather: str | None = None
    query: Query | None = None
    rest: str | None = None
    pipe: str | None = None
    at = 0
    while at < len(path):
        character = path[at]
        if character == "|":
            pipe = path[at + 1 :]
            break
        if character == ".":
            # After a # even a modifier is a path for the elements.
            rest, pipe = (path[at + 1 :], None) if hashed else _after_dot(path[at + 1 :])
            break
        if character == "#":
            hashed = True
            if at == 0 and path[1:2] == ".":
                gather = path[2:]
            elif at == 0 and path[1:2] in ("[", "("):
                query, length = parse_query(path)
                if length == 0:
                    at = len(path)
                    break
                at = length - 1
        at += 1
    part = path[:at]
    # Go counts in 64 bits and lets them overflow; a negative index is none.
    index = int(part) % 2**64 if part.isascii() and part.isdigit() else -1
    return ArrayStep(
        index=index if index < 2**63 else -1,
        hash=hashed,
        counts=part == "#",
        gather=gather,
        query=query,
        rest=rest,
        pipe=pipe,
    )


def _after_dot(following: str) -> tuple[str | None, str | None]:
    """A modifier or multipath after a dot is as good as after a pipe: (rest, pipe), one of them None."""
    if following.startswith("@"):
        piped = re.split("[.|:]", following[1:], maxsplit=1)[0] in MODIFIERS
    else:
        piped = following.startswith(("[", "{"))
    return (None, following) if piped else (following, None)


def _read_head(path: str) -> Head | str:
    if len(path) < 2:
        return path
    if path[0] == "@":
        return _read_call(path)
    if path[0] == "!":
        return _read_literal(path)
    return _read_selection(path) if path[0] in "[{" else path


def _read_call(path: str) -> Call | str:
    found = re.search("[:|.]", path)
    name, after = (path[1 : found.start()], path[found.start() :]) if found else (path[1:], "")
    if name not in MODIFIERS:
        return path
    if not after.startswith(":"):
        return Call(name, "", after)
    after = after[1:]
    if after[:1] in ("{", "[", '"'):
        end = skip_argument(after)
    else:
        end = 0
        while end < len(after) and after[end] != "|":
            end += skip_argument(after[end:]) if after[end] in '{["(' else 1
    return Call(name, after[:end], after[end:])


def _read_literal(path: str) -> Literal | str:
    if path[1] in '{["+-0123456789':
        end = 1 + skip_container(path[1:], 0)
        return Literal(path[1:end], path[end:])
    found = re.search("[|.]", path)
    end = found.start() if found else len(path)
    return Literal(path[1:end], path[end:]) if path[1:end].lower() in _LITERALS else path


def _read_selection(path: str) -> Selection | str:
    """The selection, or what is left of a path whose selection is not closed (nothing) or runs into a key (that key)."""
    parts: list[tuple[str, str]] = []
    depth, start, colon, in_modifier = 1, 1, 0, False
    at = 1
    while at < len(path):
        character = path[at]
        if character == "\\":
            at += 1
        elif character == "@":
            in_modifier = in_modifier or path[at - 1] in ".|"
        elif character == ":" and depth == 1 and not in_modifier and not colon:
            colon = at
        elif character == '"':
            at = end_of_string(path, at)
        elif character in "[({":
            depth += 1
        elif character in "])}":
            depth -= 1
        if depth == 0 or (character == "," and depth == 1):
            name, part = (path[start:colon], path[colon + 1 : at]) if colon else ("", path[start:at])
            parts.append((_member_name(name, part), part))
            start, colon, in_modifier = at + 1, 0, False
        if depth == 0:
            rest = path[at + 1 :]
            return Selection(path[0], tuple(parts), rest) if rest[:1] in ("", "|", ".") else rest
        at += 1
    return ""


def _member_name(name: str, part: str) -> str:
    """The name of a selected member as a JSON string: as given, or the last component of its path."""
    if name.startswith('"') and valid(name):
        return name
    if not name:
        name = re.split(r"(?<!\\)[.|]", part)[-1]
        if _NOT_SIMPLE.search(name):
            name = "_"
    return quote(name)


def _end_of_selector(path: str, at: int) -> int:
    opening, closing = path[at], "]" if path[at] == "[" else ")"
    depth = 1
    at += 1
    while at < len(path):
        if path[at] == "\\":
            at += 1
        elif path[at] == opening:
            depth += 1
        elif path[at] == closing:
            depth -= 1
            if depth == 0:
                break
        elif path[at] == '"':
            at = end_of_string(path, at)
        at += 1
    return at
