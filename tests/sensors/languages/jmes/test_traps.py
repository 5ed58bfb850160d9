"""Expressions that mean something else than they seem to."""

import pytest

from sensors.languages.jmes.search import compile_expression

QUOTES = "double quotes name a field; a string is written in single quotes"


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ('ref == "refs/heads/main"', 7, QUOTES),
        ('"refs/heads/main" != ref', 0, QUOTES),
        ('a[?b == "c"]', 8, QUOTES),
    ],
)
def test_traps(text: str, column: int, message: str) -> None:
    assert [(trap.column, trap.message) for trap in compile_expression(text).traps()] == [(column, message)]


@pytest.mark.parametrize(
    "text",
    [
        "!data.deleted",
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
    traps = compile_expression('a == "b" && "c" != d').traps()
    assert [trap.column for trap in traps] == [5, 12]
