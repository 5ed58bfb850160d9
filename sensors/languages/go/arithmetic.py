"""Arithmetic on doubles by IEEE 754, which Go follows where Python raises; and the bits of a double as an integer."""

from __future__ import annotations

import math
from typing import Final

_LARGE: Final = 9223372036854775808.0
_FAR: Final = 1 << 12
"""A power of two beyond what a double can have, however the rest turns out."""


def divide(left: float, right: float) -> float:
    """The quotient: of zero by zero not a number, of anything else by zero an infinity."""
    if right:
        return left / right
    if not left or math.isnan(left) or math.isnan(right):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def remainder(left: float, right: float) -> float:
    """What is left of `left`, with its sign; not a number by zero or of an infinity."""
    return math.fmod(left, right) if right and not math.isinf(left) else math.nan


def power(base: float, exponent: float) -> float:
    """The power, an infinity or not a number where it cannot be had, rounded as Go rounds it: once a multiplication."""
    if math.isfinite(base) and base and math.isfinite(exponent) and exponent:
        return _power(base, exponent)
    try:
        return math.pow(base, exponent)
    except ValueError:  # of zero with a negative exponent
        return math.copysign(math.inf, base) if exponent % 2 == 1 else math.inf


def _power(base: float, exponent: float) -> float:
    if abs(exponent) == 0.5:
        root = math.sqrt(base) if base > 0 else math.nan
        return root if exponent > 0 else 1 / root
    fraction, whole = math.modf(abs(exponent))
    if fraction and base < 0:
        return math.nan
    mantissa, scale = math.frexp(base)
    if whole >= _LARGE:
        even = (abs(base) < 1) == (exponent > 0)
        return 1.0 if abs(base) == 1 else 0.0 if even else math.inf
    result, result_scale = 1.0, 0
    if fraction > 0.5:
        fraction, whole = fraction - 1, whole + 1
    if fraction:
        result = math.exp(fraction * math.log(base))
    bits = int(whole)
    while bits:
        if abs(scale) > _FAR:
            result_scale += scale
            break
        if bits & 1:
            result, result_scale = result * mantissa, result_scale + scale
        mantissa, scale, bits = mantissa * mantissa, scale * 2, bits >> 1
        if mantissa < 0.5:
            mantissa, scale = mantissa * 2, scale - 1
    if exponent < 0:
        result, result_scale = 1 / result, -result_scale
    try:
        return math.ldexp(result, result_scale)
    except OverflowError:
        return math.copysign(math.inf, result)


def truncate_unsigned(number: float) -> int:
    """The uint64 that Go makes of a float64 on amd64: a negative one wraps around, whatever does not fit is 2⁶³."""
    if -_LARGE <= number < _LARGE:
        return int(number) % (1 << 64)
    return int(number) if 0 < number < 2 * _LARGE else 1 << 63
