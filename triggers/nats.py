"""Publishes to a subject of NATS, in the fields of Argo Events' NATS trigger.

The firing's key is the header `Nats-Msg-Id`, by which a stream knows a message that it has already. Core NATS confirms that the
server has a message, not that anybody listens; with `jetStream: true` a firing succeeds when a stream has stored the message.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from pydantic import Field

from bus.nats.client import check_connection, connect, explained, parse_addresses, prepare
from bus.nats.connection import Connection, size_of
from bus.nats.jetstream import store
from bus.nats.subject import unfit
from config.errors import Permanent, Temporary
from config.model import Model, NATSAuth, TLSConfig
from config.sensor import TriggerParameter
from triggers.base import Outcome, Rendered, Trigger, TriggerContext, Values
from triggers.nats_links import Links
from triggers.overrides import overridden
from triggers.text import one_line
from triggers.where import placed

PATIENCE: Final = 10.0
"""Seconds that the server may take to confirm a message."""

_HEADER: Final = "Nats-Msg-Id"


class NatsSettings(Model):
    """The `nats` block of a trigger template. `jetStream` is eventyard's own."""

    url: str = Field(default="", description="nats://HOST:4222 or tls://HOST:4222, several with commas between them.")
    subject: str = Field(default="", description="Where the message is sent to.")
    payload: list[TriggerParameter] | None = Field(default=None, description="What the message is made of.")
    parameters: list[TriggerParameter] | None = Field(default=None, description="Values written into this block.")
    tls: TLSConfig | None = Field(
        default=None, description="TLS is demanded, with own certificates or the system's roots."
    )
    auth: NATSAuth | None = Field(
        default=None, description="The login; the first of basic, token, nkey, credential counts."
    )
    jet_stream: bool = Field(default=False, description="Succeed only when a stream has stored the message.")


@dataclass(frozen=True, slots=True)
class Publication(Rendered):
    """One message. `servers` are for people."""

    servers: str
    subject: str
    data: bytes
    settings: NatsSettings = field(repr=False)

    def show(self, limit: int = 1024) -> str:
        """`NATS 127.0.0.1:4222 orders.paid  {"id":7}`"""
        return one_line(f"NATS {self.servers} {self.subject}", self.data, limit)

    def view(self) -> dict[str, Any]:
        return {"url": self.servers, "subject": self.subject, "data": self.data.decode("utf-8", "replace")}


class Nats(Trigger[NatsSettings, Publication]):
    """Publishes one message for each firing.

    Raises Temporary for all that an operator of the server may mend (it is away, it refuses the login or the subject, no stream
    takes it), Permanent for a message that the server takes from nobody. Unlike in Argo Events, `parameters` of the block may
    change the subject and the server.
    """

    kind: ClassVar[str] = "nats"
    Settings: ClassVar[type[Model]] = NatsSettings

    def __init__(self, settings: NatsSettings, context: TriggerContext) -> None:
        super().__init__(settings, context)
        self._links = Links()

    @classmethod
    def check(cls, settings: Any) -> list[tuple[str, str, str]]:
        assert isinstance(settings, NatsSettings)
        found = check_connection(settings.url, settings.tls, settings.auth)
        if settings.subject and (what := unfit(settings.subject)):
            found.append(("subject", f"'{settings.subject}' {what}", "write names with dots between them: orders.paid"))
        if settings.parameters:
            # They may correct what is wrong here for each firing.
            return [(path, f"warning: {what.removeprefix('warning: ')}", fix) for path, what, fix in found]
        return found

    async def __aexit__(self, *exc: object) -> None:
        await self._links.close()

    def render(self, settings: NatsSettings, values: Values) -> Publication:
        if settings.parameters:
            settings = overridden(settings, settings.parameters, values)
        if what := unfit(settings.subject):
            raise Permanent(f"the subject '{settings.subject}' {what}", fix="check subject, and parameters that set it")
        servers = ", ".join(address.text for address in parse_addresses(settings.url))
        data = values.payload(settings.payload) if settings.payload else b""
        return Publication(servers, settings.subject, data, settings)

    async def fire(self, request: Publication, key: str) -> Outcome:
        connection = await self._connected(request)
        headers = {_HEADER: key}
        size = size_of(request.data, headers)
        if size > connection.largest:
            raise Permanent(
                f"the message has {size} bytes, the server takes {connection.largest}",
                where=connection.where,
                fix="send less, or raise max_payload of the server",
            )
        if request.settings.jet_stream:
            kept = await store(connection, request.subject, request.data, headers)
            again = ", where it was already" if kept.duplicate else ""
            return Outcome(answer=f"stored in {kept.stream} as {kept.sequence}{again}")
        try:
            with explained(connection):
                async with asyncio.timeout(PATIENCE):
                    await connection.deliver(request.subject, request.data, headers=headers)
        except TimeoutError:
            what = f"the server did not confirm the message within {PATIENCE:g} s"
            raise Temporary(what, where=connection.where) from None
        return Outcome()

    async def _connected(self, request: Publication) -> Connection:
        settings, context = request.settings, self.context

        async def make() -> Connection:
            try:
                target = prepare(settings.url, settings.tls, settings.auth, context.secrets)
            except (Temporary, Permanent) as error:
                raise placed(error, f"NATS {request.servers}") from None
            return await connect(target, f"eventyard {context.namespace}/{context.sensor}/{context.trigger}")

        return await self._links.get((settings.url, settings.tls, settings.auth), make)
