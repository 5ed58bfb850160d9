"""Signatures of webhooks: which header each sender puts them into, what they cover, checked in constant time.

GitHub: https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries, with what go-github accepts.
GitLab: https://docs.gitlab.com/user/project/integrations/webhooks (the secret token; its signing token is Standard Webhooks).
Stripe: https://docs.stripe.com/webhooks/signature. Slack: https://docs.slack.dev/authentication/verifying-requests-from-slack.
Shopify: https://shopify.dev/docs/apps/build/webhooks. Standard Webhooks: https://www.standardwebhooks.com.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Iterable
from typing import Final, Literal

from config.errors import EventyardError
from eventsources.go import text as go_text

TOLERANCE: Final = 300
"""Seconds that a signed moment may lie in the past or, as clocks differ, in the future."""

Preset = Literal["github", "gitlab", "stripe", "slack", "shopify", "standard-webhooks"]

Header = Callable[[str], str]
"""The first value of a header by its name, "" if there is none."""


class Forged(Exception):
    """The signature is missing or wrong. The message may be shown to the sender."""


def verify(preset: Preset, secret: str, header: Header, body: bytes, now: float) -> None:
    """Check a request; `now` in Unix seconds. Raises Forged, or EventyardError if the secret cannot be one."""
    _VERIFIERS[preset](secret, header, body, now)


def verify_github(secret: str, header: Header, body: bytes) -> None:
    """`sha1=`, `sha256=` or `sha512=` and hex digits, in whichever of the two headers. Raises Forged with the words of
    go-github."""
    signature = header("X-Hub-Signature-256") or header("X-Hub-Signature")
    if not signature:
        raise Forged("missing signature")
    name, sign, digits = signature.partition("=")
    if not sign:
        raise Forged(f"error parsing signature {go_text.quote(signature)}")
    if name not in ("sha256", "sha1", "sha512"):
        raise Forged(f"unknown hash type prefix: {go_text.quote(name)}")
    try:
        given = binascii.unhexlify(digits)
    except ValueError:
        raise Forged(f"error decoding signature {go_text.quote(signature)}: {_hex_fault(digits)}") from None
    if not hmac.compare_digest(hmac.digest(_bytes(secret), body, name), given):
        raise Forged("payload signature check failed")


def _hex_fault(digits: str) -> str:
    for byte in _bytes(digits):
        if byte not in b"0123456789abcdefABCDEF":
            character = chr(byte)
            shown = f" '{character}'" if character.isprintable() else ""
            return f"encoding/hex: invalid byte: U+{byte:04X}{shown}"
    return "encoding/hex: odd length hex string"


def _verify_github(secret: str, header: Header, body: bytes, now: float) -> None:
    verify_github(secret, header, body)


def _verify_gitlab(secret: str, header: Header, body: bytes, now: float) -> None:
    _compare(secret.strip().encode(), [_bytes(header("X-Gitlab-Token"))])


def _verify_stripe(secret: str, header: Header, body: bytes, now: float) -> None:
    pairs = [item.strip().partition("=") for item in header("Stripe-Signature").split(",")]
    moment = next((value for name, _, value in pairs if name == "t"), "")
    _check_moment(moment, now)
    expected = hmac.digest(_bytes(secret), moment.encode() + b"." + body, "sha256").hex()
    _compare(expected.encode(), (_bytes(value) for name, _, value in pairs if name == "v1"))


def _verify_slack(secret: str, header: Header, body: bytes, now: float) -> None:
    moment = header("X-Slack-Request-Timestamp")
    _check_moment(moment, now)
    expected = hmac.digest(_bytes(secret), b"v0:" + moment.encode() + b":" + body, "sha256").hex()
    _compare(f"v0={expected}".encode(), [_bytes(header("X-Slack-Signature"))])


def _verify_shopify(secret: str, header: Header, body: bytes, now: float) -> None:
    expected = base64.b64encode(hmac.digest(_bytes(secret), body, "sha256"))
    _compare(expected, [_bytes(header("X-Shopify-Hmac-Sha256"))])


def _verify_standard(secret: str, header: Header, body: bytes, now: float) -> None:
    try:
        key = base64.b64decode(secret.strip().removeprefix("whsec_"), validate=True)
    except ValueError:
        raise EventyardError(
            "a secret of Standard Webhooks must be base64", fix="take it as the sender shows it, with or without whsec_"
        ) from None
    moment = header("Webhook-Timestamp")
    _check_moment(moment, now)
    signed = _bytes(header("Webhook-Id")) + b"." + moment.encode() + b"." + body
    expected = b"v1," + base64.b64encode(hmac.digest(key, signed, "sha256"))
    _compare(expected, map(_bytes, header("Webhook-Signature").split()))


def _check_moment(text: str, now: float) -> None:
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise Forged("no signature with a timestamp")
    if abs(now - int(text)) > TOLERANCE:
        raise Forged("the timestamp of the signature is too old or in the future")


def _compare(expected: bytes, given: Iterable[bytes]) -> None:
    """Any of several signatures will do: senders give two while a secret is changed."""
    candidates = [each for each in given if each]
    if not candidates:
        raise Forged("no signature")
    if not any(hmac.compare_digest(expected, each) for each in candidates):
        raise Forged("the signature does not match")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


_VERIFIERS: Final[dict[Preset, Callable[[str, Header, bytes, float], None]]] = {
    "github": _verify_github,
    "gitlab": _verify_gitlab,
    "stripe": _verify_stripe,
    "slack": _verify_slack,
    "shopify": _verify_shopify,
    "standard-webhooks": _verify_standard,
}
