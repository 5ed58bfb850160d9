"""The library `math`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from sensors.languages.go.arithmetic import power
from sensors.languages.go.math import computed, log10, logarithm, odd, rounded
from sensors.languages.lua.arguments import check_integer, check_number
from sensors.languages.lua.numbers import modulo
from sensors.languages.lua.run import Run, fail
from sensors.languages.lua.values import Function, Value

_HUGE: Final = 1.7976931348623157e308
"""The largest number that there is; Lua has infinity here."""


def _function(compute: Callable[[float], float]) -> Function:
    def call(run: Run, number: Value = None, *_: Value) -> Value:
        return computed(compute, check_number(number, 1))

    return call


def _function_of_two(compute: Callable[[float, float], float]) -> Function:
    def call(run: Run, left: Value = None, right: Value = None, *_: Value) -> Value:
        return computed(compute, check_number(left, 1), check_number(right, 2))

    return call


def frexp(run: Run, number: Value = None, *_: Value) -> Value:
    fraction, exponent = math.frexp(check_number(number, 1))
    return fraction, float(exponent)


def ldexp(run: Run, number: Value = None, exponent: Value = None, *_: Value) -> Value:
    base = check_number(number, 1)
    try:
        return math.ldexp(base, check_integer(exponent, 2))
    except OverflowError:
        return math.copysign(math.inf, base)


def modf(run: Run, number: Value = None, *_: Value) -> Value:
    value = check_number(number, 1)
    fraction, whole = math.modf(value)
    return whole, math.nan if math.isinf(value) else fraction


def maximum(run: Run, *numbers: Value) -> Value:
    return _best(numbers, lambda number, best: number > best)


def minimum(run: Run, *numbers: Value) -> Value:
    return _best(numbers, lambda number, best: number < best)


def _best(numbers: tuple[Value, ...], is_better: Callable[[float, float], bool]) -> float:
    if not numbers:
        raise fail("wrong number of arguments")
    best = check_number(numbers[0], 1)
    for place, value in enumerate(numbers[1:], 2):
        if is_better(number := check_number(value, place), best):
            best = number
    return best


def random(run: Run, *bounds: Value) -> Value:
    if not bounds:
        return run.random.random()
    low = check_integer(bounds[0], 1) if len(bounds) > 1 else 1
    high = check_integer(bounds[-1] if len(bounds) == 1 else bounds[1], len(bounds))
    if high < low:
        raise fail("there is no number between the bounds")
    return float(run.random.randint(low, high))


def randomseed(run: Run, seed: Value = None, *_: Value) -> Value:
    run.random.seed(check_integer(seed, 1))
    return ()


FUNCTIONS: Final = {
    "abs": _function(math.fabs),
    "acos": _function(math.acos),
    "asin": _function(math.asin),
    "atan": _function(math.atan),
    "atan2": _function_of_two(math.atan2),
    "ceil": _function(rounded(math.ceil)),
    "cos": _function(math.cos),
    "cosh": _function(math.cosh),
    "deg": _function(lambda number: number * 180 / math.pi),
    "exp": _function(math.exp),
    "floor": _function(rounded(math.floor)),
    "fmod": _function_of_two(math.fmod),
    "frexp": frexp,
    "ldexp": ldexp,
    "log": _function(logarithm(math.log)),
    "log10": _function(logarithm(log10)),
    "max": maximum,
    "min": minimum,
    "mod": _function_of_two(modulo),
    "modf": modf,
    "pow": _function_of_two(power),
    "rad": _function(lambda number: number * math.pi / 180),
    "random": random,
    "randomseed": randomseed,
    "sin": _function(math.sin),
    "sinh": _function(odd(math.sinh)),
    "sqrt": _function(math.sqrt),
    "tan": _function(math.tan),
    "tanh": _function(math.tanh),
}

CONSTANTS: Final = {"pi": math.pi, "huge": _HUGE}
