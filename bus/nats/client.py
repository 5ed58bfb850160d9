"""How a manifest's url, tls and auth become a connection to NATS, and every way in which that can fail, in words.

Shared by the event source, the trigger and whatever else talks to NATS.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from nats import errors

from bus.nats.connection import KEEPALIVE, Connection, Lost, NotAllowed, reason_of, text_of
from bus.nats.login import Login, login_of, with_userinfo
from config.credentials import Secrets
from config.errors import EventyardError, Permanent, Temporary
from config.model import NATSAuth, TLSConfig
from config.tls import check_tls, make_context

PORT: Final = 4222

PATIENCE: Final = 3.0
"""Seconds that one server may take until it has accepted a connection."""

ALL: Final = 10.0
"""The same for all servers of a list."""

_UNREACHABLE: Final = "check the url, and that the server runs and can be reached from here"
_TLS: Final = "check the tls block: caCertSecret, clientCertSecret and clientKeySecret must fit the server"


@dataclass(frozen=True, slots=True)
class Address:
    """A server. `text` shows it to people, without the login that its URL may hold."""

    host: str
    port: int
    secure: bool = False
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """`host:port`."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Target:
    """All that is needed to connect. With `tls` nothing is sent in the clear: a server without TLS is refused."""

    addresses: Sequence[Address]
    login: Login = Login()
    tls: ssl.SSLContext | None = None

    @property
    def text(self) -> str:
        """The addresses, for people."""
        return "NATS " + ", ".join(address.text for address in self.addresses)


def parse_addresses(url: str) -> list[Address]:
    """The servers of a list separated by commas, as `nats://host:4222` or `host`; port 4222 if none is given.

    `tls://` demands TLS. Raises Permanent.
    """
    found = [_address(part.strip()) for part in url.split(",") if part.strip()]
    if not found:
        raise Permanent("no server is given", where="url", fix="write nats://HOST:4222")
    return found


def _address(url: str) -> Address:
    fix = "write nats://HOST:4222, several with commas between them"
    try:
        parts = urlsplit(url if "://" in url else f"nats://{url}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or host == "none":  # which the library takes for none
        raise Permanent("it is no address of a server", where="url", fix=fix)
    if parts.scheme not in ("nats", "tls"):
        raise Permanent(f"a server cannot be reached by '{parts.scheme}://'", where="url", fix=fix)
    user, password = (None if text is None else unquote(text) for text in (parts.username, parts.password))
    return Address(host, PORT if port is None else port, parts.scheme == "tls", user, password)


def check_connection(url: str, tls: TLSConfig | None, auth: NATSAuth | None) -> list[tuple[str, str, str]]:
    """Faults of the fields that say how to connect: (field path, what, fix). A url that is missing is none."""
    found = check_tls(tls)
    try:
        if url:
            parse_addresses(url)
    except EventyardError as error:
        found.append(("url", error.what, error.fix))
    if auth is not None and not (auth.basic or auth.token or auth.nkey or auth.credential):
        found.append(("auth", "warning: is empty, nobody logs in", "give basic, token, nkey or credential"))
    if auth is not None and auth.basic is not None and not (auth.basic.username and auth.basic.password):
        found.append(("auth.basic", "needs a username and a password", "give both, from Secrets"))
    return found


def prepare(url: str, tls: TLSConfig | None, auth: NATSAuth | None, secrets: Secrets) -> Target:
    """Read addresses, certificates and login, from Secrets as they are now. Raises Temporary if a Secret is missing,
    Permanent if what it holds cannot be used or the manifest is at fault."""
    context = None if tls is None else make_context(tls, secrets)
    return Target(parse_addresses(url), login_of(auth, secrets), context)


async def connect(
    target: Target, name: str, *, patience: float = PATIENCE, limit: float = ALL, keepalive: float = KEEPALIVE
) -> Connection:
    """A connection to the first server of the list that accepts one; `name` is how the server's list of connections calls
    it. Raises Temporary, which says of each server what it answered and how to mend that."""
    failures: list[Temporary] = []
    try:
        async with asyncio.timeout(limit):
            for address in target.addresses:
                try:
                    return await _connect(address, target, name, patience, keepalive)
                except Temporary as failure:
                    failures.append(failure)
    except TimeoutError:
        failures.append(Temporary(f"no server has accepted a connection within {limit:g} s", where=target.text))
    if len(failures) == 1:
        raise failures[0]
    what = "; ".join(str(failure) for failure in failures)
    raise Temporary(what, where=target.text, fix=failures[0].fix)


async def _connect(address: Address, target: Target, name: str, patience: float, keepalive: float) -> Connection:
    demands_tls = target.tls is not None or address.secure
    connection = Connection(f"NATS {address.text}", demands_tls=demands_tls)
    login = with_userinfo(target.login, address.user, address.password)
    options = {"name": name, "tls": target.tls, "connect_timeout": patience, **login.options()}
    try:
        async with asyncio.timeout(patience):
            await connection.open(f"nats://{address.text}", keepalive, **options)
    except BaseException as error:
        await connection.close()
        if isinstance(error, Exception):
            raise _failure(error, connection.where, login, patience) from None
        raise
    return connection


def _failure(error: Exception, where: str, login: Login, patience: float) -> Temporary:
    """In words why no connection came about."""
    match error:
        case TimeoutError():
            return Temporary(f"it did not answer within {patience:g} s", where=where, fix=_UNREACHABLE)
        case ssl.SSLError():
            return Temporary(f"TLS with it fails: {reason_of(error)}", where=where, fix=_TLS)
        case OSError() | UnicodeError():  # a name that is none
            return Temporary(f"it cannot be reached: {reason_of(error)}", where=where, fix=_UNREACHABLE)
        case errors.Error() if "auth" in text_of(error).lower():
            given = f"check {login.kind}" if login.kind else "give a login in auth"
            what = f"it refuses {f'the login of {login.kind}' if login.kind else 'who has no login'}"
            return Temporary(f"{what}: {text_of(error)}", where=where, fix=given)
        case errors.Error() if "INFO" not in text_of(error).upper():
            what = f"it does not accept the connection: {text_of(error)}"
            return Temporary(what, where=where, fix=_UNREACHABLE)
    # What is no INFO ends the library in many ways.
    return Temporary("it does not speak NATS", where=where, fix=_UNREACHABLE)


def lost(connection: Connection) -> Temporary:
    """For a connection that is over."""
    return Temporary(f"the connection is lost: {connection.reason}", where=connection.where, fix=_UNREACHABLE)


@contextmanager
def explained(connection: Connection) -> Iterator[None]:
    """What a connection raises, as Temporary: an operator may mend all of it at the server."""
    try:
        yield
    except Lost:
        raise lost(connection) from None
    except NotAllowed as error:
        verb = "publish to" if error.action == "publish" else "subscribe to"
        fix = "allow it in the server's permissions, or log in as someone who may"
        raise Temporary(f"the user may not {verb} '{error.subject}'", where=connection.where, fix=fix) from None
