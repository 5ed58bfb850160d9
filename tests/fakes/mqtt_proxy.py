"""Stands between an MQTT client and a real broker: sees what each says to the other, and can spoil it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Self, TypeVar

from bus.mqtt.settings import V5
from tests.fakes.mqtt_packets import Frame, Frames, Kind, Sent, packet, read_answer, read_publish

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds that nothing takes which is sure to come."""


class MqttProxy:
    """Of one broker. `version` is the one that its clients speak.

    `delivered` are messages that the broker sent to a client, `acknowledged` those that the client then took over; `taken` are
    messages that clients published and the broker took over. `spoil`, if set, is asked about the next PUBLISH of a client and
    then forgotten: the packet that the client is answered in place of the broker, None = the connection is cut.
    """

    def __init__(self, host: str, port: int, version: int = V5) -> None:
        self._target = (host, port)
        self.version = version
        self._changed = asyncio.Condition()
        self._sessions: set[_Session] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.let_through = asyncio.Event()
        self.let_through.set()
        self.connections = 0
        self.arrived = 0
        self.delivered: list[Sent] = []
        self.acknowledged: list[Sent] = []
        self.taken: list[Sent] = []
        self.spoil: Callable[[Sent], bytes | None] | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"tcp://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()
        self.cut()
        self.release()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=PATIENCE)

    def hold(self) -> None:
        """Keep back what brokers answer to what is published."""
        self.let_through.clear()

    def release(self) -> None:
        """Go on."""
        self.let_through.set()

    def cut(self) -> None:
        """Break all connections."""
        for session in self._sessions:
            session.cut()

    async def until(self, ready: Callable[[], bool], patience: float = PATIENCE) -> bool:
        """Wait for it to have seen what is wanted; whether it has."""
        try:
            async with asyncio.timeout(patience), self._changed:
                await self._changed.wait_for(ready)
        except TimeoutError:
            return False
        return True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            self._tasks.discard(task)
            return
        session = _Session(self, writer, far_writer)
        self._sessions.add(session)
        await self._note(self._count)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(session.pump(reader, far_writer, session.from_client))
                group.create_task(session.pump(far_reader, writer, session.from_broker))
        finally:
            self._sessions.discard(session)
            await self._note(self._count)
            self._tasks.discard(task)

    def _count(self) -> None:
        self.connections = len(self._sessions)

    async def _note(self, change: Callable[[], T]) -> T:
        async with self._changed:
            result = change()
            self._changed.notify_all()
        return result


class _Session:
    """What is under way on one connection."""

    def __init__(self, proxy: MqttProxy, client: asyncio.StreamWriter, broker: asyncio.StreamWriter) -> None:
        self._proxy, self._client, self._broker = proxy, client, broker
        self._delivered: dict[int, Sent] = {}
        self._published: dict[int, Sent] = {}

    def cut(self) -> None:
        """Break the connection."""
        self._client.transport.abort()
        self._broker.transport.abort()

    async def pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, see: Callable[[Frame], bool]
    ) -> None:
        """Hand packets on until one side closes."""
        frames = Frames()
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                for frame in frames.feed(data):
                    if writer is self._client and frame.first >> 4 in (Kind.PUBACK, Kind.PUBCOMP):
                        await self._proxy.let_through.wait()
                    if await self._proxy._note(partial(see, frame)):
                        writer.write(packet(frame.first >> 4, frame.body, frame.first & 0x0F))
                await writer.drain()
        self._client.close()
        self._broker.close()

    def from_client(self, frame: Frame) -> bool:
        """Whether the packet may pass."""
        proxy, kind = self._proxy, frame.first >> 4
        if kind == Kind.PUBLISH:
            message = read_publish(proxy.version, frame)
            proxy.arrived += 1
            if proxy.spoil is not None:
                answer, proxy.spoil = proxy.spoil(message), None
                if answer is None:
                    self.cut()
                else:
                    self._client.write(answer)
                return False
            self._published[message.packet_id] = message
        elif kind in (Kind.PUBACK, Kind.PUBREC):
            packet_id, _ = read_answer(frame)
            if packet_id in self._delivered:
                proxy.acknowledged.append(self._delivered.pop(packet_id))
        return True

    def from_broker(self, frame: Frame) -> bool:
        """The same for what the broker says."""
        proxy, kind = self._proxy, frame.first >> 4
        if kind == Kind.PUBLISH:
            message = read_publish(proxy.version, frame)
            self._delivered[message.packet_id] = message
            proxy.delivered.append(message)
        elif kind in (Kind.PUBACK, Kind.PUBCOMP):
            packet_id, code = read_answer(frame)
            message = self._published.pop(packet_id)
            if code < 0x80:
                proxy.taken.append(message)
        return True
