"""Numbers of Lua: doubles throughout, read and printed as gopher-lua does it with the functions of Go."""

from __future__ import annotations

import math
from typing import Final

from sensors.languages.go.arithmetic import remainder
from sensors.languages.go.numbers import fits, format_float, read_float, read_integer

_SPACE: Final = " \t\n"
_LEAST: Final = -(1 << 63)


def parse_number(text: str) -> float | None:
    """The number that a text is where one is needed: an integer as Go writes it in its source, or a decimal; else None."""
    text = text.strip(_SPACE)
    try:
        integer = read_integer(text)
        if fits(integer):
            return float(integer)
    except ValueError:
        pass
    try:
        return read_float(text)
    except (ValueError, OverflowError):
        return None


def read_number(text: str) -> float:
    """A number in a script; what is none, or too large, is not a number."""
    number = parse_number(text)
    return math.nan if number is None else number


def is_whole(number: float) -> bool:
    """Whether a number is an integer of 64 bits."""
    return -9223372036854775808.0 <= number < 9223372036854775808.0 and number.is_integer()


def number_text(number: float) -> str:
    """A number as text."""
    return str(int(number)) if is_whole(number) else format_float(number)


def truncate(number: float) -> int:
    """The int64 of a number; the least of all where it does not fit."""
    return int(number) if -9223372036854775808.0 <= number < 9223372036854775808.0 else _LEAST


def to_number(text: str, base: int | None) -> float | None:
    """What `tonumber` makes of a text: an exponent needs a point, and only without a base is `0x` known."""
    text = text.strip(_SPACE)
    if "." in text:
        try:
            return read_float(text)
        except (ValueError, OverflowError):
            return None
    if base is None:
        base = 10
        if text[:2] in ("0x", "0X"):
            base, text = 16, text[2:]
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits.isascii() or not digits.isalnum() or not 2 <= base <= 36:
        return None
    # Python's own conversion would take a prefix as well.
    if any(int(digit, 36) >= base for digit in digits):
        return None
    integer = int(text, base)
    return float(integer) if fits(integer) else None


def modulo(left: float, right: float) -> float:
    """The remainder, of the sign of the divisor."""
    rest = remainder(left, right)
    return rest + right if (right > 0 and rest < 0) or (right < 0 and rest > 0) else rest
