"""How a manifest's url, tls and auth become a connection to NATS, and every way in which that can fail, in words.

Shared by the event source, the trigger and whatever else talks to NATS.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from bus.nats_connection import KEEPALIVE, Connection, Lost, NotAllowed, reason_of
from bus.nats_login import Login, login_of, with_userinfo
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
    if not host:
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
    connection = Connection(f"NATS {address.text}", keepalive=keepalive)
    login = with_userinfo(target.login, address.user, address.password)
    try:
        async with asyncio.timeout(patience):
            loop = asyncio.get_running_loop()
            await loop.create_connection(lambda: connection, address.host, address.port)
            await connection.greeted
            secured = await _secure(connection, address, target.tls)
            await connection.introduce(_options(connection.info, login, name, secured))
    except BaseException as error:
        await connection.close()
        if (failure := _failure(error, connection, login, patience)) is not None:
            raise failure from None
        raise
    return connection


async def _secure(connection: Connection, address: Address, tls: ssl.SSLContext | None) -> bool:
    """Go on under TLS if we or the server want it, before anything secret is sent."""
    required, offered = (bool(connection.info.get(name)) for name in ("tls_required", "tls_available"))
    if tls is None and not address.secure and not required:
        return False
    if not (required or offered):
        raise ssl.SSLError("the server offers none")
    await connection.secure(tls or ssl.create_default_context(), address.host)
    return True


def _options(info: Mapping[str, Any], login: Login, name: str, secured: bool) -> dict[str, Any]:
    return {
        "verbose": False,
        "pedantic": False,
        "lang": "python",
        "version": "eventyard",
        "protocol": 1,
        "headers": True,
        "no_responders": True,
        "tls_required": secured,
        "name": name,
        **login.options(str(info.get("nonce", ""))),
    }


def _failure(error: BaseException, connection: Connection, login: Login, patience: float) -> Temporary | None:
    """In words why no connection came about; None for what is no fault of the server's."""
    where = connection.where
    match error:
        case TimeoutError():
            return Temporary(f"it did not answer within {patience:g} s", where=where, fix=_UNREACHABLE)
        case ssl.SSLError():
            return Temporary(f"TLS with it fails: {reason_of(error)}", where=where, fix=_TLS)
        case OSError():
            return Temporary(f"it cannot be reached: {reason_of(error)}", where=where, fix=_UNREACHABLE)
        case Lost() if "auth" in connection.complaint.lower():
            given = f"check {login.kind}" if login.kind else "give a login in auth"
            what = f"it refuses {f'the login of {login.kind}' if login.kind else 'who has no login'}"
            return Temporary(f"{what}: {connection.complaint}", where=where, fix=given)
        case Lost() if connection.tls_failed:
            return Temporary(f"TLS with it fails: {error}", where=where, fix=_TLS)
        case Lost():
            return Temporary(f"it does not accept the connection: {error}", where=where, fix=_UNREACHABLE)
    return None


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
