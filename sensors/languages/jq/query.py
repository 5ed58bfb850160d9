"""jq: text -> a compiled query -> its first output for an event's data.

Argo Events runs queries with gojq, whose answers these are: integers of any size, regular expressions of Go, names sorted. A
query is compiled to functions of Python, has no more of the machine than what is written in these files, and everything it
goes through and makes counts on its budget.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import time
from typing import Any, Final

from sensors.languages.budget import LimitExceeded
from sensors.languages.expression_error import ExpressionError as ExpressionError
from sensors.languages.go.numbers import json_number
from sensors.languages.jq.bindings import Scope
from sensors.languages.jq.compiler import Compiler
from sensors.languages.jq.frames import Filter, Frame, Halt, Run
from sensors.languages.jq.parser import parse
from sensors.languages.jq.values import JqError, Value, to_float

_SHORT: Final = 100
"""Characters of a text that counts no more than any other value."""


class QueryError(ValueError):
    """A query that failed, took too long, gave nothing, or something that JSON does not have."""


@dataclass(frozen=True, slots=True)
class Query:
    """A compiled query."""

    text: str
    _filter: Filter

    def first(self, data: dict[str, Any], now: Callable[[], float] = time) -> Any:
        """The first output for a JSON object, as a JSON value: `data` itself if that is empty and comes out as it was.

        Raises QueryError.
        """
        run = Run(now)
        try:
            given = _doubles(data)
            for output, _ in self._filter(Frame(run), given, None):
                return data if output is given and not data else _to_json(run, output)
            raise QueryError("the query gives nothing")
        except JqError as error:
            raise QueryError(str(error)) from None
        except Halt:
            raise QueryError("the query halts") from None
        except LimitExceeded as error:
            raise QueryError(f"the query was stopped: {error}") from None
        except RecursionError:
            raise QueryError("the query was stopped: it goes too deep") from None


def compile_query(text: str) -> Query:
    """Raises ExpressionError for what is no jq."""
    try:
        return Query(text, Compiler(text).filter(parse(text), Scope()))
    except RecursionError:
        raise ExpressionError("the query is nested too deeply", text) from None


def _doubles(value: Any) -> Value:
    """JSON whose numbers are doubles, as they are in events."""
    kind = value.__class__
    if kind is int:
        return float(value)
    if kind is dict:
        return {name: _doubles(member) for name, member in value.items()}
    if kind is list:
        return [_doubles(item) for item in value]
    return value


def _to_json(run: Run, value: Value) -> Any:
    """A value as JSON, its names in their order. Raises QueryError for a number that JSON does not have."""
    kind = value.__class__
    if kind is str:
        if len(value) > _SHORT:
            run.take(len(value))
        return value
    if kind is float:
        if not math.isfinite(value):
            raise QueryError(f"{value} is no number in JSON")
        return json_number(value)
    if kind is int:
        return value if -(1 << 63) <= value < 1 << 64 else _to_json(run, to_float(value))
    if kind is dict:
        run.spend(len(value))
        return {name: _to_json(run, value[name]) for name in sorted(value)}
    if kind is list:
        run.spend(len(value))
        return [_to_json(run, item) for item in value]
    return value
