"""JSON as encoding/json reads and writes it."""

from __future__ import annotations

from typing import Any

import pytest

from sensors.languages.go.json import decode, encode, repaired
from sensors.languages.go.limits import GoError, LimitError
from sensors.languages.go.values import Int, NilList, NilMap, StringMap


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [None, True, 1.5, Int(7)]}, '{"a":[null,true,1.5,7],"b":1}'),
        ([1e21, 1e-7, 10**30], "[1e+21,1e-7,1e+30]"),
        ('<&>\u2028\x00\x7f\b\f"\\é', '"\\u003c\\u0026\\u003e\\u2028\\u0000\x7f\\b\\f\\"\\\\é"'),
        ("\udcff", '"\\ufffd"'),
        (NilList(), "null"),
        (NilMap(), "null"),
        (StringMap(a="b"), '{"a":"b"}'),
        ([], "[]"),
        ({}, "{}"),
    ],
)
def test_encoding(value: Any, text: str) -> None:
    assert encode(value) == text


def test_without_html() -> None:
    assert encode("<&>\u2029", html=False) == '"<&>\\u2029"'


def test_lines() -> None:
    assert encode({"a": [1, {}], "b": []}, indent="  ") == '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": []\n}'


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1j]])
def test_what_is_no_json(value: Any) -> None:
    with pytest.raises(GoError):
        encode(value)


def test_too_much() -> None:
    with pytest.raises(LimitError):
        encode(["x" * 1000] * 2000)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (' {"a":[1,2.50,-0]} ', {"a": [1.0, 2.5, 0.0]}),
        ('{"a":1,"a":2}', {"a": 2.0}),
        ('"\\ud83d\\ude00\\ud800x"', "😀\ufffdx"),
        ('{"\\ud800":["\\udfff"]}', {"\ufffd": ["\ufffd"]}),
        ('"\udcff"', "\ufffd"),
        ("null", None),
    ],
)
def test_decoding(text: str, value: Any) -> None:
    assert decode(text) == (value, "")


@pytest.mark.parametrize("text", ["", "{", "[1,]", "NaN", "-Infinity", "01", "'a'", '"\x01"', "1 2", "[" * 100_000])
def test_what_cannot_be_decoded(text: str) -> None:
    value, fault = decode(text)
    assert value is None
    assert fault


def test_numbers_that_are_too_large() -> None:
    assert decode("[1,1e999,-1e999]") == ([1.0, None, None], "a number is too large")
    assert repaired(["a\ud800", {"b": 1}]) == ["a\ufffd", {"b": 1}]
