"""Arithmetic on doubles: IEEE 754 where Python raises, and Go's rounding of powers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.go.arithmetic import divide, power, remainder, truncate_unsigned

INFINITE = math.inf


@pytest.mark.parametrize(
    ("left", "right", "quotient"),
    [(7, 2, 3.5), (1, 0, INFINITE), (-1, 0, -INFINITE), (1, -0.0, -INFINITE), (INFINITE, 0, INFINITE)],
)
def test_divide(left: float, right: float, quotient: float) -> None:
    assert divide(float(left), float(right)) == quotient


def test_divide_nothing_by_nothing() -> None:
    assert math.isnan(divide(0.0, 0.0))
    assert math.isnan(divide(math.nan, 0.0))


def test_remainder() -> None:
    assert remainder(-7.0, 3.0) == -1
    assert remainder(7.0, INFINITE) == 7
    assert math.isnan(remainder(1.0, 0.0))
    assert math.isnan(remainder(INFINITE, 2.0))


@pytest.mark.parametrize(
    ("base", "exponent", "result"),
    [
        (2, 10, 1024),
        (2, -1, 0.5),
        (-8, 3, -512),
        (0.5, -0.5, 1.414213562373095),
        (9, 0.5, 3),
        (0, -1, INFINITE),
        (-0.0, -1, -INFINITE),
        (-0.0, -2, INFINITE),
        (2, 5000, INFINITE),
        (-2, 5001, -INFINITE),
        (-2, 5000, INFINITE),
        (2, -5000, 0),
        (-1, 1e300, 1),
        (0.5, 1e300, 0),
        (2, 1e300, INFINITE),
        (1, math.nan, 1),
        (INFINITE, -1, 0),
        (10, 308, 1.0000000000000006e308),
    ],
)
def test_power(base: float, exponent: float, result: float) -> None:
    assert power(float(base), float(exponent)) == result


def test_a_power_that_there_is_not() -> None:
    assert math.isnan(power(-8.0, 1 / 3))
    assert math.isnan(power(-8.0, 0.5))


@given(st.floats(0.1, 100), st.floats(-20, 20))
def test_powers_are_close(base: float, exponent: float) -> None:
    assert power(base, exponent) == pytest.approx(math.pow(base, exponent), rel=1e-12)


@pytest.mark.parametrize(
    ("number", "bits"),
    [
        (1.9, 1),
        (-1.0, (1 << 64) - 1),
        (1.8e19, 18000000000000000000),
        (1.9e19, 1 << 63),
        (-1e19, 1 << 63),
        (math.nan, 1 << 63),
    ],
)
def test_truncate_unsigned(number: float, bits: int) -> None:
    assert truncate_unsigned(number) == bits
