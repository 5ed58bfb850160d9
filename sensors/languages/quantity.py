"""Quantities as Kubernetes writes them (`500m`, `10Mi`, `2e3`): exact decimal numbers that remember their notation.

Parsing, rounding and the canonical text are those of `k8s.io/apimachinery/pkg/api/resource`. Where that prints a wrong
number, having no suffix for it, the number is written with an exponent here.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple, TypeAlias

Form: TypeAlias = Literal["decimal", "binary", "exponent"]

_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_SUFFIXES: Final = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY_SUFFIXES: Final = ("", *_BINARY)
_TEXT: Final = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?[0-9]+))?")
_MOST: Final = (1 << 63) - 1
_NANO: Final = 9
"""Digits after the point that are kept."""

_LONGEST_TEXT: Final = 400
_LARGEST_EXPONENT: Final = 400


class Quantity(NamedTuple):
    """`unscaled / 10^scale`, and how it is to be written. The scale may be negative."""

    unscaled: int
    scale: int
    form: Form

    def plus(self, other: Quantity) -> Quantity:
        """The sum, written as this quantity is unless it is zero."""
        scale = max(self.scale, other.scale)
        total = _at(self, scale) + _at(other, scale)
        return Quantity(total, scale, self.form if self.unscaled else other.form)

    def minus(self, other: Quantity) -> Quantity:
        return self.plus(other._replace(unscaled=-other.unscaled))

    def times(self, factor: Quantity) -> Quantity:
        return Quantity(self.unscaled * factor.unscaled, self.scale + factor.scale, self.form)

    def over(self, divisor: Quantity) -> Quantity:
        """The quotient, cut to as many digits after the point as the two have. Raises ZeroDivisionError."""
        scale = max(self.scale, divisor.scale, 0)
        dividend = abs(self.unscaled) * 10 ** max(scale - self.scale + divisor.scale, 0)
        quotient = dividend // (abs(divisor.unscaled) * 10 ** max(self.scale - divisor.scale - scale, 0))
        return Quantity(quotient if (self.unscaled < 0) is (divisor.unscaled < 0) else -quotient, scale, self.form)

    def whole(self) -> int | None:
        """The number if it has no fraction."""
        whole, rest = divmod(self.unscaled * 10 ** max(-self.scale, 0), 10 ** max(self.scale, 0))
        return None if rest else whole

    def __float__(self) -> float:
        return float(self.unscaled) * float(f"1e{-self.scale}")

    def __str__(self) -> str:
        if not self.unscaled:
            return "0"
        whole = self.whole() if self.form == "binary" else None
        if whole is not None and abs(whole) >= 1024:
            thousands = 0
            while whole % 1024 == 0 and thousands + 1 < len(_BINARY_SUFFIXES):
                whole, thousands = whole // 1024, thousands + 1
            return f"{whole}{_BINARY_SUFFIXES[thousands]}"
        number, exponent = self.unscaled, -self.scale
        while number % 10 == 0:
            number, exponent = number // 10, exponent + 1
        number, exponent = number * 10 ** (exponent % 3), exponent - exponent % 3
        if self.form == "exponent" or exponent not in _DECIMAL_SUFFIXES:
            return f"{number}e{exponent}" if exponent else str(number)
        return f"{number}{_DECIMAL_SUFFIXES[exponent]}"


def parse_quantity(text: str) -> Quantity:
    """resource.ParseQuantity. Raises ValueError; the message does not repeat the text."""
    found = _TEXT.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if found is None or not (found[2] or found[3]):
        raise ValueError("not a quantity: write a number with or without a suffix, such as 10, 500m or 1.5Gi")
    whole, fraction, suffix = found[2].lstrip("0") or "0", found[3] or "", found[4] or ""
    number = int(whole + fraction)
    if found[1] == "-":
        number = -number
    if suffix in _BINARY:
        return _binary(number, whole, fraction, _BINARY[suffix])
    exponent = int(found[5]) if found[5] else _DECIMAL[suffix]
    if abs(exponent) > _LARGEST_EXPONENT:
        raise ValueError(f"a quantity with an exponent beyond {_LARGEST_EXPONENT}")
    form: Form = "exponent" if found[5] else "decimal"
    scale = len(fraction) - exponent
    if len(whole) + len(fraction) <= 18 and scale <= _NANO:
        return Quantity(number, scale, form)
    return _rounded(Quantity(number, scale, form))


def _binary(number: int, whole: str, fraction: str, exponent: int) -> Quantity:
    value = number << exponent
    if not fraction and 15 - len(whole) - exponent * 3 // 10 - 1 >= 0 and abs(value) <= _MOST:
        return Quantity(value, 0, "binary")
    made = _rounded(Quantity(value, len(fraction), "binary"))
    size = Quantity(abs(made.unscaled), made.scale, "binary")
    if _at(size, _NANO) > _MOST * 10**_NANO:
        return Quantity(_MOST if number > 0 else -_MOST, 0, "binary")
    if 0 < _at(size, _NANO) < 10**_NANO:
        return made._replace(form="decimal")
    return made


def _rounded(quantity: Quantity) -> Quantity:
    """With exactly nine digits after the point, rounded away from zero."""
    if not quantity.unscaled:
        return quantity
    excess = quantity.scale - _NANO
    size = abs(quantity.unscaled) * 10 ** max(-excess, 0)
    size = -(-size // 10 ** max(excess, 0))
    return Quantity(size if quantity.unscaled > 0 else -size, _NANO, quantity.form)


def _at(quantity: Quantity, scale: int) -> int:
    """The unscaled number at a scale that is not less than that of the quantity."""
    return quantity.unscaled * int(10 ** (scale - quantity.scale))
