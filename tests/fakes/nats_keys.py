"""NKEYs and the JWTs of NATS's decentralized logins, made as its own tool makes them (nats-io/jwt, version 2)."""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass
from typing import Any

import nkeys  # type: ignore[import-untyped]
import orjson


@dataclass(frozen=True, slots=True)
class Key:
    """A key pair; `public` begins with O, A or U."""

    seed: str
    public: str

    def sign(self, data: bytes) -> bytes:
        """Ed25519."""
        signature: bytes = nkeys.from_seed(self.seed.encode()).sign(data)
        return signature


def make_key(prefix: int) -> Key:
    """Of an operator, account or user: one of nkeys.PREFIX_BYTE_*."""
    seed: bytes = nkeys.encode_seed(secrets.token_bytes(32), prefix)
    return Key(seed.decode(), nkeys.from_seed(seed).public_key.decode())


def operator_key() -> Key:
    """Whose word a server takes."""
    return make_key(nkeys.PREFIX_BYTE_OPERATOR)


def account_key() -> Key:
    """Of an account."""
    return make_key(nkeys.PREFIX_BYTE_ACCOUNT)


def user_key() -> Key:
    """Of someone who logs in."""
    return make_key(nkeys.PREFIX_BYTE_USER)


def jwt(signer: Key, subject: Key, kind: str, *, lifetime: float = 3600, **claims: Any) -> str:
    """What the signer says of the subject; `kind` is operator, account or user."""
    now = int(time.time())
    body = {
        "jti": secrets.token_hex(16).upper(),
        "iat": now,
        "exp": int(now + lifetime),
        "iss": signer.public,
        "name": kind,
        "sub": subject.public,
        "nats": {"type": kind, "version": 2, **claims},
    }
    text = b".".join(map(_base64, (orjson.dumps({"typ": "JWT", "alg": "ed25519-nkey"}), orjson.dumps(body))))
    return (text + b"." + _base64(signer.sign(text))).decode()


def credentials(token: str, user: Key) -> str:
    """A credentials file."""
    return f"""-----BEGIN NATS USER JWT-----
{token}
------END NATS USER JWT------

************************* IMPORTANT *************************
NKEY Seed printed below can be used to sign and prove identity.
NKEYs are sensitive and should be treated as secrets.

-----BEGIN USER NKEY SEED-----
{user.seed}
------END USER NKEY SEED------

*************************************************************
"""


def unlimited() -> dict[str, Any]:
    """An account without limits."""
    limits = dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1)
    return {"limits": {**limits, "wildcards": True}}


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
