"""Queries of jq about an event's data, for tests."""

from __future__ import annotations

from typing import Any, Final

import pytest

from sensors.languages.jq.query import QueryError, compile_query

DATA: Final[dict[str, Any]] = {
    "ref": "refs/heads/main",
    "n": 42,
    "half": 0.5,
    "yes": True,
    "nothing": None,
    "text": "a b,c",
    "accents": "Grüße 世",
    "tags": ["red", "green"],
    "numbers": [3, 1, 2],
    "nested": [[1, 2], [3]],
    "mixed": [1, "x", None, True, {"k": "v"}, [1]],
    "object": {"k": "v", "m": {"x": 1}},
    "users": [{"name": "ann", "age": 30}, {"name": "bob", "age": 25}],
    "json": '{"x":1}',
    "stamp": "2015-03-05T23:51:47Z",
    "empty": [],
}


def outputs(query: str, data: dict[str, Any] | None = None) -> Any:
    """All that a query gives."""
    return compile_query(f"[{query}\n]").first(DATA if data is None else data)


def failure(query: str, data: dict[str, Any] | None = None) -> str:
    """What the error of a query says."""
    with pytest.raises(QueryError) as caught:
        compile_query(query).first(DATA if data is None else data)
    return str(caught.value)
