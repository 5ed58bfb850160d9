"""The builtins of expr-lang 1.15: what they take and give, as far as that can be known before there are values.

The table is all that parser and checker know of them; what they do is in `exprlang_builtins`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from sensors.languages.exprlang.types import (
    ANY,
    ANY_MAP,
    BOOL,
    DURATION,
    FLOAT,
    INT,
    LIST,
    STRING,
    STRINGS,
    TIME,
    Known,
    Signature,
    Type,
    is_any,
    is_list,
    is_map,
    is_number,
    is_signed,
    is_string,
    kind_of,
)

Validate: TypeAlias = Callable[[Sequence[Known]], Type]
"""The type of the result for these types of arguments. Raises ValueError if they do not fit."""

PREDICATES: Final = frozenset(
    {
        "all",
        "none",
        "any",
        "one",
        "filter",
        "map",
        "count",
        "find",
        "findIndex",
        "findLast",
        "findLastIndex",
        "groupBy",
        "reduce",
    }
)
"""Builtins whose second argument is asked of each element of the first."""


@dataclass(frozen=True, slots=True)
class Builtin:
    """A builtin: either signatures, of which one must fit, or a function that looks at the arguments."""

    name: str
    signatures: tuple[Signature, ...] = ()
    validate: Validate | None = None


def _arity(arguments: Sequence[Known], *wanted: int) -> None:
    if len(arguments) not in wanted:
        expected = " or ".join(map(str, wanted))
        raise ValueError(f"wants {expected} argument{'' if wanted == (1,) else 's'}, found {len(arguments)}")


def _measured(arguments: Sequence[Known]) -> Type:
    _arity(arguments, 1)
    if kind_of(arguments[0]) not in ("slice", "map", "string", "interface"):
        raise ValueError(f"has no length for {_named(arguments[0])}")
    return INT


def _numeric(result: Type | None, *, text: bool = False) -> Validate:
    def validate(arguments: Sequence[Known]) -> Type:
        _arity(arguments, 1)
        [argument] = arguments
        if argument is None or not (is_number(argument) or is_any(argument) or (text and is_string(argument))):
            raise ValueError(f"wants a number, not {_named(argument)}")
        return result or argument

    return validate


def _extreme(arguments: Sequence[Known]) -> Type:
    first: Type | None = None
    for argument in arguments:
        if is_any(argument):
            return ANY
        if argument is None or not is_number(argument):
            raise ValueError(f"wants numbers, not {_named(argument)}")
        first = first or argument
    if first is None:
        raise ValueError("wants an argument at least")
    return first


def _of_list(result: Type | None) -> Validate:
    """One list; without a result it is the type of the elements."""

    def validate(arguments: Sequence[Known]) -> Type:
        _arity(arguments, 1)
        argument = _list(arguments[0])
        return result or argument.elem or ANY

    return validate


def _of_map(result: Type) -> Validate:
    def validate(arguments: Sequence[Known]) -> Type:
        _arity(arguments, 1)
        if not is_map(arguments[0]) and not is_any(arguments[0]):
            raise ValueError(f"wants a map, not {_named(arguments[0])}")
        return result

    return validate


def _taken(arguments: Sequence[Known]) -> Type:
    _arity(arguments, 2)
    taken = _list(arguments[0])
    if not is_signed(arguments[1]) and not is_any(arguments[1]):
        raise ValueError(f"wants an integer as its second argument, not {_named(arguments[1])}")
    return taken


def _sorted(*arity: int) -> Validate:
    def validate(arguments: Sequence[Known]) -> Type:
        _arity(arguments, *arity)
        _list(arguments[0])
        for argument in arguments[1:]:
            if not is_string(argument) and not is_any(argument):
                raise ValueError(f"wants a text, not {_named(argument)}")
        return LIST

    return validate


def _list(argument: Known) -> Type:
    if argument is None or not (is_list(argument) or is_any(argument)):
        raise ValueError(f"wants a list, not {_named(argument)}")
    return argument


def _named(known: Known) -> str:
    return "nil" if known is None else known.name


def _texts(result: Type, *counts: int) -> tuple[Signature, ...]:
    """Of so many texts."""
    return tuple(Signature((STRING,) * count, result) for count in counts)


_VALIDATED: Final[dict[str, Validate]] = {
    "len": _measured,
    "abs": _numeric(None),
    **dict.fromkeys(("ceil", "floor", "round"), _numeric(FLOAT)),
    "int": _numeric(INT, text=True),
    "float": _numeric(FLOAT, text=True),
    **dict.fromkeys(("max", "min"), _extreme),
    "sum": _of_list(ANY),
    **dict.fromkeys(("mean", "median"), _of_list(FLOAT)),
    **dict.fromkeys(("first", "last"), _of_list(None)),
    "take": _taken,
    **dict.fromkeys(("keys", "values", "toPairs"), _of_map(LIST)),
    "fromPairs": _of_list(ANY_MAP),
    "sort": _sorted(1, 2),
    "sortBy": _sorted(2, 3),
}
_SPLIT: Final = (*_texts(STRINGS, 2), Signature((STRING, STRING, INT), STRINGS))
_SIGNED: Final[dict[str, tuple[Signature, ...]]] = {
    **dict.fromkeys(("type", "string", "toJSON"), (Signature((ANY,), STRING),)),
    **dict.fromkeys(("trim", "trimPrefix", "trimSuffix"), _texts(STRING, 1, 2)),
    **dict.fromkeys(("upper", "lower", "toBase64", "fromBase64"), _texts(STRING, 1)),
    **dict.fromkeys(("split", "splitAfter"), _SPLIT),
    "replace": (Signature((STRING, STRING, STRING, INT), STRING), *_texts(STRING, 3)),
    "repeat": (Signature((STRING, INT), STRING),),
    "join": tuple(Signature(params, STRING) for of in (STRINGS, LIST) for params in ((of, STRING), (of,))),
    **dict.fromkeys(("indexOf", "lastIndexOf"), _texts(INT, 2)),
    **dict.fromkeys(("hasPrefix", "hasSuffix"), _texts(BOOL, 2)),
    "fromJSON": _texts(ANY, 1),
    "now": (Signature((), TIME),),
    "duration": _texts(DURATION, 1),
    "date": _texts(TIME, 1, 2, 3),
}

BUILTINS: Final[Mapping[str, Builtin]] = {
    **{name: Builtin(name) for name in (*sorted(PREDICATES), "get")},
    **{name: Builtin(name, validate=validate) for name, validate in _VALIDATED.items()},
    **{name: Builtin(name, signatures) for name, signatures in _SIGNED.items()},
}
"""Every builtin by name."""
