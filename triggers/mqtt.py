"""Publishes a message to an MQTT topic; a trigger that Argo Events does not have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal, Self

from pydantic import Field

from bus.mqtt.reasons import NO_SUBSCRIBERS
from bus.mqtt.settings import Address, BrokerSettings, check_connection, connection_options, parse_address
from config.errors import Permanent
from config.model import Model
from config.sensor import TriggerParameter
from triggers.base import Outcome, Rendered, Trigger, Values
from triggers.mqtt_links import Links
from triggers.overrides import overridden
from triggers.text import one_line

KEY: Final = "Idempotency-Key"
"""The user property with the key of the firing."""

_TOPIC_MOST: Final = 65_535


class MqttTriggerSettings(BrokerSettings):
    """The `mqtt` block of a trigger template."""

    client_id: str = Field(
        default="", description="By which the broker knows this client; the broker's choice if empty."
    )
    topic: str = Field(default="", description="Where to publish; no wildcards.")
    qos: Literal[0, 1, 2] = Field(
        default=1,
        description="With 1 and 2 a firing has succeeded once the broker acknowledges it; 0 asks for nothing.",
    )
    retain: bool = Field(default=False, description="Let the broker keep the message for those who subscribe later.")
    payload: list[TriggerParameter] | None = Field(default=None, description="What the message is made of.")
    parameters: list[TriggerParameter] | None = Field(default=None, description="Values written into this block.")
    user_properties: dict[str, str] | None = Field(
        default=None, description="User properties of the message (MQTT 5), as headers are elsewhere."
    )


@dataclass(frozen=True, slots=True)
class Publication(Rendered):
    """One message."""

    address: Address
    topic: str
    body: bytes
    settings: MqttTriggerSettings = field(repr=False)

    def show(self, limit: int = 1024) -> str:
        """`MQTT mqtt://127.0.0.1:1883 home/light  {"on":true}`"""
        return one_line(f"MQTT {self.address} {self.topic}", self.body, limit)

    def view(self) -> dict[str, Any]:
        settings = self.settings
        return {
            "url": str(self.address),
            "topic": self.topic,
            "qos": settings.qos,
            "retain": settings.retain,
            "userProperties": dict(settings.user_properties or {}),
            "body": self.body.decode("utf-8", "replace"),
        }


class MQTT(Trigger[MqttTriggerSettings, Publication]):
    """Publishes one message for each firing, over one connection. With MQTT 5 the firing's key is the user property
    `Idempotency-Key`, unless the manifest sets one; 3.1.1 has no place for it.

    What the broker says no to is Temporary where it may be mended there (logins, permissions, quotas), and Permanent where only
    the manifest can be wrong.
    """

    kind: ClassVar[str] = "mqtt"
    Settings: ClassVar[type[Model]] = MqttTriggerSettings

    @classmethod
    def check(cls, settings: Any) -> list[tuple[str, str, str]]:
        assert isinstance(settings, MqttTriggerSettings)
        found = check_connection(settings)
        parameters = "write it, or set it by a parameter"
        for name, value in (("url", settings.url), ("topic", settings.topic)):
            if not value:
                warning = "warning: " if settings.parameters else ""
                found.append((name, f"{warning}is missing", parameters))
        if settings.topic:
            try:
                _valid(settings.topic)
            except Permanent as error:
                found.append(("topic", error.what, error.fix))
        if settings.payload is None:
            found.append(("payload", "warning: the message is empty", "say with payload what to send"))
        if settings.auth is not None and settings.auth.username is None and settings.auth.password is None:
            found.append(("auth", "warning: is empty, nobody logs in", "give username and password"))
        if settings.qos == 0:
            found.append(("qos", "warning: with 0 nobody says whether a message arrives", "write qos: 1"))
        if settings.user_properties and settings.protocol_version == "3.1.1":
            what = "warning: MQTT 3.1.1 has no user properties"
            found.append(("userProperties", what, "remove protocolVersion if the broker speaks MQTT 5"))
        return found

    async def __aenter__(self) -> Self:
        self._links = Links(self.context.spawn)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._links.close()

    def render(self, settings: MqttTriggerSettings, values: Values) -> Publication:
        if settings.parameters:
            settings = overridden(settings, settings.parameters, values)
        body = values.payload(settings.payload) if settings.payload else b""
        return Publication(parse_address(settings.url), _valid(settings.topic), body, settings)

    async def fire(self, request: Publication, key: str) -> Outcome:
        settings = request.settings
        client = await self._links.client(settings.broker(), lambda: connection_options(settings, self.context.secrets))
        code = await client.publish(
            request.topic,
            request.body,
            qos=settings.qos,
            retain=settings.retain,
            user=_with_key(settings.user_properties or {}, key),
        )
        return Outcome(code, "nobody has subscribed to the topic" if code == NO_SUBSCRIBERS else "")


def _valid(topic: str) -> str:
    """The topic, if one may publish to it (OASIS MQTT 5.0, section 4.7). Raises Permanent."""
    if not topic:
        raise Permanent("no topic is given", fix="give topic, or set it by a parameter")
    if "+" in topic or "#" in topic or "\0" in topic:
        raise Permanent("the topic holds a wildcard, or a character that no topic has", fix="publish to one topic")
    if len(topic.encode("utf-8", "replace")) > _TOPIC_MOST:
        raise Permanent(f"the topic is longer than {_TOPIC_MOST} bytes", fix="choose a shorter one")
    return topic


def _with_key(user: Mapping[str, str], key: str) -> list[tuple[str, str]]:
    given = {name.lower() for name in user}
    return [*user.items(), *([] if KEY.lower() in given else [(KEY, key)])]
