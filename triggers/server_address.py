"""Where Argo Server is and how to log in: by the trigger's `server` block, else by what the `argo` command reads from its
environment."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pydantic import Field

from config.credentials import Secrets, text_of
from config.errors import Permanent
from config.model import Model, SecretKeySelector, TLSConfig
from config.tls import check_tls, make_context
from triggers.target import Target, parse_target

_URL: Final = "write it like https://argo-server.argo:2746"


class ArgoServer(Model):
    """eventyard's own: do it through Argo Server, not through the cluster's API."""

    url: str = Field(
        default="",
        description="Where it is, with the base path if it has one: https://argo-server.argo:2746. Without it, as the argo "
        "command does, ARGO_SERVER (host:port), ARGO_BASE_HREF, ARGO_SECURE and ARGO_INSECURE_SKIP_VERIFY.",
    )
    token: SecretKeySelector | None = Field(
        default=None,
        description="The token to log in with, with or without `Bearer` before it; without it ARGO_TOKEN, if there is one.",
    )
    tls: TLSConfig | None = Field(default=None, description="Own certificates; without it the system's roots hold.")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """A server, its certificates, and where its token comes from."""

    target: Target
    tls: TLSConfig | None
    selector: SecretKeySelector | None
    token: str = field(default="", repr=False)

    def context(self, secrets: Secrets) -> ssl.SSLContext | None:
        """For connections to it; None = the system's own."""
        return None if self.tls is None else make_context(self.tls, secrets)

    def authorization(self, secrets: Secrets) -> str:
        """The header's value, empty without a token. Raises Temporary if the Secret is not there."""
        token = text_of(secrets, self.selector).strip() if self.selector is not None else self.token.strip()
        if not token:
            return ""
        if not (token.isascii() and token.isprintable()):
            raise Permanent("the token holds characters that no token has", fix="check the Secret of server.token")
        return token if " " in token else f"Bearer {token}"


def find_server(block: ArgoServer | None, environ: Mapping[str, str]) -> ServerAddress | None:
    """The server that is meant; None if it is the cluster's API. Raises Permanent if its address is none."""
    if block is None and not environ.get("ARGO_SERVER"):
        return None
    block = block or ArgoServer()
    text, tls = block.url, block.tls
    if not text:
        if not (host := environ.get("ARGO_SERVER")):
            raise Permanent("nothing says where Argo Server is", fix=f"give server.url: {_URL}, or set ARGO_SERVER")
        scheme = "http" if environ.get("ARGO_SECURE") == "false" else "https"
        text = f"{scheme}://{host}/{environ.get('ARGO_BASE_HREF', '').strip('/')}"
        if tls is None and environ.get("ARGO_INSECURE_SKIP_VERIFY") == "true":
            tls = TLSConfig(insecure_skip_verify=True)
    return ServerAddress(parse_target(text.rstrip("/")), tls, block.token, environ.get("ARGO_TOKEN", ""))


def check_server(block: ArgoServer | None) -> list[tuple[str, str, str]]:
    """Faults of the block, as `Trigger.check` returns them."""
    if block is None:
        return []
    found = check_tls(block.tls, "server.tls")
    if block.url:
        try:
            parse_target(block.url)
        except Permanent as error:
            found.append(("server.url", error.what, _URL))
    return found
