"""What is suggested instead of a trap compiles, and decides as its author meant."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.checks.as_jmespath import (
    context_as_jmespath,
    data_as_jmespath,
    joined,
    path_as_jmespath,
    text_as_jmespath,
    time_as_jmespath,
)
from config.checks.expr_as_jmespath import expression_as_jmespath
from config.sensor import ContextFilter, DataFilter, ExprField, ExprFilter, TimeFilter
from sensors.jmes_expression import compile_manifest_expression
from sensors.languages.jmes.search import is_true
from tests.config.given import DEPENDENCY, loaded, sensor, source

MARK = "jmespath: "


def holds(expression: str, body: Any, **context: Any) -> bool:
    return is_true(compile_manifest_expression(expression)({"data": {"body": body}, **context}))


def data(**change: Any) -> DataFilter:
    return DataFilter.model_validate({"path": "body.a", "type": "string", "value": ["x"], **change})


@pytest.mark.parametrize(
    ("key", "expression"),
    [
        ("body.ref", "data.body.ref"),
        ("headers.X-Github-Event.0", 'data.headers."X-Github-Event"[0]'),
        (r"body.a\.b", 'data.body."a.b"'),
        ("body.0.a", "data.body[0].a"),
        ("body.ä", 'data.body."ä"'),
        ("body.a.#", ""),
        ("body.#.a", ""),
        ('body.#(a=="b").c', ""),
        ("body|@reverse", ""),
        ("body..a", ""),
    ],
)
def test_paths(key: str, expression: str) -> None:
    assert path_as_jmespath(key) == expression


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_texts(text: str) -> None:
    assert compile_manifest_expression(text_as_jmespath(text))({}) == text


@settings(deadline=None)
@given(st.lists(st.text("ab01-é ", min_size=1), min_size=1, max_size=4))
def test_keys(names: list[str]) -> None:
    found = path_as_jmespath(".".join(names))
    assert all(name.isdigit() for name in names) or '"' in found or found.isascii()
    compile_manifest_expression(found)


@pytest.mark.parametrize(
    ("change", "expression", "passing", "failing"),
    [
        ({}, "data.body.a == 'x'", ["x"], ["xx", 1, None]),
        ({"value": ["x", "^y$"]}, "contains(['x', 'y'], data.body.a)", ["x", "y"], ["z", None]),
        ({"value": ["v1.2"]}, "data.body.a == 'v1.2'", ["v1.2"], ["v112"]),
        ({"value": [r"^v1\.2$"]}, "data.body.a == 'v1.2'", ["v1.2"], ["v112"]),
        ({"value": ["5"]}, "to_string(data.body.a) == '5'", ["5", 5], ["55", None]),
        ({"value": ["v.*"]}, "regex_match('v.*', not_null(data.body.a, ''))", ["v1"], ["1", None]),
        ({"value": ["x", "v.*"]}, "regex_match('(?:x)|(?:v.*)', not_null(data.body.a, ''))", ["x", "v"], ["y"]),
        ({"comparator": "!="}, "data.body.a != `null` && data.body.a != 'x'", ["y"], ["x", None]),
        (
            {"comparator": "!=", "value": ["x", "y"]},
            "data.body.a != `null` && !contains(['x', 'y'], data.body.a)",
            ["z"],
            ["x", "y", None],
        ),
        (
            {"comparator": "!=", "value": ["x", "y.*"]},
            "data.body.a != `null` && !regex_match('(?:x)|(?:y.*)', not_null(data.body.a, ''))",
            ["z"],
            ["x", "y1", None],
        ),
        ({"comparator": ">", "value": ["5"]}, "to_number(data.body.a) > `5`", [6, "6"], [5, "x", None]),
        ({"comparator": "<", "value": ["b"]}, "data.body.a < 'b'", ["a"], ["b", None]),
        ({"type": "bool", "value": ["true"], "comparator": "!="}, "data.body.a == `false`", [False], [True, None]),
        ({"type": "bool", "value": ["T"], "comparator": ">"}, "data.body.a == `true`", [True], [False, None]),
        ({"type": "bool", "value": ["what"]}, "", [], []),
        ({"type": "number", "value": ["5"]}, "to_number(data.body.a) == `5`", [5, 5.0, "5"], [6, None]),
        (
            {"type": "number", "value": ["1", "2"], "comparator": "!="},
            "to_number(data.body.a) != `null` && !contains([`1`, `2`], to_number(data.body.a))",
            [3],
            [1, 2.0, None],
        ),
        (
            {"type": "number", "value": ["1", "9"], "comparator": ">="},
            "to_number(data.body.a) >= `1` || to_number(data.body.a) >= `9`",
            [1, 9],
            [0],
        ),
        ({"type": "number", "value": ["0x10"]}, "", [], []),
        ({"type": "strnig"}, "data.body.a == 'x'", ["x"], ["y"]),
        ({"type": "int", "value": ["5"], "comparator": "<"}, "to_number(data.body.a) < `5`", [4], [5]),
        ({"type": "boolean", "value": ["true"]}, "data.body.a == `true`", [True], [False]),
        ({"path": "body.#.a"}, "", [], []),
        ({"template": "{{ .Input }}"}, "", [], []),
        ({"value": []}, "", [], []),
    ],
)
def test_data_filters(change: dict[str, Any], expression: str, passing: list[Any], failing: list[Any]) -> None:
    assert data_as_jmespath([data(**change)]) == expression
    assert all(holds(expression, {"a": value}) for value in passing)
    assert not any(holds(expression, {"a": value}) for value in failing)


def test_several_data_filters() -> None:
    several = [data(), data(path="body.b", comparator="!=")]
    assert data_as_jmespath(several) == "data.body.a == 'x' && (data.body.b != `null` && data.body.b != 'x')"
    assert data_as_jmespath(several, "or").startswith("data.body.a == 'x' || (")
    assert data_as_jmespath([data(), data(path="a|b")]) == ""
    assert joined([], "and") == ""


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("a == 'x'", "data.body.a == 'x'"),
        ("[a] != 5", "data.body.a != `5`"),
        ('a == "it\'s" && b < -1.5', 'data.body.a == `"it\'s"` && data.body.b < `-1.5`'),
        ("!(a || b) && true", "!(data.body.a || data.body.b) && `true`"),
        ("!a || b", "!data.body.a || data.body.b"),
        ("a in ('x', 5)", "contains(['x', `5`], data.body.a)"),
        ("a =~ '^x'", "regex_match('^x', not_null(data.body.a, ''))"),
        ("a !~ 'x$'", "!regex_match('x$', not_null(data.body.a, ''))"),
        ("a == '2026-01-02'", "data.body.a == '2026-01-02'"),
        ("a > '2026-01-02T03:04:05Z'", "time_after(data.body.a, '2026-01-02T03:04:05Z')"),
        ("a <= '2026-01-02T03:04:05+01:00'", "!time_after(data.body.a, '2026-01-02T03:04:05+01:00')"),
        ("a > '2026-01-02'", "data.body.a > '2026-01-02'"),
        ("a + 1 > 2", ""),
        ("a ? b : 1", ""),
        ("c == 1", ""),
        ("-a == 1", ""),
        ("a == ", ""),
        ("a in 'x'", ""),
        ("a in ('x'", ""),
        ("(a", ""),
        ("a b", ""),
        ("a == 'x", ""),
        ("(" * 60 + "a" + ")" * 60, ""),
    ],
)
def test_expressions(text: str, expression: str) -> None:
    fields = [ExprField(path="body.a", name="a"), ExprField(path="body.b", name="b")]
    assert expression_as_jmespath(ExprFilter(expr=text, fields=fields)) == expression
    if expression:
        compile_manifest_expression(expression)


@settings(deadline=None)
@given(st.text("ab'\"5.=!<>&|()~in, -[]"))
def test_any_expression(text: str) -> None:
    fields = [ExprField(path="body.a", name="a"), ExprField(path="body.b", name="b")]
    if said := expression_as_jmespath(ExprFilter(expr=text, fields=fields)):
        compile_manifest_expression(said)


@pytest.mark.parametrize(
    ("start", "stop", "passing", "failing"),
    [
        ("9:00:00", "17:00:00", ["09:00:00", "16:59:59"], ["08:59:59", "17:00:00"]),
        ("22:00:00", "06:00:00", ["22:00:00", "05:59:59"], ["06:00:00", "21:59:59"]),
    ],
)
def test_windows(start: str, stop: str, passing: list[str], failing: list[str]) -> None:
    expression = time_as_jmespath(TimeFilter(start=start, stop=stop))
    for clock in (*passing, *failing):
        assert holds(expression, {}, time=f"2026-01-02T{clock}Z") is (clock in passing)
    assert holds(f"({expression}) || `false`", {}, time=f"2026-01-02T{passing[0]}.5Z")
    assert time_as_jmespath(TimeFilter(start=start, stop=stop, timezone="Europe/Berlin")) == ""


def test_contexts() -> None:
    context = ContextFilter(type="github", subject="it's", id="7")
    assert context_as_jmespath(context) == "type == 'github' && subject == `\"it's\"` && id == '7'"
    assert context_as_jmespath(context, ("time",)) == ""


def suggested(*documents: Any) -> dict[str, str]:
    """The expressions suggested, by the code of the warning."""
    faults = [fault for fault in loaded(*documents).faults if MARK in fault.fix]
    return {fault.code: fault.fix.split(MARK, 1)[1] for fault in faults}


def waiting(filters: dict[str, Any], **change: Any) -> dict[str, Any]:
    return sensor(dependencies=[{**DEPENDENCY, "filters": filters, **change}])


STRING = {"path": "body.a", "type": "string", "value": ["x"]}
FIELDS = [{"name": "a", "path": "body.a"}, {"name": "b", "path": "body.b"}]
EVERY = {
    "exprs": [{"expr": "a == 1 && b", "fields": FIELDS}],
    "data": [{**STRING, "value": ["^x$"]}, {**STRING, "path": "body.b", "value": ["y.*"]}],
    "context": {"type": "github"},
    "time": {"start": "09:00:00", "stop": "17:00:00"},
}
TRAPS: dict[str, tuple[Any, ...]] = {
    "trap-regex": (waiting({"data": [STRING]}),),
    "trap-not-equal-list": (waiting({"data": [{**STRING, "value": ["^a$", "^b$"], "comparator": "!="}]}),),
    "trap-string-comparator": (waiting({"data": [{**STRING, "comparator": ">="}]}),),
    "trap-bool-comparator": (waiting({"data": [{**STRING, "type": "bool", "value": ["true"], "comparator": "!="}]}),),
    "trap-data-type": (waiting({"data": [{**STRING, "type": "strnig"}]}),),
    "trap-date-text": (waiting({"exprs": [{"expr": "a > '2026-01-02T03:04:05Z'", "fields": FIELDS}]}),),
    "trap-missing-path": (waiting({"exprs": [{"expr": "a == 1 || b == 'x'", "fields": FIELDS}]}),),
    "trap-or-error": (waiting(EVERY, filtersLogicalOperator="or"),),
    "trap-context": (waiting({"context": {"type": "github", "specversion": "1.0"}}),),
    "trap-base64-body": (
        waiting({"data": [{**STRING, "value": ["^x$"]}]}),
        source("es", nats={"ev": {"url": "nats://x", "subject": "s"}}),
    ),
}


@pytest.mark.parametrize("code", TRAPS)
def test_every_trap_of_a_filter_has_a_suggestion(code: str) -> None:
    compile_manifest_expression(suggested(*TRAPS[code])[code])


def test_or_of_every_kind() -> None:
    expression = suggested(*TRAPS["trap-or-error"])["trap-or-error"]
    noon, night = "2026-01-02T12:00:00Z", "2026-01-02T00:00:00Z"
    assert not holds(expression, {}, type="x", time=night)
    assert holds(expression, {}, type="x", time=noon)
    assert holds(expression, {}, type="github", time=night)
    assert holds(expression, {"a": "x", "b": "yes"}, type="x", time=night)
    assert holds(expression, {"a": 1, "b": True}, type="x", time=night)


def test_without_short_words() -> None:
    filters = {**EVERY, "script": "return true"}
    fixes = {fault.code: fault.fix for fault in loaded(waiting(filters, filtersLogicalOperator="or")).faults}
    assert fixes == {"trap-or-error": "write one jmespath filter with ||"}
    filters = {"data": [{**STRING, "path": "body.#.a"}]}
    (fault,) = loaded(waiting(filters)).faults
    assert fault.fix == "for equality write '^x$'"
    filters = {"exprs": [{"expr": "a + 1 == 2 || b", "fields": FIELDS}]}
    (fault,) = loaded(waiting(filters)).faults
    assert fault.fix == "write it as a jmespath filter"


def test_alternatives_within_texts_are_none() -> None:
    filters = {"exprs": [{"expr": "a == 'x||y?' && b", "fields": FIELDS}]}
    assert not loaded(waiting(filters)).faults
