"""A part of a manifest that only its adapter understands, kept raw with the places of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from config.errors import Place

FieldPath = tuple[str | int, ...]


def path_text(path: FieldPath) -> str:
    """A field path as a reader would write it: `spec.triggers[0].template`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


@dataclass(frozen=True, slots=True)
class Marks:
    """Where each field of one document stands."""

    file: str
    places: Mapping[FieldPath, tuple[int, int]] = field(repr=False)

    def place(self, path: FieldPath) -> Place:
        """The place of a field, or of the nearest field around it that was written."""
        for end in range(len(path), -1, -1):
            if (found := self.places.get(path[:end])) is not None:
                return Place(self.file, *found)
        return Place(self.file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """`spec.<type>.<name>` of an EventSource, or the body of a trigger. `path` leads to it from the document's root.

    Two blocks are equal if they say the same, wherever they stand.
    """

    type: str
    name: str
    value: Mapping[str, Any]
    path: FieldPath = field(compare=False)
    marks: Marks = field(compare=False)
