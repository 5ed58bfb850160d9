"""The `body` of an event that came as a message of a broker: Argo Events' rules, as far as they lose nothing.

Without `jsonBody` the bytes are base64 text. With it they are JSON as it was sent, without insignificant space; Argo Events
drops a message that is none, here its bytes are base64 text then, too.
"""

from __future__ import annotations

from base64 import b64encode

import msgspec

from eventsources.go import json as go_json
from eventsources.go.json import NotJson

__all__ = ["NotJson", "as_base64", "as_json"]


def as_base64(value: bytes | None) -> bytes:
    """Bytes as JSON text; no bytes at all as `null`."""
    return b"null" if value is None else b'"' + b64encode(value) + b'"'


def as_json(value: bytes | None) -> bytes:
    """JSON as it was sent, compacted; no bytes at all as `null`. Raises NotJson."""
    if value is None:
        return b"null"
    try:
        return msgspec.json.format(value, indent=-1)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return go_json.compact(value)
