"""The mathematical functions of jq, of the input or of their arguments."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Final

from sensors.languages.go.arithmetic import power
from sensors.languages.go.math import computed, hypotenuse, log2, log10, logarithm, odd, rounded
from sensors.languages.jq.frames import Function, Run
from sensors.languages.jq.values import Value, is_normal, is_number, to_float, to_integer, unfit


def _number(name: str, value: Value) -> float:
    if not is_number(value):
        raise unfit(name, value)
    return to_float(value)


def _of_input(name: str, compute: Callable[[float], float]) -> Function:
    return lambda run, value: computed(compute, _number(name, value))


def _of_two(name: str, compute: Callable[[float, float], float]) -> Function:
    return lambda run, value, left, right: computed(compute, _number(name, left), _number(name, right))


def _half_away(number: float) -> float:
    whole = math.trunc(number)
    return whole + math.copysign(1, number) if abs(number - whole) >= 0.5 else whole


def _gamma(number: float) -> float:
    if number == 0:
        return math.copysign(math.inf, number)
    return odd(math.gamma)(number)


def _lgamma(number: float) -> float:
    return math.inf if number <= 0 and number.is_integer() else math.lgamma(number)


def _exponent(number: float) -> float:
    if number == 0:
        return -math.inf
    return float(math.frexp(number)[1] - 1) if math.isfinite(number) else abs(number)


def _significand(number: float) -> float:
    return math.frexp(number)[0] * 2 if math.isfinite(number) else number


def _scaled(number: float, exponent: float) -> float:
    return odd(lambda base: math.ldexp(base, max(-5000, min(to_integer(exponent), 5000))))(number)


def _remainder_with_sign(left: float, right: float) -> float:
    rest = math.remainder(left, right)
    return math.copysign(rest, left) if rest == 0 else rest


def _extreme(choose: Callable[[float, float], float]) -> Callable[[float, float], float]:
    def function(left: float, right: float) -> float:
        if math.isnan(left) or math.isnan(right):
            return right if math.isnan(left) else left
        return choose(left, right)

    return function


def _arc_tangent(number: float) -> float:
    return math.copysign(math.inf, number) if abs(number) == 1 else math.atanh(number)


def fused(run: Run, value: Value, first: Value, second: Value, third: Value) -> Value:
    numbers = [_number("fma", each) for each in (first, second, third)]
    if not math.isfinite(numbers[0]) or not math.isfinite(numbers[1]):
        return numbers[0] * numbers[1] + numbers[2]
    if not math.isfinite(numbers[2]):
        return numbers[2]
    left, right, more = map(Fraction, numbers)
    return computed(lambda: float(left * right + more))


def frexp(run: Run, value: Value) -> Value:
    fraction, exponent = math.frexp(_number("frexp", value))
    return [fraction, exponent]


def modf(run: Run, value: Value) -> Value:
    number = _number("modf", value)
    fraction, whole = math.modf(number)
    return [fraction, whole]


def is_infinite(run: Run, value: Value) -> bool:
    return is_number(value) and math.isinf(to_float(value))


def is_nan(run: Run, value: Value) -> bool:
    return False if value is None else math.isnan(_number("isnan", value))


def is_normal_number(run: Run, value: Value) -> bool:
    return is_normal(value)


def is_finite(run: Run, value: Value) -> bool:
    return is_number(value) and not math.isinf(to_float(value))


def nan(run: Run, value: Value) -> Value:
    return math.nan


_OF_INPUT: Final[dict[str, Callable[[float], float]]] = {
    "acos": math.acos,
    "acosh": math.acosh,
    "asin": math.asin,
    "asinh": math.asinh,
    "atan": math.atan,
    "atanh": _arc_tangent,
    "cbrt": math.cbrt,
    "ceil": rounded(math.ceil),
    "cos": math.cos,
    "cosh": math.cosh,
    "erf": math.erf,
    "erfc": math.erfc,
    "exp": math.exp,
    "exp10": lambda number: power(10.0, number),
    "exp2": math.exp2,
    "expm1": math.expm1,
    "fabs": math.fabs,
    "floor": rounded(math.floor),
    "gamma": _gamma,
    "lgamma": _lgamma,
    "log": logarithm(math.log),
    "log10": logarithm(log10),
    "log1p": logarithm(math.log1p, -1.0),
    "log2": logarithm(log2),
    "logb": _exponent,
    "nearbyint": rounded(round),
    "rint": rounded(round),
    "round": rounded(_half_away),
    "significand": _significand,
    "sin": math.sin,
    "sinh": odd(math.sinh),
    "sqrt": math.sqrt,
    "tan": math.tan,
    "tanh": math.tanh,
    "tgamma": _gamma,
    "trunc": rounded(math.trunc),
}

_OF_TWO: Final[dict[str, Callable[[float, float], float]]] = {
    "atan2": math.atan2,
    "copysign": math.copysign,
    "drem": _remainder_with_sign,
    "fdim": lambda left, right: math.nan if left != left or right != right else max(left - right, 0.0),
    "fmax": _extreme(max),
    "fmin": _extreme(min),
    "fmod": math.fmod,
    "hypot": hypotenuse,
    "ldexp": _scaled,
    "nextafter": math.nextafter,
    "nexttoward": math.nextafter,
    "pow": power,
    "remainder": math.remainder,
    "scalb": _scaled,
    "scalbln": _scaled,
}

FUNCTIONS: Final[dict[tuple[str, int], Function]] = {
    **{(name, 0): _of_input(name, compute) for name, compute in _OF_INPUT.items()},
    **{(name, 2): _of_two(name, compute) for name, compute in _OF_TWO.items()},
    ("fma", 3): fused,
    ("frexp", 0): frexp,
    ("isfinite", 0): is_finite,
    ("isinfinite", 0): is_infinite,
    ("isnan", 0): is_nan,
    ("isnormal", 0): is_normal_number,
    ("modf", 0): modf,
    ("nan", 0): nan,
}
