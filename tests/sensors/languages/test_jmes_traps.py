"""Expressions that mean something else than they seem to."""

import pytest

from sensors.languages.jmes import compile_expression

NOT = "'!' binds tighter than '.', so this is null; write !(a.b), not !a.b"
QUOTES = "double quotes name a field; a string is written in single quotes"


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("!data.deleted", 0, NOT),
        ("a && !data.body.deleted", 5, NOT),
        ("!data[0].deleted", 0, NOT),
        ("!(data || @).deleted", 0, NOT),
        ("!!data.deleted", 0, NOT),
        ('!"a b".c', 0, NOT),
        ("!to_array(a)[0].b", 0, NOT),
        ("a[?!b.c]", 3, NOT),
        ('ref == "refs/heads/main"', 7, QUOTES),
        ('"refs/heads/main" != ref', 0, QUOTES),
        ('a[?b == "c"]', 8, QUOTES),
    ],
)
def test_traps(text: str, column: int, message: str) -> None:
    assert [(trap.column, trap.message) for trap in compile_expression(text).traps()] == [(column, message)]


@pytest.mark.parametrize("text", ["!data.deleted", "!data[0].deleted", "!(data || @).deleted", "!!data.deleted"])
def test_a_negation_has_no_members(text: str) -> None:
    for value in (True, False):
        assert compile_expression(text)({"data": {"deleted": value}}) is None


@pytest.mark.parametrize(
    "text",
    [
        "!(data.deleted)",
        "!deleted",
        "!a[*].b",
        "!*.b",
        "![a, b]",
        "!length(a)",
        "!a && b.c",
        "a == 'b'",
        "headers.\"X-Event\" == 'push'",
        'a == "X-Event".b',
        'a == "X-Event"[0]',
        '"a b"',
        '"a b" && c == d',
    ],
)
def test_what_is_none(text: str) -> None:
    assert compile_expression(text).traps() == []


def test_traps_are_told_in_the_order_of_the_text() -> None:
    traps = compile_expression('a == "b" && !c.d').traps()
    assert [trap.column for trap in traps] == [5, 12]
