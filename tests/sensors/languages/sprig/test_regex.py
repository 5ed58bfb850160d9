"""sprig on regular expressions, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('regexMatch "^h.*d$" .Input.s', "true"),
        ('regexMatch "[" "x"', "false"),
        ('regexMatch "(?=a)" "a"', "false"),
        ('regexFind "w(or)" .Input.s', "wor"),
        ('regexFind "x" .Input.s', ""),
        ('regexFindAll "[a-z]o" .Input.s -1', "[lo wo]"),
        ('regexFindAll "o" .Input.s 1', "[o]"),
        ('regexFindAll "x" .Input.s -1 | toJson', "null"),
        ('regexFindAll "a*" "baac" -1', "[ aa ]"),
        ('regexReplaceAll "(o)(r)?" .Input.s "<$1$2>"', "hell<o> w<or>ld"),
        ('regexReplaceAll "(?P<x>l+)" .Input.s "${x}!$$"', "hell!$o worl!$d"),
        ('regexReplaceAll "l" .Input.s "$1x"', "heo word"),
        ('regexReplaceAll "a*" "baac" "-"', "-b-c-"),
        ('regexReplaceAll "\\\\B" "bé" "-"', "bé-"),
        ('regexReplaceAllLiteral "o" .Input.s "$1"', "hell$1 w$1rld"),
        ('regexSplit "," "a,b,,c" -1', "[a b  c]"),
        ('regexSplit "," "a,b,,c" 2', "[a b,,c]"),
        ('regexSplit "," "a" 0 | toJson', "null"),
        ('regexSplit "" "abc" -1', "[a b c]"),
        ('regexSplit "x*" "axb" -1', "[a b]"),
        ('regexSplit "a" "" -1', "[]"),
        ('regexQuoteMeta "a.b[c]"', "a\\.b\\[c\\]"),
        ('regexMatch "\\\\C" "a"', "false"),
    ],
)
def test_expressions(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        'mustRegexMatch "[" "x"',
        'mustRegexFind "[" "a"',
    ],
)
def test_expressions_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
