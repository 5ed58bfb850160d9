"""The layout of ``@pretty``: one member a line, except that an array without objects that fits into the width stays on one.

People compare rendered messages by eye, so the layout is that of Go's tidwall/pretty to the character, down to counting
the line break in front of an object member as part of its line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from sensors.languages.gjson.result import Result, Type
from sensors.languages.gjson.text import compact, members, parse

_BLANKS: Final = " \t\n\r"
_WIDEST: Final = 2**31
_LEAST: Final = 3  # narrower space is not tried for a one-line array


@dataclass(frozen=True, slots=True)
class _Layout:
    width: int = 80
    indent: str = "  "
    prefix: str = ""
    sorted: bool = False

    def margin(self, depth: int) -> str:
        return self.prefix + self.indent * depth


def pretty(text: str, options: Result) -> str:
    """The first value of ``text`` laid out; ``options`` may be an object with sortKeys, indent, prefix and width."""
    layout = _read_layout(options)
    value = parse(text)
    laid = _lay(value, layout, 0, _length(layout.prefix)) if value.exists else ""
    return f"{layout.prefix}{laid}\n" if layout.prefix or laid else ""


def _read_layout(options: Result) -> _Layout:
    layout = _Layout()
    for key, _, value in members(options):
        if key == "sortKeys":
            layout = replace(layout, sorted=value.boolean())
        elif key == "indent":
            layout = replace(layout, indent=_only_blanks(value.string()))
        elif key == "prefix":
            layout = replace(layout, prefix=_only_blanks(value.string()))
        elif key == "width":
            number = value.number()
            layout = replace(layout, width=int(number) if abs(number) < _WIDEST else 0)
    return layout


def _only_blanks(text: str) -> str:
    return "".join(character for character in text if character in _BLANKS)


def _lay(value: Result, layout: _Layout, depth: int, column: int) -> str:
    """The value laid out, ``depth`` levels in, its first character at ``column`` of its line."""
    if value.type is not Type.JSON:
        return _scalar(value)
    room = layout.width - column
    if value.is_array and layout.width > 0 and room > _LEAST:
        line = _lay_on_one_line(value, room)
        if line is not None:
            return line
    margin = layout.margin(depth + 1)
    keyed: list[tuple[str, str]] = []
    for key, spelled, member in members(value):
        label = f"{spelled}: " if spelled else ""
        line_break = 1 if spelled or not keyed else 0
        laid = _lay(member, layout, depth + 1, line_break + _length(margin + label))
        keyed.append((key, f"{margin}{label}{laid}"))
    if layout.sorted and value.is_object:
        keyed.sort(key=lambda member: member[0])
    opening, closing = "{}" if value.is_object else "[]"
    if not keyed:
        return opening + closing
    lines = ",\n".join(line for _, line in keyed)
    return f"{opening}\n{lines}\n{layout.margin(depth)}{closing}"


def _lay_on_one_line(value: Result, room: int) -> str | None:
    """An array on one line, None if it holds an object or needs more than ``room`` bytes."""
    if _length(compact(value.raw)) > room:
        return None
    parts: list[str] = []
    for _, _, member in members(value):
        part = _lay_on_one_line(member, room) if member.is_array else None if member.is_object else _scalar(member)
        if part is None:
            return None
        room -= _length(part) + 2
        if room < 0:
            return None
        parts.append(part)
    return f"[{', '.join(parts)}]" if parts or room >= 2 else None


def _scalar(value: Result) -> str:
    if value.type in (Type.NUMBER, Type.STRING):
        return value.raw
    return value.type.lower()


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="replace"))
