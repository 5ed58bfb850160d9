"""An event's data as scripts and jq see it in Argo Events: a JSON object, or null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sensors.languages.go.json import decode
from sensors.languages.go.text import from_bytes

if TYPE_CHECKING:
    from bus.event import Event

_KINDS: Final = {list: "a list", str: "text", bool: "a boolean"}


def object_of(event: Event) -> dict[str, Any] | None:
    """The data, shared by all readers, who must not change it. Raises ValueError if it is neither an object nor null."""
    try:
        data = event.json()
    except ValueError:
        # What the parser refuses is tried again as Go reads it: to it, half of a surrogate pair is JSON as well.
        data = event.view(_as_go_reads_it)
    if data is not None and not isinstance(data, dict):
        raise ValueError(f"the event's data is not an object, but {_KINDS.get(type(data), 'a number')}")
    return data


def _as_go_reads_it(event: Event) -> Any:
    data, problem = decode(from_bytes(event.data or b""))
    if problem:
        raise ValueError(f"the event's data cannot be read: {problem}")
    return data
