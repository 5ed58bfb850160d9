"""Who connects to NATS: the `auth` block of a manifest -> what the library tells a server in CONNECT.

NKEYs are Ed25519 keys: the server sends a nonce, which is signed with the seed; the seed itself never leaves the process. A
credentials file holds such a seed and a JWT that says who its owner is. They need the library nkeys, nothing else does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from nats.aio.client import RawCredentials

from config.credentials import Secrets, text_of
from config.errors import Permanent
from config.model import NATSAuth
from config.secret import Secret

_JWT: Final = re.compile(r"-----BEGIN NATS USER JWT-----\s*(\S+?)\s*-+END NATS USER JWT-+")
_SEED: Final = re.compile(r"-----BEGIN USER NKEY SEED-----\s*(\S+?)\s*-+END USER NKEY SEED-+")

# The library's own reading of such a file knows no blanks and no other ends of lines, and does not end if there is no JWT.
_FILE: Final = "-----BEGIN NATS USER JWT-----\n{}\n-----BEGIN USER NKEY SEED-----\n{}\n"

_NONE: Final = Secret("")


@dataclass(frozen=True, slots=True)
class Login:
    """What a server is told; empty where that is nothing. `kind` is its field in the manifest, for messages."""

    kind: str = ""
    user: str = ""
    password: Secret = _NONE
    token: Secret = _NONE
    seed: Secret = _NONE
    jwt: Secret = _NONE

    def options(self) -> dict[str, Any]:
        """As options of the library's `connect`. The nonce that a server sends is signed by it."""
        options: dict[str, Any] = {}
        if self.user:
            options |= {"user": self.user, "password": self.password.reveal()}
        if self.token:
            options["token"] = self.token.reveal()
        if self.jwt:
            options["user_credentials"] = RawCredentials(_FILE.format(self.jwt.reveal(), self.seed.reveal()))
        elif self.seed:
            options["nkeys_seed_str"] = self.seed.reveal()
        return options


def login_of(auth: NATSAuth | None, secrets: Secrets) -> Login:
    """The login of an `auth` block; the first of basic, token, nkey, credential counts. Raises Temporary if
    a Secret is missing, Permanent if it cannot be used."""
    if auth is None:
        return Login()
    if auth.basic is not None:
        user, password = auth.basic.username, auth.basic.password
        if user is None or password is None:
            raise Permanent("auth.basic needs a username and a password", fix="give both, from Secrets")
        return Login("auth.basic", user=text_of(secrets, user), password=Secret(text_of(secrets, password)))
    if auth.token is not None:
        return Login("auth.token", token=Secret(text_of(secrets, auth.token)))
    if auth.nkey is not None:
        return _checked(Login("auth.nkey", seed=Secret(text_of(secrets, auth.nkey).strip())))
    if auth.credential is not None:
        text = text_of(secrets, auth.credential)
        jwt, seed = _JWT.search(text), _SEED.search(text)
        if jwt is None or seed is None:
            raise Permanent(
                "the Secret of auth.credential holds no credentials file",
                fix="give the whole file that nsc has written",
            )
        return _checked(Login("auth.credential", seed=Secret(seed[1]), jwt=Secret(jwt[1])))
    return Login()


def with_userinfo(login: Login, user: str | None, password: str | None) -> Login:
    """A URL's user and password count before the manifest's; a user alone is a token."""
    if user is None:
        return login
    if password is None:
        return Login("url", token=Secret(user), seed=login.seed, jwt=login.jwt)
    return Login("url", user=user, password=Secret(password), seed=login.seed, jwt=login.jwt)


def _checked(login: Login) -> Login:
    """The login, whose seed can sign. Raises Permanent."""
    try:
        import nkeys  # type: ignore[import-untyped]
    except ModuleNotFoundError:
        raise Permanent(
            "auth.nkey and auth.credential need the library nkeys", fix="pip install 'eventyard[nats]'"
        ) from None
    try:
        nkeys.from_seed(login.seed.reveal().encode()).sign(b"")
    except Exception:
        # Of many types, and each might show the seed.
        raise Permanent("the NKEY seed is none", fix="a user's seed begins with SU and has 58 letters") from None
    return login
