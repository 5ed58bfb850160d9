"""Regular expressions: matches by place, and what Go does not know."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.go.limits import GoError
from sensors.languages.go.regexp import compile_regexp, quote_meta


@pytest.mark.parametrize("pattern", ["[", "(?=a)", "\\1", "\\C", "a{2000}"])
def test_what_go_does_not_know(pattern: str) -> None:
    with pytest.raises(GoError):
        compile_regexp(pattern)


def test_a_quoted_backslash_is_no_escape() -> None:
    assert compile_regexp(r"\Q\C\E").search(rb"\C")


@given(st.text(alphabet="abé\n"), st.sampled_from(["a*", "b", "", "a|b*", "[^a]", "\\B", "(?m)^"]))
def test_matches_do_not_overlap(text: str, pattern: str) -> None:
    data = text.encode()
    found = list(compile_regexp(pattern).find_all(data, -1))
    for match in found:
        data[match.start : match.end].decode()
    ends = [match.end for match in found]
    assert all(end <= match.start for end, match in zip(ends, found[1:], strict=False))
    assert all(match.end > match.start or match.start != end for end, match in zip(ends, found[1:], strict=False))
    assert list(compile_regexp(pattern).find_all(data, 1)) == found[:1]


@given(st.text(max_size=20))
def test_quoted_expressions_match_themselves(text: str) -> None:
    match = compile_regexp(quote_meta(text)).search(text.encode(errors="surrogateescape"))
    assert match is not None
    assert match.end == len(text.encode(errors="surrogateescape"))


@given(st.text(alphabet="ab", max_size=8), st.text(alphabet="x1$", max_size=4))
def test_replacing_as_python_does(text: str, replacement: str) -> None:
    regexp = compile_regexp("(a)b")
    literal = re.sub("(a)b", lambda found: replacement, text)
    assert regexp.replace_all(text, lambda data, match: replacement.encode()) == literal
