"""Values that only expr-lang makes: maps with keys of any kind, pairs, functions; and what it can ask of every value.

Values are those of `go_values`: a plain int or float is a float64, an integer of Go is an `Int`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import total_ordering
from typing import Any, ClassVar, Final

from sensors.languages.go.format import show
from sensors.languages.go.limits import GoError
from sensors.languages.go.numbers import truncate, wrap
from sensors.languages.go.text import byte_length, to_bytes
from sensors.languages.go.time import Duration, Month, Time, Weekday
from sensors.languages.go.values import (
    MISSING,
    Comparison,
    Int,
    Int64,
    NilList,
    Slice,
    StringMap,
    Uint8,
    Uint32,
    Uint64,
    copied,
    is_nil,
    type_of,
)
from sensors.languages.gotemplate.functions import Function

FLOATS: Final[frozenset[Any]] = frozenset({int, float})
INTEGERS: Final[frozenset[Any]] = frozenset({Int, Int64, Uint8, Uint32, Uint64})
"""Classes of integers that operators know; durations, months and weekdays are others."""

_SIGNED: Final[frozenset[Any]] = frozenset({Int, Int64, Duration, Month, Weekday})


class TextSet(frozenset[str]):
    """The texts of a list that is written behind `in`."""


class IntSet(frozenset[int]):
    """The integers of a list that is written behind `in`."""


class Pair(Slice):
    """A key and a value."""

    go_type = "[2]interface {}"


class Pairs(Slice):
    """What `toPairs` gives."""

    go_type = "[][2]interface {}"


@total_ordering
@dataclass(frozen=True, slots=True)
class Key:
    """A key that is no text. Python holds 1, 1.0 and true for the same key, Go does not."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self.value.__class__ is other.value.__class__ and self.value == other.value

    def __hash__(self) -> int:
        return hash((self.value.__class__, self.value))

    def __lt__(self, other: object) -> bool:
        return str(self) < str(other)

    def __str__(self) -> str:
        return show(self.value)

    def go_string(self) -> str:
        """As it is printed within a map."""
        return show(self.value)


class AnyMap(dict[Any, Any]):
    """A map with keys of any kind."""

    go_type: ClassVar[str] = "map[interface {}]interface {}"

    @staticmethod
    def key(value: Any) -> Any:
        """How the map holds a key. Raises GoError for what cannot be one."""
        if value.__class__ is str:
            return value
        if isinstance(value, (list, dict)) or value.__class__ is GoFunction:
            raise GoError(f"{type_of(value)} cannot be a key")
        return Key(float(value) if value.__class__ is int else value)

    def bare_keys(self) -> Iterator[Any]:
        """The keys as they were given."""
        return (key.value if isinstance(key, Key) else key for key in self)


class Groups(AnyMap):
    """What `groupBy` gives; where there is no group, a list that is nil."""

    go_type = "map[interface {}][]interface {}"

    @property
    def is_nil(self) -> bool:
        """It is never made if there is nothing to group."""
        return not self


@dataclass(frozen=True, slots=True, eq=False)
class GoFunction:
    """A function as a value; a method has the value that it is of as `receiver`."""

    go_type: ClassVar[str] = "func"
    go_kind: ClassVar[str] = "func"

    function: Function
    receiver: tuple[Any, ...] = ()

    def __call__(self, arguments: list[Any]) -> Any:
        """Its value. Raises GoError if the arguments are not exactly of the types that it takes."""
        function = self.function
        if fault := function.arity_fault(len(arguments)):
            raise GoError(fault)
        accepted = [function.parameter(index).accept(argument) for index, argument in enumerate(arguments)]
        if function.changes:
            accepted = [copied(argument) for argument in accepted]
        found = function.call(*self.receiver, *accepted)
        return None if found is MISSING else found

    def go_string(self) -> str:
        """Go prints an address."""
        return self.function.name


def to_int(value: Any) -> int:
    """A number as an index. Raises GoError for what is none."""
    if value.__class__ is float:
        return truncate(value)
    if value.__class__ is int or value.__class__ in INTEGERS:
        return wrap(value)
    raise GoError(f"{type_of(value)} is no number")


def is_signed(value: Any) -> bool:
    """Whether it is an integer with a sign, be it a duration."""
    return value.__class__ in _SIGNED


def is_equal(left: Any, right: Any) -> bool:
    """`==`: numbers by value, moments by instant, all else by type and value. A list of floats equals none of integers."""
    left_class, right_class = left.__class__, right.__class__
    if left_class is right_class and left_class in (str, bool, float):
        return bool(left == right)
    if _is_number(left_class) and _is_number(right_class):
        return bool(left == right)
    if left_class is Time and right_class is Time:
        return bool(left.minus(right) == 0)
    if is_nil(left) and is_nil(right):
        return True
    if left_class is GoFunction or right_class is GoFunction:
        return False
    return Comparison().equal(left, right)


def _is_number(value_class: type) -> bool:
    return value_class in FLOATS or value_class in INTEGERS


def length(value: Any) -> int:
    """Elements of a list or map, bytes of a text. Raises GoError for what has no length."""
    if value.__class__ is str:
        return byte_length(value)
    if isinstance(value, (list, dict)):
        return len(value)
    raise GoError(f"{type_of(value)} has no length")


def element(value: Any, index: int) -> Any:
    """The element of a list, or the byte of a text. Raises GoError if there is none."""
    if value.__class__ is str:
        bytes_of = value.encode() if value.isascii() else to_bytes(value)
        if 0 <= index < len(bytes_of):
            return Uint8(bytes_of[index])
    elif isinstance(value, list):
        if 0 <= index < len(value):
            return value[index]
    else:
        raise GoError(f"{type_of(value)} has no elements in order")
    raise GoError("the index is out of range")


def look_up(value: Any, key: Any) -> Any:
    """What a map has under a key, nil or the zero of its kind if there is nothing. Raises GoError for what is no key."""
    if isinstance(value, AnyMap):
        return value.get(AnyMap.key(key), NilList() if isinstance(value, Groups) else None)
    if key is None:
        key = ""
    if key.__class__ is not str:
        raise GoError(f"a key is a text, not {type_of(key)}")
    return value.get(key, "" if value.__class__ is StringMap else None)


def has_key(value: Any, key: Any) -> bool:
    """Whether a map has a key. Raises GoError for what is no key."""
    if isinstance(value, AnyMap):
        return AnyMap.key(key) in value
    if key is None:
        key = ""
    if key.__class__ is not str:
        raise GoError(f"a key is a text, not {type_of(key)}")
    return key in value


def is_in(needle: Any, values: Any) -> bool:
    """`in`: whether a list has such an element, or a map such a key. Raises GoError for what is neither."""
    if values is None:
        return False
    if isinstance(values, dict):
        return has_key(values, needle)
    if isinstance(values, list):
        return any(is_equal(value, needle) for value in values)
    if isinstance(values, (TextSet, IntSet)):
        wanted = str if isinstance(values, TextSet) else Int
        if needle is not None and needle.__class__ is not wanted:
            raise GoError(f"none of these values is of type {type_of(needle)}")
        return (wanted() if needle is None else needle) in values
    raise GoError(f"'in' is not defined on {type_of(values)}")


def sliced(value: Any, start: int, stop: int) -> Any:
    """Elements or bytes from `start` to before `stop`, negative ones counted from the end. Raises GoError."""
    size = length(value)
    if isinstance(value, dict):
        raise GoError("a map cannot be sliced")
    start = max(0, start + size if start < 0 else start)
    stop = min(size, max(0, stop + size if stop < 0 else stop))
    start = min(start, stop)
    if value.__class__ is not str:
        return value.__class__(value[start:stop])
    return value[start:stop] if value.isascii() else to_bytes(value)[start:stop].decode("utf-8", "surrogateescape")


def keys_of(value: dict[Any, Any]) -> Iterable[Any]:
    """The keys of a map."""
    return value.bare_keys() if isinstance(value, AnyMap) else value.keys()
