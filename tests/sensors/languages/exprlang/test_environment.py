"""expr-lang: which names an expression sees, and the helpers that every one has."""

from __future__ import annotations

from typing import Any

import pytest

from sensors.languages.exprlang.environment import HELPERS, names_of
from sensors.languages.exprlang.program import GoError
from tests.sensors.languages.expressions import printed, value


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (None, {}),
        ({"a": {"b-c": 1, "d.e": 2}}, {"a": {"b-c": 1, "d.e": 2}}),
        ({"a-b-c": 1}, {"a_b_c": 1}),
        ({"a.b": 1, "a.c.d": 2}, {"a": {"b": 1, "c": {"d": 2}}}),
        ({"a": 1, "a.b": 2}, {"a": {"b": 2}}),
        ({"a": {"b": 1}, "a.b.c": 2}, {"a": {"b": {"c": 2}}}),
        ({"a.": 1}, {"a": {"": 1}}),
        ({"a..b": 1}, {"a": {"": {"b": 1}}}),
        ({"": 1, "x-y.z": 2}, {"": 1, "x_y": {"z": 2}}),
    ],
)
def test_names(data: Any, names: dict[str, Any]) -> None:
    assert names_of(data) == names


def test_plain_data_is_not_copied() -> None:
    data = {"a": 1}
    assert names_of(data) is data


@pytest.mark.parametrize("data", [{".a": 1}, {"." * 5000: 1}, {"a" + "." * 5000: 1}, [1], "x", 5])
def test_what_has_no_names(data: Any) -> None:
    with pytest.raises(GoError):
        names_of(data)


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("dash_key + dot.key", "string dasheddotted"),
        ("asInt(body.digits) + asInt(body.n)", "int 59"),
        ("asFloat('1.5')", "float64 1.5"),
        ("toJson(body.object) + toJson('<')", 'string {"a-b":1,"k":"v"}"\\u003c"'),
        ("toJson(asInt) + toJson(groupBy(body.tags, #)) + toJson(sprig)", "string "),
        ("jsonpath(body.json, '$.x.y')", "[]interface {} [1 2]"),
        ("jsonpath(body.json, '$.x.y[1]')", "float64 2"),
        ("sprig.upper('a') + sprig.join('-', body.tags)", "string Ared-green-blue"),
        ("sprig.int(body.digits) == 17 && sprig.has('red', body.tags) && sprig.empty(body.empty)", "bool true"),
        ("sprig.list(1, 2)[0] == 1 && sprig.split(',', 'a,b')['_1'] == 'b' && sprig.add(1, 2) == 3", "bool true"),
        ("sprig.split(',', 'a')['_9'] == ''", "bool true"),
        ("sprig.semverCompare('>1.0', '1.2') && sprig.ternary('y', 'n', body.yes) == 'y'", "bool true"),
        ("len(sprig)", "int 209"),
        ("$env.top + $env['top'] + toJson($env)", "string levellevel"),
        ("type(sprig.upper)", "string func"),
    ],
)
def test_helpers(expression: str, result: str) -> None:
    assert printed(expression) == result


def test_helpers_win_over_the_data() -> None:
    assert value("sprig.upper('a') + toJson(asInt(1))", dict.fromkeys(HELPERS, 1)) == "A1"


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("sprig.env('HOME')", "<nil> is no function"),
        ("sprig.printf('a')", "<nil> is no function"),
        ("sprig.bcrypt('a')", "hash the password beforehand"),
        ("sprig.fail('x')", "x"),
        ("sprig.substr(0, body.n, 'abc')", "an int is wanted"),
        ("sprig.upper()", "wants 1 argument"),
        ("sprig.upper(nil)", "a string is wanted, not nil"),
        ("jsonpath('{', '$')", "not valid JSON"),
        ("jsonpath(body.json, 'x')", "a JSONPath begins with '$'"),
        ("jsonpath(body.json, '$.z')", "no such key"),
        ("toJson()", "wants 1 argument"),
    ],
)
def test_helpers_that_fail(expression: str, message: str) -> None:
    with pytest.raises(GoError) as caught:
        value(expression)
    assert message.replace("an int", "a int") in str(caught.value) or message in str(caught.value)
