"""What a filter is: one kind of question about an event, compiled once and asked of every event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import orjson

if TYPE_CHECKING:
    from bus.event import Event
    from sensors.decision import FilterResult

_SHOWN_MOST: Final = 256
"""Characters of a value that a record shows."""


class Check(NamedTuple):
    """The answer of a filter: whether the event passed, a result for each thing asked, and the error if it could not tell."""

    passed: bool
    results: Sequence[FilterResult]
    error: str = ""


class Filter(Protocol):
    """All filters of one kind of one dependency."""

    @property
    def warnings(self) -> Sequence[str]:
        """What a reader of the manifest would not expect of it."""

    def check(self, event: Event, explain: bool) -> Check:
        """Ask the event. What did not pass says what was found; with `explain`, all does. Never raises."""


def shown(value: Any) -> Any:
    """A JSON value as a record shows it: as it is if it is short, else the beginning of its text."""
    if isinstance(value, str):
        return value if len(value) <= _SHOWN_MOST else value[:_SHOWN_MOST] + "…"
    if not isinstance(value, (dict, list)):
        return value
    text = orjson.dumps(value)
    return value if len(text) <= _SHOWN_MOST else text[:_SHOWN_MOST].decode(errors="ignore") + "…"
