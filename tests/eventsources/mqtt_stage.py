"""A topic and a client of its own for each test, a proxy that sees what the source acknowledges, and someone who publishes."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from bus.mqtt.settings import V3, V5
from eventsources.http.server import HttpListeners
from eventsources.mqtt.adapter import MQTT
from eventsources.mqtt.settings import MqttSettings
from tests.eventsources.surroundings import make_context
from tests.fakes.mqtt_proxy import MqttProxy
from tests.servers.mosquitto import Mosquitto


async def shortly(seconds: float) -> None:
    """Sleep, but not as long as it would be in earnest."""
    await asyncio.sleep(min(seconds, 0.05))


@dataclass(frozen=True, slots=True)
class Stage:
    """`publisher` speaks MQTT 5 straight from the library."""

    proxy: MqttProxy
    topic: str
    publisher: aiomqtt.Client

    async def send(
        self,
        payload: bytes,
        *,
        qos: int = 1,
        topic: str = "",
        user: Mapping[str, str] | None = None,
        content_type: str = "",
        retain: bool = False,
    ) -> None:
        """Publish a message; it is the broker's when this returns."""
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if user:
            properties.UserProperty = list(user.items())
        if content_type:
            properties.ContentType = content_type
        await self.publisher.publish(topic or self.topic, payload, qos=qos, retain=retain, properties=properties)

    async def acknowledged(self, payload: bytes, patience: float = 10.0) -> bool:
        """Whether the source takes over a message with this payload in time."""
        return await self.proxy.until(
            lambda: any(message.payload == payload for message in self.proxy.acknowledged), patience
        )

    def source(self, secrets: Mapping[str, str] | None = None, **fields: Any) -> MQTT:
        """A source of the topic that was not entered yet."""
        block = {"url": self.proxy.url, "topic": self.topic, "clientId": self.topic, "jsonBody": True, **fields}
        context = make_context(HttpListeners(), secrets)
        return MQTT(MqttSettings.model_validate(block), context, sleep=shortly)


def publisher(server: Mosquitto, **arguments: Any) -> aiomqtt.Client:
    """Not connected yet."""
    return aiomqtt.Client(
        server.host,
        server.port,
        identifier=f"publisher-{uuid.uuid4().hex}",
        protocol=aiomqtt.ProtocolVersion.V5,
        **arguments,
    )


@asynccontextmanager
async def stage(server: Mosquitto, version: str = "5") -> AsyncIterator[Stage]:
    """On a broker that runs; the version is what sources speak."""
    topic = f"t-{uuid.uuid4().hex[:12]}"
    level = V5 if version == "5" else V3
    async with MqttProxy(server.host, server.port, level) as proxy, publisher(server) as client:
        yield Stage(proxy, topic, client)
