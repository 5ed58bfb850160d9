"""Values of Lua as Python holds them.

Nil, truths and numbers are None, bool and float, never int. A text is a `str` whose characters stand for bytes. Functions
are Python functions of a `Run` and the arguments; they return one value, or a tuple of any number of values, which is
no value of Lua itself. Tables work as those of gopher-lua do, down to the order of their members.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any, Final, TypeAlias

from sensors.languages.lua.numbers import number_text

Value: TypeAlias = Any
"""A value, or the tuple of values that a function returns."""

Function: TypeAlias = Callable[..., Value]

ARRAY_MOST: Final = 67_108_864
"""From this whole number on, keys of a table are no places in its list."""

_TRUTHS: Final = (object(), object())
"""Stand for false and true as keys, which to Python would be the numbers 0 and 1."""

_TRUTH_OF: Final = dict(zip(_TRUTHS, (False, True), strict=True))
_TYPES: Final = {bool: "boolean", float: "number", str: "string", FunctionType: "function"}


class LuaError(Exception):
    """An error that a script can catch; the value is usually a text that begins with the place, as in `<string>:1: boom`."""

    def __init__(self, value: Value) -> None:
        super().__init__(value)
        self.value = value


class Table:
    """`array` holds what has the keys 1, 2, …; `hash` the rest in the order of its coming. What was deleted stays as None."""

    __slots__ = ("_order", "array", "hash", "meta")

    def __init__(self, hash: dict[Any, Value], array: list[Value], meta: Table | None = None) -> None:
        self.hash = hash
        self.array = array
        self.meta = meta
        self._order: tuple[Sequence[Any], dict[Any, int]] = ((), {})

    def get(self, key: Value) -> Value:
        """What has this key, without asking the metatable."""
        if key.__class__ is float:
            if key.is_integer() and 0 < key < ARRAY_MOST:
                place = int(key)
                return self.array[place - 1] if place <= len(self.array) else None
        elif key.__class__ is bool:
            key = _TRUTHS[key]
        return self.hash.get(key)

    def set(self, key: Value, value: Value) -> None:
        """Give a key, neither nil nor NaN, a value."""
        if key.__class__ is float:
            if key.is_integer() and 0 < key < ARRAY_MOST:
                return self._set_place(int(key), value)
        elif key.__class__ is bool:
            key = _TRUTHS[key]
        if value is not None or key in self.hash:
            self.hash[key] = value
        return None

    def _set_place(self, place: int, value: Value) -> None:
        array = self.array
        missing = place - len(array) - 1
        if missing < 0:
            array[place - 1] = value
            return
        if missing:
            array += [None] * missing
        array.append(value)

    def border(self) -> int:
        """The last place that is not nil."""
        array = self.array
        length = len(array)
        while length and array[length - 1] is None:
            length -= 1
        return length

    def next(self, key: Value) -> tuple[Value, Value]:
        """The member after the one of this key, the first one for nil; (nil, nil) after the last.

        An unknown key stands for the first one of `hash`, as in gopher-lua.
        """
        first = 0
        if key is None or (key.__class__ is float and key.is_integer() and 0 < key <= len(self.array)):
            for place in range(int(key or 0), len(self.array)):
                if (value := self.array[place]) is not None:
                    return float(place + 1), value
        else:
            first = self._ordered()[1].get(_TRUTHS[key] if key.__class__ is bool else key, 1)
        keys = self._ordered()[0]
        for at in range(first, len(keys)):
            if (value := self.hash[keys[at]]) is not None:
                return _TRUTH_OF.get(keys[at], keys[at]), value
        return None, None

    def _ordered(self) -> tuple[Sequence[Any], dict[Any, int]]:
        """The keys of `hash` in their order, and for each the place of the following one. None is ever removed."""
        if len(self._order[0]) != len(self.hash):
            keys = list(self.hash)
            self._order = keys, {key: place for place, key in enumerate(keys, 1)}
        return self._order


def truth_of(key: Any) -> bool | None:
    """The truth that a key of `hash` stands for, if it is one."""
    return _TRUTH_OF.get(key)


def type_name(value: Value) -> str:
    if value is None:
        return "nil"
    if isinstance(value, Table):
        return "table"
    return _TYPES.get(value.__class__) or "thread"


def spread(value: Value) -> tuple[Value, ...]:
    """All values that a function returned."""
    return value if value.__class__ is tuple else (value,)


def first(value: Value) -> Value:
    """The first of the values that a function returned."""
    if value.__class__ is not tuple:
        return value
    return value[0] if value else None


def is_true(value: Value) -> bool:
    return value is not None and value is not False


def as_text(value: Value) -> str | None:
    """A text or number as text; None for anything else."""
    if value.__class__ is str:
        return value
    return number_text(value) if value.__class__ is float else None
