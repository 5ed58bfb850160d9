"""Raw text: ends of values, strings said and written, members."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.gjson.text import compact, members, nesting, parse, quote, skip_container, skip_value, unescape
from tests.sensors.languages.gjson.test_get import DOCUMENTS


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ('"a\\"b",', 6),
        ('"\\\\",', 4),
        ("12.5e3,", 6),
        ("true]", 4),
        ("nan,", 3),
        ('{"a":"}"}x', 9),
        ("[1,(2})]", 7),
        ("[1,", 3),
        ('"abc', -1),
        ("[" * 40 + "]" * 40 + "x", 80),
        ("[" * 40 + '"]' + "]" * 40, 82),
    ],
)
def test_where_a_value_ends(text: str, end: int) -> None:
    assert skip_value(text, 0) == end


def test_groups_of_any_depth_are_closed() -> None:
    for depth in (1, 12, 13, 14, 30, 5000):
        text = '{"a":[0],"b":' * depth + '"}"' + "}" * depth
        assert skip_container(text + " }", 0) == len(text)
        assert nesting(text) == depth + 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('\\u00e9\\n\\/\\"', 'é\n/"'),
        ("\\ud83c\\udf89", "🎉"),
        ("\\u0041\\ud83c\\udf89\\u0042", "A🎉B"),
        ("\\ud83cx", "\ufffdx"),
        ("\\udf89\\ud83cx", "\ufffdx"),
        ("\\ud83c\\u0041x", "\ufffdx"),
        ("ab\\x", "ab"),
        ("ab\\u12", "ab"),
        ("ab\ncd", "ab"),
        ("\\u12g4", "\x00"),
    ],
)
def test_unescape(text: str, said: str) -> None:
    assert unescape(text) == said


@given(st.text())
def test_a_quoted_string_reads_back(text: str) -> None:
    quoted = quote(text)
    assert json.loads(quoted) == text
    assert parse(quoted).string() == text
    assert not set(quoted) & set("<>&\u2028\u2029")


@given(st.text())
def test_strings_read_as_any_parser_reads_them(text: str) -> None:
    assert parse(json.dumps(text)).string() == text


@given(DOCUMENTS)
def test_compact_text_has_the_same_value(document: object) -> None:
    text = json.dumps(document, indent=1)
    assert compact(text) == json.dumps(document, separators=(",", ":"))


def test_members() -> None:
    found = [(key, spelled, value.raw) for key, spelled, value in members(parse('{"a" : 1, "\\u0062":[2] }'))]
    assert found == [("a", '"a"', "1"), ("b", '"\\u0062"', "[2]")]
    assert [value.raw for _, _, value in members(parse("[1,,[2] ]"))] == ["1", "[2]"]
    assert [value.raw for _, _, value in members(parse("5"))] == ["5"]
    assert list(members(parse(""))) == []
    assert list(members(parse('{"a'))) == []
