"""The functions of Lua that are global variables. Those that load code or reach out of the script do not exist here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sensors.languages.lua.arguments import (
    check_any,
    check_function,
    check_integer,
    check_table,
    optional_integer,
    optional_text,
    wrong,
)
from sensors.languages.lua.coroutine import Steps, invoke
from sensors.languages.lua.json import FOREIGN, unfolded
from sensors.languages.lua.numbers import to_number, truncate
from sensors.languages.lua.operators import border, text_of
from sensors.languages.lua.run import PLACE_SIZE, Run, fail, place
from sensors.languages.lua.values import LuaError, Table, Value, first, is_true, spread, type_name

if TYPE_CHECKING:
    from sensors.languages.lua.values import Function


def assert_(run: Run, *arguments: Value) -> Value:
    if not arguments or not is_true(arguments[0]):
        raise fail(optional_text(arguments[1] if len(arguments) > 1 else None, 2, "assertion failed!"))
    return arguments


def collect(run: Run, *_: Value) -> Value:
    return ()


def error(run: Run, *arguments: Value) -> Value:
    value = check_any(arguments, 1)
    level = optional_integer(arguments[1] if len(arguments) > 1 else None, 2, 1)
    if value.__class__ is str and level > 0:
        raise LuaError(f"{place(level)} {value}")
    raise LuaError(value)


def getmetatable(run: Run, *arguments: Value) -> Value:
    value = check_any(arguments, 1)
    meta = unfolded(value).meta if isinstance(value, Table) else run.metatables.get(type_name(value))
    if meta is None:
        return None
    if meta is FOREIGN:
        raise fail("a table of the event has no metatable, not even nil")
    protection = meta.hash.get("__metatable")
    return meta if protection is None else protection


def ipairs(run: Run, table: Value = None, *_: Value) -> Value:
    return next_place, check_table(table, 1), 0.0


def next_place(run: Run, table: Value = None, at: Value = None, *_: Value) -> Value:
    place = check_integer(at, 2)
    array = check_table(table, 1).array
    if not 0 <= place < len(array) or array[place] is None:
        return ()
    return float(place + 1), array[place]


def next_(run: Run, table: Value = None, key: Value = None, *_: Value) -> Value:
    members = check_table(table, 1)
    if key is None:
        run.spend(len(members.hash) // 8)
    member = members.next(key)
    return None if member[0] is None else member


def pairs(run: Run, table: Value = None, *_: Value) -> Value:
    return next_, check_table(table, 1), None


def pcall(run: Run, *arguments: Value) -> Value:
    if not _is_callable(run, check_any(arguments, 1)):
        return False, f"attempt to call a {type_name(arguments[0])} value"
    try:
        return (True, *spread(run.call(*arguments)))
    except LuaError as failure:
        return False, failure.value
    except RecursionError:
        return False, fail("stack overflow").value


def pcall_steps(run: Run, *arguments: Value) -> Steps:
    """The same where what is called may yield."""
    if not _is_callable(run, check_any(arguments, 1)):
        return False, f"attempt to call a {type_name(arguments[0])} value"
    try:
        return (True, *spread((yield from invoke(run, *arguments))))
    except LuaError as failure:
        return False, failure.value
    except RecursionError:
        return False, fail("stack overflow").value


def xpcall(run: Run, function: Value = None, handler: Value = None, *_: Value) -> Value:
    check_function(function, 1)
    handle = check_function(handler, 2)
    answer = pcall(run, function)
    return answer if answer[0] else _handled(run, handle, answer[1])


def xpcall_steps(run: Run, function: Value = None, handler: Value = None, *_: Value) -> Steps:
    """The same where what is called may yield."""
    check_function(function, 1)
    handle = check_function(handler, 2)
    answer = yield from pcall_steps(run, function)
    return answer if answer[0] else _handled(run, handle, answer[1])


def _handled(run: Run, handler: Function, value: Value) -> Value:
    try:
        return False, first(run.call(handler, value))
    except LuaError as failure:
        return False, failure.value


def _is_callable(run: Run, value: Value) -> bool:
    return type_name(value) == "function" or type_name(run.metamethod(value, "__call")) == "function"


def print_(run: Run, *_: Value) -> Value:
    """There is nobody to read it."""
    return ()


def rawequal(run: Run, *arguments: Value) -> Value:
    left, right = check_any(arguments, 1), check_any(arguments, 2)
    return left is right or (left.__class__ is right.__class__ and left.__class__ in (float, str) and left == right)


def rawget(run: Run, table: Value = None, *key: Value) -> Value:
    return check_table(table, 1).get(check_any((table, *key), 2))


def rawset(run: Run, table: Value = None, *member: Value) -> Value:
    key, value = check_any((table, *member), 2), check_any((table, *member), 3)
    run.set(check_table(table, 1), key, value)
    return ()


def select(run: Run, *arguments: Value) -> Value:
    choice = arguments[0] if arguments else None
    count = len(arguments)
    if choice == "#":
        return float(count - 1)
    if choice.__class__ is not float:
        raise wrong(1, f"number or string expected, got {type_name(choice)}")
    number = truncate(choice)
    number = count + number if number < 0 else min(number, count)
    if number < 1:
        raise wrong(1, "index out of range")
    return arguments[number:]


def setmetatable(run: Run, value: Value = None, meta: Value = None, *_: Value) -> Value:
    if meta is not None and not isinstance(meta, Table):
        raise wrong(2, f"nil or table expected, got {type_name(meta)}")
    if value is None:
        raise fail("cannot set metatable to a nil object.")
    present = value.meta if isinstance(value, Table) else run.metatables.get(type_name(value))
    if present is not None and present.hash.get("__metatable") is not None:
        raise fail("cannot change a protected metatable")
    if isinstance(meta, Table):
        unfolded(meta)
    if isinstance(value, Table):
        unfolded(value).meta = meta
    elif meta is None:
        run.metatables.pop(type_name(value), None)
    else:
        run.metatables[type_name(value)] = meta
    return value


def tonumber(run: Run, *arguments: Value) -> Value:
    value = check_any(arguments, 1)
    base = arguments[1] if len(arguments) > 1 else None
    number = optional_integer(base, 2, 10)
    if value.__class__ is str:
        return to_number(value, None if base is None else number)
    return value if value.__class__ is float else None


def tostring(run: Run, *arguments: Value) -> Value:
    value = check_any(arguments, 1)
    handler = run.metamethod(value, "__tostring")
    return text_of(run, value) if type_name(handler) != "function" else first(run.call(handler, value))


def type_(run: Run, *arguments: Value) -> Value:
    return type_name(check_any(arguments, 1))


def unpack(run: Run, table: Value = None, start: Value = None, stop: Value = None, *_: Value) -> Value:
    members = check_table(table, 1)
    begin = optional_integer(start, 2, 1)
    end = optional_integer(stop, 3, border(run, members))
    if end < begin:
        return ()
    run.take(PLACE_SIZE * (end - begin + 1))
    run.spend(end - begin + 1)
    array, length = members.array, len(members.array)
    return tuple(array[place - 1] if 0 < place <= length else None for place in range(begin, end + 1))


FUNCTIONS: Final = {
    "assert": assert_,
    "collectgarbage": collect,
    "error": error,
    "getmetatable": getmetatable,
    "ipairs": ipairs,
    "next": next_,
    "pairs": pairs,
    "pcall": pcall,
    "print": print_,
    "rawequal": rawequal,
    "rawget": rawget,
    "rawset": rawset,
    "select": select,
    "setmetatable": setmetatable,
    "tonumber": tonumber,
    "tostring": tostring,
    "type": type_,
    "unpack": unpack,
    "xpcall": xpcall,
}

FUNCTIONS_WITH_COROUTINES: Final = {**FUNCTIONS, "pcall": pcall_steps, "xpcall": xpcall_steps}
