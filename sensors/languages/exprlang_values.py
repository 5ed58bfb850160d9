"""Values that only expr-lang makes: maps with keys of any kind, pairs, functions; and what it can ask of every value.

Values are those of `go_values`: a plain int or float is a float64, an integer of Go is an `Int`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import total_ordering
from typing import Any, ClassVar, Final

from sensors.languages.exprlang_types import (
    ANY,
    BOOL,
    BYTE,
    DURATION,
    FLOAT,
    INT,
    INT64,
    LIST,
    MAP,
    MONTH,
    STRING,
    STRINGS,
    TIME,
    WEEKDAY,
    Signature,
    Type,
)
from sensors.languages.go_format import show
from sensors.languages.go_limits import GoError
from sensors.languages.go_numbers import truncate, wrap
from sensors.languages.go_text import byte_length, to_bytes
from sensors.languages.go_time import Duration, Month, Time, Weekday
from sensors.languages.go_values import (
    Comparison,
    Int,
    Int64,
    NilList,
    Slice,
    StringMap,
    Strings,
    Uint8,
    Uint32,
    Uint64,
    is_nil,
    type_of,
)

FLOATS: Final = frozenset({int, float})
INTEGERS: Final = frozenset({Int, Int64, Uint8, Uint32, Uint64})
"""Classes of integers that operators know; durations, months and weekdays are others."""

_SIGNED: Final = frozenset({Int, Int64, Duration, Month, Weekday})
_STATIC: Final = {
    bool: BOOL,
    int: FLOAT,
    float: FLOAT,
    str: STRING,
    list: LIST,
    dict: MAP,
    Int: INT,
    Int64: INT64,
    Uint8: BYTE,
    Strings: STRINGS,
    Time: TIME,
    Duration: DURATION,
    Month: MONTH,
    Weekday: WEEKDAY,
}


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


@dataclass(frozen=True, slots=True, eq=False)
class GoFunction:
    """A function as a value. Without a signature its arguments are checked by `call` itself."""

    go_type: ClassVar[str] = "func"
    go_kind: ClassVar[str] = "func"

    name: str
    call: Callable[..., Any] = field(repr=False)
    signature: Signature | None = None

    def __call__(self, arguments: list[Any]) -> Any:
        """Its value. Raises GoError if the arguments are not exactly of the types that it takes."""
        if self.signature is not None:
            params = self.signature.params
            if len(arguments) != len(params):
                raise GoError(f"{self.name} wants {len(params)} arguments, found {len(arguments)}")
            for param, argument in zip(params, arguments, strict=True):
                if not fits(argument, param):
                    raise GoError(f"{self.name} wants {param}, found {type_of(argument)}")
        return self.call(*arguments)

    def go_string(self) -> str:
        """Go prints an address."""
        return "func"


def fits(value: Any, wanted: Type) -> bool:
    """Whether a parameter of that type takes the value; nothing is converted."""
    return wanted is ANY or _STATIC.get(value.__class__) == wanted


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
        missing = NilList() if isinstance(value, Groups) else None
        return missing if key is None else value.get(AnyMap.key(key), missing)
    if key is None:
        key = ""
    if key.__class__ is not str:
        raise GoError(f"a key is a text, not {type_of(key)}")
    return value.get(key, "" if value.__class__ is StringMap else None)


def has_key(value: Any, key: Any) -> bool:
    """Whether a map has a key. Raises GoError for what is no key."""
    if isinstance(value, AnyMap):
        return key is not None and AnyMap.key(key) in value
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
