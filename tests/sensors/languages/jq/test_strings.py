"""Texts of jq, and its formats."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.jq.query import compile_query
from tests.sensors.languages.queries import failure, outputs

TEXTS = st.text(max_size=20)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (".accents | length, utf8bytelength, ascii_downcase, ascii_upcase", [7, 11, "grüße 世", "GRüßE 世"]),
        (
            ".text | explode, (explode | implode), ([65, 228, 128512, 55296, -1, 1114112] | implode)",
            [[97, 32, 98, 44, 99], "a b,c", "Aä😀���"],
        ),
        (
            '.ref | ltrimstr("refs/"), rtrimstr("main"), trimstr("r"), ltrimstr("x"), ltrimstr("refs/heads/main")',
            ["heads/main", "refs/heads/", "efs/heads/main", "refs/heads/main", ""],
        ),
        ('"  a b\\n" | trim, ltrim, rtrim', ["a b", "a b\n", "  a b"]),
        ('.ref | startswith("refs"), endswith("main"), startswith("x"), startswith("")', [True, True, False, True]),
        (
            '.text | split(","), split(", "), split(""), (split(" ") | length)',
            [["a b", "c"], ["a b,c"], ["a", " ", "b", ",", "c"], 2],
        ),
        (
            '"a1b22c" | split("[0-9]+"; null), split("B"; "i"), [splits("[0-9]")]',
            [["a", "b", "c"], ["a1", "22c"], ["a", "b", "", "c"]],
        ),
        ('.tags | join("-"), ([] | join(",")), (["a"] | join(","))', ["red-green", "", "a"]),
        ('[1, null, "a", true] | join("-")', ["1--a-true"]),
        ("[.text, .accents] | .[] | .[0:3]", ["a b", "Grü"]),
        ('.text | index(","), rindex(" "), indices("a"), indices(""), index("z")', [3, 1, [0], [], None]),
        (".numbers | index(1), indices(1), indices([1, 2]), indices([]), rindex(2)", [1, [1], [1], [], 2]),
        ('.text | contains("b"), ("b" | inside("abc")), test("b")', [True, True, True]),
        (
            '.object | contains({k: "v"}), contains({m: {}}), contains({k: "x"}), ([["ab"]] | contains([["a"]]))',
            [True, True, False, True],
        ),
        (
            '.n | tostring, tojson, ([1, "a", null] | tostring), ("a" | tostring), ("a" | tojson)',
            ["42", "42", '[1,"a",null]', "a", '"a"'],
        ),
        ('"42", "-0.5e1", " 1", "nan", "0x10", "" | tonumber? // "none"', [42, -5, "none", "none", "none", "none"]),
        ('"true", "false", "yes" | toboolean? // "none"', [True, "none", "none"]),
        ("true, false | toboolean", [True, False]),
        (
            '.json | fromjson, (fromjson.x), ("[1, {\\"a\\": null}]" | fromjson), ("nan" | fromjson? // "none")',
            [{"x": 1}, 1, [1, {"a": None}], "none"],
        ),
        (
            "1.0, 1.5, 100000000000000000000, 1e21, 1e-7, 0.000001, 123456789.125, -0 | tojson",
            ["1", "1.5", "100000000000000000000", "1e+21", "1e-7", "0.000001", "123456789.125", "0"],
        ),
        ("[1e1000, -1e1000, nan] | tojson", ["[1.7976931348623157e+308,-1.7976931348623157e+308,null]"]),
        ('"\\u007f\\u0000<&>\'\\u2028é" | tojson', ['"\\u007f\\u0000<&>\'\u2028é"']),
        ('ascii_downcase? // "none", ("AÄ" | ascii_downcase)', ["none", "aÄ"]),
        ('"x" * 3, ("ab" | . * 2), 0 * "x", "x" * nan', ["xxx", "abab", "", None]),
        ('"a" < "b", "B" < "a", "é" > "z", "" < "a"', [True, True, True, True]),
        ('{a: 1} | contains({a: "x"}), contains({b: 1}), contains({a: 1})', [False, False, True]),
        (
            '[1, "a"] | contains(["b"]), contains(["a"]), (null | contains(null)), (true | contains(true))',
            [False, True, True, True],
        ),
    ],
)
def test_texts(query: str, expected: list[Any]) -> None:
    assert outputs(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            '@text "a\\(1)", @json "a\\("x")", @html "a\\("<&\'\\">")", @uri "a\\("ü /?")", @csv "\\([1, "a\\"b"])"',
            ["a1", 'a"x"', "a&lt;&amp;&apos;&quot;&gt;", "a%C3%BC%20%2F%3F", '1,"a""b"'],
        ),
        (
            '@tsv "\\(["a\\tb", "c\\\\d\\n", null, true])", @sh "echo \\("it\'s", ["a", 1])"',
            ["a\\tb\tc\\\\d\\n\t\ttrue", "echo 'it'\\''s'", "echo 'a' 1"],
        ),
        ('@base64 "\\("ü")", @base64d "\\("w7w=")"', ["w7w=", "ü"]),
        (
            ".tags | @csv, @tsv, @sh, @json, @text, @html",
            [
                '"red","green"',
                "red\tgreen",
                "'red' 'green'",
                '["red","green"]',
                '["red","green"]',
                "[&quot;red&quot;,&quot;green&quot;]",
            ],
        ),
        (
            '[1, 1.5, null, false, "a,b", "q\\"q"] | @csv, @tsv',
            ['1,1.5,,false,"a,b","q""q"', '1\t1.5\t\tfalse\ta,b\tq"q'],
        ),
        ('"<a href=\'x\'>&\\"" | @html', ["&lt;a href=&apos;x&apos;&gt;&amp;&quot;"]),
        (
            '"-_.~ !*\'()/%ü" | @uri, (@uri | @urid), ("%41%e4%b8%96" | @urid)',
            ["-_.~%20%21%2A%27%28%29%2F%25%C3%BC", "-_.~ !*'()/%ü", "A世"],
        ),
        ('"it\'s" | @sh, ("" | @sh), (1 | @sh), (null | @sh)', ["'it'\\''s'", "''", "1", "null"]),
        (
            '"Grüße" | @base64, (@base64 | @base64d), ("" | @base64, @base64d), ("YQ", "YWI=", "YWJj" | @base64d)',
            ["R3LDvMOfZQ==", "Grüße", "", "", "a", "ab", "abc"],
        ),
        ('"/+8=" | @base64d | length', [2]),
        (
            "{a: 1} | @text, @json, @html, @uri, @base64",
            ['{"a":1}', '{"a":1}', "{&quot;a&quot;:1}", "%7B%22a%22%3A1%7D", "eyJhIjoxfQ=="],
        ),
        (".n | @text, @json, @html, @uri, @base64, @sh", ["42", "42", "42", "42", "NDI=", "42"]),
        (
            'format("csv")? // "none", (.tags | format("csv")), ("a" | format("base64"))',
            ["none", '"red","green"', "YQ=="],
        ),
        ('"\\("a" | @base64 "\\(.)")"', ["YQ=="]),
    ],
)
def test_formats(query: str, expected: list[Any]) -> None:
    assert outputs(query) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (".n | ascii_downcase", "ascii_downcase cannot be applied to: number (42)"),
        (".n | explode", "explode cannot be applied to: number (42)"),
        ('["a"] | implode', 'implode cannot be applied to: array (["a"])'),
        ('.n | ltrimstr("a")', 'ltrimstr("a") cannot be applied to: number (42)'),
        ('"a" | ltrimstr(1)', 'ltrimstr(1) cannot be applied to: string ("a")'),
        (".n | trim", "trim cannot be applied to: number (42)"),
        ('.n | startswith("a")', 'startswith("a") cannot be applied to: number (42)'),
        ('"a" | startswith(1)', 'startswith(1) cannot be applied to: string ("a")'),
        ('.n | split(",")', "split cannot be applied to: number (42)"),
        ('"a" | split(1)', "split cannot be applied to: number (1)"),
        ('.n | join(",")', 'join(",") cannot be applied to: number (42)'),
        ('[[1]] | join(",")', 'cannot add: string ("") and array ([1])'),
        ('[1, {}] | join(",")', 'cannot add: string ("1,") and object ({})'),
        ("{} | tonumber", "tonumber cannot be applied to: object ({})"),
        ('"abc" | tonumber', 'tonumber cannot be applied to "abc": invalid number'),
        ('"x" | toboolean', 'toboolean cannot be applied to "x": invalid boolean'),
        ("1 | toboolean", "toboolean cannot be applied to: number (1)"),
        ("1 | fromjson", "fromjson cannot be applied to: number (1)"),
        ('1 | index("a")', 'index("a") cannot be applied to: number (1)'),
        ('"a" | index(1)', 'index(1) cannot be applied to: string ("a")'),
        ('1 | contains("a")', 'contains("a") cannot be applied to: number (1)'),
        ('"a" | contains(1)', 'contains(1) cannot be applied to: string ("a")'),
        ("{} | utf8bytelength", "utf8bytelength cannot be applied to: object ({})"),
        ("true | length", "length cannot be applied to: boolean (true)"),
        ("{} | @csv", "@csv cannot be applied to: object ({})"),
        ("[{}] | @csv", "@csv cannot format an array including: object ({})"),
        ("[[1]] | @tsv", "@tsv cannot format an array including: array ([1])"),
        ("{} | @sh", "@sh cannot format an array including: object ({})"),
        ("[{}] | @sh", "@sh cannot format an array including: object ({})"),
        ('"a%4" | @urid', '@urid cannot be applied to "a%4": invalid URL escape "%4"'),
        ('"a%zz" | @urid', '@urid cannot be applied to "a%zz": invalid URL escape "%zz"'),
        ('"a" | @base64d', '@base64d cannot be applied to "a": illegal base64 data at input byte 0'),
        ('"a*bc" | @base64d', '@base64d cannot be applied to "a*bc": illegal base64 data at input byte 1'),
        ('"a" | format("nonsense")', "format not defined: @nonsense"),
        ('"a" | format(1)', "format cannot be applied to: number (1)"),
        ("@nonsense", "format not defined: @nonsense"),
    ],
)
def test_what_is_no_text(query: str, message: str) -> None:
    assert failure(query) == message


def test_json_that_is_none_says_where() -> None:
    assert failure('"{a}" | fromjson').startswith('fromjson cannot be applied to "{a}": ')
    assert failure('"NaN" | fromjson').endswith("'NaN' is nothing that JSON has")
    assert failure('"1 2" | fromjson').startswith('fromjson cannot be applied to "1 2": ')


@given(TEXTS)
def test_formats_are_those_of_python(text: str) -> None:
    found = compile_query(".t | [@base64, (@base64 | @base64d), @uri, (@uri | @urid), @sh, (tojson | fromjson)]").first(
        {"t": text}
    )
    encoded = base64.b64encode(text.encode()).decode()
    quoted = "'" + text.replace("'", "'\\''").replace("\0", "\\0") + "'"
    assert found == [encoded, text, quote(text, safe=""), text, quoted, text]


@given(TEXTS, st.text(alphabet="ab,", max_size=2))
def test_splitting_and_joining(text: str, separator: str) -> None:
    query = compile_query(". as $d | .t | [split($d.s), (split($d.s) | join($d.s))]")
    pieces, joined = query.first({"t": text, "s": separator})
    assert joined == text
    assert pieces == (text.split(separator) if separator else list(text))


@given(TEXTS)
def test_texts_count_characters(text: str) -> None:
    query = compile_query(".t | [length, utf8bytelength, (explode | implode), (.[0:2] + .[2:])]")
    assert query.first({"t": text}) == [len(text), len(text.encode()), text, text]
