"""sprig's functions of maps. `set`, `unset` and the merging ones change the map they are given."""

from __future__ import annotations

from typing import Any, Final

from sensors.languages.go.limits import GoError
from sensors.languages.go.values import NilMap, Strings, copied, described, is_true, plain
from sensors.languages.gotemplate.functions import ANY, MAP, STRING, Function
from sensors.languages.sprig.strings import string_of


def _dict(*values: Any) -> dict[str, Any]:
    """Keys and values in turn; the last key may be without."""
    return {
        string_of(key): values[2 * index + 1] if 2 * index + 1 < len(values) else ""
        for index, key in enumerate(values[::2])
    }


def _get(target: dict[str, Any], key: str) -> Any:
    return plain(target.get(key, ""))


def _set(target: dict[str, Any], key: str, value: Any) -> dict[str, Any]:
    if isinstance(target, NilMap):
        raise GoError("nothing can be set in a nil map")
    target[key] = value
    return target


def _unset(target: dict[str, Any], key: str) -> dict[str, Any]:
    target.pop(key, None)
    return target


def _pluck(key: str, *maps: dict[str, Any]) -> list[Any]:
    return [each[key] for each in maps if key in each]


def _keys(*maps: dict[str, Any]) -> Strings:
    return Strings(key for each in maps for key in each)


def _pick(target: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: target[key] for key in keys if key in target}


def _omit(target: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in target.items() if key not in keys}


def _dig(*values: Any) -> Any:
    """The value at the end of keys, or the one before the last argument where a key is missing."""
    if len(values) < 3:
        raise GoError("dig wants keys, a default and a map")
    *keys, default, target = values
    if any(key.__class__ is not str for key in keys):
        raise GoError("a key is a string")
    for key in keys:
        if target.__class__ not in (dict, NilMap):
            raise GoError(f"a map is wanted, not {described(target)}")
        if key not in target:
            return default
        target = plain(target[key])
    return target


def _deep_copy(value: Any) -> Any:
    if value is None:
        raise GoError("nil cannot be copied")
    return copied(value)


def _merge(target: dict[str, Any], *sources: dict[str, Any], overwrites: bool) -> dict[str, Any]:
    if isinstance(target, NilMap):
        target = {}
    for source in sources:
        _merge_into(target, source, overwrites)
    return target


def _merge_into(target: dict[str, Any], source: dict[str, Any], overwrites: bool) -> None:
    """Maps within maps are merged, too; of all else the target keeps what is not empty, unless it is to be overwritten."""
    for key, value in list(source.items()):
        if value is None:
            if overwrites:
                target[key] = None
            continue
        present = target.get(key)
        if isinstance(value, dict) and isinstance(present, dict):
            _merge_into(present, value, overwrites)
            if is_true(present):
                continue
        if overwrites or not is_true(present):
            target[key] = value


FUNCTIONS: Final = (
    Function("dict", _dict, (ANY,), variadic=True),
    Function("get", _get, (MAP, STRING)),
    Function("set", _set, (MAP, STRING, ANY), changes=True),
    Function("unset", _unset, (MAP, STRING), changes=True),
    Function("hasKey", lambda target, key: key in target, (MAP, STRING)),
    Function("pluck", _pluck, (STRING, MAP), variadic=True),
    Function("keys", _keys, (MAP,), variadic=True),
    Function("values", lambda target: list(target.values()), (MAP,)),
    Function("pick", _pick, (MAP, STRING), variadic=True),
    Function("omit", _omit, (MAP, STRING), variadic=True),
    Function("dig", _dig, (ANY,), variadic=True),
    *(Function(name, _deep_copy, (ANY,)) for name in ("deepCopy", "mustDeepCopy")),
    *(
        Function(name, lambda target, *sources: _merge(target, *sources, overwrites=False), (MAP, MAP), True, True)
        for name in ("merge", "mustMerge")
    ),
    *(
        Function(name, lambda target, *sources: _merge(target, *sources, overwrites=True), (MAP, MAP), True, True)
        for name in ("mergeOverwrite", "mustMergeOverwrite")
    ),
)
