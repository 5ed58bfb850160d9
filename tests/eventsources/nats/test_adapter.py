"""eventsources/nats/adapter.py: what every source promises, against a real server, and what is NATS's own."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import signal
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest

from bus.codec import encode
from bus.event import Event
from bus.nats.connection import Connection
from bus.nats.jetstream import ask
from config.errors import BusClosed, BusFull, EventyardError, Temporary
from eventsources.http.server import HttpListeners
from eventsources.nats.adapter import Nats
from eventsources.nats.inbox import Inbox
from eventsources.nats.settings import NatsSettings, durable_name
from tests.contract.eventsource import EventSourceContract, Gate, running
from tests.eventsources.nats_stage import Stage, dial, stage
from tests.eventsources.surroundings import Collector, make_context
from tests.fakes.nats import freeze
from tests.servers.nats import NatsServer

REFUSED = 1.5
"""Seconds without an acknowledgement after which a message counts as not acknowledged."""


class Arrivals(Collector):
    """A Collector that can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = asyncio.Event()

    async def __call__(self, event: Event, /) -> bool:
        self.changed.set()
        return await super().__call__(event)

    async def until(self, count: int) -> Sequence[Event]:
        """The events, once there are so many."""
        async with asyncio.timeout(10):
            while len(self.events) < count:
                self.changed.clear()
                await self.changed.wait()
        return self.events


@pytest.fixture
async def scene(nats_server: NatsServer) -> AsyncIterator[Stage]:
    async with stage(nats_server) as made:
        yield made


@pytest.fixture
def own_server() -> Iterator[NatsServer]:
    if missing := NatsServer.missing():
        pytest.skip(missing)
    with NatsServer() as server:
        yield server


def core(url: str, subject: str, **fields: Any) -> Nats:
    """A source without JetStream."""
    settings = NatsSettings.model_validate({"url": url, "subject": subject, **fields})
    return Nats(settings, make_context(HttpListeners()))


async def taken(scene: Stage, data: bytes, **fields: Any) -> Event:
    """The event that one message becomes."""
    headers = fields.pop("headers", None)
    emit = Arrivals()
    async with scene.source(**fields) as source, running(source, emit):
        await scene.publish(data, headers=headers)
        (event,) = await emit.until(1)
    return event


class TestContract(EventSourceContract):
    """With JetStream: acknowledged is what the consumer has acknowledged."""

    @pytest.fixture(autouse=True)
    def _scene(self, scene: Stage) -> None:
        self.scene = scene

    def make(self, http: HttpListeners) -> Nats:
        return self.scene.source(http)

    async def happen(self, http: HttpListeners) -> bool:
        return await self.scene.acknowledged(await self.scene.publish(b'{"a": 1}'), REFUSED)


class TestData:
    async def test_shape(self, scene: Stage) -> None:
        event = await taken(scene, b' {"a" : [1.0, 12345678901234567890123]}')
        assert event.data == b'{"subject":"%s","body":{"a":[1.0,12345678901234567890123]}}' % scene.subject.encode()
        assert (event.type, event.datacontenttype) == ("nats", "application/json")

    async def test_all_that_can_be_there(self, scene: Stage) -> None:
        event = await taken(
            scene,
            b"\x00\xff",
            headers={"b-b": "1", "A": "größer"},
            jsonBody=False,
            metadata={"z": "1", "a": "2"},
        )
        assert list(event.json().items()) == [
            ("subject", scene.subject),
            ("body", "AP8="),
            ("header", {"A": ["größer"], "b-b": ["1"]}),
            ("metadata", {"a": "2", "z": "1"}),
        ]

    async def test_nothing(self, scene: Stage) -> None:
        assert (await taken(scene, b"", jsonBody=False)).json()["body"] == ""

    @pytest.mark.parametrize("data", [b"", b"{", b"plain", b"\xff"])
    async def test_what_is_no_json_is_complained_of_and_kept(
        self, scene: Stage, data: bytes, caplog: pytest.LogCaptureFixture
    ) -> None:
        event = await taken(scene, data)
        assert base64.b64decode(event.json()["body"]) == data
        (record,) = caplog.records
        assert record.levelno == logging.ERROR
        assert "is no JSON" in record.getMessage()
        assert scene.subject in record.getMessage()

    async def test_subjects_by_pattern(self, scene: Stage) -> None:
        emit = Arrivals()
        async with scene.source(subject=f"{scene.name}.*.paid") as source, running(source, emit):
            await scene.publish(b"1", subject=f"{scene.name}.a.paid")
            await scene.publish(b"2", subject=f"{scene.name}.a.sent")
            await scene.publish(b"3", subject=f"{scene.name}.b.paid")
            events = await emit.until(2)
        assert [event.json()["subject"] for event in events] == [f"{scene.name}.{name}.paid" for name in "ab"]

    @pytest.mark.parametrize("json_body", [True, False])
    async def test_wrap_is_what_a_delivery_becomes(self, scene: Stage, json_body: bool) -> None:
        for data in (b'{"a": 1}', b"no json"):
            fields: dict[str, Any] = {"jsonBody": json_body, "metadata": {"a": "1"}}
            event = await taken(scene, data, headers={"Kind": "x"}, **fields)
            assert Nats.wrap(scene.settings(**fields), data, {"Kind": "x"}) == event.data


class TestCloudEvents:
    SENT = Event.new(
        id="7",
        source="/shop",
        subject="order",
        type="paid",
        time="2026-01-02T03:04:05Z",
        data=b'{"a":1}',
        dataschema="http://x/y",
        extensions={"tier": "gold"},
    )

    def assert_kept(self, event: Event) -> None:
        sent = self.SENT
        assert (event.id, event.type, event.time, event.data) == (sent.id, sent.type, sent.time, sent.data)
        assert (event.source, event.subject, event.dataschema) == ("hooks", "example", sent.dataschema)
        assert event.extensions == {"tier": "gold", "originsource": "/shop", "originsubject": "order"}

    async def test_binary(self, scene: Stage) -> None:
        headers = {
            "ce-specversion": "1.0",
            "ce-id": "7",
            "ce-source": "/shop",
            "ce-subject": "order",
            "ce-type": "paid",
            "ce-time": "2026-01-02T03:04:05Z",
            "ce-dataschema": "http://x/y",
            "ce-tier": "g%6Fld",
            "content-type": "application/json",
        }
        self.assert_kept(await taken(scene, b'{"a":1}', headers=headers, cloudEvents=True))

    async def test_structured(self, scene: Stage) -> None:
        headers = {"Content-Type": "application/cloudevents+json; charset=utf-8"}
        self.assert_kept(await taken(scene, encode(self.SENT), headers=headers, cloudEvents=True))

    async def test_only_where_it_is_asked_for(self, scene: Stage) -> None:
        headers = {"content-type": "application/cloudevents+json"}
        event = await taken(scene, encode(self.SENT), headers=headers)
        assert event.json()["body"]["id"] == "7"
        assert event.json()["header"] == {"content-type": ["application/cloudevents+json"]}

    async def test_other_messages(self, scene: Stage) -> None:
        for headers in (None, {"Kind": "x"}):
            assert (await taken(scene, b"1", headers=headers, cloudEvents=True)).json()["body"] == 1

    async def test_what_only_claims_to_be_one(self, scene: Stage, caplog: pytest.LogCaptureFixture) -> None:
        event = await taken(scene, b"1", headers={"ce-specversion": "1.0", "ce-id": "7"}, cloudEvents=True)
        assert event.json()["body"] == 1
        assert "'source' is missing" in caplog.text

    async def test_what_comes_again_is_the_same(self, scene: Stage) -> None:
        headers = {"ce-specversion": "1.0", "ce-id": "7", "ce-source": "/shop", "ce-type": "paid"}
        events = [await taken(scene, b"1", headers=headers, cloudEvents=True) for _ in range(2)]
        assert events[0].key == events[1].key


class TestJetStream:
    async def test_ids_tell_which_message_it_was(self, scene: Stage) -> None:
        """The same for a message that comes again, another for one of a stream that was made anew."""
        emit = Arrivals()
        for durable in ("a", "b"):
            async with scene.source(jetStream={"durable": durable}) as source, running(source, emit):
                if durable == "a":
                    await scene.publish(b"1")
                    await scene.publish(b"2")
                await emit.until(2 if durable == "a" else 4)
        ids = [event.id for event in emit.events]
        assert ids[:2] == ids[2:]
        assert ids[0] != ids[1]
        assert ids[0].startswith(f"{scene.name}-1-")

        await ask(scene.link, f"STREAM.DELETE.{scene.name}", None)
        await ask(scene.link, f"STREAM.CREATE.{scene.name}", {"name": scene.name, "subjects": [f"{scene.name}.>"]})
        async with scene.source() as source, running(source, emit):
            assert await scene.publish(b"3") == 1
            await emit.until(5)
        assert emit.events[4].id.startswith(f"{scene.name}-1-")
        assert emit.events[4].id not in ids

    async def test_what_could_not_be_stored_comes_again_at_once(
        self, scene: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("eventsources.nats.adapter.LAST_WAIT", 0.05)
        sequence = await scene.publish(b"1")
        gate, emit = Gate(), Arrivals()
        async with scene.source() as source, running(source, gate):
            await gate.reached.wait()
        async with scene.source() as source, running(source, emit):
            await emit.until(1)
            assert await scene.acknowledged(sequence)

    async def test_what_arrived_before_it_ran_is_given_back(self, scene: Stage) -> None:
        emit = Arrivals()
        await scene.publish(b"1")
        async with scene.source():
            pass
        async with scene.source() as source, running(source, emit):
            await emit.until(1)

    async def test_the_consumer_goes_on_where_it_was(self, scene: Stage) -> None:
        emit = Arrivals()
        for number in range(3):
            async with scene.source() as source, running(source, emit):
                sequence = await scene.publish(b"%d" % number)
                await emit.until(number + 1)
                assert await scene.acknowledged(sequence)
            await scene.publish(b"9", subject=f"{scene.name}.other")
        assert [event.json()["body"] for event in emit.events] == [0, 1, 2]
        assert await scene.consumers() == [durable_name("default", "hooks", "example")]

    async def test_settings_reach_the_consumer(self, scene: Stage) -> None:
        given = {"durable": "mine", "deliverPolicy": "new", "ackWait": "7s", "maxAckPending": 5}
        await scene.publish(b"0")
        async with scene.source(jetStream=given) as source:
            config = (await scene.consumer("mine"))["config"]
            assert (config["deliver_policy"], config["ack_wait"], config["max_ack_pending"]) == (
                "new",
                7_000_000_000,
                5,
            )
            assert (config["ack_policy"], config["filter_subject"]) == ("explicit", scene.subject)
            emit = Arrivals()
            async with running(source, emit):
                for number in range(1, 20):
                    await scene.publish(b"%d" % number)
                await emit.until(19)
        assert [event.json()["body"] for event in emit.events] == list(range(1, 20))

        async with scene.source(jetStream={"durable": "mine", "ackWait": "9s"}):
            config = (await scene.consumer("mine"))["config"]
            assert (config["deliver_policy"], config["ack_wait"], config["max_ack_pending"]) == (
                "new",
                9_000_000_000,
                5,
            )

    async def test_two_share_the_work(self, scene: Stage) -> None:
        one, two = Arrivals(), Arrivals()
        async with scene.source() as first, scene.source() as second, running(first, one), running(second, two):
            sequences = [await scene.publish(b"%d" % number) for number in range(300)]
            for sequence in sequences:
                assert await scene.acknowledged(sequence)
        bodies = sorted(event.json()["body"] for event in (*one.events, *two.events))
        assert bodies == list(range(300))

    @pytest.mark.parametrize("error", [BusFull("full", retry_after=0.1), BusClosed("closed")], ids=repr)
    async def test_while_the_bus_takes_nothing_it_is_the_streams(
        self, scene: Stage, error: EventyardError, caplog: pytest.LogCaptureFixture
    ) -> None:
        emit = Arrivals()
        emit.fail = error
        async with scene.source() as source, running(source, emit):
            sequences = [await scene.publish(b"%d" % number) for number in range(600)]
            assert not await scene.acknowledged(sequences[0], 0.1)
            info = await scene.consumer(durable_name("default", "hooks", "example"))
            assert info["num_ack_pending"] <= 256
            emit.fail = None
            for sequence in sequences:
                assert await scene.acknowledged(sequence)
        assert "waits for the bus" in caplog.text
        assert {event.json()["body"] for event in emit.events} == set(range(600))

    async def test_large_messages(self, scene: Stage) -> None:
        emit = Arrivals()
        async with scene.source(jsonBody=False) as source, running(source, emit):
            for number in range(20):
                await scene.publish(bytes([number]) * (1 << 20))
            await emit.until(20)

    async def test_a_consumer_with_limits_of_its_own(self, scene: Stage) -> None:
        config = {
            "durable_name": "tight",
            "ack_policy": "explicit",
            "filter_subject": scene.subject,
            "max_batch": 3,
            "max_expires": 1_500_000_000,
            "max_bytes": 5000,
        }
        request = {"stream_name": scene.name, "config": config, "action": "create"}
        await ask(scene.link, f"CONSUMER.CREATE.{scene.name}.tight", request)
        emit = Arrivals()
        async with scene.source(jetStream={"durable": "tight"}, jsonBody=False) as source, running(source, emit):
            for _ in range(20):
                await scene.publish(bytes(2000))
            await emit.until(20)
        await scene.publish(bytes(6000))
        async with scene.source(jetStream={"durable": "tight"}) as source:
            with pytest.raises(Temporary, match="Message Size Exceeds MaxBytes"):
                await source.run(emit)

    @pytest.mark.parametrize(
        ("fields", "what", "fix"),
        [
            ({"jetStream": {"stream": "NONE"}}, "there is no stream 'NONE'", "nats stream add NONE"),
            ({"subject": "nowhere"}, "no stream takes the subject 'nowhere'", "nats stream add"),
        ],
    )
    async def test_no_stream(self, scene: Stage, fields: dict[str, Any], what: str, fix: str) -> None:
        with pytest.raises(Temporary) as failure:
            async with scene.source(**fields):
                pass
        assert what in failure.value.what
        assert fix in failure.value.fix
        assert "127.0.0.1" in failure.value.where

    async def test_several_streams(self, scene: Stage, nats_server: NatsServer) -> None:
        async with stage(nats_server) as other:
            with pytest.raises(Temporary, match=r"all take the subject") as failure:
                async with scene.source(subject="*.orders"):
                    pass
            assert scene.name in failure.value.what
            assert other.name in failure.value.what
            assert "jetStream.stream" in failure.value.fix

    @pytest.mark.parametrize(
        "config", [{"deliver_subject": "elsewhere"}, {"ack_policy": "none"}, {"deliver_policy": "last"}]
    )
    async def test_another_consumer_of_that_name(self, scene: Stage, config: dict[str, Any]) -> None:
        made = {"durable_name": "taken", "ack_policy": "explicit", "filter_subject": scene.subject, **config}
        request = {"stream_name": scene.name, "config": made, "action": "create"}
        await ask(scene.link, f"CONSUMER.CREATE.{scene.name}.taken", request)
        with pytest.raises(Temporary, match="the consumer 'taken'") as failure:
            async with scene.source(jetStream={"durable": "taken", "deliverPolicy": "new"}):
                pass
        assert "jetStream.durable" in failure.value.fix

    @pytest.mark.parametrize("what", ["CONSUMER", "STREAM"])
    async def test_what_is_deleted_meanwhile(self, scene: Stage, what: str) -> None:
        async with scene.source() as source:
            task = asyncio.ensure_future(source.run(Collector()))
            name = durable_name("default", "hooks", "example")
            # JetStream has no event for this.
            while not (await scene.consumer(name))["num_waiting"]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            suffix = f".{name}" if what == "CONSUMER" else ""
            await ask(scene.link, f"{what}.DELETE.{scene.name}{suffix}", None)
            with pytest.raises(Temporary, match="JetStream gives no messages"):
                await task

    @pytest.mark.parametrize(
        "config", ["jetstream: false", "accounts { A { users: [{user: a, password: a}] } }\nno_auth_user: a"]
    )
    async def test_a_server_without(self, config: str) -> None:
        if missing := NatsServer.missing():
            pytest.skip(missing)
        with NatsServer(config) as server:
            for fields in ({"stream": "S"}, {}):
                with pytest.raises(Temporary, match="JetStream is not enabled") as failure:
                    async with core(server.url, "a", jetStream=fields):
                        pass
                assert failure.value.fix


class TestCore:
    """At most once, and yet nothing is lost that has arrived and can be stored."""

    async def test_what_is_sent_is_emitted_in_order(
        self, nats_server: NatsServer, link: Connection, subject: str
    ) -> None:
        emit = Arrivals()
        async with core(nats_server.url, subject) as source:
            await link.deliver(subject, b"0")  # entered is ready
            async with running(source, emit) as task:
                for number in range(1, 3000):
                    await link.publish(subject, b"%d" % number)
                await emit.until(3000)
                assert not task.done()
        bodies = [int(base64.b64decode(event.json()["body"])) for event in emit.events]
        assert bodies == list(range(3000))
        assert len({event.id for event in emit.events}) == 3000
        assert "header" not in emit.events[0].json()

    async def test_batches_are_bounded(self, nats_server: NatsServer, link: Connection, subject: str) -> None:
        sizes: list[int] = []

        class Batches(Arrivals):
            async def batch(self, events: Sequence[Event], /) -> Sequence[bool]:
                sizes.append(sum(event.size for event in events))
                return await super().batch(events)

        emit = Batches()
        async with core(nats_server.url, subject) as source:
            for _ in range(30):
                await link.deliver(subject, bytes(1_000_000))
            async with running(source, emit):
                await emit.until(30)
        assert max(sizes) < 16 << 20

    async def test_a_queue_group_shares(self, nats_server: NatsServer, link: Connection, subject: str) -> None:
        one, two = Arrivals(), Arrivals()
        two.changed = one.changed
        async with (
            core(nats_server.url, subject, queue="q") as first,
            core(nats_server.url, subject, queue="q") as second,
            running(first, one),
            running(second, two),
        ):
            for _ in range(200):
                await link.deliver(subject, b"x")
            async with asyncio.timeout(10):
                while len(one.events) + len(two.events) < 200:
                    one.changed.clear()
                    await one.changed.wait()
        assert one.events
        assert two.events

    async def test_without_one_each_has_all(self, nats_server: NatsServer, link: Connection, subject: str) -> None:
        one, two = Arrivals(), Arrivals()
        async with (
            core(nats_server.url, subject) as first,
            core(nats_server.url, subject) as second,
            running(first, one),
            running(second, two),
        ):
            await link.deliver(subject, b"x")
            await one.until(1)
            await two.until(1)

    async def test_what_has_arrived_is_stored_before_it_ends(
        self, nats_server: NatsServer, link: Connection, subject: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Also what is in the midst of being stored, as the same event."""
        gate, emit = Gate(), Arrivals()

        class Late(Arrivals):
            async def batch(self, events: Sequence[Event], /) -> Sequence[bool]:
                if not gate.opened.is_set():
                    gate.opened.set()
                    gate.reached.set()
                    emit.events += events
                    await asyncio.Event().wait()
                return await super().batch(events)

        last = Late()
        async with core(nats_server.url, subject) as source, running(source, last):
            await link.deliver(subject, b"first")
            await gate.reached.wait()
            for _ in range(1200):
                await link.deliver(subject, b"x")
        assert len(last.events) == 1201
        assert emit.events == last.events[:1]
        assert not caplog.records

    async def test_what_cannot_be_stored_is_told_of(
        self,
        nats_server: NatsServer,
        link: Connection,
        subject: str,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        emit = Arrivals()
        emit.fail = BusFull("full", retry_after=9)
        async with core(nats_server.url, subject) as source, running(source, emit):
            await link.deliver(subject, b"x")
            await emit.changed.wait()
            await link.deliver(subject, b"x")
        errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
        assert len(errors) == 1
        assert f"2 messages on '{subject}' could not be stored and are lost" in errors[0]

    async def test_more_than_is_held_is_dropped_counted_and_told_of(
        self, nats_server: NatsServer, link: Connection, subject: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        receiver = await dial(nats_server)
        inbox = Inbox(receiver, subject, "", most=10)
        await inbox.open()
        for number in range(25):
            await link.deliver(subject, b"%d" % number)
        await inbox.stop()
        (first,) = [record.getMessage() for record in caplog.records]
        assert "10 messages" in first
        assert "dropped" in first
        assert [int(message.data) for message in inbox.take()] == list(range(10))
        assert "15 messages" in caplog.records[-1].getMessage()
        assert subject in caplog.records[-1].getMessage()
        await receiver.close()

    @pytest.mark.parametrize(("sizes", "kept"), [((2000, 1), [2000]), ((400, 400, 400), [400, 400])])
    async def test_bytes_are_bounded_too(
        self,
        nats_server: NatsServer,
        link: Connection,
        subject: str,
        caplog: pytest.LogCaptureFixture,
        sizes: Sequence[int],
        kept: Sequence[int],
    ) -> None:
        receiver = await dial(nats_server)
        try:
            inbox = Inbox(receiver, subject, "", most_bytes=1000)
            await inbox.open()
            for size in sizes:
                await link.deliver(subject, bytes(size))
            await inbox.stop()
            assert [len(message.data) for message in inbox.take()] == kept
            assert f"{len(kept)} messages" in caplog.text
        finally:
            await receiver.close()


class TestTrouble:
    """Whatever a server says or does not say may pass; what is wrong on this side does not."""

    @pytest.mark.parametrize("fields", [{}, {"jetStream": {}}])
    async def test_a_server_that_dies_and_comes_back(
        self, fields: dict[str, Any], caplog: pytest.LogCaptureFixture
    ) -> None:
        if missing := NatsServer.missing():
            pytest.skip(missing)
        with NatsServer() as server:
            async with stage(server) as scene:
                fields = {"jetStream": None, **fields}
                emit = Arrivals()
                async with scene.source(**fields) as source:
                    task = asyncio.ensure_future(source.run(emit))
                    await scene.publish(b"1")
                    await emit.until(1)
                    await asyncio.to_thread(server.kill)
                    with pytest.raises(Temporary, match="the connection is lost") as failure:
                        await task
                    assert f"127.0.0.1:{server.port}" in failure.value.where
                with pytest.raises(Temporary, match="cannot be reached"):
                    async with scene.source(**fields):
                        pass
            await asyncio.to_thread(server.start)
            link = await dial(server)
            async with scene.source(**fields) as source, running(source, emit):
                await link.deliver(scene.subject, b"2")
                await emit.until(2)
            await link.close()
        assert [event.json()["body"] for event in emit.events][:2] == [1, 2]

    async def test_what_had_arrived_is_emitted_although_the_connection_is_lost(self, own_server: NatsServer) -> None:
        link = await dial(own_server)
        emit = Arrivals()
        async with core(own_server.url, "a") as source:
            for _ in range(1200):
                await link.deliver("a", b"x")
            await asyncio.to_thread(own_server.kill)
            with pytest.raises(Temporary):
                await source.run(emit)
        assert len(emit.events) == 1200
        await link.close()

    async def test_a_server_that_hangs(self, own_server: NatsServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            "bus.nats.client.connect.__kwdefaults__", {"patience": 3.0, "limit": 10.0, "keepalive": 0.05}
        )
        async with core(own_server.url, "a", jetStream=None) as source:
            await freeze(own_server.pid)
            with pytest.raises(Temporary, match="does not answer"):
                await source.run(Collector())
            os.kill(own_server.pid, signal.SIGCONT)

    async def test_a_login_that_is_refused(self) -> None:
        if missing := NatsServer.missing():
            pytest.skip(missing)
        with NatsServer('authorization { token: "right" }') as server:
            settings = NatsSettings.model_validate(
                {"url": server.url, "subject": "a", "auth": {"token": {"name": "n", "key": "k"}}}
            )
            wrong = Nats(settings, make_context(HttpListeners(), {"n/k": "wr0ng"}))
            with pytest.raises(Temporary, match=r"refuses the login of auth\.token") as failure:
                async with wrong:
                    pass
            assert "wr0ng" not in f"{failure.value} {failure.value.fix}"
            async with Nats(settings, make_context(HttpListeners(), {"n/k": "right"})):
                pass

    async def test_a_subject_that_is_not_allowed(self) -> None:
        if missing := NatsServer.missing():
            pytest.skip(missing)
        users = '[{user: a, password: a, permissions: {subscribe: {deny: ["secret.>"]}}}]'
        with NatsServer(f"authorization {{ users: {users} }}") as server:
            url = server.url.replace("//", "//a:a@")
            with pytest.raises(Temporary, match=r"may not subscribe to 'secret\.>'"):
                async with core(url, "secret.>"):
                    pass
            async with core(url, "public"):
                pass

    async def test_acknowledgements_that_are_not_allowed(self) -> None:
        if missing := NatsServer.missing():
            pytest.skip(missing)
        users = """[
            {user: a, password: a, permissions: {publish: {deny: ["$JS.ACK.>"]}}}
            {user: b, password: b}
        ]"""
        with NatsServer(f"authorization {{ users: {users} }}\nno_auth_user: b") as server:
            async with stage(server) as scene:
                await scene.publish(b"1")
                async with scene.source(url=server.url.replace("//", "//a:a@")) as source:
                    with pytest.raises(Temporary, match=r"(?i)permissions violation.*\$JS\.ACK"):
                        await source.run(Collector())

    @pytest.mark.parametrize(
        "fields",
        [
            {"auth": {"token": {"name": "no", "key": "such"}}},
            {"auth": {"nkey": {"name": "n", "key": "bad"}}},
            {"tls": {"caCertSecret": {"name": "no", "key": "such"}}},
            {"tls": {"caCertSecret": {"name": "n", "key": "bad"}}},
            {"tls": {}},
            {"url": "http://x"},
        ],
    )
    async def test_what_is_wrong_here_is_final(self, fields: dict[str, Any]) -> None:
        settings = NatsSettings.model_validate({"url": "127.0.0.1:1", "subject": "a", **fields})
        with pytest.raises(EventyardError) as failure:
            async with Nats(settings, make_context(HttpListeners(), {"n/bad": "nonsense"})):
                pass
        assert not isinstance(failure.value, Temporary)


class TestSettings:
    def check(self, **fields: Any) -> list[tuple[str, str]]:
        found = Nats.check(NatsSettings.model_validate({"url": "a", "subject": "b", **fields}))
        assert all(fix for _, _, fix in found)
        return [(path, "warning" if what.startswith("warning: ") else "fault") for path, what, _ in found]

    @pytest.mark.parametrize(
        ("fields", "found"),
        [
            ({}, []),
            ({"subject": "a.*.>", "queue": "q", "metadata": {"a": "b"}}, []),
            ({"jetStream": {"stream": "S", "durable": "d", "deliverPolicy": "lastPerSubject", "ackWait": "1s"}}, []),
            ({"url": "ws://a"}, [("url", "fault")]),
            ({"subject": "a..b"}, [("subject", "fault")]),
            ({"queue": "a b"}, [("queue", "fault")]),
            ({"tls": {}}, [("tls", "fault")]),
            ({"auth": {}}, [("auth", "warning")]),
            ({"jetStream": {"stream": "a.b"}}, [("jetStream.stream", "fault")]),
            ({"jetStream": {"durable": "a b"}}, [("jetStream.durable", "fault")]),
            ({"jetStream": {"ackWait": "0s"}}, [("jetStream.ackWait", "fault")]),
            ({"jetStream": {"maxAckPending": 0}}, [("jetStream.maxAckPending", "fault")]),
            ({"jetStream": {}, "queue": "q"}, [("queue", "warning")]),
        ],
    )
    def test_check(self, fields: dict[str, Any], found: list[tuple[str, str]]) -> None:
        assert self.check(**fields) == found

    def test_describe(self) -> None:
        settings = NatsSettings.model_validate({"url": "nats://u:secret@a:1,b", "subject": "x.>", "jetStream": {}})
        assert Nats.describe(settings, "") == "x.> at a:1, b:4222 (JetStream)"

    def test_durable_names_differ(self) -> None:
        names = {
            durable_name(*parts)
            for parts in (("a", "b-c", "d"), ("a", "b", "c-d"), ("b", "b-c", "d"), ("a", "b.c", "d"))
        }
        assert len(names) == 4
        assert all("." not in name for name in names)


@pytest.fixture
async def link(nats_server: NatsServer) -> AsyncIterator[Connection]:
    connection = await dial(nats_server)
    yield connection
    await connection.close()


@pytest.fixture
def subject() -> str:
    return f"t.{uuid.uuid4().hex}"
