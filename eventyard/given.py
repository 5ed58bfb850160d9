"""Events as users hand them over, for `try` and `send`: a CloudEvent, an event's bare data, or the payload of a delivery."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import orjson

from bus.event import Event
from config.errors import EventyardError
from config.model import Model
from eventsources.base import EventSource

_OWN: Final = ("id", "type", "time", "datacontenttype", "dataschema")
_NAME: Final = re.compile(r"[a-z0-9]+")
_DATA: Final = frozenset({"data", "data_base64", "specversion"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An event that has no place yet.

    `attributes` are those of a CloudEvent, extensions among them, empty for anything else. If `raw`, `data` is the payload
    of a delivery with these `headers`, and its EventSource has yet to make an event's data of it.
    """

    data: bytes | None
    attributes: Mapping[str, str] = field(default_factory=dict)
    raw: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The EventSource that a CloudEvent names, "" if it names none."""
        return self.attributes.get("source", "")

    @property
    def subject(self) -> str:
        """The event of the EventSource that a CloudEvent names, "" if it names none."""
        return self.attributes.get("subject", "")

    def wrapped(self, make: type[EventSource[Any]], settings: Model) -> Given:
        """With the data that this EventSource makes of a payload. Raises EventyardError."""
        if not self.raw:
            return self
        return replace(self, data=make.wrap(settings, self.data or b"", self.headers), raw=False)

    def event(self, source: str, subject: str, type: str) -> Event:
        """The event, filed under a source and subject; `type` is for one that does not say its own. Raises EventyardError."""
        _check(self.attributes)
        own = {name: self.attributes[name] for name in _OWN if self.attributes.get(name)}
        extensions = {
            name: value for name, value in self.attributes.items() if name not in (*_OWN, "source", "subject")
        }
        return Event.new(**{"type": type, **own}, source=source, subject=subject, data=self.data, extensions=extensions)


def read_given(content: bytes, headers: Mapping[str, str] | None = None) -> Given:
    """What a file holds. With `headers` it is a payload, whatever it looks like. Raises EventyardError."""
    if headers:
        return Given(data=content, raw=True, headers=headers)
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return Given(data=content, raw=True)
    if not isinstance(value, dict):
        return Given(data=content, raw=True)
    if "specversion" in value:
        return _cloud_event(value)
    if "body" in value and ("header" in value or "headers" in value):
        return Given(data=content)
    return Given(data=content, raw=True)


def _check(attributes: Mapping[str, str]) -> None:
    """Refuse what CloudEvents 1.0 does not allow, because everything after this relies on it."""
    for name in attributes:
        if not _NAME.fullmatch(name):
            raise EventyardError(f"'{name}' is no name for an attribute", fix="use a-z and 0-9 only")
    if time := attributes.get("time"):
        try:
            aware = datetime.fromisoformat(time).tzinfo is not None
        except ValueError:
            aware = False
        if not aware:
            raise EventyardError(f"'{time}' is no time", fix="write it like 2026-01-02T15:04:05Z")


def _cloud_event(value: dict[str, Any]) -> Given:
    attributes = {name: each for name, each in value.items() if name not in _DATA and each is not None}
    if any(isinstance(each, (dict, list)) for each in attributes.values()):
        raise EventyardError("an attribute of the CloudEvent is neither text nor a number", fix="put objects into data")
    texts = {name: each if isinstance(each, str) else orjson.dumps(each).decode() for name, each in attributes.items()}
    if "data_base64" in value:
        try:
            return Given(data=b64decode(value["data_base64"], validate=True), attributes=texts)
        except (NotBase64, TypeError, ValueError):
            raise EventyardError("data_base64 of the CloudEvent is not base64") from None
    if "data" not in value:
        return Given(data=None, attributes=texts)
    data = value["data"]
    if isinstance(data, str) and "json" not in texts.get("datacontenttype", "application/json"):
        return Given(data=data.encode(errors="replace"), attributes=texts)
    return Given(data=orjson.dumps(data), attributes=texts)
