"""Avro values to JSON and back, by the `fastavro` library.

JSON is Avro's own encoding of it (Avro 1.12, "JSON Encoding"): a union's value that is not null is an object with its type as
key, bytes are a string of the characters U+0000 to U+00FF. When writing, plain JSON without such objects does as well.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import fastavro
import orjson

from config.errors import EventyardError

if TYPE_CHECKING:
    from fastavro.types import Schema

T = TypeVar("T")


class Mismatch(EventyardError):
    """A value that does not fit its schema, or a schema that cannot be used."""


def parse_schema(text: str) -> Schema:
    """A schema from its JSON. Raises Mismatch."""
    return _tried(lambda: fastavro.parse_schema(orjson.loads(text)), "it is no Avro schema")


def to_json(schema: Schema, value: bytes) -> bytes:
    """A value in Avro's binary encoding as JSON. Raises Mismatch, also if something follows the value."""
    source = io.BytesIO(value)

    def read() -> bytes:
        found = fastavro.schemaless_reader(source, schema, None)
        if source.tell() != len(value):
            raise ValueError(f"{len(value) - source.tell()} bytes follow the value")
        text = io.StringIO()
        fastavro.json_writer(text, schema, [found])
        return orjson.dumps(orjson.loads(text.getvalue()))

    return _tried(read, "it does not fit its schema")


def from_json(schema: Schema, text: bytes) -> bytes:
    """JSON as a value in Avro's binary encoding. Raises Mismatch."""
    value = _tried(lambda: orjson.loads(text), "it is no JSON")
    try:
        (exact,) = fastavro.json_reader(io.StringIO(orjson.dumps(value).decode()), schema)
        return _binary(schema, exact)
    except Exception:
        return _tried(lambda: _binary(schema, value), "it does not fit the schema")


def _binary(schema: Schema, value: Any) -> bytes:
    target = io.BytesIO()
    fastavro.schemaless_writer(target, schema, value)
    return target.getvalue()


def _tried(action: Callable[[], T], what: str) -> T:
    try:
        return action()
    except Exception as error:
        # The library has no error of its own for this: it fails wherever it happens to notice.
        said = str(error) or type(error).__name__
        raise Mismatch(f"{what}: {' '.join(said.split())[:300]}") from None
