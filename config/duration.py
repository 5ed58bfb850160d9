"""Durations as Go writes and reads them, because every duration in an Argo Events manifest is one.

The grammar, the limits and the rounding are those of Go's `time.ParseDuration` and `Duration.String`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic_core import PydanticCustomError, core_schema

from config.errors import EventyardError

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

_UNITS: Final = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,  # U+00B5, the micro sign
    "μs": 1_000,  # U+03BC, the Greek letter
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_LIMIT: Final = 1 << 63
_TERM: Final = re.compile(r"(?P<whole>[0-9]*)(?:\.(?P<fraction>[0-9]*))?(?P<unit>[^0-9.]*)", re.DOTALL)
_NUMBERS: Final = "write a number with a unit: 500ms, 10s, 5m, 1h30m"


class Duration(NamedTuple):
    """A span of time in whole nanoseconds; may be negative. Printed as Go prints it (`1h2m3.5s`).

    As a field of a model it takes a Go duration (`"1.5s"`) or an integer number of nanoseconds, and serializes to text.
    """

    ns: int

    @property
    def seconds(self) -> float:
        """The same span in seconds."""
        return self.ns / 1e9

    def __str__(self) -> str:
        return format_duration(self.ns)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _validated,
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            "anyOf": [{"type": "string"}, {"type": "integer"}],
            "description": "A Go duration such as 1h30m, or an integer number of nanoseconds.",
        }


def parse_duration(value: str | int) -> Duration:
    """The duration written as Go text, or given as a number of nanoseconds.

    Raises EventyardError for what Go refuses: no unit, an unknown unit, or more than 63 bits of nanoseconds.
    """
    if isinstance(value, int):
        if not -_LIMIT <= value < _LIMIT:
            raise EventyardError("so many nanoseconds are longer than 292 years", fix=_NUMBERS)
        return Duration(value)
    negative = value.startswith("-")
    at = 1 if value.startswith(("-", "+")) else 0
    if value[at:] == "0":
        return Duration(0)
    total = 0
    while True:
        term = _TERM.match(value, at)
        assert term is not None  # every part of it may be empty
        total += _nanoseconds(term)
        if (at := term.end()) == len(value):
            break
    # Go's range is lopsided: only the negative side reaches 2^63.
    if total > _LIMIT - (not negative):
        raise EventyardError(f"duration '{value}' is longer than 292 years", fix=_NUMBERS)
    return Duration(-total if negative else total)


def format_duration(ns: int) -> str:
    """The text Go prints for that many nanoseconds: `0s`, `1.5ms`, `-1h0m0.25s`."""
    sign, rest = ("-" if ns < 0 else ""), abs(ns)
    if rest < 1_000_000_000:
        unit = "ns" if rest < 1_000 else "µs" if rest < 1_000_000 else "ms"
        return f"{sign}{_decimal(rest, _UNITS[unit])}{unit}" if rest else "0s"
    minutes, rest = divmod(rest, _UNITS["m"])
    hours, minutes = divmod(minutes, 60)
    leading = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{leading}{_decimal(rest, _UNITS['s'])}s"


def _nanoseconds(term: re.Match[str]) -> int:
    text, where = term.string, f"column {term.start() + 1}"
    whole, fraction, unit = term["whole"].lstrip("0"), term["fraction"] or "", term["unit"]
    if not term["whole"] and not fraction:
        raise EventyardError(f"'{text}' is no duration", where=where, fix=_NUMBERS)
    if not unit:
        raise EventyardError(f"duration '{text}' has no unit", where=where, fix=_NUMBERS)
    if unit not in _UNITS:
        fix = "there are no days or weeks: write 24h" if unit in ("d", "w") else "the units are h, m, s, ms, us and ns"
        raise EventyardError(f"unknown unit '{unit}' in duration '{text}'", where=where, fix=fix)
    # A text of a million digits is refused before it is made a number.
    if len(whole) > len(str(_LIMIT)) or int(whole or "0") * _UNITS[unit] > _LIMIT:
        raise EventyardError(f"duration '{text}' is longer than 292 years", where=where, fix=_NUMBERS)
    return int(whole or "0") * _UNITS[unit] + _fraction_of(fraction, _UNITS[unit])


def _fraction_of(digits: str, unit: int) -> int:
    # Go keeps as many digits as fit in 63 bits and multiplies as float64; anything else differs by a nanosecond.
    value, scale = 0, 1.0
    for digit in digits:
        longer = value * 10 + int(digit)
        if value > (_LIMIT - 1) // 10 or longer > _LIMIT:
            break
        value, scale = longer, scale * 10
    return int(value * (unit / scale))


def _decimal(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    digits = f"{rest:0{len(str(unit)) - 1}d}".rstrip("0") if rest else ""
    return f"{whole}.{digits}" if digits else str(whole)


def _validated(value: object) -> Duration:
    if isinstance(value, Duration):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise PydanticCustomError("duration", "a duration is text or an integer; {fix}", {"fix": _NUMBERS})
    try:
        return parse_duration(value)
    except EventyardError as error:
        raise PydanticCustomError("duration", "{what}", {"what": error.what, "fix": error.fix}) from None
