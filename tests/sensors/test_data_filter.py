"""Data filters: paths, lists of values, logical operators, and what a record shows."""

from __future__ import annotations

from typing import Any

import pytest

from config.sensor import DataFilter as Manifest
from config.sensor import LogicalOperator
from sensors.data_filter import DataFilter, compile_filter
from sensors.decision import FilterResult
from tests.sensors.events import make_event

EVENT = make_event({"ref": "refs/heads/main", "size": 42, "ok": True, "nil": None, "tags": ["a", "b"]})
REF = {"path": "ref", "type": "string", "value": ["main"]}
DEV = {"path": "ref", "type": "string", "value": ["dev"]}
GONE = {"path": "gone", "type": "string", "value": ["x"]}
BIG = {"path": "size", "type": "number", "comparator": ">", "value": ["40"]}
WRONG = {"path": "ref", "type": "string", "value": ["["]}


def compiled(*items: dict[str, Any], operator: LogicalOperator = "") -> DataFilter:
    return compile_filter([Manifest.model_validate(item) for item in items], operator, ("data",))


def test_all_hold() -> None:
    filter = compiled(REF, BIG)
    check = filter.check(EVENT, False)
    assert check.passed
    assert check.results is filter.check(EVENT, False).results
    assert check.results == (
        FilterResult("data", "ref matches", wanted="main"),
        FilterResult("data", "size >", wanted="40"),
    )


def test_the_first_that_does_not_hold_decides() -> None:
    assert compiled(REF, DEV, GONE).check(EVENT, False) == (
        False,
        [
            FilterResult("data", "ref matches", wanted="main", found="refs/heads/main"),
            FilterResult("data", "ref matches", "failed", "dev", "refs/heads/main"),
        ],
        "",
    )


def test_a_missing_path_is_an_error() -> None:
    check = compiled(REF, GONE).check(EVENT, False)
    assert (check.passed, check.error) == (False, "data: path 'gone' does not exist")
    assert check.results[1] == FilterResult("data", "gone matches", "error", "x", error="path 'gone' does not exist")


def test_explained() -> None:
    check = compiled(REF, {"path": "ok", "type": "bool", "value": ["true"]}).check(EVENT, True)
    assert check.passed
    assert [result.found for result in check.results] == ["refs/heads/main", True]


def test_one_of_several_values_is_enough() -> None:
    assert compiled({**REF, "value": ["dev", "main"]}).check(EVENT, False).passed
    assert compiled({**REF, "value": ["dev", "main"], "comparator": "!="}).check(EVENT, False).passed
    assert not compiled({**REF, "value": ["dev", "test"]}).check(EVENT, False).passed


def test_what_cannot_be_compared_matters_where_it_is_reached() -> None:
    assert compiled({**REF, "value": ["main", "["]}).check(EVENT, False).passed
    filter = compiled({**REF, "value": ["[", "main"]})
    assert not filter.check(EVENT, False).passed
    assert filter.check(EVENT, False).error.startswith("data: not a regular expression")
    assert len(filter.warnings) == 1
    assert compiled({**REF, "value": []}).check(EVENT, False).error == "data: no values specified"
    assert "unsupported JSON type" in compiled({**REF, "type": "date"}).check(EVENT, False).error


@pytest.mark.parametrize(
    ("items", "passed", "error"),
    [
        ((GONE, REF), True, ""),
        ((REF, WRONG), True, ""),
        ((DEV, GONE), False, "data: path 'gone' does not exist"),
        ((GONE, WRONG), False, "data: path 'gone' does not exist / not a regular expression: missing ]: ["),
        ((DEV, DEV), False, ""),
        ((), True, ""),
    ],
)
def test_or(items: tuple[dict[str, Any], ...], passed: bool, error: str) -> None:
    check = compiled(*items, operator="or").check(EVENT, False)
    assert (check.passed, check.error) == (passed, error)


def test_no_data_passes() -> None:
    assert compiled(DEV).check(make_event(), False).passed


@pytest.mark.parametrize("raw", [b"", b"text", b'{"ref":}'])
def test_data_that_is_not_json(raw: bytes) -> None:
    check = compiled(REF).check(make_event(raw=raw), False)
    assert (check.passed, check.error) == (False, "data: the event's data is not valid JSON")


def test_json_that_only_go_reads() -> None:
    event = make_event(raw=b'{"ref":"main\\ud83d"}')
    assert compiled(REF).check(event, False).passed


def test_long_values_are_cut() -> None:
    [result] = compiled(DEV).check(make_event({"ref": "x" * 1000}), False).results
    assert len(result.found) == 257


@pytest.mark.parametrize(
    ("template", "type", "value", "found"),
    [
        ("{{ .Input | upper }}", "string", "^REFS", "REFS/HEADS/MAIN"),
        ('{{ trimPrefix "refs/heads/" .Input }}', "string", "^main$", "main"),
        ("{{ len .Input }}", "number", "15", "15"),
        ('{{ hasPrefix "refs/" .Input }}', "bool", "true", "true"),
    ],
)
def test_templates_change_what_is_compared(template: str, type: str, value: str, found: str) -> None:
    filter = compiled({"path": "ref", "type": type, "value": [value], "template": template})
    check = filter.check(EVENT, True)
    assert (check.passed, check.error, filter.warnings) == (True, "", ())
    [result] = check.results
    assert result.found == found
    assert result.asked.startswith(f"{template!r} of ref ")


def test_templates_see_text() -> None:
    number = {"path": "size", "type": "number", "value": ["43"], "template": "{{ add1 .Input }}"}
    assert compiled(number).check(EVENT, False).passed
    second = {"path": "tags", "type": "string", "value": ["^b$"], "template": "{{ index (fromJson .Input) 1 }}"}
    assert compiled(second).check(EVENT, False).passed


def test_control_characters_are_read_back_as_go_writes_them() -> None:
    bell = {"path": "ref", "type": "string", "value": ["\\x07"], "template": "a\a{{ .Input }}"}
    assert not compiled(bell).check(EVENT, False).passed


def test_templates_that_give_nothing_are_errors() -> None:
    check = compiled({**REF, "template": "{{ .Input.x }}"}).check(EVENT, False)
    assert (check.passed, check.error[:40]) == (False, "data: a string has no field 'x', at '.In"[:40])
    check = compiled({**REF, "template": "{{ .Gone }}"}).check(EVENT, False)
    assert check.error == "data: the template gives '<no value>'"
    assert compiled({**REF, "template": "{{ .Gone }}"}, REF, operator="or").check(EVENT, False).passed


def test_a_broken_template_matters_where_it_is_reached() -> None:
    broken = {**REF, "template": "{{ uppr .Input }}"}
    filter = compiled(DEV, broken)
    assert (filter.check(EVENT, False).passed, filter.check(EVENT, False).error) == (False, "")
    [warning] = filter.warnings
    assert "did you mean 'upper'?" in warning
    assert compiled(broken).check(EVENT, False).error.startswith("data: there is no function 'uppr'")
