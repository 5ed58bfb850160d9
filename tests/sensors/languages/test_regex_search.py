"""Regular expressions as Go has them: what is one, and where it matches."""

from __future__ import annotations

import time

import pytest

from sensors.languages.regex_search import RegexError, compile_regex


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("main", "refs/heads/main2", True),
        ("^main$", "refs/heads/main", False),
        ("(?i)MAIN", "main", True),
        ("^.ü.$", "aüb", True),
        (r"\Q.*\E", "a.*b", True),
        (r"\Q\C\E", r"a\Cb", True),
        (r"\\C", r"a\Cb", True),
        ("", "", True),
        ("^$", "a", False),
        ("^.$", "\udcff", True),
    ],
)
def test_matches(pattern: str, text: str, matches: bool) -> None:
    regex = compile_regex(pattern)
    assert regex.matches(text) is matches
    assert regex.text == pattern


@pytest.mark.parametrize("pattern", ["[", "(?=a)", r"(a)\1", "a**", r"\C", "x{1001}", "\udcff", "x" * 10_001])
def test_what_is_none(pattern: str) -> None:
    with pytest.raises(RegexError, match="regular expression"):
        compile_regex(pattern)


def test_time_is_linear() -> None:
    begin = time.process_time()
    assert not compile_regex("(a*)*b").matches("a" * 50_000)
    assert time.process_time() - begin < 1
