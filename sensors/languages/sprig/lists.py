"""sprig's functions of lists. They make new ones; `must…` differs in how it fails, which is the same to a template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sensors.languages.go.limits import GoError, check_items
from sensors.languages.go.values import (
    Comparison,
    GoInteger,
    Lists,
    NilList,
    described,
    elements,
    is_true,
    to_float,
    type_of,
)
from sensors.languages.gotemplate.functions import ANY, INT, Function
from sensors.languages.sprig.math import to_integer


def _listed(value: Any) -> list[Any]:
    """The elements of a list. Raises GoError for what is none."""
    if not isinstance(value, list):
        raise GoError(f"a list is wanted, not {described(value)}")
    return list(elements(value))


def _append(value: Any, element: Any) -> list[Any]:
    found = _listed(value)
    check_items(len(found))
    return [*found, element]


def _prepend(value: Any, element: Any) -> list[Any]:
    return [element, *_append(value, element)[:-1]]


def _first(value: Any) -> Any:
    return next(iter(_listed(value)), None)


def _last(value: Any) -> Any:
    found = _listed(value)
    return found[-1] if found else None


def _rest(value: Any) -> list[Any]:
    found = _listed(value)
    return found[1:] if found else NilList()


def _initial(value: Any) -> list[Any]:
    found = _listed(value)
    return found[:-1] if found else NilList()


def _reverse(value: Any) -> list[Any]:
    return _listed(value)[::-1]


def _compact(value: Any) -> list[Any]:
    return list(filter(is_true, _listed(value)))


class _Seen:
    """Values among which others are looked for: simple ones by what they are, lists and maps one by one."""

    def __init__(self) -> None:
        self._simple: set[tuple[str, Any]] = set()
        self._others: list[Any] = []
        self._comparison = Comparison()

    def add(self, value: Any) -> None:
        if (key := _key(value)) is None:
            self._others.append(value)
        else:
            self._simple.add(key)

    def __contains__(self, value: Any) -> bool:
        if (key := _key(value)) is not None:
            return key in self._simple and value == value
        return any(self._comparison.equal(value, other) for other in self._others)


def _key(value: Any) -> tuple[str, Any] | None:
    if value is None or isinstance(value, (str, float, bool, GoInteger)):
        return type_of(value), value
    return (type_of(value), to_float(value)) if value.__class__ is int else None


def _uniq(value: Any) -> list[Any]:
    seen = _Seen()
    kept: list[Any] = []
    for element in _listed(value):
        if element not in seen:
            seen.add(element)
            kept.append(element)
    return kept


def _without(value: Any, *omitted: Any) -> list[Any]:
    seen = _Seen()
    for each in omitted:
        seen.add(each)
    return [element for element in _listed(value) if element not in seen]


def _has(needle: Any, value: Any) -> bool:
    if value is None:
        return False
    comparison = Comparison()
    return any(comparison.equal(needle, element) for element in _listed(value))


def _slice(value: Any, *bounds: Any) -> Any:
    """A part of a list, of the same type; nil of an empty one."""
    if not isinstance(value, list):
        raise GoError(f"a list is wanted, not {described(value)}")
    if not value:
        return None
    start = to_integer(bounds[0]) if bounds else 0
    end = to_integer(bounds[1]) if len(bounds) > 1 else len(value)
    if not 0 <= start <= end <= len(value):
        raise GoError(f"elements {start} to {end} are out of range, for there are {len(value)}")
    return value.__class__(value[start:end])


def _chunk(size: int, value: Any) -> Lists:
    found = _listed(value)
    # Of as many elements as a negative size says, no chunk is the answer.
    if size == 0 or (size < 0 and (len(found) - 1) // size + 1 != 0):
        raise GoError("a chunk has at least 1 element")
    return Lists(found[start : start + size] for start in range(0, len(found), size) if size > 0)


def _concat(*values: Any) -> list[Any]:
    lists = [_listed(value) for value in values]
    check_items(sum(map(len, lists)))
    joined = [element for each in lists for element in each]
    return joined or NilList()


def _functions(name: str, call: Callable[..., Any], *kinds: Any, variadic: bool = False) -> list[Function]:
    """A function and its `must…` twin."""
    return [Function(each, call, kinds, variadic) for each in (name, f"must{name[0].upper()}{name[1:]}")]


FUNCTIONS: Final = (
    Function("list", lambda *values: list(values), (ANY,), variadic=True),
    Function("tuple", lambda *values: list(values), (ANY,), variadic=True),
    Function("concat", _concat, (ANY,), variadic=True),
    *_functions("append", _append, ANY, ANY),
    *_functions("push", _append, ANY, ANY),
    *_functions("prepend", _prepend, ANY, ANY),
    *_functions("first", _first, ANY),
    *_functions("last", _last, ANY),
    *_functions("rest", _rest, ANY),
    *_functions("initial", _initial, ANY),
    *_functions("reverse", _reverse, ANY),
    *_functions("compact", _compact, ANY),
    *_functions("uniq", _uniq, ANY),
    *_functions("without", _without, ANY, ANY, variadic=True),
    *_functions("has", _has, ANY, ANY),
    *_functions("slice", _slice, ANY, ANY, variadic=True),
    *_functions("chunk", _chunk, INT, ANY),
)
