"""What nats-py's way to a server lacks for a client that has to know what the server has, and may not speak in the clear.

Each method here mends one thing in nats-py 2.16, and says which. The library asks of a transport no more than its abstract
base class `nats.aio.transport.Transport` names.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import Final
from urllib.parse import ParseResult

import orjson
from nats.aio.transport import TcpTransport

CLOSING: Final = 2.0
"""Seconds that an orderly end may take."""

_INFO: Final = b"INFO "
_PING: Final = b"PING\r\n"


class Transport(TcpTransport):
    """TCP, with TLS where the server or `demands_tls` wants it. Where it is demanded nothing is sent in the clear. `closed` is
    set when nothing is left of it."""

    def __init__(self, *, demands_tls: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.closed = asyncio.Event()
        self._demands_tls = demands_tls
        self._held: list[bytes] = []

    @property
    def is_secure(self) -> bool:
        """Whether it goes on under TLS."""
        return self._io_writer is not None and self._io_writer.get_extra_info("ssl_object") is not None

    def abort(self) -> None:
        """End it at once."""
        if self._io_writer is not None:
            self._io_writer.transport.abort()

    def __bool__(self) -> bool:
        # The library makes a transport of its own in place of one that is false.
        return True

    async def connect_tls(
        self, uri: str | ParseResult, ssl_context: ssl.SSLContext, buffer_size: int, connect_timeout: int
    ) -> None:
        try:
            await super().connect_tls(uri, ssl_context, buffer_size, connect_timeout)
        except BaseException:
            # Nobody is told of the end of a transport whose handshake failed: wait_closed would not return.
            self.abort()
            self._io_writer = None
            raise
        assert self._io_writer is not None
        # The library's new reader is not told what it reads from: it could not slow that down, and asyncio warns of its end.
        transport = self._io_writer.transport
        if (protocol := transport.get_protocol()) is not None:  # unless it is over already
            protocol.connection_made(transport)

    async def readline(self) -> bytes:
        assert self._io_reader is not None
        line = await self._io_reader.readline()
        if self._demands_tls and not self.is_secure and line.startswith(_INFO):
            # The library goes on under TLS if the server requires that, not if we do.
            info = orjson.loads(line[len(_INFO) :])
            info["tls_required"] = bool(info.get("tls_required") or info.get("tls_available"))
            line = _INFO + orjson.dumps(info) + b"\r\n"
        return line

    def write(self, payload: bytes) -> None:
        if self._demands_tls and not self.is_secure:
            # The library would log in in the clear at a server that offers no TLS.
            raise ssl.SSLError("the server offers none")
        # The library writes a PING past its own buffer: the answer would tell nothing of the messages in there. It empties
        # the buffer right after that, so here the PING waits for it.
        self._held.append(payload)

    def writelines(self, payload: list[bytes]) -> None:
        if self._io_writer is not None and not self._io_writer.is_closing():
            self._io_writer.writelines(payload + self._held)
        self._held.clear()

    async def drain(self) -> None:
        # The library's tasks would wait here, without end, for a server that reads no more, and die of one that is gone.
        # Those who send wait for the server's answer instead. Only while it connects there is no buffer to wait for; and a
        # CONNECT goes together with its PING, as one sent after it could break the pipe before the reason is read.
        if _PING in self._held:
            self.writelines([])

    async def wait_closed(self) -> None:
        # As above; and why it ended the library knows already.
        timer = asyncio.get_running_loop().call_later(CLOSING, self.abort)
        with suppress(OSError):
            await super().wait_closed()  # type: ignore[no-untyped-call]
        timer.cancel()
        self.closed.set()
