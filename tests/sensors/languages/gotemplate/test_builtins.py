"""The functions of text/template itself, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('and 1 0 (fail "x")', "0"),
        ('or 0 "a" (fail "x")', "a"),
        ('or 0 ""', ""),
        ('and 1 "a"', "a"),
        ("1 | and 0", "0"),
        ("not .Input.e", "true"),
        ("eq 1 1", "true"),
        ("eq 1 2 1", "true"),
        ("eq .Input.n 42.0", "true"),
        ('eq "a" "a"', "true"),
        ('eq .Input.missing "a"', "false"),
        ("eq nil .Input.nil", "true"),
        ("eq .Input.l nil", "false"),
        ('eq (semver "1").Major 1', "true"),
        ("eq true true", "true"),
        ("ne 1 2", "true"),
        ("lt 1 2", "true"),
        ('lt "a" "b"', "true"),
        ("le 2 2", "true"),
        ("gt 3 2", "true"),
        ("ge 2 3", "false"),
        ("index .Input.l 1", "a"),
        ('index .Input.m "c" "d"', "deep"),
        ('index .Input.m "zz"', "<no value>"),
        ('index "abc" 1', "98"),
        ('index (split "," "a") "_9"', ""),
        ("index .Input.ln", "[3 1 2]"),
        ("len .Input.s", "11"),
        ("len .Input.u", "14"),
        ("len .Input.m", "3"),
        ('print 1 2 "a" 3', "1 2a3"),
        ("print nil", "<nil>"),
        ('println 1 "a"', "1 a\n"),
        ("html .Input.html", "&lt;a href=&#34;x&#34;&gt;&amp;&#39;&lt;/a&gt;"),
        ("html nil", "&lt;no value&gt;"),
        ('js "a\'b\\"<\\n=é\\u200b"', "a\\'b\\\"\\u003C\\u000A\\u003Dé\\u200B"),
        ('urlquery "a b&c/ü"', "a+b%26c%2F%C3%BC"),
        ("html .Input.n .Input.f", "42 2.5"),
    ],
)
def test_builtins(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        "and",
        "not",
        "eq 1",
        "eq .Input.n 42",
        "eq .Input.l .Input.l",
        "lt 1.5 2",
        "lt true false",
        "lt .Input.missing 1",
        "index .Input.l 9",
        "index .Input.l 1.0",
        "index .Input.m 1",
        "index nil 1",
        "len .Input.n",
        "len nil",
        "call 1",
        "call nil",
    ],
)
def test_builtins_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
