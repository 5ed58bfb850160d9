"""Modifiers: what each makes of the values it is meant for, and of those it is not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from sensors.languages.gjson import get as gjson
from sensors.languages.gjson.modifiers import TooMuch, check_depth, check_length
from tests.sensors.languages.gjson.test_get import DOCUMENTS


def apply(path: str, text: str) -> str | None:
    found = gjson.compile_path(path).get(text)
    return None if found is None else found.raw


@pytest.mark.parametrize(
    ("path", "text", "raw"),
    [
        ("@this", ' {"a": 1}', '{"a": 1}'),
        ("@this.a", '{"a": 1}', "1"),
        ("@valid", "[1]", "[1]"),
        ("@valid", "[1", None),
        ("@ugly", '{ "a b" : [ 1 , "x  y" ] }', '{"a b":[1,"x  y"]}'),
        ("@reverse", "[1, 2,[3]]", "[[3],2,1]"),
        ("@reverse", '{"a":1,"b":2}', '{"b":2,"a":1}'),
        ("@reverse", '"x"', '"x"'),
        ("@keys", '{"a":1,"\\u0062":2}', '["a","\\u0062"]'),
        ("@keys", "[1,2]", "[null,null]"),
        ("@keys", "5", "[null]"),
        ("nope|@keys", "{}", "[]"),
        ("@values", '{"a":1,"b":[2]}', "[1,[2]]"),
        ("@values", "[ 1 ]", "[ 1 ]"),
        ("nope|@values", "{}", "[]"),
        ("@flatten", "[1,[2],[3,[4]],[],{}]", "[1,2,3,[4],{}]"),
        ('@flatten:{"deep":true}', "[1,[2],[3,[4,[[]]]],[]]", "[1,2,3,4]"),
        ("@flatten", '{"a":[1]}', '{"a":[1]}'),
        ("@join", '[{"a":1,"b":2},{"a":3},5]', '{"a":3,"b":2}'),
        ('@join:{"preserve":true}', '[{"a":1},{"a":3}]', '{"a":1,"a":3}'),
        ("@join", '{"a":1}', '{"a":1}'),
        ("@group", '{"a":[1,2],"b":["x"],"c":0}', '[{"a":1,"b":"x"},{"a":2}]'),
        ("@group", "[1]", None),
        ("@tostr", '{"a":"<é>\\n"}', '"{\\"a\\":\\"\\u003cé\\u003e\\\\n\\"}"'),
        ("@fromstr", '"{\\"a\\":[1]}"', '{"a":[1]}'),
        ("@fromstr", '"nope', None),
        ("s|@fromstr|a.1", '{"s":"{\\"a\\":[1,2]}"}', "2"),
        ("@tostr|@fromstr", '{"a": 1}', '{"a": 1}'),
        ("@dig:a", '{"a":{"a":1},"b":[{"a":2},3]}', '[{"a":1},1,2]'),
        ("@dig:#.a", '[{"a":1,"b":[{"a":2}]}]', "[[1],[2]]"),
        ("@keys:x|0", '{"a":1}', '"a"'),
        ("@nosuch:1", "{}", None),
        ("a.@this.b", '{"a":{"@this":{"b":1},"b":2}}', "2"),
        ("a.@nosuch", '{"a":{"@nosuch":1}}', "1"),
    ],
)
def test_modifiers(path: str, text: str, raw: str | None) -> None:
    assert apply(path, text) == raw


def test_pretty_puts_one_member_on_a_line_and_short_arrays_on_one() -> None:
    text = '{"b":{"x":[1,2,{"y":null}],"e":{},"n":[]},"a":["red","green"],"t":true}'
    assert apply("@pretty", text) == (
        '{\n  "b": {\n    "x": [\n      1,\n      2,\n      {\n        "y": null\n      }\n    ],\n    "e": {},\n'
        '    "n": []\n  },\n  "a": ["red", "green"],\n  "t": true\n}\n'
    )


def test_pretty_takes_options() -> None:
    text = '{"b":["red","green"],"a":[[],["é"]]}'
    assert apply('@pretty:{"sortKeys":true,"indent":"\\t","width":13}', text) == (
        '{\n\t"a": [\n\t\t[],\n\t\t["é"]\n\t],\n\t"b": [\n\t\t"red",\n\t\t"green"\n\t]\n}\n'
    )
    assert apply('@pretty:{"prefix":"\\t","indent":"--"}|@tostr', '{"a":1}') == '"\\t{\\n\\t\\"a\\": 1\\n\\t}\\n"'
    assert apply('@pretty:{"width":0}', "[1]") == "[\n  1\n]\n"
    assert apply('@pretty:{"width":1e99}', "[1]") == "[\n  1\n]\n"
    assert apply("nope|@pretty", "{}") is None


@pytest.mark.parametrize(("width", "fits"), [(19, True), (18, False)])
def test_pretty_counts_bytes_up_to_the_width(width: int, fits: bool) -> None:
    laid = apply(f'@pretty:{{"width":{width}}}', '{"a":["é","b"]}')
    assert laid is not None
    assert ('["é", "b"]' in laid) is fits


@given(DOCUMENTS)
def test_layouts_keep_the_value(document: object) -> None:
    text = json.dumps(document)
    for path in ("@pretty", "@ugly", '@pretty:{"sortKeys":true}', "@this", "@valid", "@tostr|@fromstr"):
        raw = apply(path, text)
        assert raw is not None
        assert json.loads(raw) == document


def test_work_is_bounded() -> None:
    check_length("x" * 1000)
    check_depth("[" * 100 + '"[[["' + "]" * 100)
    with pytest.raises(TooMuch):
        check_length("x" * 2**24)
    with pytest.raises(TooMuch):
        check_depth("[" * 201)
    with pytest.raises(TooMuch):
        check_depth("[" * 150 + " " * 2**20)
    assert apply("@pretty|@tostr", "[" * 300 + "]" * 300) is None
