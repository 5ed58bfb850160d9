"""What Go prints of a value for `%v`, the text that concatenation and `string()` make of anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sensors.languages.go_numbers import format_shortest


def print_value(value: Any) -> str:
    """The text of a JSON value, or of one whose class says what Go prints of it: `[1 b]`, `map[a:1 b:<nil>]`."""
    match value:
        case str():
            return value
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case float():
            return format_shortest(value)
        case dict():
            pairs = (f"{print_value(key)}:{print_value(value[key])}" for key in _sorted(value))
            return f"map[{' '.join(pairs)}]"
        case list() | tuple() | range():
            return f"[{' '.join(map(print_value, value))}]"
    return str(value)


def _sorted(keys: Iterable[Any]) -> list[Any]:
    try:
        return sorted(keys)
    except TypeError:  # keys of several kinds, of which Go's order is by kind
        return sorted(keys, key=lambda key: (str(type(key)), key))
