"""What functions take: the types of their parameters, and which values and constants fit these.

A function of Go is a Python function and its parameters. text/template converts nothing but constants, so that `until`
refuses the int64 that `add` gives; `ANY` takes everything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from sensors.languages.go.limits import GoError
from sensors.languages.go.time import Duration, Time
from sensors.languages.go.values import MISSING, Int, NilMap, Uint32, described, to_float
from sensors.languages.gotemplate.tree import Bool, Constant, Nil, Number, String


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a parameter.

    `accept` gives what the function gets for a value, `constant` what it gets for a constant; both raise GoError.
    """

    name: str
    accept: Callable[[Any], Any]
    constant: Callable[[Constant], Any]


@dataclass(frozen=True, slots=True)
class Function:
    """A function by name. If `variadic`, the last parameter may be given any number of times, or not at all.

    `changes` says that it changes a value it is given, which may not be one that others read.
    """

    name: str
    call: Callable[..., Any] = field(repr=False)
    parameters: tuple[Kind, ...] = ()
    variadic: bool = False
    changes: bool = False

    def arity_fault(self, given: int) -> str:
        """What is wrong with a call with so many arguments, empty if nothing is."""
        wanted = len(self.parameters)
        if self.variadic:
            return "" if given >= wanted - 1 else f"{self.name} wants at least {wanted - 1} arguments, not {given}"
        return "" if given == wanted else f"{self.name} wants {wanted} argument{'s'[wanted == 1 :]}, not {given}"

    def parameter(self, index: int) -> Kind:
        return self.parameters[min(index, len(self.parameters) - 1)]


def _mismatch(wanted: str, value: Any) -> GoError:
    return GoError(f"{_a(wanted)} is wanted, not {described(value)}")


def _unfit(wanted: str, node: Constant) -> GoError:
    found = {Bool: "true or false", Nil: "nil", Number: "this number", String: "a string"}[type(node)]
    return GoError(f"{_a(wanted)} is wanted, not {found}")


def _a(type: str) -> str:
    return f"{'an' if type[0] == 'i' else 'a'} {type}"


def _kind(name: str, *classes: type, constant: Callable[[Constant], Any] | None = None) -> Kind:
    """The type that only values of exactly these classes have."""
    [first, *others] = classes

    def accept(value: Any) -> Any:
        if value.__class__ is first or value.__class__ in others:
            return value
        raise _mismatch(name, value)

    def refuse(node: Constant) -> Any:
        raise _unfit(name, node)

    return Kind(name, accept, constant or refuse)


def accept_any(value: Any) -> Any:
    """Any value, the missing one as nil."""
    if value.__class__ is int:
        return to_float(value)
    return None if value is MISSING else value


def ideal(node: Constant) -> Any:
    """A constant where nothing says what its type is."""
    match node:
        case Nil():
            return None
        case Bool() | String():
            return node.value
        case Number():
            return _ideal_number(node)


def _ideal_number(node: Number) -> Any:
    text = node.text
    if node.imaginary is not None:
        return node.imaginary
    # The sign hides from Go that a number is hexadecimal: -0xE is a float64.
    is_integer = text[0] == "'" or (text[:2].lower() == "0x" and not set(text) & set("pP"))
    if node.real is not None and not is_integer and set(text) & set(".eEpP"):
        return node.real
    if node.integer is None:
        raise GoError("the number is too large for an int")
    return Int(node.integer)


def _string(node: Constant) -> str:
    if isinstance(node, String):
        return node.value
    raise _unfit("string", node)


def _int(node: Constant) -> Int:
    if isinstance(node, Number) and node.integer is not None:
        return Int(node.integer)
    raise _unfit("int", node)


def _duration(node: Constant) -> Duration:
    return Duration(_int(node))


def _uint32(node: Constant) -> Uint32:
    if isinstance(node, Number) and node.unsigned is not None:
        return Uint32(node.unsigned % (1 << 32))
    raise _unfit("uint32", node)


def _float(node: Constant) -> float:
    if isinstance(node, Number) and node.real is not None:
        return node.real
    raise _unfit("float64", node)


def _bool(node: Constant) -> bool:
    if isinstance(node, Bool):
        return node.value
    raise _unfit("bool", node)


def _accept_float(value: Any) -> float:
    if value.__class__ is float:
        return value
    if value.__class__ is int:
        return to_float(value)
    raise _mismatch("float64", value)


def _accept_map(value: Any) -> Any:
    if value.__class__ is dict or value.__class__ is NilMap:
        return value
    if value is MISSING:
        return NilMap()
    raise _mismatch("map", value)


def _map(node: Constant) -> Any:
    if isinstance(node, Nil):
        return NilMap()
    raise _unfit("map", node)


ANY: Final = Kind("value", accept_any, ideal)
STRING: Final = _kind("string", str, constant=_string)
INT: Final = _kind("int", Int, constant=_int)
UINT32: Final = _kind("uint32", Uint32, constant=_uint32)
FLOAT: Final = Kind("float64", _accept_float, _float)
BOOL: Final = _kind("bool", bool, constant=_bool)
MAP: Final = Kind("map", _accept_map, _map)
TIME: Final = _kind("time.Time", Time)
DURATION: Final = _kind("time.Duration", Duration, constant=_duration)
