"""expr-lang: operators, members, predicates, kinds of numbers, and what goes wrong with an event."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.exprlang.program import ExprlangError, GoError, compile_exprlang
from tests.sensors.languages.expressions import DATA, printed, value


@pytest.mark.parametrize(
    "expression",
    [
        "body.ref == 'refs/heads/main' && headers['X-Github-Event'][0] == \"push\"",
        "body.ref startsWith 'refs' and body.ref endsWith 'main' and body.ref contains 'heads'",
        "body.ref matches '^refs/heads/.+$' && body.ref not matches 'dev' && body.ref not contains 'dev'",
        "not body.no and !body.no or body.no",
        "body.n == 42 && body.n >= 42.0 && 41 < body.n && body.n != 41",
        "body.n + 1 == 43 && body.n - 2 == 40 && body.n * 2 == 84 && body.n / 4 == 10.5",
        "1 + 2 * 3 == 7 && 7 % 2 == 1 && -7 % 3 == -1 && 2 ** 3 ** 2 == 512 && -2 ** 2 == -4 && 2 ^ 2 == 4",
        "7 / 2 == 3.5 && 1 / 0 > 1e300 && -body.n == -42 && +body.n == 42",
        "1_000 == 1000 && 0xFF == 255 && 1e3 == 1000 && .5 == 0.5 && 1. == 1",
        "'\\u00e9' == 'é' && '\\x41\\101' == 'AA' && \"a\\tb\" == 'a\tb' && '\\'' == \"'\"",
        "body.text + '!' == 'Hello World!' && 'a' < 'b' && '2026-03-14' < '2026-04-01'",
        "'red' in body.tags && 'k' in body.object && 42 in [1, 42] && body.n in 1..50 && 'x' not in body.tags",
        "body.n in [41, 42] && body.tags[0] in ['red', 'blue'] && 5 in 1..5 && nil not in body.tags",
        "body.tags[-1] == 'blue' && body.tags[1:] == ['green', 'blue'] && body.tags[:1] == body.tags[0:1]",
        "body.tags[-2:-1] == ['green'] && body.tags[5:] == [] && [1, 2, 3][1:2] == [2]",
        "body.accents[0:2] == 'Gr' && len(body.accents) == 11 && body.accents[0] == 71",
        "body.object['a-b'] == 1 && {'a': 1, b: 2}.b == 2 && {a: 1, a: 2}.a == 1 && {1: 'x'}['1'] == 'x'",
        "body.missing == nil && body?.missing?.x == nil && missing == nil && body.nothing?.x.y == nil",
        "(body.nothing ?? 'x') == 'x' && (body.n ?? 1) == 42 && (missing ?? body.empty) == []",
        "body.n == 42 ? true : false",
        "(body.no ? 1 : body.yes ? 2 : 3) == 2 && (body.text ?: 'x') == 'x' || true",
        "let x = body.n; let y = x + 1; x + y == 85",
        "all(body.numbers, {# > 0}) && any(body.users, .age == 25) && none(body.numbers, # > 5)",
        "one(body.numbers, # == 3) && count(body.numbers, # > 1) == 2",
        "len(filter(body.users, .age != nil && .age > 26)) == 1 && filter(body.tags, len(#) > 4) == ['green']",
        "map(body.users, .name) == ['ann', 'bob', 'cid'] && map(body.tags, #index) == [0, 1, 2]",
        "find(body.numbers, # < 3) == 1 && find(body.numbers, # > 9) == nil",
        "findIndex(body.numbers, # == 1) == 1 && findLast(body.numbers, # < 3) == 2 && findLastIndex(body.tags, true) == 2",
        "reduce(body.numbers, #acc + #) == 6 && reduce(body.tags, #acc + #, '') == 'redgreenblue'",
        "groupBy(body.tags, len(#))[5] == nil || len(groupBy(body.tags, # > 'c')) == 2",
        "any(body.users, any(['ann'], # == 'ann') && .name == 'bob')",
        "body.tags | len() == 3 && (body.tags | filter(# != 'red') | join('-')) == 'green-blue'",
        "body.numbers[len(body.numbers) - 1] == 2 && body.tags[body.half] == 'red'",
        "body.n == 42 // a comment\n && /* another */ true",
        "all(body.text, # > 31) && count(body.object, true) == 2 && all(body.empty, # > 1)",
        "date(body.day).Year() == 2026 && date('2026-01-02').Month().String() == 'January'",
        "date(body.day) > date('2026-01-01') && date('2026-01-02') - date('2026-01-01') == duration('24h')",
        "date('2026-01-01') + duration('36h') == date('2026-01-02 12:00:00') && duration('1h') * 2 == duration('2h')",
        "duration('90m').Hours() == 1.5 && now().Year() > 2000 && -duration('0s').Seconds() == 0",
        "true || 1 == 2 && body.n.x",
        "false && body.n.x == 1 or body.yes",
        "len(1..3) == 3 && sum(1..4) == 10 && (3..1) == [] == false",
    ],
)
def test_true(expression: str) -> None:
    assert compile_exprlang(expression)(DATA) is True


@pytest.mark.parametrize(
    "expression",
    [
        "body.numbers == [3, 1, 2]",
        "1..3 == [1, 2, 3]",
        "split('a,b', ',') == ['a', 'b']",
        "date('2026-01-02').Month() == 1",
        "body.n == '42'",
        "body.nothing == false",
        "body.object == {'k': 'v', 'a-b': 1}",
        "take(body.numbers, 2) == [3, 1]",
        "sprig == nil",
        "asInt == nil",
        "body.accents == 'Grusse'",
    ],
)
def test_kinds_are_not_mixed_up(expression: str) -> None:
    assert compile_exprlang(expression)(DATA) is False


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("body.n", "float64 42"),
        ("body.million", "float64 1e+06"),
        ("1 + 2", "int 3"),
        ("1 + 2.0", "float64 3"),
        ("9223372036854775807 + 1", "int -9223372036854775808"),
        ("body.text[0]", "uint8 72"),
        ("'ab'", "string ab"),
        ("1..3", "[]int [1 2 3]"),
        ("split('a,b', ',')", "[]string [a b]"),
        ("[1, 'a', nil, 2.5]", "[]interface {} [1 a <nil> 2.5]"),
        ("{b: 1, a: [body.n]}", "map[string]interface {} map[a:[42] b:1]"),
        ("groupBy([1, 2, 3], # > 1)", "map[interface {}][]interface {} map[false:[1] true:[2 3]]"),
        ("fromPairs([['a', 1], [2, nil]])[2]", "<nil> <nil>"),
        ("toPairs({a: 1})", "[][2]interface {} [[a 1]]"),
        ("date('2026-01-02').Unix()", "int64 1767312000"),
        ("date(body.day)", "time.Time 2026-03-14 00:00:00 +0000 UTC"),
        ("duration('1h30m')", "time.Duration 1h30m0s"),
        ("date('2026-01-02').Weekday()", "time.Weekday Friday"),
        ("body.missing", "<nil> <nil>"),
    ],
)
def test_kinds_of_values(expression: str, result: str) -> None:
    assert printed(expression) == result


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("body.missing.x", "<nil> has no member 'x'"),
        ("body.n.x == 1", "float64 has no member 'x'"),
        ("body.users.name", "string is no number"),
        ("body.tags[3] == 'x'", "out of range"),
        ("body[1] == nil", "a key is a text, not int"),
        ("body.n % 5 == 2", "'%' is not defined on float64 and int"),
        ("body.n > '1'", "'>' is not defined on float64 and string"),
        ("body.n + body.text", "'+' is not defined on float64 and string"),
        ("-body.text", "'-' is not defined on string"),
        ("!body.n", "true or false is wanted, found float64"),
        ("body.nothing && true || body.n", "found"),
        ("body.text && body.yes", "found string"),
        ("body.n ? 1 : 2", "found float64"),
        ("body.n matches 'x'", "a text is wanted, found float64"),
        ("body.text matches body.text + '['", "not a regular expression"),
        ("body.n in body.text", "'in' is not defined on string"),
        ("body.n in ['a', 'b']", "none of these values is of type float64"),
        ("body.n in body.object", "a key is a text, not float64"),
        ("all(body.nothing, true)", "<nil> has no length"),
        ("filter(body.object, true)", "has no elements in order"),
        ("any(body.numbers, # + 1)", "found float64"),
        ("reduce(body.empty, #acc)", "out of range"),
        ("body.nothing[1:]", "has no length"),
        ("body.object[1:]", "a map cannot be sliced"),
        ("nosuch(1)", "<nil> is no function"),
        ("body.ref.startsWith('x')", "string is no number"),
        ("sprig.trim(1)", "a string is wanted"),
        ("asInt()", "wants 1 argument"),
        ("date(body.day).Nosuch()", "has no 'Nosuch'"),
        ("{(body.n): 1}", "a text is wanted, found float64"),
        ("findIndex(body.tags, # == 'x') == 1", "'==' wants two of a kind, found <nil>"),
        ("max(1, 2.5) == 3", "'==' wants two of a kind, found float64"),
        ("groupBy(body.numbers, [#])", "cannot be a key"),
        ("int(body.n) % int(body.nothing ?? 0)", "a division by zero"),
    ],
)
def test_what_fails(expression: str, message: str) -> None:
    with pytest.raises((GoError, ExprlangError)) as caught:
        value(expression)
    assert message in str(caught.value)


@pytest.mark.parametrize("expression", ["body.n", "body.ref", "1", "body", "nil", "xor", "body.nothing"])
def test_what_is_neither_true_nor_false(expression: str) -> None:
    with pytest.raises(GoError, match="true or false is wanted"):
        compile_exprlang(expression)(DATA)


@pytest.mark.parametrize("data", [[1], "text", 5, True])
def test_data_that_is_no_object(data: Any) -> None:
    with pytest.raises(GoError, match="no JSON object"):
        compile_exprlang("true")(data)


def test_no_data_is_an_empty_environment() -> None:
    assert compile_exprlang("a == nil && len($env) == 5")(None)


def test_the_data_is_not_changed() -> None:
    data = {"body": {"a": [2, 1]}}
    assert value("sprig.set(body, 'x', sort(body.a))", data) == {"a": [2, 1], "x": [1, 2]}
    assert data == {"body": {"a": [2, 1]}}


def test_an_expression_keeps_nothing() -> None:
    expression = compile_exprlang("let x = n; any([1], x > 1)")
    assert [expression({"n": n}) for n in (1, 2, 1)] == [False, True, False]


_PIECES = [
    *(
        "body",
        "body.n",
        ".name",
        "#",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        "'a'",
        "1",
        "2.5",
        " ",
        "+",
        "-",
        "==",
        "&&",
        "not ",
    ),
    *("in ", "?", "?.", "??", ":", ",", "..", "|", "len(", "any(", "filter(", "map(", "let x = ", ";", "nil", "true"),
]


@given(st.lists(st.sampled_from(_PIECES), max_size=12).map("".join) | st.text(max_size=20))
def test_nothing_else_is_raised(text: str) -> None:
    with contextlib.suppress(ExprlangError, GoError):
        value(text)
