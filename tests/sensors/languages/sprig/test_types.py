"""sprig on any value, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('default "d" .Input.e', "d"),
        ('default "d" .Input.nil', "d"),
        ('default "d" 0', "d"),
        ('default "d" "x"', "x"),
        ('default "d"', "d"),
        ("empty .Input.l0", "true"),
        ('empty (toDate "2006" "2020")', "false"),
        ('coalesce 0 "" nil "x" 1', "x"),
        ("coalesce nil", "<no value>"),
        ('all 1 "a"', "true"),
        ('all 1 ""', "false"),
        ("all", "true"),
        ("any 0 nil", "false"),
        ("any", "false"),
        ('ternary "y" "n" .Input.t', "y"),
        ("typeOf .Input.n", "float64"),
        ("typeOf 1", "int"),
        ('typeOf "s"', "string"),
        ("typeOf nil", "<nil>"),
        ("typeOf .Input.l", "[]interface {}"),
        ("typeOf .Input.m", "map[string]interface {}"),
        ('typeOf (splitList "," "a")', "[]string"),
        ("typeOf (until 1)", "[]int"),
        ('typeOf (split "," "a")', "map[string]string"),
        ('typeOf (index "abc" 0)', "uint8"),
        ("typeOf 1.0", "float64"),
        ("typeOf (chunk 1 .Input.l)", "[][]interface {}"),
        ('typeIs "string" .Input.s', "true"),
        ('typeIsLike "semver.Version" (semver "1.2.3")', "true"),
        ("kindOf .Input.l", "slice"),
        ("kindOf nil", "invalid"),
        ('kindOf (semver "1")', "ptr"),
        ('kindOf (toDate "2006" "2020")', "struct"),
        ('kindIs "map" .Input.m', "true"),
        ("deepEqual (list 1) (list 1)", "true"),
        ("deepEqual 1 1.0", "false"),
        ("deepEqual (list) (rest (list))", "false"),
        ("deepEqual .Input.m (deepCopy .Input.m)", "true"),
        ('fromJson "{\\"a\\":[1,2.50]}"', "map[a:[1 2.5]]"),
        ('fromJson "bad"', "<no value>"),
        ('fromJson "[1,1e999]"', "[1 <nil>]"),
        ('fromJson "\\"\\\\ud800\\""', "�"),
        ("toJson .Input.html", '"\\u003ca href=\\"x\\"\\u003e\\u0026\'\\u003c/a\\u003e"'),
        ("toRawJson .Input.html", '"<a href=\\"x\\">&\'</a>"'),
        ("toJson (list 1 1.5 1e21 1e-7 nil true)", "[1,1.5,1e+21,1e-7,null,true]"),
        ("toPrettyJson .Input.m", '{\n  "a": 1,\n  "b": 2,\n  "c": {\n    "d": "deep"\n  }\n}'),
        ("toPrettyJson (list)", "[]"),
        ("toJson 1i", ""),
        ('toJson (toDate "2006" "2020")', '"2020-01-01T00:00:00Z"'),
        ('toJson "\\x01\\u2028\\x7f\\b"', '"\\u0001\\u2028\x7f\\b"'),
        ('toJson (split "," "a,b")', '{"_0":"a","_1":"b"}'),
    ],
)
def test_values(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        'ternary 1 2 "x"',
        'fail "boom"',
        'mustFromJson "bad"',
        'mustFromJson "[1e999]"',
        "mustToJson 1i",
    ],
)
def test_values_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
