"""Filters of several kinds together: which verdict they come to."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from config.sensor import Dependency
from sensors.filters import Filters, compile_filters
from tests.sensors.events import make_event

EVENT = make_event({"ref": "main"})
DATA: dict[bool | None, Any] = {
    True: [{"path": "ref", "type": "string", "value": ["main"]}],
    False: [{"path": "ref", "type": "string", "value": ["dev"]}],
    None: [{"path": "gone", "type": "string", "value": ["x"]}],
}
CONTEXT = {True: {"type": "webhook"}, False: {"type": "github"}}
TIME = {True: {"start": "15:00:00", "stop": "16:00:00"}, False: {"start": "16:00:00", "stop": "17:00:00"}}
CASES = list(product((True, False, None), (True, False), (True, False), (True, False, None)))
OWN = {True: ["data.ref == 'main'"], False: ["data.ref == 'dev'"], None: ["length(`1`) == `1`"]}


def compiled(operator: str = "", **filters: Any) -> Filters:
    return compile_filters(Dependency.model_validate({"filters": filters, "filtersLogicalOperator": operator}))


def test_no_filters_pass() -> None:
    assert compile_filters(Dependency()).evaluate(EVENT) == (True, [], "")
    assert compiled().evaluate(EVENT)[0]
    assert not compiled("or").evaluate(EVENT)[0]


@pytest.mark.parametrize(("data", "context", "time", "own"), CASES)
def test_and(data: bool | None, context: bool, time: bool, own: bool | None) -> None:
    filters = compiled("and", data=DATA[data], context=CONTEXT[context], time=TIME[time], jmespath=OWN[own])
    passed, results, error = filters.evaluate(EVENT)
    assert passed is bool(data and context and time and own)
    assert [result.kind for result in results] == ["data", "context", "time", "jmespath"]
    assert bool(error) is (data is None or own is None)


@pytest.mark.parametrize(("data", "context", "time", "own"), CASES)
def test_or_discards_on_any_error_and_leaves_out_our_own(
    data: bool | None, context: bool, time: bool, own: bool | None
) -> None:
    filters = compiled("or", data=DATA[data], context=CONTEXT[context], time=TIME[time], jmespath=OWN[own])
    passed, _, error = filters.evaluate(EVENT)
    assert passed is bool(data is not None and (data or context or time) and own)
    assert bool(error) is (data is None or own is None)


@pytest.mark.parametrize("own", [True, False])
def test_our_own_alone(own: bool) -> None:
    assert compiled("or", jmespath=OWN[own]).evaluate(EVENT)[0] is own
    assert compiled("", jmespath=OWN[own]).evaluate(EVENT)[0] is own


def test_an_empty_list_counts_as_a_filter() -> None:
    assert compiled("", exprs=[]).evaluate(EVENT)[0]
    assert compiled("or", exprs=[], context=CONTEXT[True]).evaluate(EVENT)[0]
    assert compiled("or", data=[]).evaluate(EVENT)[0]
    assert compiled("or", data=[], context=CONTEXT[False]).evaluate(EVENT)[0]
    assert not compiled("or", jmespath=[], context=CONTEXT[False]).evaluate(EVENT)[0]


def test_explained() -> None:
    _, results, _ = compiled("", data=DATA[True], jmespath=OWN[True]).evaluate(EVENT, explain=True)
    assert [result.found for result in results] == ["main", "main"]
    _, results, _ = compiled("", data=DATA[True], jmespath=OWN[True]).evaluate(EVENT)
    assert [result.found for result in results] == [None, None]


def test_warnings_of_all_kinds() -> None:
    filters = compiled(data=[{**DATA[True][0], "value": ["["]}], jmespath=['data.ref == "main"'])
    assert [warning.split()[0] for warning in filters.warnings] == ["data:", "jmespath:"]
    assert compile_filters(Dependency()).warnings == ()
