"""Any expression on any document gives what the `jmespath` library gives, faults included, however it is compiled."""

import copy
from typing import Any

import jmespath
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensors.languages.jmes import JmesRuntimeError, compile_expression
from sensors.languages.jmes_functions import STANDARD
from sensors.languages.jmes_parser import parse
from sensors.languages.jmes_source import NESTING, Search, build

THOROUGH = settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])

FAULT = object()
"""Stands for any exception in place of a value."""

NAMES = ("a", "b", "c", '"x y"')
STRINGS = ("", "a", "b", "1", " 2.5 ", "nan", "ab")
NUMBERS = (0, 1, -1, 2, 0.0, 1.0, 0.5, -2.5, 12345678901234567890)

leaves = st.none() | st.booleans() | st.sampled_from(NUMBERS) | st.sampled_from(STRINGS)
documents = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(st.sampled_from(NUMBERS), max_size=4)
        | st.lists(st.sampled_from(STRINGS), max_size=4)
        | st.dictionaries(st.sampled_from(("a", "b", "c", "x y")), inner, max_size=4)
    ),
    max_leaves=25,
)

names = st.sampled_from(NAMES)
positions = st.integers(-3, 3)
bounds = st.none() | positions
constants = st.one_of(
    st.sampled_from(STRINGS).map("'{}'".format),
    st.sampled_from(NUMBERS).map("`{}`".format),
    st.sampled_from(("`null`", "`true`", "`false`", "`[]`", "`{}`", "`[0, 1]`", "`[false]`", '`{"a": 1}`', '`["a"]`')),
)


def slices(start: int | None, stop: int | None, step: int | None) -> str:
    return ":".join("" if bound is None else str(bound) for bound in (start, stop, step))


def extended(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions around expressions."""
    grouped = inner.map(lambda text: text if text.isidentifier() else f"({text})")
    lists = st.lists(inner, min_size=1, max_size=3).map(lambda items: f"[{', '.join(items)}]")
    hashes = st.lists(st.tuples(names, inner), min_size=1, max_size=3).map(
        lambda items: "{" + ", ".join(f"{name}: {item}" for name, item in items) + "}"
    )
    tails = names | lists | hashes | calls(inner)
    projections = st.one_of(
        st.sampled_from(("[*]", ".*", "[]")),
        inner.map(lambda text: f"[?{text}]"),
        st.builds(slices, bounds, bounds, bounds.filter(lambda step: step != 0)).map(lambda text: f"[{text}]"),
    )
    ends = st.just("") | tails.map(lambda text: f".{text}") | positions.map(lambda number: f"[{number}]") | projections
    operators = st.sampled_from(("==", "!=", "<", "<=", ">", ">="))
    return st.one_of(
        st.builds("{}.{}".format, grouped, tails),
        st.builds("{}[{}]".format, grouped, positions),
        st.builds("{}{}{}".format, grouped, projections, ends),
        st.builds("{} {} {}".format, grouped, operators, grouped),
        st.builds("{} {} {}".format, grouped, operators, constants),
        st.builds("{} {} {}".format, constants, operators, grouped),
        st.builds("{} && {}".format, grouped, grouped),
        st.builds("{} || {}".format, grouped, grouped),
        st.builds("{} || {} && {}".format, inner, inner, inner),
        st.builds("{} | {}".format, inner, inner),
        grouped.map(lambda text: f"!{text}"),
        lists,
        hashes,
        calls(inner),
    )


def calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def arguments(name: str) -> st.SearchStrategy[str]:
        parameters = STANDARD[name].parameters
        if STANDARD[name].variadic:
            return st.lists(inner, min_size=1, max_size=3).map(", ".join)
        parts = [inner.map(lambda text: f"&{text}") if each.takes_expression else inner for each in parameters]
        return st.tuples(*parts).map(", ".join)

    return st.sampled_from(sorted(STANDARD)).flatmap(lambda name: arguments(name).map(lambda text: f"{name}({text})"))


expressions = st.recursive(names | st.just("@") | constants, extended, max_leaves=12)


def outcome(search: Search, document: Any, faults: type[Exception]) -> Any:
    try:
        return search(document)
    except faults:
        return FAULT


def same(left: Any, right: Any) -> bool:
    """Equality that tells 1, 1.0 and True apart, and takes a NaN for itself."""
    if type(left) is not type(right):
        return False
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    return bool(left == right) or (left != left and right != right)


def check(text: str, document: Any) -> None:
    before = copy.deepcopy(document)
    expected = outcome(jmespath.compile(text).search, document, Exception)
    for nesting in (NESTING, 2, 1):
        search = build(parse(text, STANDARD), nesting)
        assert same(outcome(search, document, JmesRuntimeError), expected), (nesting, text)
    assert document == before
    compile_expression(text).explain(document)


@THOROUGH
@given(expressions, documents)
def test_any_expression(text: str, document: Any) -> None:
    check(text, document)


@THOROUGH
@given(st.lists(expressions, min_size=3, max_size=8), st.sampled_from((" || ", " && ", " | ")), documents)
def test_long_chains(parts: list[str], operator: str, document: Any) -> None:
    check(operator.join(f"({part})" for part in parts), document)


@THOROUGH
@given(names | st.just("@") | constants, st.sampled_from(("==", "!=", "<", "<=", ">", ">=")), constants, leaves)
def test_comparisons(left: str, operator: str, right: str, value: Any) -> None:
    check(f"{left} {operator} {right}", {"a": value, "b": [value], "c": {"a": value}})


@THOROUGH
@given(st.sampled_from(sorted(STANDARD)), documents, documents)
def test_functions_on_any_arguments(name: str, first: Any, second: Any) -> None:
    function = STANDARD[name]
    arguments = [
        "&a" if each.takes_expression else part for each, part in zip(function.parameters, ("a", "b"), strict=False)
    ]
    check(f"{name}({', '.join(arguments)})", {"a": first, "b": second})
    if function.variadic:
        check(f"{name}(a, b)", {"a": first, "b": second})


@THOROUGH
@given(st.sampled_from(("sort_by", "min_by", "max_by")), st.lists(documents, max_size=5), expressions)
def test_ordering_by_anything(name: str, elements: list[Any], key: str) -> None:
    check(f"{name}(@, &{key})", elements)


@pytest.mark.parametrize("text", ["a", "a.b.c", "a[*].b", "a && b || !c", "length(a) > `1`", "[a, b][*].{c: d}"])
def test_documents_that_are_no_objects(text: str) -> None:
    documents: list[Any] = [None, True, 0, 1.5, "", "text", [], [1], {}]
    for document in documents:
        check(text, document)
