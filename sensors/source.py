"""Where a parameter's value comes from (`src`), compiled once into a function of the events of a firing.

The order is Argo Events': a template, else a key, in the data if one of them is about the data, else in the context;
`value` where that leads nowhere; the whole event where nothing is asked for. `jmespath`, which is eventyard's own, sees
the whole CloudEvent and gives typed values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from config.errors import Permanent
from sensors.errors import CompileError
from sensors.event_json import context_of, payload_of, whole_text
from sensors.jmes_filter import compile_jmespath
from sensors.languages.gjson.get import Document, PathError, Type, compile_path
from sensors.languages.gjson.text import members
from sensors.templates import compile_field, context_input, payload_input, render

if TYPE_CHECKING:
    from bus.event import Event
    from config.block import FieldPath
    from config.sensor import ParameterSource


_KEYS_MOST: Final = 12
"""Keys that an error names, so that a reader sees the one that was meant."""


class Value(NamedTuple):
    """A resolved value: its text, the kind it had in its document, and whether the text is to be written as JSON."""

    text: str
    kind: Type = Type.STRING
    is_raw: bool = False


Resolve = Callable[[Mapping[str, "Event"]], Value | None]
"""The value for the events of a firing, by dependency; None if the dependency has none. Raises Permanent."""

Lookup = Callable[["Event"], Value | None]
"""A value in one event, None if there is none. Raises ValueError if the event has no document to look in."""


def compile_source(source: ParameterSource, path: FieldPath = (), parameter: str = "") -> Resolve:
    """The function of a `src` block at `path`; `parameter` names it in errors. Raises CompileError."""
    dependency = source.dependency_name
    default = None if source.value is None else Value(source.value)
    lookups = _lookups(source, path)
    if not lookups:
        lookups = [(lambda event: Value(whole_text(event))) if default is None else (lambda event: default)]

    def resolve(events: Mapping[str, Event]) -> Value | None:
        event = events.get(dependency)
        if event is None:
            return default
        reason: ValueError | None = None
        for lookup in lookups:
            try:
                if (found := lookup(event)) is not None:
                    return found
            except ValueError as error:
                reason = reason or error
        if default is not None:
            return default
        raise _unresolved(source, parameter, event, reason)

    return resolve


def _lookups(source: ParameterSource, path: FieldPath) -> list[Lookup]:
    """What to try, one after the other."""
    in_data = bool(source.data_key or source.data_template)
    key, template = (
        (source.data_key, source.data_template) if in_data else (source.context_key, source.context_template)
    )
    if source.jmespath:
        if key or template:
            raise CompileError((*path, "jmespath"), "there is another key or template as well", "keep one of them")
        return [_by_jmespath(source, path)]
    lookups: list[Lookup] = []
    if template:
        where = (*path, "dataTemplate" if in_data else "contextTemplate")
        lookups.append(_by_template(template, payload_input if in_data else context_input, where))
    if key:
        where = (*path, "dataKey" if in_data else "contextKey")
        lookups.append(_by_key(key, payload_of if in_data else context_of, source.use_raw_data, where))
    return lookups


def _by_template(text: str, input_of: Callable[[Event], Any], path: FieldPath) -> Lookup:
    template = compile_field(text, path)

    def lookup(event: Event) -> Value:
        return Value(render(template, event.view(input_of)))

    return lookup


def _by_key(key: str, document_of: Callable[[Event], Document], use_raw_data: bool, path: FieldPath) -> Lookup:
    try:
        read = compile_path(key).read
    except PathError as error:
        raise CompileError(path, str(error)) from None

    def lookup(event: Event) -> Value | None:
        found = read(event.view(document_of))
        if found is None:
            return None
        kind = found.type
        if kind is Type.STRING:
            return Value(found.text)
        return Value(found.raw if kind is Type.JSON or kind is Type.NULL else found.string(), kind, use_raw_data)

    return lookup


def _by_jmespath(source: ParameterSource, path: FieldPath) -> Lookup:
    search = compile_jmespath(source.jmespath, (*path, "jmespath")).search

    def lookup(event: Event) -> Value | None:
        found = search(event.document())
        if found is None:
            return None
        if isinstance(found, str):
            return Value(found)
        try:
            return Value(orjson.dumps(found).decode(), _type_of(found), True)
        except TypeError as error:
            raise ValueError(f"the result cannot be written as JSON: {error}") from error

    return lookup


def _type_of(found: Any) -> Type:
    if isinstance(found, bool):
        return Type.TRUE if found else Type.FALSE
    return Type.NUMBER if isinstance(found, (int, float)) else Type.JSON


def _unresolved(source: ParameterSource, parameter: str, event: Event, reason: ValueError | None) -> Permanent:
    asked = _asked(source)
    name, text = next(iter(asked.items()))
    why = str(reason) if reason is not None else _nearest(source, event)
    also = f", and neither does {' or '.join(list(asked)[1:])}" if len(asked) > 1 else ""
    return Permanent(
        f"{name} '{text}' of dependency '{source.dependency_name}' gives no value{also}: {why}",
        where=parameter,
        fix=f"correct {name}, or set 'value' to have a default",
    )


def _asked(source: ParameterSource) -> dict[str, str]:
    """What was tried, by the name of its field, in order."""
    in_data = {"dataTemplate": source.data_template, "dataKey": source.data_key}
    in_context = {"contextTemplate": source.context_template, "contextKey": source.context_key}
    tried = {"jmespath": source.jmespath, **(in_data if any(in_data.values()) else in_context)}
    return {name: text for name, text in tried.items() if text}


def _nearest(source: ParameterSource, event: Event) -> str:
    """How far a key leads before there is nothing."""
    if source.jmespath:
        return "the result is null"
    in_data = bool(source.data_key)
    document = event.view(payload_of if in_data else context_of)
    reached, at = "", compile_path("@this").read(document)
    steps = (source.data_key or source.context_key).split(".")
    for count in range(1, len(steps)):
        prefix = ".".join(steps[:count])
        found = compile_path(prefix).read(document)
        if found is None:
            break
        reached, at = prefix, found
    place = f"'{reached}'" if reached else "the data" if in_data else "the context"
    if at is None or not at.is_object:
        return f"{place} is {'an array' if at is not None and at.is_array else 'no object'}"
    keys = [repr(key) for key, _, _ in islice(members(at), _KEYS_MOST + 1)]
    if len(keys) > _KEYS_MOST:
        keys[-1] = "…"
    return f"{place} has {', '.join(keys)}" if keys else f"{place} is empty"
