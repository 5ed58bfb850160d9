"""What GitHub demands of requests to its API, as far as hooks go, and the credentials that the stand-in for it knows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

TOKEN = "ghp_a-token-that-nobody-sees"
APP_ID, INSTALLATION = 4711, 815
EVENTS = {"*", "create", "issues", "ping", "pull_request", "push", "release", "workflow_run"}
FIELDS = {"POST": {"name", "active", "events", "config"}, "PATCH": {"active", "events", "config"}}
QUERIES = {"hooks": {"per_page", "page"}, "deliveries": {"per_page", "cursor"}}


def refusal(status: int, message: str, errors: list[Any] | None = None, **headers: str) -> web.Response:
    """An error as GitHub words it; `_` in names of headers means `-`."""
    body: dict[str, Any] = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    if errors is not None:
        body["errors"] = errors
    return web.json_response(
        body, status=status, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def make_key() -> RSAPrivateKey:
    """The private key of an App."""
    return generate_private_key(65537, 2048)


def pem(key: RSAPrivateKey) -> str:
    """The file that GitHub lets the owner of an App download."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def is_hook(body: Any, method: str) -> bool:
    """Whether this may be sent to make (POST) or change (PATCH) a hook."""
    if not isinstance(body, dict) or not body.keys() <= FIELDS[method] or body.get("name", "web") != "web":
        return False
    config = body.get("config")
    return (
        isinstance(config, dict)
        and config.keys() <= {"url", "content_type", "insecure_ssl", "secret"}
        and str(config.get("url", "")).startswith(("http://", "https://"))
        and config.get("content_type", "form") in ("json", "form")
        and config.get("insecure_ssl", "0") in ("0", "1")
        and isinstance(body.get("active"), bool)
        and bool(body.get("events"))
        and set(body["events"]) <= EVENTS
    )


def is_query(query: Mapping[str, str], what: str) -> bool:
    """Whether a list may be asked for like this."""
    return query.keys() <= QUERIES[what] and 1 <= int(query.get("per_page", "30")) <= 100


def wrong_signature(token: str, key: RSAPrivateKey, now: datetime) -> str:
    """What is wrong with an App's JWT, "" if nothing is."""
    options: Any = {"verify_iat": False, "verify_exp": False, "require": ["iat", "exp", "iss"]}
    try:
        claims = jwt.decode(token, key.public_key(), ["RS256"], options=options, issuer=str(APP_ID))
    except jwt.PyJWTError as error:
        return str(error)
    moment = now.timestamp()
    return "" if claims["iat"] <= moment < claims["exp"] <= moment + 600 else f"{claims} at {moment}"
