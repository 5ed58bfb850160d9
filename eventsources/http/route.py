"""Where a source listens: the `webhook` block that all HTTP-fed sources of Argo Events have, and the route made of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from config.errors import EventyardError
from config.model import Int64, Model, SecretKeySelector
from eventsources.go.url import compile_endpoint
from eventsources.http.request import Answer, Request

if TYPE_CHECKING:
    from config.credentials import Secrets

Fault = tuple[str, str, str]
"""(field path, what, fix)."""

DEFAULT_BODY_LIMIT: Final = 1 << 20
"""Bytes of a body where a manifest says nothing of `maxPayloadSize`."""


class WebhookContext(Model):
    """Where and how a source listens.

    endpoint: an exact path, in which `{name}` and `{name:regexp}` stand for parts that vary. port: as text. url: how the
    port is reached from outside, for registering hooks. TLS needs both certificate and key. authSecret: a bearer token.
    maxPayloadSize: bytes of a body.
    """

    endpoint: str = ""
    method: str = ""
    port: str = ""
    url: str = ""
    server_cert_secret: SecretKeySelector | None = None
    server_key_secret: SecretKeySelector | None = None
    auth_secret: SecretKeySelector | None = None
    metadata: dict[str, str] | None = None
    max_payload_size: Int64 | None = None

    @property
    def body_limit(self) -> int:
        """Bytes that a body may have; below 1 only an empty one passes."""
        return DEFAULT_BODY_LIMIT if self.max_payload_size is None else self.max_payload_size

    def address(self, host: str) -> str:
        """Where it is reached from this machine, if listeners are bound on `host`."""
        secure = self.server_cert_secret is not None and self.server_key_secret is not None
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if secure else 'http'}://{shown}:{self.port}{self.endpoint}"

    @property
    def public_url(self) -> str:
        """The address that a hook is registered with, "" if `url` is not set."""
        return f"{self.url.rstrip('/')}/{self.endpoint.removeprefix('/')}" if self.url else ""


def check_context(context: WebhookContext, at: str = "") -> list[Fault]:
    """What is wrong with a `webhook` block: (field path, what, fix). `at` is put before each field."""
    faults: list[Fault] = []
    if not context.endpoint:
        faults.append((f"{at}endpoint", "endpoint can't be empty", "give the path to listen on, such as /push"))
    else:
        try:
            compile_endpoint(context.endpoint)
        except EventyardError as error:
            faults.append((f"{at}endpoint", f"warning: {error.what}", error.fix))
    if not context.port:
        faults.append((f"{at}port", "port can't be empty", 'give it as text, such as "12000"'))
    else:
        try:
            parse_port(context.port)
        except EventyardError as error:
            # Argo Events takes any whole number here and fails later, when it listens.
            whole = context.port.lstrip("+-").isdecimal()
            faults.append((f"{at}port", f"warning: {error.what}" if whole else error.what, error.fix))
    if (context.server_cert_secret is None) != (context.server_key_secret is None):
        missing = "serverKeySecret" if context.server_key_secret is None else "serverCertSecret"
        faults.append((f"{at}{missing}", "warning: without it there is no TLS", "give both certificate and key"))
    return faults


def parse_port(text: str) -> int:
    """A port number, 0 = any that is free. Raises EventyardError."""
    sign = text[:1] in ("+", "-")
    digits = text[sign:]
    if not (digits.isascii() and digits.isdecimal()):
        raise EventyardError(f"port '{text}' is no number", fix='give it as text, such as "12000"')
    number = int(text) if len(digits) < 10 else 1 << 16
    if not 0 <= number < 1 << 16:
        raise EventyardError(f"there is no port {text}", fix="choose one from 1 to 65535")
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A path on a port, whose it is, and what handles its requests.

    owner: the same for each version of a source, so that a changed one can take its path over.
    """

    owner: str
    context: WebhookContext
    values: Secrets
    handle: Callable[[Request], Awaitable[Answer]]
