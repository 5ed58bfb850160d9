"""The modifiers of gjson paths, ``@name:argument``: each makes a new JSON text of the one it is given.

A modifier answers text it was not made for with that text, an empty list or nothing at all, as gjson does; it never
fails. Only work is bounded: ``TooMuch`` stops the search of a text that grew, or would be walked through, beyond measure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sensors.languages.gjson.pretty import pretty
from sensors.languages.gjson.text import compact, members, nesting, parse, quote, valid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sensors.languages.gjson.result import Result

_LENGTH: Final = 8 * 2**20  # characters; a path can double its text at every step
_DEPTH: Final = 200
_WORK: Final = 16 * 2**20  # characters, counted once for every group that they are in

_BLANKS: Final = "".join(map(chr, range(0x21)))


class TooMuch(Exception):
    """The path asks for more work than an event may cost."""


def check_length(text: str) -> None:
    """Raises TooMuch for a text that is too long to make another one of."""
    if len(text) > _LENGTH:
        raise TooMuch


def check_depth(text: str) -> None:
    """Raises TooMuch for a text not to be walked group by group, each of which reads everything inside it once more."""
    depth = nesting(text)
    if depth > _DEPTH or depth * len(text) > _WORK:
        raise TooMuch


def _this(text: str, _: str) -> str:
    return text


def _valid(text: str, _: str) -> str:
    return text if valid(text) else ""


def _ugly(text: str, _: str) -> str:
    return compact(text)


def _pretty(text: str, argument: str) -> str:
    check_depth(text)
    return pretty(text, parse(argument))


def _tostr(text: str, _: str) -> str:
    return quote(text)


def _fromstr(text: str, _: str) -> str:
    return parse(text).string() if valid(text) else ""


def _reverse(text: str, _: str) -> str:
    value = parse(text)
    parts = [f"{spelled}:{member.raw}" if spelled else member.raw for _, spelled, member in members(value)]
    if value.is_array:
        return f"[{','.join(reversed(parts))}]"
    return _object(reversed(parts)) if value.is_object else text


def _keys(text: str, _: str) -> str:
    value = parse(text)
    return f"[{','.join(spelled or 'null' for _, spelled, _ in members(value))}]"


def _values(text: str, _: str) -> str:
    value = parse(text)
    return text if value.is_array else f"[{','.join(member.raw for _, _, member in members(value))}]"


def _flatten(text: str, argument: str) -> str:
    value = parse(text)
    if not value.is_array:
        return text
    deep = _flag(argument, "deep")
    if deep:
        check_depth(text)
    return f"[{','.join(_flattened(value, deep))}]"


def _flattened(value: Result, deep: bool) -> list[str]:
    parts: list[str] = []
    for _, _, member in members(value):
        if not member.is_array:
            parts.append(member.raw)
        elif deep:
            parts += _flattened(member, deep)
        elif inner := member.raw[1:-1].strip(_BLANKS):
            parts.append(inner)
    return parts


def _join(text: str, argument: str) -> str:
    value = parse(text)
    if not value.is_array:
        return text
    objects = [member for _, _, member in members(value) if member.is_object]
    if _flag(argument, "preserve"):
        return _object(one.raw[1:-1] for one in objects)
    joined: dict[str, tuple[str, str]] = {}
    for one in objects:
        for key, spelled, member in members(one):
            joined[key] = (joined[key][0] if key in joined else spelled, member.raw)
    return _object(f"{spelled}:{raw}" for spelled, raw in joined.values())


def _group(text: str, _: str) -> str:
    """An object of lists as a list of objects: the first elements together, then the second ones, and so on."""
    value = parse(text)
    if not value.is_object:
        return ""
    rows: list[list[str]] = []
    for _, spelled, column in members(value):
        if column.is_array:
            for row, (_, _, member) in enumerate(members(column)):
                if row == len(rows):
                    rows.append([])
                rows[row].append(f"{spelled}:{member.raw}")
    return f"[{','.join(_object(row) for row in rows)}]"


def _object(parts: Iterable[str]) -> str:
    return "{" + ",".join(parts) + "}"


def _flag(argument: str, name: str) -> bool:
    """An option of the argument, a JSON object; the last of repeated keys counts."""
    answer = False
    for key, _, member in members(parse(argument)):
        if key == name:
            answer = member.boolean()
    return answer


MODIFIERS: Final[dict[str, Callable[[str, str], str]]] = {
    "flatten": _flatten,
    "fromstr": _fromstr,
    "group": _group,
    "join": _join,
    "keys": _keys,
    "pretty": _pretty,
    "reverse": _reverse,
    "this": _this,
    "tostr": _tostr,
    "ugly": _ugly,
    "valid": _valid,
    "values": _values,
}
