"""Events out of MQTT messages, in the shape of Argo Events: `{"topic", "messageId", "body", "metadata"?}`.

`messageId` is the packet's id: a number that the broker uses again as soon as the message is acknowledged, and 0 for QoS 0. So
nothing in a message tells one that is sent again from a new one that is equal, the DUP flag neither: it may be set on a message
that never arrived before. A repeated event is better than a lost one, so each message is an event of its own; only CloudEvents
bring ids that make a repetition the same event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import orjson

from bus.codec import MalformedEvent
from bus.event import Event, now_text
from bus.mqtt.link import Message
from eventsources.base import SourceContext
from eventsources.messages.body import NotJson, as_base64, as_json
from eventsources.messages.cloudevents import MQTT, carried, file_under
from eventsources.messages.complaints import Complaints
from eventsources.mqtt.settings import MqttSettings

LARGEST: Final = 16 << 20
"""Bytes of a message beyond which it is not taken."""


class Messages:
    """Makes events of messages."""

    def __init__(self, settings: MqttSettings, context: SourceContext, complaints: Complaints) -> None:
        self._settings, self._context, self._complaints = settings, context, complaints
        self._end = end_of(settings)

    def events(self, messages: Iterable[Message]) -> list[Event]:
        """One event for each message, in order; those that are too large are missing, and complained about."""
        now = now_text(self._context.now)
        made = []
        for message in messages:
            if message.cut:
                what = f"a message of {message.size} bytes is dropped, {LARGEST} are taken at most"
                self._complain("large", message, what)
                continue
            made.append((self._settings.cloud_events and self._carried(message)) or self._wrapped(message, now))
        return made

    def _carried(self, message: Message) -> Event | None:
        headers: Mapping[str, str] = dict(message.user)
        try:
            event = carried(headers, message.payload, MQTT, message.content_type)
        except MalformedEvent as error:
            self._complain("cloudevent", message, f"{error}; it is taken as any other message")
            return None
        return event and file_under(self._context, event, headers)

    def _wrapped(self, message: Message, now: str) -> Event:
        body = None
        if self._settings.json_body:
            try:
                body = as_json(message.payload)
            except NotJson as error:
                what = f"the message is not JSON ({error}); its body is base64 text instead"
                self._complain("json", message, what)
        if body is None:
            body = as_base64(message.payload)
        return Event.new(
            source=self._context.source,
            subject=self._context.event,
            type="mqtt",
            time=now,
            data=wrap(message.topic, message.packet_id, body, self._end),
        )

    def _complain(self, kind: str, message: Message, what: str) -> None:
        topic = "".join(char if char.isprintable() else "?" for char in message.topic[:200])
        self._complaints.say(kind, f"topic '{topic}': {what}")


def end_of(settings: MqttSettings) -> bytes:
    """What comes after the body."""
    if not settings.metadata:
        return b"}"
    return b',"metadata":' + orjson.dumps(settings.metadata, option=orjson.OPT_SORT_KEYS) + b"}"


def wrap(topic: str, packet_id: int, body: bytes, end: bytes) -> bytes:
    """The data of an event whose body is this JSON."""
    return b'{"topic":' + orjson.dumps(topic) + b',"messageId":%d,"body":' % packet_id + body + end
