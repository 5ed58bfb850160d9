"""Wildcards: what they take, and that they cannot be made to take long."""

from __future__ import annotations

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.gjson.wildcard import compile_wildcard


@pytest.mark.parametrize(
    ("pattern", "takes", "leaves"),
    [
        ("*", ["", "a", "a\nb"], []),
        ("a*", ["a", "ab"], ["", "ba"]),
        ("*a", ["a", "ba"], ["ab"]),
        ("a*b*c", ["abc", "axbxbc"], ["acb", "ab"]),
        ("?", ["a", "é", "\U0001f389"], ["", "ab"]),
        ("a**b", ["ab", "axb"], ["a"]),
        ("\\*\\?x", ["*?x"], ["ab", "a?x"]),
        ("a.b*", ["a.b"], ["axb"]),
        ("a\\", ["a\\"], ["a"]),
    ],
)
def test_wildcards(pattern: str, takes: list[str], leaves: list[str]) -> None:
    compiled = compile_wildcard(pattern)
    assert [text for text in takes + leaves if compiled.match(text)] == takes


@given(st.text(alphabet="ab*?", max_size=12), st.text(alphabet="ab", max_size=12))
def test_wildcards_agree_with_fnmatch(pattern: str, text: str) -> None:
    expected = re.compile(fnmatch.translate(pattern)).match(text) is not None
    assert (compile_wildcard(pattern).match(text) is not None) is expected


@pytest.mark.timeout(30)
def test_a_pattern_made_to_explode_does_not() -> None:
    assert compile_wildcard("*a" * 100 + "*b").match("a" * 10_000) is None
