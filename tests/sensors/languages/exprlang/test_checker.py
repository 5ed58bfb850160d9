"""expr-lang: what is refused before there is an event, even where it would not be reached, and what is not."""

from __future__ import annotations

import pytest

from sensors.languages.exprlang.program import ExprlangError, compile_exprlang
from tests.sensors.languages.expressions import printed


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("true || 1 + 'a' == 2", "'+' is not defined on int and string"),
        ("1 == 'a'", "'==' is not defined on int and string"),
        ("1 && true", "'&&' is not defined on int and bool"),
        ("'a' < 1", "'<' is not defined on string and int"),
        ("1.5 % 2", "'%' is not defined on float64 and int"),
        ("1.5..2", "'..' is not defined on float64 and int"),
        ("nil + 1", "'+' is not defined on nil and int"),
        ("1 matches 'a'", "'matches' is not defined on int and string"),
        ("body.x matches '['", "not a regular expression"),
        ("!1", "'!' is not defined on int"),
        ("-'a'", "'-' is not defined on string"),
        ("not nil", "'not' is not defined on nil"),
        ("1 in ['a']", "no element of this list is of type int"),
        ("'a' in 1..3", "no element of this list is of type string"),
        ("1 in {a: 1}", "keys of type string has none of type int"),
        ("'a' in 'abc'", "'in' is not defined on string and string"),
        ("(nil).x", "nil has no 'x'"),
        ("[1]['a']", "an element is chosen by an integer, not by string"),
        ("[1][nil]", "not by nil"),
        ("{a: 1}[1]", "the keys of this map are of type string, not int"),
        ("lower('a')[0]", "string has no elements"),
        ("len('a').x", "int has no 'x'"),
        ("len('a')[1:]", "int cannot be sliced"),
        ("[1]['a':]", "the bounds of a slice are integers, not string"),
        ("1 ? 2 : 3", "a condition is true or false, not int"),
        ("len()", "len wants 1 argument, found 0"),
        ("len(1, 2)", "len wants 1 argument, found 2"),
        ("len(1)", "len has no length for int"),
        ("abs('a')", "abs wants a number, not string"),
        ("int([1])", "int wants a number, not []any"),
        ("max()", "max wants an argument"),
        ("max(1, 'a')", "max wants numbers, not string"),
        ("sum({a: 1})", "sum wants a list"),
        ("first('a')", "first wants a list, not string"),
        ("take([1], 'a')", "take wants an integer as its second argument"),
        ("keys([1])", "keys wants a map"),
        ("sort([1], 1)", "sort wants a text"),
        ("sortBy([1])", "sortBy wants 2 or 3 arguments, found 1"),
        ("upper(1)", "upper wants string here, found int"),
        ("trim('a', 1)", "trim wants string here, found int"),
        ("trim('a', 'b', 'c')", "trim wants 1 or 2 arguments, found 3"),
        ("replace('a', 'b')", "replace wants 3 or 4 arguments, found 2"),
        ("split('a', ',', 1.5)", "split wants int here, found float64"),
        ("join(1..2)", "join wants []string here, found []int"),
        ("now(1)", "now wants 0 arguments, found 1"),
        ("get(1, 2)", "int has no elements"),
        ("get([1], 'a')", "string chooses nothing in []any"),
        ("get([1])", "get wants 2 arguments, found 1"),
        ("any('a', true)", "any wants a list, not string"),
        ("filter([1], 1)", "filter wants true or false of each element, not int"),
        ("map([1], nil)", "a predicate cannot be nil"),
        ("any([1], #index > 0)", "there is no #index here"),
        ("map([1], #acc)", "there is no #acc here"),
        ("filter([1], #foo)", "there is no #foo here"),
        ("let len = 1; len", "there is a 'len' already"),
        ("let x = 1; let x = 2; x", "there is a 'x' already"),
        ("let f = nil; f()", "nil is no function"),
        ("let f = 1; f()", "int is no function"),
        ("now().Nosuch()", "time.Time has no 'Nosuch'"),
        ("now().Year(1)", "wants 0 arguments, found 1"),
        ("now().Format(1)", "wants string here, found int"),
        ("now().Add(now())", "wants time.Duration here, found time.Time"),
        ("now().Year == 2026", "'==' is not defined on func and int"),
        ("duration('1h') + 'a'", "'+' is not defined on time.Duration and string"),
        ("type == 'push'", "'type' is a function here, the value is get($env, 'type')"),
        ("$env.len == 1", "'==' is not defined on func and int"),
    ],
)
def test_refused(expression: str, message: str) -> None:
    with pytest.raises(ExprlangError) as caught:
        compile_exprlang(expression)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("get($env, 'type')", "string builtin"),
        ("true || asInt(1 + 'a') == 2", "bool true"),
        ("asInt(count(body.tags, #index > 0))", "int 2"),
        ("true || asInt(any('a', 1))", "bool true"),
        ("nil in [1]", "bool false"),
        ("nil == 1", "bool false"),
        ("body.no ? 1 : nil", "<nil> <nil>"),
        ("nil ?? 'a'", "string a"),
        ("[1, 'a'] == ['b']", "bool false"),
        ("1 in [1, 'a']", "bool true"),
        ("let f = trim; f(' a ')", "string a"),
        ("$env.trim(' a ')", "string a"),
        ("$env.len([1])", "E"),
        ("let x = ['a']; 'b' in x", "bool false"),
        ("now().AddDate(0, 1, 0) > now()", "bool true"),
        ("date('2026-01-02').Add(duration('1h')).Sub(date('2026-01-02')).String()", "string 1h0m0s"),
        ("date('2026-01-02').Add(5)", "E"),
        ("date('2026-01-02').Equal(date('2026-01-02')) && !now().IsZero()", "bool true"),
        ("(body.yes ? 1 : body.n) == 1", "bool true"),
        ("(body.no ? 1 : body.n) == 42", "E"),
        ("(body.no ? 'a' : body.text) == 'Hello World'", "bool true"),
        ("(body.no ? 'a' : nil) == 'a'", "E"),
        ("sum(map(body.numbers, int(#))) == 6", "bool true"),
    ],
)
def test_accepted(expression: str, result: str) -> None:
    compiled = compile_exprlang(expression)
    assert compiled.text == expression
    if result != "E":
        assert printed(expression) == result
    else:
        with pytest.raises(ValueError, match=r"."):
            printed(expression)
