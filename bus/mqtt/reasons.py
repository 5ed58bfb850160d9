"""What a broker means by the number it answers with (OASIS MQTT 5.0, section 2.4), in words and with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

NO_SUBSCRIBERS: Final = 0x10
PROTOCOL_ERROR: Final = 0x82
UNSUPPORTED_VERSION: Final = 0x84
KEEP_ALIVE_TIMEOUT: Final = 0x8D
FAILURE: Final = 0x80
"""This and all above it are failures."""

_LOGIN: Final = "check auth, and what the broker allows this user"


class _Meaning(NamedTuple):
    what: str
    fix: str = ""
    final: bool = False


_MEANINGS: Final[Mapping[int, _Meaning]] = {
    0x80: _Meaning("unspecified error", "see the broker's log"),
    0x81: _Meaning("malformed packet"),
    0x82: _Meaning("protocol error"),
    0x83: _Meaning("implementation specific error", "see the broker's log"),
    0x84: _Meaning("unsupported protocol version", "write protocolVersion: 3.1.1"),
    0x85: _Meaning("client identifier not valid", "choose another clientId"),
    0x86: _Meaning("bad user name or password", "check auth"),
    0x87: _Meaning("not authorized", _LOGIN),
    0x88: _Meaning("server unavailable"),
    0x89: _Meaning("server busy"),
    0x8A: _Meaning("banned", "ask whoever runs the broker"),
    0x8B: _Meaning("server shutting down"),
    0x8C: _Meaning("bad authentication method", _LOGIN),
    0x8D: _Meaning("keep alive timeout"),
    0x8E: _Meaning("session taken over", "give each client a clientId of its own"),
    0x8F: _Meaning("topic filter invalid", "correct topic", True),
    0x90: _Meaning("topic name invalid", "correct topic", True),
    0x91: _Meaning("packet identifier in use"),
    0x92: _Meaning("packet identifier not found"),
    0x93: _Meaning("receive maximum exceeded"),
    0x94: _Meaning("topic alias invalid"),
    0x95: _Meaning("packet too large", "send less, or let the broker take more", True),
    0x96: _Meaning("message rate too high"),
    0x97: _Meaning("quota exceeded", "see the broker's limits"),
    0x98: _Meaning("administrative action", "ask whoever runs the broker"),
    0x99: _Meaning("payload format invalid", "correct payload", True),
    0x9A: _Meaning("retain not supported", "remove retain", True),
    0x9B: _Meaning("QoS not supported", "write a smaller qos", True),
    0x9C: _Meaning("use another server", "correct url"),
    0x9D: _Meaning("server moved", "correct url"),
    0x9E: _Meaning("shared subscriptions not supported", "remove $share/GROUP/ from topic"),
    0x9F: _Meaning("connection rate exceeded"),
    0xA0: _Meaning("maximum connect time"),
    0xA1: _Meaning("subscription identifiers not supported"),
    0xA2: _Meaning("wildcard subscriptions not supported", "remove + and # from topic"),
}


class Reason(NamedTuple):
    """Why a broker says no: in words, what to do about it, and whether the same would be refused again, whatever the broker
    is told in between."""

    what: str
    fix: str
    final: bool


def reason(code: int, said: object = None) -> Reason:
    """The meaning of a code, with what the broker adds in words of its own (which may be any): `said` are its properties as
    paho-mqtt has them, or None."""
    known = _MEANINGS.get(code, _Meaning(f"reason {code:#04x}", "see the broker's log"))
    own = "".join(char if char.isprintable() else " " for char in str(getattr(said, "ReasonString", "")))[:200]
    moved = str(getattr(said, "ServerReference", ""))[:200]
    what = f"{known.what} ({own})" if own else known.what
    return Reason(what, f"{known.fix}; it names {moved}" if moved.isprintable() and moved else known.fix, known.final)
