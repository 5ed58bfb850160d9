"""Numbers as strconv writes and reads them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.go.numbers import (
    fits,
    format_float,
    format_json,
    json_number,
    read_clamped,
    read_integer,
    truncate,
    wrap,
)

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE)
def test_the_shortest_reads_back(number: float) -> None:
    for verb in "efgEG":
        assert float(format_float(number, verb)) == number
    assert float(format_json(number)) == number
    assert float.fromhex(format_float(number, "x")) == number
    mantissa, _, exponent = format_float(number, "b").partition("p")
    assert math.ldexp(int(mantissa), int(exponent)) == number


@given(FINITE, st.integers(0, 20))
def test_given_precisions(number: float, precision: int) -> None:
    for verb in "efg":
        assert format_float(number, verb, precision) == f"{number:.{precision}{verb}}"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (100000.0, "100000"),
        (1e6, "1e+06"),
        (1234567.0, "1.234567e+06"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (-0.0, "-0"),
        (5e-324, "5e-324"),
        (1e100, "1e+100"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
    ],
)
def test_floats(number: float, text: str) -> None:
    assert format_float(number) == text


@pytest.mark.parametrize(
    ("number", "text"), [(1e-7, "1e-7"), (1e-6, "0.000001"), (1e20, "1" + "0" * 20), (1e21, "1e+21")]
)
def test_json(number: float, text: str) -> None:
    assert format_json(number) == text


@pytest.mark.parametrize(
    ("number", "precision", "text"),
    [
        (1.0, 0, "0x1p+00"),
        (1.5, 0, "0x1p+01"),
        (1.96875, 1, "0x1.0p+01"),
        (0.0, 3, "0x0.000p+00"),
        (1.1, 15, "0x1.199999999999a00p+00"),
    ],
)
def test_rounded_hexadecimals(number: float, precision: int, text: str) -> None:
    assert format_float(number, "x", precision) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("0x_Ff", 255),
        ("0b10", 2),
        ("0o17", 15),
        ("017", 15),
        ("1_000", 1000),
        ("9" * 30, 10**30 - 1),
    ],
)
def test_integers(text: str, value: int) -> None:
    assert read_integer(text) == value


@pytest.mark.parametrize("text", ["", "-", "08", "1__0", "_1", "1_", "0x", "1.0", " 1", "٣", "0b2"])
def test_what_is_no_integer(text: str) -> None:
    with pytest.raises(ValueError, match="no integer"):
        read_integer(text)


def test_bases_of_their_own() -> None:
    assert read_integer("0077", 10) == 77
    assert read_integer("-777", 8) == -511
    assert not fits(read_integer("9" * 100_000, 10))
    for text in ("8", "1_0", ""):
        with pytest.raises(ValueError, match="no integer"):
            read_integer(text, 8)


def test_64_bits() -> None:
    most = (1 << 63) - 1
    assert (wrap(most + 1), wrap(-most - 2)) == (-most - 1, most)
    assert [read_clamped(text) for text in ("9" * 30, "-" + "9" * 30, "5", "x", "5x", "9" * 19 + "x")] == [
        *(most, -most - 1, 5, 0, 0, 0)
    ]
    assert read_clamped("9" * 30 + "x") == most
    assert (truncate(2.9), truncate(-2.9)) == (2, -2)
    assert truncate(1e19) == truncate(math.nan) == truncate(-math.inf) == -most - 1


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1.0, 1),
        (-0.0, 0),
        (1.5, 1.5),
        (2.0**53, 2**53),
        (1234567890123456789.0, 1234567890123456800),
        (-(2.0**62), -4611686018427388000),
        (2.0**63, 2.0**63),
        (1e300, 1e300),
    ],
)
def test_numbers_of_json(number: float, expected: float) -> None:
    found = json_number(number)
    assert (found, type(found)) == (expected, type(expected))
    assert float(found) == number
