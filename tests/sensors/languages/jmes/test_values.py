"""Truth, equality and order, and the logic built on them."""

from typing import Any

import pytest

from sensors.languages.jmes.search import JmesRuntimeError, is_true
from tests.sensors.languages.jmes.test_search import check, evaluate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type == 'push'", True),
        ("'push' == type", True),
        ("type != 'push'", False),
        ("missing == 'push'", False),
        ("missing != 'push'", True),
        ("missing == nothing", True),
        ("nothing == `null`", True),
        ("type == `null`", False),
        ("type != `null`", True),
        ("yes == `true`", True),
        ("no == `false`", True),
        ("no != `true`", True),
        ("one == `1`", True),
        ("one == `1.0`", True),
        ("one == `true`", False),
        ("yes == `1`", False),
        ("yes != `1`", True),
        ("zero == `false`", False),
        ("no == `0`", False),
        ("no != `0`", True),
        ("zero == no", False),
        ("one == yes", False),
        ("one != yes", True),
        ("zero == `0`", True),
        ("zero != `0`", False),
        ("numbers == `[3, 1, 2]`", True),
        ('by_name.ann == `{"age": 30}`', True),
        ("numbers == numbers", True),
        ("numbers != words", True),
        ("half == `0.5`", True),
        ("'a' == 'a'", True),
        ("`1` == `true`", False),
        ("`true` == `true`", True),
    ],
)
def test_equality(text: str, expected: bool) -> None:
    check(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one < `2`", True),
        ("one > `2`", False),
        ("one <= `1`", True),
        ("one >= `1`", True),
        ("`2` > one", True),
        ("`1` <= one", True),
        ("half < one", True),
        ("half < `1`", True),
        ("one > `0.5`", True),
        ("zero < half", True),
        ("type > 'pull'", True),
        ("type < text", False),
        ("text < 'hello!'", True),
        ("yes > `0`", None),
        ("one > yes", None),
        ("missing > `0`", None),
        ("`0` < missing", None),
        ("numbers > `0`", None),
        ("one > `null`", None),
        ("numbers > numbers", None),
    ],
)
def test_order(text: str, expected: bool | None) -> None:
    check(text, expected)


@pytest.mark.parametrize("text", ["one < 'a'", "'a' < one", "type < `1`", "type >= one", "`0.5` <= type"])
def test_numbers_and_strings_have_no_order(text: str) -> None:
    with pytest.raises(JmesRuntimeError, match="have no order"):
        evaluate(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("type && one", 1),
        ("missing && one", None),
        ("empty.text && one", ""),
        ("empty.list && one", []),
        ("empty.object && one", {}),
        ("no && one", False),
        ("zero && one", 1),
        ("zero || one", 0),
        ("missing || one", 1),
        ("empty.text || empty.list", []),
        ("missing || no || zero || one", 0),
        ("yes && type && zero && one", 1),
        ("yes && no && one", False),
        ("no || yes && one", 1),
        ("(no || yes) && one", 1),
        ("type == 'push' && one", 1),
        ("type == 'pull' && one", False),
        ("type == 'pull' || one", 1),
        ("numbers[*] && one", 1),
        ("missing || numbers[*]", [3, 1, 2]),
        ("missing || numbers[*] || words[*]", [3, 1, 2]),
        ("yes && numbers[*] && words[*]", ["b", "a", "c"]),
        ("!type", False),
        ("!missing", True),
        ("!zero", False),
        ("!!zero", True),
        ("!no", True),
        ("!(empty.list)", True),
        ("!(type == 'push')", False),
        ("!type == `false`", True),
        ("`0` && `0.0`", 0.0),
        ("(zero || type == 'x') && one", 1),
        ("(type == 'x' || zero) && one", 1),
        ("(zero && zero) && one", 1),
    ],
)
def test_logic(text: str, expected: Any) -> None:
    check(text, expected)


@pytest.mark.parametrize("value", [None, False, "", [], {}])
def test_what_is_false(value: object) -> None:
    assert is_true(value) is False


@pytest.mark.parametrize("value", [True, 0, 0.0, 1, "a", [None], {"a": None}])
def test_what_is_true(value: object) -> None:
    assert is_true(value) is True
