"""CloudEvents that arrive over a protocol, filed under an EventSource: one place for all sources that take them.

Each protocol binding of CloudEvents 1.0 says how a message carries an event. In *structured* mode the body is the whole event as
JSON, and the content type says so. In *binary* mode the body is the event's data and each attribute is a header; only the
prefix of its name and the way its value is written differ from one protocol to another, which is what a `Binding` holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bus.codec import STRUCTURED, MalformedEvent, decode, decode_attributes, unquote
from bus.event import ORIGIN, Event, now_text
from eventsources.base import SourceContext

TRACE: Final = ("traceparent", "tracestate")
"""Headers of distributed tracing (W3C Trace Context)."""


@dataclass(frozen=True, slots=True)
class Binding:
    """How a protocol carries attributes: `prefix` + name, in any case; `quoted` if values are percent-encoded."""

    prefix: str
    quoted: bool = False


KAFKA: Final = Binding("ce_")
MQTT: Final = Binding("")
NATS: Final = Binding("ce-", quoted=True)


def carried(headers: Mapping[str, str], body: bytes | None, binding: Binding, content_type: str = "") -> Event | None:
    """The event that a message carries, None if it does not claim to carry one.

    `content_type` is what the protocol itself says, if it has a place for that; otherwise a header does. Raises
    MalformedEvent if the claim is false; what then becomes of the message is for its source to say.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    content_type = content_type or lower.get("content-type", "")
    if content_type.partition(";")[0].strip().lower().startswith("application/cloudevents"):
        return structured(body or b"", content_type)
    if f"{binding.prefix}specversion" not in lower:
        return None
    return binary(lower, body, binding, content_type)


def binary(headers: Mapping[str, str], data: bytes | None, binding: Binding, content_type: str = "") -> Event:
    """The event of binary mode, `headers` by lower-case names; no data if there is no body. Raises MalformedEvent."""
    prefix, faults, attributes = binding.prefix, [], {}
    for name, value in headers.items():
        # Where attributes have no prefix, what cannot be one is a header of its own.
        if name.startswith(prefix) and (prefix or name.isalnum()):
            try:
                attributes[name.removeprefix(prefix)] = unquote(value) if binding.quoted else value
            except UnicodeError:
                faults.append(f"the header '{name}' is not UTF-8")
    attributes["datacontenttype"] = content_type
    return decode_attributes(attributes, data, faults)


def structured(body: bytes, content_type: str = STRUCTURED) -> Event:
    """The event of structured mode. Raises MalformedEvent, also for formats other than JSON, and for batches."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != STRUCTURED:
        raise MalformedEvent([f"the event format '{media_type}' is not known; {STRUCTURED} is"])
    return decode(body)


def file_under(context: SourceContext, event: Event, headers: Mapping[str, str]) -> Event:
    """The same event under the names of the EventSource and its event, which is what Sensors ask for.

    What it had in `source` and `subject` is kept in the extensions `originsource` and `originsubject`. Trace headers become
    extensions, if the event has none of its own.
    """
    traced = {name: value for name in TRACE if (value := headers.get(name))}
    extensions = {**traced, **event.extensions}
    # One that came through another eventyard says already where it began.
    if ORIGIN not in extensions:
        extensions[ORIGIN] = event.source
        if event.subject:
            extensions["originsubject"] = event.subject
    return Event.new(
        id=event.id,
        source=context.source,
        subject=context.event,
        type=event.type,
        time=event.time or now_text(context.now),
        datacontenttype=event.datacontenttype,
        dataschema=event.dataschema,
        data=event.data,
        extensions=extensions,
    )
