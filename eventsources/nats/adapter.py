"""Messages of NATS as events: Argo Events' `nats` source, and a durable consumer of JetStream where a manifest asks for one.

An event's data is `{"subject", "body", "header"?: {Name: [value]}, "metadata"?}`; of a header that is repeated only the last
value is there, as the client library keeps no more.

Core NATS delivers at most once: the server keeps nothing, and a message that comes while nobody is connected, or while more
is held than may be, is lost. What has arrived is handed to the bus in batches, also when the source is stopped. With
`jetStream` a message is acknowledged only after the bus has stored it; what is sent again then has the same id, by which the
bus knows it.

With `cloudEvents: true` a message that is a CloudEvent (NATS protocol binding: `ce-` headers, or the content type
`application/cloudevents+json`) stays what it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any, ClassVar, Final, Protocol, Self

import orjson

from bus.codec import MalformedEvent
from bus.event import Event, now_text
from bus.nats.client import connect, parse_addresses, prepare
from bus.nats.connection import Connection, Message
from bus.nats.consumer import Durable, Pull, bind
from bus.nats.jetstream import streams_of
from config.errors import EventyardError, Temporary
from config.model import Model
from eventsources.base import Emit, EventSource, SourceContext
from eventsources.messages.body import NotJson, as_base64, as_json
from eventsources.messages.cloudevents import NATS, carried, file_under
from eventsources.messages.complaints import Complaints
from eventsources.messages.handover import Handover
from eventsources.nats.inbox import Inbox
from eventsources.nats.settings import JetStreamSettings, NatsSettings, durable_name

LAST_WAIT: Final = 2.0
"""Seconds that a source which is told to stop may take for what has arrived."""


class Feed(Protocol):
    """Where messages come from: core NATS (`Inbox`) or a stream (`Pull`)."""

    async def open(self) -> None: ...

    async def next(self) -> Sequence[Message]: ...

    def take(self) -> Sequence[Message]: ...

    async def stop(self) -> None: ...

    async def acknowledge(self, messages: Sequence[Message], /) -> None: ...

    async def release(self, messages: Sequence[Message], /) -> None: ...


class Nats(EventSource[NatsSettings]):
    """Publishes the messages of a subject: at most once with core NATS, at least once with `jetStream`.

    Entered = subscribed, or the consumer is there.
    """

    kind: ClassVar[str] = "nats"
    Settings: ClassVar[type[Model]] = NatsSettings

    def __init__(
        self,
        settings: NatsSettings,
        context: SourceContext,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(settings, context)
        self._name = f"source {context.source}/{context.event}"
        self._complaints = Complaints(self._name)
        self._handover = Handover(self._name, self._complaints, sleep=sleep)
        self._end = _end(settings)
        self._messages: Sequence[Message] = ()
        self._events: Sequence[Event] = ()

    @classmethod
    def check(cls, settings: NatsSettings) -> list[tuple[str, str, str]]:
        return settings.check()

    @classmethod
    def describe(cls, settings: NatsSettings, host: str) -> str:
        servers = ", ".join(address.text for address in parse_addresses(settings.url))
        return f"{settings.subject} at {servers}" + (" (JetStream)" if settings.jet_stream is not None else "")

    @classmethod
    def wrap(cls, settings: NatsSettings, body: bytes, headers: Mapping[str, str]) -> bytes:
        if settings.cloud_events:
            return body
        try:
            text = as_json(body) if settings.json_body else as_base64(body)
        except NotJson:
            text = as_base64(body)
        return _data(settings.subject, text, headers, _end(settings))

    async def __aenter__(self) -> Self:
        settings = self.settings
        try:
            target = prepare(settings.url, settings.tls, settings.auth, self.context.values)
        except EventyardError as error:
            # Nothing was asked of a server yet: all of this is to be mended here.
            raise EventyardError(error.what, where=error.where, fix=error.fix) from None
        context = self.context
        name = f"eventyard {context.namespace}/{context.source}/{context.event}"
        async with AsyncExitStack() as stack:
            connection = await connect(target, name)
            stack.push_async_callback(connection.close)
            self._feed: Feed = (
                Inbox(connection, settings.subject, settings.queue or "")
                if settings.jet_stream is None
                else await self._consumer(connection, settings.jet_stream)
            )
            stack.push_async_callback(lambda: self._feed.release(()))
            await self._feed.open()
            self._opened = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._opened.aclose()

    async def run(self, emit: Emit) -> None:
        """Raises Temporary when the connection is lost."""
        feed = self._feed
        try:
            while True:
                self._hold(await feed.next())
                await self._handover.give(self._events, emit)
                await self._let_go()
        except asyncio.CancelledError:
            # What has arrived is stored before it ends, if the bus takes it now.
            with suppress(Exception):
                async with asyncio.timeout(LAST_WAIT):
                    await feed.stop()
                    while self._messages or self._hold(feed.take()):
                        await emit.batch(self._events)
                        await self._let_go()
            raise
        finally:
            await feed.release(self._messages)

    def _hold(self, messages: Sequence[Message]) -> bool:
        """Have these in hand until the bus has them; False if there are none."""
        self._messages, self._events = messages, [self._event(message) for message in messages]
        return bool(messages)

    async def _let_go(self) -> None:
        await self._feed.acknowledge(self._messages)
        self._messages, self._events = (), ()

    async def _consumer(self, connection: Connection, settings: JetStreamSettings) -> Pull:
        subject, context = self.settings.subject, self.context
        stream = settings.stream
        if not stream:
            found = await streams_of(connection, subject)
            if len(found) != 1:
                what, fix = "no stream takes", f"make one: nats stream add NAME --subjects '{subject}'"
                if found:
                    what, fix = f"the streams {', '.join(found)} all take", "name one in jetStream.stream"
                raise Temporary(f"{what} the subject '{subject}'", where=connection.where, fix=fix)
            stream = found[0]
        name = settings.durable or durable_name(context.namespace, context.source, context.event)
        durable = Durable(stream=stream, name=name, config=settings.config(subject))
        return Pull(connection, durable, await bind(connection, durable))

    def _event(self, message: Message) -> Event:
        headers = message.headers or {}
        if self.settings.cloud_events and headers and (event := self._cloud_event(message, headers)) is not None:
            return event
        context = self.context
        id = ""
        if self.settings.jet_stream is not None:
            # A stream that was made anew under the same name counts from 1 again, but never at the same time.
            place = message.metadata
            stamp = int(place.timestamp.timestamp() * 1e6)
            id = f"{place.stream}-{place.sequence.stream}-{stamp}"
        return Event.new(
            id=id,
            source=context.source,
            subject=context.event,
            type=self.kind,
            data=_data(message.subject, self._body(message), headers, self._end),
            time=now_text(context.now),
        )

    def _cloud_event(self, message: Message, headers: Mapping[str, str]) -> Event | None:
        try:
            event = carried(headers, message.data, NATS)
        except MalformedEvent as error:
            self._complaints.say("cloudevent", f"a message on '{message.subject}' is {error}; it is taken as it is")
            return None
        return None if event is None else file_under(self.context, event, headers)

    def _body(self, message: Message) -> bytes:
        if self.settings.json_body:
            try:
                return as_json(message.data)
            except NotJson as error:
                what = f"a message on '{message.subject}' is no JSON, its bytes are taken as base64: {error}"
                self._complaints.say("json", what)
        return as_base64(message.data)


def _data(subject: str, body: bytes, headers: Mapping[str, str], end: bytes) -> bytes:
    header = b',"header":' + _sorted({name: [value] for name, value in headers.items()}) if headers else b""
    return b"".join((b'{"subject":', orjson.dumps(subject), b',"body":', body, header, end))


def _end(settings: NatsSettings) -> bytes:
    return b',"metadata":' + _sorted(settings.metadata) + b"}" if settings.metadata else b"}"


def _sorted(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
