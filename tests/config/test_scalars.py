from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import EventyardError
from config.scalars import json_number, resolve_plain, resolve_tagged

YAML = "tag:yaml.org,2002:"


@pytest.mark.parametrize("text", ["y", "Yes", "on", "ON", "true", "True", "TRUE"])
def test_words_that_are_true(text: str) -> None:
    assert resolve_plain(text) is True


@pytest.mark.parametrize("text", ["n", "No", "off", "Off", "false", "FALSE"])
def test_words_that_are_false(text: str) -> None:
    assert resolve_plain(text) is False


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_words_that_are_null(text: str) -> None:
    assert resolve_plain(text) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("12000", 12000),
        ("1_000", 1000),
        ("0755", 0o755),
        ("0o17", 0o17),
        ("0x1F", 31),
        ("-0x1f", -31),
        ("0b101", 5),
        ("-0b11", -3),
        ("18446744073709551615", (1 << 64) - 1),
        ("-9223372036854775808", -(1 << 63)),
    ],
)
def test_integers(text: str, wanted: int) -> None:
    found = resolve_plain(text)
    assert found == wanted
    assert type(found) is int


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0), ("-1.", -1.0), ("08", 8.0), ("18446744073709551616", 2.0**64)],
)
def test_floats(text: str, wanted: float) -> None:
    found = resolve_plain(text)
    assert found == wanted
    assert type(found) is float


@pytest.mark.parametrize(
    "text",
    [
        *(
            "=",
            "<",
            "a",
            "tRue",
            "yEs",
            "2026-01-02",
            "2026-01-02T15:04:05Z",
            "12:30:45",
            "1.2.3",
            "-",
            "+",
            ".",
            "...",
        ),
        *("0xg", "1e999", "_1", "._5", "-.e", "0b2", "12a", "٣"),
    ],
)
def test_everything_else_is_text(text: str) -> None:
    assert resolve_plain(text) == text


@pytest.mark.parametrize(
    ("tag", "text", "wanted"),
    [
        (YAML + "str", "5", "5"),
        (YAML + "int", "5", 5),
        (YAML + "float", "5", 5.0),
        (YAML + "bool", "yes", True),
        (YAML + "null", "~", None),
        (YAML + "timestamp", "2026-01-02", "2026-01-02"),
        (YAML + "binary", "aGVs\n bG8=", "hello"),
        ("!vault", "5", "5"),
    ],
)
def test_tags(tag: str, text: str, wanted: object) -> None:
    found = resolve_tagged(tag, text)
    assert found == wanted
    assert type(found) is type(wanted)


@pytest.mark.parametrize(
    ("tag", "text"),
    [("int", "a"), ("int", "1.5"), ("bool", "1"), ("float", "x"), ("null", "a"), ("binary", "%%%"), ("int", "yes")],
)
def test_a_tag_that_does_not_fit(tag: str, text: str) -> None:
    with pytest.raises(EventyardError):
        resolve_tagged(YAML + tag, text)


def test_a_float_without_fraction_is_an_integer_in_json() -> None:
    assert type(json_number(2.0)) is int
    assert type(json_number(2.5)) is float
    assert type(json_number(1e21)) is float
    for odd in (float("nan"), float("inf")):
        with pytest.raises(EventyardError):
            json_number(odd)


@given(st.text())
def test_no_text_is_too_odd(text: str) -> None:
    assert isinstance(resolve_plain(text), str | int | float | None)


@given(st.integers(min_value=-(1 << 63), max_value=(1 << 64) - 1))
def test_integers_are_read_as_they_are_written(number: int) -> None:
    assert resolve_plain(str(number)) == number
