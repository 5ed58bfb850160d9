"""Paths of jq, and what is changed at them: assignments, deletions, and the functions that take paths for values."""

from __future__ import annotations

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
            "path(.object.m.x), path(.tags[]), path(.tags[0:1]), path(.missing[2].a)",
            [["object", "m", "x"], ["tags", 0], ["tags", 1], ["tags", {"end": 1, "start": 0}], ["missing", 2, "a"]],
        ),
        ("[paths] | length, .[0], .[-1]", [43, ["accents"], ["yes"]]),
        ('.object | [paths], [paths(type == "number")]', [[["k"], ["m"], ["m", "x"]], [["m", "x"]]]),
        ("[.object | path(..)]", [[[], ["k"], ["m"], ["m", "x"]]]),
        ('getpath(["object", "m", "x"]), getpath([]) == ., getpath(["no", 1, "way"])', [1, True, None]),
        ('.object | [getpath(["k"], ["m", "x"])]', [["v", 1]]),
        ('path(getpath(["a", "b"]))', [["a", "b"]]),
        ("path(.users[] | select(.age > 26) | .name)", [["users", 0, "name"]]),
        (
            "path(first(.tags[])), path(.tags | last), path(limit(1; .numbers[]))",
            [["tags", 0], ["tags", -1], ["numbers", 0]],
        ),
        ("path(if .yes then .n else .half end), path(.nothing // .n), path(.n // .half)", [["n"], ["n"], ["n"]]),
        ("[path(.users | .[0, 1] | .name)]", [[["users", 0, "name"], ["users", 1, "name"]]]),
        ('path(.. | select(type == "boolean"))', [["mixed", 3], ["yes"]]),
        ('path(empty), "nothing"', ["nothing"]),
        (
            "to_entries | map(.key)",
            [
                [
                    "accents",
                    "empty",
                    "half",
                    "json",
                    "mixed",
                    "n",
                    "nested",
                    "nothing",
                    "numbers",
                    "object",
                    "ref",
                    "stamp",
                    "tags",
                    "text",
                    "users",
                    "yes",
                ]
            ],
        ),
        (".object | to_entries", [[{"key": "k", "value": "v"}, {"key": "m", "value": {"x": 1}}]]),
        (
            '[{key: "a", value: 1}, {name: "b", value: 2}, {Key: "c", Value: 3}, {key: false, Name: "d"}] | from_entries',
            [{"a": 1, "b": 2, "c": 3, "d": None}],
        ),
        (".object | with_entries(.value |= tostring)", [{"k": "v", "m": '{"x":1}'}]),
        ('.object | with_entries(select(.key == "k"))', [{"k": "v"}]),
        (
            "pick(.n), pick(.object.m.x), pick(.tags[1]), (.users | pick(.[1].age))",
            [{"n": 42}, {"object": {"m": {"x": 1}}}, {"tags": [None, "green"]}, [None, {"age": 25}]],
        ),
        (".object | tostream", [[["k"], "v"], [["m", "x"], 1], [["m", "x"]], [["m"]]]),
        (".nested | [tostream] | fromstream(.[])", [[[1, 2], [3]]]),
        ("[1 | truncate_stream([[0], 1], [[1, 0], 2], [[1, 0]], [[1]])]", [[[[0], 2], [[0]]]]),
        (".numbers | has(0, 2, 3, -1), (. as $l | 1 | in($l))", [True, True, False, False, True]),
        ('.object | has("k", "z"), ("k" | in({k: 1}))', [True, False, True]),
        (
            ".tags | .[1:], .[:1], .[-1:], .[:-1], .[5:], .[1.2:1.9]",
            [["green"], ["red"], ["green"], ["red"], [], ["green"]],
        ),
        (".accents | .[1:3], .[-1:], .[:0]", ["rü", "世", ""]),
        (".numbers | .[[1, 2]], .[[2, 1]], .[1.9]", [[1], [], 1]),
        (".users | map(.name), map_values(.age), (.[0] | map_values(empty))", [["ann", "bob"], [30, 25], {}]),
        (".object | keys, length, ([.[]] | length), map(type)", [["k", "m"], 2, 2, ["string", "object"]]),
        (
            'null | .[[1]], .[{start: 0, end: 1}], has("a"), length, index(1), .[1:], .["a"], .[0]',
            [None, None, False, 0, None, None, None, None],
        ),
        ("[1, 2, 3] | .[{start: 1, end: null}], getpath([{start: 0, end: 2}]), getpath([[2]])", [[2, 3], [1, 2], [1]]),
        (".text | .[0]?, .[1.5], .[-1], .[9]", ["a", " ", "c", None]),
        ('null | getpath(["a", 0]), [paths], [.[]?], to_entries? // "none"', [None, [], [], "none"]),
        (
            ". as {tags: [$a, $b], $n: [$c]} ?// {$n, tags: [$a]} | [$a, $b, $c, $n] | map(type)",
            [["string", "null", "null", "number"]],
        ),
        ("{a: [1, 2]} as {$a: [$x, $y]} | [$a, $x, $y]", [[[1, 2], 1, 2]]),
        ('. as {"t\\("ag")s": [$t]} | $t', ["red"]),
        ('"a" as $k | {$k: 1, "b": 2}', [{"a": 1, "b": 2}]),
        (".users[0].name[1:]?, .users[]?.name?, .text[0]?, (.n[1:2])?", ["nn", "ann", "bob", "a"]),
        ('.object.m."x", .tags.[0], .object."m"["x"]', [1, "red", 1]),
    ],
)
def test_finding(query: str, expected: list[Any]) -> None:
    assert outputs(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (".n = 1 | .n", [1]),
        (".object.m.y = 2 | .object", [{"k": "v", "m": {"x": 1, "y": 2}}]),
        (".new.a[2] = 1 | .new", [{"a": [None, None, 1]}]),
        ('.tags[1] = "blue" | .tags', [["red", "blue"]]),
        ('.tags[4] = "x" | .tags', [["red", "green", None, None, "x"]]),
        ('.tags[-1] = "last" | .tags', [["red", "last"]]),
        (".tags[] = 0 | .tags", [[0, 0]]),
        ('.numbers[0:2] = ["a"] | .numbers', [["a", 2]]),
        (".numbers[1:] |= map(. * 10) | .numbers", [[3, 10, 20]]),
        (".numbers[3:] = [7, 8] | .numbers", [[3, 1, 2, 7, 8]]),
        (".n = (1, 2) | .n", [1, 2]),
        (".n |= (1, 2) | .n", [1]),
        ('.n |= empty | has("n")', [False]),
        (".numbers[] |= empty | .numbers", [[]]),
        (".numbers |= (.[] |= empty) | .numbers", [[]]),
        ("(.numbers[] | select(. > 1)) |= . * 100 | .numbers", [[300, 1, 200]]),
        ("(.n, .half) = 0 | [.n, .half]", [[0, 0]]),
        (".n += 1 | .n", [43]),
        (".n -= 1, .n *= 2, .n /= 4, .n %= 5 | .n", [41, 84, 10.5, 2]),
        ('.nothing //= "d" | .nothing, .n', ["d", 42]),
        ('.n //= "d" | .n', [42]),
        (".numbers += [4] | .numbers", [[3, 1, 2, 4]]),
        (".users[].age += 1 | [.users[].age]", [[31, 26]]),
        (".n += (1, 2) | .n", [43, 44]),
        (".object * {m: {z: 1}} | .m", [{"x": 1, "z": 1}]),
        (".a = .n | .a", [42]),
        ('.a |= . | has("a")', [True]),
        ('setpath(["object", "k"]; 1) | .object', [{"k": 1, "m": {"x": 1}}]),
        ("setpath([]; 1)", [1]),
        ('setpath(["q", 0, "r"]; true) | .q', [[{"r": True}]]),
        ('null | setpath([1]; 1), (null | setpath(["a"]; 1))', [[None, 1], {"a": 1}]),
        ('del(.n) | has("n")', [False]),
        ("del(.tags[0]) | .tags", [["green"]]),
        ("del(.numbers[0, 2]) | .numbers", [[1]]),
        ("del(.numbers[1:]) | .numbers", [[3]]),
        ("del(.numbers[-1]) | .numbers", [[3, 1]]),
        ('del(.users[] | select(.name == "ann")) | .users | length', [1]),
        ("del(.missing.deeper) == .", [True]),
        ("del(.object.k, .object.m) | .object", [{}]),
        ("del(.[]), del(..)", [{}, None]),
        ('delpaths([["n"], ["object", "m"], ["no"]]) | has("n"), .object', [False, {"k": "v"}]),
        ("delpaths([]) == ., ([1, 2, 3] | delpaths([[0], [2], [9]]))", [True, [2]]),
        ("to_entries | from_entries | length", [16]),
        (
            'walk(if type == "number" then . + 1 else . end) | .n, .numbers, .object',
            [43, [4, 2, 3], {"k": "v", "m": {"x": 2}}],
        ),
        ('walk(if type == "object" then del(.x) else . end) | .object', [{"k": "v", "m": {}}]),
        ("[1, [2, {a: 3}]] | walk(numbers |= -.)", [[-1, [-2, {"a": -3}]]]),
        ("[1, null, 2] | map(values), (map(select(. == null)) | length)", [[1, 2], 1]),
        ("[[1, 2], [3]] | .[0][1:] = [9, 9]", [[[1, 9, 9], [3]]]),
        ('.. |= (if type == "string" then ascii_upcase else . end) | .text', ["A B,C"]),
        ('limit(1; .tags[]) = "first" | .tags', [["first", "green"]]),
        ("(.tags | first, last) |= length | .tags", [[3, 5]]),
        ('{} | .a.b |= 1, .["c"] = 2, .d[1] = 3', [{"a": {"b": 1}}, {"c": 2}, {"d": [None, 3]}]),
        ("[] | .[2] = 1", [[None, None, 1]]),
        ("null | .a = 1, .[1] = 1, .[0:1] = [1]", [{"a": 1}, [None, 1], [1]]),
        ('{"a": [1, 2]} | .a[1:] = [], .a[:0] = ["x"]', [{"a": [1]}, {"a": ["x", 1, 2]}]),
        ("reduce .tags[] as $t ({}; .[$t] = ($t | length))", [{"green": 5, "red": 3}]),
    ],
)
def test_changing(query: str, expected: list[Any]) -> None:
    assert outputs(query) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ('{a: "x"} | getpath(["a", "b"])', 'getpath(["a","b"]) cannot be applied to: object ({"a":"x"})'),
        ('{} | getpath("a")', 'getpath("a") cannot be applied to: object ({})'),
        ("{} | getpath([[1]])", "getpath([[1]]) cannot be applied to {}: expected an array but got: object ({})"),
        (".n.a |= 1", "expected an object but got: number (42)"),
        (".text[0] |= 1", 'getpath(["text",0]) cannot be applied to: object ({"accents":"Grüße 世", ...})'),
        (".tags.a |= 1", 'expected an object but got: array (["red","green"])'),
        ("[] | .[-5] = 1", "setpath([-5]; 1) cannot be applied to []: array index should not be negative: -5"),
        ('{} | setpath("a"; 1)', 'setpath("a") cannot be applied to: object ({})'),
        (
            '{a: 1} | setpath(["a", 0]; 1)',
            'setpath(["a",0]; 1) cannot be applied to {"a":1}: expected an array but got: number (1)',
        ),
        (
            '{a: []} | setpath(["a", "a"]; 1)',
            'setpath(["a","a"]; 1) cannot be applied to {"a":[]}: expected an object but got: array ([])',
        ),
        (
            "{} | setpath([true]; 1)",
            "setpath([true]; 1) cannot be applied to {}: expected a string for object key but got: boolean (true)",
        ),
        (
            "[] | setpath([true]; 1)",
            "setpath([true]; 1) cannot be applied to []: expected a number for indexing an array but got: boolean (true)",
        ),
        ("{} | delpaths(1)", "delpaths(1) cannot be applied to: object ({})"),
        ("{} | delpaths([1])", "delpaths([1]) cannot be applied to {}: expected an array but got: number (1)"),
        (
            '{a: 1} | delpaths([["a", 0]])',
            'delpaths([["a",0]]) cannot be applied to {"a":1}: expected an array but got: number (1)',
        ),
        ("del(.n.a)", "expected an object but got: number (42)"),
        ("del(.tags.a)", 'expected an object but got: array (["red","green"])'),
        ("path(1)", "invalid path against: number (1)"),
        ("path(.n | tostring)", 'invalid path against: string ("42")'),
        ("path([.n] | .[0])", "invalid path against: array ([42])"),
        ("(.n + 1) = 2", "invalid path against: number (43)"),
        ("(.tags | sort) |= .", 'invalid path against: array (["green","red"])'),
        (
            "[1] | .[0:1] = 1",
            'setpath([{"end":1,"start":0}]; 1) cannot be applied to [1]: expected an array but got: number (1)',
        ),
        ("[] | .[1e10] = 1", "setpath([10000000000]; 1) cannot be applied to []: array index too large: 10000000000"),
        ('.n |= error("no")', "no"),
        ("{} | has(0)", "has(0) cannot be applied to: object ({})"),
        ('.tags | has("a")', 'has("a") cannot be applied to: array (["red","green"])'),
        ('.text | has("a")', 'has("a") cannot be applied to: string ("a b,c")'),
        ("[1] | from_entries", "expected an object but got: number (1)"),
        ("[{key: 1}] | from_entries", "expected a string for object key but got: number (1)"),
        ("pick(1)", "invalid path against: number (1)"),
        (
            ".tags | pick(.[-1])",
            'setpath([-1]; "green") cannot be applied to null: array index should not be negative: -1',
        ),
        ("keys | .[{}]", 'expected "start" and "end" for slicing but got: object ({})'),
        ('.tags | .["a":]', 'expected a number for indexing an array but got: string ("a")'),
        (".n | .[1:]", "expected an array but got: number (42)"),
        ("{} | .[{start: 1}]", 'expected "start" and "end" for slicing but got: object ({"start":1})'),
        ("1 | from_entries", "cannot iterate over: number (1)"),
        ("fromstream(1)", "expected an array but got: number (1)"),
        ('1 | halt_error("x")', 'halt_error cannot be applied to: string ("x")'),
        (".n | .[[1]]", "expected an array but got: number (42)"),
        ("true | index(1)", "index(1) cannot be applied to: boolean (true)"),
        ('.text | .["a"]', 'expected an object but got: string ("a b,c")'),
        ("(.users | .[0] as [$a] | $a)", 'expected an array but got: object ({"age":30,"name":"ann"})'),
        ("1 as [$a] ?// {b: $a} | $a", "expected an object but got: number (1)"),
    ],
)
def test_what_cannot_be_changed(query: str, message: str) -> None:
    assert failure(query) == message


def test_what_is_being_deleted_is_null_in_messages() -> None:
    assert failure('{a: 1} | delpaths([["a"], [0]])').endswith('expected an array but got: object ({"a":null})')


def test_what_is_changed_is_new_and_the_rest_shared() -> None:
    found = compile_query(". as $before | .a.b[1] = 9 | [$before, .]").first({"a": {"b": [1, 2]}, "c": [3]})
    assert found == [{"a": {"b": [1, 2]}, "c": [3]}, {"a": {"b": [1, 9]}, "c": [3]}]


def test_deleted_places_do_not_move_the_others() -> None:
    assert outputs("[range(10)] | del(.[range(0; 10; 2)]), del(.[2:4], .[3], .[-1])") == [
        [1, 3, 5, 7, 9],
        [0, 1, 4, 5, 6, 7, 8],
    ]


@given(
    st.lists(st.integers(0, 9), max_size=6),
    st.none() | st.integers(-8, 8),
    st.none() | st.integers(-8, 8),
    st.lists(st.integers(10, 19), max_size=3),
)
def test_slices_are_those_of_python(items: list[int], start: int | None, end: int | None, new: list[int]) -> None:
    bounds = f"{'' if start is None else start}:{'null' if end is None else end}"
    place = slice(start, end)
    changed = list(items)
    changed[place.indices(len(items))[0] : max(place.indices(len(items))[:2])] = new
    query = compile_query(f". as $all | [.v[{bounds}], (.v | .[{bounds}] = $all.new), del(.v[{bounds}]).v]")
    kept = list(items)
    del kept[place]
    assert query.first({"v": items, "new": new}) == [items[place], changed, kept]
