"""Instants: the log is ordered by positions alone; these are only for ages, due times and people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from bus.event import now_text

Clock = Callable[[], float]
"""Unix seconds, as `time.time` gives them. May jump."""


def text(instant: float) -> str:
    """Unix seconds as RFC 3339 in UTC."""
    return now_text(lambda: datetime.fromtimestamp(instant, UTC))


def seconds(moment: str) -> float:
    """RFC 3339 as Unix seconds; UTC if no offset is given. Raises ValueError."""
    parsed = datetime.fromisoformat(moment)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
