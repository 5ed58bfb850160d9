"""`spec.mqtt.<event>`: its fields, and what can be wrong with them."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from bus.mqtt.settings import BrokerSettings, check_connection
from config.backoff import Backoff
from config.duration import Duration
from config.eventsource import EventSourceFilter

_HOUR: Final = 3_600_000_000_000
_WEEK: Final = Duration(7 * 24 * _HOUR)
_EXPIRY_MOST: Final = 0xFFFF_FFFE
_SHARED: Final = "$share/"


class MqttSettings(BrokerSettings):
    """Fields without a description are Argo Events'."""

    topic: str = Field(default="", description="A topic or filter (+, #); $share/GROUP/FILTER shares it with others.")
    json_body: bool = False
    metadata: dict[str, str] | None = None
    filter: EventSourceFilter | None = None
    connection_backoff: Backoff | None = Field(
        default=None, description="Accepted; a broker that is away is tried again until it is back."
    )
    qos: Literal[0, 1, 2] = Field(
        default=1,
        description="The most that the broker delivers with; Argo Events has 0. 2 is asked for as 1: at least once, not once.",
    )
    clean_session: bool = Field(
        default=False, description="Let the broker forget this client, and what comes for it, while it is away."
    )
    session_expiry: Duration = Field(
        default=_WEEK, description="How long the broker keeps messages for this client while it is away (MQTT 5)."
    )
    max_in_flight: int = Field(
        default=1024, description="Messages that the broker may send before the first is acknowledged (MQTT 5)."
    )
    cloud_events: bool = Field(
        default=False,
        description="Messages that are CloudEvents (MQTT binding, binary or structured) stay what they are.",
    )

    @property
    def asked_qos(self) -> Literal[0, 1]:
        """What the subscription asks for."""
        return 1 if self.qos else 0

    @property
    def session_seconds(self) -> int:
        """How long the broker keeps the session."""
        return 0 if self.clean_session else min(max(int(self.session_expiry.seconds), 1), _EXPIRY_MOST)

    def check(self) -> list[tuple[str, str, str]]:
        """Faults and warnings: (field path, what, fix)."""
        found = check_connection(self)
        if self.topic and (wrong := _wrong_with(self.topic)):
            found.append(("topic", wrong, "write it like a/b, a/+/c, a/# or $share/GROUP/a/b"))
        if self.qos > self.asked_qos:
            what = "warning: 2 is asked for as 1: nothing is lost, and a message may come twice"
            found.append(("qos", what, "write qos: 1"))
        if self.session_expiry.ns <= 0:
            found.append(("sessionExpiry", f"'{self.session_expiry}' is no time to keep", "write for example 24h"))
        elif self.clean_session and self.session_expiry != _WEEK:
            what = "warning: with cleanSession nothing is kept, so nothing expires"
            found.append(("sessionExpiry", what, "remove one of the two"))
        if not 1 <= self.max_in_flight <= 0xFFFF:
            found.append(("maxInFlight", f"{self.max_in_flight} is not between 1 and 65535", "write for example 1024"))
        return found


def _wrong_with(topic: str) -> str:
    """What is wrong with a filter (OASIS MQTT 5.0, 4.7 and 4.8); nothing if it may be subscribed."""
    if topic.startswith(_SHARED):
        group, slash, topic = topic.removeprefix(_SHARED).partition("/")
        if not group or not slash or not topic or "+" in group or "#" in group:
            return "a shared subscription needs a group and a filter"
    *parents, last = topic.split("/")
    if "\0" in topic or len(topic.encode("utf-8", "replace")) > 0xFFFF:
        return "it is longer than 65535 bytes, or holds a character that no topic has"
    if any("#" in level for level in parents) or ("#" in last and last != "#"):
        return "# may only be all of the last level"
    if any("+" in level and level != "+" for level in (*parents, last)):
        return "+ may only be all of a level"
    return ""
