"""A real SMTP server (aiosmtpd) on this machine, which keeps its mails and says what a test wants it to say."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ssl
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Final, Self, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from aiosmtpd.smtp import Session as Peer

from tests.servers.certificates import Authority

USER, PASSWORD = "ada", "hush-hush-of-ada"

HANG: Final = "hang"
RESET: Final = "reset"
_CHALLENGE: Final = b"<1896.697170952@postoffice.test>"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that was taken: its envelope, its bytes, and how it came."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    encrypted: bool
    user: str

    @property
    def mail(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)


class _Connection(SMTP):
    """One connection, counted while it is open."""

    def __init__(self, server: MailServer, **options: Any) -> None:
        super().__init__(server, hostname="mail.test", loop=asyncio.get_running_loop(), **options)
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._server.connections.add(self)
        self._server.most = max(self._server.most, len(self._server.connections))
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._server.connections.discard(self)
        self._server.wake()

    async def end(self) -> None:
        """Break it off. After a handshake that failed, nobody tells the server that the connection is gone."""
        if self.transport is not None:
            cast(asyncio.Transport, self.transport).abort()
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
            await asyncio.wait([self._handler_coroutine])


class MailServer:
    """Answers of `script`, by command (`MAIL`, `RCPT`, `DATA`), come first, one a command; the others are friendly.

    With an authority there is TLS: by STARTTLS, or `at_once`. With `login`, USER and PASSWORD are demanded; `clear` offers that
    without TLS too.
    """

    def __init__(
        self,
        authority: Authority | None = None,
        *,
        at_once: bool = False,
        login: bool = False,
        clear: bool = False,
        without: tuple[str, ...] = (),
    ) -> None:
        self.script: defaultdict[str, deque[str]] = defaultdict(deque)
        self.letters: list[Letter] = []
        self.logins: list[str] = []
        self.arrived = 0
        self.connections: set[_Connection] = set()
        self.most = 0
        self._changed = asyncio.Condition()
        self._released = asyncio.Event()
        self._wakers: set[asyncio.Task[None]] = set()
        context = None
        if authority is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(authority.server_cert, authority.server_key)
        self._at_once = context if at_once else None
        self._options: dict[str, Any] = {
            "tls_context": None if at_once else context,
            "auth_require_tls": not (clear or at_once),
            "auth_required": login and not clear and not at_once,
            "authenticator": self._authenticate if login else None,
            "auth_exclude_mechanism": without if login else ("PLAIN", "LOGIN", "CRAM-MD5"),
        }

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: _Connection(self, **self._options), "127.0.0.1", 0, ssl=self._at_once
        )
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._released.set()
        self._server.close()
        await asyncio.gather(*(connection.end() for connection in list(self.connections)))
        await asyncio.gather(*self._wakers)

    def release(self) -> None:
        """Go on with what hangs."""
        self._released.set()

    def wake(self) -> None:
        """Something changed."""

        async def notify() -> None:
            async with self._changed:
                self._changed.notify_all()

        task = asyncio.get_running_loop().create_task(notify())
        self._wakers.add(task)
        task.add_done_callback(self._wakers.discard)

    async def until(self, ready: Callable[[], bool]) -> None:
        """Wait until that is so."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(ready)

    async def handle_MAIL(self, server: SMTP, peer: Peer, envelope: Envelope, address: str, options: list[str]) -> str:
        self.arrived += 1
        self.wake()
        answer = await self._scripted(server, "MAIL")
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return answer or "250 OK"

    async def handle_RCPT(self, server: SMTP, peer: Peer, envelope: Envelope, address: str, options: list[str]) -> str:
        answer = await self._scripted(server, "RCPT")
        if not answer:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, peer: Peer, envelope: Envelope) -> str:
        if answer := await self._scripted(server, "DATA"):
            return answer
        content = envelope.content
        assert isinstance(content, bytes)
        encrypted = peer.ssl is not None or self._at_once is not None
        user = str(peer.auth_data) if peer.authenticated else ""
        self.letters.append(Letter(envelope.mail_from or "", tuple(envelope.rcpt_tos), content, encrypted, user))
        return f"250 2.0.0 queued as {len(self.letters)}"

    async def auth_CRAM__MD5(self, server: SMTP, args: list[str]) -> AuthResult:
        given = await server.challenge_auth(_CHALLENGE)
        assert isinstance(given, bytes)
        self.logins.append("CRAM-MD5")
        user, _, digest = given.decode().partition(" ")
        good = hmac.new(PASSWORD.encode(), _CHALLENGE, hashlib.md5).hexdigest() == digest and user == USER
        return AuthResult(success=good, handled=False, auth_data=user)

    def _authenticate(self, server: SMTP, peer: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(mechanism)
        good = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False, auth_data=data.login.decode())

    async def _scripted(self, server: SMTP, command: str) -> str:
        answer = self.script[command].popleft() if self.script[command] else ""
        if answer == HANG:
            await self._released.wait()
            return ""
        if answer == RESET:
            cast(asyncio.Transport, server.transport).abort()
            # The server ends whoever waits on a connection that is lost.
            await asyncio.get_running_loop().create_future()
        return answer
