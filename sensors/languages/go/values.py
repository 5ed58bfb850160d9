"""Values of Go, whose types text/template and sprig know: what an `int64` prints, equals and fits differs from a `float64`.

JSON values are as a parser of Python makes them, and are never copied: a plain int or float is the float64 that Go's
encoding/json makes of every number, a dict is a `map[string]interface {}`, a list a `[]interface {}`, None a nil. Integers
of Go are subclasses of int, other slices and maps subclasses of list and dict. Strings of Go are bytes: those that are not
UTF-8 are lone surrogates, as Python's error handler `surrogateescape` makes them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final, Protocol

from sensors.languages.go.limits import GoError


class _Missing:
    """What is found where a map has no such key: it can be asked for further fields, which nil cannot."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


class GoInteger(int):
    """An integer of a fixed size. The value is in its range; `wrap` brings any int there, as overflow does."""

    go_type: ClassVar[str]
    go_kind: ClassVar[str]
    bits: ClassVar[int] = 64
    is_signed: ClassVar[bool] = True

    @classmethod
    def wrap(cls, value: int) -> GoInteger:
        low = value & ((1 << cls.bits) - 1)
        return cls(low - (1 << cls.bits) if cls.is_signed and low >> (cls.bits - 1) else low)


class Int(GoInteger):
    go_type = go_kind = "int"


class Int64(GoInteger):
    go_type = go_kind = "int64"


class Uint8(GoInteger):
    go_type = go_kind = "uint8"
    bits = 8
    is_signed = False


class Uint32(GoInteger):
    go_type = go_kind = "uint32"
    bits = 32
    is_signed = False


class Uint64(GoInteger):
    go_type = go_kind = "uint64"
    is_signed = False


class Slice(list[Any]):
    """A slice that is no `[]interface {}`, or one that is nil."""

    go_type: ClassVar[str]
    is_nil: ClassVar[bool] = False


class Strings(Slice):
    go_type = "[]string"


class Ints(Slice):
    go_type = "[]int"


class Lists(Slice):
    go_type = "[][]interface {}"


class NilList(Slice):
    go_type = "[]interface {}"
    is_nil = True


class NilStrings(Strings):
    is_nil = True


class StringMap(dict[str, str]):
    go_type: ClassVar[str] = "map[string]string"


class NilMap(dict[str, Any]):
    go_type: ClassVar[str] = "map[string]interface {}"


class GoStruct(Protocol):
    """A struct or a pointer to one. Those there are have a `String` method."""

    go_type: str
    go_kind: str

    def go_string(self) -> str: ...


_TYPES: Final[Mapping[type, tuple[str, str]]] = {
    type(None): ("<nil>", "invalid"),
    bool: ("bool", "bool"),
    str: ("string", "string"),
    int: ("float64", "float64"),
    float: ("float64", "float64"),
    complex: ("complex128", "complex128"),
    list: ("[]interface {}", "slice"),
    dict: ("map[string]interface {}", "map"),
}


def type_of(value: Any) -> str:
    """The name of a value's type, as `%T` prints it."""
    known = _TYPES.get(value.__class__)
    return known[0] if known else str(value.go_type)


def described(value: Any) -> str:
    """What a value is, in an error: its type with an article, and never the value."""
    if value is MISSING or value is None:
        return "nothing" if value is MISSING else "nil"
    name = type_of(value)
    return f"{'an' if name[0] == 'i' else 'a'} {name}"


def kind_of(value: Any) -> str:
    """The name of a value's kind, as Go's reflect has it."""
    known = _TYPES.get(value.__class__)
    if known:
        return known[1]
    if isinstance(value, list):
        return "slice"
    return "map" if isinstance(value, dict) else str(value.go_kind)


def plain(value: Any) -> Any:
    """A value taken out of a list or map: an integer of JSON becomes the float64 that it is."""
    return to_float(value) if value.__class__ is int else value


def to_float(number: int) -> float:
    """The float64 next to an integer, infinite beyond its range."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def is_nil(value: Any) -> bool:
    """Whether a value is nil, or the nil of its type."""
    return value is None or value is MISSING or value.__class__ is NilMap or getattr(value, "is_nil", False)


def is_true(value: Any) -> bool:
    """What `if` makes of a value: zeros and what is empty are false, structs are true."""
    return value is not MISSING and bool(value)


def elements(value: Any) -> Iterator[Any]:
    """The elements of a list."""
    return map(plain, value) if value.__class__ is list else iter(value)


def sorted_items(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Keys and values of a map in the order in which Go prints them and ranges over them."""
    return ((key, plain(value[key])) for key in sorted(value))


class Comparison:
    """Go's reflect.DeepEqual: same types, same values. Counts what it looks at, over all its uses, up to a limit."""

    LIMIT: Final = 250_000

    def __init__(self) -> None:
        self._left = self.LIMIT

    def equal(self, one: Any, other: Any) -> bool:
        """Whether two values are deeply equal. Raises GoError beyond the limit."""
        self._left -= 1
        if self._left < 0:
            raise GoError("there is too much to compare")
        if type_of(one) != type_of(other):
            return False
        if isinstance(one, list):
            return one is other or (
                is_nil(one) is is_nil(other) and len(one) == len(other) and all(map(self.equal, one, other))
            )
        if isinstance(one, dict):
            return one is other or (
                is_nil(one) is is_nil(other)
                and one.keys() == other.keys()
                and all(self.equal(value, other[key]) for key, value in one.items())
            )
        return bool(plain(one) == plain(other))


def copied(value: Any, left: list[int] | None = None) -> Any:
    """A deep copy. Raises GoError if there is too much of it."""
    if left is None:
        left = [Comparison.LIMIT]
    left[0] -= 1
    if left[0] < 0:
        raise GoError("there is too much to copy")
    if isinstance(value, list):
        return value.__class__(copied(element, left) for element in value)
    if isinstance(value, dict):
        return value.__class__((key, copied(element, left)) for key, element in value.items())
    return value
