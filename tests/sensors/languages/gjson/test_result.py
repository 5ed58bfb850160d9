"""Results: the texts, numbers and truths that Go makes of a value."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.gjson.result import ABSENT, Result, Type, format_float, parse_float, read_float, read_truth
from sensors.languages.gjson.text import parse


@pytest.mark.parametrize(
    ("text", "string", "number", "boolean"),
    [
        ("null", "", 0.0, False),
        ("true", "true", 1.0, True),
        ("false", "false", 0.0, False),
        ("0", "0", 0.0, False),
        ("-0", "-0", -0.0, False),
        ("9007199254740993", "9007199254740993", 9007199254740992.0, True),
        ("1.50", "1.5", 1.5, True),
        ("1.0", "1", 1.0, True),
        ("1e3", "1000", 1000.0, True),
        ("1e21", "1" + "0" * 21, 1e21, True),
        ("1E-7", "0.0000001", 1e-7, True),
        ("-0.0", "-0", -0.0, False),
        ("1e999", "+Inf", math.inf, True),
        ("-1e999", "-Inf", -math.inf, True),
        ('"x"', "x", 0.0, False),
        ('"1.5"', "1.5", 1.5, False),
        ('" 1"', " 1", 0.0, False),
        ('"1"', "1", 1.0, True),
        ('"TrUe"', "TrUe", 0.0, True),
        ('"T"', "T", 0.0, True),
        ('"yes"', "yes", 0.0, False),
        ("[1, 2]", "[1, 2]", 0.0, False),
    ],
)
def test_conversions(text: str, string: str, number: float, boolean: bool) -> None:
    value = parse(text)
    assert (value.string(), value.number(), value.boolean()) == (string, number, boolean)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None),
        ("true", True),
        ("false", False),
        ("7", 7.0),
        ('"a"', "a"),
        ('{"a":1,"b":[2,"x",null],"a":3}', {"a": 1.0, "b": [2.0, "x", None]}),
        ("[1,", None),
        ("[" * 5000 + "]" * 5000, None),
    ],
)
def test_value_is_what_go_would_hold(text: str, value: object) -> None:
    found = parse(text).value()
    assert found == value
    assert type(found) is type(value)


def test_kinds() -> None:
    assert parse("{}").is_object
    assert parse("[]").is_array
    assert not parse('"["').is_array
    assert parse("null").exists
    assert not ABSENT.exists
    assert Result(Type.STRING, '""').exists


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1_000", 1000.0),
        ("0x1p4", 16.0),
        ("0x_1.8p1_0", 1536.0),
        ("+1", 1.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("-Infinity", -math.inf),
        ("1e-400", 0.0),
    ],
)
def test_go_reads_more_numbers_than_json(text: str, number: float) -> None:
    assert read_float(text) == number


@pytest.mark.parametrize(
    "text", ["", ".", "0x10", "1e", " 1", "1 ", "--1", "-nan", "_1", "1__0", "1_.5", "0x1_p3", "0xp1", "٣"]
)
def test_what_is_no_number_to_go(text: str) -> None:
    with pytest.raises(ValueError, match=r"number|float"):
        read_float(text)
    assert parse_float(text) == 0


@pytest.mark.parametrize(("text", "number"), [("1e400", math.inf), ("-1e400", -math.inf), ("0x1p5000", math.inf)])
def test_numbers_too_large(text: str, number: float) -> None:
    with pytest.raises(OverflowError):
        read_float(text)
    assert parse_float(text) == number


def test_not_a_number() -> None:
    assert math.isnan(read_float("NaN"))
    assert format_float(math.nan) == "NaN"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_formatted_number_reads_back_and_has_no_exponent(number: float) -> None:
    text = format_float(number)
    assert float(text) == number
    assert set(text) <= set("-0123456789.")


def test_truth_words() -> None:
    assert [read_truth(word) for word in ("1", "t", "T", "true", "TRUE", "True")] == [True] * 6
    assert [read_truth(word) for word in ("0", "f", "F", "false", "FALSE", "False")] == [False] * 6
    assert [read_truth(word) for word in ("", "tRUE", "yes", "on", "2")] == [None] * 5
