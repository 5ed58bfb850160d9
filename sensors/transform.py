"""Transforms: other data for an event before filters and triggers see it. The attributes of the event stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import orjson

from sensors.errors import CompileError, NotAvailable
from sensors.jmes_filter import compile_jmespath

if TYPE_CHECKING:
    from bus.event import Event
    from config.sensor import Transform


def compile_transform(manifest: Transform | None) -> Callable[[Event], Event] | None:
    """The function of a `transform` block, None if there is none. Raises CompileError, whose path begins in the block.

    `jmespath` sees the whole CloudEvent; its result, an object, becomes the data. The function raises ValueError if it is
    something else or the expression does not fit the event.
    """
    if manifest is None:
        return None
    for name in ("jq", "script"):
        if getattr(manifest, name):
            if manifest.jmespath:
                raise CompileError((name,), "there is a 'jmespath' as well", "keep one of them")
            raise NotAvailable((name,), "write it as 'jmespath'")
    if not manifest.jmespath:
        return None
    search = compile_jmespath(manifest.jmespath, ("jmespath",)).search

    def transform(event: Event) -> Event:
        data = search(event.document())
        if not isinstance(data, dict):
            raise ValueError(f"the expression must give an object; it gave {_kind(data)}")
        try:
            return event.with_data(orjson.dumps(data), data)
        except TypeError as error:
            raise ValueError(f"the result cannot be written as JSON: {error}") from error

    return transform


def _kind(value: object) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", str: "text", list: "a list"}
    return names.get(type(value), "null")
