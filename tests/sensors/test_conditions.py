"""Conditions: what they mean, and what is refused with which advice."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.conditions import ConditionsError, compile_conditions


def satisfying(text: str, dependencies: list[str]) -> set[str]:
    conditions = compile_conditions(text, dependencies)
    names = conditions.dependencies
    sets = [some for count in range(len(names) + 1) for some in combinations(names, count)]
    return {"".join(some) for some in sets if conditions.holds(set(some))}


@pytest.mark.parametrize(
    ("text", "sets"),
    [
        ("", {"abc"}),
        ("a", {"a"}),
        ("a && b", {"ab"}),
        ("a||b", {"a", "b", "ab"}),
        ("a || b && c", {"a", "ab", "ac", "bc", "abc"}),
        ("(a || b) && c", {"ac", "bc", "abc"}),
        ("a /* && c */ && 'b' // || c", {"ab"}),
        ("[a]", {"a"}),
        ("a && (b || a)", {"a", "ab"}),
    ],
)
def test_meaning(text: str, sets: set[str]) -> None:
    assert satisfying(text, ["a", "b", "c"]) == sets


@pytest.mark.parametrize(
    ("text", "is_and"),
    [("", True), ("a", False), ("a || b", False), ("a && a", True), ("a || b && a", True), ("a // &&", False)],
)
def test_any_one_event_is_enough_without_the_operator(text: str, is_and: bool) -> None:
    assert compile_conditions(text, ["a", "b"]).is_and is is_and


def test_dependencies_and_terms() -> None:
    conditions = compile_conditions("c && a || a", ["a", "b", "c"])
    assert conditions.dependencies == ("a", "c")
    assert conditions.terms({"a", "b"}) == {"a": True, "c": False}
    assert conditions.holds({"a": 1, "b": 2}.keys())
    assert conditions.text == "c && a || a"


def test_no_text_names_all() -> None:
    assert compile_conditions("", ["x-1", "y"]).text == "x-1 && y"


def test_dash_and_underscore_are_one_letter() -> None:
    assert compile_conditions("test_dep", ["test-dep"]).dependencies == ("test-dep",)
    conditions = compile_conditions("a-b && a_b || a-b", ["a-b", "a_b"])
    assert conditions.dependencies == ("a_b",)
    assert conditions.warnings == ("'a-b' and 'a_b' are one name in conditions, which means the last of them, 'a_b'",)
    assert compile_conditions("", ["a-b", "a_b"]).warnings == ()


@pytest.mark.parametrize(
    ("text", "message", "column", "fix"),
    [
        ("a && x", "there is no dependency 'x'", 5, "the dependencies are 'a', 'build-done', 'len', '_z'"),
        ("build_don", "there is no dependency 'build_don'", 0, "did you mean 'build-done'?"),
        ("a and a", "unexpected 'and'", 2, "put '&&' or '||' before it"),
        ("and", "'and' is a word of the language", 0, "write '&&'"),
        ("a & a", "unexpected '&'", 2, "write '&&'"),
        ("!a", "unexpected '!'", 0, "there is no negation: name what has to arrive"),
        ("not a", "'not' is a word of the language", 0, "there is no negation: name what has to arrive"),
        ("a && (a", "'(' is never closed", 5, "add the missing ')'"),
        ("a)", "unexpected ')'", 1, "remove it, or put a name or expression before it"),
        ("a && ()", "unexpected ')'", 6, "remove it, or put a name or expression before it"),
        ("a &&", "the expression ends too early", 4, "name a dependency"),
        (" ", "the expression ends too early", 1, "name a dependency"),
        ("|| a", "unexpected '||'", 0, "name a dependency before it"),
        ("(a)(a)", "unexpected '('", 3, "put '&&' or '||' before it"),
        ("[a] && a", "brackets can only stand around a single name", 0, "write parentheses"),
        ("a && 1", "'1' begins with a digit", 5, "rename the dependency"),
        ("len || a", "'len' cannot be combined with other names", 0, "write it in quotes: 'len'"),
        ("true", "'true' is a word of the language", 0, "rename the dependency"),
        ("a == a", "unexpected '='", 2, "use names, '&&', '||' and parentheses only"),
        (
            "a || _z",
            "conditions cannot name the dependency '_z'",
            5,
            "let its name begin with a letter and have only letters, digits, '-' and '_'",
        ),
    ],
)
def test_refused(text: str, message: str, column: int, fix: str) -> None:
    with pytest.raises(ConditionsError) as caught:
        compile_conditions(text, ["a", "build-done", "len", "_z"])
    assert (caught.value.message, caught.value.column, caught.value.fix) == (message, column, fix)


def test_function_names_work_alone_or_in_quotes() -> None:
    assert compile_conditions("len", ["a", "len"]).dependencies == ("len",)
    assert compile_conditions("a && 'len'", ["a", "len"]).dependencies == ("a", "len")


@pytest.mark.parametrize("names", [[], [""], ["a", "-b"], ["a.b"], ["true"]])
def test_names_that_no_text_can_help(names: list[str]) -> None:
    with pytest.raises(ConditionsError):
        compile_conditions("", names)


def test_nesting_has_an_end() -> None:
    assert compile_conditions("(" * 100 + "a" + ")" * 100, ["a"]).holds({"a"})
    with pytest.raises(ConditionsError, match="more than 100 levels deep"):
        compile_conditions("(" * 101 + "a" + ")" * 101, ["a"])


NAMES = ["p", "q", "r-s", "t_u"]
EXPRESSIONS = st.recursive(
    st.sampled_from(NAMES),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" && ", "||", "\t&&", " || "]), inner).map("".join), inner.map("({})".format)
    ),
)


@given(EXPRESSIONS, st.sets(st.sampled_from(NAMES)))
def test_means_what_python_means(text: str, present: set[str]) -> None:
    python = text.replace("&&", " and ").replace("||", " or ").replace("r-s", "r_s").strip()
    values = {name.replace("-", "_"): name in present for name in NAMES}
    conditions = compile_conditions(text, NAMES)
    assert conditions.holds(present) is eval(python, {}, values)
    assert set(conditions.dependencies) == {name for name in NAMES if name in text}


@given(st.text(alphabet="ab1-_'\"[]()&|!/* \n.$é", max_size=12))
def test_any_text_compiles_or_says_where_it_is_wrong(text: str) -> None:
    try:
        conditions = compile_conditions(text, ["a", "b-1"])
    except ConditionsError as error:
        assert 0 <= error.column <= len(text)
        assert error.fix
    else:
        assert conditions.holds({"a", "b-1"})
