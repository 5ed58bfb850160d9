"""expr-lang: expressions that would take all memory or all time end with an error, and soon."""

from __future__ import annotations

import time

import pytest

from sensors.languages.exprlang.program import GoError, compile_exprlang


@pytest.mark.parametrize(
    "expression",
    [
        "all(1..99999, all(1..99999, # > 0))",
        "len(1..9999999) > 0",
        "len(map(1..1000, repeat('x', 1000000))) > 0",
        "reduce(1..1000, #acc + #acc, 'a') == ''",
        "repeat(repeat('a', 1000000), 1000000) == ''",
        "replace(repeat('a', 1000), '', repeat('b', 100000)) == ''",
        "len(map(1..100000, toJson(list))) == 1",
        "sprig.untilStep(0, 1000000000, 1) == nil",
    ],
)
def test_what_is_too_much(expression: str) -> None:
    compiled = compile_exprlang(expression)
    begin = time.process_time()
    with pytest.raises(GoError):
        compiled({"list": list(range(1000))})
    assert time.process_time() - begin < 2


def test_a_pattern_takes_linear_time() -> None:
    text = "a" * 20_000
    begin = time.process_time()
    assert not compile_exprlang("text matches '(a*)*b'")({"text": text})
    assert time.process_time() - begin < 1


def test_data_that_is_nested_too_deeply() -> None:
    deep: object = 1
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(GoError):
        compile_exprlang("toJson(a) == ''")({"a": deep})
