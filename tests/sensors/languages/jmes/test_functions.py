"""The functions of the specification, and functions added to them."""

import math
from typing import Any

import pytest

from sensors.languages.jmes.functions import STANDARD
from sensors.languages.jmes.search import Function, JmesRuntimeError, JmesSyntaxError, Parameter, compile_expression

DOCUMENT: dict[str, Any] = {
    "n": -1.5,
    "s": "abc",
    "list": [3, 1, 2],
    "words": ["b", "a"],
    "mixed": [1, "a"],
    "flags": [True],
    "object": {"a": 1, "b": 2},
    "people": [{"name": "Ann", "age": 30}, {"name": "Bob", "age": 25}],
    "odd": [{"name": "Ann", "age": 30}, {"name": "Bob", "age": "old"}],
    "null": None,
    "none": [],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abs(n)", 1.5),
        ("avg(list)", 2.0),
        ("avg(none)", None),
        ("ceil(n)", -1),
        ("floor(n)", -2),
        ("contains(s, 'b')", True),
        ("contains(s, 'x')", False),
        ("contains(list, `1`)", True),
        ("contains(list, s)", False),
        ('contains(`["abc"]`, s)', True),
        ('contains(`["abc"]`, people[0].name)', False),
        ("starts_with(s, 'ab')", True),
        ("starts_with('abc', s)", True),
        ("starts_with(s, s)", True),
        ("starts_with(people[0].name, people[0].name)", True),
        ("ends_with(s, 'ab')", False),
        ("join('-', words)", "b-a"),
        ("join('', none)", ""),
        ("keys(object)", ["a", "b"]),
        ("values(object)", [1, 2]),
        ("length(s)", 3),
        ("length(list)", 3),
        ("length(object)", 2),
        ("map(&name, people)", ["Ann", "Bob"]),
        ("map(&missing, people)", [None, None]),
        ("map(&[0], none)", []),
        ("max(list)", 3),
        ("max(words)", "b"),
        ("max(none)", None),
        ("min(list)", 1),
        ("min(none)", None),
        ("max_by(people, &age).name", "Ann"),
        ("min_by(people, &age).name", "Bob"),
        ("min_by(none, &age)", None),
        ("max_by(none, &age)", None),
        ('merge(object, `{"b": 3}`)', {"a": 1, "b": 3}),
        ("merge(object)", {"a": 1, "b": 2}),
        ("merge(object, none)", {"a": 1, "b": 2}),
        ("not_null(null, missing, s, n)", "abc"),
        ("not_null(null)", None),
        ("reverse(list)", [2, 1, 3]),
        ("reverse(s)", "cba"),
        ("sort(list)", [1, 2, 3]),
        ("sort(words)", ["a", "b"]),
        ("sort(none)", []),
        ("sort_by(people, &age)[*].name", ["Bob", "Ann"]),
        ("sort_by(people, &name)[*].age", [30, 25]),
        ("sort_by(none, &age)", []),
        ("sum(list)", 6),
        ("sum(none)", 0),
        ("to_array(s)", ["abc"]),
        ("to_array(list)", [3, 1, 2]),
        ("to_number('12')", 12),
        ("to_number(' 1.5 ')", 1.5),
        ("to_number(s)", None),
        ("to_number(n)", -1.5),
        ("to_number(`true`)", None),
        ("to_number(list)", None),
        ("to_string(s)", "abc"),
        ("to_string(object)", '{"a":1,"b":2}'),
        ("to_string('ü')", "ü"),
        ('to_string(`["ü"]`)', '["\\u00fc"]'),
        ("type(n)", "number"),
        ("type(s)", "string"),
        ("type(list)", "array"),
        ("type(object)", "object"),
        ("type(null)", "null"),
        ("type(`false`)", "boolean"),
        ("length(people[?contains(name, 'n')])", 1),
        ("people[*].length(name)", [3, 3]),
        ("sum(map(&age, people)) > `50`", True),
        ("contains(people[*].name, join('', [s, s]))", False),
    ],
)
def test_standard(text: str, expected: Any) -> None:
    result = compile_expression(text)(DOCUMENT)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("abs(s)", "abs() wants a number as argument 1, found a string"),
        ("abs(`true`)", "abs() wants a number as argument 1, found a boolean"),
        ("starts_with(missing, 'a')", "starts_with() wants a string as argument 1, found null"),
        ("starts_with(s, list)", "starts_with() wants a string as argument 2, found an array"),
        ("starts_with(n, s)", "starts_with() wants a string as argument 1, found a number"),
        ("starts_with(`1`, s)", "starts_with() wants a string as argument 1, found a number"),
        ("contains(null, s)", "contains() wants an array or a string as argument 1, found null"),
        ("length(n)", "length() wants a string or an array or an object as argument 1, found a number"),
        ("sum(s)", "sum() wants an array of numbers as argument 1, found a string"),
        ("sum(flags)", "sum() wants an array of numbers as argument 1, found an array with a boolean"),
        (
            "sort(mixed)",
            "sort() wants an array of numbers or strings as argument 1, found an array with a number and a string",
        ),
        ("sort(flags)", "sort() wants an array of numbers or strings as argument 1, found an array with a boolean"),
        ("join(', ', mixed)", "join() wants an array of strings as argument 2, found an array with a number"),
        ("map(&a, s)", "map() wants an array as argument 2, found a string"),
        ("merge(s)", "merge() wants an object as argument 1, found a string"),
        ("sort_by(odd, &age)", "sort_by() compares numbers, found a string"),
        ("sort_by(people, &missing)", "sort_by() compares numbers or strings, found null"),
        ("max_by(people, &@)", "max_by() compares numbers or strings, found an object"),
    ],
)
def test_arguments_of_the_wrong_kind(text: str, message: str) -> None:
    expression = compile_expression(text)
    with pytest.raises(JmesRuntimeError) as caught:
        expression(DOCUMENT)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["contains(s, n)", "merge(object, n)", "max_by(odd, &age)", "ceil(to_number('inf'))"])
def test_whatever_else_goes_wrong_is_a_runtime_error(text: str) -> None:
    with pytest.raises(JmesRuntimeError, match="the values do not fit") as caught:
        compile_expression(text)(DOCUMENT)
    assert caught.value.__cause__ is not None


def test_messages_hold_no_values() -> None:
    for text in ("abs(@)", "sum([@])", "sort_by([@], &[@])", "@ < `1`"):
        with pytest.raises(JmesRuntimeError) as caught:
            compile_expression(text)("hunter2")
        assert "hunter2" not in str(caught.value)


def test_the_first_fault_in_the_text_is_reported() -> None:
    with pytest.raises(JmesRuntimeError, match="abs"):
        compile_expression("abs(s) == s[*] || [abs(s), people[*].floor(name)]")(DOCUMENT)
    with pytest.raises(JmesRuntimeError, match="abs"):
        compile_expression("[abs(s), people[*].floor(name)]")(DOCUMENT)


def _twice(value: str, times: float = 2) -> str:
    return value * int(times)


EXTRA = {
    "twice": Function("twice", (Parameter(("string",)),), _twice, "string"),
    "apply": Function(
        "apply", (Parameter(("expression", "string")), Parameter()), lambda f, x: f(x) if callable(f) else f
    ),
    "broken": Function("broken", (), lambda: dict[str, int]()["key"]),
    "count": Function("count", (Parameter(), Parameter()), lambda *values: len(values), "number", variadic=True),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("twice(s)", "abcabc"),
        ("twice(s) && starts_with(twice(s), 'abca')", True),
        ("apply(&s, @)", "abc"),
        ("apply(s, @)", "abc"),
        ("count(s, s, s)", 3),
        ("[count(s, s) == `2`, length(s) == `3`]", [True, True]),
    ],
)
def test_functions_can_be_added(text: str, expected: Any) -> None:
    assert compile_expression(text, EXTRA)(DOCUMENT) == expected


def test_added_functions_are_checked_as_standard_ones_are() -> None:
    with pytest.raises(JmesRuntimeError, match=r"twice\(\) wants a string as argument 1, found a number"):
        compile_expression("twice(n)", EXTRA)(DOCUMENT)
    with pytest.raises(JmesRuntimeError, match="found an object"):
        compile_expression("apply(object, @)", EXTRA)(DOCUMENT)
    with pytest.raises(JmesSyntaxError, match=r"count\(\) takes at least 2 arguments, 1 given"):
        compile_expression("count(s)", EXTRA)
    with pytest.raises(JmesSyntaxError, match=r"unknown function twise\(\); did you mean twice\(\)\?"):
        compile_expression("twise(s)", EXTRA)
    with pytest.raises(JmesSyntaxError, match=r"unknown function twice\(\)"):
        compile_expression("twice(s)")


def test_faults_of_an_added_function_are_runtime_errors() -> None:
    with pytest.raises(JmesRuntimeError) as caught:
        compile_expression("broken()", EXTRA)(DOCUMENT)
    assert isinstance(caught.value.__cause__, KeyError)


def test_the_table_is_complete_and_names_each_function_as_it_is_found() -> None:
    assert len(STANDARD) == 26
    assert all(name == function.name for name, function in STANDARD.items())


def test_numbers_that_are_none() -> None:
    assert math.isnan(compile_expression("to_number('nan')")(None))
