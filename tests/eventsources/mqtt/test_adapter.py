"""The mqtt source keeps what every source promises, against a real broker."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import orjson
import pytest

from bus.event import Event
from config.errors import EventyardError, Temporary
from eventsources.http.server import HttpListeners
from eventsources.mqtt import adapter as mqtt
from eventsources.mqtt.adapter import MQTT
from eventsources.mqtt.settings import MqttSettings
from tests.contract.eventsource import EventSourceContract, Gate, running
from tests.eventsources.mqtt_stage import Stage, stage
from tests.eventsources.surroundings import Collector, NoNotes, make_context
from tests.fakes.mqtt_broker import Peer, broker
from tests.fakes.mqtt_packets import Kind, packet
from tests.servers.mosquitto import Mosquitto
from tests.servers.server import free_port

PATIENCE = 10.0
"""Seconds that nothing takes which is sure to come."""

REFUSED = 1.0
"""Seconds without an acknowledgement after which a message counts as not acknowledged."""


class Contract(EventSourceContract):
    """Acknowledged is what the source takes over from the broker."""

    version: ClassVar[str] = "5"
    qos: ClassVar[int] = 1

    @pytest.fixture(autouse=True)
    async def _stage(self, mosquitto: Mosquitto) -> AsyncIterator[None]:
        self.numbers = itertools.count()
        async with stage(mosquitto, self.version) as made:
            self.stage = made
            yield

    def make(self, http: HttpListeners) -> MQTT:
        return self.stage.source(qos=self.qos, protocolVersion=self.version)

    async def happen(self, http: HttpListeners) -> bool:
        payload = b'{"n": %d}' % next(self.numbers)
        await self.stage.send(payload, qos=self.qos)
        return await self.stage.acknowledged(payload, REFUSED)


class TestVersion5(Contract):
    pass


class TestVersion311(Contract):
    version = "3.1.1"


class TestQuality2(Contract):
    qos = 2


@pytest.fixture
async def scene(mosquitto: Mosquitto) -> AsyncIterator[Stage]:
    """A topic on the broker of all."""
    async with stage(mosquitto) as made:
        yield made


async def emitted(source: MQTT, send: Callable[[], Awaitable[None]], count: int) -> list[Event]:
    """What the source emits of what is sent meanwhile."""
    emit = Collecting()
    async with source, running(source, emit):
        await send()
        await emit.until(count)
    return emit.events


class Collecting(Collector):
    """Says when there are events."""

    def __init__(self) -> None:
        super().__init__()
        self.more = asyncio.Event()
        self.batches: list[int] = []

    async def batch(self, events: Sequence[Event], /) -> Sequence[bool]:
        answers = await super().batch(events)
        self.batches.append(len(events))
        self.more.set()
        return answers

    async def until(self, count: int) -> None:
        """Wait for so many."""
        async with asyncio.timeout(PATIENCE):
            while len(self.events) < count:
                self.more.clear()
                await self.more.wait()


class TestEvents:
    @pytest.mark.parametrize(
        ("fields", "payload", "data"),
        [
            ({}, b' {"temp": 21.50} ', '{"topic":"%s","messageId":1,"body":{"temp":21.50}}'),
            ({"jsonBody": False}, b"plain text", '{"topic":"%s","messageId":1,"body":"cGxhaW4gdGV4dA=="}'),
            ({}, b"plain text", '{"topic":"%s","messageId":1,"body":"cGxhaW4gdGV4dA=="}'),
            ({"qos": 0}, b"1", '{"topic":"%s","messageId":0,"body":1}'),
            ({"metadata": {"b": "2", "a": "1"}}, b"[]", '{"topic":"%s","messageId":1,"body":[],"metadata":{"a":"1","b":"2"}}'),
        ],
    )  # fmt: skip
    async def test_the_data(self, scene: Stage, fields: dict[str, Any], payload: bytes, data: str) -> None:
        source = scene.source(**fields)
        (event,) = await emitted(source, lambda: scene.send(payload), 1)
        assert (event.data or b"").decode() == data % scene.topic
        made_by_hand = MQTT.wrap(source.settings, payload, {}).decode()
        assert made_by_hand == (data % scene.topic).replace('"messageId":1', '"messageId":0')

    async def test_the_topic_of_a_message_is_its_own(self, scene: Stage) -> None:
        source = scene.source(topic=f"{scene.topic}/#")
        (event,) = await emitted(source, lambda: scene.send(b"1", topic=f"{scene.topic}/a/é"), 1)
        assert event.json()["topic"] == f"{scene.topic}/a/é"

    async def test_what_is_not_json_is_said_and_not_lost(self, scene: Stage, caplog: pytest.LogCaptureFixture) -> None:
        (event,) = await emitted(scene.source(), lambda: scene.send(b"{"), 1)
        assert event.json()["body"] == "ew=="
        assert "not JSON" in caplog.text
        assert scene.topic in caplog.text

    async def test_what_is_too_large_is_said_and_not_in_the_way(
        self, scene: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mqtt, "LARGEST", 100_000)

        async def send() -> None:
            await scene.send(b'"%s"' % (b"x" * 200_000))
            await scene.send(b'"small"')

        (event,) = await emitted(scene.source(), send, 1)
        assert event.json()["body"] == "small"
        assert "is dropped" in caplog.text
        assert await scene.acknowledged(b'"small"')
        assert len(scene.proxy.acknowledged) == 2

    async def test_many_become_durable_together(self, scene: Stage) -> None:
        emit = Collecting()
        source = scene.source()
        async with source:
            for number in range(100):
                await scene.send(b"%d" % number)
            async with running(source, emit):
                await emit.until(100)
                assert await scene.acknowledged(b"99")
        assert [event.json()["body"] for event in emit.events] == list(range(100))
        assert len(emit.batches) < 10
        # As the standard demands, in the order in which they came.
        assert [int(message.payload) for message in scene.proxy.acknowledged] == list(range(100))


class TestCloudEvents:
    ATTRIBUTES: ClassVar[Mapping[str, str]] = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/shop",
        "type": "com.example",
    }

    async def test_binary(self, scene: Stage) -> None:
        user = {**self.ATTRIBUTES, "subject": "order", "traceparent": "00-1", "Other-Header": "x"}

        async def send() -> None:
            await scene.send(b'{"n": 1}', user=user, content_type="application/json")

        (event,) = await emitted(scene.source(cloudEvents=True), send, 1)
        assert (event.id, event.type, event.source, event.subject) == ("e-1", "com.example", "hooks", "example")
        assert event.json() == {"n": 1}
        assert event.datacontenttype == "application/json"
        assert event.extensions == {"originsource": "/shop", "originsubject": "order", "traceparent": "00-1"}

    async def test_structured(self, scene: Stage) -> None:
        whole = orjson.dumps({**self.ATTRIBUTES, "data": [1, 2]})

        async def send() -> None:
            await scene.send(whole, content_type="application/cloudevents+json; charset=utf-8")

        (event,) = await emitted(scene.source(cloudEvents=True), send, 1)
        assert (event.id, event.json()) == ("e-1", [1, 2])

    async def test_a_false_claim_is_a_message(self, scene: Stage, caplog: pytest.LogCaptureFixture) -> None:
        (event,) = await emitted(
            scene.source(cloudEvents=True), lambda: scene.send(b"7", user={"specversion": "1.0"}), 1
        )
        assert event.json()["body"] == 7
        assert "'id' is missing" in caplog.text

    async def test_only_where_they_are_asked_for(self, scene: Stage) -> None:
        (event,) = await emitted(scene.source(), lambda: scene.send(b"7", user=self.ATTRIBUTES), 1)
        assert event.json()["body"] == 7


class TestSessions:
    @pytest.mark.parametrize("version", ["3.1.1", "5"])
    async def test_what_comes_while_nobody_is_there(self, mosquitto: Mosquitto, version: str) -> None:
        async with stage(mosquitto, version) as scene:
            async with scene.source(protocolVersion=version):
                pass
            await scene.send(b'"later"')
            emit = Collecting()
            source = scene.source(protocolVersion=version)
            async with source, running(source, emit):
                await emit.until(1)
            assert emit.events[0].json()["body"] == "later"

    async def test_a_clean_session_forgets(self, scene: Stage) -> None:
        async with scene.source(cleanSession=True):
            pass
        await scene.send(b'"missed"')
        (event,) = await emitted(scene.source(cleanSession=True), lambda: scene.send(b'"seen"'), 1)
        assert event.json()["body"] == "seen"

    async def test_a_retained_message_comes_once(self, scene: Stage) -> None:
        await scene.send(b'"state"', retain=True)
        emit = Collecting()
        for _ in range(2):
            source = scene.source()
            async with source, running(source, emit):
                await scene.send(b'"next"')
                await emit.until(len(emit.events) + 1)
                assert await scene.acknowledged(b'"next"')
                scene.proxy.acknowledged.clear()
        await scene.send(b"", retain=True)
        assert [event.json()["body"] for event in emit.events].count("state") == 1

    async def test_another_topic_leaves_the_former(self, scene: Stage) -> None:
        notes = NoNotes()
        former, other = f"{scene.topic}/former", f"{scene.topic}/other"

        def source(topic: str) -> MQTT:
            made = scene.source(topic=topic)
            made.context = replace(made.context, notes=notes)
            return made

        async with source(former):
            pass

        async def send() -> None:
            await scene.send(b"1", topic=former)
            await scene.send(b"2", topic=other)

        (event,) = await emitted(source(other), send, 1)
        assert event.json()["topic"] == other

    async def test_a_note_that_cannot_be_read_does_no_harm(self, scene: Stage) -> None:
        async with scene.source():
            pass
        source = scene.source()
        source.context = replace(source.context, notes=NoNotes(b"{"))
        assert len(await emitted(source, lambda: scene.send(b"1"), 1)) == 1

    async def test_a_shared_subscription_is_shared(self, scene: Stage) -> None:
        emits = [Collecting(), Collecting()]
        sources = [scene.source(topic=f"$share/g/{scene.topic}", clientId=f"{scene.topic}-{n}") for n in range(2)]
        async with sources[0], sources[1], running(sources[0], emits[0]), running(sources[1], emits[1]):
            for number in range(20):
                await scene.send(b"%d" % number)
            for number in range(20):
                assert await scene.acknowledged(b"%d" % number)
        bodies = [[event.json()["body"] for event in emit.events] for emit in emits]
        assert all(bodies)
        assert sorted(bodies[0] + bodies[1]) == list(range(20))


class TestTrouble:
    async def test_a_lost_connection_ends_it_and_nothing_is_lost(self, scene: Stage) -> None:
        gate, source = Gate(), scene.source()
        async with source:
            with pytest.raises(Temporary, match=r"closed the connection|connection broke"):
                async with asyncio.TaskGroup() as group:
                    cutting = group.create_task(self._cut(scene, gate))
                    try:
                        await source.run(gate)
                    except Temporary as error:
                        failure = error
                    await cutting
                raise failure
        emit, again = Collecting(), scene.source()
        async with again, running(again, emit):
            await emit.until(1)
            assert await scene.acknowledged(b'"unsettled"')
        assert emit.events[0].json()["body"] == "unsettled"

    async def _cut(self, scene: Stage, gate: Gate) -> None:
        await scene.send(b'"unsettled"')
        await gate.reached.wait()
        scene.proxy.cut()
        gate.opened.set()

    async def test_what_is_in_hand_when_it_stops_is_acknowledged(self, scene: Stage) -> None:
        class Slow(Collecting):
            """Has stored a batch before its caller learns of it."""

            async def batch(self, events: Sequence[Event], /) -> Sequence[bool]:
                known = {event.id for event in self.events}
                if all(event.id in known for event in events):
                    return [False] * len(events)
                await super().batch(events)
                return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

        emit, source = Slow(), scene.source()
        async with source:
            async with running(source, emit) as task:
                await scene.send(b"1")
                await emit.until(1)
                task.cancel()
            assert await scene.acknowledged(b"1")
        assert len(emit.events) == 1

    async def test_a_missing_secret_is_ours_to_mend(self, scene: Stage) -> None:
        auth = {"username": {"name": "mqtt", "key": "user"}, "password": {"name": "mqtt", "key": "password"}}
        with pytest.raises(EventyardError, match="no Secret mqtt/user") as failure:
            await scene.source(auth=auth).__aenter__()
        assert not isinstance(failure.value, Temporary)

    async def test_a_login_that_the_broker_refuses(self) -> None:
        auth = {"username": {"name": "mqtt", "key": "user"}, "password": {"name": "mqtt", "key": "password"}}
        secrets = {"mqtt/user": "ada", "mqtt/password": "right"}
        with Mosquitto(users={"ada": "right"}) as server:
            block = {"url": server.url, "topic": "t", "clientId": "c", "auth": auth}
            settings = MqttSettings.model_validate(block)
            with pytest.raises(Temporary, match="not authorized") as failure:
                await MQTT(settings, make_context(HttpListeners(), {**secrets, "mqtt/password": "wrong"})).__aenter__()
            async with MQTT(settings, make_context(HttpListeners(), secrets)):
                pass
        assert f"127.0.0.1:{server.port}" in failure.value.where
        assert "auth" in failure.value.fix
        assert "wrong" not in str(failure.value)

    @pytest.mark.parametrize(("version", "answer"), [("3.1.1", b"\x80"), ("5", b"\x00\x87")])
    async def test_a_topic_that_is_denied(self, version: str, answer: bytes) -> None:
        async def strict(peer: Peer) -> None:
            await peer.accept()
            asked = await peer.next(Kind.SUBSCRIBE)
            await peer.send(packet(Kind.SUBACK, asked[:2] + answer))
            await peer.gone()

        async with broker(strict) as url:
            block = {"url": url, "topic": "secret/x", "clientId": "c", "protocolVersion": version}
            source = MQTT(MqttSettings.model_validate(block), make_context(HttpListeners()))
            with pytest.raises(Temporary, match="subscription to 'secret/x'") as failure:
                await source.__aenter__()
        assert "what the broker allows this user" in failure.value.fix

    async def test_tls_with_a_client_certificate(self) -> None:
        with Mosquitto("require_certificate true", tls=True) as server:
            authority = server.authority
            assert authority is not None
            tls = {
                field: {"name": "mqtt", "key": field}
                for field in ("caCertSecret", "clientCertSecret", "clientKeySecret")
            }
            secrets = {
                "mqtt/caCertSecret": authority.ca.read_text(),
                "mqtt/clientCertSecret": authority.client_cert.read_text(),
                "mqtt/clientKeySecret": authority.client_key.read_text(),
            }
            block = {"url": server.url, "topic": "t", "clientId": "c", "tls": tls}
            async with MQTT(MqttSettings.model_validate(block), make_context(HttpListeners(), secrets)):
                pass
            del secrets["mqtt/caCertSecret"]
            with pytest.raises(EventyardError, match="caCertSecret") as failure:
                await MQTT(MqttSettings.model_validate(block), make_context(HttpListeners(), secrets)).__aenter__()
            assert not isinstance(failure.value, Temporary)

    async def test_less_than_was_asked_for_is_said(self, caplog: pytest.LogCaptureFixture) -> None:
        with Mosquitto("max_qos 0") as server:
            source = MQTT(
                MqttSettings.model_validate({"url": server.url, "topic": "t", "clientId": "c"}),
                make_context(HttpListeners()),
            )
            async with source:
                pass
        assert "QoS 0 where 1 was asked for" in caplog.text

    async def test_a_broker_that_is_away(self) -> None:
        settings = MqttSettings.model_validate({"url": f"tcp://127.0.0.1:{free_port()}", "topic": "t", "clientId": "c"})
        with pytest.raises(Temporary, match="connection refused"):
            await MQTT(settings, make_context(HttpListeners())).__aenter__()


def test_describe() -> None:
    settings = MqttSettings.model_validate({"url": "tcp://ada:hush@host", "topic": "t/#", "clientId": "c"})
    assert MQTT.describe(settings, "") == "mqtt://host:1883 topic t/#"
