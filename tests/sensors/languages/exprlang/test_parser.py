"""expr-lang: what an expression's text means, and where it is wrong."""

from __future__ import annotations

import pytest

from sensors.languages.exprlang.program import ExprlangError, compile_exprlang
from tests.sensors.languages.expressions import printed


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("1 + 2 * 3 ** 2", "float64 19"),
        ("2 ** 3 ** 2", "float64 512"),
        ("-2 ** 2", "float64 -4"),
        ("10 - 3 - 2", "int 5"),
        ("not true or true", "bool true"),
        ("!true == false", "bool true"),
        ("not false && false", "bool false"),
        ("1 + 2 == 3 and 'a' in ['a']", "bool true"),
        ("1 < 2 == true", "bool true"),
        ("true ? 1 : false ? 2 : 3", "int 1"),
        ("true ? false ? 1 : 2 : 3", "int 2"),
        ("1..2 == 1..2", "bool true"),
        ("nil ?? nil ?? 3", "int 3"),
        ("2 * (nil ?? 3)", "int 6"),
        ("2 * nil ?? 3", "int 6"),
        ("body.n in [42] not in [true]", "bool true"),
        ("1 == 1 not in [false]", "bool false"),
        ("body.tags | map(len(#)) | max(3)", "E"),
        ("'a' + 'b' contains 'b'", "bool true"),
        ("{a: {b: [1, 2,],},}.a.b[1]", "int 2"),
        ("{in_: 1, 'not': 2}.not", "int 2"),
        ("[1, 2, 3][1:][0]", "int 2"),
        ("body?.tags[0]", "string red"),
        ("(body.users | filter(.age > 26))[0].name", "string ann"),
        ("'\\x41\\u0042\\U00000043\\104'", "string ABCD"),
        ("'\\a\\b\\f\\n\\r\\t\\v\\\\\\''", "string \a\b\f\n\r\t\v\\'"),
        ("'\\ud800'", "string \ufffd"),
        ("0x1F + 1_0 + 07", "int 48"),
        ("1.5e-1", "float64 0.15"),
        ("1..3 | len()", "int 3"),
        ("let x = 1; let y = x + 1; [x, y]", "[]interface {} [1 2]"),
        ("(let x = 1; x) + 1", "int 2"),
        ("1 /* a */ + // b\n 2", "int 3"),
        ("$env.top", "string level"),
    ],
)
def test_meaning(expression: str, result: str) -> None:
    if result == "E":
        with pytest.raises(ExprlangError):
            printed(expression)
    else:
        assert printed(expression) == result


@pytest.mark.parametrize(
    ("expression", "message", "column"),
    [
        ("", "the end is not expected", 0),
        ("body.t && ", "the end is not expected", 10),
        ("(body.t", "the end is not expected: ')' should stand here", 7),
        ("body.t)", "')' is not expected", 6),
        ("&& body.t", "'&&' is not expected", 0),
        ("body.ref = 'x'", "'=' is not expected: write '=='", 9),
        ("body.n === 42", "'=' is not expected", 9),
        ("body.n <> 1", "'>' is not expected", 8),
        ("a xor b", "'xor' is not expected", 2),
        ("a ? b", "':' should stand here", 5),
        ("body.tags.0", "'.0' is not expected", 9),
        ("body.['a']", "a name should follow", 5),
        ("'abc'[0]", "'[' is not expected", 5),
        ("sprig['upper']('a')", "'(' is not expected", 14),
        ("f(1,)", "')' is not expected", 4),
        ("{1 + 1: 2}", "':' should stand here", 3),
        ("{[1]: 2}", "a key is a name", 1),
        ("let x = 1", "';' should stand here", 9),
        ("let 1 = 1; 1", "a variable should stand here", 4),
        ("a ?? b || c", "'||' beside '??'", 7),
        ("# > 1", "there is none outside of a predicate", 0),
        (".name", "there is none outside of a predicate", 0),
        ("any(a, ## > 1)", "'##' is not expected", 7),
        ("any(a)", "',' should stand here", 5),
        ("a | 1", "a function should stand here", 4),
        ("'abc", "text is not closed", 0),
        ("'a\nb'", "text is not closed", 0),
        ("'a\\qb'", "no such escape", 2),
        ('"\\\'"', "no such escape", 1),
        ("'\\400'", "escape is no character", 1),
        ("1 /* x", "comment is not closed", 2),
        ("a == `x`", "'`' is not understood: strings are written", 5),
        ("a @ b", "'@' is not understood", 2),
        ("1a", "'1a' is no number", 0),
        ("1.foo", "'1.f' is no number", 0),
        ("0b11", "'0b11' is no number", 0),
        ("0x1.8", "'0x1.8' is no number", 0),
        ("1e", "'1e' is no number", 0),
        ("1e999", "'1e999' is no number", 0),
        ("9223372036854775808", "too large for an integer", 0),
        ("(" * 70 + "1" + ")" * 70, "nested more than 64 levels deep", 64),
        (" + ".join("1" * 300), "more than 200 operations", 394),
    ],
)
def test_faults(expression: str, message: str, column: int) -> None:
    with pytest.raises(ExprlangError) as caught:
        compile_exprlang(expression)
    assert message in str(caught.value)
    assert caught.value.column == column


def test_a_fault_is_shown_in_its_line() -> None:
    with pytest.raises(ExprlangError) as caught:
        compile_exprlang("body.n == 1 &&\n\tbody.tags ==")
    assert str(caught.value) == "the end is not expected, at line 2, character 14"
    assert caught.value.caret() == "\tbody.tags ==\n\t            ^"
