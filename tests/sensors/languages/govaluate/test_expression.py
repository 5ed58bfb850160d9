"""Govaluate: kinds, operators, precedence, names, dates, and what cannot be read or evaluated."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.govaluate.expression import EvaluationError, GovaluateError, compile_govaluate

VALUES: dict[str, Any] = {
    "n": 42.0,
    "zero": 0.0,
    "half": 0.5,
    "ref": "refs/heads/main",
    "empty": "",
    "yes": True,
    "no": False,
    "nothing": None,
    "tags": ["red", "green"],
    "numbers": [1.0, 2.0],
    "object": {"a": 1.0},
    "a-b": "dash",
    "pattern": "main$",
    "broken": "[",
}


def value(text: str) -> Any:
    return compile_govaluate(text)(VALUES)


@pytest.mark.parametrize(
    "text",
    [
        "ref == 'refs/heads/main' && n == 42",
        'ref == "refs/heads/main"',
        "n >= 42 && n <= 42.0 && n < 43 && n > 41 && n != 41",
        "'a' < 'b' && ref > 'refs'",
        "ref =~ '^refs/' && ref !~ 'dev'",
        "ref =~ pattern",
        "ref =~ 'ma' + 'in$'",
        "!no && !(yes && no) && yes || no",
        "no && yes || yes",
        "yes || unknown",
        "!(no && unknown)",
        "n + 1 == 43 && n - 2 == 40 && n * 2 == 84 && n / 4 == 10.5 && n % 5 == 2",
        "1 - 2 - 3 == -4 && 2 ** 3 ** 2 == 64 && -n == -42",
        "2 + 3 * 4 == 14 && (2 + 3) * 4 == 20",
        "(n & 2) == 2 && (n | 1) == 43 && (n ^ 1) == 43 && ~n == -43",
        "1 << 4 == 16 && n >> 1 == 21 && 1 << 64 == 0",
        "n == 0x2A && n == 42. && half == .5",
        "'n=' + n == 'n=42' && n + '1' == '421' && '' + 1000000 == '1e+06'",
        "'' + tags + object + nothing + yes == '[red green]map[a:1]<nil>true'",
        "n in (41, 42) && 'red' in tags && !('blue' in tags) && 'red' in (tags, 'blue')",
        "tags == tags && numbers == (1, 2) && object == object && nothing == nothing",
        "!(n == '42') && !(yes == 1) && nothing != 0 && empty != nothing",
        "(n == 42 ? 'a' : 'b') == 'a' && (no ? 1 : 2) == 2",
        "(no ? 1 : no ? 2 : 3) == 3",
        "(nothing ?? 'x') == 'x' && (n ?? 1) == 42",
        "[a-b] == 'dash' && a\\-b == 'dash' && [n] == 42",
        "n == 42) && (unknown",
        "(yes) no",
        "(nothing == ) && () == nothing",
        "n == 42 || n.Size && ref.Len(1, 2)",
    ],
)
def test_true(text: str) -> None:
    assert value(text) is True


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("n / zero", math.inf),
        ("-n / zero", -math.inf),
        ("2 ** 5000", math.inf),
        ("(0 - 2) ** 5001", -math.inf),
        ("0 ** (0 - 1)", math.inf),
        ("4 ** 0.5", 2.0),
        ("-n >> 1", float((1 << 64) - 42 >> 1)),
        ("1, 'a', yes", [1.0, "a", True]),
        ("tags", ["red", "green"]),
        ("no ? 1", None),
    ],
)
def test_values(text: str, result: Any) -> None:
    assert value(text) == result


@pytest.mark.parametrize("text", ["zero / zero", "n % zero", "(0 - 8) ** 0.3"])
def test_not_a_number(text: str) -> None:
    assert math.isnan(value(text))
    assert value(f"({text}) == ({text})") is False


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-02", 1767312000),
        ("2026-01-02 03:04", 1767323040),
        ("2026-01-02T03:04:05Z", 1767323045),
        ("2026-01-02T03:04:05+02:00", 1767315845),
        ("Fri Jan  2 03:04:05 2026", 1767323045),
        ("3:04PM", -62167164960),
    ],
)
def test_dates_are_numbers(text: str, seconds: int) -> None:
    assert value(f"'{text}'") == seconds
    assert value(f"'{text}' == ('{text}' + '')") is False


@pytest.mark.parametrize("text", ["2026", "2026-01", "2026-13-40", "01/02/2026", "2026-01-02T03:04:05", "12"])
def test_what_is_no_date_is_text(text: str) -> None:
    assert value(f"'{text}'") == text


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("", "ends too early", 0),
        ("n ==", "ends too early", 4),
        ("(n == 42", "not closed", 0),
        ("n == 42)", "not opened", 7),
        ("n === 42", "'===' is no operator: write '=='", 2),
        ("n>-1", "'>-' is no operator: put blanks", 1),
        ("n == 4.2e1", "a name cannot follow a number", 8),
        ("n > 1 and yes", "write '&&'", 6),
        ("not yes", "write '!'", 4),
        ("len(ref)", "no function 'len'", 0),
        ("ref.len", "'ref.len' is no name", 0),
        ("ref.", "ends with a dot", 0),
        ("'abc", "text is not closed", 0),
        ("[abc", "bracket is not closed", 0),
        ("n == `x`", "'`' is no operator", 5),
        ("n == 1.2.3", "'1.2.3' is no number", 5),
        ("n == 0xG", "'0x' is no hexadecimal", 5),
        ("1 -'2026-01-01'", "a date cannot follow", 3),
        ("!'a'", "a text cannot follow a prefix", 1),
        ("- -1", "an operator cannot follow a prefix", 2),
        ("ref =~ '['", "not a regular expression: missing ]", 7),
        ("ref =~ '\\\\C'", "invalid escape", 7),
        ("n == 1 \\", "backslash", 7),
        ("_a == 1", "'_' is no operator", 0),
        ("n ? , 1", "',' where a value should be", 4),
        ("(" * 80 + "n" + ")" * 80, "nested too deeply", 64),
    ],
)
def test_what_cannot_be_read(text: str, message: str, column: int) -> None:
    with pytest.raises(GovaluateError) as caught:
        compile_govaluate(text)
    assert message in str(caught.value)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unknown == 1", "no field is named 'unknown'"),
        ("n > '1'", "'>' wants two numbers or two texts, found a number and a text"),
        ("nothing > 0", "found null and a number"),
        ("1 < n < 50", "found a boolean and a number"),
        ("n && yes", "'&&' wants a boolean, found a number"),
        ("nothing || yes", "'||' wants a boolean, found null"),
        ("!empty", "'!' wants a boolean, found a text"),
        ("-ref", "'-' wants numbers, found a text"),
        ("tags + 1", "'+' wants numbers, found a list"),
        ("yes * 2", "'*' wants numbers, found a boolean"),
        ("n in (1)", "'in' wants a list of at least two values, found a number"),
        ("n in object", "found an object"),
        ("tags in (1, tags)", "'in' cannot compare a list"),
        ("n =~ '4'", "searched for in a text, not in a number"),
        ("ref =~ n", "a pattern is a text, not a number"),
        ("ref =~ broken", "not a regular expression"),
        ("n ? 1 : 2", "'?' wants a boolean, found a number"),
        ("ref.Len == 1", "'ref' has no field 'Len'"),
    ],
)
def test_what_cannot_be_evaluated(text: str, message: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        value(text)
    assert message in str(caught.value)


def test_names() -> None:
    expression = compile_govaluate("a == 1 && [b c] in (a, d) || true")
    assert expression.names == ("a", "b c", "d")
    assert expression.text.startswith("a == 1")


def test_whole_numbers_are_doubles() -> None:
    assert compile_govaluate("a == 1 && a + 1 == 2")({"a": 1})


def test_long_chains_do_not_nest() -> None:
    assert value(" || ".join(["no"] * 5000 + ["yes"])) is True
    assert value("n in (" + ", ".join(map(str, range(3000))) + ")") is True


def test_the_place_of_a_fault() -> None:
    with pytest.raises(GovaluateError) as caught:
        compile_govaluate("n == 42 &&\n  ref === 'x'")
    assert caught.value.place == (2, 7)
    assert caught.value.caret() == "  ref === 'x'\n      ^"
    assert str(caught.value).endswith("at line 2, character 7")


_PIECES = [
    "n",
    "ref",
    "yes",
    "unknown",
    "1",
    "'a'",
    "(",
    ")",
    " ",
    "==",
    "&&",
    "-",
    "!",
    "in",
    ",",
    "?",
    ":",
    "=~",
    "'[",
    "[",
    "]",
    "\\",
    ".",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join) | st.text(max_size=20))
def test_nothing_else_is_raised(text: str) -> None:
    with contextlib.suppress(GovaluateError, EvaluationError):
        compile_govaluate(text)(VALUES)


@given(st.floats(), st.floats(), st.sampled_from(["<", "<=", ">", ">=", "==", "!="]))
def test_numbers_compare_as_doubles(left: float, right: float, operator: str) -> None:
    expected = eval("left " + operator + " right", {}, {"left": left, "right": right})
    assert compile_govaluate(f"a {operator} b")({"a": left, "b": right}) is expected
