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
        """The place of a field, or of the nearest field around it that was written; letters may differ in case."""
        near: FieldPath = ()
        found = self.places.get(near)
        for step in path:
            near = self._written((*near, step))
            found = self.places.get(near, found)
        return Place(self.file, *found) if found else Place(self.file)

    def _written(self, path: FieldPath) -> FieldPath:
        """The path with its last step as it was written."""
        if path in self.places or not isinstance(step := path[-1], str):
            return path
        folded = step.casefold()
        return next(
            (
                other
                for other in self.places
                if len(other) == len(path)
                and other[:-1] == path[:-1]
                and isinstance(other[-1], str)
                and other[-1].casefold() == folded
            ),
            path,
        )


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
