"""The functions an expression may call: what they take, what they give, what they do.

The table is data. A function more is an entry more, in `STANDARD` or in the mapping given to `compile_expression`;
the compiler knows none of them by name. Behaviour is that of the `jmespath` library 1.1.
"""

import json
import math
import operator
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sensors.languages.jmes_errors import JmesRuntimeError
from sensors.languages.jmes_values import CLASSES, kind_of


@dataclass(frozen=True, slots=True)
class Parameter:
    """What an argument may be: of one of `kinds`, or anything if there are none.

    Kinds are those of `jmes_values.CLASSES`, and `expression` for `&…`, which arrives as a function of one value.
    `elements` are the kinds allowed within an array, of which one array holds only one. `read` makes of an argument that
    fits what the function works with, once for all calls if it is written in the expression; it raises JmesRuntimeError.
    """

    kinds: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    read: Callable[[Any], Any] | None = None

    @property
    def classes(self) -> tuple[type, ...]:
        return tuple(cls for kind in self.kinds if kind != "expression" for cls in CLASSES[kind])

    @property
    def takes_expression(self) -> bool:
        return "expression" in self.kinds

    @property
    def wanted(self) -> str:
        if self.elements:
            return f"an array of {_either(f'{kind}s' for kind in self.elements)}"
        return _either(map(_a, self.kinds))

    def mismatch(self, value: object) -> str | None:
        """What `value` is that does not fit, None if it does."""
        kind = kind_of(value)
        if self.kinds and kind not in self.kinds:
            return _a(kind)
        if self.elements and isinstance(value, list) and value:
            first = kind_of(value[0])
            allowed = CLASSES[first] if first in self.elements else ()
            for element in value:
                if element.__class__ not in allowed:
                    other = kind_of(element)
                    return f"an array with {_a(first)} and {_a(other)}" if allowed else f"an array with {_a(other)}"
        return None


@dataclass(frozen=True, slots=True)
class Function:
    """A function by name. `call` may rely on what `parameters` demand, and is given what they read.

    If `variadic`, the last parameter may be given any number of times, at least once. `returns` is the kind of the
    result if it has only one, besides null; it spares the compiler a test. `about` and `example`, an expression that
    needs no document, are for the reference page.
    """

    name: str
    parameters: tuple[Parameter, ...]
    call: Callable[..., Any]
    returns: str = "any"
    variadic: bool = False
    about: str = ""
    example: str = ""

    def arity_fault(self, given: int) -> str | None:
        """What is wrong with a call with so many arguments, None if nothing is."""
        wanted = len(self.parameters)
        if given == wanted or (self.variadic and given > wanted):
            return None
        plural = "" if wanted == 1 else "s"
        return f"{self.name}() takes {'at least ' if self.variadic else ''}{wanted} argument{plural}, {given} given"

    def parameter(self, number: int) -> Parameter:
        """The parameter for an argument, counted from 1."""
        return self.parameters[min(number, len(self.parameters)) - 1]

    def checked(self, *arguments: Any) -> Any:
        """Calls the function; raises JmesRuntimeError if an argument is not of the kind demanded.

        Arguments beyond the parameters of a variadic function are not looked at, as in the library.
        """
        read = list(arguments)
        for at, (parameter, argument) in enumerate(zip(self.parameters, arguments, strict=False)):
            if found := parameter.mismatch(argument):
                raise JmesRuntimeError(f"{self.name}() wants {parameter.wanted} as argument {at + 1}, found {found}")
            if parameter.read is not None:
                read[at] = parameter.read(argument)
        return self.call(*read)


def _either(choices: Iterable[str]) -> str:
    return " or ".join(choices)


def _a(kind: str) -> str:
    """A kind with its article."""
    return kind if kind == "null" else f"{'an' if kind[0] in 'aeou' else 'a'} {kind}"


def _average(numbers: list[Any]) -> Any:
    return sum(numbers) / len(numbers) if numbers else None


def _reverse(value: Any) -> Any:
    return value[::-1]


def _map(apply: Callable[[Any], Any], array: list[Any]) -> list[Any]:
    return [apply(element) for element in array]


def _merge(*objects: Any) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for each in objects:
        merged.update(each)
    return merged


def _not_null(*candidates: Any) -> Any:
    return next((candidate for candidate in candidates if candidate is not None), None)


def _to_array(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _to_string(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), default=str)


def _to_number(value: Any) -> int | float | None:
    if isinstance(value, str):
        for parse in (int, float):
            try:
                return parse(value)
            except ValueError:
                continue
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _key(function: str, apply: Callable[[Any], Any], kinds: Collection[str]) -> Callable[[Any], Any]:
    """`apply`, refusing keys that are of none of `kinds`."""

    def key(element: Any) -> Any:
        made = apply(element)
        if kind_of(made) not in kinds:
            raise JmesRuntimeError(
                f"{function}() compares {_either(f'{kind}s' for kind in kinds)}, found {_a(kind_of(made))}"
            )
        return made

    return key


def _sort_by(array: list[Any], apply: Callable[[Any], Any]) -> list[Any]:
    if not array:
        return array
    # The first element decides whether numbers or strings are compared, so that a mixture is refused.
    first = _key("sort_by", apply, ("number", "string"))(array[0])
    return sorted(array, key=_key("sort_by", apply, (kind_of(first),)))


def _min_by(array: list[Any], apply: Callable[[Any], Any]) -> Any:
    return min(array, key=_key("min_by", apply, ("number", "string")), default=None)


def _max_by(array: list[Any], apply: Callable[[Any], Any]) -> Any:
    return max(array, key=_key("max_by", apply, ("number", "string")), default=None)


def _minimum(array: list[Any]) -> Any:
    return min(array, default=None)


def _maximum(array: list[Any]) -> Any:
    return max(array, default=None)


_ANY = Parameter()
_NUMBER = Parameter(("number",))
_STRING = Parameter(("string",))
_OBJECT = Parameter(("object",))
_ARRAY = Parameter(("array",))
_NUMBERS = Parameter(("array",), ("number",))
_STRINGS = Parameter(("array",), ("string",))
_SORTABLE = Parameter(("array",), ("number", "string"))
_EXPRESSION = Parameter(("expression",))

STANDARD: Mapping[str, Function] = MappingProxyType(
    {
        function.name: function
        for function in (
            Function("abs", (_NUMBER,), abs, "number"),
            Function("avg", (_NUMBERS,), _average, "number"),
            Function("ceil", (_NUMBER,), math.ceil, "number"),
            Function("contains", (Parameter(("array", "string")), _ANY), operator.contains, "boolean"),
            Function("ends_with", (_STRING, _STRING), str.endswith, "boolean"),
            Function("floor", (_NUMBER,), math.floor, "number"),
            Function("join", (_STRING, _STRINGS), str.join, "string"),
            Function("keys", (_OBJECT,), list, "array"),
            Function("length", (Parameter(("string", "array", "object")),), len, "number"),
            Function("map", (_EXPRESSION, _ARRAY), _map, "array"),
            Function("max", (_SORTABLE,), _maximum),
            Function("max_by", (_ARRAY, _EXPRESSION), _max_by),
            Function("merge", (_OBJECT,), _merge, "object", variadic=True),
            Function("min", (_SORTABLE,), _minimum),
            Function("min_by", (_ARRAY, _EXPRESSION), _min_by),
            Function("not_null", (_ANY,), _not_null, variadic=True),
            Function("reverse", (Parameter(("array", "string")),), _reverse),
            Function("sort", (_SORTABLE,), sorted, "array"),
            Function("sort_by", (_ARRAY, _EXPRESSION), _sort_by, "array"),
            Function("starts_with", (_STRING, _STRING), str.startswith, "boolean"),
            Function("sum", (_NUMBERS,), sum, "number"),
            Function("to_array", (_ANY,), _to_array, "array"),
            Function("to_number", (_ANY,), _to_number, "number"),
            Function("to_string", (_ANY,), _to_string, "string"),
            Function("type", (_ANY,), kind_of, "string"),
            Function("values", (_OBJECT,), lambda value: list(value.values()), "array"),
        )
    }
)
"""The functions of the JMESPath specification."""
