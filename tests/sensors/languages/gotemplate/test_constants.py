"""Constants, and which parameters they fit, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0x1p4", "16"),
        ("0x1.8p1", "3"),
        ("0X1f", "31"),
        ("0o17", "15"),
        ("0b101", "5"),
        ("1_0.5", "10.5"),
        ("1e-3", "0.001"),
        ("+5", "5"),
        ("-0", "0"),
        ("-0x1F", "-31"),
        ("-0xE", "-14"),
        ('printf "%T" 1e3', "float64"),
        ("until 2.0", "[0 1]"),
        ("until 1e0", "[0]"),
        ("round 1 1 1", "1"),
        ('derivePassword 4294967297 "pin" "a" "b" "c"', "9016"),
        ("1i", "(0+1i)"),
        ("1.5i", "(0+1.5i)"),
        ("1+2i", "(1+2i)"),
        ("1e1+2i", "(10+2i)"),
        ("0i", "(0+0i)"),
        ("-1-2i", "(-1-2i)"),
        ("'\\n'", "10"),
        ("'\\x41'", "65"),
        ("'é'", "233"),
        ("'\\''", "39"),
        ('"\\a\\b\\f\\v\\101\\U0001F600"', "\x07\x08\x0c\x0bA😀"),
        ("true", "true"),
        ('1 | printf "%d"', "1"),
        ("ternary 1 2 true", "1"),
        ('hasKey nil "a"', "false"),
        ("float64 1i", "0"),
        ("int 1i", "0"),
        ("add1 1i", "1"),
    ],
)
def test_constants(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        "18446744073709551615",
        "until 2.5",
        "until 18446744073709551615",
        "round 1 1 1i",
        'derivePassword -1 "pin" "a" "b" "c"',
        "0x1i",
        "''",
        "'\\\"'",
        '"\\400"',
        '"\\uD800"',
        '"\\U00110000"',
        '"\\\'"',
        '"\\',
        "index (until 3) 18446744073709551615",
        "ternary 1 2 nil",
        "lower nil",
        'hasKey 1 "a"',
        'hasKey "a" "b"',
        "unixEpoch 1",
        "unixEpoch nil",
    ],
)
def test_constants_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
