"""The layout of ``@pretty``: one member a line, except that an array without objects that fits into the width stays on one.

People compare rendered messages by eye, so the layout is that of Go's tidwall/pretty to the character, down to counting
the line break in front of an object member as part of its line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sensors.languages.gjson_result import Result, Type
from sensors.languages.gjson_text import members, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

_BLANKS: Final = " \t\n\r"
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
    width, indent, prefix, ordered = _Layout.width, _Layout.indent, _Layout.prefix, False
    for key, _, value in members(options):
        if key == "sortKeys":
            ordered = value.boolean()
        elif key == "indent":
            indent = _only_blanks(value.string())
        elif key == "prefix":
            prefix = _only_blanks(value.string())
        elif key == "width":
            number = value.number()
            width = int(number) if abs(number) < 2**31 else 0
    return _Layout(width, indent, prefix, ordered)
