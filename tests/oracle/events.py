"""Events as recorded cases give them."""

from __future__ import annotations

from typing import Any

from bus.event import Event


def make_event(context: dict[str, Any], data: str | None) -> Event:
    """The event of a case's context attributes and data text."""
    return Event(
        id=context.get("id", ""),
        source=context.get("source", ""),
        type=context.get("type", ""),
        subject=context.get("subject", ""),
        time=context.get("time", ""),
        datacontenttype=context.get("datacontenttype", ""),
        data=None if data is None else data.encode(),
    )
