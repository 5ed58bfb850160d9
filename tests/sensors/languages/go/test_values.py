"""Values of Go: types, truth, order, equality and copies."""

from __future__ import annotations

from typing import Any

import pytest

from sensors.languages.go.limits import GoError
from sensors.languages.go.values import (
    MISSING,
    Comparison,
    Int,
    Int64,
    NilList,
    NilMap,
    NilStrings,
    StringMap,
    Strings,
    Uint8,
    copied,
    elements,
    is_nil,
    is_true,
    kind_of,
    plain,
    sorted_items,
    to_float,
    type_of,
)


@pytest.mark.parametrize(
    ("value", "type", "kind"),
    [
        (None, "<nil>", "invalid"),
        (True, "bool", "bool"),
        ("", "string", "string"),
        (1, "float64", "float64"),
        (1.0, "float64", "float64"),
        (1j, "complex128", "complex128"),
        ([], "[]interface {}", "slice"),
        ({}, "map[string]interface {}", "map"),
        (Int(1), "int", "int"),
        (Int64(1), "int64", "int64"),
        (Strings(), "[]string", "slice"),
        (NilStrings(), "[]string", "slice"),
        (StringMap(), "map[string]string", "map"),
    ],
)
def test_types(value: Any, type: str, kind: str) -> None:
    assert (type_of(value), kind_of(value)) == (type, kind)


@pytest.mark.parametrize("value", [None, MISSING, False, 0, 0.0, Int(0), "", [], {}, 0j, NilList()])
def test_what_is_false(value: Any) -> None:
    assert not is_true(value)


def test_what_is_true_or_nil() -> None:
    assert all(map(is_true, (True, 1, -0.5, Int(1), "0", [None], {"a": 0}, 1j)))
    assert all(map(is_nil, (None, MISSING, NilList(), NilStrings(), NilMap())))
    assert not any(map(is_nil, ([], {}, "", 0, Strings())))
    assert repr(MISSING) == "MISSING"


def test_integers_of_json_are_doubles() -> None:
    assert [type_of(each) for each in map(plain, (1, Int(1), True))] == ["float64", "int", "bool"]
    assert str(plain(1)) == "1.0"
    assert to_float(-(10**400)) == float("-inf")
    assert list(elements([1, "a"])) == [1.0, "a"]
    assert list(sorted_items({"b": 1, "a": 2})) == [("a", 2.0), ("b", 1.0)]


def test_integers_wrap() -> None:
    assert Uint8.wrap(-1) == 255
    assert Int64.wrap(1 << 63) == -(1 << 63)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1.0, True),
        (1, Int(1), False),
        (True, 1, False),
        ([1, {"a": None}], [1.0, {"a": None}], True),
        ([1], [1, 2], False),
        ([], NilList(), False),
        ([], Strings(), False),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, {"a": 2}, False),
        (float("nan"), float("nan"), False),
    ],
)
def test_deep_equality(one: Any, other: Any, equal: bool) -> None:
    assert Comparison().equal(one, other) is equal


def test_comparisons_and_copies_end() -> None:
    def doubled() -> list[Any]:
        value: list[Any] = [1]
        for _ in range(40):
            value = [value, value]
        return value

    with pytest.raises(GoError):
        Comparison().equal(doubled(), doubled())
    with pytest.raises(GoError):
        copied(doubled())


def test_copies() -> None:
    value = {"a": [1, {"b": Strings(["c"])}], "d": NilMap()}
    copy = copied(value)
    assert Comparison().equal(value, copy)
    copy["a"][1]["b"].append("e")
    assert value["a"][1]["b"] == ["c"]  # type: ignore[index]
