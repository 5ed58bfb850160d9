"""Arguments of library functions: what a function of Lua takes for a number, a text or a table. All raise LuaError."""

from __future__ import annotations

from types import FunctionType

from sensors.languages.lua.json import unfolded
from sensors.languages.lua.numbers import parse_number, truncate
from sensors.languages.lua.run import fail
from sensors.languages.lua.values import Function, LuaError, Table, Value, as_text, type_name


def wrong(number: int, problem: str) -> LuaError:
    return fail(f"bad argument #{number} ({problem})")


def _unfit(number: int, wanted: str, value: Value) -> LuaError:
    return wrong(number, f"{wanted} expected, got {type_name(value)}")


def check_any(arguments: tuple[Value, ...], number: int) -> Value:
    """An argument that has to be there, be it nil."""
    if len(arguments) < number:
        raise wrong(number, "value expected")
    return arguments[number - 1]


def check_text(value: Value, number: int) -> str:
    """A text, or a number as text."""
    text = as_text(value)
    if text is None:
        raise _unfit(number, "string", value)
    return text


def check_number(value: Value, number: int) -> float:
    """A number, or a text that is one."""
    found = parse_number(value) if value.__class__ is str else value
    if found.__class__ is not float:
        raise _unfit(number, "number", value)
    return found


def check_integer(value: Value, number: int) -> int:
    """A number, without what follows its point; a text is none."""
    if value.__class__ is not float:
        raise _unfit(number, "number", value)
    return truncate(value)


def optional_integer(value: Value, number: int, default: int) -> int:
    return default if value is None else check_integer(value, number)


def optional_text(value: Value, number: int, default: str) -> str:
    """A text; here, a number is none."""
    if value is None:
        return default
    if value.__class__ is not str:
        raise _unfit(number, "string", value)
    return value


def check_table(value: Value, number: int) -> Table:
    if not isinstance(value, Table):
        raise _unfit(number, "table", value)
    return unfolded(value)


def check_function(value: Value, number: int) -> Function:
    if value.__class__ is not FunctionType:
        raise _unfit(number, "function", value)
    return value
