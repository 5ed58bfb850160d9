"""Any expression on any document gives what the `jmespath` library gives, faults included, however it is compiled."""

import copy
import itertools
from typing import Any

import jmespath
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from sensors.languages.jmes.functions import STANDARD
from sensors.languages.jmes.parser import _PATHS, parse
from sensors.languages.jmes.search import JmesRuntimeError
from sensors.languages.jmes.source import NESTING, Search, build

THOROUGH = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])

FAULT = object()
"""Stands for any exception in place of a value."""

KEYS = ("a", "b", "x y")
NAMES = ("a", "b", '"x y"')
STRINGS = ("", "a", "b", "1", " 2.5 ", "nan", "ab")
NUMBERS = (0, 1, -1, 2, 0.0, 1.0, 0.5, -2.5, 12345678901234567890)
CONSTANTS = (
    *(f"'{text}'" for text in STRINGS),
    *(f"`{number}`" for number in NUMBERS),
    *("`null`", "`true`", "`false`", "`[]`", "`{}`", "`[0, 1]`", "`[false]`", '`{"a": 1}`', '`["a"]`'),
)
VALUES: tuple[Any, ...] = (None, True, False, *NUMBERS, *STRINGS, [], {}, [0, 1], [False], {"a": 1}, ["a"])
OPERATORS = ("==", "!=", "<", "<=", ">", ">=")

leaves = st.none() | st.booleans() | st.sampled_from(NUMBERS) | st.sampled_from(STRINGS)
documents = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(st.sampled_from(NUMBERS), max_size=4)
        | st.lists(st.sampled_from(STRINGS), max_size=4)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=25,
)

# Objects in which the names of the expressions are found, down to the third level.
objects = st.recursive(
    documents,
    lambda inner: st.fixed_dictionaries(dict.fromkeys(KEYS, inner)) | st.lists(inner, min_size=1, max_size=3),
    max_leaves=12,
).map(lambda value: value if isinstance(value, dict) else dict.fromkeys(KEYS, value))

names = st.sampled_from(NAMES)
positions = st.integers(-3, 3)
bounds = st.none() | positions
constants = st.sampled_from(CONSTANTS)


def slices(start: int | None, stop: int | None, step: int | None) -> str:
    return ":".join("" if bound is None else str(bound) for bound in (start, stop, step))


def group(text: str) -> str:
    return text if text.isidentifier() else f"({text})"


def extended(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions around expressions."""
    grouped = st.builds(group, inner)
    lists = st.lists(inner, min_size=1, max_size=3).map(lambda items: f"[{', '.join(items)}]")
    hashes = st.lists(st.tuples(names, inner), min_size=1, max_size=3).map(
        lambda items: "{" + ", ".join(f"{name}: {item}" for name, item in items) + "}"
    )
    tails = names | lists | hashes | calls(inner)
    projections = st.one_of(
        st.sampled_from(("[*]", ".*", "[]")),
        st.builds("[?{}]".format, inner),
        st.builds(slices, bounds, bounds, bounds.filter(lambda step: step != 0)).map(lambda text: f"[{text}]"),
    )
    ends = st.just("") | st.builds(".{}".format, tails) | positions.map(lambda number: f"[{number}]") | projections
    truths = st.one_of(
        st.builds("{} {} {}".format, grouped, st.sampled_from(OPERATORS), grouped | constants),
        st.builds("{} {} {}".format, constants, st.sampled_from(OPERATORS), grouped),
        st.builds("!{}".format, grouped),
    )
    logic = st.one_of(
        st.builds("{} && {}".format, grouped, grouped),
        st.builds("{} || {}".format, grouped, grouped),
        st.builds("{} || {} && {}".format, inner, inner, inner),
    )
    return st.one_of(
        st.builds("{}.{}".format, grouped, tails),
        st.builds("{}[{}]".format, grouped, positions),
        st.builds("{}{}{}".format, grouped, projections, ends),
        st.builds("{} | {}".format, grouped, inner),
        # Built, each is one branch among many; left as they are, or mapped, their branches outweigh the others.
        st.builds(str, truths),
        st.builds(str, logic),
        lists,
        hashes,
        calls(inner),
    )


def calls(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def arguments(name: str) -> st.SearchStrategy[str]:
        parameters = STANDARD[name].parameters
        if STANDARD[name].variadic:
            return st.lists(inner, min_size=1, max_size=3).map(", ".join)
        parts = [st.builds("&{}".format, inner) if each.takes_expression else inner for each in parameters]
        return st.tuples(*parts).map(", ".join)

    return st.sampled_from(sorted(STANDARD)).flatmap(lambda name: arguments(name).map(lambda text: f"{name}({text})"))


# Levels, not `st.recursive`: that counts leaves, and so prefers what has the fewest, one `!` after the other.
small = st.builds(str, names | names | st.just("@") | constants)
medium = small | st.builds(str, extended(small))
expressions = st.builds(str, extended(medium)) | st.builds(str, extended(extended(medium)))


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


def has_members_of_a_negation(node: Any) -> bool:
    """Whether it has `(!a).b`, the one thing that is read differently here: as `!(a.b)`."""
    if node["type"] in _PATHS and node["children"][0]["type"] == "not_expression":
        return True
    return any(has_members_of_a_negation(child) for child in node["children"] if isinstance(child, dict))


def check(text: str, *documents: Any) -> None:
    compiled = jmespath.compile(text)
    if has_members_of_a_negation(compiled.parsed):
        reject()
    library = compiled.search
    tree = parse(text, STANDARD)
    ours = [build(tree, nesting) for nesting in (NESTING, 2, 1)]
    for document in documents:
        before = copy.deepcopy(document)
        expected = outcome(library, document, Exception)
        for search in ours:
            assert same(outcome(search, document, JmesRuntimeError), expected), (text, document)
        assert document == before


@THOROUGH
@given(expressions, objects | documents)
def test_any_expression(text: str, document: Any) -> None:
    check(text, document)


@settings(THOROUGH, max_examples=100)
@given(st.lists(expressions, min_size=3, max_size=8), st.sampled_from((" || ", " && ", " | ")), objects)
def test_long_chains(parts: list[str], operator: str, document: Any) -> None:
    check(operator.join(f"({part})" for part in parts), document)


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_comparison(operator: str) -> None:
    given = [{"a": value, "b": other} for value in VALUES for other in VALUES]
    check(f"a {operator} b", *given)
    for constant in CONSTANTS:
        check(f"a {operator} {constant}", *given[:: len(VALUES)])
        check(f"{constant} {operator} a", *given[:: len(VALUES)])


def test_every_combination_of_truths() -> None:
    given = [{"a": a, "b": b, "c": c} for a in VALUES[:8] for b in VALUES[:8] for c in (0, [], [0])]
    terms = ("a", "b == c", "c[*]", "a > b", "length(c)")
    for first, second, third in itertools.product(terms, repeat=3):
        for inner, outer in itertools.product(("&&", "||"), repeat=2):
            check(f"({first} {inner} {second}) {outer} {third}", *given)
        check(f"!({first} && ({second} || !{third}))", *given)


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
    check(text, *VALUES)
