"""The builtins of expr-lang that take values as they are: numbers, lists, maps. Each takes exact kinds and raises GoError."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sensors.languages.exprlang.operators import fetch, less, more, text
from sensors.languages.exprlang.texts import TEXTS
from sensors.languages.exprlang.values import (
    FLOATS,
    INTEGERS,
    AnyMap,
    GoFunction,
    Pair,
    Pairs,
    is_signed,
    keys_of,
    length,
    look_up,
    sliced,
)
from sensors.languages.gjson.result import read_float
from sensors.languages.go.format import show
from sensors.languages.go.limits import GoError
from sensors.languages.go.numbers import fits, read_integer, truncate, wrap
from sensors.languages.go.time import SECOND, Time
from sensors.languages.go.values import Int, elements, type_of

_KINDS: Final = {
    type(None): "nil",
    bool: "bool",
    int: "float",
    float: "float",
    str: "string",
    GoFunction: "func",
}


def _type(value: Any) -> str:
    if (known := _KINDS.get(value.__class__)) is not None:
        return known
    if isinstance(value, list):
        return "array"
    if isinstance(value, dict):
        return "map"
    if value.__class__ in INTEGERS:
        return "uint" if value.go_kind.startswith("u") else "int"
    return type_of(value)


def _abs(value: Any) -> Any:
    if value.__class__ in FLOATS:
        return abs(float(value))
    if value.__class__ in INTEGERS:
        return value.__class__.wrap(abs(value))
    raise GoError(f"abs wants a number, found {type_of(value)}")


def _rounded(name: str, rounding: Callable[[float], float]) -> Callable[[Any], float]:
    def run(value: Any) -> float:
        if value.__class__ in INTEGERS:
            return float(value)
        if value.__class__ not in FLOATS:
            raise GoError(f"{name} wants a number, found {type_of(value)}")
        number = float(value)
        return math.copysign(rounding(number), number) if math.isfinite(number) else number

    return run


def _half_away(number: float) -> float:
    whole = math.floor(abs(number))
    return math.copysign(whole + (abs(number) - whole >= 0.5), number)


def to_integer(value: Any) -> Int:
    """`int`: a number cut to an integer, or the one that a text holds."""
    if value.__class__ in FLOATS:
        return Int(truncate(float(value)))
    if value.__class__ in INTEGERS:
        return Int(wrap(value))
    if value.__class__ is str:
        try:
            number = read_integer(value, 10)
        except ValueError:
            number = 1 << 64
        if fits(number):
            return Int(number)
        raise GoError("the text holds no integer")
    raise GoError(f"int wants a number or a text, found {type_of(value)}")


def to_number(value: Any) -> float:
    """`float`: a number as a double, or the one that a text holds."""
    if value.__class__ in FLOATS or value.__class__ in INTEGERS:
        return float(value)
    if value.__class__ is str:
        try:
            return read_float(value)
        except (ValueError, OverflowError):
            raise GoError("the text holds no number") from None
    raise GoError(f"float wants a number or a text, found {type_of(value)}")


def _extreme(is_worse: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    def run(*values: Any) -> Any:
        best = None
        for value in values:
            if best is None or is_worse(best, value):
                best = value
        return best

    return run


def _numbers(name: str, values: Any) -> Iterable[Any]:
    for value in _list(name, values):
        if value.__class__ not in FLOATS and not is_signed(value):
            raise GoError(f"{name} wants numbers, found {type_of(value)}")
        yield value


def _list(name: str, values: Any) -> list[Any]:
    if not isinstance(values, list):
        raise GoError(f"{name} wants a list, found {type_of(values)}")
    return values


def _map(name: str, values: Any) -> dict[Any, Any]:
    if not isinstance(values, dict):
        raise GoError(f"{name} wants a map, found {type_of(values)}")
    return values


def _sum(values: Any) -> Any:
    total: Any = 0
    for value in _numbers("sum", values):
        total = total + (float(value) if value.__class__ in FLOATS else int(value))
    return total if total.__class__ is float else Int.wrap(total)


def _mean(values: Any) -> float:
    numbers = [float(value) for value in _numbers("mean", values)]
    total = 0.0
    for number in numbers:
        total += number
    return total / len(numbers) if numbers else 0.0


def _median(values: Any) -> float:
    numbers = sorted(float(value) for value in _numbers("median", values))
    if not numbers:
        return 0.0
    middle = len(numbers) // 2
    return numbers[middle] if len(numbers) % 2 else (numbers[middle - 1] + numbers[middle]) / 2


def _get(value: Any, key: Any) -> Any:
    try:
        return fetch(value, key)
    except GoError:
        return None


def _take(values: Any, count: Any) -> Any:
    taken = _list("take", values)
    if not is_signed(count):
        raise GoError(f"take wants an integer, found {type_of(count)}")
    if count < 0:
        raise GoError("fewer than no elements are taken")
    return taken if count > len(taken) else sliced(taken, 0, int(count))


def _to_pairs(values: Any) -> Pairs:
    found = _map("toPairs", values)
    return Pairs(Pair((key, look_up(found, key))) for key in keys_of(found))


def _from_pairs(values: Any) -> AnyMap:
    made = AnyMap()
    for pair in _list("fromPairs", values):
        if not isinstance(pair, list) or len(pair) != 2:
            raise GoError("fromPairs wants lists of a key and a value")
        made[AnyMap.key(pair[0])] = pair[1]
    return made


def _sort(values: Any, direction: Any = "asc") -> list[Any]:
    return _sorted("sort", values, "", direction)


def _sort_by(values: Any, field: Any, direction: Any = "asc") -> list[Any]:
    return _sorted("sortBy", values, text(field), direction)


def _sorted(name: str, values: Any, field: str, direction: Any) -> list[Any]:
    found = list(elements(_list(name, values)))
    if text(direction) not in ("asc", "desc"):
        raise GoError(f"{name} sorts 'asc' or 'desc'")
    keys = [_sort_key(name, value, field) for value in found]
    if len({type_of(key) for key in keys}) > 1:
        raise GoError(f"{name} wants values of one kind")
    if len(keys) > 1 and not (keys[0].__class__ in (int, float, str) or is_signed(keys[0])):
        raise GoError(f"{name} cannot put {type_of(keys[0])} in order")
    order = sorted(range(len(found)), key=keys.__getitem__, reverse=direction == "desc")
    return [found[index] for index in order]


def _sort_key(name: str, value: Any, field: str) -> Any:
    if isinstance(value, dict):
        if field not in value:
            raise GoError(f"{name} finds no '{field}' in one of the maps")
        return value[field]
    if value.__class__ is Time:
        raise GoError(f"{name} cannot put moments in order")
    return value


def _now() -> Time:
    seconds, nanoseconds = divmod(time.time_ns(), SECOND)
    return Time(seconds, nanoseconds)


FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    **TEXTS,
    "len": lambda value: Int(length(value)),
    "type": _type,
    "abs": _abs,
    "ceil": _rounded("ceil", math.ceil),
    "floor": _rounded("floor", math.floor),
    "round": _rounded("round", _half_away),
    "int": to_integer,
    "float": to_number,
    "string": show,
    "max": _extreme(less),
    "min": _extreme(more),
    "sum": _sum,
    "mean": _mean,
    "median": _median,
    "now": _now,
    "first": lambda values: _get(values, Int(0)),
    "last": lambda values: _get(values, Int(-1)),
    "get": _get,
    "take": _take,
    "keys": lambda values: list(keys_of(_map("keys", values))),
    "values": lambda values: list(_map("values", values).values()),
    "toPairs": _to_pairs,
    "fromPairs": _from_pairs,
    "sort": _sort,
    "sortBy": _sort_by,
}
"""All builtins but those that ask something of each element, by name."""
