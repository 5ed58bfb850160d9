"""The functions of Go's package math where Python's answer in another way."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.go.math import computed, hypotenuse, log2, log10, logarithm, odd, rounded

INFINITE = math.inf


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (computed(math.exp, 1000.0), INFINITE),
        (rounded(math.floor)(-0.5), -1.0),
        (rounded(math.ceil)(INFINITE), INFINITE),
        (logarithm(math.log)(0.0), -INFINITE),
        (logarithm(math.log1p, -1.0)(-1.0), -INFINITE),
        (odd(math.sinh)(-1000.0), -INFINITE),
        (odd(math.sinh)(0.0), 0.0),
        (log2(8.0), 3.0),
        (log2(0.125), -3.0),
        (log2(INFINITE), INFINITE),
        (log10(100.0), 2.0),
        (hypotenuse(3.0, -4.0), 5.0),
        (hypotenuse(0.0, 0.0), 0.0),
        (hypotenuse(1.0, 1.0), math.sqrt(2)),
        (hypotenuse(1e308, 1e308), 1e308 * math.sqrt(2)),
        (hypotenuse(-INFINITE, math.nan), INFINITE),
    ],
)
def test_answers(found: float, expected: float) -> None:
    assert found == expected


def test_a_zero_keeps_its_sign() -> None:
    assert math.copysign(1, rounded(math.ceil)(-0.5)) == -1


def test_what_is_not_defined_is_no_number() -> None:
    assert math.isnan(computed(math.sqrt, -1.0))
    assert math.isnan(computed(math.fmod, 1.0, 0.0))
    assert math.isnan(hypotenuse(math.nan, 1.0))


@given(st.floats(1e-300, 1e300))
def test_logarithms_are_close_to_those_of_python(number: float) -> None:
    assert math.isclose(log2(number), math.log2(number), rel_tol=1e-14, abs_tol=1e-14)
    assert math.isclose(log10(number), math.log10(number), rel_tol=1e-14, abs_tol=1e-14)
