"""Arithmetic on numbers, quantities (`10Mi`) and durations (`1h30m`), as Kyverno's functions of these names do it.

A text is a quantity if it can be read as one, else a duration; `5m` is therefore five thousandths, `1h5m` a duration.
Numbers are exact as long as they are integers of 64 bits; a result without a fraction is an integer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any, Final, NamedTuple, TypeAlias

from sensors.languages.go.duration import parse_duration
from sensors.languages.go.numbers import fits
from sensors.languages.go.time import SECOND, Duration
from sensors.languages.jmes.errors import JmesRuntimeError
from sensors.languages.jmes.function import Function, Parameter
from sensors.languages.quantity import Quantity, parse_quantity

_DIGITS: Final = 300
"""Digits after the point beyond which rounding changes no number."""


class _Span(NamedTuple):
    """A duration."""

    nanoseconds: int

    @property
    def seconds(self) -> float:
        return self.nanoseconds / SECOND


_Operand: TypeAlias = "int | float | Quantity | _Span"


def _read(value: Any) -> _Operand:
    """The operand that a value stands for. Raises JmesRuntimeError."""
    if isinstance(value, str):
        for parse in (parse_quantity, _parse_span):
            try:
                return parse(value)
            except ValueError:
                continue
        raise JmesRuntimeError("a text in arithmetic must be a quantity, such as 10Mi, or a duration, such as 1h30m")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise JmesRuntimeError("arithmetic takes numbers, quantities and durations")


def _parse_span(text: str) -> _Span:
    return _Span(int(parse_duration(text)))


def _written(result: _Operand) -> int | float | str:
    """A result as a value of JSON. Raises JmesRuntimeError if there is none."""
    if isinstance(result, Quantity):
        return str(result)
    if isinstance(result, _Span):
        if not fits(result.nanoseconds):
            raise JmesRuntimeError("the result is longer than 292 years")
        return Duration(result.nanoseconds).go_string()
    return _number(result)


def _number(result: int | float) -> int | float:
    if isinstance(result, int):
        return result if -(1 << 63) <= result < 1 << 64 else _number(float(result))
    if not math.isfinite(result):
        raise JmesRuntimeError("the result is no number, or too large for one")
    return int(result) if result.is_integer() and abs(result) < 1 << 53 else result


def _unfit(function: str) -> JmesRuntimeError:
    return JmesRuntimeError(f"{function}() cannot take these together: a number, a quantity, a duration")


def _added(left: _Operand, right: _Operand) -> _Operand:
    match left, right:
        case Quantity(), Quantity():
            return left.plus(right)
        case _Span(), _Span():
            return _Span(left.nanoseconds + right.nanoseconds)
        case int() | float(), int() | float():
            return left + right
    raise _unfit("add")


def _subtracted(left: _Operand, right: _Operand) -> _Operand:
    match left, right:
        case Quantity(), Quantity():
            return left.minus(right)
        case _Span(), _Span():
            return _Span(left.nanoseconds - right.nanoseconds)
        case int() | float(), int() | float():
            return left - right
    raise _unfit("subtract")


def _multiplied(left: _Operand, right: _Operand) -> _Operand:
    match left, right:
        case Quantity(), int() | float():
            return left.times(_exact(right))
        case _Span(), int() | float():
            return _span_of(left.seconds * right)
        case int() | float(), int() | float():
            return left * right
        case int() | float(), Quantity() | _Span():
            return _multiplied(right, left)
    raise _unfit("multiply")


def _divided(left: _Operand, right: _Operand) -> _Operand:
    match left, right:
        case Quantity(), Quantity():
            return float(left) / float(right)
        case Quantity(), int() | float():
            return left.over(_exact(right))
        case _Span(), _Span():
            return left.seconds / right.seconds
        case _Span(), int() | float():
            return _span_of(left.seconds / right)
        case int(), int():
            return left // right if left % right == 0 else left / right
        case int() | float(), int() | float():
            return left / right
    raise _unfit("divide")


def _remainder(left: _Operand, right: _Operand) -> _Operand:
    match left, right:
        case Quantity(), Quantity():
            return Quantity(_modulo(_whole(left.whole()), _whole(right.whole())), 0, left.form)
        case _Span(), _Span():
            return _Span(_modulo(left.nanoseconds, right.nanoseconds))
        case int() | float(), int() | float():
            return _modulo(_whole(left), _whole(right))
    raise _unfit("modulo")


def _modulo(dividend: int, divisor: int) -> int:
    """The remainder with the sign of the dividend."""
    rest = abs(dividend) % abs(divisor)
    return rest if dividend >= 0 else -rest


def _whole(number: float | None) -> int:
    if number is None or not math.isfinite(number) or number != int(number):
        raise JmesRuntimeError("modulo() wants integers")
    return int(number)


def _exact(number: float) -> Quantity:
    """A number as a quantity, of which nine digits after the point are kept."""
    if isinstance(number, int) or number.is_integer():
        return Quantity(int(number), 0, "decimal")
    return parse_quantity(repr(number))


def _span_of(seconds: float) -> _Span:
    return _Span(int(seconds * SECOND))


def _calculation(function: str, compute: Callable[[_Operand, _Operand], _Operand]) -> Callable[[Any, Any], Any]:
    def calculate(left: _Operand, right: _Operand) -> int | float | str:
        try:
            return _written(compute(left, right))
        except ZeroDivisionError as error:
            raise JmesRuntimeError(f"{function}() by zero") from error
        except (OverflowError, ValueError) as error:
            raise JmesRuntimeError(f"the result of {function}() is too large") from error

    return calculate


_add = _calculation("add", _added)


def _sum(values: list[Any]) -> Any:
    """What `add` makes of them one after the other; 0 of none, as in the specification."""
    if all(value.__class__ is int or value.__class__ is float for value in values):
        return _number(sum(values))
    if len(values) == 1:
        _read(values[0])
    return reduce(lambda total, value: _add(_read(total), _read(value)), values)


def _round(number: float, digits: float) -> int | float:
    """Halves are rounded away from zero."""
    if digits != int(digits) or digits < 0:
        raise JmesRuntimeError("round() wants so many digits after the point, an integer that is not negative")
    if isinstance(number, int) or digits > _DIGITS:
        return _number(number)
    shift = 10.0 ** int(digits)
    scaled = abs(number) * shift
    if not math.isfinite(scaled):
        return _number(number)
    whole = math.floor(scaled)
    return _number(math.copysign(whole + (scaled - whole >= 0.5), number) / shift)


_NUMBER: Final = Parameter(("number",))
_OPERAND: Final = Parameter(("number", "string"), read=_read)

NUMBERS: Final = (
    Function(
        "add",
        (_OPERAND, _OPERAND),
        _add,
        about="the sum of two numbers, two quantities or two durations",
        example="add('1Gi', '512Mi')",
    ),
    Function(
        "subtract",
        (_OPERAND, _OPERAND),
        _calculation("subtract", _subtracted),
        about="the difference of two numbers, two quantities or two durations",
        example="subtract('1h', '90s')",
    ),
    Function(
        "multiply",
        (_OPERAND, _OPERAND),
        _calculation("multiply", _multiplied),
        about="the product of numbers, or of a number and a quantity or duration",
        example="multiply('250m', `3`)",
    ),
    Function(
        "divide",
        (_OPERAND, _OPERAND),
        _calculation("divide", _divided),
        about="the quotient of numbers, of two quantities or two durations (a number), or of one of these by a number",
        example="divide('10Mi', '5Ki')",
    ),
    Function(
        "modulo",
        (_OPERAND, _OPERAND),
        _calculation("modulo", _remainder),
        about="the remainder of integers, quantities or durations, with the sign of the first",
        example="modulo(`7`, `3`)",
    ),
    Function(
        "round",
        (_NUMBER, _NUMBER),
        _round,
        "number",
        about="the number with so many digits after the point, halves away from zero",
        example="round(`2.345`, `1`)",
    ),
    Function(
        "sum",
        (Parameter(("array",)),),
        _sum,
        about="the sum of numbers as in the specification, or of quantities or durations",
        example="sum(['100m', '1.5'])",
    ),
)
