"""How events and firings look inside a cell of the store: MessagePack; fields may be added, never taken away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

import msgspec

from bus.base import Firing, Report, TriggerName
from bus.event import ORIGIN, Event
from bus.firings import report_of


class StoredEvent(msgspec.Struct, array_like=True):
    """An event whole."""

    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    dataschema: str
    data: bytes | None
    extensions: dict[str, str]


class Extras(msgspec.Struct, omit_defaults=True):
    """What few events have; JSON in the store, so that people can read it."""

    dataschema: str = ""
    extensions: dict[str, str] = {}


_encode = msgspec.msgpack.Encoder().encode
_encode_json = msgspec.json.Encoder().encode
_decode_event = msgspec.msgpack.Decoder(StoredEvent).decode
_decode_events = msgspec.msgpack.Decoder(dict[str, StoredEvent | None]).decode
_decode_report = msgspec.msgpack.Decoder(Report).decode
_decode_extras = msgspec.json.Decoder(Extras).decode


def encode_event(event: Event) -> bytes:
    """An event as the store keeps it beside the log."""
    return _encode(_store(event))


def decode_event(cell: bytes) -> Event:
    """The event again."""
    return _load(_decode_event(cell))


def encode_extras(event: Event) -> str | None:
    """What the columns of an event have no place for."""
    if event.dataschema or event.extensions:
        return _encode_json(Extras(event.dataschema, dict(event.extensions))).decode()
    return None


def origin_in(extras: str | None) -> str:
    """`Event.origin` of what `encode_extras` made."""
    return "" if extras is None else _decode_extras(extras).extensions.get(ORIGIN, "")


def logged_event(
    id: str, source: str, subject: str, type: str, time: str, contenttype: str, extras: str | None, data: bytes | None
) -> Event:
    """The event that these columns of the log hold."""
    if extras is None:
        return Event(
            id=id, source=source, subject=subject, type=type, time=time, datacontenttype=contenttype, data=data
        )
    more = _decode_extras(extras)
    return Event(
        id=id,
        source=source,
        subject=subject,
        type=type,
        time=time,
        datacontenttype=contenttype,
        dataschema=more.dataschema,
        extensions=more.extensions,
        data=data,
    )


def encode_events(events: Mapping[str, Event], logged: Event | None = None) -> bytes:
    """The events of a firing; `logged`, the very event that the log has at its position, is kept by reference."""
    return _encode({name: None if event is logged else _store(event) for name, event in events.items()})


def decode_events(cell: bytes, logged: Callable[[], Event]) -> dict[str, Event]:
    """The events again; `logged` fetches the one that was kept by reference, if there is one."""
    stored = _decode_events(cell)
    referred = logged() if None in stored.values() else None
    events = {name: referred if kept is None else _load(kept) for name, kept in stored.items()}
    return cast("dict[str, Event]", events)


def encode_report(firing: Firing) -> bytes:
    """All of a firing except its position and events."""
    return _encode(report_of(firing))


def decode_report(cell: bytes) -> Report:
    """The report again."""
    return _decode_report(cell)


def load_firing(report: Report, position: int, events: Mapping[str, Event], id: int = 0) -> Firing:
    """A firing from its parts; the outbox knows it by `id`, if it has it."""
    return Firing(
        key=report.key,
        name=TriggerName(report.sensor, report.trigger),
        position=position,
        events=events,
        status=report.status,
        due=report.due,
        attempts=list(report.attempts),
        rendered=report.rendered,
        reason=report.reason,
        id=id,
        stored=id > 0,
    )


def _store(event: Event) -> StoredEvent:
    return StoredEvent(
        event.id,
        event.source,
        event.type,
        event.subject,
        event.time,
        event.datacontenttype,
        event.dataschema,
        event.data,
        dict(event.extensions),
    )


def _load(stored: StoredEvent) -> Event:
    return Event(
        id=stored.id,
        source=stored.source,
        type=stored.type,
        subject=stored.subject,
        time=stored.time,
        datacontenttype=stored.datacontenttype,
        dataschema=stored.dataschema,
        data=stored.data,
        extensions=stored.extensions,
    )
