"""Spans of time as Go writes them (`1h30m`, `-1.5s`), in whole nanoseconds that fit 64 bits."""

from __future__ import annotations

import re
from typing import Final

SECOND: Final = 1_000_000_000
"""Nanoseconds."""

_UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,  # U+00B5, the micro sign
    "μs": 1_000,  # U+03BC, the Greek letter
    "ms": 1_000_000,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3600 * SECOND,
}
_TERM: Final = re.compile(r"([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)")
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_LONGEST_TEXT: Final = 200


def parse_duration(text: str) -> int:
    """time.ParseDuration. Raises ValueError; the message does not repeat the text."""
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"a duration of more than {_LONGEST_TEXT} characters")
    at = 1 if text[:1] in ("-", "+") else 0
    if text[at:] == "0":
        return 0
    total = 0
    while True:
        term = _TERM.match(text, at)
        if term is None or not (term[1] or term[2]):
            raise ValueError("not a duration: write numbers with units, such as 1h30m or 1.5s")
        total += _nanoseconds(term[1], term[2] or "", _UNITS[term[3]])
        if (at := term.end()) == len(text):
            return in_range(-total if text[0] == "-" else total)


def _nanoseconds(whole: str, fraction: str, unit: int) -> int:
    # Go multiplies the fraction as a float64, of as many digits as fit 63 bits.
    value, scale = 0, 1.0
    for digit in fraction:
        if value > _MOST // 10 or value * 10 + int(digit) > 1 << 63:
            break
        value, scale = value * 10 + int(digit), scale * 10
    return int(whole or "0") * unit + int(value * (unit / scale))


def in_range(nanoseconds: int) -> int:
    """The same number. Raises ValueError if it is no duration, being too long."""
    if not _LEAST <= nanoseconds <= _MOST:
        raise ValueError("the duration is longer than 292 years")
    return nanoseconds


def clamp(nanoseconds: int) -> int:
    """The duration that is nearest."""
    return max(_LEAST, min(nanoseconds, _MOST))


def format_duration(nanoseconds: int) -> str:
    """time.Duration.String: `0s`, `1.5ms`, `-1h0m0.25s`."""
    sign, rest = "-" if nanoseconds < 0 else "", abs(nanoseconds)
    if rest < SECOND:
        unit = "ns" if rest < 1_000 else "µs" if rest < 1_000_000 else "ms"
        return f"{sign}{_decimal(rest, _UNITS[unit])}{unit}" if rest else "0s"
    minutes, rest = divmod(rest, _UNITS["m"])
    hours, minutes = divmod(minutes, 60)
    leading = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{leading}{_decimal(rest, SECOND)}s"


def _decimal(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    digits = f"{rest:0{len(str(unit)) - 1}d}".rstrip("0") if rest else ""
    return f"{whole}.{digits}" if digits else str(whole)
