"""A NATS server that says what a test wants it to, and one in between that a test can trouble."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple, Self

INFO = b'INFO {"server_id":"fake","headers":true,"max_payload":1048576}\r\n'

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, info: bytes = INFO) -> None:
    """Accept a client as a real server does."""
    writer.write(info)
    assert (await reader.readline()).startswith(b"CONNECT ")
    assert await reader.readline() == b"PING\r\n"
    writer.write(b"PONG\r\n")


@asynccontextmanager
async def fake_server(serve: Serve) -> AsyncIterator[int]:
    """A port where each connection is served by `serve`, and closed after it."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def freeze(pid: int) -> None:
    """Stop a process, every thread of it, until it gets SIGCONT or is killed."""
    os.kill(pid, signal.SIGSTOP)
    async with asyncio.timeout(10):
        while not all(" T " in path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat")):  # noqa: ASYNC110
            await asyncio.sleep(0.001)


class Taken(NamedTuple):
    """A message with headers, as bytes."""

    head: bytes
    data: bytes

    @property
    def key(self) -> str:
        """What a stream knows it by."""
        return self.head.partition(b"Nats-Msg-Id: ")[2].partition(b"\r\n")[0].decode()


class Proxy:
    """Between clients and a real server: knows the messages that have headers, and can break or hold up connections.

    `spoil` is said to the client in place of handing on its next message, before the connection is reset; while `flowing`
    is clear no message goes on. `taken` holds what was handed on to the server.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._links: set[asyncio.StreamWriter] = set()
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self.spoil: bytes | None = None
        self.flowing = asyncio.Event()
        self.flowing.set()
        self.taken: list[Taken] = []
        self.messages = 0

    @property
    def url(self) -> str:
        """Where clients connect."""
        assert self._server is not None
        return f"nats://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def arrived(self, count: int) -> None:
        """Wait for so many messages."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.messages >= count)

    async def abandoned(self) -> None:
        """Wait until no connection is open."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._links)

    async def shut(self) -> None:
        """No more connections, and those that are end."""
        assert self._server is not None
        self._server.close()
        for link in self._links:
            link.transport.abort()
        self.flowing.set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.shut()
        await self.abandoned()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream = await asyncio.open_connection("127.0.0.1", self._target)
        self._links.add(writer)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._up(reader, writer, upstream))
                group.create_task(self._down(upstream_reader, writer))
        except* ConnectionError:
            pass
        finally:
            for each in (upstream, writer):
                each.close()
                with contextlib.suppress(ConnectionError):
                    await each.wait_closed()
            async with self._changed:
                self._links.discard(writer)
                self._changed.notify_all()

    async def _up(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, upstream: asyncio.StreamWriter
    ) -> None:
        while command := await reader.readline():
            words = command.split()
            if words[0] in (b"PUB", b"HPUB"):
                command += await reader.readexactly(int(words[-1]) + 2)
            if words[0] == b"HPUB":
                await self._arrive(writer)
            upstream.write(command)
            await upstream.drain()
            if words[0] == b"HPUB":
                begin, size = command.index(b"\r\n") + 2, int(words[-2])
                self.taken.append(Taken(command[begin : begin + size], command[begin + size : -2]))
        raise ConnectionResetError

    async def _arrive(self, writer: asyncio.StreamWriter) -> None:
        async with self._changed:
            self.messages += 1
            self._changed.notify_all()
        if self.spoil is not None:
            said, self.spoil = self.spoil, None
            writer.write(said)
            await writer.drain()
            raise ConnectionResetError
        await self.flowing.wait()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError
