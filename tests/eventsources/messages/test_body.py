"""Bodies of messages as JSON."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventsources.messages.body import NotJson, as_base64, as_json


@given(st.binary())
def test_bytes_come_back_from_base64(value: bytes) -> None:
    assert b64decode(json.loads(as_base64(value)), validate=True) == value


def test_no_bytes_are_null() -> None:
    assert as_base64(None) == as_json(None) == b"null"


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_json_keeps_its_meaning(value: Any) -> None:
    assert json.loads(as_json(json.dumps(value, indent=2).encode())) == value


def test_numbers_are_not_touched() -> None:
    assert as_json(b' {"a" : 1.50, "b": 123456789012345678901234567890} ') == (
        b'{"a":1.50,"b":123456789012345678901234567890}'
    )


@pytest.mark.parametrize("value", [b"", b"{", b"not", b"{} {}", b"\xff"])
def test_what_is_no_json_is_refused(value: bytes) -> None:
    with pytest.raises(NotJson):
        as_json(value)
