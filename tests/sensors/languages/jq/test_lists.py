"""Lists of jq: their order, groups of them, and what is found in them."""

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
        (".mixed | sort", [[None, True, 1, "x", [1], {"k": "v"}]]),
        (
            '[[2], [1, 5], [1], {}, {a: 2}, {a: 1}, {b: 0}, "b", "a", 2, 1, true, false, null] | sort',
            [[None, False, True, 1, 2, "a", "b", [1], [1, 5], [2], {}, {"a": 1}, {"a": 2}, {"b": 0}]],
        ),
        (".users | sort_by(.age) | map(.name)", [["bob", "ann"]]),
        (
            "[{a: 2, b: 1}, {a: 1, b: 2}, {a: 1, b: 1}] | sort_by(.a), sort_by(.a, .b), sort_by(-.a)",
            [
                [{"a": 1, "b": 2}, {"a": 1, "b": 1}, {"a": 2, "b": 1}],
                [{"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 1}],
                [{"a": 2, "b": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 1}],
            ],
        ),
        (
            ".numbers | reverse, min, max, add, (add / length), unique, first, last",
            [[2, 1, 3], 1, 3, 6, 2, [1, 2, 3], 3, 2],
        ),
        (
            "[] | min, max, add, sort, unique, reverse, group_by(.), min_by(.), unique_by(.)",
            [None, None, None, [], [], [], [], None, []],
        ),
        (".users | min_by(.age), max_by(.age) | .name", ["bob", "ann"]),
        ('[{k: 1, v: "a"}, {k: 1, v: "b"}] | min_by(.k).v, max_by(.k).v', ["a", "b"]),
        (".users | group_by(.age > 26), unique_by(.age > 99) | map(type)", [["array", "array"], ["object"]]),
        (
            '[1, 1.0, "a", "a", null, null] | unique, unique_by(type), group_by(type)',
            [[None, 1, "a"], [None, 1, "a"], [[None, None], [1, 1], ["a", "a"]]],
        ),
        (
            '["bb", "a", "cc"] | unique_by(length), group_by(length), sort_by(length)',
            [["a", "bb"], [["a"], ["bb", "cc"]], ["a", "bb", "cc"]],
        ),
        (
            ".nested | flatten, flatten(0), flatten(1), transpose",
            [[1, 2, 3], [[1, 2], [3]], [1, 2, 3], [[1, 3], [2, None]]],
        ),
        ("[1, [2, [3, [4]]]] | flatten(1), flatten(2), flatten(1.5)", [[1, 2, [3, [4]]], [1, 2, 3, [4]], [1, 2, 3, 4]]),
        ("{a: [1, [2]]} | flatten, add, [.[]]", [[1, 2], [1, [2]], [[1, [2]]]]),
        ("[[1, 2], [3]] | transpose, map(add), add", [[[1, 3], [2, None]], [3, 3], [1, 2, 3]]),
        (
            '.tags | index("green"), indices("red"), inside(["red", "green", "blue"]), contains(["gre"])',
            [1, [0], True, True],
        ),
        ("[1, 3, 5] | bsearch(3), bsearch(0), bsearch(4), bsearch(9)", [1, -1, -3, -4]),
        (".numbers | map(. + 1), map(empty), map(., .)", [[4, 2, 3], [], [3, 3, 1, 1, 2, 2]]),
        (".numbers | any(. > 2), all(. > 0), (map(select(. > 1)) | length)", [True, True, 2]),
        (".numbers - [1], (.numbers | . - .), ([1, [1], 1.0] - [1])", [[3, 2], [], [[1]]]),
        (
            ".mixed | map(type), (.[4:] | map(length))",
            [["number", "string", "null", "boolean", "object", "array"], [1, 1]],
        ),
        (
            ".mixed | map(arrays), map(objects), map(iterables), map(booleans)",
            [[[1]], [{"k": "v"}], [{"k": "v"}, [1]], [True]],
        ),
        (
            ".mixed | map(numbers), map(strings), map(nulls), map(values), map(scalars)",
            [[1], ["x"], [None], [1, "x", True, {"k": "v"}, [1]], [1, "x", None, True]],
        ),
        (
            "[1, null, nan, infinite, 0, 5e-324] | [.[] | finites] | length, map(tojson)",
            [4, ["1", "null", "0", "5e-324"]],
        ),
        (
            '[1, 0, nan, infinite, 5e-324, "a"] | [.[] | normals], map(isnormal)',
            [[1], [True, False, False, False, False, False]],
        ),
        (
            '[1, 0, nan, infinite, 5e-324, "a"] | map(numbers | isfinite), map(numbers | isinfinite)',
            [[True, True, True, False, True], [False, False, False, True, False]],
        ),
        ("[nan] | sort == [nan], (.[0] < 1), ([nan, 1] | max), ([nan, nan] | unique | length)", [False, True, 1, 2]),
        (".users | map({(.name): .age}) | add", [{"ann": 30, "bob": 25}]),
        (".users | to_entries | map(.key)", [[0, 1]]),
        ("[3, 1, 2] | sort | first, last, .[1]", [1, 3, 2]),
        (
            '{"b": 1, "a": 2} | keys, to_entries, [.[]], add, length, map_values(. + 1)',
            [["a", "b"], [{"key": "a", "value": 2}, {"key": "b", "value": 1}], [2, 1], 3, 2, {"a": 3, "b": 2}],
        ),
        ("[1, 2] | has(1), has(2), contains([1]), (. == [1.0, 2.0])", [True, False, True, True]),
        ('.numbers | join("+"), @json, tojson, length, (.[1:] + .[:1])', ["3+1+2", "[3,1,2]", "[3,1,2]", 3, [1, 2, 3]]),
        ('[[1, "a"], [2, "b"]] | map({key: .[1], value: .[0]}) | from_entries', [{"a": 1, "b": 2}]),
        ('[{"a": 1}, {"a": 2}] | map(.a) | add / length', [1.5]),
        ("[range(5)] | .[2:4], .[-2:], first, last, nth(2), (length | . - 1)", [[2, 3], [3, 4], 0, 4, 2, 4]),
        ('builtins | length > 190, (map(select(startswith("@"))) | length), (index("env/0") != null)', [True, 0, True]),
    ],
)
def test_lists(query: str, expected: list[Any]) -> None:
    assert outputs(query) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (".n | sort", "sort cannot be applied to: number (42)"),
        ("{} | sort", "sort cannot be applied to: object ({})"),
        ("{} | sort_by(.a)", "sort_by([]) cannot be applied to: object ({})"),
        ("{a: 1} | group_by(.)", 'group_by([[1]]) cannot be applied to: object ({"a":1})'),
        ("{a: 1} | unique_by(.)", 'unique_by([[1]]) cannot be applied to: object ({"a":1})'),
        ("{a: 1} | min_by(.)", 'min_by([[1]]) cannot be applied to: object ({"a":1})'),
        ("{a: 1} | max_by(.)", 'max_by([[1]]) cannot be applied to: object ({"a":1})'),
        (".text | unique", 'unique cannot be applied to: string ("a b,c")'),
        (".n | min", "min cannot be applied to: number (42)"),
        ("{} | max", "max cannot be applied to: object ({})"),
        (".n | reverse", "reverse cannot be applied to: number (42)"),
        ('"a" | reverse', 'reverse cannot be applied to: string ("a")'),
        (".n | add", "add cannot be applied to: number (42)"),
        ('[1, "a"] | add', 'cannot add: number (1) and string ("a")'),
        (".n | flatten", "flatten cannot be applied to: number (42)"),
        ("[1] | flatten(-1)", "flatten depth should not be negative: -1"),
        ('[1] | flatten("a")', 'flatten cannot be applied to: string ("a")'),
        ("[1] | flatten(null)", "flatten cannot be applied to: null"),
        (".n | transpose", "transpose cannot be applied to: number (42)"),
        ("[1] | transpose", "transpose cannot be applied to: array ([1])"),
        (".n | bsearch(1)", "bsearch(1) cannot be applied to: number (42)"),
        (".n | keys", "keys cannot be applied to: number (42)"),
        (".n | to_entries", "keys cannot be applied to: number (42)"),
        (".n | map(.)", "cannot iterate over: number (42)"),
        ("null | implode", "implode cannot be applied to: null"),
        ('[[]] | join(",") | error', 'cannot add: string ("") and array ([])'),
    ],
)
def test_what_is_no_list(query: str, message: str) -> None:
    assert failure(query) == message


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), max_size=12))
def test_equal_keys_stay_in_their_order(pairs: list[tuple[int, int]]) -> None:
    data = {"v": [list(pair) for pair in pairs]}
    assert compile_query(".v | sort_by(.[0])").first(data) == sorted(data["v"], key=lambda pair: pair[0])
    groups = compile_query(".v | group_by(.[0])").first(data)
    assert [pair for group in groups for pair in group] == sorted(data["v"], key=lambda pair: pair[0])
    assert len(groups) == len({key for key, _ in pairs})


@given(st.lists(st.integers(0, 5), max_size=10), st.integers(0, 5))
def test_searching(items: list[int], wanted: int) -> None:
    query = compile_query(". as $d | .v | [indices($d.w), index($d.w), rindex($d.w), (sort | bsearch($d.w) >= 0)]")
    places = [place for place, item in enumerate(items) if item == wanted]
    assert query.first({"v": items, "w": wanted}) == [
        places,
        places[0] if places else None,
        places[-1] if places else None,
        bool(places),
    ]


@given(st.lists(st.lists(st.integers(0, 9), max_size=3), max_size=4))
def test_flattening(lists: list[list[int]]) -> None:
    flat = [item for inner in lists for item in inner]
    assert compile_query(".v | [flatten, (add // []), [.[][]]]").first({"v": lists}) == [flat, flat, flat]
