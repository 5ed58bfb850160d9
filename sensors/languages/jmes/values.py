"""How JMESPath sees JSON values, where that differs from Python: truth, equality, order, and members of what may be anything.

The rules are those of the JMESPath specification as the `jmespath` library 1.1 reads it.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from types import NoneType
from typing import Any

from sensors.languages.jmes.errors import JmesRuntimeError

CLASSES: dict[str, tuple[type, ...]] = {
    "null": (NoneType,),
    "boolean": (bool,),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict, OrderedDict),
}
"""The kinds of JSON values and the exact classes that hold them (a bool is an int in Python, but no number in JSON)."""


_KINDS = {cls: kind for kind, classes in CLASSES.items() for cls in classes}


def kind_of(value: object) -> str:
    """The JSON kind of a value; what is no JSON value is an `expression` if it can be called, else `unknown`."""
    return _KINDS.get(value.__class__) or ("expression" if callable(value) else "unknown")


def is_true(value: object) -> bool:
    """Whether JMESPath holds a value for true: all but `null`, `false`, `''`, `[]` and `{}`. Zero is true."""
    return bool(value) or not (value is None or value is False or value == "" or value == [] or value == {})


def equals(left: object, right: object) -> bool:
    """Deep equality. A boolean equals no number, though within arrays and objects it does, as in the library."""
    return left == right and (left.__class__ is bool) is (right.__class__ is bool)


def order(holds: Callable[[Any, Any], bool], left: object, right: object) -> bool | None:
    """`holds(left, right)` for two numbers or two strings, None where another kind takes part.

    Raises JmesRuntimeError for a number and a string.
    """
    left_kind, right_kind = kind_of(left), kind_of(right)
    if left_kind not in ("number", "string") or right_kind not in ("number", "string"):
        return None
    if left_kind != right_kind:
        raise JmesRuntimeError(f"a {left_kind} and a {right_kind} have no order")
    return holds(left, right)


def field(value: object, name: str) -> Any:
    """The member of an object, or of anything else that has a `get`; None where there is none."""
    get = getattr(value, "get", None)
    return None if get is None else get(name)


def index(value: object, position: int) -> Any:
    """The element of an array, from its end if `position` is negative; None where there is none."""
    return value[position] if isinstance(value, list) and -len(value) <= position < len(value) else None


def values(value: object) -> Iterable[Any] | None:
    """The values of an object; None for any other kind."""
    get = getattr(value, "values", None)
    return None if get is None else get()


def flatten(value: object) -> list[Any] | None:
    """An array with its inner arrays replaced by their elements, one level deep; None for any other kind."""
    if not isinstance(value, list):
        return None
    flat: list[Any] = []
    for element in value:
        if isinstance(element, list):
            flat.extend(element)
        else:
            flat.append(element)
    return flat
