"""What the checker of expr-lang knows of a value before there is one: the types of Go that an expression can have.

The type of nil is None, which is also the type of what was never looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Type:
    """A type of Go. `kind` is that of Go's reflect; types without a name of their own are named as Go prints them."""

    name: str
    kind: str
    elem: Type | None = None
    key: Type | None = None
    signature: Signature | None = None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes and gives."""

    params: tuple[Type, ...]
    result: Type
    is_variadic: bool = False


Known: TypeAlias = Type | None

ANY: Final = Type("any", "interface")
BOOL: Final = Type("bool", "bool")
INT: Final = Type("int", "int")
INT64: Final = Type("int64", "int64")
BYTE: Final = Type("uint8", "uint8")
FLOAT: Final = Type("float64", "float64")
STRING: Final = Type("string", "string")
TIME: Final = Type("time.Time", "struct")
DURATION: Final = Type("time.Duration", "int64")
MONTH: Final = Type("time.Month", "int")
WEEKDAY: Final = Type("time.Weekday", "int")
FUNCTION: Final = Type("func", "func")
ERROR: Final = Type("error", "interface")


def slice_of(elem: Type) -> Type:
    """The type of a list of such elements."""
    return Type(f"[]{elem}", "slice", elem)


def map_of(key: Type, elem: Type) -> Type:
    """The type of a map."""
    return Type(f"map[{key}]{elem}", "map", elem, key)


def function_of(signature: Signature) -> Type:
    """The type of a function."""
    return Type("func", "func", signature=signature)


LIST: Final = slice_of(ANY)
INTS: Final = slice_of(INT)
STRINGS: Final = slice_of(STRING)
MAP: Final = map_of(STRING, ANY)
ANY_MAP: Final = map_of(ANY, ANY)
GROUPS: Final = map_of(ANY, LIST)

_SIGNED: Final = frozenset({"int", "int8", "int16", "int32", "int64"})
_INTEGERS: Final = _SIGNED | {"uint", "uint8", "uint16", "uint32", "uint64"}
_SIMPLE: Final = frozenset({TIME, DURATION, MONTH, WEEKDAY})


def kind_of(known: Known) -> str:
    """The kind of a type, `invalid` of nil's."""
    return known.kind if known is not None else "invalid"


def name_of(known: Known) -> str:
    """A type as messages name it."""
    return "nil" if known is None else known.name


def is_any(known: Known) -> bool:
    return known is not None and known.kind == "interface"


def is_bool(known: Known) -> bool:
    return known is not None and known.kind == "bool"


def is_string(known: Known) -> bool:
    return known is not None and known.kind == "string"


def is_integer(known: Known) -> bool:
    return known is not None and known.kind in _INTEGERS


def is_signed(known: Known) -> bool:
    return known is not None and known.kind in _SIGNED


def is_float(known: Known) -> bool:
    return known is not None and known.kind == "float64"


def is_number(known: Known) -> bool:
    return is_integer(known) or is_float(known)


def is_list(known: Known) -> bool:
    return known is not None and known.kind == "slice"


def is_map(known: Known) -> bool:
    return known is not None and known.kind == "map"


def is_time(known: Known) -> bool:
    return known == TIME


def is_duration(known: Known) -> bool:
    return known == DURATION


def has_no_package(known: Known) -> bool:
    """Whether it is one of Go's own types, not one that a package named."""
    return known is not None and known not in _SIMPLE


def is_assignable(source: Type, target: Type) -> bool:
    """Whether a variable of the second type can be given a value of the first."""
    return target is ANY or source == target


def is_comparable(left: Known, right: Known) -> bool:
    """Whether `==` may stand between them."""
    if left is None or right is None:
        return True
    return left.kind == right.kind or (is_number(left) and is_number(right)) or is_any(left) or is_any(right)


def combined(left: Type, right: Type) -> Type:
    """The type of a sum of two numbers."""
    if left.kind == right.kind:
        return left
    return FLOAT if is_float(left) or is_float(right) else INT
