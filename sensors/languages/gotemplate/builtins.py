"""The functions that text/template has without sprig. `and` and `or`, which need not evaluate all arguments, are not called."""

from __future__ import annotations

import re
from typing import Any, Final, NoReturn

from sensors.languages.go.format import sprint, sprintln
from sensors.languages.go.limits import GoError
from sensors.languages.go.printf import sprintf
from sensors.languages.go.text import byte_length, to_bytes
from sensors.languages.go.url import escape
from sensors.languages.go.values import GoInteger, Int, Uint8, described, is_nil, is_true, kind_of, plain, type_of
from sensors.languages.gotemplate.functions import ANY, STRING, Function

_HTML: Final = str.maketrans({"\0": "\ufffd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SCRIPT: Final = {"\\": "\\\\", "'": "\\'", '"': '\\"'}
_SCRIPT_SPECIAL: Final = re.compile(r"[\\'\"<>&=\x00-\x1f]|[^\x00-\x7f]")


def _basic_kind(value: Any) -> str:
    """The kinds that can be compared with others of their kind; all else is of none."""
    cls = value.__class__
    if cls is str or cls is bool or cls is complex:
        return str(cls.__name__)
    if cls is float or cls is int:
        return "float"
    return "int" if isinstance(value, GoInteger) else ""


def _equal(one: Any, other: Any) -> bool:
    kinds = _basic_kind(one), _basic_kind(other)
    if kinds[0] and kinds[0] == kinds[1]:
        return bool(one == other)
    if kinds[0] == kinds[1]:
        return _equal_others(one, other)
    if one is None or other is None:
        return False
    raise GoError(f"{described(one)} cannot be compared with {described(other)}")


def _equal_others(one: Any, other: Any) -> bool:
    """Lists and maps can be compared with nil only, structs with their like."""
    if one is not None and other is not None and kind_of(one) != kind_of(other):
        raise GoError(f"{described(one)} cannot be compared with {described(other)}")
    if is_nil(one) or is_nil(other):
        return is_nil(one) and is_nil(other)
    if isinstance(other, (dict, list)):
        raise GoError(f"{described(other)} cannot be compared")
    if kind_of(one) == "ptr":
        return one is other
    return type_of(one) == type_of(other) and bool(one == other)


def _eq(one: Any, *others: Any) -> bool:
    if not others:
        raise GoError("there is nothing to compare with")
    # An argument that cannot be compared is an error only if none before it is equal.
    return any(_equal(one, other) for other in others)


def _ne(one: Any, other: Any) -> bool:
    return not _equal(one, other)


def _lt(one: Any, other: Any) -> bool:
    kinds = _basic_kind(one), _basic_kind(other)
    for value, kind in zip((one, other), kinds, strict=True):
        if not kind:
            raise GoError(f"{described(value)} has no order")
    if kinds[0] != kinds[1]:
        raise GoError(f"{described(one)} cannot be compared with {described(other)}")
    if kinds[0] in ("bool", "complex"):
        raise GoError(f"{described(one)} has no order")
    if kinds[0] == "str" and not (one.isascii() and other.isascii()):
        return to_bytes(one) < to_bytes(other)
    return bool(one < other)


def _le(one: Any, other: Any) -> bool:
    return _lt(one, other) or _equal(one, other)


def _gt(one: Any, other: Any) -> bool:
    return not _le(one, other)


def _ge(one: Any, other: Any) -> bool:
    return not _lt(one, other)


def _index(item: Any, *indexes: Any) -> Any:
    if item is None:
        raise GoError("nil has no elements")
    for index in indexes:
        if isinstance(item, dict):
            if index.__class__ is not str:
                raise GoError(f"a map is indexed with a string, not {described(index)}")
            missing = "" if type_of(item) == "map[string]string" else None
            item = plain(item.get(index, missing))
        elif isinstance(item, (list, str)):
            item = _element(item, index)
        else:
            raise GoError(f"{described(item)} has no elements")
    return item


def _element(item: Any, index: Any) -> Any:
    if not isinstance(index, GoInteger):
        raise GoError(f"a list is indexed with an integer, not {described(index)}")
    if item.__class__ is str:
        item = to_bytes(item)
    if not 0 <= index < len(item):
        raise GoError(f"index {int(index)} is out of range, for there are {len(item)} elements")
    element = item[index]
    return Uint8(element) if isinstance(item, bytes) else plain(element)


def _len(item: Any) -> Int:
    if item.__class__ is str:
        return Int(byte_length(item))
    if isinstance(item, (list, dict)):
        return Int(len(item))
    raise GoError(f"{described(item)} has no length")


def _call(callee: Any, *arguments: Any) -> NoReturn:
    raise GoError("only values that are functions can be called, and there are none")


def _text(values: tuple[Any, ...]) -> str:
    """What `print` would print, but for nil, which is printed as an action prints it."""
    if len(values) == 1 and values[0].__class__ is str:
        return str(values[0])
    return sprint(["<no value>" if value is None else value for value in values])


def _html(*values: Any) -> str:
    return _text(values).translate(_HTML)


def _js(*values: Any) -> str:
    return _SCRIPT_SPECIAL.sub(_script, _text(values))


def _script(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    if code >= 0x80:
        # Bytes that are not UTF-8 are left alone.
        return character if character.isprintable() or 0xDC80 <= code <= 0xDCFF else f"\\u{code:04X}"
    return _SCRIPT.get(character) or f"\\u{code:04X}"


def _urlquery(*values: Any) -> str:
    return escape(_text(values), "query")


BUILTINS: Final = (
    Function("and", is_true, (ANY, ANY), variadic=True),
    Function("or", is_true, (ANY, ANY), variadic=True),
    Function("not", lambda value: not is_true(value), (ANY,)),
    Function("eq", _eq, (ANY, ANY), variadic=True),
    Function("ne", _ne, (ANY, ANY)),
    Function("lt", _lt, (ANY, ANY)),
    Function("le", _le, (ANY, ANY)),
    Function("gt", _gt, (ANY, ANY)),
    Function("ge", _ge, (ANY, ANY)),
    Function("index", _index, (ANY, ANY), variadic=True),
    Function("len", _len, (ANY,)),
    Function("call", _call, (ANY, ANY), variadic=True),
    Function("print", lambda *values: sprint(list(values)), (ANY,), variadic=True),
    Function("println", lambda *values: sprintln(list(values)), (ANY,), variadic=True),
    Function("printf", lambda format, *values: sprintf(format, list(values)), (STRING, ANY), variadic=True),
    Function("html", _html, (ANY,), variadic=True),
    Function("js", _js, (ANY,), variadic=True),
    Function("urlquery", _urlquery, (ANY,), variadic=True),
)
"""sprig replaces the `slice` of text/template by its own."""
