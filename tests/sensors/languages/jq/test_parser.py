"""The grammar of jq as gojq has it: what binds how strongly, and where a query is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.jq.query import ExpressionError, compile_query
from tests.sensors.languages.queries import outputs


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("1 + 2 * 3, (1 + 2) * 3, 10 - 2 - 3, 8 / 2 / 2", [7, 9, 5, 2]),
        ("1, 2 | . + 1", [2, 3]),
        ("1 // 2 // 3, (null // null // 3)", [1, 3]),
        ("false or true and false, (true or false) and false", [False, False]),
        ("1 + 1 == 2, 1 < 2 and 2 < 3", [True, True]),
        ("1 as $x | 2 as $y | [$x, $y, $x + $y]", [[1, 2, 3]]),
        ("[1, 2 | ., .]", [[1, 1, 2, 2]]),
        ("{a: 1 + 1, b: (1 | . + 1), c: 1 | . + 2}", [{"a": 2, "b": 2, "c": 3}]),
        ('{"a": 1}.a, {"a": [5]}["a"][0]', [1, 5]),
        ("-1 - -1, -(1), -.n", [0, -1, -42]),
        ("def f: 1; def g: f + 1; g", [2]),
        ("if 1 then 2 else 3 end + 1", [3]),
        ('try error("x") catch . | length', [1]),
        ("[.[]?, 1][0] | type", ["string"]),
        ("reduce (1, 2, 3) as $x (0; . + $x)", [6]),
        ('.a.b.c?, ."a"?, .["a"]?', [None, None, None]),
        ('.users[0].name[1:], .users[0]["name"][:1], .numbers[:-1][0]', ["nn", "a", 3]),
        (".n | -. + 1", [-41]),
        ('"\\("\\("in")ner")"', ["inner"]),
        ('. as {a: $x, "b": $y, ("c"): $z, $n} | $n', [42]),
        ('.n as $n | {$n, "x": $n}', [{"n": 42, "x": 42}]),
        ("{if: 1, then: 2, and: 3} | .if, .then, .and", [1, 2, 3]),
        ('{"a":1,} | .a', [1]),
        (
            '@base64 "x\\(1)y", @base64',
            [
                "xMQ==y",
                "eyJhY2NlbnRzIjoiR3LDvMOfZSDkuJYiLCJlbXB0eSI6W10sImhhbGYiOjAuNSwianNvbiI6IntcInhcIjoxfSIsIm1peGVkIjpbMSwieCIsbnVsbCx0cnVlLHsiayI6InYifSxbMV1dLCJuIjo0MiwibmVzdGVkIjpbWzEsMl0sWzNdXSwibm90aGluZyI6bnVsbCwibnVtYmVycyI6WzMsMSwyXSwib2JqZWN0Ijp7ImsiOiJ2IiwibSI6eyJ4IjoxfX0sInJlZiI6InJlZnMvaGVhZHMvbWFpbiIsInN0YW1wIjoiMjAxNS0wMy0wNVQyMzo1MTo0N1oiLCJ0YWdzIjpbInJlZCIsImdyZWVuIl0sInRleHQiOiJhIGIsYyIsInVzZXJzIjpbeyJhZ2UiOjMwLCJuYW1lIjoiYW5uIn0seyJhZ2UiOjI1LCJuYW1lIjoiYm9iIn1dLCJ5ZXMiOnRydWV9",
            ],
        ),
        ("1 as $x | [$x, $x as $x | $x]", [[1, 1]]),
        (".. == 42 | select(.)", [True]),
        (".n+1, .n-1, .n*2", [43, 41, 84]),
        ("[ .numbers | .[1], .[2] ]", [[1, 2]]),
        (". as [$a] ?// $a | $a | type", ["object"]),
        ("limit(1; 1, 2), first(range(5; 10))", [1, 5]),
        (".5, 1., 1.5e2, 1E-1", [0.5, 1, 150, 0.1]),
        ('"\\u00e9\\ud83d\\ude00\\n\\t\\"\\\\\\/"', ['é😀\n\t"\\/']),
        ('"\\ud83d" | length', [1]),
        ("try 1, 2", [1, 2]),
        ("label $f | 1, break $f, 2", [1]),
        ("{a: 1} | .a as $x | $x", [1]),
    ],
)
def test_what_binds_how_strongly(query: str, expected: list[Any]) -> None:
    assert outputs(query) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "the query ends where an expression should be, at character 1"),
        ("{", "the query ends where a name should be, at character 2"),
        (".a |", "the query ends where an expression should be, at character 5"),
        (".a b", "there is 'b' where an operator should be, at character 4"),
        ("[1, 2", "the query ends where ']' should be, at character 6"),
        ('"abc', "the closing '\"' of the text is missing, at character 1"),
        ('"a\\qb"', "there is no escape '\\q', at character 3"),
        ('"a\\(1"', "the closing '\"' of the text is missing, at character 6"),
        ('"a\\(1', "the query ends within a text, at character 6"),
        (".a.", "the query ends where a text or '[' should be, at character 4"),
        ("1 + + ", "the query ends where an expression should be, at character 7"),
        ("1 == 2 == 3", "there is '==' where another operator should be, at character 8"),
        ("a = 1 = 2", "there is '=' where another operator should be, at character 7"),
        ("if 1 then 2", "the query ends where 'end' should be, at character 12"),
        ("if 1 2", "there is '2' where 'then' should be, at character 6"),
        ("reduce . as $x", "the query ends where '(' should be, at character 15"),
        ("reduce . as $x (1)", "there is ')' where ';' should be, at character 18"),
        ("def f 1; f", "there is '1' where ':' should be, at character 7"),
        ("def f(1): 1; f", "there is '1' where a parameter should be, at character 7"),
        (". as 1 | .", "there is '1' where a variable or a pattern should be, at character 6"),
        ("label x | 1", "there is 'x' where the name of a label should be, at character 7"),
        ("{(1)}", "there is '}' where ':' should be, at character 5"),
        ("{1: 2}", "there is '1' where a name should be, at character 2"),
        (".[1", "the query ends where ']' should be, at character 4"),
        ("..a", "there is 'a' where an operator should be, at character 3"),
        ("'a'", "this is no part of jq, at character 1"),
        ("1a", "this number is not complete, at character 1"),
        (".a\n| )", "there is ')' where an expression should be, at line 2, character 3"),
        ('import "a" as a; .', "there is 'import' where an expression should be, at character 1"),
        ("try", "the query ends where an expression should be, at character 4"),
        ("$", "there is '$' where an expression should be, at character 1"),
    ],
)
def test_what_is_no_query(query: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_query(query)
    assert str(caught.value) == message


def test_the_place_is_shown() -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_query("{\n  branch: .body.ref |\n  nosuch(1)\n}")
    assert caught.value.place == (3, 3)
    assert caught.value.caret() == "  nosuch(1)\n  ^"


@pytest.mark.parametrize(
    "query", ["(" * 500 + "1" + ")" * 500, "[" * 5000, "-" * 3000 + "1", '"\\(' * 100 + "1" + ')"' * 100]
)
def test_nesting_has_an_end(query: str) -> None:
    with pytest.raises(ExpressionError):
        compile_query(query)


@given(st.text(alphabet='.[]{}()|,:;$@"\\ax1 #?/=+-*<>!\n', max_size=25))
def test_any_text_is_a_query_or_an_error_with_a_place(text: str) -> None:
    try:
        compile_query(text)
    except ExpressionError as error:
        assert 0 <= error.column <= len(text)
