"""Functions with patterns; Go's results, which Kyverno gives."""

from __future__ import annotations

import fnmatch
import re
from time import monotonic
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.languages.jmes import extra_patterns as jmes_extra_patterns
from sensors.languages.jmes.search import JmesRuntimeError
from tests.sensors.languages.extra import outcome, value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("regex_match('12.*', '123')", True),
        ("regex_match('12.*', `123`)", True),
        ("regex_match('^1.5$', `1.5`)", True),
        ("regex_match('^100000000000000000000$', `1e20`)", True),
        ("regex_match('23', '123')", True),
        ("regex_match('^23', '123')", False),
        ("regex_match('(?i)MAIN', 'main')", True),
        ("regex_match('', '')", True),
        (r"regex_match('^\pL+$', 'Müller')", True),
        (r"regex_match('\Q.*\E', 'a.*b')", True),
        ("regex_match('^.$', '日')", True),
        ("regex_replace_all('([0-9])([0-9])', 'hello12world34', '$2$1')", "hello21world43"),
        ("regex_replace_all('(?P<user>[^@]+)@.*', 'ann@example.org', '${user}!')", "ann!"),
        ("regex_replace_all('a(x*)b', '-ab-axxb-', '${1}W')", "-W-xxW-"),
        ("regex_replace_all('a(x*)b', '-ab-axxb-', '$1W')", "---"),
        ("regex_replace_all('a', 'a', '$$0 $0 $9 $x ${')", "$0 a   ${"),
        ("regex_replace_all('a', 'a', '$')", "$"),
        ("regex_replace_all('(a)|b', 'ab', '<$1>')", "<a><>"),
        ("regex_replace_all('a*', 'baac', 'X')", "XbXcX"),
        ("regex_replace_all('x*', 'é日', '-')", "-é-日-"),
        ("regex_replace_all('^', 'ab', '>')", ">ab"),
        ("regex_replace_all('(?m)^', `12`, `7`)", "712"),
        ("regex_replace_all('(a)', 'a', '$01')", ""),
        ("regex_replace_all_literal('a(x*)b', '-ab-axxb-', '${1}')", "-${1}-${1}-"),
        ("regex_replace_all_literal('[0-9]', `1.5`, '#')", "#.#"),
        ("pattern_match('prefix-*', 'prefix-foo')", True),
        ("pattern_match('*-foo', 'prefix-foo')", True),
        ("pattern_match('prefix-???', 'prefix-foo')", True),
        ("pattern_match('prefix-??', 'prefix-foo')", False),
        ("pattern_match('prefix', 'prefix-foo')", False),
        ("pattern_match('12*', `123`)", True),
        ("pattern_match('', '')", True),
        ("pattern_match('*', '')", True),
        ("pattern_match('', 'a')", False),
        ("pattern_match('a.c', 'abc')", False),
        ("pattern_match('*b*', 'a\nb\nc')", True),
        ("pattern_match('?', '日')", True),
    ],
)
def test_results(text: str, expected: Any) -> None:
    assert outcome(text) == (type(expected), expected)


@pytest.mark.parametrize("pattern", ["(", "[a", "a{1001}", r"\C", "(?=a)", r"\1", "a" * 10_001])
def test_what_is_no_expression(pattern: str) -> None:
    for text in ("regex_match(@, 'a')", "regex_replace_all(@, 'a', 'b')"):
        with pytest.raises(JmesRuntimeError, match="regular expression"):
            value(text, pattern)


def test_time_is_linear() -> None:
    started = monotonic()
    assert value("regex_match('(a*)*b|(a|a)*c|(a|aa)+$', @)", "a" * 100_000 + "d") is False
    assert value("pattern_match('*a*a*a*a*a*a*a*b', @)", "a" * 100_000) is False
    assert monotonic() - started < 2


def test_many_searches_to_the_end_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jmes_extra_patterns, "SECONDS", 0.05)
    started = monotonic()
    with pytest.raises(JmesRuntimeError, match=r"longer than 0\.05 s"):
        value("regex_replace_all('a(.*b)?', @, '-')", "a" * 400_000)
    assert monotonic() - started < 2


def test_replacements_do_not_grow_without_end() -> None:
    with pytest.raises(JmesRuntimeError, match="more than"):
        value(f"regex_replace_all('a+', @, '{'$0' * 1000}')", "a" * 100_000)
    with pytest.raises(JmesRuntimeError, match="more than"):
        value(f"regex_replace_all_literal('a', @, '{'b' * 1000}')", "a" * 100_000)


@settings(deadline=None)
@given(st.text("ab*?.é"), st.text("abé.\n"))
def test_wildcards(pattern: str, text: str) -> None:
    assert value("pattern_match(p, t)", {"p": pattern, "t": text}) is fnmatch.fnmatchcase(text, pattern)


@settings(deadline=None)
@given(st.sampled_from(["a", "a+", "[ab]c?", "a|b", "(a)(b)", "é", "b{2}"]), st.text("abcé"))
def test_replacing(pattern: str, text: str) -> None:
    document = {"p": pattern, "t": text}
    assert value("regex_replace_all(p, t, '<$0>')", document) == re.sub(pattern, r"<\g<0>>", text)
    assert value("regex_replace_all_literal(p, t, '$0')", document) == re.sub(pattern, "$0", text)
