"""Loops of jq, and what ends them."""

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
        ("range(3), range(2; 4), range(0; 10; 4), range(3; 0; -1)", [0, 1, 2, 2, 3, 0, 4, 8, 3, 2, 1]),
        (
            "range(0; 1; 0.3), range(1, 2; 3, 4), range(0), range(5; 1), range(0; 1; -1)",
            [0, 0.3, 0.6, 0.8999999999999999, 1, 2, 1, 2, 3, 2, 2, 3],
        ),
        ("[range(0, 1; 3; 1, 2)]", [[0, 1, 2, 0, 2, 1, 2, 1]]),
        ("reduce range(5) as $i (0; . + $i), reduce empty as $i (7; .), reduce (1, 2) as $i (0; empty)", [10, 7, 0]),
        ("reduce (1, 2) as $x ((0, 10); . + $x)", [3, 13]),
        ("reduce .users[] as {name: $n, age: $a} ({}; .[$n] = $a)", [{"ann": 30, "bob": 25}]),
        ("reduce (1, 2) as $x (0; . + $x, . * 10)", [0]),
        ("foreach range(1; 4) as $i (0; . + $i), foreach (1, 2) as $i (0; . + $i; [$i, .])", [1, 3, 6, [1, 1], [2, 3]]),
        ("foreach (1, 2) as $i (0; (., 10) + $i; .)", [1, 11, 13, 12]),
        ("foreach .users[] as {$name} (0; . + 1; {($name): .})", [{"ann": 1}, {"bob": 2}]),
        ("limit(2; 1, 2, 3), limit(0; error), limit(5; 1), [limit(1; 1, error)]", [1, 2, 1, [1]]),
        ("limit(1.5; 1, 2, 3), limit((1, 2); 5, 6, 7)", [1, 2, 5, 5, 6]),
        ("skip(1; 1, 2, 3), skip(0; 1), skip(9; 1, 2), skip(1.5; 1, 2, 3)", [2, 3, 1, 2, 3]),
        ("first(range(10)), first(empty), first(1, error), [first(range(.))]?", [0, 1]),
        ("last(range(4)), last(empty), (.tags | first, last), ([] | first, last)", [3, "red", "green", None, None]),
        ("nth(1; 5, 6, 7), nth(9; 1), (.tags | nth(1)), (.tags | nth(0, 1))", [6, "green", "red", "green"]),
        ("(1 | until(. > 100; . * 2))", [128]),
        ("[1 | while(. < 20; . * 3)], [1 | while(. < 4; . + 1, . + 2)]", [[1, 3, 9], [1, 2, 3, 3]]),
        ("[limit(3; 7 | repeat(. , 8))], [limit(4; 1 | repeat(. * 2))]", [[7, 8, 7], [2, 2, 2, 2]]),
        (
            "[2 | recurse(if . < 20 then . * . else empty end)], [2 | recurse(. * .; . < 100)]",
            [[2, 4, 16, 256], [2, 4, 16]],
        ),
        ('[.nested | recurse | numbers], [.nested | recurse(.[]?; type == "array") | length]', [[1, 2, 3], [2, 2, 1]]),
        ("[recurse(.object?, .m?; . != null) | type]", [["object", "object", "object"]]),
        ("[.nested | ..], ([[]] | [..])", [[[[1, 2], [3]], [1, 2], 1, 2, [3], 3], [[[]], []]]),
        ("[label $a | label $b | 1, break $a, 2], [label $a | (label $b | 1, break $b, 2), 3]", [[1], [1, 3]]),
        ("[label $f | range(10) | ., if . == 2 then break $f else empty end]", [[0, 1, 2]]),
        ("def f: label $l | (1, break $l); [f, f]", [[1, 1]]),
        ("first(label $x | 1, break $x)", [1]),
        ("isempty(empty), isempty(1, error), isempty(.tags[]), isempty(select(false))", [True, False, False, True]),
        (
            "([true, false] | any, all), ([] | any, all), ([1, null] | any, all)",
            [True, False, False, True, True, False],
        ),
        (
            "any(.numbers[]; . > 2), all(.numbers[]; . > 2), (.numbers | any(. == 1), all(. == 1))",
            [True, False, True, False],
        ),
        ("any(true, error; .), all(false, error; .), any(.[]?; . == 42)", [True, False, True]),
        ('IN(.tags[]; "red", "blue"), ("red" | IN("red", "blue")), (1 | IN(2, 3))', [True, True, False]),
        ('[.tags[] | IN("red")], ("a" | in({a: 1})), (2 | in([1]))', [[True, False], True, False]),
        ('[.users[] | select(.age > 26, .name == "ann") | .name]', [["ann", "ann"]]),
        ("add(.numbers[]), add(empty), add(.tags[]), add(.nested[])", [6, None, "redgreen", [1, 2, 3]]),
        ('try error("x") catch ., try error catch (. | type), [.[] | tonumber? // empty]', ["x", "object", [0.5, 42]]),
        (
            '[(1, error("a"), 2)?], [try (1, error("a"), 2) catch .], try (try error("in") catch error("out")) catch .',
            [[1], [1, "a"], "out"],
        ),
        (
            "[.tags[] | try error catch .], (try error(null) catch .), try error({a: 1}) catch .a",
            [["red", "green"], None, 1],
        ),
        ('error(empty)?, "after", (try error("\\(1, 2)") catch .)', ["after", "1"]),
        (
            "[1, 2, 3] | length, ([[1, 2], [3, 4]] | [combinations]), ([0, 1] | [combinations(2)])",
            [3, [[1, 3], [1, 4], [2, 3], [2, 4]], [[0, 0], [0, 1], [1, 0], [1, 1]]],
        ),
        ("[[], [1]] | [combinations], ([] | [combinations]), ([[1]] | [combinations(0)])", [[], [[]], [[]]]),
        (
            "INDEX(.users[]; .name), (.users | INDEX(.age) | keys)",
            [{"ann": {"age": 30, "name": "ann"}, "bob": {"age": 25, "name": "bob"}}, ["25", "30"]],
        ),
        (
            '[JOIN(.users | INDEX(.name); ({name: "ann"}, {name: "zed"}); .name)]',
            [[[{"name": "ann"}, {"age": 30, "name": "ann"}], [{"name": "zed"}, None]]],
        ),
        (
            ".users | JOIN(INDEX(.name); .name)",
            [
                [
                    [{"age": 30, "name": "ann"}, {"age": 30, "name": "ann"}],
                    [{"age": 25, "name": "bob"}, {"age": 25, "name": "bob"}],
                ]
            ],
        ),
        ('[JOIN({a: 1}; "a", "b"; .; .[1])]', [[1, None]]),
        ('walk(if type == "array" then sort else . end) | .numbers, .nested', [[1, 2, 3], [[1, 2], [3]]]),
        ('[.nested | walk(numbers, "x"?)] | length', [1]),
    ],
)
def test_loops(query: str, expected: list[Any]) -> None:
    assert outputs(query) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit(-1; 1)", "limit doesn't support negative count"),
        ("skip(-1; 1)", "skip doesn't support negative count"),
        ("nth(-1; 1)", "nth doesn't support negative index"),
        ("limit({}; 1)", "cannot subtract: object ({}) and number (1)"),
        ('range("a")', 'range cannot be applied to: string ("a")'),
        ('[range(0; 1; "x")]', 'range cannot be applied to: string ("x")'),
        (".n | first", "expected an array but got: number (42)"),
        (".object | last", 'expected an array but got: object ({"k":"v","m":{"x":1}})'),
        (".n | all", "cannot iterate over: number (42)"),
        (".numbers | all(.[])", "cannot iterate over: number (3)"),
        ("any(.n; .a)", "expected an object but got: number (42)"),
        ("{} | combinations(-1)", "limit doesn't support negative count"),
        (".text | combinations", 'cannot iterate over: string ("a")'),
        ("JOIN(1; 2; 3)", "expected an array but got: number (1)"),
        ('INDEX(error("x"); .)', "x"),
        ('reduce error("in") as $x (0; 1)', "in"),
        ('foreach (1, 2) as $x (0; error("at \\($x)"))', "at 1"),
        ('try error("x") catch error("y")', "y"),
    ],
)
def test_what_ends_with_an_error(query: str, message: str) -> None:
    assert failure(query) == message


def test_a_label_belongs_to_its_own_use() -> None:
    assert outputs("def f(g): label $l | g, 2; [label $l | f(1, break $l), 3]") == [[1]]
    assert failure("def f: label $l | (1, (def g: break $l; g)); [f] | error") == "[1]"


def test_endless_streams_are_only_drawn_from() -> None:
    assert outputs(
        "[limit(3; range(infinite))], first(repeat(1)), isempty(range(infinite)), any(repeat(1); . == 1)"
    ) == [
        [0, 1, 2],
        1,
        False,
        True,
    ]
    assert outputs(
        "[limit(5; repeat(.n))], nth(3; range(infinite)), first(range(10; infinite) | select(. % 7 == 0))"
    ) == [
        [42] * 5,
        3,
        14,
    ]


@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(-3, 3))
def test_ranges_are_those_of_python(start: int, end: int, step: int) -> None:
    found = compile_query("[limit(30; range(.a; .b; .c))]").first({"a": start, "b": end, "c": step})
    assert found == (list(range(start, end, step)) if step else [])


@given(st.lists(st.integers(0, 9), max_size=8), st.integers(0, 10))
def test_limit_and_skip_share_a_stream(items: list[int], count: int) -> None:
    query = compile_query("{taken: [limit(.n; .v[])], left: [skip(.n; .v[])]}")
    assert query.first({"v": items, "n": count}) == {"taken": items[:count], "left": items[count:]}
