"""A client that sends exactly the bytes it is given, so that what servers do with odd requests can be seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; header names in lower case."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


def request(
    method: str, target: str, headers: Iterable[tuple[str, str]] = (), body: bytes | None = None, *, close: bool = True
) -> bytes:
    """The bytes of a request; with a body, its length is said."""
    lines = [f"{method} {target} HTTP/1.1", "Host: hooks.example.test"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    if close:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


class Connection:
    """An open connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def reply(self, *, bodiless: bool = False) -> Reply:
        """The next answer, interim ones (1xx) passed over."""
        while True:
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            status = int(head[0].split(" ")[1])
            if status >= 200:
                break
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        length = 0 if bodiless else int(headers.get("content-length", 0))
        return Reply(status, headers, (await self.reader.readexactly(length)).decode("utf-8", "surrogateescape"))

    async def closed(self) -> bool:
        """Wait until the other side closes; True if it sent nothing more."""
        try:
            return await self.reader.read() == b""
        except ConnectionError:
            return True


@asynccontextmanager
async def connect(port: int) -> AsyncIterator[Connection]:
    """A connection to a port of this machine."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)


async def ask(port: int, data: bytes) -> Reply:
    """Send on a connection of its own; the answer."""
    async with connect(port) as connection:
        await connection.send(data)
        return await connection.reply(bodiless=data.startswith(b"HEAD "))
