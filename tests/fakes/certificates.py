"""Certificates of an authority that exists for tests only: one for 127.0.0.1, one for a client; valid until 2125."""

from __future__ import annotations

import ssl
from pathlib import Path

_FOLDER = Path(__file__).parent / "tls"


def pem(name: str) -> str:
    """`ca.pem`, `server.pem`, `server.key`, `client.pem` or `client.key`."""
    return (_FOLDER / name).read_text()


def server_context(*, demand_client: bool = False) -> ssl.SSLContext:
    """What a server on 127.0.0.1 needs; it may demand that clients show a certificate as well."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=_FOLDER / "ca.pem")
    context.load_cert_chain(_FOLDER / "server.pem", _FOLDER / "server.key")
    if demand_client:
        context.verify_mode = ssl.CERT_REQUIRED
    return context
