"""The library `table`: lists, with the ways of gopher-lua where there are holes in them."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Final

from sensors.languages.lua.arguments import (
    check_any,
    check_function,
    check_integer,
    check_table,
    optional_integer,
    optional_text,
)
from sensors.languages.lua.operators import border, join, less
from sensors.languages.lua.run import PLACE_SIZE, Run, fail
from sensors.languages.lua.values import Value, as_text, first, is_true, type_name


def concat(run: Run, *arguments: Value) -> Value:
    table, separator, start, stop, *_ = (*arguments, None, None, None, None)
    members = check_table(table, 1)
    between = optional_text(separator, 2, "")
    length = border(run, members)
    begin, end = optional_integer(start, 3, 1), optional_integer(stop, 4, length)
    if len(arguments) == 3 and not 1 <= begin <= length:
        return ""
    begin, end = max(min(begin, length), 1), min(end, length)
    run.spend(max(end - begin, 0) // 4)
    texts = [as_text(value) for value in members.array[begin - 1 : max(end, 0)]]
    if None in texts:
        place = begin + texts.index(None)
        raise fail(f"invalid value ({type_name(members.array[place - 1])}) at index {place} in table for concat")
    return join(run, texts, between)


def insert(run: Run, *arguments: Value) -> Value:
    members = check_table(arguments[0] if arguments else None, 1)
    array = members.array
    if len(arguments) == 1:
        raise fail("wrong number of arguments")
    if len(arguments) == 2:
        if arguments[1] is not None:
            run.set(members, float(border(run, members) + 1), arguments[1])
        return ()
    place, value = check_integer(arguments[1], 2), check_any(arguments, 3)
    if 0 < place <= len(array):
        run.take(PLACE_SIZE)
        run.spend((len(array) - place) // 64)
        array.insert(place - 1, value)
    else:
        run.set(members, float(place), value)
    return ()


def maxn(run: Run, table: Value = None, *_: Value) -> Value:
    return float(border(run, check_table(table, 1)))


def remove(run: Run, *arguments: Value) -> Value:
    members = check_table(arguments[0] if arguments else None, 1)
    place = check_integer(arguments[1], 2) if len(arguments) > 1 else -1
    array = members.array
    if not array or place > len(array):
        return None
    run.spend((len(array) - place) // 64 if place > 0 else 0)
    return array.pop(place - 1 if place > 0 else -1)


def sort(run: Run, *arguments: Value) -> Value:
    members = check_table(arguments[0] if arguments else None, 1)
    function = check_function(arguments[1], 2) if len(arguments) > 1 else None

    def order(left: Value, right: Value) -> int:
        run.spend(1)
        if function is None:
            return -1 if less(run, left, right) else 1 if less(run, right, left) else 0
        return -1 if is_true(first(run.call(function, left, right))) else 1

    # A list that is being sorted is empty to Python, and whoever asks for its order may look into it.
    members.array[:] = sorted(members.array, key=cmp_to_key(order))
    return ()


FUNCTIONS: Final = {
    "concat": concat,
    "getn": maxn,
    "insert": insert,
    "maxn": maxn,
    "remove": remove,
    "sort": sort,
}
