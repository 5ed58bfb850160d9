"""sprig's functions of numbers. What is no number counts as 0; integers are of 64 bits and overflow silently."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

from sensors.languages.go.format import show
from sensors.languages.go.limits import GoError, check_items
from sensors.languages.go.numbers import fits, read_clamped, read_float, read_integer, truncate, wrap
from sensors.languages.go.values import GoInteger, Int, Int64, Ints, to_float
from sensors.languages.gotemplate.functions import ANY, FLOAT, INT, STRING, Function

_DECIMAL: Final = re.compile(r"([-+]?[0-9]*)(?:\.[0-9]*)?", re.ASCII)
_DIVISION_PLACES: Final = 16
"""Decimal places of a quotient."""


def to_integer(value: Any) -> int:
    """A value as an int64: numbers truncated, texts read as Go reads integers, decimals among them, 1 for true, else 0."""
    cls = value.__class__
    if cls is float or cls is int:
        return truncate(to_float(value) if cls is int else value)
    if cls is str:
        return _read_integer(value)
    if isinstance(value, GoInteger):
        return wrap(value)
    return int(value is True)


def _read_integer(text: str) -> int:
    if "." in text and (decimal := _DECIMAL.fullmatch(text)):
        text = decimal[1] + "0" if decimal[1] in ("", "-", "+") else decimal[1]
    try:
        value = read_integer(text)
    except ValueError:
        return 0
    return value if fits(value) else 0


def to_number(value: Any) -> float:
    """A value as a float64, by the same rules."""
    cls = value.__class__
    if cls is float:
        return value  # type: ignore[no-any-return]
    if cls is int:
        return to_float(value)
    if cls is str:
        try:
            return read_float(value)
        except (ValueError, OverflowError):
            return 0.0
    return float(value) if isinstance(value, GoInteger) else float(value is True)


def _atoi(text: str) -> Int:
    return Int(read_clamped(text))


def _to_decimal(value: Any) -> Int64:
    """The digits of a value, read as octal."""
    try:
        number = read_integer(show(value), 8)
    except ValueError:
        return Int64(0)
    return Int64(number if fits(number) else 0)


def _quotient(one: Any, other: Any) -> Int64:
    dividend, divisor = to_integer(one), to_integer(other)
    if not divisor:
        raise GoError("a number cannot be divided by 0")
    quotient = abs(dividend) // abs(divisor)
    return Int64(wrap(quotient if (dividend < 0) is (divisor < 0) else -quotient))


def _remainder(one: Any, other: Any) -> Int64:
    dividend, divisor = to_integer(one), to_integer(other)
    if not divisor:
        raise GoError("a number cannot be divided by 0")
    remainder = abs(dividend) % abs(divisor)
    return Int64(-remainder if dividend < 0 else remainder)


def _product(first: Any, *others: Any) -> Int64:
    product = to_integer(first)
    for other in others:
        product = wrap(product * to_integer(other))
    return Int64(product)


def _decimal(value: Any) -> Fraction:
    number = to_number(value)
    if not math.isfinite(number):
        raise GoError("a number is not finite, and so no decimal")
    return Fraction(repr(number))


def _decimally(operate: Callable[[Fraction, Fraction], Fraction], *values: Any) -> float:
    """Values combined one after the other as decimals, so that 0.1 and 0.2 are 0.3."""
    result, *others = map(_decimal, values)
    for other in others:
        result = operate(result, other)
    try:
        return float(result)
    except OverflowError:
        return math.inf if result > 0 else -math.inf


def _divided(one: Fraction, other: Fraction) -> Fraction:
    if not other:
        raise GoError("a number cannot be divided by 0")
    scaled = one / other * 10**_DIVISION_PLACES
    rounded = (2 * abs(scaled.numerator) + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(rounded if scaled > 0 else -rounded, 10**_DIVISION_PLACES)


def _maxf(first: Any, *others: Any) -> float:
    return _extreme(max, first, *others)


def _minf(first: Any, *others: Any) -> float:
    return _extreme(min, first, *others)


def _extreme(choose: Callable[[list[float]], float], *values: Any) -> float:
    numbers = [to_number(value) for value in values]
    infinite = math.inf if choose is max else -math.inf
    if infinite in numbers:
        return infinite
    return math.nan if any(map(math.isnan, numbers)) else choose(numbers)


def _floor(value: Any) -> float:
    return _whole(math.floor, to_number(value))


def _ceil(value: Any) -> float:
    return _whole(math.ceil, to_number(value))


def _whole(rounded: Callable[[float], int], number: float) -> float:
    """Rounded to a whole float64; zero keeps its sign."""
    return math.copysign(rounded(number), number) if math.isfinite(number) else number


def _round(value: Any, places: int, threshold: float = 0.5, *others: float) -> float:
    scale = _power_of_ten(places)
    rounded = scaled = scale * to_number(value)
    if math.isfinite(scaled):
        # Of a negative number the fraction is negative, so that it is rounded down, whatever it is.
        rounded = _whole(math.ceil if math.fmod(scaled, 1) >= threshold else math.floor, scaled)
    try:
        return rounded / scale
    except ZeroDivisionError:
        return math.nan if not rounded or math.isnan(rounded) else math.copysign(math.inf, rounded)


def _power_of_ten(exponent: int) -> float:
    try:
        return 10.0**exponent
    except OverflowError:
        return math.inf


def _until(count: int) -> Ints:
    return _until_step(0, count, -1 if count < 0 else 1)


def _until_step(start: int, stop: int, step: int) -> Ints:
    if (stop < start and step >= 0) or (stop >= start and step <= 0):
        return Ints()
    numbers = range(start, stop, step)
    check_items(len(numbers))
    return Ints(map(Int, numbers))


def _seq(*numbers: int) -> str:
    """Numbers as text: to an end, from a start to an end, or with a step between the two."""
    if len(numbers) not in (1, 2, 3):
        return ""
    start, end = (1 if len(numbers) == 1 else numbers[0]), numbers[-1]
    direction = -1 if end < start else 1
    step = numbers[1] if len(numbers) == 3 else direction
    if direction < 0 < step:
        return ""
    return " ".join(map(str, _until_step(start, end + direction, step)))


FUNCTIONS: Final = (
    Function("int", lambda value: Int(to_integer(value)), (ANY,)),
    Function("int64", lambda value: Int64(to_integer(value)), (ANY,)),
    Function("float64", to_number, (ANY,)),
    Function("atoi", _atoi, (STRING,)),
    Function("toDecimal", _to_decimal, (ANY,)),
    Function("add", lambda *values: Int64(wrap(sum(map(to_integer, values)))), (ANY,), variadic=True),
    Function("add1", lambda value: Int64(wrap(to_integer(value) + 1)), (ANY,)),
    Function("sub", lambda one, other: Int64(wrap(to_integer(one) - to_integer(other))), (ANY, ANY)),
    Function("div", _quotient, (ANY, ANY)),
    Function("mod", _remainder, (ANY, ANY)),
    Function("mul", _product, (ANY, ANY), variadic=True),
    Function("max", lambda *values: Int64(max(map(to_integer, values))), (ANY, ANY), variadic=True),
    Function("biggest", lambda *values: Int64(max(map(to_integer, values))), (ANY, ANY), variadic=True),
    Function("min", lambda *values: Int64(min(map(to_integer, values))), (ANY, ANY), variadic=True),
    Function("addf", lambda *values: _decimally(Fraction.__add__, 0.0, *values), (ANY,), variadic=True),
    Function("add1f", lambda value: _decimally(Fraction.__add__, value, 1.0), (ANY,)),
    Function("subf", lambda *values: _decimally(Fraction.__sub__, *values), (ANY, ANY), variadic=True),
    Function("mulf", lambda *values: _decimally(Fraction.__mul__, *values), (ANY, ANY), variadic=True),
    Function("divf", lambda *values: _decimally(_divided, *values), (ANY, ANY), variadic=True),
    Function("maxf", _maxf, (ANY, ANY), variadic=True),
    Function("minf", _minf, (ANY, ANY), variadic=True),
    Function("floor", _floor, (ANY,)),
    Function("ceil", _ceil, (ANY,)),
    Function("round", _round, (ANY, INT, FLOAT), variadic=True),
    Function("until", _until, (INT,)),
    Function("untilStep", _until_step, (INT, INT, INT)),
    Function("seq", _seq, (INT,), variadic=True),
)
