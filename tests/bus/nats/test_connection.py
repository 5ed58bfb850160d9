"""bus/nats/connection.py against a real server, and where that does not do what is needed, against one that is made up."""

from __future__ import annotations

import asyncio
import gc
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import nats
import pytest
import uvloop

from bus.nats.client import Address, Target, connect
from bus.nats.connection import Connection, Lost, Message, NobodyThere, NotAllowed
from tests.fakes.nats import fake_server, freeze, greet
from tests.servers.nats import NatsServer

RESTRICTED = """
authorization { users = [
  { user: "some", password: "x", permissions: {
      publish: { allow: ["ok.>", "Mixed.Case"] }, subscribe: { allow: ["ok.>", "_INBOX.>"] } } }
  { user: "deaf", password: "x", permissions: { subscribe: { deny: [">"] } } }
] }
"""


async def dial(port: int, *, user: str = "", keepalive: float = 5.0) -> Connection:
    """A connection to a server on this machine."""
    address = Address("127.0.0.1", port, user=user or None, password="x" if user else None)
    return await connect(Target([address]), "test", keepalive=keepalive)


@pytest.fixture
async def link(nats_server: NatsServer) -> AsyncIterator[Connection]:
    connection = await dial(nats_server.port)
    yield connection
    await connection.close()


@pytest.fixture
def subject() -> str:
    return f"t.{uuid.uuid4().hex}"


class TestMessages:
    async def test_all_that_is_sent_arrives_in_order(self, link: Connection, subject: str) -> None:
        got: list[Message] = []
        sid = await link.subscribe(f"{subject}.*", got.append)
        for number in range(1000):
            await link.publish(f"{subject}.a", b"%d" % number)
        await link.unsubscribe(sid)
        assert [int(message.data) for message in got] == list(range(1000))

    async def test_headers_reply_and_empty_data(self, link: Connection, subject: str) -> None:
        got: list[Message] = []
        sid = await link.subscribe(subject, got.append)
        await link.publish(subject, b"", reply="answer.here", headers={"A": "1"})
        await link.unsubscribe(sid)
        (message,) = got
        assert (message.reply, message.headers, message.data) == ("answer.here", {"A": "1"}, b"")

    async def test_of_a_queue_group_one_gets_it(self, link: Connection, subject: str) -> None:
        got: list[Message] = []
        for _ in range(3):
            await link.subscribe(subject, got.append, "workers")
        for _ in range(20):
            await link.deliver(subject, b"x")
        assert len(got) == 20

    async def test_a_large_message(self, link: Connection, subject: str) -> None:
        got: list[Message] = []
        sid = await link.subscribe(subject, got.append)
        await link.publish(subject, bytes(link.largest))
        await link.unsubscribe(sid)
        assert got[0].data == bytes(link.largest)

    async def test_delivered_means_that_the_server_has_it(self, nats_server: NatsServer, subject: str) -> None:
        """What is delivered on one connection has been handed on by the time that another hears from the server."""
        sender, receiver = await dial(nats_server.port), await dial(nats_server.port)
        got: list[Message] = []
        sid = await receiver.subscribe(subject, got.append)
        async with asyncio.TaskGroup() as group:
            for _ in range(100):
                group.create_task(sender.deliver(subject, bytes(5000)))
        await receiver.unsubscribe(sid)
        assert len(got) == 100
        await sender.close()
        await receiver.close()

    async def test_the_question_whether_the_server_has_it_comes_after_it(self) -> None:
        heard: list[bytes] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await greet(reader, writer)
            while line := await reader.readline():
                heard.append(line.split(b" ")[0].strip())
                if line == b"PING\r\n":
                    writer.write(b"PONG\r\n")
                elif line.startswith(b"PUB"):
                    await reader.readexactly(3_000_002)

        async with fake_server(serve) as port:
            link = await dial(port)
            link._client._max_payload = 3_000_000
            await asyncio.gather(*(link.deliver("a", bytes(3_000_000)) for _ in range(3)))
            assert heard == [b"PUB"] * 3 + [b"PING"]  # one for all of a turn
            subscription = await link.subscribe("b", lambda message: None)
            await link.unsubscribe(subscription)
            assert heard[4:] == [b"SUB", b"PING", b"UNSUB", b"PING"]
            await link.close()

    async def test_with_another_client(self, nats_server: NatsServer, link: Connection, subject: str) -> None:
        """What is said here is what others understand."""
        other = await nats.connect(nats_server.url)
        subscription = await other.subscribe(f"{subject}.there")
        await other.flush()
        await link.deliver(f"{subject}.there", b"\x00 body", headers={"Kind": "größer"})
        message = await subscription.next_msg(5)
        assert (message.data, message.headers) == (b"\x00 body", {"Kind": "größer"})

        got: list[Message] = []
        sid = await link.subscribe(f"{subject}.here", got.append)
        await other.publish(f"{subject}.here", b"back", headers={"Kind": "1"})
        await other.drain()
        await link.unsubscribe(sid)
        assert (got[0].data, got[0].headers) == (b"back", {"Kind": "1"})


class TestRequests:
    async def test_answers_find_who_asked(self, nats_server: NatsServer, link: Connection, subject: str) -> None:
        other = await nats.connect(nats_server.url)

        async def answer(message: Message) -> None:
            await message.respond(message.data * 2)

        await other.subscribe(subject, cb=answer)
        await other.flush()
        answers = await asyncio.gather(*(link.request(subject, b"%d" % number) for number in range(50)))
        assert [answer.data for answer in answers] == [b"%d" % number * 2 for number in range(50)]
        await other.close()

    async def test_nobody_there(self, link: Connection, subject: str) -> None:
        with pytest.raises(NobodyThere):
            await link.request(subject)

    async def test_no_answer(self, link: Connection, subject: str) -> None:
        await link.subscribe(subject, lambda message: None)
        with pytest.raises(TimeoutError):
            await link.request(subject, timeout=0.05)

    async def test_a_late_answer_disturbs_nobody(self, link: Connection, subject: str) -> None:
        asked: list[Message] = []
        await link.subscribe(subject, asked.append)
        with pytest.raises(TimeoutError):
            await link.request(subject, timeout=0.05)
        await link.deliver(asked[0].reply, b"late")
        with pytest.raises(NobodyThere):
            await link.request(f"{subject}.none")


class TestCancelling:
    @pytest.mark.parametrize("work", ["deliver", "request", "subscribe", "unsubscribe", "deliver much"])
    async def test_leaves_the_connection_whole(self, link: Connection, subject: str, work: str) -> None:
        await link.subscribe(f"{subject}.silent", lambda message: None)
        others = [await link.subscribe(subject, lambda message: None) for _ in range(5)]
        works: dict[str, Callable[[], Awaitable[object]]] = {
            "deliver": lambda: link.deliver(subject, b"x"),
            "request": lambda: link.request(f"{subject}.silent"),
            "subscribe": lambda: link.subscribe(f"{subject}.other", lambda message: None),
            "unsubscribe": lambda: link.unsubscribe(others.pop()),
            # Together more than the library would buffer without waiting for its own writer.
            "deliver much": lambda: link.deliver(subject, bytes(1_000_000)),
        }
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_finish(works[work])) for _ in range(5)]
            survivor = group.create_task(link.deliver(subject, b"y"))
            await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await survivor
        assert all(task.cancelled() for task in tasks)
        for _ in range(3):
            await link.deliver(subject, b"z")


async def _finish(work: Callable[[], Awaitable[object]]) -> None:
    await work()


class TestNotAllowed:
    @pytest.fixture
    async def server(self) -> AsyncIterator[NatsServer]:
        if missing := NatsServer.missing():
            pytest.skip(missing)
        with NatsServer(RESTRICTED) as server:
            yield server

    async def test_only_who_did_it_hears_of_it(self, server: NatsServer) -> None:
        link = await dial(server.port, user="some")
        for subject, others in (("no.a", ["ok.a", "Mixed.Case"]), ("Mixed.case", ["ok.a"])):
            fine = [asyncio.ensure_future(link.deliver(name, b"x")) for name in others]
            with pytest.raises(NotAllowed) as refusal:
                await link.deliver(subject, b"x")
            assert (refusal.value.action, refusal.value.subject) == ("publish", subject)
            await asyncio.gather(*fine)
        with pytest.raises(NotAllowed) as refusal:
            await link.subscribe("no.b", lambda message: None, "queue")
        assert (refusal.value.action, refusal.value.subject) == ("subscription", "no.b")
        with pytest.raises(NotAllowed):
            await link.request("no.c")
        await link.subscribe("ok.b", lambda message: None)
        await link.close()

    async def test_what_nobody_waits_for_ends_it(self, server: NatsServer) -> None:
        link = await dial(server.port, user="some")
        over = asyncio.Event()
        link.on_lost = over.set
        await link.publish("no.d", b"x")
        await over.wait()
        assert "permissions violation" in link.reason
        assert "no.d" in link.reason
        await link.close()

    async def test_one_violation_of_several(self) -> None:
        """The first tells all who do the same, the next finds none of them any more, and others are not concerned."""
        told = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await greet(reader, writer)
            while await reader.readline() != b"PING\r\n":
                pass
            for _ in range(2):
                writer.write(b"-ERR 'Permissions Violation for Publish to \"no\"'\r\n")
                await told.wait()
            writer.write(b"PONG\r\n")
            await reader.read()

        async with fake_server(serve) as port:
            link = await dial(port)
            fine, *refused = (asyncio.ensure_future(link.deliver(name, b"x")) for name in ("ok", "no", "no"))
            for each in refused:
                with pytest.raises(NotAllowed):
                    await each
            told.set()
            await fine
            await link.close()

    async def test_answers_that_may_not_be_received(self, server: NatsServer) -> None:
        link = await dial(server.port, user="deaf")
        with pytest.raises(NotAllowed) as refusal:
            await link.request("ok.c")
        assert refusal.value.action == "subscription"
        await link.close()


class TestLost:
    async def test_all_who_wait_are_told(self) -> None:
        if missing := NatsServer.missing():
            pytest.skip(missing)
        with NatsServer() as server:
            link = await dial(server.port)
            told: list[None] = []
            link.on_lost = lambda: told.append(None)
            await link.subscribe("silent", lambda message: None)
            await freeze(server.pid)
            waiting = [
                asyncio.ensure_future(work)
                for work in (link.deliver("a", b"x"), link.request("silent"), link.subscribe("b", lambda message: None))
            ]
            await asyncio.sleep(0.02)
            assert not any(future.done() for future in waiting)
            await asyncio.to_thread(server.kill)
            for result in await asyncio.gather(*waiting, return_exceptions=True):
                assert isinstance(result, Lost)
            assert len(told) == 1
            assert link.reason
            with pytest.raises(Lost):
                await link.publish("a")
            with pytest.raises(Lost):
                await link.deliver("a", b"")
            await link.close()
            assert len(told) == 1

    async def test_a_server_that_shuts_down(self) -> None:
        if missing := NatsServer.missing():
            pytest.skip(missing)
        with NatsServer() as server:
            link = await dial(server.port)
            over = asyncio.Event()
            link.on_lost = over.set
            await asyncio.to_thread(server.stop)
            await over.wait()
            assert link.reason
            await link.close()

    async def test_much_that_is_not_sent_yet(self) -> None:
        """Neither does anybody wait for it, nor is the end missed because of it."""
        gone = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await greet(reader, writer)
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            await gone.wait()
            writer.transport.abort()

        async with fake_server(serve) as port:
            link = await dial(port)
            over = asyncio.Event()
            link.on_lost = over.set
            for _ in range(40):
                await link.publish("a", bytes(1 << 20))
                await asyncio.sleep(0)
            await link.publish("a")
            gone.set()
            await over.wait()
            await link.close()

    async def test_without_a_reader_nothing_is_confirmed(self) -> None:
        """What the library cannot make sense of may end its reader; its `flush` would succeed from then on."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await greet(reader, writer)
            writer.write(b"INFO []\r\n")
            await reader.read()

        async with fake_server(serve) as port:
            link = await dial(port, keepalive=0.1)
            assert link._client._reading_task is not None
            await asyncio.wait([link._client._reading_task])
            with pytest.raises(Lost, match="does not answer"):
                await link.deliver("a", b"x")
            await link.close()

    async def test_a_server_that_is_silent(self) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await greet(reader, writer)
            await reader.read()

        async with fake_server(serve) as port:
            link = await dial(port, keepalive=0.02)
            over = asyncio.Event()
            link.on_lost = over.set
            await over.wait()
            assert "does not answer" in link.reason
            await link.close()

    async def test_one_that_answers_too_late(self, caplog: pytest.LogCaptureFixture) -> None:
        """Nobody waits for its answer any more, and nobody is troubled by it."""
        late = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await greet(reader, writer)
            await late.wait()
            writer.write(b"PONG\r\n" * 9)
            await reader.read()

        async with fake_server(serve) as port:
            link = await dial(port, keepalive=0.02)
            with pytest.raises(Lost, match="does not answer"):
                await link.deliver("a", b"x")
            late.set()
            await asyncio.sleep(0.05)
            await link.close()
        assert not caplog.records

    async def test_a_server_that_answers_is_kept(self, nats_server: NatsServer) -> None:
        link = await dial(nats_server.port, keepalive=0.1)
        await asyncio.sleep(0.4)
        assert not link.reason
        await link.close()

    @pytest.mark.parametrize(
        ("said", "reason"),
        [
            (b"-ERR 'Slow Consumer'\r\n", "ended it: slow consumer"),
            (b"-ERR 'Maximum Payload Violation'\r\n", "ended it: maximum payload violation"),
            (b"HELLO\r\n", "does not speak NATS"),
            (b"MSG nonsense\r\n", "does not speak NATS"),
            (b"INFO []\r\n", "does not answer"),  # which ends the library's reader, unnoticed
            (b"", "closed"),
        ],
    )
    async def test_reasons(self, said: bytes, reason: str) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await greet(reader, writer)
            await reader.readline()
            writer.write(said)

        async with fake_server(serve) as port:
            link = await dial(port, keepalive=0.1)
            with pytest.raises(Lost, match=reason):
                await link.request("a")
            await link.close()

    async def test_a_server_that_asks_is_answered(self) -> None:
        answered = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await greet(reader, writer)
            writer.write(b'+OK\r\nINFO {"max_payload": 7}\r\nPING\r\n')
            assert await reader.readline() == b"PONG\r\n"
            answered.set()
            await reader.read()

        async with fake_server(serve) as port:
            link = await dial(port)
            await answered.wait()
            await link.close()

    async def test_closing_does_not_wait_for_a_server_that_reads_no_more(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bus.nats.transport.CLOSING", 0.05)
        done = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await greet(reader, writer)
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            await done.wait()

        async with fake_server(serve) as port:
            link = await dial(port)
            for _ in range(40):
                await link.publish("a", bytes(1 << 20))
            async with asyncio.timeout(5):
                await link.close()
            done.set()

    async def test_closing_waits_for_the_library_that_closes_by_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("bus.nats.transport.CLOSING", 0.2)
        done = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await greet(reader, writer)
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(b"-ERR 'Slow Consumer'\r\n")
            await done.wait()

        async with fake_server(serve) as port:
            before = asyncio.all_tasks()
            link = await dial(port)
            for _ in range(40):
                await link.publish("a", bytes(1 << 20))
            while not link._client.is_closed:  # noqa: ASYNC110  there is no event for this
                await asyncio.sleep(0)
            with pytest.raises(Lost, match="slow consumer"):
                await link.publish("a")
            await link.close()
            assert {task for task in asyncio.all_tasks() - before if "serve" not in str(task)} == set()
            done.set()

    @pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
    def test_sending_what_can_no_longer_be_sent(
        self,
        run: Callable[[Coroutine[Any, Any, None]], None],
        nats_server: NatsServer,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        async def work() -> None:
            link = await dial(nats_server.port)
            link._transport.abort()
            await asyncio.sleep(0)
            for _ in range(10):
                await link.publish("a")
            with pytest.raises(Lost):
                await link.deliver("a", b"")
            await link.close()

        run(work())
        assert not caplog.records


async def test_nothing_is_left(nats_server: NatsServer) -> None:
    """No task, no socket: what would be collected is warned of, and warnings are errors."""
    before = asyncio.all_tasks()
    for _ in range(3):
        link = await dial(nats_server.port)
        await link.deliver("a", b"x")
        await link.close()
        await link.close()
    assert asyncio.all_tasks() == before
    del link
    gc.collect()
