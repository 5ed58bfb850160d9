"""Queries that would take all time or all memory are stopped, soon and with a word why; the process lives on."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Iterator
from typing import Any

import pytest

from sensors.languages.jq.query import QueryError, compile_query
from tests.sensors.languages.queries import outputs

ENDLESS = [
    "def f: f; f",
    "def f: 1 + f; f",
    "def f: f | f; f",
    "def f: [f]; f",
    "def f: f, 1; f",
    "def f(x): f(x | x); f(.)",
    "[range(infinite)]",
    "[range(1e9)]",
    "range(1e12) | empty",
    "last(range(infinite))",
    "last(repeat(1))",
    "until(false; .)",
    "last(1 | recurse(. + 1))",
    "[1 | while(true; .)]",
    "reduce repeat(1) as $x (0; . + $x)",
    "foreach repeat(1) as $x (0; . + $x; empty)",
    "first(range(infinite) | select(false))",
    "label $f | repeat(1) | empty",
    "repeat(try error(1) catch empty)",
    "[limit(1e9; repeat(0))]",
    "path(repeat(.)) | empty",
    "last(.a |= (. // 0 | . + 1) | repeat(.))",
    "[[range(100)] | combinations(9)]",
    "any(range(infinite); false)",
    '"a" | [sub("a"; repeat("x"))]',
    "[paths(repeat(1) | . == 0)]",
    "{(range(infinite) | tostring): 1} | empty",
]

LARGE = [
    '"x" * 1e9',
    '"x" | until(false; . + .)',
    "[1] | until(false; . + .)",
    "reduce range(100) as $i ({}; {a: ., b: .}) | tojson",
    "[] | until(false; [., .]) | tojson",
    "reduce range(20) as $i ([]; [., ., ., .]) | [..] | length",
    "reduce range(20) as $i ([]; [., ., ., .]) | flatten",
    "reduce range(20) as $i ([]; [., ., ., .]) | . == (. | map(.))",
    "reduce range(20) as $i ([]; [., ., ., .])",
    "[.[]?] | .[1e8] = 1 | length",
    "null | setpath([5e8]; 1)",
    '("x" * 1e6) as $x | [range(100) | $x]',
    '("x" * 1e6) as $x | [range(60) | $x] | tojson | length',
    '("\\u0000" * 3e7) | tojson | length',
    '("a" * 1e6) | gsub("a"; "bbbbbbbbbb")',
    '("ab" * 1e6) | [match("a"; "g")] | length',
    '("[" * 1e5) | fromjson',
    "reduce range(100000) as $i (null; [.])",
    "reduce range(100000) as $i (null; [.]) | flatten",
    "[range(1000)] | combinations(1e9)",
    "[range(300)] | map([range(300)]) | transpose | tojson",
    '("%c" * 1e5) as $f | 0 | strftime($f)',
    "[range(1e6)] | implode",
]

SLOW = [
    'range(1e9) | tostring as $r | "a" | select(test($r))',
    '("a" * 9000) as $q | (range(1e9) | tostring + $q) as $r | "a" | select(test($r))',
    '("a" * 1e6) as $d | "(a|aa)+$b" as $r | last(repeat($d | test($r)))',
    '("ab" * 1e6) as $x | ("ab" * 1e6) as $y | last(repeat($x == $y))',
    "[range(1e4)] as $x | last(repeat($x | sort))",
    "[range(1e4)] as $x | last(repeat($x == ($x | map(.))))",
    'reduce range(1e4) as $i ({}; .["k\\($i)"] = $i) as $x | last(repeat(try ($x + 1) catch .))',
    "reduce range(20) as $i ([]; [., ., ., .]) | last(repeat(try (. + 1) catch .))",
    "[range(1e4)] as $x | last(repeat($x | index([9999, 1])))",
    '("é" * 1e5) | [match("é"; "g")] | length',
]


@pytest.fixture(scope="module", autouse=True)
def nothing_else_to_collect() -> Iterator[None]:
    """All that the other tests left behind would be looked through in between."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("text", [*ENDLESS, *LARGE, *SLOW])
def test_what_is_stopped(text: str) -> None:
    query = compile_query(text)
    begin = time.thread_time()
    with pytest.raises(QueryError, match="stopped"):
        query.first({"a": 1})
    # What is allowed are 40 ms; the rest is for what cannot be interrupted, and for a busy machine.
    assert time.thread_time() - begin < 0.2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"a" * 1000 | length', 1000),
        ("[range(2000)] | add", 1999000),
        ("reduce range(2000) as $i (0; . + $i)", 1999000),
        ("[limit(5; range(1e12))]", [0, 1, 2, 3, 4]),
        ("def f: if . > 200 then . else . + 1 | f end; 0 | f", 201),
        ('[range(2000) | tostring] | join(",") | length', 8889),
        ("[range(1000)] | tojson | fromjson | length", 1000),
        ('("a?" * 30 + "a" * 30) as $r | ("a" * 30) | test($r)', True),
        ("reduce range(100) as $i (null; [.]) | [..] | length", 101),
    ],
)
def test_what_is_not(text: str, expected: Any) -> None:
    assert outputs(text) == [expected]


def test_no_handler_keeps_a_query_going() -> None:
    with pytest.raises(QueryError, match="stopped"):
        compile_query("try (def f: f; f) catch 1").first({})
    with pytest.raises(QueryError, match="more than 40 ms"):
        compile_query("repeat(try last(range(infinite)) catch 1)").first({})
    with pytest.raises(QueryError, match="more than 64 MB"):
        compile_query('try ("x" * 1e9) catch 1').first({})


def test_large_values_show_their_beginning_in_messages() -> None:
    query = compile_query("reduce range(20) as $i ([]; [., ., ., .]) | error")
    with pytest.raises(QueryError) as caught:
        query.first({})
    assert len(str(caught.value)) == 200


def test_memory_stays_within_bounds() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for text in LARGE:
        with pytest.raises(QueryError):
            compile_query(text).first({})
    # In KiB. What is counted is what values take in principle; Python takes some more.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 256 << 10
