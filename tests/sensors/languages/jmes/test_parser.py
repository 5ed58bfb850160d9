"""What is refused when an expression is compiled, and where the caret points."""

import pytest

from sensors.languages.jmes.parser import MAX_DEPTH, MAX_LENGTH
from sensors.languages.jmes.search import JmesSyntaxError, compile_expression


def refused(text: str) -> JmesSyntaxError:
    with pytest.raises(JmesSyntaxError) as caught:
        compile_expression(text)
    assert caught.value.text == text
    assert 0 <= caught.value.column <= len(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 0, "the expression is empty"),
        ("   ", 3, "the expression ends too early"),
        ("a.", 2, "the expression ends too early"),
        ("a ==", 4, "the expression ends too early"),
        ("a || ", 5, "the expression ends too early"),
        ("a[?b", 4, "the expression ends too early"),
        ("length(a", 8, "the expression ends too early"),
        ("a = 'b'", 2, "unknown token '='; equality is '=='"),
        ("a == #", 5, "unknown token #"),
        ("a == 'b", 5, "unclosed ' delimiter"),
        ('a == `"b`', 5, "what stands between backticks is not JSON"),
        ("a b", 2, "unexpected name"),
        ('a "b"', 2, "unexpected name"),
        ("a 'b'", 2, "unexpected literal"),
        ("a.1", 2, "unexpected number (as a value it is written between backticks)"),
        ("a..b", 2, "unexpected '.'"),
        ("a)", 1, "unexpected ')'"),
        ("a == == b", 5, "unexpected '=='"),
        ("a[b]", 2, "unexpected name"),
        ("@(a)", 0, "only a name can be called"),
        ('a && "length"(b)', 5, "a function is named without quotes"),
    ],
)
def test_syntax(text: str, column: int, message: str) -> None:
    error = refused(text)
    assert (error.column, error.message) == (column, message)


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("a && lenght(b)", 5, "unknown function lenght(); did you mean length()?"),
        ("a && startswith(b, 'x')", 5, "unknown function startswith(); did you mean starts_with()?"),
        ("zzz(@)", 0, "unknown function zzz()"),
        ("length(a) && zzz(b)", 13, "unknown function zzz()"),
        ("a[?zzz(@)].length(@)", 3, "unknown function zzz()"),
        ("a[?length(@) > `1`].zzz(@)", 20, "unknown function zzz()"),
        ("length(a)[?length(@)].[length(@), zzz(@)]", 34, "unknown function zzz()"),
        ("{a: length(a), b: zzz(a)}", 18, "unknown function zzz()"),
        ("length(zzz(a))", 7, "unknown function zzz()"),
        ("(zzz)(a)", 5, "unknown function zzz()"),
        ("length()", 0, "length() takes 1 argument, 0 given"),
        ("a || length(a, b)", 5, "length() takes 1 argument, 2 given"),
        ("contains(a)", 0, "contains() takes 2 arguments, 1 given"),
        ("not_null()", 0, "not_null() takes at least 1 argument, 0 given"),
        ("sort_by(a, b)", 0, "sort_by() takes an expression as argument 2: write '&' before it"),
        ("length(a) > length(&b)", 19, "length() takes no expression as argument 1"),
        ("sort_by(a, &length(&b))", 19, "length() takes no expression as argument 1"),
        ("a == &b", 5, "'&' stands only before an argument that is an expression, as in sort_by(@, &name)"),
        ("&a", 0, "'&' stands only before an argument that is an expression, as in sort_by(@, &name)"),
        ("a[0:5:0]", 6, "the step of a slice cannot be 0"),
        ("a[::0]", 4, "the step of a slice cannot be 0"),
        ("a[:5:0]", 5, "the step of a slice cannot be 0"),
    ],
)
def test_faults_that_the_library_finds_only_while_evaluating(text: str, column: int, message: str) -> None:
    error = refused(text)
    assert (error.column, error.message) == (column, message)


@pytest.mark.parametrize("text", ["a[0:0]", "a[0:0:1]", "a[0::1]", "{a: `0`}", "sort_by(a, (&b))", "(length)(a)"])
def test_what_looks_alike_is_accepted(text: str) -> None:
    compile_expression(text)


def test_the_caret_is_below_the_fault() -> None:
    error = refused("a && lenght(b)")
    assert error.caret() == "a && lenght(b)\n     ^"
    assert str(error) == "unknown function lenght(); did you mean length()?, at character 6"


def test_the_caret_of_an_expression_of_several_lines() -> None:
    assert refused("a &&\n\tb = c\n&& d").caret() == "\tb = c\n\t  ^"
    assert refused("a &&\nb.\n").caret() == "\n^"
    assert refused("a ||\n").column == 5


def test_the_caret_of_a_long_line() -> None:
    line, caret = refused("a || " * 200 + "b = c" + " || d" * 200).caret().split("\n")
    assert line[caret.index("^")] == "="
    assert line.startswith("…")
    assert line.endswith("…")
    assert len(line) == 122


@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "a" + ")" * 10_000,
        "[" * 10_000,
        "!" * 10_000 + "a",
        "a" + "[]" * 10_000,
        "a" + "[*].b" * 5_000,
        "a" + ".*" * 10_000,
        "==".join(["a"] * 10_000),
        "`" + "[" * 10_000 + "]" * 10_000 + "`",
        "length(" * 4_000,
        "!" * (MAX_DEPTH + 1) + "a",
    ],
    ids=lambda text: f"{text[:8]}… {len(text)}",
)
def test_nesting_is_bounded(text: str) -> None:
    assert refused(text).message == f"the expression is nested more than {MAX_DEPTH} levels deep"


def test_length_is_bounded() -> None:
    text = " " * MAX_LENGTH + "a"
    assert refused(text).message == f"the expression has {MAX_LENGTH + 1} characters, more than {MAX_LENGTH}"


@pytest.mark.parametrize("text", [f"a[{'9' * 5000}]", f"a[-{'9' * 5000}]", f"a[:{'9' * 5000}]"])
def test_numbers_are_bounded(text: str) -> None:
    assert refused(text).message == "a number is too long"


def test_a_string_without_its_quotes_between_backticks_is_refused_where_warnings_are_errors() -> None:
    assert refused("a == `b`").message == "a string between backticks needs double quotes within them"


@pytest.mark.filterwarnings("ignore:deprecated string literal syntax:PendingDeprecationWarning")
def test_a_string_without_its_quotes_between_backticks_is_accepted_as_in_the_library() -> None:
    assert compile_expression("a == `b`")({"a": "b"}) is True


@pytest.mark.parametrize(
    "text",
    [
        " || ".join(["missing"] * 2_000 + ["a"]),
        " && ".join(["a"] * 3_000),
        " | ".join(["@"] * 3_000 + ["a"]),
        ".".join(["@", *["a"]]) + " || missing" * 2_000,
        f"[{', '.join(['a'] * 3_000)}][0]",
        "not_null(" + "missing, " * 3_000 + "a)",
        "@" + " | [@][0]" * 100 + ".a",
    ],
    ids=lambda text: f"{text[:12]}… {len(text)}",
)
def test_long_chains_are_no_nesting(text: str) -> None:
    assert compile_expression(text)({"a": 1}) == 1
