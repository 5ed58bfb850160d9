"""Values of jq: JSON's, with integers of any size beside doubles. What cannot be done is a JqError, worded as in gojq."""

from __future__ import annotations

import math
from typing import Any, Final, TypeAlias

from sensors.languages.jq.text import beginning

Value: TypeAlias = Any

_TYPES: Final = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_SHOWN_MOST: Final = 30
_MESSAGE_MOST: Final = 200
"""Characters of an error that is no text."""

_BITS_MOST: Final = 1 << 14
"""Bits of an integer: some five thousand digits."""

_LEAST_NORMAL: Final = 2.2250738585072014e-308
INTEGER_MOST: Final = (1 << 63) - 1


class JqError(Exception):
    """An error that `try` catches; the value is what `catch` gets, usually a message."""

    def __init__(self, value: Value) -> None:
        super().__init__(value)
        self.value = value

    def __str__(self) -> str:
        return self.value if isinstance(self.value, str) else beginning(self.value, _MESSAGE_MOST)


def type_name(value: Value) -> str:
    return _TYPES[value.__class__]


def shown(value: Value) -> str:
    """A value in an error, of which long ones are cut."""
    text = beginning(value, _SHOWN_MOST + 1).encode()
    if len(text) <= _SHOWN_MOST:
        return text.decode()
    end = {str: ' ..."', list: " ...]", dict: " ...}"}.get(value.__class__, " ...")
    return text[: _SHOWN_MOST - len(end)].decode(errors="ignore") + end


def described(value: Value) -> str:
    """A value in an error, with its type."""
    return "null" if value is None else f"{type_name(value)} ({shown(value)})"


def unfit(name: str, value: Value, *arguments: Value) -> JqError:
    """A function that has no use for such a value."""
    given = f"({'; '.join(map(shown, arguments))})" if arguments else ""
    return JqError(f"{name}{given} cannot be applied to: {described(value)}")


def is_true(value: Value) -> bool:
    return value is not None and value is not False


def is_number(value: Value) -> bool:
    return value.__class__ is int or value.__class__ is float


def is_normal(value: Value) -> bool:
    """Whether a value is a number that is neither zero, infinite nor too small to have all its digits."""
    return is_number(value) and _LEAST_NORMAL <= abs(to_float(value)) < math.inf


def to_float(number: float) -> float:
    """A number as a double; an integer that is too large is infinite."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def to_integer(number: float) -> int:
    """A number without what follows its point, within 64 bits."""
    if number.__class__ is float:
        if not -9223372036854775808.0 <= number < 9223372036854775807.0:
            return INTEGER_MOST if number > 0 else -INTEGER_MOST - 1
        return int(number)
    return max(-INTEGER_MOST - 1, min(int(number), INTEGER_MOST))


def bounded(number: int) -> int:
    """An integer that was calculated. Raises JqError if it has too many digits."""
    if number.bit_length() > _BITS_MOST:
        raise JqError("the number has too many digits")
    return number


def members(value: Value) -> list[Value] | None:
    """What `.[]` gives, the members of an object in the order of their names; None for what has none."""
    if value.__class__ is list:
        return value
    return [value[name] for name in sorted(value)] if value.__class__ is dict else None
