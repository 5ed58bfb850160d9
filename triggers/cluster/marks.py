"""Which firings have operated on an object that others made: the last keys, in an annotation, written with the change itself.

Where a firing takes two writes, the first one leaves a note of what it found, so that a repetition knows how far it came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from config.kubernetes.resource import Object

MARKS: Final = "eventyard.io/firings"
"""The annotation: a JSON object of notes by key, the newest last; an empty note is a firing that is done."""

MOST: Final = 32
"""Firings that are remembered: twice as many as a trigger has in flight, unless told otherwise."""

Note = Mapping[str, Any]

DONE: Final[Note] = {}


def note_of(object: Mapping[str, Any], key: str) -> Note | None:
    """What the firing of that key has noted; None if it has not been here, or long ago."""
    return _notes(object).get(key)


def marked(
    object: Mapping[str, Any], key: str, note: Note = DONE, *, settle: Callable[[Note], bool] | None = None
) -> dict[str, str]:
    """The annotation with this firing as the newest; part of a merge patch.

    `settle` says of the open notes of others, whose second write this one comes before or after, whether they are done;
    those that are not have to begin anew.
    """
    notes = _notes(object)
    notes.pop(key, None)
    if settle is not None:
        notes = {other: DONE for other, note in notes.items() if note == DONE or settle(note)}
    kept = dict(list(notes.items())[1 - MOST :])
    return {MARKS: orjson.dumps({**kept, key: note}).decode()}


def only_if_unchanged(object: Object, annotations: Mapping[str, str]) -> dict[str, Any]:
    """The `metadata` of a merge patch that the server refuses (Conflict) once somebody else has changed the object."""
    return {"resourceVersion": object["metadata"].get("resourceVersion"), "annotations": dict(annotations)}


def _notes(object: Mapping[str, Any]) -> dict[str, Note]:
    annotations = (object.get("metadata") or {}).get("annotations") or {}
    try:
        found = orjson.loads(annotations.get(MARKS) or "{}")
    except orjson.JSONDecodeError:  # somebody's own doing
        return {}
    return {key: note for key, note in found.items() if isinstance(note, dict)} if isinstance(found, dict) else {}
