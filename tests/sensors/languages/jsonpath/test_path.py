"""JSONPath: the parts of a path, scripts, and what is not found."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.go.limits import GoError
from sensors.languages.go.values import Int64
from sensors.languages.jsonpath.path import query

DOCUMENT: dict[str, Any] = {
    "x": {"y": [1, 2, 3, 4], "z": "text", "length": 7},
    "items": [
        {"name": "ann", "price": 5, "tags": ["a", "b"], "ok": True},
        {"name": "bob", "price": 12.5, "ok": False},
        {"name": "cid", "tags": []},
        7,
        None,
    ],
    "a-b": 1,
    "it's": 2,
    "key": "z",
    "one": 1,
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", DOCUMENT),
        ("$.x.z", "text"),
        ("$['x'][\"z\"]", "text"),
        ("$.a-b", 1),
        ("$['it\\'s']", 2),
        ("$.x.y[0]", 1),
        ("$.x.y[-1]", 4),
        ("$.x.y[ 1 ]", 2),
        ("$.x.y.length", Int64(4)),
        ("$.x.length", 7),
        ("$.x.z.length", Int64(4)),
        ("$.items[*].name", ["ann", "bob", "cid"]),
        ("$.items.*.name", ["ann", "bob", "cid"]),
        ("$.x[*]", [7, [1, 2, 3, 4], "text"]),
        ("$.x.y[1:3]", [2, 3]),
        ("$.x.y[-2:]", [3, 4]),
        ("$.x.y[:1]", [1]),
        ("$.x.y[::2]", [1, 3]),
        ("$.x.y[::-1]", [4, 3, 2, 1]),
        ("$.x.y[1:3][0]", 2),
        ("$.items[0:2].name", ["ann", "bob"]),
        ("$.x.y[0,-1,9]", [1, 4]),
        ("$.x['z','y']", ["text", [1, 2, 3, 4]]),
        ("$..name", ["ann", "bob", "cid"]),
        ("$..y[0]", [1]),
        ("$..tags", ["a", "b"]),
        ("$.items[?(@.price)].name", ["ann", "bob"]),
        ("$.items[?(@.price < 10)].name", ["ann"]),
        ("$.items[?(@.price >= 12.5 || @.name == 'cid')].name", ["bob"]),
        ("$.items[?(@.ok && @.price == 5)].name", ["ann"]),
        ("$.items[?(!@.ok)].name", ["bob"]),
        ("$.items[?(@.name =~ '^[ab]')].name", ["ann", "bob"]),
        ('$.items[?(@.name != "ann")].name', ["bob", "cid"]),
        ("$.items[?(@.price in [5, 6])].name", ["ann"]),
        ("$.items[?(@.price not in [5, 6])].name", ["bob", "cid"]),
        ("$.items[?(@.price + 1 == 6)].name", ["ann"]),
        ("$.items[?(@.price * 2 - 1 > 10 && @.price / 5 <= 3 && @.price ** 2 > 30)].name", ["bob"]),
        ("$.items[?(@.price % 2 == 1)].name", ["ann"]),
        ("$.items[?(@ == 7)]", [7]),
        ("$.items[?(@.tags[0] == 'a')][0].name", "ann"),
        ("$.items[?(@.price == $.x.y[0] + 4)].name", ["ann"]),
        ("$.x.y[(@.length-1)]", 4),
        ("$.x.y[(@.length-2):]", [3, 4]),
        ("$.x.y[(1),0]", [2, 1]),
    ],
)
def test_found(path: str, found: Any) -> None:
    result = query(path, DOCUMENT)
    assert result == found
    assert type(result) is type(found)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "begins with '$'"),
        ("x", "begins with '$'"),
        ("$x", "begins with '$'"),
        ("$.", "is empty"),
        ("$.nothing", "no such key"),
        ("$.one.x", "a key of something that is no object"),
        ("$.x[0]", "an index of something that is no list"),
        ("$.x.y[9]", "out of range"),
        ("$.one[*]", "neither a list nor an object"),
        ("$.one.length", "the length of something that has none"),
        ("$.x[0:1]", "a slice of something that is no list"),
        ("$.x.y[::0]", "steps of 0"),
        ("$.one['a','b']", "a key of something that is no object"),
        ("$.x.y[0,'a']", "an index is a whole number"),
        ("$.x.y[]", "not understood at '[]'"),
        ("$.x.y[a]", "not understood at '[a]'"),
        ("$.x.y[0", "not understood at '[0'"),
        ("$.x.y[1:2,3]", "not understood"),
        ("$.x.y[1:2:3:4]", "not understood"),
        ("$.x.y[1,]", "not understood"),
        ("$.x.y[a:b]", "not understood"),
        ("$.x.y[a,b]", "not understood"),
        ("$.x[y'a']", "not understood"),
        ("$.x.y[?@.a]", "not understood"),
        ("$.items[?(@.price % 0 == 1)]", "division by zero"),
        ("$.items[?((@.ok || @.price))]", "leave out the outer parentheses"),
        ("$.x[(@.absent)]", "no such key"),
        ("$.x.y[(nil)]", "an index is a whole number"),
        ("$.x.y[(nil):]", "the script gives nothing"),
        ("$" + ".a" * 1000, "more than 1000 characters"),
        ("$.items[?(" + "!" * 40 + "@)]", "nested too deeply"),
    ],
)
def test_not_found(path: str, message: str) -> None:
    with pytest.raises(GoError) as caught:
        query(path, DOCUMENT)
    assert message in str(caught.value)


def test_the_work_is_bounded() -> None:
    deep: Any = 1
    for _ in range(14):
        deep = [deep, {"a": deep}]
    with pytest.raises(GoError, match="looks at too much"):
        query("$..*..*..*", deep)


_PIECES = [
    "$",
    "@",
    ".x",
    ".y",
    "[",
    "]",
    "0",
    "-1",
    "'x'",
    ",",
    ":",
    "*",
    "..",
    "?(",
    "(",
    ")",
    "@.a",
    "==",
    "&&",
    "!",
    " ",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=10).map("".join) | st.text(max_size=12))
def test_nothing_else_is_raised(path: str) -> None:
    with contextlib.suppress(GoError):
        query("$" + path, DOCUMENT)
