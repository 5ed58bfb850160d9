"""Text as Go prints and repairs it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventsources.go.text import decode, quote, quote_character


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", '""'),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ("\a\b\f\n\r\t\v\x00\x7f", '"\\a\\b\\f\\n\\r\\t\\v\\x00\\x7f"'),
        ("é 😀 '", '"é 😀 \'"'),
        ("\u00a0\u00ad\u2028\U000e0001", '"\\u00a0\\u00ad\\u2028\\U000e0001"'),
        ("\udcff", '"\\xff"'),
    ],
)
def test_quote(text: str, quoted: str) -> None:
    assert quote(text) == quoted


@pytest.mark.parametrize(
    ("character", "quoted"), [("a", "'a'"), ("'", "'\\''"), ('"', "'\"'"), ("\\", "'\\\\'"), ("\x01", "'\\x01'")]
)
def test_quote_character(character: str, quoted: str) -> None:
    assert quote_character(character) == quoted


@given(st.binary())
def test_each_byte_that_is_not_utf_8_is_replaced(raw: bytes) -> None:
    kept = raw.decode("utf-8", "surrogateescape")
    assert decode(raw) == "".join("\ufffd" if 0xDC80 <= ord(character) <= 0xDCFF else character for character in kept)
