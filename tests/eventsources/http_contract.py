"""What every source that is fed by HTTP promises beyond EventSourceContract."""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from contextlib import AsyncExitStack
from typing import Any

import pytest

from config.errors import BusClosed, BusFull
from config.model import SecretKeySelector
from eventsources.base import EventSource
from eventsources.http.route import WebhookContext
from eventsources.http.server import HttpListeners
from eventsources.http.source import HttpSource
from tests.contract.eventsource import EventSourceContract, running
from tests.eventsources.raw_http import Reply, ask, connect
from tests.eventsources.surroundings import Collector, FixedValues

TOKEN = SecretKeySelector(name="hooks", key="token")


class HttpSourceContract(EventSourceContract):
    """Inherit, give `build` and `request`."""

    @abstractmethod
    def build(self, http: HttpListeners, listen: WebhookContext, secrets: dict[str, str]) -> HttpSource[Any]:
        """A source that listens as it is told."""

    @abstractmethod
    def request(self, *headers: tuple[str, str], size: int = 0, close: bool = True) -> bytes:
        """The bytes of a request to `/hook` that is an event, a new one each time, with these headers added and a body
        of at least `size` bytes."""

    def listen(self, **fields: Any) -> WebhookContext:
        return WebhookContext(endpoint="/hook", method="POST", port="0", **fields)

    def make(self, http: HttpListeners) -> EventSource[Any]:
        return self.build(http, self.listen(), {})

    async def happen(self, http: HttpListeners) -> bool:
        return (await ask(http.port("0"), self.request())).status == 200

    async def reply(self, source: HttpSource[Any], emit: Collector, *headers: tuple[str, str], size: int = 0) -> Reply:
        """What one request is answered."""
        async with source, running(source, emit):
            return await ask(source.context.http.port("0"), self.request(*headers, size=size))

    async def test_success_is_said_as_argo_says_it(self, http: HttpListeners) -> None:
        reply = await self.reply(self.build(http, self.listen(), {}), Collector())
        assert (reply.status, reply.body) == (200, "success")
        assert reply.headers["content-type"] == "text/plain; charset=utf-8"

    async def test_a_full_bus_asks_to_come_back(self, http: HttpListeners) -> None:
        reply = await self.reply(self.build(http, self.listen(), {}), Collector(fail=BusFull("full", retry_after=2.1)))
        assert (reply.status, reply.headers["retry-after"]) == (503, "3")

    @pytest.mark.parametrize("error", [BusClosed("closed"), RuntimeError("a bug")], ids=repr)
    async def test_any_other_failure_is_500(self, http: HttpListeners, error: Exception) -> None:
        reply = await self.reply(self.build(http, self.listen(), {}), Collector(fail=error))
        assert (reply.status, reply.body) == (500, "failed to record event")

    async def test_a_source_that_ran_is_inactive(self, http: HttpListeners) -> None:
        source = self.build(http, self.listen(), {})
        async with source:
            async with running(source, Collector()):
                await asyncio.sleep(0)
            reply = await ask(http.port("0"), self.request())
        assert (reply.status, reply.body) == (400, "endpoint is inactive")

    async def test_too_large_is_400(self, http: HttpListeners) -> None:
        emit = Collector()
        reply = await self.reply(self.build(http, self.listen(max_payload_size=1000), {}), emit, size=1001)
        assert reply.status == 400
        assert "http: request body too large" in reply.body
        assert not emit.events

    @pytest.mark.parametrize(
        ("header", "status", "body"),
        [
            ("Bearer right", 200, "success"),
            ("Bearer wrong", 401, "Invalid Auth token"),
            ("Bearer rïght", 401, "Invalid Auth token"),
            ("Bearer", 401, "Invalid Authorization Header"),
            ("bearer right", 401, "Invalid Authorization Header"),
            ("Basic right", 401, "Invalid Authorization Header"),
        ],
    )
    async def test_bearer_token(self, http: HttpListeners, header: str, status: int, body: str) -> None:
        emit = Collector()
        source = self.build(http, self.listen(auth_secret=TOKEN), {"hooks/token": "right"})
        reply = await self.reply(source, emit, ("Authorization", header))
        assert (reply.status, reply.body) == (status, body)
        assert len(emit.events) == (status == 200)
        for event in emit.events:
            assert b"right" not in (event.data or b"")
            assert b"*** Masked Auth Secret ***" in (event.data or b"")

    async def test_an_empty_token_lets_nobody_in(self, http: HttpListeners) -> None:
        source = self.build(http, self.listen(auth_secret=TOKEN), {"hooks/token": ""})
        assert (await self.reply(source, Collector(), ("Authorization", "Bearer "))).status == 401

    async def test_a_token_that_is_missing_is_500(self, http: HttpListeners) -> None:
        source = self.build(http, self.listen(auth_secret=TOKEN), {})
        reply = await self.reply(source, Collector(), ("Authorization", "Bearer x"))
        assert (reply.status, reply.body) == (500, "Error loading auth token")

    async def test_a_token_may_change_while_running(self, http: HttpListeners) -> None:
        source = self.build(http, self.listen(auth_secret=TOKEN), {"hooks/token": "old"})
        assert isinstance(source.context.values, FixedValues)
        async with source, running(source, Collector()):
            assert (await ask(http.port("0"), self.request(("Authorization", "Bearer old")))).status == 200
            source.context.values.secrets["hooks/token"] = "new"
            assert (await ask(http.port("0"), self.request(("Authorization", "Bearer old")))).status == 401
            assert (await ask(http.port("0"), self.request(("Authorization", "Bearer new")))).status == 200

    async def test_no_secret_is_logged(self, http: HttpListeners, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        source = self.build(http, self.listen(auth_secret=TOKEN), {"hooks/token": "s3cr3t-right"})
        emit = Collector()
        async with source, running(source, emit):
            for header in ("Bearer s3cr3t-right", "Bearer s3cr3t-wrong", "s3cr3t"):
                for error in (None, BusClosed("closed"), RuntimeError("a bug")):
                    emit.fail = error
                    await ask(http.port("0"), self.request(("Authorization", header)))
            await ask(http.port("0"), b"POST /hook HTTP/1.1\r\nAuthorization: s3cr3t\x00\r\n\r\n")
        assert "s3cr3t" not in caplog.text

    async def test_a_changed_version_takes_over_without_a_loss(self, http: HttpListeners) -> None:
        """Under load, the new one enters before the old one leaves, several times over."""
        emit, answers, statuses = Collector(), asyncio.Queue[int](), list[int]()
        stop = asyncio.Event()

        async def load(port: int) -> None:
            async with connect(port) as connection:
                while not stop.is_set():
                    await connection.send(self.request(close=False))
                    answers.put_nowait((await connection.reply()).status)

        async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
            old = self.build(http, self.listen(), {})
            await old.__aenter__()
            task = group.create_task(old.run(emit))
            port = http.port("0")
            async with asyncio.TaskGroup() as senders:
                for _ in range(8):
                    senders.create_task(load(port))
                for _ in range(10):
                    statuses += [await answers.get() for _ in range(20)]
                    new = self.build(http, self.listen(), {})
                    await new.__aenter__()
                    new_task = group.create_task(new.run(emit))
                    task.cancel()
                    await old.__aexit__(None, None, None)
                    old, task = new, new_task
                stop.set()
            assert http.port("0") == port
            stack.push_async_exit(old)
            task.cancel()
        while not answers.empty():
            statuses.append(answers.get_nowait())
        assert set(statuses) == {200}
        assert len(statuses) == len(emit.events)
