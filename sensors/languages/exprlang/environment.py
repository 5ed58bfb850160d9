"""The names that an EventSource's filter sees: the keys of the event's data, and the helpers that Argo Events adds.

A `-` in a key is a `_` in the name, and a key with dots is a path: `{"a.b": 1}` is seen as `{"a": {"b": 1}}`. Only keys at
the top are treated so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NoReturn

from sensors.languages.exprlang.builtins import to_integer, to_number
from sensors.languages.exprlang.texts import from_json, to_json
from sensors.languages.exprlang.values import GoFunction
from sensors.languages.go.limits import GoError
from sensors.languages.gotemplate.builtins import BUILTINS
from sensors.languages.gotemplate.functions import ANY, STRING, Function
from sensors.languages.jsonpath.path import query
from sensors.languages.sprig.functions import SYSTEM, functions_in
from sensors.languages.sprig.refused import REFUSED


def _to_json(value: Any) -> str:
    """JSON on one line; empty for what has none."""
    try:
        return to_json(value)
    except GoError:
        return ""


def _jsonpath(text: Any, path: Any) -> Any:
    """What a path finds in a JSON text."""
    return query(path, from_json(text))


def _sprig() -> dict[str, GoFunction]:
    """The functions of sprig, without those of text/template; what is refused says why when it is called."""
    every = functions_in(SYSTEM)
    found = {name: function for name, function in every.items() if function not in BUILTINS}
    refused = {name: Function(name, _refusing(why), (ANY,), variadic=True) for name, why in REFUSED.items()}
    # Argo Events has these two no more than we have.
    hidden = ("env", "expandenv")
    return {name: GoFunction(function) for name, function in {**found, **refused}.items() if name not in hidden}


def _refusing(reason: str) -> Callable[..., NoReturn]:
    def refuse(*arguments: Any) -> NoReturn:
        raise GoError(reason)

    return refuse


HELPERS: Final[Mapping[str, Any]] = {
    "asInt": GoFunction(Function("asInt", to_integer, (ANY,))),
    "asFloat": GoFunction(Function("asFloat", to_number, (ANY,))),
    "toJson": GoFunction(Function("toJson", _to_json, (ANY,))),
    "jsonpath": GoFunction(Function("jsonpath", _jsonpath, (STRING, STRING))),
    "sprig": _sprig(),
}
"""They win over keys of the same name."""


def names_of(data: Any) -> Mapping[str, Any]:
    """What an expression sees of the data, which shares its parts. Raises GoError if it is neither an object nor null."""
    if data is None:
        return {}
    if data.__class__ is not dict:
        raise GoError("the data is no JSON object")
    if not any("-" in key or "." in key for key in data):
        return data
    names = {key.replace("-", "_"): value for key, value in data.items()}
    if any(key.startswith(".") for key in names):
        raise GoError("a key of the data begins with a dot")
    return _expanded(names.items())


def _expanded(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Keys with dots as maps in maps, which win over a key that is only the beginning of theirs."""
    names: dict[str, Any] = {}
    nested: dict[str, list[tuple[str, Any]]] = {}
    for key, value in pairs:
        head, dot, rest = key.partition(".")
        if dot:
            nested.setdefault(head, []).append((rest, value))
        else:
            names[key] = value
    try:
        return {**names, **{head: _expanded(inner) for head, inner in nested.items()}}
    except RecursionError:
        raise GoError("a key of the data has too many dots") from None
