"""Expression filters: fields, logical operators, what is reached, and what a record shows."""

from __future__ import annotations

from typing import Any

import pytest

from config.sensor import ExprFilter as Manifest
from config.sensor import LogicalOperator
from sensors.decision import FilterResult
from sensors.errors import CompileError
from sensors.expr_filter import ExprFilter, compile_filter
from tests.sensors.events import make_event

EVENT = make_event({"ref": "refs/heads/main", "size": 42, "ratio": 0.5, "ok": True, "nil": None, "tags": ["a", "b"]})


def item(expr: str, **fields: str) -> dict[str, Any]:
    return {"expr": expr, "fields": [{"name": name, "path": path} for name, path in fields.items()]}


def compiled(*items: dict[str, Any], operator: LogicalOperator = "") -> ExprFilter:
    return compile_filter([Manifest.model_validate(each) for each in items], operator, ("exprs",))


MAIN = item("ref == 'refs/heads/main'", ref="ref")
DEV = item("ref == 'refs/heads/dev'", ref="ref")
GONE = item("x == 1", x="gone")
MIXED = item("size > 'a'", size="size")
BROKEN = item("size ==", size="size")
BARE = item("false")


def test_all_are_true() -> None:
    filter = compiled(MAIN, item("size > 40 && ok", size="size", ok="ok"))
    check = filter.check(EVENT, False)
    assert check.passed
    assert list(check.results) == [
        FilterResult("exprs", "ref == 'refs/heads/main'"),
        FilterResult("exprs", "size > 40 && ok"),
    ]


def test_the_first_that_is_not_true_decides() -> None:
    assert compiled(MAIN, DEV, GONE).check(EVENT, False) == (
        False,
        [
            FilterResult("exprs", "ref == 'refs/heads/main'"),
            FilterResult("exprs", "ref == 'refs/heads/dev'", "failed", found={"ref": "refs/heads/main"}),
        ],
        "",
    )


def test_what_is_no_truth_does_not_pass() -> None:
    [result] = compiled(item("size + 1", size="size")).check(EVENT, False).results
    assert result == FilterResult("exprs", "size + 1", "failed", True, {"size": 42})


@pytest.mark.parametrize(
    ("broken", "error", "found"),
    [
        (GONE, "path 'gone' does not exist", {}),
        (MIXED, "'>' wants two numbers or two texts, found a number and a text", {"size": 42}),
        (BROKEN, "not a govaluate expression: the expression ends too early, at character 8", {"size": 42}),
    ],
)
def test_errors(broken: dict[str, Any], error: str, found: dict[str, Any]) -> None:
    check = compiled(MAIN, broken, DEV).check(EVENT, False)
    assert (check.passed, check.error) == (False, f"exprs: {error}")
    assert check.results[1] == FilterResult("exprs", broken["expr"], "error", found=found, error=error)
    assert compiled(DEV, broken).check(EVENT, False).error == ""


@pytest.mark.parametrize(
    ("items", "passed", "error"),
    [
        ((GONE, MAIN), True, ""),
        ((BROKEN, MAIN), True, ""),
        ((MAIN, MIXED), True, ""),
        ((DEV, GONE), False, "exprs: path 'gone' does not exist"),
        ((DEV, DEV), False, ""),
        ((BARE, MAIN), True, ""),
        ((BARE,), False, ""),
        ((), False, ""),
    ],
)
def test_or(items: tuple[dict[str, Any], ...], passed: bool, error: str) -> None:
    check = compiled(*items, operator="or").check(EVENT, False)
    assert (check.passed, check.error) == (passed, error)


def test_all_errors_of_or_are_told() -> None:
    error = compiled(GONE, MIXED, operator="or").check(EVENT, False).error
    assert error == "exprs: path 'gone' does not exist / '>' wants two numbers or two texts, found a number and a text"


@pytest.mark.parametrize("items", [(), (BARE,), (BARE, MAIN)])
def test_an_expression_without_fields_is_not_asked(items: tuple[dict[str, Any], ...]) -> None:
    assert compiled(*items).check(EVENT, False).passed


def test_explained() -> None:
    fields = {"ref": "ref", "size": "size", "ratio": "ratio", "nil": "nil", "tags": "tags"}
    [result] = compiled(item("size == 42", **fields)).check(EVENT, True).results
    assert result.verdict == "passed"
    assert result.found == {"ref": "refs/heads/main", "size": 42, "ratio": 0.5, "nil": None, "tags": ["a", "b"]}


def test_of_fields_of_one_name_the_last_counts() -> None:
    both = {"expr": "x == 42", "fields": [{"name": "x", "path": "ref"}, {"name": "x", "path": "size"}]}
    assert compiled(both).check(EVENT, False).passed


def test_long_values_are_cut() -> None:
    [result] = compiled(DEV).check(make_event({"ref": "x" * 1000}), False).results
    assert len(result.found["ref"]) == 257


@pytest.mark.parametrize("operator", ["", "or"])
def test_no_data_passes(operator: LogicalOperator) -> None:
    assert compiled(DEV, operator=operator).check(make_event(), False).passed


@pytest.mark.parametrize("raw", [b"", b"text", b'{"ref":}'])
def test_data_that_is_not_json(raw: bytes) -> None:
    check = compiled(MAIN).check(make_event(raw=raw), False)
    assert (check.passed, check.error) == (False, "exprs: the event's data is not valid JSON")


def test_warnings() -> None:
    broken, unknown, near = compiled(MAIN, BROKEN, item("a == foo && sze > 1", a="ref", size="size")).warnings
    assert broken.splitlines()[1:] == ["size ==", "       ^"]
    assert unknown == "exprs: 'a == foo && sze > 1': no field is named 'foo'"
    assert near.endswith("no field is named 'sze'; did you mean 'size'?")


def test_a_path_that_is_none() -> None:
    with pytest.raises(CompileError) as caught:
        compiled(MAIN, item("x == 1", x="a" * 5000))
    assert caught.value.path == ("exprs", 1, "fields", 0, "path")
