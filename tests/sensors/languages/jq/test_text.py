"""JSON as jq writes it, whole and from the beginning."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.jq.text import beginning, from_text, read_number, to_text

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (1.0, "1"),
        (10**30, "1" + "0" * 30),
        (1e21, "1e+21"),
        (1e-7, "1e-7"),
        (math.nan, "null"),
        (-math.inf, "-1.7976931348623157e+308"),
        ('"\\/\b\f\n\r\t\x01\x7f é', '"\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u007f é"'),
        ({"b": [1, {}], "a": []}, '{"a":[],"b":[1,{}]}'),
        ("x" * 5000, '"' + "x" * 5000 + '"'),
        ("\0" * 5000, '"' + "\\u0000" * 5000 + '"'),
    ],
)
def test_how_values_are_written(value: Any, text: str) -> None:
    assert to_text(value) == text
    assert beginning(value, 10) == text[:10]


@given(VALUES, st.integers(1, 40))
def test_the_beginning_is_that_of_the_whole(value: Any, size: int) -> None:
    assert beginning(value, size) == to_text(value)[:size]
    assert json.loads(to_text(value), parse_int=float) == value


def test_whoever_counts_may_stop_the_writing() -> None:
    sizes: list[int] = []

    def take(size: int) -> None:
        sizes.append(size)
        if sum(sizes) > 10_000:
            raise MemoryError

    nested: Any = "x"
    for _ in range(40):
        nested = [nested, nested]
    with pytest.raises(MemoryError):
        to_text(nested, take)
    assert sum(sizes) < 10_100
    with pytest.raises(MemoryError):
        to_text("x" * 100_000, take)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("-1", -1),
        ("1.0", 1.0),
        ("+1e3", 1e3),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e999", math.inf),
        ("9" * 30, 10**30 - 1),
    ],
)
def test_numbers(text: str, number: float) -> None:
    found = read_number(text)
    assert (found, type(found)) == (number, type(number))


def test_json_is_read_as_it_is_written() -> None:
    assert from_text(' {"a": [1, 1.0, 9007199254740993, null]} ') == {"a": [1, 1.0, 9007199254740993, None]}
    for text in ("", "{a}", "[1,]", "NaN", "[Infinity]", "1 2", "'a'", "9" * 5000):
        with pytest.raises(ValueError, match=r"."):
            from_text(text)


def test_an_integer_without_end_is_infinite() -> None:
    assert read_number("9" * 5000) == math.inf
    assert read_number("-" + "9" * 5000) == -math.inf


@pytest.mark.parametrize("text", ["", "a", "1_0", "1e", "0x1", " 1", "1 ", "--1", "nan"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        read_number(text)
