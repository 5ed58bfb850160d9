"""Functions on objects and arrays, and the parsing of texts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.languages.jmes.limits import MAX_PARSED
from sensors.languages.jmes.search import JmesRuntimeError
from tests.sensors.languages.extra import outcome, value

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("text", "document", "expected"),
    [
        ("lookup(@, 'a')", {"a": 1}, 1),
        ("lookup(@, 'b')", {"a": 1}, None),
        ("lookup(m, k)", {"m": {"x y": [1]}, "k": "x y"}, [1]),
        ("lookup(@, `1`)", [1, 2], 2),
        ("lookup(@, `1.0`)", [1, 2], 2),
        ("lookup(@, `2`)", [1, 2], None),
        ("lookup(@, `-1`)", [1, 2], None),
        ("items(@, 'k', 'v')", {"b": 1, "a": [2]}, [{"k": "a", "v": [2]}, {"k": "b", "v": 1}]),
        ("items(@, 'k', 'v')", ["x", None], [{"k": 0, "v": "x"}, {"k": 1, "v": None}]),
        ("items(@, 'k', 'k')", {"a": 1}, [{"k": 1}]),
        ("items(@, 'k', 'v')", {}, []),
        ("items(@, 'k', 'v')[?v > `1`].k", {"a": 1, "b": 2}, ["b"]),
        ("object_from_lists(k, v)", {"k": ["a", "b"], "v": [1, 2]}, {"a": 1, "b": 2}),
        ("object_from_lists(k, v)", {"k": ["a", "b"], "v": [1]}, {"a": 1, "b": None}),
        ("object_from_lists(k, v)", {"k": ["a"], "v": [1, 2]}, {"a": 1}),
        ("object_from_lists(k, v)", {"k": ["a", "a"], "v": [1, 2]}, {"a": 2}),
        ("object_from_lists(k, v)", {"k": [1, 1.5, True], "v": [1, 2, 3]}, {"1": 1, "1.5": 2, "true": 3}),
        ("object_from_lists(k, v)", {"k": [], "v": [1]}, {}),
        ("label_match(a, b)", {"a": {}, "b": {"x": "y"}}, True),
        ("label_match(a, b)", {"a": {"x": "y"}, "b": {"x": "y", "z": "w"}}, True),
        ("label_match(a, b)", {"a": {"x": "y"}, "b": {"x": "n"}}, False),
        ("label_match(a, b)", {"a": {"x": None}, "b": {}}, False),
        ("label_match(a, b)", {"a": {"x": 1}, "b": {"x": True}}, False),
        ("parse_json(@)", '{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
        ("parse_json(@).a[0]", '{"a": ["x"]}', "x"),
        ("parse_json(@)", ' "x" ', "x"),
        ("parse_json(to_string(@))", {"a": [True]}, {"a": [True]}),
        (
            "parse_yaml(@)",
            "a: [1, yes, 010, 1e3, ~]\nb: 2026-01-02\n",
            {"a": [1, True, 8, 1000, None], "b": "2026-01-02"},
        ),
        ("parse_yaml(@)", "1: x\ntrue: y\n", {"1": "x", "true": True}),
        ("parse_yaml(@)", "a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}),
        ("parse_yaml(@)", "a: 1\n---\nb: 2\n", {"a": 1}),
        ("parse_yaml(@)", "a: 1\na: 2\n", {"a": 2}),
        ("parse_yaml(@)", "", None),
        ("parse_yaml(@)", '{"a": [1]}', {"a": [1]}),
    ],
)
def test_results(text: str, document: Any, expected: Any) -> None:
    assert outcome(text, document) == (type(expected), expected)


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("lookup(@, `1`)", {"a": 1}),
        ("lookup(@, 'a')", [1]),
        ("lookup(@, `0.5`)", [1]),
        ("lookup(@, 'a')", "a"),
        ("items(@, 'k', 'v')", "a"),
        ("object_from_lists(@, @)", [None]),
        ("object_from_lists(@, @)", [[1]]),
        ("parse_json(@)", ""),
        ("parse_json(@)", "{'a': 1}"),
        ("parse_json(@)", "NaN"),
        ("parse_json(@)", "[" * 5000),
        ("parse_yaml(@)", "a: b: c"),
        ("parse_yaml(@)", "a: *x"),
        ("parse_yaml(@)", "- .inf"),
        ("parse_yaml(@)", "[" * 5000),
        ("parse_yaml(@)", "a: " + "x" * MAX_PARSED),
    ],
)
def test_errors(text: str, document: Any) -> None:
    with pytest.raises(JmesRuntimeError):
        value(text, document)


def test_aliases_do_not_grow_without_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 10)]
    with pytest.raises(JmesRuntimeError):
        value("parse_yaml(@)", "\n".join(lines))


@settings(deadline=None)
@given(JSON)
def test_json_is_read_back(document: Any) -> None:
    assert value("parse_json(@)", json.dumps(document)) == document


@settings(deadline=None)
@given(st.dictionaries(st.text("abc", min_size=1), JSON, max_size=4))
def test_items_and_back(document: dict[str, Any]) -> None:
    text = "items(@, 'k', 'v') | object_from_lists(map(&k, @), map(&v, @))"
    assert value(text, document) == document
    assert all(value("label_match(@, @)", document) is True for _ in "x")
