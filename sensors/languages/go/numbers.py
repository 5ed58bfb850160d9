"""Numbers as Go's strconv reads and prints them."""

from __future__ import annotations

import math
import re
from typing import Final

from sensors.languages.gjson.result import read_float as read_float

_INTEGER: Final = re.compile(
    r"([+-]?)(?:0[xX](?P<hex>_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*)|0[bB](?P<binary>_?[01]+(?:_[01]+)*)"
    r"|0[oO]?(?P<octal>_?[0-7]+(?:_[0-7]+)*)|(?P<decimal>[1-9][0-9]*(?:_[0-9]+)*|0))"
)
_LEADING: Final = re.compile(r"[+-]?[0-9]+")
_BASES: Final = {"hex": 16, "binary": 2, "octal": 8, "decimal": 10}
_PLAIN: Final = {10: re.compile(r"[+-]?[0-9]+"), 8: re.compile(r"[+-]?[0-7]+")}
_SHORTEST_EXPONENT: Final = 6
"""From this power of ten on, %g writes an exponent."""

_INTEGERS: Final = float(1 << 63)
_EXACT: Final = float(1 << 53)
"""From here on a whole double stands for its neighbours, too, and of its digits Go writes those that tell it from the others."""

_MOST_DIGITS: Final = 4000
"""More than any number of 64 bits has in any base, fewer than Python refuses to read."""


def wrap(value: int) -> int:
    """An integer as 64 bits hold it, overflow included."""
    return ((value + (1 << 63)) & ((1 << 64) - 1)) - (1 << 63)


def truncate(number: float) -> int:
    """The int64 that Go makes of a float64 on amd64: the least there is for what does not fit."""
    return int(number) if -9223372036854775808.0 <= number < 9223372036854775808.0 else -(1 << 63)


def read_integer(text: str, base: int = 0) -> int:
    """strconv.ParseInt, of any size; base 0 knows prefixes and underscores. Raises ValueError for what is no integer."""
    if base:
        if not _PLAIN[base].fullmatch(text):
            raise ValueError("no integer")
        return _in_reach(text, base)
    found = _INTEGER.fullmatch(text)
    if found is None:
        raise ValueError("no integer")
    kind = found.lastgroup or "decimal"
    return _in_reach(found[1] + found[kind].strip("_"), _BASES[kind])


def _in_reach(digits: str, base: int) -> int:
    """Leading zeros do not count, and of what is far too large only that it is."""
    sign = digits[0] if digits[0] in "+-" else ""
    significant = digits[len(sign) :].lstrip("0_") or "0"
    if len(significant) > _MOST_DIGITS:
        significant = "1" + "0" * 100
    return int(sign + significant, base)


def fits(value: int) -> bool:
    """Whether an integer is an int64."""
    return -(1 << 63) <= value < 1 << 63


def read_clamped(text: str) -> int:
    """What strconv.ParseInt gives along with its error, in base 10: 0 for what is no integer, the int64 nearest to a large one.

    Go has seen enough once the digits exceed 64 bits, and does not look at what follows them.
    """
    digits = _LEADING.match(text)
    if digits is None:
        return 0
    value = _in_reach(digits[0], 10)
    if digits.end() < len(text) and abs(value) < 1 << 64:
        return 0
    return max(-(1 << 63), min(value, (1 << 63) - 1))


def format_float(number: float, verb: str = "g", precision: int = -1) -> str:
    """strconv.FormatFloat for 64 bits; `verb` is one of e, E, f, g, G, x, X, b.

    A negative precision is the shortest that reads back.
    """
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    match verb:
        case "b":
            return _binary(number)
        case "x" | "X":
            return _hexadecimal(number, precision) if verb == "x" else _hexadecimal(number, precision).upper()
    if precision >= 0:
        # Of a digit beyond the last that a float64 can have, all are zero.
        return f"{number:.{precision}{verb}}"
    sign, digits, point = _shortest(number)
    exponent = point - 1
    if verb == "f" or (verb in "gG" and -4 <= exponent < _SHORTEST_EXPONENT):
        return sign + _positional(digits, point)
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}{'E' if verb in 'EG' else 'e'}{exponent:+03d}"


def format_json(number: float) -> str:
    """A number as encoding/json writes it: with an exponent only where ECMAScript has one."""
    if number and not 1e-6 <= abs(number) < 1e21:
        return format_float(number, "e").replace("e-0", "e-")
    return format_float(number, "f")


def json_number(number: float) -> float:
    """A finite number whose digits as JSON are Go's: a whole one that 64 bits can hold as an integer, all others as they are."""
    if not number.is_integer() or abs(number) >= _INTEGERS:
        return number
    return int(number) if abs(number) < _EXACT else int(format_float(number, "f"))


def _shortest(number: float) -> tuple[str, str, int]:
    """Sign and digits of the shortest decimal that reads back, and where in them the point stands."""
    mantissa, _, exponent = repr(number).partition("e")
    sign = "-" if mantissa[0] == "-" else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return sign, "0", 1
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    return sign, digits.rstrip("0"), point


def _positional(digits: str, point: int) -> str:
    if point <= 0:
        return f"0.{'0' * -point}{digits}" if digits != "0" else "0"
    if point >= len(digits):
        return digits + "0" * (point - len(digits))
    return f"{digits[:point]}.{digits[point:]}"


def _binary(number: float) -> str:
    """Mantissa and exponent of two, as the bits have them."""
    fraction, exponent = math.frexp(number)
    mantissa, exponent = int(fraction * (1 << 53)), exponent - 53
    if exponent < -1074:
        mantissa, exponent = mantissa >> (-1074 - exponent), -1074
    if not number:
        exponent = -1074
    sign = "-" if math.copysign(1, number) < 0 else ""
    return f"{sign}{abs(mantissa)}p{exponent:+d}"


def _hexadecimal(number: float, precision: int) -> str:
    """A mantissa that begins with 1, rounded half to even, and an exponent of two of two digits at least."""
    sign = "-" if math.copysign(1, number) < 0 else ""
    fraction, exponent = math.frexp(abs(number))
    mantissa = int(fraction * (1 << 53))
    if mantissa:
        exponent -= 1
    digits = 13
    if 0 <= precision < digits:
        dropped = 4 * (digits - precision)
        kept, rest = mantissa >> dropped, mantissa & ((1 << dropped) - 1)
        half = 1 << (dropped - 1)
        kept += rest > half or (rest == half and kept & 1)
        mantissa = kept << dropped
        if mantissa >> 53:
            mantissa, exponent = mantissa >> 1, exponent + 1
    text = f"{mantissa & ((1 << 52) - 1):013x}"
    text = text.rstrip("0") if precision < 0 else text[:precision].ljust(precision, "0")
    return f"{sign}0x{mantissa >> 52}{'.' + text if text else ''}p{exponent:+03d}"
