"""One session with a mail server: connected, encrypted, logged in; what goes wrong in it told apart.

Rules: RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 4954 (AUTH), RFC 8314 (TLS from the first byte on port 465).
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPTimeoutError,
)

from config.credentials import Secrets
from config.errors import Permanent, Temporary
from config.model import TLSConfig
from config.tls import make_context
from triggers.text import printable

TLS_PORT: Final = 465

PATIENCE: Final = 60.0
"""Seconds that a server may take for each of its answers."""

_FAREWELL: Final = 5.0
_SHOWN: Final = 512
_HIDDEN: Final = "***"
# A password that was refused is sent once: to try it by every method could lock the account.
_METHODS: Final = ("plain", "login", "cram-md5")
_NEEDS_LOGIN: Final = 530
_AUTHORITY: Final = "put the server's authority into tls.caCertSecret, or give it a certificate for this name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where mails are handed over. There is a login if both its parts are given. With `tls` the session has to be encrypted."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    tls: TLSConfig | None = None
    patience: float = PATIENCE

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Session:
    """A session that is ready for mails, one after the other."""

    def __init__(self, client: SMTP, server: Server) -> None:
        self._client, self._server = client, server

    @property
    def is_open(self) -> bool:
        """Whether another mail can be handed over."""
        return self._client.is_connected

    async def deliver(self, sender: str, address: str, message: bytes) -> str:
        """What the server says on taking the message. Raises Temporary, or Permanent if the server refuses it for good."""
        with _explained(self._server):
            return words((await self._client.sendmail(sender, address, message))[1])


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def words(text: str) -> str:
    """What a server says, on one line and cut."""
    return printable(text.encode("utf-8", "replace").decode())[:_SHOWN]


@asynccontextmanager
async def open_session(server: Server, secrets: Secrets) -> AsyncIterator[Session]:
    """A session, which is encrypted if the server can do so, and always on port 465; its certificate is verified.

    Raises Temporary where nobody answers, the login is refused, or the login would be readable on its way to another machine;
    Permanent where the server wants nothing from us.
    """
    at_once = server.port == TLS_PORT
    client = SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=at_once,
        start_tls=False,
        tls_context=await _trust(server, secrets) if at_once else None,
        timeout=server.patience,
    )
    try:
        with _explained(server):
            await client.connect()
            await client.ehlo()
            if not at_once and client.supports_extension("starttls"):
                await client.starttls(tls_context=await _trust(server, secrets))
                await client.ehlo()
        _demand_privacy(client, server)
        if server.username and server.password and client.supports_extension("auth"):
            await _log_in(client, server)
        yield Session(client, server)
        # The server has all mails already; how it says goodbye changes nothing.
        with suppress(SMTPException, OSError):
            await client.quit(timeout=_FAREWELL)
    finally:
        client.close()


async def _trust(server: Server, secrets: Secrets) -> ssl.SSLContext:
    # Loading the system's authorities takes long enough to be felt by everybody else.
    return await asyncio.to_thread(make_context, server.tls or TLSConfig(enabled=True), secrets)


def _demand_privacy(client: SMTP, server: Server) -> None:
    if client.get_transport_info("sslcontext") is not None:
        return
    if server.tls is not None:
        fix = "let the server offer STARTTLS, or use port 465"
        raise Temporary("the server offers no encryption, which tls demands", where=str(server), fix=fix)
    if server.username and server.password and client.supports_extension("auth") and not is_loopback(server.host):
        raise Temporary(
            "the server offers no encryption, and the password is not sent in the clear",
            where=str(server),
            fix="let the server offer STARTTLS, use port 465, or remove username if no login is needed",
        )


async def _log_in(client: SMTP, server: Server) -> None:
    where, login = (
        str(server),
        {"plain": client.auth_plain, "login": client.auth_login, "cram-md5": client.auth_crammd5},
    )
    method = next((each for each in _METHODS if each in client.server_auth_methods), None)
    if method is None:
        offered = words(" ".join(client.server_auth_methods))
        raise Temporary(f"the server knows only logins by {offered}", where=where, fix="enable PLAIN at the server")
    try:
        with _explained(server):
            await login[method](server.username, server.password)
    except Permanent as error:
        # A password is mended in its Secret or at the server, and what is waiting need not be given up for that.
        raise Temporary(error.what, where=where, fix=error.fix) from None


@contextmanager
def _explained(server: Server) -> Iterator[None]:
    """The client's errors become Temporary or Permanent."""
    where = str(server)
    try:
        yield
    except SMTPRecipientsRefused as error:
        refusal = error.recipients[0]
        raise _answered(refusal, "the recipient", where, "check the address in to") from None
    except SMTPSenderRefused as error:
        raise _answered(error, "the sender", where, "check from, and whom the server takes mail from") from None
    except SMTPAuthenticationError as error:
        what = _without_login(words(error.message), server)
        fix = "check username and the Secret of smtpPassword"
        raise Temporary(f"the server refuses the login: {error.code} {what}", where=where, fix=fix) from None
    except SMTPResponseException as error:
        raise _answered(error, "the mail", where, "see what the server says") from None
    except SMTPTimeoutError:
        raise Temporary(f"the server gives no answer for {server.patience:g} s", where=where) from None
    except (SMTPConnectError, ssl.SSLError) as error:
        raise _unconnected(error, where) from None
    except (SMTPException, OSError) as error:
        raise Temporary(f"the connection broke: {words(str(error))}", where=where) from None
    except UnicodeError:
        raise Permanent("the name of the host is no name", where=where, fix="check host") from None


def _answered(error: SMTPResponseException, what: str, where: str, fix: str) -> Temporary | Permanent:
    """An answer of the server: 5xx is a last word, everything else is not (RFC 5321, section 4.2.1)."""
    said = f"{error.code} {words(error.message)}"
    if not 500 <= error.code <= 599:
        return Temporary(f"the server does not take {what} now: {said}", where=where)
    if error.code == _NEEDS_LOGIN:
        fix = "give username and smtpPassword"
    return Permanent(f"the server refuses {what}: {said}", where=where, fix=fix)


def _unconnected(error: Exception, where: str) -> Temporary:
    cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return Temporary(
            f"the server's certificate is not trusted: {cause.verify_message}", where=where, fix=_AUTHORITY
        )
    if isinstance(cause, ssl.SSLError):
        fix = "check port: 465 is for TLS from the start, others begin without"
        return Temporary(f"no TLS with the server: {cause.reason}", where=where, fix=fix)
    number = cause.errno if isinstance(cause, OSError) else None
    # The standard library's text repeats the address; what the name service says has numbers below zero.
    reason = os.strerror(number) if number is not None and number > 0 else words(str(cause))
    return Temporary(f"no connection: {reason}", where=where, fix="check host and port")


def _without_login(text: str, server: Server) -> str:
    """What a server says, if it repeats none of what it was sent as a login."""
    user, password = server.username.encode(), server.password.encode()
    forms = (b64encode(b"\0" + user + b"\0" + password), b64encode(password), password)
    for form in forms:
        text = text.replace(form.decode(), _HIDDEN)
    return text
