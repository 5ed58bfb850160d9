"""Arithmetic; Kyverno's results, exact where its floating point is not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.languages.jmes.search import JmesRuntimeError, JmesSyntaxError
from tests.sensors.languages.extra import outcome, value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("add(`1`, `2`)", 3),
        ("add(`1.5`, `2`)", 3.5),
        ("add(`1.5`, `1.5`)", 3),
        ("add(`9007199254740993`, `1`)", 9007199254740994),
        ("add('1Ki', '1Mi')", "1025Ki"),
        ("add('1', '1Ki')", "1025"),
        ("add('0', '1Ki')", "1Ki"),
        ("add('500m', '1.5')", "2"),
        ("add('1h', '30m')", None),
        ("add('1h', '0h30m')", "1h30m0s"),
        ("add('1Mi', `1`)", None),
        ("add('1h', `1`)", None),
        ("add('1h', '1Mi')", None),
        ("subtract('12s', '13s')", "-1s"),
        ("subtract('1Ki', '1Mi')", "-1023Ki"),
        ("subtract(`3`, `0.5`)", 2.5),
        ("subtract(`1`, 'x')", None),
        ("subtract('1', `1`)", None),
        ("multiply(`3`, `2`)", 6),
        ("multiply(`0.1`, `3`)", 0.30000000000000004),
        ("multiply('1Ki', `3`)", "3Ki"),
        ("multiply(`2.5`, '1Ki')", "2560"),
        ("multiply('250m', `0.5`)", "125m"),
        ("multiply('1s', `90`)", "1m30s"),
        ("multiply(`1.5`, '1h')", "1h30m0s"),
        ("multiply('1h', '1h')", None),
        ("multiply('1Ki', '1Ki')", None),
        ("divide(`7`, `2`)", 3.5),
        ("divide(`8`, `2`)", 4),
        ("divide('10Mi', '5Ki')", 2048),
        ("divide('1Ki', `3`)", "341"),
        ("divide('7M', `1000000`)", "7"),
        ("divide('1', `4`)", "0"),
        ("divide('1.0', `4`)", "200m"),
        ("divide('-7', `2`)", "-3"),
        ("divide('1h', '20s')", 180),
        ("divide('1h', `8`)", "7m30s"),
        ("divide(`1`, '1')", None),
        ("divide(`1`, '1h')", None),
        ("divide('1h', '1')", None),
        ("divide(`1`, `0`)", None),
        ("divide('1', '0')", None),
        ("divide('1', `0`)", None),
        ("divide('1h', '0s')", None),
        ("divide('1h', `0.0`)", None),
        ("modulo(`25`, `10`)", 5),
        ("modulo(`-25`, `10`)", -5),
        ("modulo(`25`, `-10`)", 5),
        ("modulo(`25.0`, `10`)", 5),
        ("modulo(`2.5`, `2`)", None),
        ("modulo(`1`, `0`)", None),
        ("modulo('13Ki', '5Ki')", "3Ki"),
        ("modulo('1500m', '1')", None),
        ("modulo('1', '0')", None),
        ("modulo('13s', '5s')", "3s"),
        ("modulo('13s', '0s')", None),
        ("modulo('13s', '5')", None),
        ("round(`2.345`, `2`)", 2.35),
        ("round(`-0.5`, `0`)", -1),
        ("round(`2.5`, `0`)", 3),
        ("round(`7`, `1`)", 7),
        ("round(`1.25`, `400`)", 1.25),
        ("round(`1e300`, `20`)", 1e300),
        ("round(`1.5`, `-1`)", None),
        ("round(`1.5`, `0.5`)", None),
        ("sum([`1`, `2.5`])", 3.5),
        ("sum(`[]`)", 0),
        ("sum(['10Mi', '5Ki', '1'])", "10490881"),
        ("sum(['1h', '15s'])", "1h0m15s"),
        ("sum(['1.5Gi'])", "1.5Gi"),
        ("sum(['x'])", None),
        ("sum([`1`, 'x'])", None),
        ("sum([`1`, `true`])", None),
        ("sum([`null`])", None),
    ],
)
def test_results(text: str, expected: Any) -> None:
    if expected is None:
        with pytest.raises((JmesRuntimeError, JmesSyntaxError)):
            value(text)
    else:
        assert outcome(text) == (type(expected), expected)


@pytest.mark.parametrize(
    "text",
    [
        "multiply(`1e308`, `10`)",
        "add('2562047h', '1h')",
        "multiply('1h', `1e10`)",
        "divide('1h', `1e-300`)",
        "add(to_number('nan'), `1`)",
        "round(to_number('inf'), `1`)",
        f"multiply(`{'9' * 400}`, `2`)",
    ],
)
def test_results_that_are_no_numbers(text: str) -> None:
    with pytest.raises(JmesRuntimeError):
        value(text)


def test_numbers_do_not_grow_without_end() -> None:
    assert outcome("multiply(`9223372036854775807`, `4`)") == (float, 3.6893488147419103e19)
    squares = " | ".join(["multiply(@, @)"] * 80)
    with pytest.raises(JmesRuntimeError, match="too large"):
        value(squares, 9)


@settings(deadline=None)
@given(st.integers(-(2**31), 2**31), st.integers(-(2**31), 2**31))
def test_integers(left: int, right: int) -> None:
    document = {"a": left, "b": right}
    assert outcome("add(a, b)", document) == (int, left + right)
    assert outcome("subtract(a, b)", document) == (int, left - right)
    assert outcome("multiply(a, b)", document) == (int, left * right)
    assert outcome("sum([a, b, a])", document) == (int, 2 * left + right)
    if right:
        whole = value("divide(subtract(a, modulo(a, b)), b)", document)
        assert whole * right + value("modulo(a, b)", document) == left


@settings(deadline=None)
@given(st.integers(-(2**40), 2**40), st.integers(-(2**40), 2**40), st.sampled_from(["", "Ki", "Mi", "k", "m", "e3"]))
def test_quantities(left: int, right: int, suffix: str) -> None:
    document = {"a": f"{left}{suffix}", "b": f"{right}{suffix}", "c": f"{left + right}{suffix}"}
    assert value("divide(add(a, b), `1`) == divide(c, `1`)", document) is True
    assert value("subtract(add(a, b), b) == add(a, '0')", document) is True


@settings(deadline=None)
@given(st.integers(-(10**15), 10**15), st.integers(-(10**15), 10**15))
def test_durations(left: int, right: int) -> None:
    document = {"a": f"{left}ns", "b": f"{right}ns", "c": f"{left + right}ns"}
    assert value("add(a, b) == add(c, '0ns')", document) is True
    assert value("subtract(add(a, b), b) == add(a, '0ns')", document) is True
