"""TLS settings of a manifest -> the standard library's SSLContext, for everything that opens connections."""

from __future__ import annotations

import os
import ssl
import tempfile
from pathlib import Path

from config.credentials import Secrets, text_of
from config.errors import Permanent
from config.model import TLSConfig


def check_tls(tls: TLSConfig | None, field: str = "tls") -> list[tuple[str, str, str]]:
    """Faults of a TLS block: (field path, what, fix), as `Trigger.check` returns them."""
    if tls is None or tls.insecure_skip_verify:
        return []
    if (tls.client_cert_secret is None) != (tls.client_key_secret is None):
        return [(field, "a client certificate and its key belong together", "give both or neither")]
    if not tls.enabled and tls.ca_cert_secret is None and tls.client_cert_secret is None:
        return [(field, "neither certificates nor 'enabled' are given", "write 'enabled: true' for the system's roots")]
    return []


def make_context(tls: TLSConfig, secrets: Secrets) -> ssl.SSLContext:
    """The context for outgoing connections; reads the Secrets now.

    Raises Temporary if a Secret is missing, Permanent if the block is at fault or a certificate unusable. As in Argo
    Events, a given authority replaces the system's, and `insecureSkipVerify` wins over all certificates.
    """
    for field, what, fix in check_tls(tls):
        raise Permanent(what, where=field, fix=fix)
    try:
        if tls.insecure_skip_verify:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return context
        authority = text_of(secrets, tls.ca_cert_secret) if tls.ca_cert_secret else None
        context = ssl.create_default_context(cadata=authority)
        if tls.client_cert_secret and tls.client_key_secret:
            _load(context, text_of(secrets, tls.client_cert_secret), text_of(secrets, tls.client_key_secret))
    except (ssl.SSLError, ValueError) as error:
        reason = getattr(error, "reason", None) or "it is no PEM text"
        raise Permanent(f"a certificate or key of the tls block cannot be used: {reason}") from None
    return context


def _load(context: ssl.SSLContext, certificate: str, key: str) -> None:
    # The standard library reads client certificates only from files; this one is the owner's alone and gone at once.
    handle, name = tempfile.mkstemp(prefix="eventyard-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"{certificate.strip()}\n{key.strip()}\n")
        # Without a callback, OpenSSL would ask the terminal for the password of an encrypted key.
        context.load_cert_chain(name, password=lambda: b"")
    finally:
        Path(name).unlink()
