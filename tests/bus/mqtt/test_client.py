"""bus/mqtt/client.py and what it stands on: a broker that obeys a script, and a real one over TCP, TLS and WebSocket."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bus.mqtt import client as mqtt_client
from bus.mqtt import link as mqtt_link
from bus.mqtt.client import MqttClient
from bus.mqtt.link import Message
from bus.mqtt.settings import V3, V5, Options, parse_address
from config.errors import Permanent, Temporary
from config.secret import Secret
from tests.fakes.mqtt_broker import ACCEPT_5, Peer, broker
from tests.fakes.mqtt_packets import Kind, packet, publish
from tests.servers.certificates import make_authority
from tests.servers.mosquitto import Mosquitto
from tests.servers.server import accepts, free_port


def options(url: str, **more: Any) -> Options:
    """Of a client with a new name."""
    made = Options(address=parse_address(url), client_id=f"c-{uuid.uuid4().hex}", versions=(V5, V3))
    return replace(made, **more)


def id_of(body: bytes) -> bytes:
    """The packet id that a SUBSCRIBE or an answer begins with."""
    return body[:2]


async def received(client: MqttClient, count: int) -> list[Message]:
    """So many messages."""
    found: list[Message] = []
    async with asyncio.timeout(10):
        while len(found) < count:
            found += await client.receive(count - len(found))
    return found


def payloads(messages: Sequence[Message]) -> list[bytes]:
    return [message.payload for message in messages]


class TestConnecting:
    async def test_5_and_then_3(self) -> None:
        async def old(peer: Peer) -> None:
            assert (await peer.next(Kind.CONNECT))[6] == V5
            await peer.send(packet(Kind.CONNACK, b"\x00\x01"))

        async def again(peer: Peer) -> None:
            assert await peer.accept() == V3
            await peer.next(Kind.DISCONNECT)

        async with broker(old, again) as url, MqttClient(options(url)) as client:
            assert client.version == V3

    async def test_5_and_nothing_else(self) -> None:
        async def old(peer: Peer) -> None:
            await peer.accept(packet(Kind.CONNACK, b"\x00\x01"))

        async with broker(old) as url:
            with pytest.raises(Temporary, match="unsupported protocol version") as failure:
                await MqttClient(options(url, versions=(V5,))).__aenter__()
        assert failure.value.fix == "write protocolVersion: 3.1.1"

    @pytest.mark.parametrize(("version", "code", "what"), [(V3, 5, "not authorized"), (V5, 0x86, "bad user name")])
    async def test_refused(self, version: int, code: int, what: str) -> None:
        async def strict(peer: Peer) -> None:
            await peer.accept(packet(Kind.CONNACK, bytes((0, code)) + b"\x00" * (version == V5)))

        async with broker(strict) as url:
            with pytest.raises(Temporary, match=what) as failure:
                await MqttClient(options(url, versions=(version,))).__aenter__()
        assert "auth" in failure.value.fix
        assert "127.0.0.1" in failure.value.where

    async def test_closed_without_an_answer(self) -> None:
        async def shy(peer: Peer) -> None:
            await peer.next(Kind.CONNECT)

        async with broker(shy) as url:
            with pytest.raises(Temporary, match="without an answer"):
                await MqttClient(options(url)).__aenter__()

    @pytest.mark.parametrize(
        "greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", packet(Kind.PINGRESP, b""), b"\x20\x01\x00"]
    )
    async def test_what_is_no_broker(self, greeting: bytes) -> None:
        async def other(peer: Peer) -> None:
            await peer.next(Kind.CONNECT)
            await peer.send(greeting)

        async with broker(other) as url:
            with pytest.raises(Temporary, match=r"not MQTT|without an answer"):
                async with asyncio.timeout(5):
                    await MqttClient(options(url)).__aenter__()

    async def test_silence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mqtt_client, "CONNECT_WAIT", 0.05)

        async with broker(Peer.gone) as url:
            with pytest.raises(Temporary, match=r"no answer within 0.05 s"):
                await MqttClient(options(url)).__aenter__()

    async def test_nobody_there(self) -> None:
        with pytest.raises(Temporary, match="connection refused") as failure:
            await MqttClient(options(f"tcp://127.0.0.1:{free_port()}")).__aenter__()
        assert "url" in failure.value.fix

    async def test_connecting_can_be_cancelled(self) -> None:
        reached = asyncio.Event()

        async def silent(peer: Peer) -> None:
            await peer.next(Kind.CONNECT)
            reached.set()
            await peer.gone()

        async with broker(silent) as url, asyncio.TaskGroup() as group:
            task = group.create_task(MqttClient(options(url)).__aenter__())
            await reached.wait()
            task.cancel()

    async def test_a_handshake_can_be_cancelled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mqtt_link, "DIAL_WAIT", 0.2)
        reached, gone = asyncio.Event(), asyncio.Event()

        async def silent(peer: Peer) -> None:
            await peer.hello()
            reached.set()
            await peer.gone()
            gone.set()

        async with broker(silent) as url, asyncio.TaskGroup() as group:
            secure = options(url.replace("tcp", "ssl"), tls=ssl.create_default_context())
            task = group.create_task(MqttClient(secure).__aenter__())
            await reached.wait()
            task.cancel()
            async with asyncio.timeout(5):
                await gone.wait()

    async def test_what_a_thread_opens_after_all_is_closed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        dial, reached, gone = socket.create_connection, asyncio.Event(), asyncio.Event()
        loop, go_on = asyncio.get_running_loop(), threading.Event()

        def slow(*arguments: Any, **more: Any) -> socket.socket:
            loop.call_soon_threadsafe(reached.set)
            go_on.wait(5)
            return dial(*arguments, **more)

        async def lonely(peer: Peer) -> None:
            await peer.gone()
            gone.set()

        monkeypatch.setattr(socket, "create_connection", slow)
        async with broker(lonely) as url, asyncio.TaskGroup() as group:
            task = group.create_task(MqttClient(options(url)).__aenter__())
            await reached.wait()
            task.cancel()
            await asyncio.sleep(0.02)
            go_on.set()
            async with asyncio.timeout(5):
                await gone.wait()

    async def test_a_version_that_is_refused_and_none_is_left(self) -> None:
        async def ancient(peer: Peer) -> None:
            await peer.accept(packet(Kind.CONNACK, b"\x00\x01"))

        async with broker(ancient) as url:
            with pytest.raises(Temporary, match="not of this version"):
                await MqttClient(options(url, versions=(V3,))).__aenter__()


class TestLosing:
    async def test_the_reason_of_the_broker(self) -> None:
        async def strict(peer: Peer) -> None:
            await peer.accept()
            await entered.wait()
            await peer.send(packet(Kind.DISCONNECT, b"\x8e\x00"))
            await peer.gone()

        entered = asyncio.Event()
        async with broker(strict) as url, MqttClient(options(url)) as client:
            entered.set()
            with pytest.raises(Temporary, match="session taken over") as failure:
                await client.receive(1)
            assert "clientId" in failure.value.fix
            with pytest.raises(Temporary, match="session taken over"):
                await client.publish("t", b"", qos=1)
            with pytest.raises(Temporary, match="session taken over"):
                await client.acknowledge([Message("t", b"", 1, 1, 0)])

    async def test_all_who_wait_are_told(self) -> None:
        async def hasty(peer: Peer) -> None:
            await peer.accept()
            for _ in range(3):
                await peer.next(Kind.PUBLISH)

        async with broker(hasty) as url, MqttClient(options(url)) as client:
            async with asyncio.timeout(5):
                sent = [client.publish("t", b"%d" % number, qos=1) for number in range(3)]
                results = await asyncio.gather(*sent, client.receive(1), return_exceptions=True)
            assert all(isinstance(result, Temporary) for result in results)

    async def test_a_silent_broker_is_noticed(self) -> None:
        async def dead(peer: Peer) -> None:
            await peer.accept()
            await peer.next(Kind.PINGREQ)
            await peer.gone()

        async with broker(dead) as url, MqttClient(options(url, keep_alive=1)) as client:
            with pytest.raises(Temporary, match="silent"):
                async with asyncio.timeout(5):
                    await client.receive(1)

    async def test_a_broker_that_answers_is_alive(self) -> None:
        async def alive(peer: Peer) -> None:
            await peer.accept(packet(Kind.CONNACK, b"\x00\x00\x03\x13\x00\x01"))  # it wants a ping within a second
            for _ in range(3):
                await peer.next(Kind.PINGREQ)
                await peer.send(packet(Kind.PINGRESP, b""))
            await peer.send(publish("t", b"still there"))
            await peer.gone()

        async with broker(alive) as url, MqttClient(options(url, keep_alive=600)) as client:
            assert payloads(await received(client, 1)) == [b"still there"]

    async def test_what_is_not_acknowledged_in_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mqtt_client, "ANSWER_WAIT", 0.05)

        async def slow(peer: Peer) -> None:
            await peer.accept()
            await peer.gone()

        async with broker(slow) as url, MqttClient(options(url)) as client:
            with pytest.raises(Temporary, match="not acknowledged"):
                await client.publish("t", b"", qos=1)

    async def test_garbage(self) -> None:
        async def mad(peer: Peer) -> None:
            await peer.accept()
            await entered.wait()
            await peer.send(packet(Kind.SUBSCRIBE, b"\x00\x01"))
            await peer.gone()

        entered = asyncio.Event()
        async with broker(mad) as url, MqttClient(options(url)) as client:
            entered.set()
            with pytest.raises(Temporary, match="not MQTT"):
                await client.receive(1)

    async def test_at_once(self) -> None:
        async def moody(peer: Peer) -> None:
            await peer.next(Kind.CONNECT)
            await peer.send(ACCEPT_5, packet(Kind.DISCONNECT, b"\x8b\x00"))
            await peer.gone()

        async with broker(moody) as url:
            with pytest.raises(Temporary, match="shutting down"):
                async with MqttClient(options(url)) as client:
                    await client.receive(1)

    async def test_what_was_acknowledged_arrives_though_much_is_unread(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mqtt_client, "INBOX_MESSAGES", 10)

        async def busy(peer: Peer) -> None:
            await peer.accept()
            await peer.send(publish("t", b"1", qos=1, packet_id=1))
            for _ in range(1000):
                await peer.send(publish("t", b"x" * 10_000))
            assert id_of(await peer.next(Kind.PUBACK)) == b"\x00\x01"
            await peer.next(Kind.DISCONNECT)
            heard.set()

        heard = asyncio.Event()
        async with broker(busy) as url, asyncio.timeout(10):
            async with MqttClient(options(url)) as client:
                await client.acknowledge(await client.receive(1))
            await heard.wait()

    async def test_a_broker_that_does_not_hear_the_farewell(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mqtt_link, "LEAVE_WAIT", 0.05)

        async def deaf(peer: Peer) -> None:
            await peer.accept()
            await left.wait()

        left = asyncio.Event()
        async with broker(deaf) as url:
            async with asyncio.timeout(5), MqttClient(options(url)):
                pass
            left.set()


class TestReceiving:
    async def test_a_message_is_the_brokers_until_it_is_acknowledged(self) -> None:
        async def exact(peer: Peer) -> None:
            await peer.accept()
            await peer.send(*(publish("t", b"%d" % number, qos=1, packet_id=number) for number in (7, 9, 8)))
            for number in (7, 9, 8):
                assert int.from_bytes(await peer.next(Kind.PUBACK), "big") == number
                assert stored
            await peer.gone()

        stored = False
        async with broker(exact) as url, MqttClient(options(url)) as client:
            messages = await received(client, 3)
            await asyncio.sleep(0.02)
            stored = True
            await client.acknowledge(messages)
        assert payloads(messages) == [b"7", b"9", b"8"]

    @pytest.mark.parametrize(("version", "asked"), [(V3, 1), (V5, 1 | 1 << 4)])
    async def test_what_a_subscription_asks_for(self, version: int, asked: int) -> None:
        async def exact(peer: Peer) -> None:
            await peer.accept()
            body = await peer.next(Kind.SUBSCRIBE)
            assert body[-1] == asked
            await peer.send(packet(Kind.SUBACK, id_of(body) + b"\x00" * (version == V5) + b"\x01"))
            await peer.gone()

        async with broker(exact) as url, MqttClient(options(url, versions=(version,))) as client:
            assert await client.subscribe("t", qos=1, only_new_retained=True) == 1

    async def test_what_tls_holds_is_not_forgotten(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mqtt_client, "INBOX_MESSAGES", 2)

        async def terse(peer: Peer) -> None:
            # All in one record, which the system hands out as a whole.
            await peer.accept(ACCEPT_5 + b"".join(publish("t", b"%d" % number) for number in range(5)))
            await peer.gone()

        authority = make_authority(tmp_path)
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(authority.server_cert, authority.server_key)
        trusting = ssl.create_default_context(cafile=str(authority.ca))
        async with broker(terse, tls=tls) as url, MqttClient(options(url, tls=trusting)) as client:
            assert payloads(await received(client, 5)) == [b"0", b"1", b"2", b"3", b"4"]

    async def test_quality_2_that_nobody_asked_for(self) -> None:
        async def stubborn(peer: Peer) -> None:
            await peer.accept()
            await peer.send(publish("t", b"once", qos=2, packet_id=9))
            assert id_of(await peer.next(Kind.PUBREC)) == b"\x00\x09"
            await peer.send(packet(Kind.PUBREL, b"\x00\x09", 2))
            assert id_of(await peer.next(Kind.PUBCOMP)) == b"\x00\x09"
            await peer.gone()

        async with broker(stubborn) as url, MqttClient(options(url)) as client:
            messages = await received(client, 1)
            await client.acknowledge(messages)
        assert payloads(messages) == [b"once"]

    async def test_properties_that_paho_does_not_like(self) -> None:
        mark = b"\x03\x00\x03\xef\xbb\xbf"  # a content type of U+FEFF

        async def liberal(peer: Peer) -> None:
            await peer.accept()
            await peer.send(
                publish("t", b"0", properties=mark), publish("t", b"1", qos=1, packet_id=3, properties=mark)
            )
            assert id_of(await peer.next(Kind.PUBACK)) == b"\x00\x03"
            await peer.send(publish("t", b"", properties=b"\x03\x00\x09"), packet(Kind.PUBLISH, b"\x00\x09t"))
            await peer.gone()

        async with broker(liberal) as url, MqttClient(options(url)) as client:
            messages = await received(client, 2)
            await client.acknowledge(messages)
            await received(client, 1)
            with pytest.raises(Temporary, match="not MQTT"):
                await client.receive(1)
        assert payloads(messages) == [b"0", b"1"]

    async def test_a_subscription_that_is_not_answered(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mqtt_client, "ANSWER_WAIT", 0.05)

        async def slow(peer: Peer) -> None:
            await peer.accept()
            await peer.next(Kind.SUBSCRIBE)
            await peer.gone()

        async with broker(slow) as url, MqttClient(options(url)) as client:
            with pytest.raises(Temporary, match="not acknowledged"):
                await client.subscribe("t", qos=1)

    async def test_a_subscription_that_ends_the_connection(self) -> None:
        async def rude(peer: Peer) -> None:
            await peer.accept()
            await peer.next(Kind.SUBSCRIBE)
            await peer.send(packet(Kind.DISCONNECT, b"\x87\x00"))
            await peer.gone()

        async with broker(rude) as url, MqttClient(options(url)) as client:
            with pytest.raises(Temporary, match="not authorized"):
                async with asyncio.timeout(5):
                    await client.subscribe("t", qos=1)

    async def test_a_client_that_does_not_read_is_alive(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mqtt_client, "INBOX_MESSAGES", 1)

        async def patient(peer: Peer) -> None:
            await peer.accept()
            await peer.send(publish("t", b"1"))
            for _ in range(3):
                await peer.next(Kind.PINGREQ)
                await peer.send(packet(Kind.PINGRESP, b""))
            await peer.send(publish("t", b"2"))
            await peer.gone()

        async with broker(patient) as url, MqttClient(options(url, keep_alive=1)) as client:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(4):
                    await client.until_lost()
            assert payloads(await received(client, 2)) == [b"1", b"2"]

    async def test_what_nobody_takes_is_not_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mqtt_client, "INBOX_MESSAGES", 10)
        count, size = 4000, 10_000
        sent = 0

        async def flood(peer: Peer) -> None:
            nonlocal sent
            await peer.accept()
            for number in range(count):
                await peer.send(publish("t", b"%d" % number + b"x" * size))
                sent += 1
            await peer.gone()

        async with broker(flood) as url, MqttClient(options(url)) as client:
            await client.receive(1)
            before = -1
            while before != sent:  # until it cannot send any more
                before = sent
                await asyncio.sleep(0.1)
            assert sent < count
            rest = await received(client, count - 1)
        assert [int(message.payload.rstrip(b"x")) for message in rest] == list(range(1, count))

    async def test_an_answer_behind_many_messages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mqtt_client, "INBOX_MESSAGES", 10)

        async def busy(peer: Peer) -> None:
            await peer.accept()
            for number in range(1, 101):
                await peer.send(publish("t", b"", qos=1, packet_id=number))
            asked = await peer.next(Kind.SUBSCRIBE)
            await peer.send(packet(Kind.SUBACK, asked[:2] + b"\x00\x01"))
            await peer.gone()

        async with broker(busy) as url, MqttClient(options(url)) as client:
            assert await client.subscribe("t", qos=1) == 1
            assert len(await received(client, 100)) == 100

    @pytest.mark.parametrize(("clean", "left"), [(True, [b"0", b"1"]), (False, [b"0"])])
    async def test_what_the_broker_will_send_again_is_not_kept(self, clean: bool, left: list[bytes]) -> None:
        async def brief(peer: Peer) -> None:
            await peer.accept()
            await peer.send(publish("t", b"0"), publish("t", b"1", qos=1, packet_id=1))

        async with broker(brief) as url, MqttClient(options(url, clean=clean)) as client:
            await client.until_lost()
            assert payloads(await client.receive(9)) == left
            with pytest.raises(Temporary):
                await client.receive(9)

    async def test_a_message_that_is_too_large(self) -> None:
        async def generous(peer: Peer) -> None:
            await peer.accept()
            await peer.send(publish("t", b"x" * 500_000, qos=1, packet_id=3))
            assert id_of(await peer.next(Kind.PUBACK)) == b"\x00\x03"
            await peer.gone()

        async with broker(generous) as url, MqttClient(options(url, message_limit=1000)) as client:
            (message,) = await received(client, 1)
            assert (message.cut, message.payload) == (True, b"")
            assert message.size >= 500_000
            await client.acknowledge([message])


class TestPublishing:
    async def test_no_more_at_once_than_the_broker_allows(self) -> None:
        async def narrow(peer: Peer) -> None:
            await peer.accept(packet(Kind.CONNACK, b"\x00\x00\x03\x21\x00\x02"))
            for _ in range(5):
                first, second = await peer.next(Kind.PUBLISH), await peer.next(Kind.PUBLISH)
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.02):
                        await peer.next(Kind.PUBLISH)
                await peer.send(*(packet(Kind.PUBACK, body[3:5]) for body in (first, second)))
            await peer.gone()

        async with broker(narrow) as url, MqttClient(options(url)) as client:
            assert await asyncio.gather(*(client.publish("t", b"", qos=1) for _ in range(10))) == [0] * 10

    async def test_quality_2(self) -> None:
        async def exact(peer: Peer) -> None:
            await peer.accept()
            packet_id = (await peer.next(Kind.PUBLISH))[3:5]
            await peer.send(packet(Kind.PUBREC, packet_id + b"\x10\x00"))
            assert await peer.next(Kind.PUBREL) == packet_id
            await peer.send(packet(Kind.PUBCOMP, packet_id))
            packet_id = (await peer.next(Kind.PUBLISH))[3:5]
            await peer.send(packet(Kind.PUBREC, packet_id + b"\x87\x00"))
            # That was the end of it: no PUBREL.
            packet_id = (await peer.next(Kind.PUBLISH))[3:5]
            await peer.send(packet(Kind.PUBACK, packet_id))
            await peer.gone()

        async with broker(exact) as url, MqttClient(options(url)) as client:
            assert await client.publish("t", b"", qos=2) == 0
            with pytest.raises(Temporary, match="not authorized"):
                await client.publish("t", b"", qos=2)
            assert await client.publish("t", b"", qos=1) == 0

    async def test_limits_of_the_broker(self) -> None:
        async def poor(peer: Peer) -> None:
            await peer.accept(packet(Kind.CONNACK, b"\x00\x00\x09\x24\x00\x25\x00\x27\x00\x00\x00\x40"))
            await peer.gone()

        async with broker(poor) as url, MqttClient(options(url)) as client:
            with pytest.raises(Permanent, match="no more than QoS 0") as failure:
                await client.publish("t", b"", qos=1)
            assert failure.value.fix == "write qos: 0"
            with pytest.raises(Permanent, match="retains no messages"):
                await client.publish("t", b"", qos=0, retain=True)
            with pytest.raises(Permanent, match=r"too large: 1\d\d bytes"):
                await client.publish("t", b"x" * 100, qos=0)
            assert await client.publish("t", b"x", qos=0) == 0

    async def test_what_fits_into_no_packet(self) -> None:
        async def any_(peer: Peer) -> None:
            await peer.accept()
            await peer.gone()

        async with broker(any_) as url, MqttClient(options(url)) as client:
            with pytest.raises(Permanent, match="does not fit"):
                await client.publish("t" * 70_000, b"", qos=1)

    async def test_a_cancelled_one_keeps_its_id_until_it_is_answered(self) -> None:
        async def slow(peer: Peer) -> None:
            await peer.accept(packet(Kind.CONNACK, b"\x00\x00\x03\x21\x00\x01"))
            first = (await peer.next(Kind.PUBLISH))[3:5]
            seen.set()
            await released.wait()
            await peer.send(packet(Kind.PUBACK, first))
            second = (await peer.next(Kind.PUBLISH))[3:5]
            assert second != first
            await peer.send(packet(Kind.PUBACK, second))
            await peer.gone()

        seen, released = asyncio.Event(), asyncio.Event()
        async with broker(slow) as url, MqttClient(options(url)) as client, asyncio.TaskGroup() as group:
            task = group.create_task(client.publish("t", b"1", qos=1))
            await seen.wait()
            task.cancel()
            following = group.create_task(client.publish("t", b"2", qos=1))
            await asyncio.sleep(0.02)
            released.set()
            assert await following == 0


class TestRealBroker:
    @pytest.mark.parametrize("version", [V3, V5])
    @pytest.mark.parametrize("qos", [0, 1, 2])
    async def test_there_and_back(self, mosquitto: Mosquitto, version: int, qos: int) -> None:
        topic = uuid.uuid4().hex
        async with MqttClient(options(mosquitto.url, versions=(version,))) as client:
            assert await client.subscribe(f"{topic}/#", qos=1) == 1
            await client.publish(f"{topic}/é", b"\x00\xff", qos=qos, user=[("a", "b")])
            (message,) = await received(client, 1)
            await client.acknowledge([message])
            assert (message.topic, message.payload, message.qos) == (f"{topic}/é", b"\x00\xff", min(qos, 1))
            assert message.user == ((("a", "b"),) if version == V5 else ())

    @pytest.mark.parametrize("version", [V3, V5])
    @pytest.mark.parametrize("qos", [1, 2])
    async def test_what_was_not_acknowledged_comes_again(self, mosquitto: Mosquitto, version: int, qos: int) -> None:
        kept = options(mosquitto.url, versions=(version,), clean=False, session_expiry=60)
        topic = kept.client_id
        async with MqttClient(kept) as client:
            assert not client.session_present
            await client.subscribe(topic, qos=1)
            for number in range(4):
                await client.publish(topic, b"%d" % number, qos=qos)
            messages = await received(client, 4)
            await client.acknowledge(messages[:2])
        async with MqttClient(kept) as client:
            assert client.session_present
            again = await received(client, 2)
            assert payloads(again) == [b"2", b"3"]
            await client.acknowledge(again)
            await client.unsubscribe(topic)
        async with MqttClient(replace(kept, clean=True, session_expiry=0)) as client:
            assert not client.session_present

    async def test_tls_with_a_client_certificate(self) -> None:
        with Mosquitto("require_certificate true", tls=True) as server:
            assert server.authority is not None
            trusting = ssl.create_default_context(cafile=str(server.authority.ca))
            with pytest.raises(Temporary, match=r"TLS failed|connection (broke|reset)|without an answer"):
                await MqttClient(options(server.url, tls=trusting)).__aenter__()
            trusting.load_cert_chain(server.authority.client_cert, server.authority.client_key)
            async with MqttClient(options(server.url, tls=trusting)) as client:
                await client.subscribe("t", qos=1)
                await asyncio.gather(*(client.publish("t", b"%d" % n + b"x" * 20_000, qos=1) for n in range(60)))
                messages: list[Message] = []
                while len(messages) < 60:
                    messages += (more := await received(client, 1))
                    await client.acknowledge(more)
                assert [int(payload.rstrip(b"x")) for payload in payloads(messages)] == list(range(60))
            with pytest.raises(Temporary, match="certificate is not trusted") as failure:
                await MqttClient(options(server.url, tls=ssl.create_default_context())).__aenter__()
            assert "caCertSecret" in failure.value.fix
            with pytest.raises(Temporary):  # no TLS where there should be
                await MqttClient(options(server.url.replace("mqtts", "mqtt"))).__aenter__()

    async def test_tls_where_there_is_none(self, mosquitto: Mosquitto) -> None:
        with pytest.raises(Temporary):
            await MqttClient(
                options(f"ssl://127.0.0.1:{mosquitto.port}", tls=ssl.create_default_context())
            ).__aenter__()

    async def test_web_socket(self, tmp_path: Path) -> None:
        port, secure = free_port(), free_port()
        with Mosquitto(f"listener {port} 127.0.0.1\nprotocol websockets") as server:
            while not accepts(port):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            topic = uuid.uuid4().hex
            async with MqttClient(options(f"ws://127.0.0.1:{port}/mqtt")) as client:
                await client.subscribe(topic, qos=1)
                for size in (1, 5_000):
                    await client.publish(topic, b"x" * size, qos=1)
                messages = await received(client, 2)
                await client.acknowledge(messages)
                assert [message.size for message in messages] == [1, 5_000]
                await asyncio.to_thread(server.stop)
                with pytest.raises(Temporary):
                    await client.receive(1)
        for url, what in ((f"ws://127.0.0.1:{port}", "refused"), (f"wss://127.0.0.1:{secure}", "refused")):
            with pytest.raises(Temporary, match=what):
                await MqttClient(options(url, tls=ssl.create_default_context())).__aenter__()

    async def test_a_web_socket_that_is_none(self, mosquitto: Mosquitto) -> None:
        with pytest.raises(Temporary):
            await MqttClient(options(f"ws://127.0.0.1:{mosquitto.port}/")).__aenter__()

    async def test_logins(self) -> None:
        with Mosquitto(users={"ada": "hush"}) as server:
            async with MqttClient(options(server.url, user="ada", password=Secret("hush"))):
                pass
            for version in (V3, V5):
                with pytest.raises(Temporary, match="not authorized"):
                    wrong = options(server.url, user="ada", password=Secret("wrong"), versions=(version,))
                    await MqttClient(wrong).__aenter__()
                with pytest.raises(Temporary, match="not authorized"):
                    await MqttClient(options(server.url, versions=(version,))).__aenter__()
