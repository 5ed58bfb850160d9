"""sprig's functions of any value: defaults, choices, types, JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NoReturn

from sensors.languages.go.json import decode, encode
from sensors.languages.go.limits import GoError, LimitError
from sensors.languages.go.values import Comparison, is_true, kind_of, type_of
from sensors.languages.gotemplate.functions import ANY, BOOL, STRING, Function


def _default(default: Any, *given: Any) -> Any:
    return given[0] if given and is_true(given[0]) else default


def _coalesce(*values: Any) -> Any:
    return next(filter(is_true, values), None)


def _fail(message: str) -> NoReturn:
    raise GoError(message)


def _type_is_like(target: str, value: Any) -> bool:
    return type_of(value) in (target, f"*{target}")


def _from_json(text: str) -> Any:
    return decode(text)[0]


def _must_from_json(text: str) -> Any:
    value, fault = decode(text)
    if fault:
        raise GoError(fault)
    return value


def _to_pretty_json(value: Any) -> str:
    return encode(value, indent="  ")


def _to_raw_json(value: Any) -> str:
    return encode(value, html=False)


def _lenient(encode: Callable[[Any], str]) -> Callable[[Any], str]:
    """What cannot be written as JSON gives an empty text."""

    def encode_or_not(value: Any) -> str:
        try:
            return encode(value)
        except LimitError:
            raise
        except GoError:
            return ""

    return encode_or_not


FUNCTIONS: Final = (
    Function("default", _default, (ANY, ANY), variadic=True),
    Function("empty", lambda value: not is_true(value), (ANY,)),
    Function("coalesce", _coalesce, (ANY,), variadic=True),
    Function("all", lambda *values: all(map(is_true, values)), (ANY,), variadic=True),
    Function("any", lambda *values: any(map(is_true, values)), (ANY,), variadic=True),
    Function("ternary", lambda one, other, chosen: one if chosen else other, (ANY, ANY, BOOL)),
    Function("fail", _fail, (STRING,)),
    Function("typeOf", type_of, (ANY,)),
    Function("typeIs", lambda target, value: type_of(value) == target, (STRING, ANY)),
    Function("typeIsLike", _type_is_like, (STRING, ANY)),
    Function("kindOf", kind_of, (ANY,)),
    Function("kindIs", lambda target, value: kind_of(value) == target, (STRING, ANY)),
    Function("deepEqual", lambda one, other: Comparison().equal(one, other), (ANY, ANY)),
    Function("fromJson", _from_json, (STRING,)),
    Function("mustFromJson", _must_from_json, (STRING,)),
    Function("toJson", _lenient(encode), (ANY,)),
    Function("mustToJson", encode, (ANY,)),
    Function("toPrettyJson", _lenient(_to_pretty_json), (ANY,)),
    Function("mustToPrettyJson", _to_pretty_json, (ANY,)),
    Function("toRawJson", _to_raw_json, (ANY,)),
    Function("mustToRawJson", _to_raw_json, (ANY,)),
)
