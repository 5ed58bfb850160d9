"""One evaluation of a script: its global variables and its budget, and how errors tell their place."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from types import FrameType, FunctionType, GeneratorType
from typing import Final

from sensors.languages.budget import Budget
from sensors.languages.lua.values import ARRAY_MOST, Function, LuaError, Table, Value, type_name

SCRIPT: Final = "<lua>"
"""Name of the file that compiled scripts seem to come from; its lines are those of the script."""

TABLE_SIZE: Final = 200
"""Bytes of an empty table."""

MEMBER_SIZE: Final = 100
"""Bytes that one more member takes."""

PLACE_SIZE: Final = 16
"""Bytes that one more place in a list takes, with the number in it."""


class Run(Budget):
    """`metatables` are those of types whose values have none of their own, by the name of the type."""

    __slots__ = ("_names", "_random", "began", "coroutine", "globals", "metatables", "now")

    def __init__(self, globals: Table, strings: Table, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.now = now
        self.began = now()
        self.globals = globals
        self.metatables: dict[str, Table] = {"string": strings}
        self.coroutine: Value = None
        self._random: random.Random | None = None
        self._names: dict[int, tuple[Value, str]] = {}

    @property
    def random(self) -> random.Random:
        """Chance, which few scripts need and takes long to make."""
        if self._random is None:
            self._random = random.Random()  # noqa: S311
        return self._random

    def metamethod(self, value: Value, event: str) -> Value:
        """What the metatable of a value has for an event, or None."""
        meta = value.meta if isinstance(value, Table) else self.metatables.get(type_name(value))
        return None if meta is None else meta.hash.get(event)

    def function(self, value: Value) -> Function:
        """What is to be called where `value` is called. Raises LuaError."""
        if value.__class__ is FunctionType:
            return value
        handler = self.metamethod(value, "__call")
        if handler.__class__ is not FunctionType:
            raise fail("attempt to call a non-function object")
        return lambda run, *arguments: handler(run, value, *arguments)

    def call(self, value: Value, *arguments: Value) -> Value:
        """Call from within a function of the library, which cannot be left halfway. Raises LuaError."""
        result = self.function(value)(self, *arguments)
        if result.__class__ is GeneratorType:
            return complete(result)
        return result

    def set(self, table: Table, key: Value, value: Value) -> None:
        """Give a key a value, without asking the metatable. Raises LuaError if it can be no key."""
        if key is None or key != key:
            raise fail(f"table index is {'nil' if key is None else 'NaN'}")
        if key.__class__ is float and len(table.array) < key < ARRAY_MOST:
            self.take(PLACE_SIZE * int(key - len(table.array)))
        members = len(table.hash)
        table.set(key, value)
        if len(table.hash) > members:
            self.take(MEMBER_SIZE)

    def name(self, value: Value) -> str:
        """A text for what has none: its type and a number of its own."""
        if id(value) not in self._names:
            self._names[id(value)] = value, f"{type_name(value)}: 0x{len(self._names) + 1:08x}"
        return self._names[id(value)][1]


def complete(steps: GeneratorType[Value, Value, Value]) -> Value:
    """The result of a function of a script with coroutines. Raises LuaError if it yields."""
    try:
        next(steps)
    except StopIteration as stop:
        return stop.value
    steps.close()
    raise fail("can not yield from outside of a coroutine")


def fail(message: str, level: int = 1) -> LuaError:
    """An error in the line of the script that is being executed, or with a higher level in a caller of that function."""
    return LuaError(f"{place(level)} {message}")


def place(level: int = 1) -> str:
    """`<string>:LINE:`, as gopher-lua names it, to which level 2 is the same function as level 1."""
    outward = max(level - 2, 0)
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename == SCRIPT:
            if not outward:
                return f"<string>:{frame.f_lineno}:"
            outward -= 1
        frame = frame.f_back
    return ""
