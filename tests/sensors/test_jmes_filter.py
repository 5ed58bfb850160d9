"""JMESPath filters: truth, errors, and what a record shows."""

from __future__ import annotations

import pytest

from sensors.decision import FilterResult
from sensors.errors import CompileError
from sensors.jmes_filter import compile_filter
from tests.sensors.events import make_event

EVENT = make_event({"ref": "refs/heads/main", "size": 42, "commits": [{"id": 1}, {"id": 2}], "empty": []})
MAIN = "data.ref == 'refs/heads/main'"
DEV = "data.ref == 'refs/heads/dev'"


def test_all_true() -> None:
    filter = compile_filter([MAIN, "data.size", "type == 'webhook' && subject == 'push'"], ("jmespath",))
    check = filter.check(EVENT, False)
    assert (check.passed, check.error) == (True, "")
    assert check is filter.check(EVENT, False)
    assert [result.asked for result in check.results] == [MAIN, "data.size", "type == 'webhook' && subject == 'push'"]


@pytest.mark.parametrize("expression", ["data.empty", "data.nothing", "data.size > `100`", "data.commits[?id == `3`]"])
def test_false(expression: str) -> None:
    check = compile_filter([expression], ("jmespath",)).check(EVENT, False)
    assert (check.passed, check.error) == (False, "")


def test_what_stands_in_the_way() -> None:
    check = compile_filter([MAIN, DEV, "data.size > `1` && data.empty"], ("jmespath",)).check(EVENT, False)
    assert check.results == [
        FilterResult("jmespath", MAIN),
        FilterResult("jmespath", DEV, "failed", found="refs/heads/main"),
        FilterResult("jmespath", "data.size > `1` && data.empty", "failed", found={"data.size": 42, "data.empty": []}),
    ]


def test_explained() -> None:
    check = compile_filter([MAIN, "length(data.commits[*].id) == `2`"], ("jmespath",)).check(EVENT, True)
    assert check.passed
    assert [result.found for result in check.results] == ["refs/heads/main", [{"id": 1}, {"id": 2}]]


def test_an_error_is_told() -> None:
    filter = compile_filter(["length(data.size) > `1`", DEV], ("jmespath",))
    check = filter.check(EVENT, False)
    assert not check.passed
    assert check.error.startswith("jmespath: length(data.size) > `1`: ")
    assert [result.verdict for result in check.results] == ["error", "failed"]
    assert filter.check(EVENT, True).error == check.error


def test_an_error_behind_something_false_is_none() -> None:
    assert compile_filter([DEV, "length(data.size) > `1`"], ("jmespath",)).check(EVENT, False).error == ""


def test_data_that_is_not_json_is_text() -> None:
    assert compile_filter(["data == 'hello'"], ("jmespath",)).check(make_event(raw=b"hello"), False).passed
    assert not compile_filter(["data"], ("jmespath",)).check(make_event(), False).passed


def test_what_is_no_expression() -> None:
    with pytest.raises(CompileError, match="character 6") as caught:
        compile_filter(["data", "data ="], ("jmespath",))
    assert caught.value.path == ("jmespath", 1)


def test_traps_are_warned_about() -> None:
    [warning] = compile_filter(['data.ref == "main"'], ("jmespath",)).warnings
    assert warning.startswith("jmespath: 'data.ref == \"main\"': double quotes name a field")
    assert warning.endswith(", at character 13")
