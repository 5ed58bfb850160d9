"""Events for the tests of this room."""

from __future__ import annotations

from typing import Any

import orjson

from bus.event import Event


def make_event(data: Any = None, *, raw: bytes | None = None, **attributes: Any) -> Event:
    """An event with this value, or these bytes, as its data."""
    fields: dict[str, Any] = {
        "id": "4a7f",
        "source": "forge",
        "type": "webhook",
        "subject": "push",
        "time": "2026-03-14T15:09:26Z",
    }
    return Event(**{**fields, "data": raw if raw is not None or data is None else orjson.dumps(data), **attributes})
