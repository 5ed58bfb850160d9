"""triggers/mqtt.py against a real broker, seen and spoilt by a proxy before it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from bus.mqtt.reasons import NO_SUBSCRIBERS
from bus.mqtt.settings import V3
from config.errors import Permanent, Temporary
from config.model import Model
from config.sensor import TriggerParameter
from tests.contract.trigger import RemoteStage, RemoteTriggerContract, Trouble
from tests.fakes.mqtt_packets import Kind, Sent, packet
from tests.fakes.mqtt_proxy import MqttProxy
from tests.fakes.values import FakeValues, context, event
from tests.servers.mosquitto import Mosquitto
from tests.servers.server import free_port
from triggers.base import Outcome, TriggerContext
from triggers.mqtt import KEY, MQTT, MqttTriggerSettings
from triggers.mqtt_links import LINKS

PUSH = FakeValues(push=event({"ref": "main", "topic": "t/elsewhere"}))
PAYLOAD = [{"src": {"dependencyName": "push", "dataKey": "ref"}, "dest": "ref"}]


SECRETS = context(user="ada", password="hush-hush")


def make(url: str, given: TriggerContext = SECRETS, **fields: Any) -> MQTT:
    """The trigger of a manifest's `mqtt` block."""
    block = {"url": url, "topic": f"t-{uuid.uuid4().hex}", "payload": PAYLOAD, **fields}
    return MQTT(MqttTriggerSettings.model_validate(block), given)


@asynccontextmanager
async def entered(url: str, given: TriggerContext = SECRETS, **fields: Any) -> AsyncIterator[MQTT]:
    """The same, entered, with a runtime for its tasks."""
    async with asyncio.TaskGroup() as group, make(url, replace(given, spawn=group.create_task), **fields) as trigger:
        yield trigger


def refused(code: int, message: Sent) -> bytes:
    """PUBACK with a reason of MQTT 5."""
    return packet(Kind.PUBACK, message.packet_id.to_bytes(2, "big") + bytes((code,)))


def key_of(message: Sent) -> str:
    return str(dict(message.user)[KEY])


class TestContract(RemoteTriggerContract):
    retry_after = None
    broker: Mosquitto

    @pytest.fixture(autouse=True)
    def _broker(self, mosquitto: Mosquitto) -> None:
        self.broker = mosquitto

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[RemoteStage]:
        async with MqttProxy(self.broker.host, self.broker.port) as proxy, asyncio.TaskGroup() as group:
            troubles: dict[Trouble, Callable[[Sent], bytes | None]] = {
                Trouble.RESETS: lambda message: None,
                Trouble.BROKEN: partial(refused, 0x83),
                Trouble.BUSY: partial(refused, 0x97),
                Trouble.REFUSES: partial(refused, 0x99),
            }

            def suffer(trouble: Trouble) -> None:
                if trouble is Trouble.HANGS:
                    proxy.hold()
                else:
                    proxy.spoil = troubles[trouble]

            async def shown(ready: Callable[[], bool]) -> None:
                assert await proxy.until(ready)

            async def shut() -> None:
                await proxy.__aexit__()

            async def arrived(count: int) -> None:
                await shown(lambda: proxy.arrived >= count)

            auth = {"username": {"name": "mqtt", "key": "user"}, "password": {"name": "mqtt", "key": "password"}}
            yield RemoteStage(
                trigger=make(proxy.url, replace(SECRETS, spawn=group.create_task), auth=auth),
                values=PUSH,
                seen=lambda: [message.payload.decode() for message in proxy.taken],
                keys=lambda: [key_of(message) for message in proxy.taken],
                secrets=["hush-hush"],
                suffer=suffer,
                release=proxy.release,
                arrived=arrived,
                abandoned=lambda: shown(lambda: not proxy.connections),
                shut=shut,
            )

    def with_parameter(self, settings: Model, parameter: TriggerParameter) -> Model | None:
        return settings.model_copy(update={"parameters": [parameter]})


async def fire(trigger: MQTT, key: str = "key") -> Outcome:
    """Render and fire the entered trigger."""
    return await trigger.fire(trigger.render(trigger.settings, PUSH), key)


@pytest.fixture
async def proxy(mosquitto: Mosquitto) -> AsyncIterator[MqttProxy]:
    async with MqttProxy(mosquitto.host, mosquitto.port) as made:
        yield made


class TestMessage:
    async def test_what_arrives(self, mosquitto: Mosquitto) -> None:
        topic = f"t-{uuid.uuid4().hex}"
        async with (
            aiomqtt.Client(mosquitto.host, mosquitto.port, protocol=aiomqtt.ProtocolVersion.V5) as subscriber,
            entered(mosquitto.url, topic=topic, userProperties={"Content": "x"}, qos=2) as trigger,
        ):
            await subscriber.subscribe(topic, qos=2)
            assert await fire(trigger, "key-7") == Outcome(0, "")
            async with asyncio.timeout(10):
                message = await anext(aiter(subscriber.messages))
        assert message.payload == b'{"ref":"main"}'
        assert (message.qos, message.retain) == (2, False)
        assert message.properties is not None
        assert message.properties.UserProperty == [("Content", "x"), (KEY, "key-7")]  # type: ignore[attr-defined]

    async def test_a_retained_one(self, mosquitto: Mosquitto) -> None:
        topic = f"t-{uuid.uuid4().hex}"
        async with entered(mosquitto.url, topic=topic, retain=True) as trigger:
            await fire(trigger)
        async with aiomqtt.Client(mosquitto.host, mosquitto.port) as subscriber:
            await subscriber.subscribe(topic)
            async with asyncio.timeout(10):
                message = await anext(aiter(subscriber.messages))
            assert message.retain
            await subscriber.publish(topic, b"", retain=True)

    async def test_nobody_listens(self, mosquitto: Mosquitto) -> None:
        async with entered(mosquitto.url) as trigger:
            assert await fire(trigger) == Outcome(NO_SUBSCRIBERS, "nobody has subscribed to the topic")

    async def test_a_key_of_the_manifest_wins(self, proxy: MqttProxy) -> None:
        async with entered(proxy.url, userProperties={"idempotency-key": "mine"}) as trigger:
            await fire(trigger)
        assert proxy.taken[0].user == [("idempotency-key", "mine")]

    async def test_3_1_1(self, mosquitto: Mosquitto) -> None:
        async with (
            MqttProxy(mosquitto.host, mosquitto.port, V3) as proxy,
            entered(proxy.url, protocolVersion="3.1.1", qos=2) as trigger,
        ):
            assert await fire(trigger) == Outcome()
            assert proxy.taken[0].payload == b'{"ref":"main"}'

    async def test_quality_0(self, proxy: MqttProxy) -> None:
        async with entered(proxy.url, qos=0) as trigger:
            assert await fire(trigger) == Outcome()
            assert await proxy.until(lambda: proxy.arrived == 1)

    async def test_parameters_choose_topic_and_broker(self, proxy: MqttProxy) -> None:
        parameters = [
            {"src": {"dependencyName": "push", "dataKey": "topic"}, "dest": "topic"},
            {"src": {"dependencyName": "push", "value": proxy.url}, "dest": "url"},
        ]
        async with entered("", topic="", parameters=parameters) as trigger:
            assert await fire(trigger)
        assert proxy.taken[0].topic == "t/elsewhere"

    def test_show_and_view(self) -> None:
        trigger = make("tcp://ada:hush@host", topic="t", userProperties={"a": "b"})
        request = trigger.render(trigger.settings, PUSH)
        assert request.show() == 'MQTT mqtt://host:1883 t  {"ref":"main"}'
        assert request.view() == {
            "url": "mqtt://host:1883",
            "topic": "t",
            "qos": 1,
            "retain": False,
            "userProperties": {"a": "b"},
            "body": '{"ref":"main"}',
        }
        assert "hush" not in repr(request)

    @pytest.mark.parametrize("topic", ["", "a/+", "#", "a\0", "x" * 65_536])
    def test_what_is_no_topic(self, topic: str) -> None:
        trigger = make("tcp://host", topic=topic)
        with pytest.raises(Permanent) as failure:
            trigger.render(trigger.settings, PUSH)
        assert failure.value.fix


class TestConnection:
    async def test_all_firings_share_one(self, proxy: MqttProxy) -> None:
        most = 0
        async with entered(proxy.url) as trigger, asyncio.TaskGroup() as group:
            for number in range(200):
                group.create_task(fire(trigger, f"{number}"))
            await proxy.until(lambda: len(proxy.taken) == 200)
            most = proxy.connections
        assert most == 1
        assert len({key_of(message) for message in proxy.taken}) == 200

    async def test_an_attempt_that_fails_is_shared_and_then_made_again(self, mosquitto: Mosquitto) -> None:
        port = free_port()
        async with entered(f"tcp://127.0.0.1:{port}") as trigger:
            results = await asyncio.gather(*(fire(trigger) for _ in range(5)), return_exceptions=True)
            assert all(isinstance(result, Temporary) for result in results)

            async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                writer.close()

            server = await asyncio.start_server(relay, "127.0.0.1", port)
            with pytest.raises(Temporary, match=r"without an answer|reset"):
                await fire(trigger)
            server.close()

    async def test_it_comes_back_after_the_broker_does(self) -> None:
        with Mosquitto() as server:
            async with entered(server.url) as trigger:
                assert await fire(trigger)
                await asyncio.to_thread(server.kill)
                with pytest.raises(Temporary, match=r"refused|closed|broke") as failure:
                    await fire(trigger)
                assert failure.value.fix or "closed" in failure.value.what
                await asyncio.to_thread(server.start)
                assert await fire(trigger)

    async def test_connections_are_bounded(self, proxy: MqttProxy) -> None:
        async with entered(proxy.url) as trigger:
            for number in range(LINKS + 3):
                settings = trigger.settings.model_copy(update={"client_id": f"{uuid.uuid4().hex}-{number}"})
                await trigger.fire(trigger.render(settings, PUSH), "key")
            assert await proxy.until(lambda: proxy.connections == LINKS)

    async def test_one_that_is_closed_before_it_is_made(self, proxy: MqttProxy) -> None:
        async with entered(proxy.url) as trigger:

            async def through_another(number: int) -> Outcome:
                settings = trigger.settings.model_copy(update={"client_id": f"{uuid.uuid4().hex}-{number}"})
                return await trigger.fire(trigger.render(settings, PUSH), "key")

            async with asyncio.timeout(10):
                results = await asyncio.gather(*(through_another(n) for n in range(LINKS + 3)), return_exceptions=True)
        assert sum(isinstance(result, Outcome) for result in results) >= LINKS
        assert all(isinstance(result, Outcome | Temporary) for result in results)

    async def test_entered_in_one_task_and_left_in_another(self, proxy: MqttProxy) -> None:
        async with asyncio.TaskGroup() as group:
            trigger = make(proxy.url, replace(SECRETS, spawn=group.create_task))
            await group.create_task(trigger.__aenter__())
            await group.create_task(fire(trigger))
            await group.create_task(trigger.__aexit__(None, None, None))
            assert await proxy.until(lambda: not proxy.connections)

    async def test_a_login_that_the_broker_refuses(self) -> None:
        auth = {"username": {"name": "mqtt", "key": "user"}, "password": {"name": "mqtt", "key": "password"}}
        with Mosquitto(users={"ada": "other"}) as server:
            async with entered(server.url, auth=auth) as trigger:
                with pytest.raises(Temporary, match="not authorized") as failure:
                    await fire(trigger)
        assert "auth" in failure.value.fix
        assert "hush-hush" not in str(failure.value)

    async def test_a_missing_secret(self, mosquitto: Mosquitto) -> None:
        auth = {"username": {"name": "mqtt", "key": "nobody"}}
        async with entered(mosquitto.url, auth=auth) as trigger:
            with pytest.raises(Temporary, match="nobody"):
                await fire(trigger)

    async def test_a_topic_that_is_denied(self, tmp_path: Path) -> None:
        rules = tmp_path / "acl"
        rules.write_text("topic readwrite allowed/#\n")
        rules.chmod(0o600)
        with Mosquitto(f"acl_file {rules}") as server:
            async with entered(server.url, topic="secret/x") as trigger:
                with pytest.raises(Temporary, match="message to 'secret/x': not authorized") as failure:
                    await fire(trigger)
                assert "allows" in failure.value.fix
                settings = trigger.settings.model_copy(update={"topic": "allowed/x"})
                assert await trigger.fire(trigger.render(settings, PUSH), "key")

    async def test_a_message_that_is_too_large(self) -> None:
        with Mosquitto("max_packet_size 1000") as server:
            payload = [{"src": {"dependencyName": "push", "value": "x" * 2000}, "dest": "x"}]
            async with entered(server.url, payload=payload) as trigger:
                with pytest.raises(Permanent, match="takes no more than 1000"):
                    await fire(trigger)

    async def test_tls_with_a_client_certificate(self) -> None:
        with Mosquitto("require_certificate true", tls=True) as server:
            authority = server.authority
            assert authority is not None
            names = {"caCertSecret": "ca", "clientCertSecret": "cert", "clientKeySecret": "certkey"}
            tls = {field: {"name": "mqtt", "key": key} for field, key in names.items()}
            secrets = context(
                ca=authority.ca.read_text(),
                cert=authority.client_cert.read_text(),
                certkey=authority.client_key.read_text(),
            )
            async with entered(server.url, secrets, tls=tls) as trigger:
                assert await fire(trigger)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        ({"url": ""}, ["url"]),
        ({"topic": ""}, ["topic"]),
        ({"topic": "a/#"}, ["topic"]),
        ({"qos": 0}, ["warning: qos"]),
        ({"payload": None}, ["warning: payload"]),
        ({"url": "", "parameters": PAYLOAD}, ["warning: url"]),
        ({"userProperties": {"a": "b"}, "protocolVersion": "3.1.1"}, ["warning: userProperties"]),
        ({"tls": {"enabled": True}}, ["warning: url"]),
        ({"auth": {}}, ["warning: auth"]),
        ({"auth": {"password": {"name": "mqtt", "key": "password"}}}, []),
    ],
)
def test_check(fields: dict[str, Any], found: list[str]) -> None:
    results = MQTT.check(make(fields.pop("url", "tcp://host"), **fields).settings)
    assert [f"{'warning: ' if what.startswith('warning: ') else ''}{path}" for path, what, _ in results] == found
    assert all(fix for _, _, fix in results)
