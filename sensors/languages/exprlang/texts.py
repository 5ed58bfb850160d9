"""The builtins of expr-lang that are about texts, moments and encodings. Each takes exact kinds and raises GoError."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from sensors.languages.exprlang.operators import text
from sensors.languages.exprlang.values import AnyMap, to_int
from sensors.languages.go.duration import parse_duration
from sensors.languages.go.json import decode, encode
from sensors.languages.go.layout import parse_time
from sensors.languages.go.limits import GoError, check_text
from sensors.languages.go.text import SPACES, from_bytes, joined, lower, to_bytes, upper
from sensors.languages.go.time import Time, load_zone
from sensors.languages.go.values import Int, NilList, NilStrings, Strings, elements, type_of

_MOST_REPEATS: Final = 1_000_000
_LINE_BREAKS: Final = re.compile(r"[\r\n]")
_LAYOUTS: Final = (
    "2006-01-02",
    "15:04:05",
    "2006-01-02 15:04:05",
    "2006-01-02T15:04:05Z07:00",
    "02 Jan 06 15:04 MST",
    "Monday, 02-Jan-06 15:04:05 MST",
    "Mon, 02 Jan 2006 15:04:05 MST",
)


def _trim(value: Any, characters: Any = SPACES) -> str:
    return text(value).strip(text(characters)) if text(characters) else text(value)


def _trim_prefix(value: Any, prefix: Any = " ") -> str:
    return text(value).removeprefix(text(prefix))


def _trim_suffix(value: Any, suffix: Any = " ") -> str:
    return text(value).removesuffix(text(suffix))


def _upper(value: Any) -> str:
    return text(value).upper() if text(value).isascii() else "".join(map(upper, value))


def _lower(value: Any) -> str:
    return text(value).lower() if text(value).isascii() else "".join(map(lower, value))


def _split(value: Any, separator: Any, most: Any = -1) -> Strings:
    return _parts(text(value), text(separator), to_int(most), keep=False)


def _split_after(value: Any, separator: Any, most: Any = -1) -> Strings:
    return _parts(text(value), text(separator), to_int(most), keep=True)


def _parts(value: str, separator: str, count: int, *, keep: bool) -> Strings:
    """The parts between separators, `count` of them unless it is negative; without a separator the characters."""
    if count == 0:
        return NilStrings()
    if separator:
        parts = value.split(separator, count - 1 if count > 0 else -1)
        if keep:
            parts = [part + separator for part in parts[:-1]] + parts[-1:]
        return Strings(parts)
    if 0 < count < len(value):
        return Strings([*value[: count - 1], value[count - 1 :]])
    return Strings(value)


def _replace(value: Any, old: Any, new: Any, most: Any = -1) -> str:
    whole, found, other, count = text(value), text(old), text(new), to_int(most)
    times = whole.count(found) if count < 0 else min(count, whole.count(found))
    check_text(len(whole) + times * (len(other) - len(found)))
    return joined(whole.replace(found, other, count if count >= 0 else -1))


def _repeat(value: Any, times: Any) -> str:
    count = to_int(times)
    if not 0 <= count <= _MOST_REPEATS:
        raise GoError("repeated too often")
    check_text(len(text(value)) * count)
    return joined(text(value) * count)


def _join(values: Any, glue: Any = "") -> str:
    if values.__class__ not in (list, NilList, Strings, NilStrings):
        raise GoError(f"join wants a list of texts, found {type_of(values)}")
    parts = [text(value) for value in elements(values)]
    check_text(sum(map(len, parts)) + len(text(glue)) * len(parts))
    return joined(glue.join(parts))


def _index(value: Any, part: Any) -> Int:
    return Int(to_bytes(text(value)).find(to_bytes(text(part))))


def _last_index(value: Any, part: Any) -> Int:
    return Int(to_bytes(text(value)).rfind(to_bytes(text(part))))


def to_json(value: Any, indent: str = "") -> str:
    """JSON as Go writes it. Raises GoError for what has none, such as maps whose keys may be of any kind."""
    if _has_any_map(value):
        raise GoError("a map whose keys may be of any kind is no JSON")
    return encode(value, indent=indent)


def _has_any_map(value: Any) -> bool:
    if isinstance(value, AnyMap):
        return True
    if isinstance(value, dict):
        return any(map(_has_any_map, value.values()))
    return isinstance(value, list) and any(map(_has_any_map, value))


def from_json(value: Any) -> Any:
    """The value of a JSON text. Raises GoError if it is none."""
    read, problem = decode(text(value))
    if problem:
        raise GoError(problem)
    return read


def _from_base64(value: Any) -> str:
    try:
        encoded = _LINE_BREAKS.sub("", text(value)).encode("ascii")
        return from_bytes(base64.b64decode(encoded, validate=True))
    except (UnicodeEncodeError, binascii.Error):
        raise GoError("it is not base64") from None


def _date(value: Any, layout: Any = None, zone: Any = "") -> Time:
    if layout is not None:
        place = load_zone(text(zone))
        if place is None:
            raise GoError("there is no such time zone")
        return parse_time(text(layout), text(value), place)
    for known in _LAYOUTS:
        try:
            return parse_time(known, text(value))
        except GoError:
            continue
    raise GoError("it is no date: name its layout in a second argument")


TEXTS: Final[Mapping[str, Callable[..., Any]]] = {
    "trim": _trim,
    "trimPrefix": _trim_prefix,
    "trimSuffix": _trim_suffix,
    "upper": _upper,
    "lower": _lower,
    "split": _split,
    "splitAfter": _split_after,
    "replace": _replace,
    "repeat": _repeat,
    "join": _join,
    "indexOf": _index,
    "lastIndexOf": _last_index,
    "hasPrefix": lambda value, prefix: text(value).startswith(text(prefix)),
    "hasSuffix": lambda value, suffix: text(value).endswith(text(suffix)),
    "toJSON": lambda value: to_json(value, "  "),
    "fromJSON": from_json,
    "toBase64": lambda value: base64.b64encode(to_bytes(text(value))).decode(),
    "fromBase64": _from_base64,
    "duration": lambda value: parse_duration(text(value)),
    "date": _date,
}
"""The functions by name."""
