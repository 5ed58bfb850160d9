"""Messages of Kafka as events: Argo Events' shape, or the CloudEvents that they are.

The data is `{"topic", "key", "partition", "body", "timestamp", "headers", "metadata"?}`. The id is Argo Events' too,
`<source>:<event>:<first broker>:<topic>:<partition>:<offset>`: a message that is read twice is the same event twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from bus.codec import MalformedEvent
from bus.event import Event, now_text
from bus.kafka.avro import Mismatch
from bus.kafka.schema_registry import SchemaRegistry
from config.gotime import go_text
from eventsources.base import SourceContext
from eventsources.go import text
from eventsources.kafka.settings import KafkaSettings
from eventsources.messages.body import NotJson, as_base64, as_json
from eventsources.messages.cloudevents import KAFKA, carried, file_under
from eventsources.messages.complaints import Complaints

LARGEST: Final = 16 << 20
"""Bytes of a message beyond which it is not taken."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER: Final = "0001-01-01 00:00:00 +0000 UTC"


class Messages:
    """Makes events of records. `largest` is the size in bytes of what is still taken."""

    def __init__(
        self,
        settings: KafkaSettings,
        context: SourceContext,
        complaints: Complaints,
        registry: SchemaRegistry | None,
        *,
        largest: int = LARGEST,
    ) -> None:
        self._settings, self._context = settings, context
        self._complaints, self._registry, self._largest = complaints, registry, largest
        first = settings.url.split(",")[0]
        self._prefix = f"{context.source}:{context.event}:{first}:{settings.topic}"

    async def events(self, records: Iterable[Any]) -> list[Event]:
        """One event for each record, in order; those that are too large are missing, and complained about.

        Raises Temporary if the schema registry does not answer.
        """
        now = now_text(self._context.now)
        made = []
        for record in records:
            if record.value is not None and len(record.value) > self._largest:
                what = f"a message of {len(record.value)} bytes is dropped, {self._largest} are taken at most"
                self._complain("large", record, what)
                continue
            made.append((self._settings.cloud_events and self._carried(record)) or await self._wrapped(record, now))
        return made

    def _carried(self, record: Any) -> Event | None:
        headers = {name: text.decode(value or b"") for name, value in record.headers}
        try:
            event = carried(headers, record.value, KAFKA)
        except MalformedEvent as error:
            self._complain("cloudevent", record, f"{error}; it is taken as any other message")
            return None
        return event and file_under(self._context, event, headers)

    async def _wrapped(self, record: Any, now: str) -> Event:
        return Event.new(
            id=f"{self._prefix}:{record.partition}:{record.offset}",
            source=self._context.source,
            subject=self._context.event,
            type="kafka",
            time=now,
            data=wrap(
                self._settings,
                await self._body(record),
                key=text.decode(record.key or b""),
                partition=record.partition,
                timestamp=_time_text(record.timestamp),
                headers={name: text.decode(value or b"") for name, value in record.headers},
            ),
        )

    async def _body(self, record: Any) -> bytes:
        value: bytes | None = record.value
        if value is None or not self._settings.json_body:
            return as_base64(value)
        try:
            return as_json(value) if self._registry is None else await self._registry.read(value)
        except NotJson as error:
            self._complain("json", record, f"the message is not JSON ({error}); its body is base64 text instead")
        except Mismatch as error:
            self._complain("schema", record, f"the message cannot be decoded: {error}; its body is base64 text instead")
        return as_base64(value)

    def _complain(self, kind: str, record: Any, what: str) -> None:
        self._complaints.say(kind, f"{record.topic}/{record.partition} offset {record.offset}: {what}")


def wrap(
    settings: KafkaSettings,
    body: bytes,
    *,
    key: str = "",
    partition: int = 0,
    timestamp: str,
    headers: Mapping[str, str],
) -> bytes:
    """The data of an event whose body is this JSON."""
    end = b',"metadata":' + _json(settings.metadata) + b"}" if settings.metadata else b"}"
    parts = (
        b'{"topic":' + _json(settings.topic),
        b'"key":' + _json(key),
        b'"partition":%d' % partition,
        b'"body":' + body,
        b'"timestamp":"' + timestamp.encode() + b'"',
        b'"headers":' + _json(headers) + end,
    )
    return b",".join(parts)


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _time_text(timestamp: int | None) -> str:
    """Milliseconds since 1970 as Go prints a time; a message without one has Go's zero time."""
    if timestamp is None or timestamp < 0:
        return _NEVER
    return go_text(_EPOCH + timedelta(milliseconds=timestamp))
