"""jq: a query and what it gives, as gojq does it; what there is nothing of; and what errors say."""

from __future__ import annotations

import math
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.jq.query import ExpressionError, QueryError, compile_query
from tests.sensors.languages.queries import DATA, failure, outputs

NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (".n", [42]),
        (".object.m.x", [1]),
        ('.object["k"]', ["v"]),
        ('."text"', ["a b,c"]),
        (".missing.deeper", [None]),
        (".tags[0], .tags[-1], .tags[9]", ["red", "green", None]),
        (".users[].name", ["ann", "bob"]),
        (".users[1] | .age", [25]),
        ("[.numbers[] | . * 2]", [[6, 2, 4]]),
        (
            '{ref, n: .n, "a b": 1, (.text): true, "x\\(.n)": [.half]}',
            [{"a b": 1, "a b,c": True, "n": 42, "ref": "refs/heads/main", "x42": [0.5]}],
        ),
        ("{(.tags[]): .n}", [{"red": 42}, {"green": 42}]),
        (
            "{a: .numbers[], b: (1, 2)}",
            [
                {"a": 3, "b": 1},
                {"a": 3, "b": 2},
                {"a": 1, "b": 1},
                {"a": 1, "b": 2},
                {"a": 2, "b": 1},
                {"a": 2, "b": 2},
            ],
        ),
        (".n as $x | [$x, $x + 1]", [[42, 43]]),
        ('if .yes then "y" else "n" end', ["y"]),
        ("if .nothing then 1 elif .n > 40 then 2 else 3 end", [2]),
        ("if .nothing then 1 end | type", ["object"]),
        ("if (true, false) then 1 else 2 end", [1, 2]),
        ('.nothing // "default", (.n // 0), (empty // 1), ((false, 2, null, 3) // 4)', ["default", 42, 1, 2, 3]),
        ('.n == 42.0, "a" != "b", [1, 2] < [1, 3], {} > [], null < false', [True, True, True, True, True]),
        ("true and (true, false), (false or (true, false))", [True, False, True, False]),
        ("(.nothing | not), (.n | not)", [True, False]),
        ("[.mixed[] | type]", [["number", "string", "null", "boolean", "object", "array"]]),
        (".object + {m: 1} | .m", [1]),
        (".object * {m: {y: 2}}", [{"k": "v", "m": {"x": 1, "y": 2}}]),
        ('1 + null, null + 1, [1] + [2], "a" + "b"', [1, 1, [1, 2], "ab"]),
        ("[1, 2, 3, 1] - [1], 5 - 3", [[2, 3], 2]),
        ('"ab" * 3, "ab" * 0, ("ab" * 0.5), ("a" * -1)', ["ababab", "", "", None]),
        ('"a,b" / ",", 7 / 2, 6 / 3', [["a", "b"], 3.5, 2]),
        ("7 % 3, -7 % 3, 7 % -3, 5.9 % 3.2", [1, -1, 1, 2]),
        ("1e1000 > 1e308, -1e1000 < 0, (nan < 1)", [True, True, True]),
        ("100000000000000000000 + 1 | tostring", ["100000000000000000001"]),
        ("9007199254740993 + 0 | tostring", ["9007199254740993"]),
        (".n | . + 9007199254740993 | tostring", ["9007199254741034"]),
        ("-(.n), +(.half)", [-42, 0.5]),
        ("..  | numbers", [0.5, 1, 1, 42, 1, 2, 3, 3, 1, 2, 1, 30, 25]),
        ('"\\(1 + 2) is \\("three" | ascii_upcase)"', ["3 is THREE"]),
        ("def f: . + 1; def g(x): x | f; 1 | g(f)", [3]),
        ("def f($a; $b): $a + $b; f(1; 2)", [3]),
        ("def fac: if . < 2 then 1 else . * (. - 1 | fac) end; 5 | fac", [120]),
        ("def f(x): x * 2; f(1, 2)", [2, 4]),
        ("[1, [2]] as [$a, [$b]] | $a + $b", [3]),
        ("{a: 1, b: [2]} as {$a, b: [$c]} | [$a, $c]", [[1, 2]]),
        ("{a: 1} as {a: $x, b: $y} | [$x, $y]", [[1, None]]),
        ("[[1, 2]] | .[] as [$a] ?// $a | $a", [1]),
        ("$ENV, env, $ENV.PATH", [{}, {}, None]),
        ("[.[]?] | length", [16]),
        (".text.x?, 1", [1]),
        ('try error("x") catch ., (try error({a: 1}) catch .a)', ["x", 1]),
        ('try (1, error("x"), 3) catch .', [1, "x"]),
        ("(.a, error)? , 2", [None, 2]),
        ('[.numbers[] | try (if . == 1 then error("one") else . end) catch "E"]', [[3, "E", 2]]),
        (".. |= . | .n", [42]),
        ('"same" | select(false, true, true)', ["same", "same"]),
        ("reduce .numbers[] as $x (0; . + $x)", [6]),
        ("label $out | 1, break $out, 2", [1]),
        ('"x" as $x | "y" as $y | $x + $y, $x', ["xy", "x"]),
        ("1 # a comment", [1]),
        ('@json "v: \\([1, "a"])"', ['v: [1,"a"]']),
    ],
)
def test_basics(query: str, expected: list[Any]) -> None:
    assert outputs(query) == expected


def test_only_the_first_output_counts() -> None:
    assert compile_query(".n, error").first(DATA) == 42


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("empty", "the query gives nothing"),
        ("halt", "the query halts"),
        ('"bye" | halt_error', "the query halts"),
        ("try halt catch 1", "the query halts"),
        ("{a: nan}", "nan is no number in JSON"),
        ("infinite", "inf is no number in JSON"),
        ("error", '{"accents":"Grüße 世","empty":[],"half":0.5,"json":"{\\"x\\":1}","mixed":[1,"x",null'),
        ("error(null)", "null"),
        ("label $a | def f: break $a; f", "the query gives nothing"),
    ],
)
def test_what_there_is_no_output_for(query: str, message: str) -> None:
    assert failure(query).startswith(message)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (".text.a", 'expected an object but got: string ("a b,c")'),
        (".n[0]", "expected an array but got: number (42)"),
        (".tags.a", 'expected an object but got: array (["red","green"])'),
        ('.tags["a"]', 'expected an object but got: array (["red","green"])'),
        (".object[0]", 'expected an array but got: object ({"k":"v","m":{"x":1}})'),
        (".tags[{}]", 'expected "start" and "end" for slicing but got: object ({})'),
        (".[true]", "expected a string for object key but got: boolean (true)"),
        (".n[]", "cannot iterate over: number (42)"),
        (".n + .text", 'cannot add: number (42) and string ("a b,c")'),
        (".object - 1", 'cannot subtract: object ({"k":"v","m":{"x":1}}) and number (1)'),
        ("{} * 2", "cannot multiply: object ({}) and number (2)"),
        ("[] / 1", "cannot divide: array ([]) and number (1)"),
        ("1 / 0", "cannot divide number (1) by: number (0)"),
        ("1 % 0", "cannot modulo number (1) by: number (0)"),
        ("{} % 1", "cannot modulo: object ({}) and number (1)"),
        ("-.text", 'cannot negate: string ("a b,c")'),
        ("+.object", 'cannot plus: object ({"k":"v","m":{"x":1}})'),
        ("{(1): 2}", "expected a string for object key but got: number (1)"),
        (".n as [$x] | $x", "expected an array but got: number (42)"),
        (".n as {$x} | $x", "expected an object but got: number (42)"),
        (".users | .a", 'expected an object but got: array ([{"age":30,"name":"ann"}, ...])'),
        ('error("refused")', "refused"),
        (".text | error", "a b,c"),
        ('"x" * {}', 'cannot multiply: string ("x") and object ({})'),
    ],
)
def test_what_does_not_fit(query: str, message: str) -> None:
    assert failure(query) == message


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("input", "the function 'input' is not available, at character 1"),
        ("[inputs]", "'inputs' is not available, at character 2"),
        ("debug", "'debug' is not available"),
        ('debug("x")', "'debug' is not available"),
        ("stderr", "'stderr' is not available"),
        ("j0", "'j0' is not available"),
        ("input_line_number", "there is no function 'input_line_number' of 0 arguments"),
        ("$__loc__", "there is no variable '$__loc__'"),
        ("$__prog_args", "there is no variable"),
        ("get_search_list", "there is no function"),
        ("ltrimstr", "there is no function 'ltrimstr' of 0 arguments"),
        (".a | $x", "there is no variable '$x', at character 6"),
        ("1 as $x | 2 as $y | $z", "there is no variable '$z'"),
        ("break $a", "there is no label '$a'"),
        ("def f: g; 1", "there is no function 'g'"),
    ],
)
def test_names_that_there_are_not(query: str, words: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_query(query)
    assert words in str(caught.value)


def test_nothing_of_the_machine_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "JQ_TEST", "secret")
    assert outputs("env, $ENV, env.JQ_TEST, $ENV.JQ_TEST, (env | length)") == [{}, {}, None, None, 0]
    assert failure('"x" | modulemeta') == 'cannot load module: "x"'


def test_the_clock_is_given() -> None:
    query = compile_query("now, (now | todate)")
    assert query.first({}, now=lambda: 1.5) == 1.5
    assert compile_query("now | todate").first({}, now=lambda: 0) == "1970-01-01T00:00:00Z"


def test_numbers_are_doubles_in_and_out() -> None:
    given = {"a": 2**53 + 1, "b": 1.0, "c": 10**25, "d": -0.0, "e": 1234567890123456789}
    found = compile_query(".").first(given)
    assert found == {"a": 2**53, "b": 1, "c": 1e25, "d": 0, "e": 1234567890123456800}
    assert [type(found[name]) for name in "abcde"] == [int, int, float, int, int]
    assert compile_query("[9007199254740993, 1e30, 123456789012345678901234567890]").first({}) == [
        9007199254740993,
        1e30,
        1.2345678901234568e29,
    ]


def test_names_come_in_order_and_the_data_stays_as_it_was() -> None:
    data = {"b": [1, {"d": 1, "c": 2}], "a": 1}
    assert list(compile_query(".").first(data)) == ["a", "b"]
    compile_query(".b[1].c = 3 | .a |= . + 1 | del(.b[0])").first(data)
    assert data == {"b": [1, {"d": 1, "c": 2}], "a": 1}


def test_an_empty_input_that_stays_one_is_given_back() -> None:
    data: dict[str, Any] = {}
    assert compile_query(".").first(data) is data
    assert compile_query(". + {}").first(data) is not data


def test_queries_share_nothing() -> None:
    query = compile_query("[limit(3; repeat(1))]")
    assert query.first({}) == query.first({}) == [1, 1, 1]
    assert query.text == "[limit(3; repeat(1))]"


def test_data_that_is_nested_too_deeply() -> None:
    deep: Any = 1
    for _ in range(3000):
        deep = [deep]
    with pytest.raises(QueryError, match="too deep"):
        compile_query(".").first({"a": deep})


@given(VALUES)
def test_values_survive_text(value: Any) -> None:
    given = {"v": value}
    found = compile_query("{v: (.v | tojson | fromjson)}").first(given)
    assert found == compile_query(".").first(given)


@given(st.lists(VALUES, max_size=6))
def test_sorting(items: list[Any]) -> None:
    ordered = compile_query("""
        .v | sort as $s | to_entries
        | [
            ([range(1; length) | $s[. - 1] <= $s[.]] | all),
            (sort_by(.value | type) | [group_by(.value | type)[] | [.[].key]] | map(. == sort) | all),
            (map(.value) | unique == ($s | unique)),
            (map(.value) | [min, max]) == [$s[0], $s[-1]]
          ]""")
    assert all(ordered.first({"v": items}))


@given(VALUES)
def test_paths_lead_to_what_they_say(value: Any) -> None:
    found = compile_query("""
        . as $v | [
            ([paths] == [path(..) | select(. != [])]),
            ([paths as $p | getpath($p)] == [.. | select(true)][1:]),
            (reduce path(.. | select([.[]?] == [])) as $p (null; setpath($p; $v | getpath($p))) == $v),
            (fromstream(tostream) == .),
            (delpaths([paths(scalars)]) | [paths(scalars)] == []),
            (. == (.. |= .))
        ]""").first({"v": value})
    assert all(found)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_arithmetic_is_that_of_doubles(left: float, right: float) -> None:
    found = compile_query("[.l + .r, .l - .r, .l * .r] | map(tojson)")
    if math.isfinite(left) and math.isfinite(right):
        sums = [left + right, left - right, left * right]
        assert [float(text) for text in found.first({"l": left, "r": right})] == [
            max(-1.7976931348623157e308, min(number, 1.7976931348623157e308)) for number in sums
        ]
