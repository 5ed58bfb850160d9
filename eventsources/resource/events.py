"""What becomes an event of all that happens to the objects of a resource, and how such an event looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from bus.event import Event, now_text
from config.kubernetes.known import Change, Known, name_of
from config.kubernetes.resource import Object, Resource
from eventsources.base import SourceContext
from eventsources.resource.settings import EventType, ResourceSettings

TYPES: Final[Mapping[str, EventType]] = {"ADDED": "ADD", "MODIFIED": "UPDATE", "DELETED": "DELETE"}


class Events:
    """Turns changes into events.

    `rejected` holds the names of objects (see `name_of`) that do not pass the filter. It answers for one whose deletion was
    found out when its last state was no longer to be had, so it is kept as long as what is known of the objects.
    """

    def __init__(
        self,
        settings: ResourceSettings,
        context: SourceContext,
        resource: Resource,
        known: Known,
        *,
        come_and_go: bool,
        rejected: Iterable[str] = (),
    ) -> None:
        """`come_and_go`: objects may be added and deleted more than once, as a selector decides."""
        self.rejected = set(rejected)
        self._settings, self._context, self._known = settings, context, known
        self._wanted = frozenset(settings.event_types or ())
        self._prefix, self._created_by = settings.chosen.prefix, settings.created_by
        self._come_and_go = come_and_go
        self._head: Object = {"apiVersion": resource.api_version, "kind": resource.kind}
        self._end = _end(settings)

    def event(self, change: Change) -> Event | None:
        """The event that a change is, if it is to be told."""
        type, object, name = TYPES[change.type], change.object, name_of(change.object)
        passes = self._passes(object) if "kind" in object else name not in self.rejected
        self._note(name, passes or type == "DELETE")
        if not passes or type not in self._wanted:
            return None
        old = change.before if type == "UPDATE" else None
        return Event.new(
            id=self._id(change, type, name),
            source=self._context.source,
            subject=self._context.event,
            type="resource",
            data=_data(type, _written(self._head | object), _written(old), self._end),
            time=now_text(self._context.now),
        )

    def look(self, object: Object) -> None:
        """See whether an object passes now; nothing has happened to it."""
        self._note(name_of(object), self._passes(object))

    def _note(self, name: str, passes: bool) -> None:
        if passes:
            self.rejected.discard(name)
        else:
            self.rejected.add(name)

    def _passes(self, object: Object) -> bool:
        metadata = object["metadata"]
        if not str(metadata["name"]).startswith(self._prefix):
            return False
        if self._created_by is not None and _created(metadata) > self._created_by:
            return False
        return self._context.holds(object)

    def _id(self, change: Change, type: EventType, name: str) -> str:
        """The same for what is told again. A deletion has no version that is always the same: the server's history has the
        one that it was given, a comparison only the last one before."""
        if type != "DELETE":
            return f"{change.uid or name}.{change.version}.{type}"
        if change.uid and not self._come_and_go:
            return f"{change.uid}.{type}"
        return f"{change.uid or name}.{self._last_version(change, name)}.{type}"

    def _last_version(self, change: Change, name: str) -> str:
        """What the object had before it was deleted."""
        if change.before is not None:
            return str(change.before["metadata"].get("resourceVersion"))
        entry = self._known.entries.get(name)
        # What was found out by comparing has the version of before; its entry may be another object's already.
        return entry.version if entry is not None and "kind" in change.object else change.version


def wrap(settings: ResourceSettings, body: bytes) -> bytes:
    """The data of an event about an object, with the first type of event that the settings name."""
    return _data((settings.event_types or ["ADD"])[0], body, b"null", _end(settings))


def _data(type: EventType, body: bytes, old: bytes, end: bytes) -> bytes:
    return b"".join((b'{"type":"', type.encode(), b'","body":', body, b',"oldBody":', old, end))


def _end(settings: ResourceSettings) -> bytes:
    rest: dict[str, Any] = {"group": settings.group, "version": settings.version, "resource": settings.resource}
    if settings.metadata:
        rest["metadata"] = dict(sorted(settings.metadata.items()))
    return b"," + orjson.dumps(rest)[1:]


def _written(object: Object | None) -> bytes:
    return orjson.dumps(object, option=orjson.OPT_SORT_KEYS)


def _created(metadata: Mapping[str, Any]) -> datetime:
    """An object without a time was created before any other."""
    try:
        return datetime.fromisoformat(metadata["creationTimestamp"])
    except (KeyError, TypeError, ValueError):
        return datetime.min.replace(tzinfo=UTC)
