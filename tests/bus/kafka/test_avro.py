"""Avro values and JSON."""

from __future__ import annotations

import io
from typing import Any

import fastavro
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.kafka.avro import Mismatch, from_json, parse_schema, to_json

ORDER: dict[str, Any] = {
    "type": "record",
    "name": "Order",
    "namespace": "shop",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "note", "type": ["null", "string"], "default": None},
        {"name": "price", "type": "double"},
        {"name": "raw", "type": "bytes", "default": ""},
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
        {
            "name": "by",
            "type": ["null", {"type": "record", "name": "Person", "fields": [{"name": "n", "type": "int"}]}],
        },
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "default": 0},
    ],
}
SCHEMA = parse_schema(orjson.dumps(ORDER).decode())

orders = st.fixed_dictionaries(
    {
        "id": st.integers(-(1 << 63), (1 << 63) - 1),
        "note": st.none() | st.text(),
        "price": st.floats(allow_nan=False, allow_infinity=False),
        "raw": st.binary(),
        "tags": st.lists(st.text(), max_size=3),
        "by": st.none() | st.fixed_dictionaries({"n": st.integers(-(1 << 31), (1 << 31) - 1)}),
        "at": st.integers(0, 1 << 40),
    }
)


def binary(value: Any) -> bytes:
    target = io.BytesIO()
    fastavro.schemaless_writer(target, SCHEMA, value)
    return target.getvalue()


@given(orders)
def test_what_was_read_can_be_written_again(order: dict[str, Any]) -> None:
    value = binary(order)
    assert from_json(SCHEMA, to_json(SCHEMA, value)) == value


def test_the_json_is_avros_own() -> None:
    order = {"id": 1, "note": "ü", "price": 2, "raw": b"\xff", "tags": ["a"], "by": {"n": 3}, "at": 5}
    assert orjson.loads(to_json(SCHEMA, binary(order))) == {
        "id": 1,
        "note": {"string": "ü"},
        "price": 2.0,
        "raw": "ÿ",
        "tags": ["a"],
        "by": {"shop.Person": {"n": 3}},
        "at": 5,
    }


def test_plain_json_can_be_written() -> None:
    fields = [each for each in ORDER["fields"] if each["name"] != "raw"]
    schema = parse_schema(orjson.dumps({**ORDER, "fields": fields}).decode())
    written = from_json(schema, b'{"id": 1, "note": "x", "price": 2, "by": {"n": 3}}')
    assert orjson.loads(to_json(schema, written)) == {
        "id": 1,
        "note": {"string": "x"},
        "price": 2.0,
        "tags": [],
        "by": {"shop.Person": {"n": 3}},
        "at": 0,
    }


@pytest.mark.parametrize("text", [b"{", b"[]", b'"x"', b"{}", b'{"id": "one"}', b"null"])
def test_what_does_not_fit_is_refused(text: bytes) -> None:
    with pytest.raises(Mismatch):
        from_json(SCHEMA, text)


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(value: bytes) -> None:
    try:
        orjson.loads(to_json(SCHEMA, value))
    except Mismatch as error:
        assert error.what.isprintable()


def test_nothing_may_follow() -> None:
    order: dict[str, Any] = {"id": 1, "note": None, "price": 2, "raw": b"", "tags": [], "by": None, "at": 5}
    with pytest.raises(Mismatch, match="2 bytes follow the value"):
        to_json(SCHEMA, binary(order) + b"xx")


@pytest.mark.parametrize("text", ["{", "5", "null", '{"type": "nope"}', '{"type": "record"}'])
def test_what_is_no_schema_is_refused(text: str) -> None:
    with pytest.raises(Mismatch, match="it is no Avro schema"):
        parse_schema(text)
