"""A stream of its own for each test, someone who publishes to it, and what its consumers answer."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from bus.nats.client import Address, Target, connect
from bus.nats.connection import Connection, Message
from bus.nats.jetstream import ask
from eventsources.http.server import HttpListeners
from eventsources.nats.adapter import Nats
from eventsources.nats.settings import NatsSettings
from tests.eventsources.surroundings import make_context
from tests.servers.nats import NatsServer

ACK, NAK = b"", b"-NAK"


async def shortly(seconds: float) -> None:
    """Sleep, but not as long as it would be in earnest."""
    await asyncio.sleep(min(seconds, 0.02))


@dataclass(slots=True)
class Stage:
    """A stream of that name that takes `<name>.>`; `answers` holds the last answer of a consumer to each sequence."""

    server: NatsServer
    name: str
    link: Connection
    answers: dict[int, bytes] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def subject(self) -> str:
        return f"{self.name}.orders"

    async def publish(self, data: bytes, subject: str = "", headers: Mapping[str, str] | None = None) -> int:
        """Its sequence in the stream."""
        answer = await self.link.request(subject or self.subject, data, headers=headers)
        sequence: int = orjson.loads(answer.data)["seq"]
        return sequence

    def _answered(self, message: Message) -> None:
        if message.data in (ACK, NAK):
            self.answers[int(message.subject.split(".")[5])] = message.data
            self.changed.set()

    async def acknowledged(self, sequence: int, patience: float = 10.0) -> bool:
        """Whether a message is acknowledged in time."""
        try:
            async with asyncio.timeout(patience):
                while self.answers.get(sequence) != ACK:
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            return False
        return True

    async def consumers(self) -> list[str]:
        """By name."""
        return list((await ask(self.link, f"CONSUMER.NAMES.{self.name}", {}))["consumers"] or ())

    async def consumer(self, name: str) -> dict[str, Any]:
        """All about one."""
        return await ask(self.link, f"CONSUMER.INFO.{self.name}.{name}", None)

    def settings(self, **fields: Any) -> NatsSettings:
        """As in a manifest, with JetStream unless it is said otherwise."""
        given = {"url": self.server.url, "subject": self.subject, "jsonBody": True, "jetStream": {}, **fields}
        return NatsSettings.model_validate(given)

    def source(self, http: HttpListeners | None = None, **fields: Any) -> Nats:
        """A source that was not entered yet."""
        return Nats(self.settings(**fields), make_context(http or HttpListeners()), sleep=shortly)


async def dial(server: NatsServer) -> Connection:
    """A connection to a server without logins."""
    return await connect(Target([Address(server.host, server.port)]), "test")


@asynccontextmanager
async def stage(server: NatsServer) -> AsyncIterator[Stage]:
    """A new stream."""
    name = f"t{uuid.uuid4().hex[:12]}"
    link = await dial(server)
    made = Stage(server, name, link)
    await ask(link, f"STREAM.CREATE.{name}", {"name": name, "subjects": [f"{name}.>"]})
    await link.subscribe(f"$JS.ACK.{name}.>", made._answered)
    try:
        yield made
    finally:
        await link.close()
