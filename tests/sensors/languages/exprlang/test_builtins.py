"""expr-lang: what each builtin gives."""

from __future__ import annotations

import pytest

from sensors.languages.exprlang.builtins import FUNCTIONS
from sensors.languages.exprlang.program import GoError
from sensors.languages.exprlang.signatures import BUILTINS, PREDICATES
from tests.sensors.languages.expressions import printed, value


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("len(body.accents)", "int 11"),
        ("len({a: 1})", "int 1"),
        ("type(body.n) + type(1) + type('a') + type(nil)", "string floatintstringnil"),
        ("type([]) + type({}) + type(true) + type('a' | lower())", "string arraymapboolstring"),
        ("type(body.text[0]) + type(asInt)", "string uintfunc"),
        ("type(now()) + type(duration('1s'))", "string time.Timetime.Duration"),
        ("[abs(-1), abs(-1.5), abs(body.half)]", "[]interface {} [1 1.5 0.5]"),
        ("[ceil(1.2), floor(-1.2), round(2.5), round(-2.5), round(3)]", "[]interface {} [2 -2 3 -3 3]"),
        ("[int('17'), int(-1.9), int(body.digits), int(2)]", "[]interface {} [17 -1 17 2]"),
        ("[float('1.5'), float(2), float(body.n)]", "[]interface {} [1.5 2 42]"),
        ("string(body.million) + string([1, nil]) + string({a: 'b'})", "string 1e+06[1 <nil>]map[a:b]"),
        ("trim('  x ') + trim('__x_', '_') + trim('ab', '')", "string xxab"),
        ("trimPrefix('ab', 'a') + trimSuffix('ab', 'b') + trimPrefix(' x') + trimSuffix('x ')", "string baxx"),
        ("upper('grüße') + lower('ÄB')", "string GRÜßEäb"),
        ("split('a,b,c', ',', 2)", "[]string [a b,c]"),
        ("split('äb', '')", "[]string [ä b]"),
        ("split('abc', '', 2)", "[]string [a bc]"),
        ("split('a,b', ',', 0) == nil", "bool true"),
        ("splitAfter('a,b,c', ',', -1)", "[]string [a, b, c]"),
        ("replace('aXbX', 'X', '-') + replace('aXbX', 'X', '-', 1) + replace('ab', '', '.')", "string a-b-a-bX.a.b."),
        ("repeat('ab', 2) + repeat('x', 0)", "string abab"),
        ("join(body.tags, ',') + join(['a', 'b']) + join(split('a b', ' '), '-')", "string red,green,blueaba-b"),
        ("[indexOf('grüß', 'ß'), indexOf('a', 'x'), lastIndexOf('aXbX', 'X')]", "[]interface {} [4 -1 3]"),
        ("hasPrefix('abc', 'ab') && hasSuffix('abc', 'bc')", "bool true"),
        ("[max(1, 3, 2), min(body.n, 1.5)]", "[]interface {} [3 1.5]"),
        ("[max(body.text, 'Z'), min(2, body.half)]", "[]interface {} [Z 0.5]"),
        ("[sum([1, 2]), sum(body.numbers), sum([1, 2.5]), sum([])]", "[]interface {} [3 6 3.5 0]"),
        ("[mean([1, 2]), median([3, 1, 2]), median([1, 2]), mean([]), median([])]", "[]interface {} [1.5 2 1.5 0 0]"),
        ("toJSON({a: [1, 'x<']}) == '{\\n  \"a\": [\\n    1,\\n    \"x\\\\u003c\"\\n  ]\\n}'", "bool true"),
        ("fromJSON(body.json).x.y[1]", "float64 2"),
        ("toBase64('grüß') + fromBase64('YQ==') + fromBase64('Y\\nQ==')", "string Z3LDvMOfaa"),
        (
            "[first(body.tags), last(body.tags), first([]), get(body.tags, 9), get(body, 'x')]",
            "[]interface {} [red blue <nil> <nil> <nil>]",
        ),
        ("get(body.tags, 1) + get(body, 'text') + get(body.tags, -1)", "string greenHello Worldblue"),
        ("take(body.tags, 2)", "[]interface {} [red green]"),
        ("take(1..3, 9)", "[]int [1 2 3]"),
        ("sort(keys({b: 1, a: 2})) == ['a', 'b'] && values({a: 1}) == [1]", "bool true"),
        ("fromPairs(toPairs({a: 1, b: nil}))", "map[interface {}]interface {} map[a:1 b:<nil>]"),
        ("sort([3, 1, 2]) == [1, 2, 3] && sort(body.tags, 'desc')[0] == 'red'", "bool true"),
        ("map(sortBy([{a: 2}, {a: 1}], 'a', 'asc'), .a)", "[]interface {} [1 2]"),
        ("date('2026-01-02 03:04:05').Hour()", "int 3"),
        ("date('02.01.2026', '02.01.2006').Day()", "int 2"),
        ("date('2026-07-01 12:00', '2006-01-02 15:04', 'Europe/Berlin').UTC().Hour()", "int 10"),
        ("date('Fri, 02 Jan 2026 03:04:05 UTC').Minute()", "int 4"),
        ("duration('-1.5s').Milliseconds()", "int64 -1500"),
        ("date('2026-01-02').Format('02 Jan 06')", "string 02 Jan 26"),
        ("date('2026-01-02T03:04:05Z').Truncate(duration('1h')).Minute()", "int 0"),
    ],
)
def test_values(expression: str, result: str) -> None:
    assert printed(expression) == result


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("int('1.5')", "holds no integer"),
        ("int('9223372036854775808')", "holds no integer"),
        ("int(body.nothing)", "int wants a number or a text, found <nil>"),
        ("float('x')", "holds no number"),
        ("abs(body.text)", "abs wants a number, found string"),
        ("abs(get(body, 'tags'))", "found []interface {}"),
        ("abs(duration('1h'))", "found time.Duration"),
        ("ceil(body.text)", "ceil wants a number"),
        ("upper(body.n)", "a text is wanted, found float64"),
        ("repeat('x', -1)", "repeated too often"),
        ("repeat('x', 2000000)", "repeated too often"),
        ("join(body.numbers)", "a text is wanted, found float64"),
        ("join(body.n)", "join wants a list of texts"),
        ("max(body.n, 'a')", "'<' is not defined on float64 and string"),
        ("sum(body.mixed)", "sum wants numbers, found string"),
        ("sum(body.n)", "sum wants a list"),
        ("take(body.tags, body.n)", "take wants an integer, found float64"),
        ("take(body.tags, -1)", "fewer than no elements"),
        ("keys(body.tags)", "keys wants a map"),
        ("fromPairs([1])", "lists of a key and a value"),
        ("fromPairs([[[1], 2]])", "cannot be a key"),
        ("sort(body.mixed)", "values of one kind"),
        ("sort([true, false])", "cannot put bool in order"),
        ("sort(body.tags, 'up')", "'asc' or 'desc'"),
        ("sortBy(body.users, 'age')", "finds no 'age'"),
        ("fromJSON('{')", "not valid JSON"),
        ("fromJSON('1e999')", "too large"),
        ("toJSON(groupBy(body.tags, #))", "is no JSON"),
        ("toJSON([body.n / 0])", "not finite"),
        ("fromBase64('?')", "not base64"),
        ("fromBase64('YQ')", "not base64"),
        ("duration('1 hour')", "duration is invalid"),
        ("date('bad')", "no date"),
        ("date('x', '2006')", "does not fit"),
        ("date('2026', '2006', 'Mars')", "no such time zone"),
    ],
)
def test_errors(expression: str, message: str) -> None:
    with pytest.raises(GoError) as caught:
        value(expression)
    assert message in str(caught.value)


def test_every_builtin_is_implemented() -> None:
    assert BUILTINS.keys() - PREDICATES == FUNCTIONS.keys()
