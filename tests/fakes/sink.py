"""An HTTP target that does as it is told and remembers what arrived, byte for byte: no library between test and wire."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

RESET = b"reset"
"""Answer by resetting the connection."""

HANG = b"hang"
"""Do not answer until `release` is called."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def answer(status: int = 200, body: bytes = b"ok", **headers: str) -> bytes:
    """A whole HTTP answer; `_` in header names means `-`."""
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


OK = answer()
"""`200` and a body `ok`."""


class Sink:
    """A server on a free port of this machine. Answers in `script` are used up one by one, then `usual` is given."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, usual: bytes | Callable[[Seen], bytes] = OK) -> None:
        self.requests: list[Seen] = []
        self.script: deque[bytes] = deque()
        self.usual = usual
        self.accepted = 0
        self.open = 0
        self._tls = tls
        self._changed = asyncio.Condition()
        self._released = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls, limit=1 << 20)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def authority(self) -> str:
        """`127.0.0.1:port`."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The URL of the root, without a slash at the end."""
        return f"{'https' if self._tls else 'http'}://{self.authority}"

    def release(self) -> None:
        """Let requests that hang go on."""
        self._released.set()

    async def until(self, condition: Callable[[Sink], bool]) -> None:
        """Wait until something about this server is true."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: condition(self))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.accepted += 1
        self.open += 1
        try:
            while (seen := await _read(reader, writer)) is not None:
                self.requests.append(seen)
                await self._tell()
                if not await self._answer(seen, writer):
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.close()
            await self._tell()

    async def _answer(self, seen: Seen, writer: asyncio.StreamWriter) -> bool:
        usual = self.usual if isinstance(self.usual, bytes) else self.usual(seen)
        what = self.script.popleft() if self.script else usual
        if what == RESET:
            connection: socket.socket = writer.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        if what == HANG:
            await self._released.wait()
            what = answer()
        if what:
            writer.write(what if seen.method != "HEAD" else what[: what.index(b"\r\n\r\n") + 4])
            await writer.drain()
        return bool(what) and (seen.header("Connection") or "").lower() != "close"

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Seen | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8")
    except asyncio.IncompleteReadError:
        return None
    line, *fields = head[:-4].split("\r\n")
    method, target, _ = line.split(" ", 2)
    headers = tuple((name, value.strip()) for name, _, value in (each.partition(":") for each in fields))
    seen = Seen(method, target, headers, b"")
    if (seen.header("Expect") or "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    length = int(seen.header("Content-Length") or 0)
    return Seen(method, target, headers, await reader.readexactly(length)) if length else seen


def closed_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
