"""The mathematical functions of jq."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.jq.query import compile_query
from tests.sensors.languages.queries import failure, outputs


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "-1.5, -0.5, 0.5, 1.5, 2.5 | floor, ceil, round, trunc, rint, nearbyint",
            [-2, -1, -2, -1, -2, -2, -1, 0, -1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 2, 2, 1, 2, 2, 2, 3, 3, 2, 2, 2],
        ),
        ("-2, 2.5 | abs, fabs, length, -., (. | tojson)", [2, 2, 2, 2, "-2", 2.5, 2.5, 2.5, -2.5, "2.5"]),
        ("4, 2, 0 | sqrt, exp2, exp10", [2, 16, 10000, 1.4142135623730951, 4, 100, 0, 1, 1]),
        (
            "0, 1 | sin, cos, asin, atan, sinh, exp, log1p",
            [
                0,
                1,
                0,
                0,
                0,
                1,
                0,
                0.8414709848078965,
                0.5403023058681398,
                1.5707963267948966,
                0.7853981633974483,
                1.1752011936438014,
                2.718281828459045,
                0.6931471805599453,
            ],
        ),
        ("8, 1024, 0.5 | log2, logb, significand", [3, 3, 1, 10, 10, 1, -1, -1, 1]),
        ("100, 1000 | log10", [2, 3]),
        ("27, -8, 0 | cbrt | round", [3, -2, 0]),
        ("5, 1 | gamma, tgamma | round", [24, 24, 1, 1]),
        ("0, 1, 2 | log | tojson", ["-1.7976931348623157e+308", "0", "0.6931471805599453"]),
        ("-1 | sqrt, log, acos | tojson", ["null", "null", "3.141592653589793"]),
        (
            "pow(2; 10), pow(2; -1), pow(2; 0.5), pow(0; 0), pow(-8; 3), (pow(-8; 0.5) | isnan)",
            [1024, 0.5, 1.4142135623730951, 1, -512, True],
        ),
        (
            "atan2(0; 1), fmin(1; 2), fmax(1; nan), fmod(7; 3), hypot(3; 4), ldexp(1; 4), scalb(1; 3), scalbln(3; 1)",
            [0, 1, 1, 1, 5, 16, 8, 6],
        ),
        (
            "copysign(1; -2), drem(5; 3), fdim(3; 1), fdim(1; 3), nextafter(1; 2), nexttoward(1; 0)",
            [-1, -1, 2, 0, 1.0000000000000002, 0.9999999999999999],
        ),
        ("fma(2; 3; 4), fma(1e200; 1e200; -infinite) | tojson", ["10", "-1.7976931348623157e+308"]),
        ("8 | frexp, (3.75 | modf), (-3.75 | modf)", [[0.5, 4], [0.75, 3], [-0.75, -3]]),
        (
            "infinite, -infinite, nan | tojson, isinfinite, isnan, isnormal",
            [
                "1.7976931348623157e+308",
                True,
                False,
                False,
                "-1.7976931348623157e+308",
                True,
                False,
                False,
                "null",
                False,
                True,
                False,
            ],
        ),
        ("nan == nan, nan < 1, 1 < nan, ([nan] | contains([nan]))", [False, True, False, False]),
        ("1e1000, -1e1000 | isinfinite", [True, True]),
        ("infinite | floor, ceil | isinfinite", [True, True]),
        ("nan | isnan, (null | isnan), (0 | isnan)", [True, False, False]),
        ("1 / 3, 1e15 + 0.5, 0.1 + 0.2", [0.3333333333333333, 1000000000000000.5, 0.30000000000000004]),
        ("5 % 3, -5 % 3, 5 % -3, 5.7 % 2.9, (5 % infinite), (nan % 1 | isnan)", [2, -2, 2, 1, 5, True]),
        ("1234567890123456789 * 10 | tostring", ["12345678901234567890"]),
        ("3 * 4.5, 10 / 4, 10 / 5", [13.5, 2.5, 2]),
        (
            "99999999999999999999 % 7, 9007199254740993 - 1, -9007199254740993 + 1 | tostring",
            ["1", "9007199254740992", "-9007199254740992"],
        ),
        ("100000000000000000000 / 10, 7 / 2 | tostring", ["10000000000000000000", "3.5"]),
        ("1.0, 1.10, 100, 1e2, 1E-2 | tojson", ["1", "1.1", "100", "100", "0.01"]),
        ("0.1e1, 1e0, .5e1", [1, 1, 5]),
        ("-(-1), +(1), -(0) | tojson", ["1", "1", "0"]),
        ("0 | tgamma, logb | tojson", ["1.7976931348623157e+308", "-1.7976931348623157e+308"]),
        ("1, 0.5 | lgamma | . * 1000 | round", [0, 572]),
        (
            "infinite | significand, logb, (1 | atanh) | tojson",
            ["1.7976931348623157e+308", "1.7976931348623157e+308", "1.7976931348623157e+308"],
        ),
        (
            '("1" + "0" * 400 | tonumber) | . + 0.5, -. | tojson',
            [
                "1.7976931348623157e+308",
                "-10000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
            ],
        ),
        ("0 | frexp, modf, significand", [[0, 0], [0, 0], 0]),
        (
            "fma(infinite; 1; 1), fmax(nan; 1), fmin(2; nan), drem(10; 5) | tojson",
            ["1.7976931348623157e+308", "1", "2", "0"],
        ),
    ],
)
def test_numbers(query: str, expected: list[Any]) -> None:
    assert outputs(query) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ('"a" | floor', 'floor cannot be applied to: string ("a")'),
        ("null | sqrt", "sqrt cannot be applied to: null"),
        ("[] | abs", "abs cannot be applied to: array ([])"),
        ('"4" | fabs', 'fabs cannot be applied to: string ("4")'),
        ('pow("a"; 2)', 'pow cannot be applied to: string ("a")'),
        ("pow(2; null)", "pow cannot be applied to: null"),
        ("{} | isnan", "isnan cannot be applied to: object ({})"),
        ('"a" | frexp', 'frexp cannot be applied to: string ("a")'),
        ('fma(1; "a"; 2)', 'fma cannot be applied to: string ("a")'),
        ("true | round", "round cannot be applied to: boolean (true)"),
        ("-{}", "cannot negate: object ({})"),
        ('-"a"', 'cannot negate: string ("a")'),
    ],
)
def test_what_is_no_number(query: str, message: str) -> None:
    assert failure(query) == message


def test_integers_have_an_end() -> None:
    assert failure("reduce range(100) as $i (2; . * .) | tostring") == "the number has too many digits"
    assert outputs("reduce range(10) as $i (2; . * .) | tostring | length") == [309]


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_remainders_have_the_sign_of_what_is_divided(left: float, right: float) -> None:
    dividend, divisor = (max(-(2**63), min(int(number), 2**63 - 1)) for number in (left, right))
    found = compile_query("try (.l % .r) catch .").first({"l": left, "r": right})
    if divisor:
        rest = abs(dividend) % abs(divisor)
        assert found == (-rest if dividend < 0 else rest)
    else:
        assert found.startswith("cannot modulo")


@given(st.integers(-(10**40), 10**40), st.integers(-(10**40), 10**40))
def test_integers_are_exact(left: int, right: int) -> None:
    found = compile_query(f"[{left} + {right}, {left} - {right}, {left} * {right}] | map(tostring)").first({})
    assert found == [str(left + right), str(left - right), str(left * right)]
