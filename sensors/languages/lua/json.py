"""JSON -> Lua -> JSON, as Argo Events converts an event's data for a script and the table that it returns.

Much is lost on the way: members that are null, in a list everything that is null or a list itself, and of an empty list
that it was a list. A table with a place becomes a list, whatever else it has.
"""

from __future__ import annotations

import math
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from sensors.languages.go.numbers import json_number
from sensors.languages.go.text import from_bytes, valid
from sensors.languages.lua.numbers import number_text
from sensors.languages.lua.values import Table, Value, truth_of, type_name

if TYPE_CHECKING:
    from sensors.languages.budget import Budget

_NESTING: Final = 200
"""Tables within one another; a table may contain itself."""

_BY_NAME: Final = itemgetter(0)

FOREIGN: Final = Table({}, [])
"""Stands for the metatable of a table that comes from JSON: it has none, and gopher-lua fails when asked for it."""


class ForeignTable(Table):
    """A table that is still JSON: an object in `hash`, or a list in `array`, until it is first looked into."""

    __slots__ = ()

    def unfold(self) -> None:
        """Become a table like any other; what lies deeper waits for its turn."""
        self.array = [_from_json(item) for item in self.array if item is not None and item.__class__ is not list]
        self.hash = {_to_text(name): _from_json(value) for name, value in self.hash.items() if value is not None}
        self.meta = FOREIGN
        self.__class__ = Table  # type: ignore[assignment]


def unfolded(table: Table) -> Table:
    if table.__class__ is ForeignTable:
        table.unfold()
    return table


def from_object(data: dict[str, Any]) -> Table:
    """The table of a JSON object, which nobody may change meanwhile."""
    return ForeignTable(data, [])


def _from_json(value: Any) -> Value:
    kind = value.__class__
    if kind is str:
        return value if value.isascii() else value.encode(errors="replace").decode("latin-1")
    if kind is dict:
        return ForeignTable(value, [])
    if kind is list:
        return ForeignTable({}, value)
    return float(value) if kind is int else value


def _to_text(name: str) -> str:
    return name if name.isascii() else name.encode(errors="replace").decode("latin-1")


def from_lua(value: Value, budget: Budget) -> Any:
    """The JSON value of a value of Lua. Raises ValueError for what JSON does not have."""
    return _Conversion(budget).value(value)


class _Conversion:
    """From Lua to JSON, which counts like all else that a script does."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._nesting = 0

    def value(self, value: Value) -> Any:
        kind = value.__class__
        if kind is str:
            return value if value.isascii() else _text(value)
        if kind is float:
            if not math.isfinite(value):
                raise ValueError(f"{number_text(value)} is no number in JSON")
            return json_number(value)
        if kind is bool or value is None:
            return value
        if kind is Table:
            return self._object_or_list(value)
        if kind is ForeignTable:
            return _untouched(value.array if value.array else value.hash)
        raise ValueError(f"a {type_name(value)} is nothing that JSON has")

    def _object_or_list(self, table: Table) -> Any:
        length = table.border()
        self._budget.spend(1 + len(table.hash) + len(table.array))
        self._nesting += 1
        if self._nesting > _NESTING:
            raise ValueError(f"tables lie more than {_NESTING} deep within one another")
        if length or (table.meta is not None and table.meta.hash.get("__is_array") is True):
            result: Any = [self.value(value) for value in table.array[:length]]
        else:
            # Go writes the members of a map in the order of their names.
            members = [(_name(key), value) for key, value in table.hash.items() if value is not None]
            result = {name: self.value(value) for name, value in sorted(members, key=_BY_NAME)}
        self._nesting -= 1
        return result


def _untouched(value: Any) -> Any:
    """What becomes of JSON that no script has looked into."""
    kind = value.__class__
    if kind is dict:
        return {name: _untouched(member) for name, member in sorted(value.items()) if member is not None}
    if kind is list:
        kept = [_untouched(item) for item in value if item is not None and item.__class__ is not list]
        return kept or {}
    return json_number(float(value)) if kind is int or kind is float else value


def _name(key: Value) -> str:
    if key.__class__ is str:
        return key if key.isascii() else _text(key)
    if key.__class__ is float:
        return number_text(key)
    if (truth := truth_of(key)) is not None:
        return "true" if truth else "false"
    raise ValueError(f"a {type_name(key)} cannot be a name in JSON")


def _text(value: str) -> str:
    return valid(from_bytes(value.encode("latin-1")))
