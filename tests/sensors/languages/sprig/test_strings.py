"""sprig on strings, with answers of Go; bytes that are not UTF-8 are lone surrogates."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('upper "straße ǆ"', "STRAßE Ǆ"),
        ('lower "İΑΣ"', "iασ"),
        ('title "hello wORLD_x é-ab"', "Hello WORLD_x É-Ab"),
        ('trim "\\t\\u00a0x \\n"', "x"),
        ('trimAll "-x" "x-a-x"', "a"),
        ('trimPrefix "a" "aab"', "ab"),
        ('trimSuffix "b" "abb"', "ab"),
        ('contains "ell" .Input.s', "true"),
        ('hasPrefix "he" .Input.s', "true"),
        ('hasSuffix "x" .Input.s', "false"),
        ("substr 0 5 .Input.s", "hello"),
        ("substr -1 3 .Input.s", "hel"),
        ("substr 6 -1 .Input.s", "world"),
        ("substr 2 99 .Input.s", "llo world"),
        ("trunc 5 .Input.s", "hello"),
        ("trunc -5 .Input.s", "world"),
        ("trunc 3 .Input.u", "Gr\udcc3"),
        ('repeat 3 "ab"', "ababab"),
        ('replace "l" "L" .Input.s', "heLLo worLd"),
        ('replace "" "-" "ab"', "-a-b-"),
        ('indent 2 "a\\nb"', "  a\n  b"),
        ('nindent 1 "a\\nb"', "\n a\n b"),
        ('plural "one" "many" 1', "one"),
        ('plural "one" "many" (len .Input.l)', "many"),
        ('split "," "a,b"', "map[_0:a _1:b]"),
        ('(split "/" "a/b")._1', "b"),
        ('splitn "," 2 "a,b,c"', "map[_0:a _1:b,c]"),
        ('splitn "," 0 "a"', "map[]"),
        ('splitn "" 2 "abc"', "map[_0:a _1:bc]"),
        ('splitList "," "a,b" | join "+"', "a+b"),
        ('splitList "" "äb"', "[ä b]"),
        ('join "-" .Input.ln', "3-1-2"),
        ('join "," "x"', "x"),
        ('join "," nil', ""),
        ("sortAlpha .Input.l", "[a b c]"),
        ('sortAlpha "x"', "[x]"),
        ("toString .Input.n", "42"),
        ("toString nil", "<nil>"),
        ('toStrings (list 1 nil "a")', "[1 a]"),
        ('quote "a\\"b\\\\" 1 nil', '"a\\"b\\\\" "1"'),
        ('quote "\\x01é\\u200b"', '"\\x01é\\u200b"'),
        ('squote "it\'s" 2', "'it's' '2'"),
        ('cat "a" nil 1 true', "a 1 true"),
        ("hello", "Hello!"),
    ],
)
def test_strings(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        "substr 5 3 .Input.s",
        'repeat -1 "a"',
        "upper .Input.n",
        'trunc "5" "x"',
    ],
)
def test_strings_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
