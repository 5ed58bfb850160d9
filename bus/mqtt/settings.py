"""How a manifest says where an MQTT broker is and who connects: the fields that sources and triggers share."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field

from config.credentials import Secrets, text_of
from config.duration import Duration
from config.errors import EventyardError, Permanent
from config.model import BasicAuth, Model, TLSConfig
from config.secret import Secret
from config.tls import check_tls, make_context

V3: Final = 4
"""The protocol level of MQTT 3.1.1."""
V5: Final = 5
"""The protocol level of MQTT 5."""

_PLAIN, _SECURE = ("tcp", "mqtt"), ("ssl", "tls", "mqtts", "tcps", "mqtt+ssl")
_PORTS: Final = {**dict.fromkeys(_PLAIN, 1883), **dict.fromkeys(_SECURE, 8883), "ws": 80, "wss": 443}
_WRITE: Final = "write it like tcp://HOST:1883, ssl://HOST:8883 or ws://HOST/PATH"
_KEEP_ALIVE: Final = Duration(30_000_000_000)
_KEEP_ALIVE_MOST: Final = 65_535
CLIENT_ID_MOST: Final = 65_535
_VERSIONS: Final[Mapping[str, tuple[int, ...]]] = {"": (V5, V3), "5": (V5,), "3.1.1": (V3,)}


class BrokerSettings(Model):
    """The part of an `mqtt` block that says how to connect."""

    url: str = Field(default="", description="tcp://, mqtt://, ssl://, mqtts://, ws:// or wss:// with host and port.")
    client_id: str = Field(default="", description="By which the broker knows this client; no two may have the same.")
    tls: TLSConfig | None = Field(default=None, description="Own certificates; without it the system's roots hold.")
    auth: BasicAuth | None = Field(default=None, description="User name and password.")
    protocol_version: Literal["", "3.1.1", "5", 5] = Field(
        default="", description="3.1.1 or 5; without it 5, and 3.1.1 where the broker does not know 5."
    )
    keep_alive: Duration = Field(
        default=_KEEP_ALIVE, description="After so long without an answer the broker counts as gone."
    )

    def broker(self) -> BrokerSettings:
        """These fields alone: equal for those who can share a connection."""
        return BrokerSettings.model_construct(**{name: getattr(self, name) for name in BrokerSettings.model_fields})


@dataclass(frozen=True, slots=True)
class Address:
    """Where a broker is; `path` is that of a WebSocket, empty without one. `login` is what the URL says of it."""

    host: str
    port: int
    secure: bool
    path: str = ""
    user: str = ""
    password: Secret = field(default=Secret(""), repr=False)

    def __str__(self) -> str:
        scheme = ("ws" if self.path else "mqtt") + ("s" if self.secure else "")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}{self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to connect, with all that Secrets know. `versions` are tried in this order; `receive_maximum` messages may be
    unacknowledged (MQTT 5; 0 = as many as the broker likes); a session is kept for `session_expiry` seconds unless
    `clean`; of a message larger than `message_limit` bytes only the size is kept."""

    address: Address
    client_id: str
    versions: tuple[int, ...]
    tls: ssl.SSLContext | None = None
    user: str | None = None
    password: Secret | None = None
    keep_alive: int = 30
    clean: bool = True
    session_expiry: int = 0
    receive_maximum: int = 0
    message_limit: int = 1 << 20


def parse_address(url: str) -> Address:
    """Read a broker's URL. Raises Permanent, whose text does not repeat the URL: it may hold a password."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise Permanent("the URL has a malformed host or port", where="url", fix=_WRITE) from None
    if parts.scheme not in _PORTS:
        what = f"the scheme '{parts.scheme[:20]}', which is none of MQTT" if parts.scheme else "no scheme"
        raise Permanent(f"the URL has {what}", where="url", fix=_WRITE)
    if not host or not host.isprintable():
        raise Permanent("the URL has no host", where="url", fix=_WRITE)
    path = ""
    if parts.scheme in ("ws", "wss"):
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(
        host=host,
        port=port or _PORTS[parts.scheme],
        secure=parts.scheme in _SECURE or parts.scheme == "wss",
        path=path,
        user=unquote(parts.username or ""),
        password=Secret(unquote(parts.password or "")),
    )


def check_connection(settings: BrokerSettings) -> list[tuple[str, str, str]]:
    """What `check` of an adapter says of these fields: (field path, what, fix)."""
    found = check_tls(settings.tls)
    if settings.url:
        try:
            address = parse_address(settings.url)
        except EventyardError as error:
            found.append(("url", error.what, error.fix))
        else:
            if settings.tls is not None and not address.secure:
                what = "warning: the URL says that nothing is encrypted and tls says that it is: TLS is used"
                found.append(("url", what, "write ssl:// or wss:// (Argo Events would not use TLS here)"))
    if len(settings.client_id.encode("utf-8", "replace")) > CLIENT_ID_MOST:
        found.append(("clientId", f"is longer than {CLIENT_ID_MOST} bytes", "choose a shorter one"))
    if not 1 <= settings.keep_alive.seconds <= _KEEP_ALIVE_MOST:
        found.append(("keepAlive", f"'{settings.keep_alive}' is not allowed", f"write 1s to {_KEEP_ALIVE_MOST}s"))
    return found


def connection_options(settings: BrokerSettings, secrets: Secrets) -> Options:
    """Everything needed to connect, for a session that ends with the connection; reads the Secrets now.

    Raises Temporary if a Secret is missing, Permanent for whatever else is wrong on this side.
    """
    address = parse_address(settings.url)
    context = None
    if settings.tls is not None:
        context = make_context(settings.tls, secrets)
        address = replace(address, secure=True)
    elif address.secure:
        context = ssl.create_default_context()
    user: str | None = address.user or None
    password = address.password or None
    if (auth := settings.auth) is not None:
        # MQTT allows either without the other.
        user = text_of(secrets, auth.username) if auth.username is not None else None
        password = Secret(text_of(secrets, auth.password)) if auth.password is not None else None
    return Options(
        address=address,
        client_id=settings.client_id,
        versions=_VERSIONS[str(settings.protocol_version)],
        tls=context,
        user=user,
        password=password,
        keep_alive=int(settings.keep_alive.seconds),
    )
