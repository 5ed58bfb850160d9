"""Durations as Go's time.ParseDuration reads them."""

from __future__ import annotations

import re
from typing import Final

from sensors.languages.go.limits import GoError
from sensors.languages.go.time import Duration

_UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_PIECE: Final = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^0-9.]+)")
_MOST: Final = 1 << 63


def parse_duration(text: str) -> Duration:
    """A duration like `-1.5h` or `2h45m`. Raises GoError."""
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return Duration(0)
    total = at = 0
    while at < len(rest):
        found = _PIECE.match(rest, at)
        if found is None or not (found[1] or found[2]) or found[3] not in _UNITS:
            raise _invalid()
        unit = _UNITS[found[3]]
        total += int(found[1][-40:] or 0) * unit + _fraction(found[2] or "", unit)
        if total > _MOST or len(found[1].lstrip("0")) > 20:
            raise _invalid()
        at = found.end()
    if not rest or (total == _MOST and sign > 0):
        raise _invalid()
    return Duration(sign * total)


def _fraction(digits: str, unit: int) -> int:
    """The part of a unit, computed as Go does it, in floating point."""
    value, scale = 0, 1.0
    for digit in digits:
        if value > (_MOST - 1) // 10 or value * 10 + int(digit) > _MOST:
            break
        value = value * 10 + int(digit)
        scale *= 10
    return int(float(value) * (float(unit) / scale)) if value else 0


def _invalid() -> GoError:
    return GoError("the duration is invalid; it is written like 1h30m")
