"""Strings of Go: bytes, letters, quotes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.languages.go.text import (
    byte_length,
    from_bytes,
    joined,
    lower,
    quote,
    slice_bytes,
    title,
    to_bytes,
    unescape,
    unquote,
    upper,
    valid,
)


@given(st.binary())
def test_bytes_come_back(data: bytes) -> None:
    text = from_bytes(data)
    assert to_bytes(text) == data
    assert byte_length(text) == len(data)
    assert joined(text) == text
    assert to_bytes(unquote(quote(text))) == data
    assert to_bytes(unquote(quote(text, ascii_only=True))) == data
    assert quote(text, ascii_only=True).isascii()
    assert len(valid(text).encode()) >= len(data)


@given(st.text(), st.data())
def test_slices(text: str, data: st.DataObject) -> None:
    whole = text.encode(errors="replace").decode()
    length = byte_length(whole)
    at = data.draw(st.integers(0, length))
    assert joined(slice_bytes(whole, 0, at) + slice_bytes(whole, at, length)) == whole


def test_letters_are_mapped_one_to_one() -> None:
    assert [upper(letter) for letter in "aßǆᾳŉ"] == ["A", "ß", "Ǆ", "ᾼ", "ŉ"]
    assert [lower(letter) for letter in "AİΣ"] == ["a", "i", "σ"]
    assert [title(letter) for letter in "aßǆ"] == ["A", "ß", "ǅ"]


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("a", '"a"'),
        ('a"b\\', '"a\\"b\\\\"'),
        ("\a\b\f\n\r\t\v\x00\x7f", '"\\a\\b\\f\\n\\r\\t\\v\\x00\\x7f"'),
        ("é\u200b\U000e0001\ufffd", '"é\\u200b\\U000e0001\ufffd"'),
        ("'", '"\'"'),
        ("\udcff", '"\\xff"'),
    ],
)
def test_quotes(text: str, quoted: str) -> None:
    assert quote(text) == quoted
    assert unquote(quoted) == text


def test_raw_strings() -> None:
    assert unquote("`a\\n\r\n`") == "a\\n\n"


@pytest.mark.parametrize("content", ["\\", "\\x1", "\\8", "\\400", "\\ud800", "\\U00110000", "\\'", "\\q"])
def test_escapes_that_are_none(content: str) -> None:
    with pytest.raises(ValueError, match="escape"):
        unescape(content, '"')
