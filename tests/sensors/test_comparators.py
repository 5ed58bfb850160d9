"""Comparisons of data filters, type by type."""

from __future__ import annotations

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.comparators import compile_test, describe
from sensors.languages.gjson.get import parse


def holds(type: str, comparator: str, value: str, text: str) -> bool:
    found = parse(text)
    assert found is not None
    return compile_test(type, comparator, value)(found)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("main", '"refs/heads/main"', True),
        ("^main", '"refs/heads/main"', False),
        ("main$", '"refs/heads/main"', True),
        ("^refs/heads/main$", '"refs/heads/main"', True),
        ("^main$", '"main\\n"', False),
        ("", '"x"', True),
        ("^$", '""', True),
        ("^refs/heads/(main|dev)$", '"refs/heads/dev"', True),
        (r"\d{3}", "12345", True),
        ("é.世", '"é-世"', True),
        (r"\Q\C\E", r'"\\C"', True),
        (r"\\C", r'"\\C"', True),
        ("true", "true", True),
        ('"k":1', '{"k":1}', True),
        ("^150$", "1.5e2", True),
    ],
)
def test_strings_are_searched_for_expressions(pattern: str, text: str, matches: bool) -> None:
    assert holds("string", "", pattern, text) is matches
    assert holds("string", "=", pattern, text) is matches
    assert holds("string", "!=", pattern, text) is not matches
    assert not holds("string", ">", pattern, text)


@pytest.mark.parametrize("pattern", ["[", r"\C", "a{1001}", "(?=a)", r"(a)\1", "*"])
def test_what_is_no_expression(pattern: str) -> None:
    with pytest.raises(ValueError, match="not a regular expression: "):
        compile_test("string", "", pattern)


@given(st.text(), st.text(max_size=4).filter(lambda text: not set(text) & set(r"\.+*?()|[]{}^$")))
def test_plain_texts_mean_what_the_engine_means(text: str, pattern: str) -> None:
    # A group, which changes nothing, keeps the engine in charge.
    quoted = "".join(f"\\u{ord(one):04x}" if ord(one) < 32 or one in '"\\' else one for one in text)
    for written in (pattern, f"^{pattern}", f"{pattern}$", f"^{pattern}$"):
        anchored = written.replace("^", "(?:^)").replace("$", "(?:$)")
        assert holds("string", "", written, f'"{quoted}"') is holds("string", "", f"(?:){anchored}", f'"{quoted}"')


ORDERS = {
    "": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


@given(st.sampled_from(sorted(ORDERS)), st.floats(allow_nan=False, allow_infinity=False), st.integers())
def test_numbers_are_doubles(comparator: str, wanted: float, found: int) -> None:
    assert holds("number", comparator, repr(wanted), str(found)) is ORDERS[comparator](float(found), wanted)


@pytest.mark.parametrize(
    ("value", "text", "equal"),
    [
        ("42", '"42"', True),
        ("0", '"abc"', True),
        ("1", "true", True),
        ("0", "null", True),
        ("4.2e1", "42", True),
        ("0x1p4", "16", True),
        ("1_000", "1000", True),
        ("nan", '"nan"', False),
        ("inf", '"Infinity"', True),
    ],
)
def test_what_counts_as_a_number(value: str, text: str, equal: bool) -> None:
    assert holds("number", "", value, text) is equal


@pytest.mark.parametrize("value", ["", "x", " 1", "1 ", "1e400", "0x1", "+nan", "1__0", "_1", "٣"])
def test_what_is_no_number(value: str) -> None:
    with pytest.raises(ValueError, match="number"):
        compile_test("number", "", value)


def test_an_unknown_comparator_never_holds() -> None:
    assert not holds("number", "~", "1", "1")


@pytest.mark.parametrize(("value", "text", "equal"), [("t", "true", True), ("0", "false", True), ("true", '"T"', True)])
@pytest.mark.parametrize("comparator", ["", "=", "!=", "<"])
def test_truths_are_equal_whatever_the_comparator(value: str, text: str, equal: bool, comparator: str) -> None:
    assert holds("bool", comparator, value, text) is equal
    assert not holds("bool", comparator, "f" if value != "0" else "1", text)


def test_what_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="'yes' is not a truth"):
        compile_test("bool", "", "yes")
    with pytest.raises(ValueError, match="unsupported JSON type 'date'"):
        compile_test("date", "", "x")


def test_in_words() -> None:
    assert [describe("string", ""), describe("string", "!="), describe("number", ">="), describe("bool", "!=")] == [
        "matches",
        "does not match",
        ">=",
        "is",
    ]
    assert describe("number", "") == "="
