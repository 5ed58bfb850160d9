"""Layouts of Go's package time taken apart: text, and fields that a date of reference stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_PART: Final = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|_(?=2006)|2|__2|_2|3|4|5|PM|pm"
    r"|[-Z]07(?:0000|:00:00|00|:00|)|[.,](?:0+|9+)(?![0-9])"
)


class Part(NamedTuple):
    """A piece of a layout: text, or with `is_field` a field."""

    text: str
    is_field: bool


def parts_of(layout: str) -> Iterator[Part]:
    """The pieces of a layout in order."""
    at = 0
    for found in _PART.finditer(layout):
        if found[0] == "_":
            # What follows is the year, and the line a line.
            continue
        if found.start() > at:
            yield Part(layout[at : found.start()], False)
        yield Part(found[0], True)
        at = found.end()
    if at < len(layout):
        yield Part(layout[at:], False)
