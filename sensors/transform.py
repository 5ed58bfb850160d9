"""Transforms: other data for an event before filters and triggers see it. The attributes of the event stay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from sensors.errors import CompileError
from sensors.event_object import object_of
from sensors.jmes_filter import compile_jmespath
from sensors.script_filter import compile_lua

if TYPE_CHECKING:
    from bus.event import Event
    from config.sensor import Transform

_FIELDS: Final = ("jmespath", "jq", "script")


class Change(NamedTuple):
    """A compiled transform: the event that it makes of an event, and what of it its author can hardly have meant.

    It raises ValueError if the expression does not fit the event, or does not give what can be data.
    """

    apply: Callable[[Event], Event]
    warnings: Sequence[str] = ()


def compile_transform(manifest: Transform | None) -> Change | None:
    """The change of a `transform` block, None if there is none. Raises CompileError, whose path begins in the block.

    `jmespath` sees the whole CloudEvent, `jq` and `script` only its data, which has to be an object; with both of them, `jq`
    counts, as in Argo Events. The result becomes the data: an object or, from a script, any table. An event without data
    stays as it is to `jq` and `script`.
    """
    if manifest is None:
        return None
    given = [name for name in _FIELDS if getattr(manifest, name)]
    if len(given) > 1 and given[0] == "jmespath":
        raise CompileError((given[1],), "there is a 'jmespath' as well", "keep one of them")
    match given:
        case ["jmespath", *_]:
            return _by_jmespath(manifest.jmespath)
        case ["jq", *_]:
            return _by_jq(manifest.jq)
        case ["script"]:
            return _by_script(manifest.script)
        case _:
            return None


def _by_jmespath(text: str) -> Change:
    search = compile_jmespath(text, ("jmespath",)).search

    def transform(event: Event) -> Event:
        data = search(event.document())
        if not isinstance(data, dict):
            raise ValueError(f"the expression must give an object; it gave {_kind(data)}")
        return _with_data(event, data)

    return Change(transform)


def _by_jq(text: str) -> Change:
    # The language is large, and most manifests have no query.
    from sensors.languages.jq.query import ExpressionError, compile_query

    try:
        query = compile_query(text)
    except ExpressionError as error:
        raise CompileError(("jq",), f"not a jq query: {error}", "see https://jqlang.org/manual") from None

    def transform(event: Event) -> Event:
        if event.data is None:
            return event
        given = object_of(event)
        document = {} if given is None else given
        data = query.first(document)
        if not isinstance(data, dict):
            raise ValueError(f"the query must give an object; it gave {_kind(data)}")
        if given is None and data is document:
            # Null is an empty object to the query, and null again if it gives just that.
            return _with_data(event, None)
        return _with_data(event, data)

    return Change(transform)


def _by_script(text: str) -> Change:
    script = compile_lua(text, ("script",))

    def transform(event: Event) -> Event:
        if event.data is None:
            return event
        data = script.run(object_of(event) or {})
        if not isinstance(data, (dict, list)):
            raise ValueError(f"the script must return a table; it returned {_kind(data)}")
        return _with_data(event, data)

    return Change(transform, script.warnings)


def _with_data(event: Event, data: Any) -> Event:
    try:
        return event.with_data(orjson.dumps(data), data)
    except TypeError as error:
        raise ValueError(f"the result cannot be written as JSON: {error}") from error


def _kind(value: object) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", str: "text", list: "a list"}
    return names.get(type(value), "null")
