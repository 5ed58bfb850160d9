"""sprig on lists, with answers of Go."""

from __future__ import annotations

import pytest

from tests.sensors.languages.rendering import failure, rendered


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('list 1 "a" nil', "[1 a <nil>]"),
        ("tuple", "[]"),
        ('append .Input.l "d"', "[c a b d]"),
        ("push (list) 1", "[1]"),
        ('prepend .Input.l "d"', "[d c a b]"),
        ("first .Input.l", "c"),
        ("first (list)", "<no value>"),
        ("last .Input.ln", "2"),
        ("rest .Input.l", "[a b]"),
        ("rest (list)", "[]"),
        ("initial .Input.l", "[c a]"),
        ("initial (list) | toJson", "null"),
        ("reverse .Input.l", "[b a c]"),
        ('compact (list 0 1 "" "a" false nil (list))', "[1 a]"),
        ('uniq (list 1 1.0 "1" "1" (list 1) (list 1) nil nil)', "[1 1 1 [1] <nil>]"),
        ('without .Input.l "a" "x"', "[c b]"),
        ('has "a" .Input.l', "true"),
        ("has 3 .Input.ln", "false"),
        ("has 3.0 .Input.ln", "true"),
        ("has 1 nil", "false"),
        ("slice .Input.l 1", "[a b]"),
        ("slice .Input.l 0 2", "[c a]"),
        ("slice (list)", "<no value>"),
        ("chunk 2 .Input.l", "[[c a] [b]]"),
        ("chunk 2 (list)", "[]"),
        ("concat .Input.l (list 1) (until 2)", "[c a b 1 0 1]"),
        ("concat", "[]"),
        ("typeOf (rest (list 1))", "[]interface {}"),
        ("typeOf (slice (until 3) 1)", "[]int"),
        ("index (chunk 2 .Input.l) 1", "[b]"),
    ],
)
def test_lists(text: str, expected: str) -> None:
    assert rendered(f"{{{{ {text} }}}}") == expected


@pytest.mark.parametrize(
    "text",
    [
        'reverse "abc"',
        "slice .Input.l 2 1",
        "slice .Input.s 1",
        "chunk 0 .Input.l",
        "concat .Input.s",
        "first nil",
        "mustFirst .Input.n",
    ],
)
def test_lists_that_fail(text: str) -> None:
    assert failure(f"{{{{ {text} }}}}")
