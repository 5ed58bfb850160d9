"""eventsources/mqtt/settings.py: filters, sessions, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

from eventsources.mqtt.settings import MqttSettings

WEEK = 7 * 24 * 3600


def settings(**fields: Any) -> MqttSettings:
    return MqttSettings.model_validate({"url": "tcp://host", "topic": "t", "clientId": "c", **fields})


@pytest.mark.parametrize("topic", ["a", "/", "a/b", "+", "#", "a/+/b", "+/#", "$SYS/#", "$share/g/a/#", "$share/g//"])
def test_filters(topic: str) -> None:
    assert settings(topic=topic).check() == []


@pytest.mark.parametrize(
    "topic", ["a#", "#/a", "a/#/b", "a+", "a/b+/c", "$share/g", "$share//a", "$share/+/a", "a\0", "x" * 65_536]
)
def test_what_is_no_filter(topic: str) -> None:
    ((path, what, fix),) = settings(topic=topic).check()
    assert path == "topic"
    assert not what.startswith("warning")
    assert fix


@pytest.mark.parametrize(
    ("fields", "path", "is_warning"),
    [
        ({"sessionExpiry": "0s"}, "sessionExpiry", False),
        ({"sessionExpiry": "1h", "cleanSession": True}, "sessionExpiry", True),
        ({"qos": 2}, "qos", True),
        ({"maxInFlight": 0}, "maxInFlight", False),
        ({"maxInFlight": 65_536}, "maxInFlight", False),
        ({"url": "http://host"}, "url", False),
    ],
)
def test_faults(fields: dict[str, Any], path: str, is_warning: bool) -> None:
    ((found, what, fix),) = settings(**fields).check()
    assert (found, what.startswith("warning: ")) == (path, is_warning)
    assert fix


def test_silence_means_safe() -> None:
    assert settings().qos == settings().asked_qos == 1
    assert [settings(qos=qos).asked_qos for qos in (0, 2)] == [0, 1]
    assert settings().session_seconds == WEEK
    assert settings(cleanSession=True).session_seconds == 0
    assert settings(sessionExpiry="90m").session_seconds == 5400
    assert settings(sessionExpiry="2000000h").session_seconds == 0xFFFF_FFFE
