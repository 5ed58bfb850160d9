"""triggers/text.py: one line, whatever is in it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from triggers.text import one_line


def test_short_things_are_shown_whole() -> None:
    assert one_line("POST http://host/", b'{"a":"Gr\xc3\xbc\xc3\x9fe"}', 1024) == 'POST http://host/  {"a":"Grüße"}'
    assert one_line("GET http://host/", b"", 1024) == "GET http://host/"


def test_long_things_are_cut() -> None:
    assert one_line("head", b"\xc3\xbc" * 100, 10) == "head  üüüü…"
    assert one_line("head", "x" * 100, 10) == "head  xxxx…"


def test_control_characters_are_blanks() -> None:
    assert one_line("log", "a\r\n\x1b[31mb\u2028c", 1024) == "log  a [31mb c"


@given(st.text(), st.one_of(st.binary(), st.text()), st.integers(0, 100))
def test_always_short(head: str, body: bytes | str, limit: int) -> None:
    line = one_line(head, body, limit)
    assert len(line) <= limit + 1
    assert "\n" not in line
    assert "\x1b" not in line
