"""Messages of an MQTT topic as events: the `mqtt` source of Argo Events, with a session that loses nothing.

Argo Events subscribes at QoS 0 to a session that ends with the connection, so that what is published while nobody is connected
is gone. Here, unless the manifest says otherwise, it is QoS 1 in a session that the broker keeps, and a message is acknowledged
(PUBACK) only after the bus has it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Final, Self

import msgspec

from bus.mqtt.client import MqttClient
from bus.mqtt.link import Message
from bus.mqtt.settings import Options, connection_options, parse_address
from config.errors import EventyardError, Temporary
from eventsources.base import Emit, EventSource, SourceContext
from eventsources.messages.body import NotJson, as_base64, as_json
from eventsources.messages.complaints import Complaints
from eventsources.messages.handover import Handover
from eventsources.mqtt.message import LARGEST, Messages, end_of, wrap
from eventsources.mqtt.settings import MqttSettings

BATCH: Final = 512
"""Messages that become durable together at most."""

LAST_WAIT: Final = 2.0
"""Seconds that a source which is told to stop may take for the batch that it has begun."""

_log = logging.getLogger("eventyard.eventsources")


class _Note(msgspec.Struct, frozen=True):
    """The subscription that the broker's session has."""

    client_id: str
    topic: str


class MQTT(EventSource[MqttSettings]):
    """Publishes each message of a topic."""

    kind = "mqtt"
    Settings = MqttSettings

    def __init__(
        self,
        settings: MqttSettings,
        context: SourceContext,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(settings, context)
        self._name = f"source {context.source}/{context.event}"
        complaints = Complaints(self._name)
        self._messages = Messages(settings, context, complaints)
        self._handover = Handover(self._name, complaints, sleep=sleep)

    @classmethod
    def check(cls, settings: MqttSettings) -> list[tuple[str, str, str]]:
        return settings.check()

    @classmethod
    def describe(cls, settings: MqttSettings, host: str) -> str:
        return f"{parse_address(settings.url)} topic {settings.topic}"

    @classmethod
    def wrap(cls, settings: MqttSettings, body: bytes, headers: Mapping[str, str]) -> bytes:
        if settings.cloud_events:
            return body
        try:
            written = as_json(body) if settings.json_body else as_base64(body)
        except NotJson:
            written = as_base64(body)
        return wrap(settings.topic, 0, written, end_of(settings))

    async def __aenter__(self) -> Self:
        settings = self.settings
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(MqttClient(self._options()))
            await self._leave_former(client)
            persistent = not settings.clean_session
            granted = await client.subscribe(settings.topic, qos=settings.asked_qos, only_new_retained=persistent)
            if granted < settings.asked_qos:
                what = "%s: the broker delivers with QoS %d where %d was asked for"
                _log.warning(what, self._name, granted, settings.asked_qos)
            if persistent:
                note = _Note(settings.client_id, settings.topic)
                await self.context.notes.remember(msgspec.json.encode(note))
            self._client = client
            self._opened = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._opened.aclose()

    async def run(self, emit: Emit) -> None:
        """Receive, hand to the bus, and only then acknowledge. Raises Temporary when the connection is lost."""
        while True:
            await self._pass_on(await self._client.receive(BATCH), emit)

    async def _pass_on(self, messages: Sequence[Message], emit: Emit) -> None:
        events = self._messages.events(messages)
        try:
            await self._handover.give(events, emit)
        except asyncio.CancelledError:
            # The bus may have it already. What is not acknowledged now would come again, as other events.
            with suppress(Exception):
                async with asyncio.timeout(LAST_WAIT):
                    await emit.batch(events)
                    await self._client.acknowledge(messages)
            raise
        await self._client.acknowledge(messages)

    def _options(self) -> Options:
        """Raises EventyardError for what is wrong on this side, a Secret that is missing among it."""
        settings = self.settings
        try:
            options = connection_options(settings, self.context.values)
        except Temporary as error:
            raise EventyardError(error.what, where=error.where, fix=error.fix) from None
        return replace(
            options,
            clean=settings.clean_session,
            session_expiry=settings.session_seconds,
            receive_maximum=settings.max_in_flight,
            message_limit=LARGEST,
        )

    async def _leave_former(self, client: MqttClient) -> None:
        """A session has its subscriptions for longer than a manifest has its topic."""
        noted = await self.context.notes.recall()
        if noted is None or not client.session_present:
            return
        with suppress(msgspec.MsgspecError):
            note = msgspec.json.decode(noted, type=_Note)
            if note.client_id == self.settings.client_id and note.topic != self.settings.topic:
                await client.unsubscribe(note.topic)
