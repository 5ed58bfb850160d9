"""What a watcher has been told of the objects it watches: the fold that turns answers of the server into changes.

Pure. An answer may repeat what is known, or skip what happened while nobody listened; a change is told exactly once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, Self

import orjson

from config.kubernetes.resource import Object

ChangeType = Literal["ADDED", "MODIFIED", "DELETED"]

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What happened to one object.

    `object` is its state afterwards, of a deleted one its last state. If the deletion was found out by comparing and
    objects are not kept, only `metadata` with `name`, `namespace`, `uid` and `resourceVersion` is there. `before` is the
    state that was known, if objects are kept.
    """

    type: ChangeType
    object: Object
    before: Object | None = None

    @property
    def uid(self) -> str:
        """Of this very object; another one of the same name has another."""
        return str(self.object["metadata"].get("uid") or "")

    @property
    def version(self) -> str:
        """The resourceVersion. With `uid` and `type` it names this change and no other."""
        return str(self.object["metadata"].get("resourceVersion") or "")


class Entry(NamedTuple):
    """The last that is known of an object that is there."""

    uid: str
    version: str
    object: Object | None = None


class Step(NamedTuple):
    """What some answers mean: the changes, and what will be known once they have been dealt with (None = gone)."""

    changes: Sequence[Change]
    entries: dict[str, Entry | None]


@dataclass(slots=True)
class Known:
    """State of a watcher. `version` is up to where everything was told, empty if the objects have to be listed first.

    `scope` is what is watched; what was known of something else says nothing. With `keep` the objects themselves are
    remembered as well, in memory only.
    """

    scope: str = ""
    version: str = ""
    keep: bool = False
    entries: dict[str, Entry] = field(default_factory=dict)

    @classmethod
    def load(cls, text: bytes | None, *, keep: bool = False) -> Self:
        """What `dump` gave; nothing is known if there is none, or if it is from another version of this program."""
        told = orjson.loads(text) if text else None
        if not isinstance(told, dict) or told.get("format") != _FORMAT:
            return cls(keep=keep)
        entries = {name: Entry(*entry) for name, entry in told["objects"].items()}
        return cls(scope=told["scope"], version=told["version"], keep=keep, entries=entries)

    def dump(self) -> bytes:
        """For keeping it over a restart: about 100 bytes for each object."""
        objects = {name: (entry.uid, entry.version) for name, entry in self.entries.items()}
        return orjson.dumps({"format": _FORMAT, "scope": self.scope, "version": self.version, "objects": objects})

    def observe(self, events: Iterable[tuple[str, Object]]) -> Step:
        """Events of a watch, in order: (type, object)."""
        changes: list[Change] = []
        fresh: dict[str, Entry | None] = {}
        for kind, object in events:
            name, entry = _entry(object, self.keep)
            before = fresh[name] if name in fresh else self.entries.get(name)
            if kind == "DELETED":
                if before is not None and before.uid == entry.uid:
                    changes.append(Change(type="DELETED", object=object, before=before.object))
                    fresh[name] = None
            else:
                changes += _difference(name, before, entry, object)
                fresh[name] = entry
        return Step(changes, fresh)

    def compare(self, objects: Iterable[Object]) -> Step:
        """A part of a list: objects as they are now."""
        return self.observe(("", object) for object in objects)

    def missing(self, present: set[str]) -> Step:
        """The end of a list; `present` are the names (see `name_of`) of all that was in it."""
        gone = {name: entry for name, entry in self.entries.items() if name not in present}
        return Step([_gone(name, entry) for name, entry in gone.items()], dict.fromkeys(gone))

    def commit(self, step: Step) -> None:
        """These changes have been dealt with."""
        for name, entry in step.entries.items():
            if entry is None:
                self.entries.pop(name, None)
            else:
                self.entries[name] = entry


def name_of(object: Object) -> str:
    """`namespace/name`; an object without a namespace begins with the slash."""
    metadata = object["metadata"]
    return f"{metadata.get('namespace') or ''}/{metadata['name']}"


def _entry(object: Object, keep: bool) -> tuple[str, Entry]:
    metadata: dict[str, Any] = object["metadata"]
    uid, version = str(metadata.get("uid") or ""), str(metadata.get("resourceVersion") or "")
    return name_of(object), Entry(uid, version, object if keep else None)


def _difference(name: str, before: Entry | None, after: Entry, object: Object) -> list[Change]:
    if before is None:
        return [Change(type="ADDED", object=object)]
    if before.uid != after.uid:
        return [_gone(name, before), Change(type="ADDED", object=object)]
    if before.version == after.version:
        return []
    return [Change(type="MODIFIED", object=object, before=before.object)]


def _gone(name: str, entry: Entry) -> Change:
    namespace, _, own = name.partition("/")
    metadata = {"name": own, "uid": entry.uid, "resourceVersion": entry.version}
    if namespace:
        metadata["namespace"] = namespace
    return Change(type="DELETED", object=entry.object or {"metadata": metadata}, before=entry.object)
