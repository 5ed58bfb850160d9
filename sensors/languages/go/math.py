"""Functions of Go's package math that answer where Python raises, or that Go rounds in another way."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

_LOG2_OF_E: Final = 1.4426950408889634
_LOG10_OF_E: Final = 0.4342944819032518


def computed(compute: Callable[..., float], *numbers: float) -> float:
    """What a function of Python gives: not a number where it is not defined, infinity where it grows too large."""
    try:
        return float(compute(*numbers))
    except (ValueError, ZeroDivisionError):
        return math.nan
    except OverflowError:
        return math.inf


def rounded(compute: Callable[[float], float]) -> Callable[[float], float]:
    """Rounding that takes what is not finite as it is, and keeps the sign of a zero."""
    return lambda number: math.copysign(compute(number), number) if math.isfinite(number) else number


def logarithm(compute: Callable[[float], float], zero: float = 0.0) -> Callable[[float], float]:
    """A logarithm, which is minus infinity at `zero`."""
    return lambda number: -math.inf if number == zero else compute(number)


def odd(compute: Callable[[float], float]) -> Callable[[float], float]:
    """A function that is infinite with the sign of its argument where it grows too large."""

    def function(number: float) -> float:
        try:
            return compute(number)
        except OverflowError:
            return math.copysign(math.inf, number)

    return function


def log2(number: float) -> float:
    """Of a power of two exact, of anything else by the natural logarithm."""
    if not math.isfinite(number):
        return math.log(number)
    fraction, exponent = math.frexp(number)
    return float(exponent - 1) if fraction == 0.5 else exponent + math.log(fraction) * _LOG2_OF_E


def log10(number: float) -> float:
    return math.log(number) * _LOG10_OF_E


def hypotenuse(left: float, right: float) -> float:
    """The square root of the sum of the squares, of which the larger one is taken out first."""
    if math.isinf(left) or math.isinf(right):
        return math.inf
    large, small = max(abs(left), abs(right)), min(abs(left), abs(right))
    if math.isnan(left) or math.isnan(right) or not large:
        return math.hypot(left, right)
    ratio = small / large
    return large * math.sqrt(1 + ratio * ratio)
