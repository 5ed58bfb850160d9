"""Numbers and strings as they are written in templates, which is as in Go."""

from __future__ import annotations

from typing import Final

from sensors.languages.go.numbers import fits, read_float, read_integer
from sensors.languages.go.text import unescape
from sensors.languages.gotemplate.tree import Number

_UNSIGNED_MOST: Final = 1 << 64


def read_number(text: str, start: int, end: int) -> Number:
    """A number with all types that can hold it. Raises ValueError for what is none."""
    if text[-1] == "i" and text[:2].lower() != "0x":
        return _complex(text, start, end)
    try:
        value = read_integer(text)
    except ValueError:
        return _real(text, start, end)
    integer = value if fits(value) else None
    # Go reads no sign into an unsigned number, but takes -0 for 0.
    unsigned = value if 0 <= value < _UNSIGNED_MOST and (text[0] not in "+-" or not value) else None
    if integer is None and unsigned is None:
        raise ValueError("the number is too large")
    return Number(start, end, text, integer, unsigned, float(value))


def read_character(text: str, start: int, end: int) -> Number:
    """A character constant, which is a number. Raises ValueError if it is not one character."""
    character = unescape(text[1:-1], "'")
    if len(character) != 1:
        raise ValueError(f"{text} is not one character")
    code = ord(character)
    return Number(start, end, text, code, code, float(code))


def _real(text: str, start: int, end: int) -> Number:
    if not set(text) & set(".eEpP"):
        raise ValueError(f"'{text}' is no number")
    try:
        number = read_float(text)
    except (ValueError, OverflowError):
        raise ValueError(f"'{text}' is no number") from None
    return Number(start, end, text, *_whole(number), number)


def _whole(number: float) -> tuple[int | None, int | None]:
    """The number as an integer with and without a sign, where it is one."""
    if number != number // 1:
        return None, None
    value = int(number)
    return value if fits(value) else None, value if 0 <= value < _UNSIGNED_MOST else None


def _complex(text: str, start: int, end: int) -> Number:
    split = max(text.rfind("+", 1), text.rfind("-", 1))
    while split > 0 and text[split - 1] in "eE":
        split = max(text.rfind("+", 1, split), text.rfind("-", 1, split))
    real, imaginary = (text[:split], text[split:-1]) if split > 0 else ("0", text[:-1])
    try:
        value = complex(read_float(real), read_float(imaginary))
    except (ValueError, OverflowError):
        raise ValueError(f"'{text}' is no number") from None
    if value.imag:
        return Number(start, end, text, imaginary=value)
    return Number(start, end, text, *_whole(value.real), value.real, value)
