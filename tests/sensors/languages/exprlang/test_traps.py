"""expr-lang: what is told of an expression that can be compiled and will never do what was meant."""

from __future__ import annotations

import pytest

from sensors.languages.exprlang.program import compile_exprlang


@pytest.mark.parametrize(
    ("expression", "trap"),
    [
        ("lenn(body.tags) == 1", "there is no function 'lenn'; did you mean 'len'?"),
        ("qqq(1)", "there is no function 'qqq'"),
        ("sprig.uper('a') == 'A'", "sprig has no function 'uper'; did you mean 'upper'?"),
        (
            "sprig.bcrypt('a') == ''",
            "sprig.bcrypt is refused: it would hold up all other events; hash the password beforehand",
        ),
        ("body.n % 2 == 0", "'%' wants integers, and numbers of an event are none: write int(…) around them"),
        (
            "body.list == [1, 2]",
            "a list of integers never equals one of an event, whose numbers are none: write [1.0, 2.0]",
        ),
        ("[-1] != list", "a list of integers never equals one of an event, whose numbers are none: write [1.0, 2.0]"),
    ],
)
def test_traps(expression: str, trap: str) -> None:
    assert compile_exprlang(expression).traps == (trap,)


@pytest.mark.parametrize(
    "expression",
    [
        "let f = len; f(body.tags) == 1",
        "asInt(body.n) % 2 == 0 && sprig.upper('a') == 'A' && jsonpath(body.j, '$.a') == 1",
        "body.list == [1.0, 2.0] && [1, 2] == [1, 2] && body.tags == ['a'] && body.list == []",
    ],
)
def test_no_traps(expression: str) -> None:
    assert compile_exprlang(expression).traps == ()


def test_each_trap_is_told_once() -> None:
    assert len(compile_exprlang("a % 2 == 0 || b % 2 == 0 || nosuch()").traps) == 2
