"""sprig on numbers, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int 3.9", "3"),
        ('int "0x1F"', "31"),
        ('int "3.7"', "3"),
        ('int "010"', "8"),
        ('int "-.5"', "0"),
        ('int "1_000"', "1000"),
        ('int " 5"', "0"),
        ("int true", "1"),
        ("int nil", "0"),
        ("int .Input.l", "0"),
        ("int64 1e19", "-9223372036854775808"),
        ("int (int64 5)", "5"),
        ('float64 "1e3"', "1000"),
        ('float64 "x"', "0"),
        ("float64 true", "1"),
        ("float64 (int64 3)", "3"),
        ('atoi "12"', "12"),
        ('atoi "x"', "0"),
        ('atoi "99999999999999999999"', "9223372036854775807"),
        ('toDecimal "777"', "511"),
        ('toDecimal "9"', "0"),
        ("toDecimal 10", "8"),
        ('add 1 "2" 3.9', "6"),
        ("add", "0"),
        ("add1 9223372036854775807", "-9223372036854775808"),
        ("sub 5 7", "-2"),
        ("div 7 -2", "-3"),
        ("mod -7 3", "-1"),
        ("mul 2 3 4", "24"),
        ("max 1 5 3", "5"),
        ("min 1 -5 3", "-5"),
        ("biggest 2 9", "9"),
        ("addf 0.1 0.2", "0.3"),
        ("add1f 0.1", "1.1"),
        ("subf 1 0.9 0.05", "0.05"),
        ("mulf 1.1 3", "3.3"),
        ("divf 10 3", "3.3333333333333335"),
        ("divf 1 -3", "-0.3333333333333333"),
        ('maxf 1.5 "2.5"', "2.5"),
        ("minf 1.5 -2", "-2"),
        ("floor -1.5", "-2"),
        ("ceil -0.5", "-0"),
        ("ceil 1.2", "2"),
        ("round 123.5555 3", "123.556"),
        ("round 2.5 0", "3"),
        ("round -2.5 0", "-3"),
        ("round 1234 -2", "1200"),
        ("round 1.25 1 0.6", "1.2"),
        ("until 3", "[0 1 2]"),
        ("until -3", "[0 -1 -2]"),
        ("until 0", "[]"),
        ("untilStep 0 10 4", "[0 4 8]"),
        ("untilStep 5 0 -2", "[5 3 1]"),
        ("untilStep 0 5 -1", "[]"),
        ("seq 3", "1 2 3"),
        ("seq 0", "1 0"),
        ("seq 2 5", "2 3 4 5"),
        ("seq 5 2", "5 4 3 2"),
        ("seq 1 2 7", "1 3 5 7"),
        ("seq 5 1 1", ""),
        ("seq", ""),
        ("typeOf (add 1 2)", "int64"),
        ("floor .Input.mil", "1e+06"),
    ],
)
def test_numbers(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        "div 1 0",
        "mod 1 0",
        "divf 1 0",
        "until (add 1 2)",
        'addf "NaN" 1',
    ],
)
def test_numbers_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
