"""The table of functions beside the specification's: names, signatures, and how constants are read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.languages.jmes.functions import STANDARD
from sensors.languages.jmes.search import JmesRuntimeError, JmesSyntaxError, compile_expression
from tests.sensors.languages.extra import FUNCTIONS, value

SIGNATURES = {
    "regex_match": 2,
    "regex_replace_all": 3,
    "regex_replace_all_literal": 3,
    "pattern_match": 2,
    "compare": 2,
    "equal_fold": 2,
    "to_lower": 1,
    "to_upper": 1,
    "trim": 2,
    "trim_prefix": 2,
    "split": 2,
    "replace": 4,
    "replace_all": 3,
    "truncate": 2,
    "to_boolean": 1,
    "path_canonicalize": 1,
    "base64_decode": 1,
    "base64_encode": 1,
    "md5": 1,
    "sha1": 1,
    "sha256": 1,
    "semver_compare": 2,
    "add": 2,
    "subtract": 2,
    "multiply": 2,
    "divide": 2,
    "modulo": 2,
    "round": 2,
    "sum": 1,
    "lookup": 2,
    "items": 3,
    "object_from_lists": 2,
    "label_match": 2,
    "parse_json": 1,
    "parse_yaml": 1,
    "time_now": 0,
    "time_now_utc": 0,
    "time_since": 3,
    "time_add": 2,
    "time_parse": 2,
    "time_utc": 1,
    "time_diff": 2,
    "time_before": 2,
    "time_after": 2,
    "time_between": 3,
    "time_truncate": 2,
    "time_to_cron": 1,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def test_names_and_numbers_of_arguments() -> None:
    assert {name: len(function.parameters) for name, function in FUNCTIONS.items()} == SIGNATURES
    assert set(FUNCTIONS) & set(STANDARD) == {"sum"}


@pytest.mark.parametrize("name", ["random", "x509_decode", "image_normalize", "is_external_url"])
def test_what_is_left_out(name: str) -> None:
    with pytest.raises(JmesSyntaxError, match=f"unknown function {name}"):
        value(f"{name}('x')")


@pytest.mark.parametrize("name", SIGNATURES)
def test_wrong_numbers_of_arguments_are_found_at_load(name: str) -> None:
    arguments = ", ".join(["a"] * (SIGNATURES[name] + 1))
    with pytest.raises(JmesSyntaxError, match=rf"{name}\(\) takes {SIGNATURES[name]} argument") as caught:
        value(f"b || {name}({arguments})")
    assert caught.value.column == 5


@pytest.mark.parametrize("name", [name for name, count in SIGNATURES.items() if count])
@settings(deadline=None)
@given(arguments=st.lists(JSON, min_size=4, max_size=4))
def test_any_arguments_give_json_or_an_error(name: str, arguments: list[Any]) -> None:
    text = f"{name}({', '.join(f'[{at}]' for at in range(SIGNATURES[name]))})"
    try:
        found = compile_expression(text, FUNCTIONS).search(arguments)
    except JmesRuntimeError:
        return
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("function", [*STANDARD.values(), *FUNCTIONS.values()], ids=lambda each: each.name)
def test_kinds_of_results_are_as_told(function: Any) -> None:
    found = value(function.example)
    if function.returns != "any":
        assert value("type(@)", found) == function.returns
    assert function.about


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("regex_match('(', a)", "not a regular expression: missing", 12),
        ("a && regex_replace_all('x', b, 'y') && pattern_match('z', c) && regex_match('[', d)", "missing", 76),
        ("semver_compare(a, '>=1.2')", "not a semantic version", 18),
        ("time_after(time, '2026-01-02')", "not written RFC 3339", 17),
        ("time_add(time, '1d')", "duration", 15),
        ("add(a, '5x')", "quantity", 7),
    ],
)
def test_wrong_constants_are_found_at_load(text: str, message: str, column: int) -> None:
    with pytest.raises(JmesSyntaxError, match=message) as caught:
        value(text)
    assert caught.value.column == column
    assert caught.value.caret().endswith("\n" + " " * column + "^")


@pytest.mark.parametrize(
    ("text", "document", "message"),
    [
        ("regex_match(a, 'x')", {"a": "("}, "not a regular expression"),
        ("regex_match(a, 'x')", {"a": 1}, r"regex_match\(\) wants a string as argument 1, found a number"),
        ("regex_match(`1`, a)", {"a": "x"}, r"regex_match\(\) wants a string as argument 1, found a number"),
        ("regex_match('x', a)", {"a": None}, "wants a string or a number as argument 2, found null"),
        ("to_upper(a)", {"a": [1]}, r"to_upper\(\) wants a string as argument 1, found an array"),
        ("time_utc(a)", {"a": "secret"}, "not written RFC 3339"),
        ("time_parse('2006-01', a)", {"a": "secret"}, "not written as its layout says"),
        ("time_add(a, b)", {"a": "2026-01-02T03:04:05Z", "b": "secret"}, "duration"),
        ("add(a, `1`)", {"a": "secret"}, "quantity"),
        ("add(a, `1`)", {"a": True}, "wants a number or a string as argument 1, found a boolean"),
        ("semver_compare(a, '1.2.3')", {"a": "secret"}, r"semver_compare\(\): not a semantic version"),
        ("base64_decode(a)", {"a": "secret!"}, "wants base64"),
        ("parse_json(a)", {"a": "secret"}, "not JSON"),
        ("parse_yaml(a)", {"a": "[secret"}, "not YAML"),
        ("to_boolean(a)", {"a": "secret"}, "wants 'true' or 'false'"),
    ],
)
def test_wrong_values_are_errors_that_do_not_repeat_them(text: str, document: Any, message: str) -> None:
    with pytest.raises(JmesRuntimeError, match=message) as caught:
        value(text, document)
    assert "secret" not in str(caught.value)


def test_constants_are_read_once() -> None:
    text = "time_after(a, '2026-01-02T03:04:05Z') && regex_match('^x', b) && add(c, '1Gi') == '2Gi'"
    expression = compile_expression(text, FUNCTIONS)
    document = {"a": "2026-01-03T00:00:00Z", "b": "xyz", "c": "1Gi"}
    assert expression(document) is True
    assert expression({**document, "b": "yz"}) is False


def test_what_needs_reading_may_be_computed() -> None:
    assert value("regex_match(join('', ['^', p]), a[0].b)", {"p": "x+$", "a": [{"b": "xx"}]}) is True
    assert value("a[?regex_match(@, 'main')]", {"a": ["^m", "^n", "in$"]}) == ["^m", "in$"]
    assert value("map(&add(@, '1Ki'), a)", {"a": ["1Ki", "2Ki"]}) == ["2Ki", "3Ki"]
