"""triggers/nats.py: what every trigger promises, against a real server, and what is NATS's own."""

from __future__ import annotations

import asyncio
import os
import signal
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import nats
import pytest

from bus.nats.client import Address, Target, connect
from bus.nats.connection import Connection, Message
from bus.nats.jetstream import ask
from config.errors import Permanent, Temporary
from config.model import Model
from config.sensor import TriggerParameter
from tests.contract.trigger import RemoteStage, RemoteTriggerContract, Trouble, assert_silent
from tests.fakes.nats import Proxy, freeze
from tests.fakes.values import FakeValues, context, event
from tests.servers.nats import NatsServer
from triggers.base import Outcome
from triggers.nats import Nats, NatsSettings

PUSH = FakeValues(push=event({"ref": "main", "subject": "elsewhere", "large": "x" * (2 << 20)}))
TOKEN = "s3cr3t-token"
AUTH = {"token": {"name": "nats", "key": "token"}}


def payload(key: str = "ref") -> list[dict[str, Any]]:
    """The payload `{"ref": ...}` with this part of the event."""
    return [{"src": {"dependencyName": "push", "dataKey": key}, "dest": "ref"}]


def make(url: str, subject: str, /, **fields: Any) -> Nats:
    """The trigger of a manifest's `nats` block."""
    block = {"url": url, "subject": subject, "payload": payload(), **fields}
    return Nats(NatsSettings.model_validate(block), context(token=TOKEN))


async def fire(trigger: Nats, key: str = "key-1", values: FakeValues = PUSH) -> Outcome:
    """Fire an entered trigger."""
    return await trigger.fire(trigger.render(trigger.settings, values), key)


class Growing(FakeValues):
    """Events whose next payload is too large."""

    def __init__(self) -> None:
        super().__init__(**PUSH.events)
        self.large = False

    def payload(self, parameters: Any, /) -> bytes:
        if self.large:
            self.large = False
            return bytes(2 << 20)
        return super().payload(parameters)


@pytest.fixture
async def link(nats_server: NatsServer) -> AsyncIterator[Connection]:
    connection = await dial(nats_server)
    yield connection
    await connection.close()


@pytest.fixture
def subject() -> str:
    return f"t{uuid.uuid4().hex}.a"


@pytest.fixture
def own_server() -> Iterator[NatsServer]:
    if missing := NatsServer.missing():
        pytest.skip(missing)
    with NatsServer() as server:
        yield server


async def dial(server: NatsServer) -> Connection:
    """A connection to a server without logins."""
    return await connect(Target([Address(server.host, server.port)]), "test")


async def make_stream(link: Connection, subject: str, **config: Any) -> str:
    """The name of a stream that takes the subject."""
    name = f"s{uuid.uuid4().hex}"
    await ask(link, f"STREAM.CREATE.{name}", {"name": name, "subjects": [subject], **config})
    return name


class TestContract(RemoteTriggerContract):
    """With core NATS."""

    retry_after = None
    fields: dict[str, Any] = {}

    @pytest.fixture(autouse=True)
    def _server(self, nats_server: NatsServer) -> None:
        self.server = nats_server

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[RemoteStage]:
        subject = f"t{uuid.uuid4().hex}"
        await self.prepare(subject)
        values = Growing()
        async with Proxy(self.server.port) as proxy:

            def suffer(trouble: Trouble) -> None:
                if trouble is Trouble.HANGS:
                    proxy.flowing.clear()
                elif trouble is Trouble.REFUSES:
                    values.large = True
                else:
                    said = {Trouble.BROKEN: b"-ERR 'Internal'\r\n", Trouble.BUSY: b"-ERR 'Slow Consumer'\r\n"}
                    proxy.spoil = said.get(trouble, b"")

            yield RemoteStage(
                trigger=make(proxy.url, subject, auth=AUTH, **self.fields),
                values=values,
                seen=lambda: [message.data.decode() for message in proxy.taken],
                keys=lambda: [message.key for message in proxy.taken],
                secrets=[TOKEN],
                suffer=suffer,
                release=proxy.flowing.set,
                arrived=proxy.arrived,
                abandoned=proxy.abandoned,
                shut=proxy.shut,
            )

    async def prepare(self, subject: str) -> None:
        """Before the first firing."""

    def with_parameter(self, settings: Model, parameter: TriggerParameter) -> Model | None:
        return settings.model_copy(update={"parameters": [parameter]})


class TestJetStreamContract(TestContract):
    """With a stream that has to confirm."""

    fields = {"jetStream": True}

    async def prepare(self, subject: str) -> None:
        link = await dial(self.server)
        await make_stream(link, subject)
        await link.close()


class TestMessage:
    async def test_what_arrives(self, nats_server: NatsServer, link: Connection, subject: str) -> None:
        got: list[Message] = []
        sid = await link.subscribe(subject, got.append)
        async with make(nats_server.url, subject) as trigger:
            assert await fire(trigger, "key-7") == Outcome()
        await link.unsubscribe(sid)
        (message,) = got
        assert (message.data, message.headers) == (b'{"ref":"main"}', {"Nats-Msg-Id": "key-7"})

    async def test_without_payload(self, nats_server: NatsServer, link: Connection, subject: str) -> None:
        got: list[Message] = []
        sid = await link.subscribe(subject, got.append)
        async with make(nats_server.url, subject, payload=None) as trigger:
            await fire(trigger)
        await link.unsubscribe(sid)
        assert got[0].data == b""

    async def test_parameters_change_subject_and_server(self, nats_server: NatsServer, link: Connection) -> None:
        got: list[Message] = []
        sid = await link.subscribe("elsewhere", got.append)
        parameters = [
            {"src": {"dependencyName": "push", "dataKey": "subject"}, "dest": "subject"},
            {"src": {"dependencyName": "push", "value": nats_server.url}, "dest": "url"},
        ]
        async with make("nats://127.0.0.1:1", "here", parameters=parameters) as trigger:
            await fire(trigger)
        await link.unsubscribe(sid)
        assert len(got) == 1

    @pytest.mark.parametrize("subject", ["a b", "a.*", "a..b", "a\r\nPUB b 0", ""])
    async def test_a_subject_that_is_none(self, subject: str) -> None:
        trigger = make("a", "fine")
        with pytest.raises(Permanent, match="subject"):
            trigger.render(trigger.settings.model_copy(update={"subject": subject}), PUSH)

    async def test_what_is_shown(self) -> None:
        trigger = make("nats://me:secret@127.0.0.1:5,[::1]", "a.b")
        request = trigger.render(trigger.settings, PUSH)
        assert request.show() == 'NATS 127.0.0.1:5, [::1]:4222 a.b  {"ref":"main"}'
        assert request.view() == {"url": "127.0.0.1:5, [::1]:4222", "subject": "a.b", "data": '{"ref":"main"}'}
        assert_silent([request, request.view()], ["secret"])


class TestJetStream:
    async def test_stored_once(self, nats_server: NatsServer, link: Connection, subject: str) -> None:
        stream = await make_stream(link, subject)
        for jet_stream in (True, False):
            async with make(nats_server.url, subject, jetStream=jet_stream) as trigger:
                answers = [(await fire(trigger, key)).answer for key in ("key-1", "key-1", "key-2")]
                if jet_stream:
                    assert answers == [
                        f"stored in {stream} as 1",
                        f"stored in {stream} as 1, where it was already",
                        f"stored in {stream} as 2",
                    ]
        info = await ask(link, f"STREAM.INFO.{stream}", None)
        assert info["state"]["messages"] == 2

    async def test_no_stream(self, nats_server: NatsServer, link: Connection, subject: str) -> None:
        async with make(nats_server.url, subject, jetStream=True) as trigger:
            with pytest.raises(Temporary, match="no stream takes the subject") as failure:
                await fire(trigger)
            assert "nats stream add" in failure.value.fix
            assert "127.0.0.1" in failure.value.where
            await make_stream(link, subject)
            await fire(trigger)

    async def test_someone_who_listens_is_no_stream(
        self, nats_server: NatsServer, link: Connection, subject: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bus.nats.jetstream.PATIENCE", 0.1)
        sid = await link.subscribe(subject, lambda message: None)
        async with make(nats_server.url, subject, jetStream=True) as trigger:
            with pytest.raises(Temporary, match="no stream takes the subject"):
                await fire(trigger)
            await link.unsubscribe(sid)
            other = await nats.connect(nats_server.url)

            async def answer(message: Message) -> None:
                await message.respond(b"thanks")

            await other.subscribe(subject, cb=answer)
            await other.flush()
            with pytest.raises(Temporary, match="is no stream"):
                await fire(trigger)
            await other.close()

    async def test_a_stream_that_does_not_confirm(
        self, nats_server: NatsServer, link: Connection, subject: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bus.nats.jetstream.PATIENCE", 0.1)
        stream = await make_stream(link, subject, no_ack=True)
        await link.subscribe(subject, lambda message: None)
        async with make(nats_server.url, subject, jetStream=True) as trigger:
            with pytest.raises(Temporary, match=f"the stream '{stream}' did not confirm"):
                await fire(trigger)

    async def test_a_stream_that_is_full(self, nats_server: NatsServer, link: Connection, subject: str) -> None:
        await make_stream(link, subject, max_msgs=1, discard="new")
        async with make(nats_server.url, subject, jetStream=True) as trigger:
            await fire(trigger, "key-1")
            with pytest.raises(Temporary, match="maximum messages exceeded"):
                await fire(trigger, "key-2")

    async def test_a_message_too_large_for_the_stream(
        self, nats_server: NatsServer, link: Connection, subject: str
    ) -> None:
        await make_stream(link, subject, max_msg_size=5)
        async with make(nats_server.url, subject, jetStream=True) as trigger:
            with pytest.raises(Permanent, match="message size exceeds") as failure:
                await fire(trigger)
            assert "max_msg_size" in failure.value.fix

    async def test_a_server_without(self, subject: str) -> None:
        if missing := NatsServer.missing():
            pytest.skip(missing)
        with NatsServer("jetstream: false") as server:
            async with make(server.url, subject, jetStream=True) as trigger:
                with pytest.raises(Temporary, match="JetStream is not enabled"):
                    await fire(trigger)


class TestTrouble:
    async def test_too_large(self, nats_server: NatsServer, subject: str) -> None:
        async with make(nats_server.url, subject, payload=payload("large")) as trigger:
            with pytest.raises(Permanent, match="the server takes 1048576") as failure:
                await fire(trigger)
            assert "max_payload" in failure.value.fix

    async def test_the_limit_counts_headers(self, nats_server: NatsServer, subject: str) -> None:
        """At the limit a message passes, a byte more is refused here and ends no connection."""
        head = len("NATS/1.0\r\nNats-Msg-Id: k\r\n\r\n")
        async with make(nats_server.url, subject) as trigger:
            request = trigger.render(trigger.settings, PUSH)
            for more in (0, 1):
                data = bytes((1 << 20) - head + more)
                sized = type(request)(request.servers, request.subject, data, request.settings)
                if more:
                    with pytest.raises(Permanent):
                        await trigger.fire(sized, "k")
                else:
                    await trigger.fire(sized, "k")

    async def test_a_subject_that_is_not_allowed(self) -> None:
        if missing := NatsServer.missing():
            pytest.skip(missing)
        users = '[{user: a, password: a, permissions: {publish: {deny: ["secret.>"]}}}]'
        config = f"authorization {{ users: {users} }}"
        with NatsServer(config) as server:
            url = server.url.replace("//", "//a:a@")
            for jet_stream in (False, True):
                async with make(url, "secret.a", jetStream=jet_stream) as trigger:
                    with pytest.raises(Temporary, match=r"the user may not publish to 'secret\.a'") as failure:
                        await fire(trigger)
                    assert "permissions" in failure.value.fix
            async with make(url, "public", payload=payload("subject")) as trigger:
                secret = trigger.settings.model_copy(update={"subject": "secret.b"})
                results = await asyncio.gather(
                    *(
                        trigger.fire(trigger.render(settings, PUSH), f"key-{number}")
                        for number in range(20)
                        for settings in (trigger.settings, secret)
                    ),
                    return_exceptions=True,
                )
            assert [type(result) for result in results] == [Outcome, Temporary] * 20

    async def test_a_login_that_is_refused(self) -> None:
        if missing := NatsServer.missing():
            pytest.skip(missing)
        with NatsServer('authorization { token: "other" }') as server:
            async with make(server.url, "a", auth=AUTH) as trigger:
                with pytest.raises(Temporary, match="refuses the login") as failure:
                    await fire(trigger)
                assert_silent([failure.value, failure.value.fix], [TOKEN])
                server.config = f'authorization {{ token: "{TOKEN}" }}'
                await asyncio.to_thread(server.stop)
                await asyncio.to_thread(server.start)
                await fire(trigger)

    async def test_what_is_wrong_here(self) -> None:
        async with make("127.0.0.1:1", "a", auth={"token": {"name": "no", "key": "such"}}) as trigger:
            with pytest.raises(Temporary, match="Secret") as missing:
                await fire(trigger)
            assert "127.0.0.1:1" in missing.value.where
        async with make("127.0.0.1:1", "a", auth={"nkey": {"name": "nats", "key": "token"}}) as trigger:
            with pytest.raises(Permanent, match="NKEY"):
                await fire(trigger)

    async def test_entering_does_not_ask_the_server(self) -> None:
        async with make("127.0.0.1:1", "a"):
            pass

    async def test_a_server_that_dies_and_comes_back(self, own_server: NatsServer) -> None:
        async with make(own_server.url, "a") as trigger:
            await fire(trigger)
            for _ in range(3):
                await asyncio.to_thread(own_server.kill)
                with pytest.raises(Temporary):
                    await fire(trigger)
                await asyncio.to_thread(own_server.start)
                await asyncio.gather(*(fire(trigger, f"key-{number}") for number in range(20)))

    @pytest.mark.parametrize("jet_stream", [True, False])
    async def test_dying_while_firings_wait(self, own_server: NatsServer, jet_stream: bool) -> None:
        async with make(own_server.url, "a", jetStream=jet_stream) as trigger:
            if jet_stream:
                link = await dial(own_server)
                await make_stream(link, "a")
                await link.close()
            await fire(trigger)
            await freeze(own_server.pid)
            waiting = [asyncio.ensure_future(fire(trigger, f"key-{number}")) for number in range(20)]
            await asyncio.sleep(0.02)
            await asyncio.to_thread(own_server.kill)
            for result in await asyncio.gather(*waiting, return_exceptions=True):
                assert isinstance(result, Temporary)
                assert "127.0.0.1" in result.where

    async def test_a_server_that_hangs(self, own_server: NatsServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("triggers.nats.PATIENCE", 0.1)
        async with make(own_server.url, "a") as trigger:
            await fire(trigger)
            await freeze(own_server.pid)
            with pytest.raises(Temporary, match="did not confirm"):
                await fire(trigger)
            os.kill(own_server.pid, signal.SIGCONT)
            await fire(trigger)


class TestConnections:
    async def test_one_is_shared(self, nats_server: NatsServer, subject: str, monkeypatch: pytest.MonkeyPatch) -> None:
        made = 0

        async def counting(*arguments: Any) -> Connection:
            nonlocal made
            made += 1
            return await connect(*arguments)

        monkeypatch.setattr("triggers.nats.connect", counting)
        async with make(nats_server.url, subject) as trigger:
            await asyncio.gather(*(fire(trigger, f"key-{number}") for number in range(50)))
        assert made == 1

    async def test_nobody_overtakes(self, nats_server: NatsServer, link: Connection, subject: str) -> None:
        got: list[int] = []
        sid = await link.subscribe(subject, lambda message: got.append(int((message.headers or {})["Nats-Msg-Id"])))
        async with make(nats_server.url, subject) as trigger, asyncio.TaskGroup() as group:
            for number in range(16):
                task = group.create_task(fire(trigger, str(number)))
                if not number:
                    task.add_done_callback(lambda _: group.create_task(fire(trigger, "16")))
        await link.unsubscribe(sid)
        assert got == list(range(17))

    async def test_who_connects_may_be_cancelled(self, nats_server: NatsServer, subject: str) -> None:
        async with make(nats_server.url, subject) as trigger:
            tasks = [asyncio.ensure_future(fire(trigger, str(number))) for number in range(3)]
            await asyncio.sleep(0)
            tasks[0].cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results] == [asyncio.CancelledError, Outcome, Outcome]

    async def test_all_learn_why_there_is_none(self) -> None:
        async with make("127.0.0.1:1", "a") as trigger:
            results = await asyncio.gather(*(fire(trigger) for _ in range(3)), return_exceptions=True)
            assert {str(result) for result in results} == {"NATS 127.0.0.1:1: it cannot be reached: Connection refused"}
            assert len({id(result) for result in results}) == 3

    async def test_a_few_are_kept(self, nats_server: NatsServer, subject: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("triggers.nats_links.LINKS", 2)
        async with (
            Proxy(nats_server.port) as one,
            Proxy(nats_server.port) as two,
            Proxy(nats_server.port) as three,
            make(one.url, subject) as trigger,
        ):
            for proxy in (one, two, three, two):
                settings = trigger.settings.model_copy(update={"url": proxy.url})
                await trigger.fire(trigger.render(settings, PUSH), "key")
            await one.abandoned()
            assert two.messages == 2


class TestSettings:
    @pytest.mark.parametrize(
        ("fields", "found"),
        [
            ({}, []),
            ({"url": "ws://a"}, [("url", "fault")]),
            ({"subject": "a.>"}, [("subject", "fault")]),
            ({"tls": {}}, [("tls", "fault")]),
            ({"auth": {"basic": {}}}, [("auth.basic", "fault")]),
            ({"subject": "a b", "parameters": []}, [("subject", "fault")]),
            ({"subject": "a b", "parameters": [{"dest": "subject"}]}, [("subject", "warning")]),
        ],
    )
    def test_check(self, fields: dict[str, Any], found: list[tuple[str, str]]) -> None:
        faults = Nats.check(NatsSettings.model_validate({"url": "a", "subject": "b", **fields}))
        assert [(path, "warning" if what.startswith("warning: ") else "fault") for path, what, _ in faults] == found
