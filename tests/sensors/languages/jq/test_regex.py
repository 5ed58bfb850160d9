"""Regular expressions of jq, which are Go's."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.jq.query import compile_query
from tests.sensors.languages.queries import failure, outputs


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            '.ref | test("heads"), test("^heads"), test("HEADS"; "i"), test("main$"), test("")',
            [True, False, True, True, True],
        ),
        (
            '.ref | match("heads/(?<branch>.*)")',
            [
                {
                    "captures": [{"length": 4, "name": "branch", "offset": 11, "string": "main"}],
                    "length": 10,
                    "offset": 5,
                    "string": "heads/main",
                }
            ],
        ),
        (
            '"aXbxc" | [match("x"; "gi") | .offset], [match("(x)|(b)"; "g") | .captures | map(.string)]',
            [[1, 3], [[None, "b"], ["x", None]]],
        ),
        ('"Grüße" | match("ß") | .offset, .length', [3, 1]),
        (
            '"xyz" | [match(""; "g") | .offset], [match("y*"; "g") | [.offset, .string]]',
            [[0, 1, 2, 3], [[0, ""], [1, "y"], [3, ""]]],
        ),
        (
            '.ref | capture("(?<kind>[a-z]+)/(?<where>[a-z]+)"), (capture("(?<none>z)") // "nothing")',
            [{"kind": "refs", "where": "heads"}, "nothing"],
        ),
        (
            '"a1b2" | [scan("[a-z]")], [scan("([a-z])([0-9])")], [scan("[A-Z]"; "i")], [scan("z")]',
            [["a", "b"], [["a", "1"], ["b", "2"]], ["a", "b"], []],
        ),
        (
            '"a, b,c" | [splits(", *")], split(", *"; null), ("abc" | [splits("")]), ("abc" | split("B"; "i"))',
            [["a", "b", "c"], ["a", "b", "c"], ["", "a", "b", "c", ""], ["a", "c"]],
        ),
        (
            '.ref | sub("/"; "."), gsub("/"; "."), sub("(?<x>[a-z]+)"; "<\\(.x)>"), gsub("(?<x>[a-z]+)"; "<\\(.x)>")',
            ["refs.heads/main", "refs.heads.main", "<refs>/heads/main", "<refs>/<heads>/<main>"],
        ),
        (
            '"abc" | [sub("(?<l>.)"; .l, "z")], [gsub("(?<l>[ab])"; "1", "2")], [sub("b"; empty)]',
            [["abc", "zbc"], ["11c", "22c"], ["abc"]],
        ),
        (
            '"aBc" | gsub("b"; "x"; "i"), sub("B"; "x"; null), gsub(""; "-"), gsub("$"; "!"), gsub("^"; "!")',
            ["axc", "axc", "-a-B-c-", "aBc!", "!aBc"],
        ),
        (
            '"a\\nb" | test("a.b"), test("a.b"; "m"), test("(?s)a.b"), [match("^b"; "g").offset], test("(?m)^b")',
            [False, True, True, [], True],
        ),
        ('"abab" | [match("ab", "b").offset], [match("b"; "", "g").offset]', [[0, 1], [1, 1, 3]]),
        (
            '"aé" | test("\\\\bé"), test("^\\\\w+$"), test("\\\\pL{2}"), test("[[:alpha:]]"), test("a\\\\x{e9}")',
            [True, False, True, True, True],
        ),
        (
            '"a.b*c" | split("."), split("\\\\."; null), [scan("\\\\Q.b*\\\\E")], gsub("[.*]"; "")',
            [["a", "b*c"], ["a", "b*c"], [".b*"], "abc"],
        ),
        ('.tags | map(select(test("^r")))', [["red"]]),
        ('.users | map(.name | ascii_upcase | test("ANN|BOB")) | all', [True]),
        ('"test" | [match("(?<a>t)(?<b>x)?"; "g") | .captures | map(.name)]', [[["a", "b"], ["a", "b"]]]),
        (
            '"foo bar foo" | [match("foo"; "g").offset], gsub("\\\\s+"; "_"), ascii_upcase',
            [[0, 8], "foo_bar_foo", "FOO BAR FOO"],
        ),
        (
            '"x" | [match("(y)?x") | .captures[0]], [capture("(?<a>y)?x")]',
            [[{"length": 0, "name": None, "offset": -1, "string": None}], [{"a": None}]],
        ),
    ],
)
def test_expressions(query: str, expected: list[Any]) -> None:
    assert outputs(query) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ('1 | test("a")', 'test("a"; null) cannot be applied to: number (1)'),
        ('"a" | test(1)', 'test(1; null) cannot be applied to: string ("a")'),
        ('"a" | test("a"; "x")', 'unsupported regular expression flag: "x"'),
        ('"a" | test("a"; 1)', 'test("a"; 1) cannot be applied to: string ("a")'),
        ('"a" | gsub("a"; 1)', 'cannot add: string ("") and number (1)'),
        ('1 | splits("a")', 'match("a"; "g") cannot be applied to: number (1)'),
        ('1 | sub("a"; "b")', 'match("a"; null) cannot be applied to: number (1)'),
        ('"a" | test({})', 'test({}; null) cannot be applied to: string ("a")'),
    ],
)
def test_what_cannot_be_matched(query: str, message: str) -> None:
    assert failure(query) == message


@pytest.mark.parametrize("pattern", ["(", "[", "(?=a)", "(?<!a)b", r"(a)\\1", "a**", r"\\C", "x{1001}"])
def test_what_is_no_expression(pattern: str) -> None:
    assert failure(f'"a" | test("{pattern}")').startswith("invalid regular expression")
    assert outputs(f'"a" | try test("{pattern}") catch "caught"') == ["caught"]


def test_time_is_linear() -> None:
    begin = time.process_time()
    assert compile_query('.t | test("(a?){30}a{30}b"), test("(a*)*b")').first({"t": "a" * 20_000}) is False
    assert time.process_time() - begin < 1


@given(
    st.text(alphabet="ab1é ", max_size=12),
    st.sampled_from(["a", "[ab]+", "(a)(b)?", "b*", "", "é", "^a", "\\d", "a|ab"]),
)
def test_matches_are_those_of_python(text: str, pattern: str) -> None:
    query = compile_query('. as $d | .t | [match($d.p; "g") | [.offset, .offset + .length, .string]]')
    found = query.first({"t": text, "p": pattern})
    matches = [[match.start(), match.end(), match[0]] for match in re.finditer(pattern, text, re.ASCII)]
    # Unlike Python, Go finds nothing empty right after a match.
    ends = [None, *(end for _, end, _ in matches)]
    assert found == [match for match, end in zip(matches, ends, strict=False) if match[2] or match[0] != end]
    between = compile_query('. as $d | .t | [splits($d.p)] | join("")').first({"t": text, "p": pattern})
    assert between == "".join(
        letter for place, letter in enumerate(text) if not any(start <= place < end for start, end, _ in found)
    )
