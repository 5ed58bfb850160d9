"""The two ends of a measurement, each in a process of its own: a sender of requests and a sink for what is fired.

Both speak just enough HTTP for it, so that they cost a small part of what is measured between them. Times are seconds of
the monotonic clock, which all processes of a machine share.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from threading import Thread
from typing import Any, Self, cast

import uvloop

from benchmarks.deliveries import NUMBER_DIGITS, Deliveries

ANSWER_WAIT = 30.0
QUIET = 15.0
"""Seconds without an arrival after which no more are expected."""

_processes = multiprocessing.get_context("spawn")


@dataclass(slots=True)
class Sent:
    """What became of the requests: when they began and ended, numbers that were answered 2xx, how long answers took."""

    begun: float
    ended: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    accepted: list[int] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Accepted requests a second."""
        return len(self.accepted) / (self.ended - self.begun)


@dataclass(slots=True)
class Arrivals:
    """When each number arrived first, and how many came again."""

    first: dict[int, float] = field(default_factory=dict)
    repeated: int = 0


class _Process:
    """A process that answers what it is asked, one thing after another."""

    def __init__(self, main: Callable[..., None], *arguments: Any) -> None:
        self._pipe, other = _processes.Pipe()
        self._process = _processes.Process(target=main, args=(other, *arguments), daemon=True)
        self._process.start()
        other.close()

    def ask(self, *question: Any) -> Any:
        """The answer to a question."""
        self._pipe.send(question)
        return self._pipe.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.kill()
        self._process.join()


class Sender(_Process):
    """Sends deliveries to a port of this machine."""

    def __init__(self) -> None:
        super().__init__(_answer_forever, _send)

    def closed_loop(
        self, port: int, deliveries: Deliveries, first: int, *, connections: int, seconds: float = 0.0, count: int = 0
    ) -> Sent:
        """On each connection the next one when the last is answered, for some time or up to some count."""
        return cast("Sent", self.ask(port, deliveries, first, connections, seconds, count, 0.0))

    def open_loop(self, port: int, deliveries: Deliveries, first: int, *, rate: float, seconds: float) -> Sent:
        """One every 1/rate seconds, whatever becomes of those before. The first is due when sending began."""
        return cast("Sent", self.ask(port, deliveries, first, 0, 0.0, int(rate * seconds), rate))


class Sink(_Process):
    """Takes what is fired and answers 200."""

    def __init__(self) -> None:
        self._count = _processes.Value("Q", 0, lock=False)
        super().__init__(_answer_forever, _Sink, self._count)
        self.port = int(self.ask("port"))

    @property
    def url(self) -> str:
        """Where to post to."""
        return f"http://127.0.0.1:{self.port}/"

    def expect(self, nonce: str) -> None:
        """Forget what came and look for ids of this kind."""
        self.ask("expect", nonce)

    def wait_for(self, count: int) -> Arrivals:
        """Everything that has arrived once so many different ones have, or no more come."""
        seen, since = -1, time.monotonic()
        while self._count.value < count and time.monotonic() - since < QUIET:
            if self._count.value != seen:
                seen, since = self._count.value, time.monotonic()
            time.sleep(0.01)
        time.sleep(0.2)  # for those that come again
        return cast("Arrivals", self.ask("arrivals"))


Answer = Callable[..., Coroutine[Any, Any, Any]]


def _answer_forever(pipe: Connection, make: Callable[..., Awaitable[Any]] | type[Any], *arguments: Any) -> None:
    """Serve one end: `make` is what answers a question, or a class whose `answer` does."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        answer: Any = make
        if isinstance(make, type):
            made = make(*arguments)
            await made.start()
            answer = made.answer

        def ask() -> None:
            while True:
                question = pipe.recv()
                pipe.send(asyncio.run_coroutine_threadsafe(answer(*question), loop).result())

        Thread(target=ask, daemon=True).start()
        await asyncio.Event().wait()

    uvloop.run(main())


class _Connection(asyncio.Protocol):
    """One connection of the sender."""

    def __init__(self) -> None:
        self._data = b""
        self._answered: asyncio.Future[int] | None = None
        self.open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        self._answer(0)

    def data_received(self, data: bytes) -> None:
        self._data += data
        for head, _ in _messages(self):
            self._answer(int(head[9:12]))

    def exchange(self, request: bytes) -> asyncio.Future[int]:
        """Send it; the status of the answer, 0 if there is none."""
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answered

    def _answer(self, status: int) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(status)

    def close(self) -> None:
        self._transport.close()


async def _send(
    port: int, deliveries: Deliveries, first: int, connections: int, seconds: float, count: int, rate: float
) -> Sent:
    loop = asyncio.get_running_loop()
    idle: list[_Connection] = []

    async def send(number: int, due: float) -> None:
        connection = idle.pop() if idle else None
        try:
            if connection is None or not connection.open:
                _, connection = await loop.create_connection(_Connection, "127.0.0.1", port)
            async with asyncio.timeout(ANSWER_WAIT):
                status = await connection.exchange(deliveries.request(number))
        except (OSError, TimeoutError):
            status = 0
        sent.statuses[status] += 1
        if 200 <= status < 300:
            sent.accepted.append(number)
            sent.answers.append(time.monotonic() - due)
        if connection is not None and connection.open:
            idle.append(connection)

    async def repeat() -> None:
        for number in numbers:
            if seconds and time.monotonic() > sent.begun + seconds:
                break
            await send(number, time.monotonic())

    sent = Sent(time.monotonic())
    numbers = iter(range(first, first + (count or 1 << 40)))
    async with asyncio.TaskGroup() as group:
        if rate:
            for number in numbers:
                due = sent.begun + (number - first) / rate
                if (early := due - time.monotonic()) > 0:
                    await asyncio.sleep(early)
                group.create_task(send(number, due))
        else:
            for _ in range(connections):
                group.create_task(repeat())
    sent.ended = time.monotonic()
    for connection in idle:
        connection.close()
    return sent


class _Sink:
    """The sink's own side."""

    def __init__(self, count: Any) -> None:
        self._count = count
        self._nonce = b""
        self._arrivals = Arrivals()

    async def start(self) -> None:
        self._server = await asyncio.get_running_loop().create_server(
            lambda: _SinkConnection(self._arrived), "127.0.0.1", 0, backlog=1024
        )

    async def answer(self, what: str, nonce: str = "") -> Any:
        if what == "port":
            return self._server.sockets[0].getsockname()[1]
        arrivals = self._arrivals
        if what == "expect":
            self._nonce, self._arrivals, self._count.value = nonce.encode(), Arrivals(), 0
            return None
        return arrivals

    def _arrived(self, body: bytes) -> None:
        at = body.find(self._nonce) + len(self._nonce) if self._nonce else 0
        if at < len(self._nonce):
            return
        number, arrivals = int(body[at : at + NUMBER_DIGITS], 16), self._arrivals
        if number in arrivals.first:
            arrivals.repeated += 1
        else:
            arrivals.first[number] = time.monotonic()
            self._count.value += 1


class _SinkConnection(asyncio.Protocol):
    """One connection of the sink."""

    def __init__(self, arrived: Callable[[bytes], None]) -> None:
        self._data = b""
        self._arrived = arrived

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        for _, body in _messages(self):
            self._arrived(body)
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok")


def _messages(connection: _Connection | _SinkConnection) -> Iterator[tuple[bytes, bytes]]:
    """The complete messages in what was received, as head and body; each has a Content-Length, or no body."""
    while (end := connection._data.find(b"\r\n\r\n")) >= 0:
        head = connection._data[:end]
        at = head.lower().find(b"\ncontent-length:")
        size = int(head[at + 16 :].split(b"\r", 1)[0]) if at >= 0 else 0
        stop = end + 4 + size
        if len(connection._data) < stop:
            return
        body, connection._data = connection._data[end + 4 : stop], connection._data[stop:]
        yield head, body
