"""bus/mqtt/settings.py: URLs, what is wrong with a block, and what becomes of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from bus.mqtt.reasons import reason
from bus.mqtt.settings import V3, V5, BrokerSettings, check_connection, connection_options, parse_address
from config.errors import Permanent, Temporary
from config.secret import Secret
from tests.fakes.values import FakeSecrets

SECRET = {"name": "mqtt", "key": "user"}


def settings(**fields: Any) -> BrokerSettings:
    return BrokerSettings.model_validate({"url": "tcp://host", "clientId": "c", **fields})


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("tcp://host", "mqtt://host:1883"),
        ("mqtt://host:1", "mqtt://host:1"),
        ("ssl://host", "mqtts://host:8883"),
        ("mqtts://Host:2", "mqtts://host:2"),
        ("tls://[::1]:3", "mqtts://[::1]:3"),
        ("ws://host", "ws://host:80/"),
        ("wss://host/mqtt?x=1", "wss://host:443/mqtt?x=1"),
        ("tcp://ada:hush@host:1883", "mqtt://host:1883"),
    ],
)
def test_addresses(url: str, shown: str) -> None:
    assert str(parse_address(url)) == shown


@pytest.mark.parametrize(
    "url", ["", "host:1883", "http://host", "tcp://", "tcp://host:x", "tcp://host:99999", "tcp://["]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(Permanent) as failure:
        parse_address(url)
    assert failure.value.fix
    assert check_connection(settings(url=url)) or not url


def test_a_login_in_the_url() -> None:
    address = parse_address("tcp://ada:h%40sh@host")
    assert (address.user, address.password) == ("ada", Secret("h@sh"))
    assert "h@sh" not in repr(address)
    options = connection_options(settings(url="tcp://ada:h%40sh@host"), FakeSecrets())
    assert (options.user, options.password) == ("ada", Secret("h@sh"))


def test_auth_wins_over_the_url() -> None:
    block = settings(url="tcp://eve:x@host", auth={"username": SECRET, "password": {"name": "mqtt", "key": "password"}})
    options = connection_options(block, FakeSecrets(user="ada", password="hush"))
    assert (options.user, options.password) == ("ada", Secret("hush"))
    assert "hush" not in repr(options)


def test_one_without_the_other() -> None:
    options = connection_options(settings(auth={"username": SECRET}), FakeSecrets(user="ada"))
    assert (options.user, options.password) == ("ada", None)
    options = connection_options(settings(auth={"password": SECRET}), FakeSecrets(user="hush"))
    assert (options.user, options.password) == (None, Secret("hush"))


def test_a_missing_secret() -> None:
    with pytest.raises(Temporary, match="password"):
        connection_options(
            settings(auth={"username": SECRET, "password": {"name": "mqtt", "key": "password"}}), FakeSecrets(user="a")
        )


def test_tls() -> None:
    assert connection_options(settings(), FakeSecrets()).tls is None
    assert connection_options(settings(url="ssl://host"), FakeSecrets()).tls is not None
    secured = connection_options(settings(tls={"enabled": True}), FakeSecrets())
    assert secured.tls is not None
    assert str(secured.address) == "mqtts://host:1883"
    ((path, what, fix),) = check_connection(settings(tls={"enabled": True}))
    assert path == "url"
    assert what.startswith("warning: ")
    assert "ssl://" in fix


def test_versions() -> None:
    versions = [connection_options(settings(protocolVersion=each), FakeSecrets()).versions for each in ("", "5", 5)]
    assert versions == [(V5, V3), (V5,), (V5,)]
    assert connection_options(settings(protocolVersion="3.1.1"), FakeSecrets()).versions == (V3,)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"url": "http://host"}, "url"),
        ({"clientId": "c" * 70_000}, "clientId"),
        ({"keepAlive": "500ms"}, "keepAlive"),
        ({"tls": {}}, "tls"),
    ],
)
def test_faults(fields: dict[str, Any], path: str) -> None:
    faults = [each for each in check_connection(settings(**fields)) if not each[1].startswith("warning")]
    assert [each[0] for each in faults] == [path]
    assert all(fix for _, _, fix in faults)


def test_those_who_can_share_a_connection_are_equal() -> None:
    class More(BrokerSettings):
        topic: str = ""

    one, other = (More.model_validate({"url": "tcp://host", "topic": topic}) for topic in "ab")
    assert one.broker() == other.broker()
    assert hash(one.broker()) == hash(other.broker())
    assert one.broker() != settings().broker()


def test_reasons() -> None:
    assert reason(0x87).what == "not authorized"
    assert not reason(0x87).final
    assert reason(0x99).final
    assert reason(0x97, SimpleNamespace(ReasonString="too\nmany")).what == "quota exceeded (too many)"
    assert reason(0x9D, SimpleNamespace(ServerReference="other:1883")).fix == "correct url; it names other:1883"
    assert reason(0xFE).what == "reason 0xfe"
