"""Content types as Go reads them."""

from __future__ import annotations

import pytest

from eventsources.go.mime import media_type


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("application/json", "application/json"),
        (" Application/JSON ; charset=utf-8", "application/json"),
        ('a/b; c="d;\\"e"; f=g;', "a/b"),
        ("garbage;", "garbage"),
        ("garbage", "garbage"),
    ],
)
def test_types(text: str, name: str) -> None:
    assert media_type(text) == name


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "mime: no media type"),
        (" ; a=b", "mime: no media type"),
        ("/json", "mime: no media type"),
        ("a b", "mime: expected slash after first token"),
        ("a/", "mime: expected token after slash"),
        ("a/b c", "mime: unexpected content after media subtype"),
        ("a/b/c", "mime: unexpected content after media subtype"),
        ("a/b; c", "mime: invalid media parameter"),
        ("a/b; c=", "mime: invalid media parameter"),
        ("a/b; =d", "mime: invalid media parameter"),
        ('a/b; c="d', "mime: invalid media parameter"),
        ("a/b; c=1; C=2", "mime: duplicate parameter name"),
    ],
)
def test_errors(text: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        media_type(text)
