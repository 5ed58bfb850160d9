"""What the operators of Lua do; compiled scripts call these. Errors are LuaError, worded as gopher-lua words them."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from types import FunctionType
from typing import Final

from sensors.languages.go.arithmetic import divide, power
from sensors.languages.lua.json import unfolded
from sensors.languages.lua.numbers import modulo, number_text, parse_number
from sensors.languages.lua.run import MEMBER_SIZE, PLACE_SIZE, TABLE_SIZE, Run, fail
from sensors.languages.lua.values import Table, Value, as_text, first, is_true, type_name

_CHAIN: Final = 100
"""Tables that a metatable may lead to, one after the other."""

_LONG: Final = 4096
"""Characters from which on comparing texts is work that counts."""


def index(run: Run, base: Value, key: Value) -> Value:
    """`base[key]`"""
    if base.__class__ is Table:
        value = base.get(key)
        if value is not None or base.meta is None:
            return value
    for _ in range(_CHAIN):
        is_table = isinstance(base, Table)
        if is_table and (value := unfolded(base).get(key)) is not None:
            return value
        handler = run.metamethod(base, "__index")
        if handler is None:
            if is_table:
                return None
            raise fail(f"attempt to index a non-table object({type_name(base)}) with key '{_shown(run, key)}'")
        if handler.__class__ is FunctionType:
            return first(run.call(handler, base, key))
        base = handler
    raise fail("too many recursions in gettable")


def field(run: Run, base: Value, name: str) -> Value:
    """`base.name`"""
    if base.__class__ is Table:
        value = base.hash.get(name)
        if value is not None or base.meta is None:
            return value
    return index(run, base, name)


def set_index(run: Run, base: Value, key: Value, value: Value) -> None:
    """`base[key] = value`"""
    for _ in range(_CHAIN):
        is_table = isinstance(base, Table)
        if is_table and (unfolded(base).meta is None or base.get(key) is not None):
            run.set(base, key, value)
            return
        handler = run.metamethod(base, "__newindex")
        if handler is None:
            if not is_table:
                raise fail(f"attempt to index a non-table object({type_name(base)}) with key '{_shown(run, key)}'")
            run.set(base, key, value)
            return
        if handler.__class__ is FunctionType:
            run.call(handler, base, key, value)
            return
        base = handler
    raise fail("too many recursions in settable")


def set_field(run: Run, base: Value, name: str, value: Value) -> None:
    """`base.name = value`"""
    if base.__class__ is Table and base.meta is None:
        if name in base.hash:
            base.hash[name] = value
        elif value is not None:
            run.take(MEMBER_SIZE)
            base.hash[name] = value
    else:
        set_index(run, base, name, value)


def make_table(run: Run, array: list[Value], hash: dict[str, Value]) -> Table:
    """`{…}` whose members have names."""
    run.take(TABLE_SIZE + PLACE_SIZE * len(array) + MEMBER_SIZE * len(hash))
    return Table(hash, array)


def make_mixed_table(run: Run, array: list[Value], members: list[tuple[Value, Value]]) -> Table:
    """`{…}` with keys of any kind; places that are given twice are those of the list."""
    table = make_table(run, [], {})
    for key, value in members:
        run.set(table, key, value)
    for place, value in enumerate(array, 1):
        run.set(table, float(place), value)
    return table


def length(run: Run, value: Value) -> Value:
    """`#value`"""
    if value.__class__ is str:
        return float(len(value))
    handler = run.metamethod(value, "__len")
    if handler.__class__ is FunctionType:
        return first(run.call(handler, value))
    if not isinstance(value, Table):
        raise fail("__len undefined")
    return float(border(run, value))


def border(run: Run, table: Table) -> int:
    """The length of a table without asking its metatable."""
    found = unfolded(table).border()
    run.spend((len(table.array) - found) // 8)
    return found


def negate(run: Run, value: Value) -> Value:
    """`-value`"""
    if value.__class__ is float:
        return -value
    handler = run.metamethod(value, "__unm")
    if handler.__class__ is FunctionType:
        return first(run.call(handler, value))
    number = parse_number(value) if value.__class__ is str else None
    if number is None:
        raise fail("__unm undefined")
    return -number


def _arithmetic(name: str, compute: Callable[[float, float], float]) -> Callable[[Run, Value, Value], Value]:
    def calculate(run: Run, left: Value, right: Value) -> Value:
        if left.__class__ is float and right.__class__ is float:
            return compute(left, right)
        handler = _binary_handler(run, left, right, f"__{name}")
        if handler.__class__ is FunctionType:
            return first(run.call(handler, left, right))
        numbers = _number(left), _number(right)
        if numbers[0] is None or numbers[1] is None:
            kinds = (
                type_name(side if number is None else number)
                for side, number in zip((left, right), numbers, strict=True)
            )
            raise fail(f"cannot perform {name} operation between {' and '.join(kinds)}")
        return compute(*numbers)  # type: ignore[arg-type]

    return calculate


def _number(value: Value) -> float | None:
    if value.__class__ is str:
        return parse_number(value)
    return value if value.__class__ is float else None


def _binary_handler(run: Run, left: Value, right: Value, event: str) -> Value:
    handler = run.metamethod(left, event)
    return run.metamethod(right, event) if handler is None else handler


add: Final = _arithmetic("add", operator.add)
subtract: Final = _arithmetic("sub", operator.sub)
multiply: Final = _arithmetic("mul", operator.mul)
divided: Final = _arithmetic("div", divide)
remainder: Final = _arithmetic("mod", modulo)
raised: Final = _arithmetic("pow", power)


def concatenate(run: Run, *terms: Value) -> Value:
    """`a .. b .. c`, from the right to the left."""
    texts = [as_text(term) for term in terms]
    if None not in texts:
        return join(run, texts)
    result = terms[-1]
    for term in reversed(terms[:-1]):
        left, right = as_text(term), as_text(result)
        if left is not None and right is not None:
            result = join(run, [left, right])
            continue
        handler = _binary_handler(run, term, result, "__concat")
        if handler.__class__ is not FunctionType:
            raise fail(f"cannot perform concat operation between {type_name(term)} and {type_name(result)}")
        result = first(run.call(handler, term, result))
    return result


def join(run: Run, texts: list[str | None], separator: str = "") -> str:
    """One text of several, none of which is None."""
    run.take(sum(map(len, texts)) + len(separator) * len(texts))  # type: ignore[arg-type]
    return separator.join(texts)  # type: ignore[arg-type]


def equal(run: Run, left: Value, right: Value) -> bool:
    """`left == right`"""
    kind = left.__class__
    if kind is float or kind is str:
        if right.__class__ is not kind:
            return False
        if kind is str and len(left) > _LONG:
            run.read(len(left))
        return bool(left == right)
    if left is right:
        return True
    return isinstance(left, Table) and isinstance(right, Table) and _ordered(run, left, right, "__eq") is True


def less(run: Run, left: Value, right: Value) -> bool:
    """`left < right`"""
    kind = left.__class__
    if kind is right.__class__ and (kind is float or kind is str):
        if kind is str and len(left) > _LONG:
            run.read(len(left))
        return bool(left < right)
    return _less_by_handler(run, left, right)


def less_or_equal(run: Run, left: Value, right: Value) -> bool:
    """`left <= right`"""
    kind = left.__class__
    if kind is right.__class__ and (kind is float or kind is str):
        if kind is str and len(left) > _LONG:
            run.read(len(left))
        return bool(left <= right)
    if type_name(left) == type_name(right) and (answer := _ordered(run, left, right, "__le")) is not None:
        return answer
    return not _less_by_handler(run, right, left)


def greater(run: Run, left: Value, right: Value) -> bool:
    """`left > right`"""
    return less(run, right, left)


def greater_or_equal(run: Run, left: Value, right: Value) -> bool:
    """`left >= right`"""
    return less_or_equal(run, right, left)


def _less_by_handler(run: Run, left: Value, right: Value) -> bool:
    if type_name(left) == type_name(right) and (answer := _ordered(run, left, right, "__lt")) is not None:
        return answer
    raise fail(f"attempt to compare {type_name(left)} with {type_name(right)}")


def _ordered(run: Run, left: Value, right: Value, event: str) -> bool | None:
    """What the handler that both sides share says, None if there is none."""
    handler = run.metamethod(left, event)
    if handler.__class__ is not FunctionType or handler is not run.metamethod(right, event):
        return None
    return is_true(first(run.call(handler, left, right)))


def counting(run: Run, start: Value, stop: Value, step: Value) -> tuple[float, float, float]:
    """The numbers of a counting `for`, which begins a step before its start. Raises LuaError if one is no number."""
    for name, value in (("init", start), ("limit", stop), ("step", step)):
        if value.__class__ is not float:
            raise fail(f"for statement {name} must be a number")
    return start - step, stop, step


def _shown(run: Run, key: Value) -> str:
    return text_of(run, key)


def text_of(run: Run, value: Value) -> str:
    """A value as text, without asking its metatable."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return number_text(value)
        case None:
            return "nil"
        case _:
            return run.name(value)


NAMES: Final = {
    "index": index,
    "field": field,
    "set_index": set_index,
    "set_field": set_field,
    "make_table": make_table,
    "make_mixed_table": make_mixed_table,
    "length": length,
    "negate": negate,
    "add": add,
    "subtract": subtract,
    "multiply": multiply,
    "divided": divided,
    "remainder": remainder,
    "raised": raised,
    "concatenate": concatenate,
    "equal": equal,
    "less": less,
    "less_or_equal": less_or_equal,
    "greater": greater,
    "greater_or_equal": greater_or_equal,
    "counting": counting,
    "inf": math.inf,
    "nan": math.nan,
}
"""What compiled scripts know these functions by."""
