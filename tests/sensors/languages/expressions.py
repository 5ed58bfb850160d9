"""An event's data, and what expressions of expr-lang say about it."""

from __future__ import annotations

from typing import Any

from sensors.languages.exprlang.program import compile_exprlang
from sensors.languages.go.format import show
from sensors.languages.go.values import type_of

DATA: dict[str, Any] = {
    "headers": {"X-Github-Event": ["push"]},
    "body": {
        "ref": "refs/heads/main",
        "n": 42,
        "half": 0.5,
        "million": 1000000,
        "yes": True,
        "no": False,
        "nothing": None,
        "text": "Hello World",
        "accents": "Grüße 世",
        "tags": ["red", "green", "blue"],
        "numbers": [3, 1, 2],
        "mixed": [1, "a", None, True],
        "users": [{"name": "ann", "age": 30}, {"name": "bob", "age": 25}, {"name": "cid"}],
        "object": {"k": "v", "a-b": 1},
        "empty": [],
        "json": '{"x":{"y":[1,2]}}',
        "day": "2026-03-14",
        "digits": "17",
    },
    "top": "level",
    "dash-key": "dashed",
    "dot.key": "dotted",
    "type": "builtin",
}


def value(expression: str, data: Any = None) -> Any:
    """What an expression says about the data."""
    return compile_exprlang(expression).evaluate(DATA if data is None else data)


def printed(expression: str) -> str:
    """Kind and value, as Go prints them."""
    found = value(expression)
    return f"{type_of(found)} {show(found)}"
