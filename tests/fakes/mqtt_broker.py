"""A broker that does what a test tells it, packet by packet, for what real ones never do."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias

from bus.mqtt.settings import V3, V5
from tests.fakes.mqtt_packets import Frame, Frames, Kind, packet

ACCEPT_5 = packet(Kind.CONNACK, b"\x00\x00\x00")
ACCEPT_3 = packet(Kind.CONNACK, b"\x00\x00")


class Peer:
    """The client, seen from the broker."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer
        self._frames = Frames()
        self._read: list[Frame] = []

    async def next(self, kind: Kind) -> bytes:
        """The body of its next packet, which has to be of this kind; pings do not count."""
        while True:
            while not self._read:
                data = await self._reader.read(1 << 16)
                assert data, f"the client closed the connection instead of sending {kind.name}"
                self._read += self._frames.feed(data)
            frame = self._read.pop(0)
            if frame.first >> 4 != Kind.PINGREQ or kind is Kind.PINGREQ:
                assert frame.first >> 4 == kind, Kind(frame.first >> 4).name
                return frame.body

    async def send(self, *packets: bytes) -> None:
        """Send these."""
        self.writer.write(b"".join(packets))
        await self.writer.drain()

    async def accept(self, answer: bytes | None = None) -> int:
        """Answer CONNECT; the protocol level that it asks for."""
        level = (await self.next(Kind.CONNECT))[6]
        await self.send(answer or {V3: ACCEPT_3, V5: ACCEPT_5}[level])
        return level

    async def hello(self) -> None:
        """Wait for anything at all."""
        assert await self._reader.read(1 << 16)

    async def gone(self) -> None:
        """Wait until the client has taken leave, or closed the connection."""
        while data := await self._reader.read(1 << 16):
            if any(frame.first >> 4 == Kind.DISCONNECT for frame in self._frames.feed(data)):
                break


Script: TypeAlias = Callable[[Peer], Awaitable[None]]


@asynccontextmanager
async def broker(*scripts: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """The URL of a broker that plays one script for each connection, in order, and then closes it. What a script does not
    like is raised at the end."""
    left = list(scripts)
    failures: list[BaseException] = []
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            assert left, "one connection too many"
            await left.pop(0)(Peer(reader, writer))
        except (OSError, asyncio.CancelledError):
            pass
        except BaseException as error:
            failures.append(error)
        finally:
            running.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"{'ssl' if tls else 'tcp'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in list(running):
            task.cancel()
        if running:
            await asyncio.wait(running)
    for failure in failures:
        raise failure
