"""Events as users hand them over, for `try` and `send`: a CloudEvent, an event's bare data, or the payload of a delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import orjson

from bus.codec import MalformedEvent, decode
from bus.event import Event, now_text
from config.errors import EventyardError
from config.model import Model
from eventsources.base import EventSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An event that has no place yet: a whole `cloudevent`, or data alone.

    If `raw`, `data` is the payload of a delivery with these `headers`, of which its EventSource has yet to make the data.
    """

    cloudevent: Event | None = None
    data: bytes = b""
    raw: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> tuple[str, str] | None:
        """The EventSource and the event of it that a CloudEvent names."""
        event = self.cloudevent
        return (event.source, event.subject) if event is not None else None

    def placed(self, source: str, subject: str, type: str, make: type[EventSource[Any]], settings: Model) -> Event:
        """The event as this EventSource would publish it. Raises EventyardError."""
        if self.raw:
            return self._placed(source, subject, type, make.wrap(settings, self.data, self.headers))
        return self.placed_anyway(source, subject, type)

    def placed_anyway(self, source: str, subject: str, type: str) -> Event:
        """The same for an EventSource that is not at hand. Raises EventyardError for a payload."""
        if self.raw:
            raise EventyardError(
                f"what EventSource '{source}/{subject}' makes of a payload is not known, as it is not among the manifests",
                fix="add its file to PATH, or give a CloudEvent or an event's data",
            )
        return self._placed(source, subject, type, self.data)

    def _placed(self, source: str, subject: str, type: str, data: bytes) -> Event:
        event = self.cloudevent
        if event is None:
            return Event.new(source=source, subject=subject, type=type, data=data)
        return msgspec.structs.replace(event, source=source, subject=subject, time=event.time or now_text())


def read_given(content: bytes, headers: Mapping[str, str] | None = None) -> Given:
    """What a file holds. With `headers` it is a payload, whatever it looks like. Raises EventyardError."""
    if headers:
        return Given(data=content, raw=True, headers=headers)
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, dict) and "specversion" in value:
        return Given(cloudevent=read_cloudevent(content))
    if isinstance(value, dict) and "body" in value and ("header" in value or "headers" in value):
        return Given(data=content)
    return Given(data=content, raw=True)


def read_cloudevent(content: bytes) -> Event:
    """A CloudEvent. Raises EventyardError with all that is wrong with it."""
    try:
        return decode(content)
    except MalformedEvent as error:
        raise EventyardError(str(error), fix="see https://github.com/cloudevents/spec") from None
