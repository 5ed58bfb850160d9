"""Recorded calendar cases: the ticks that follow an instant, and the event times of those that are caught up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from config.errors import EventyardError
from config.schedule import parse_schedule

Case = dict[str, Any]
_FAILURES: Final = {"error", "decodeError", "panic", "crash"}


def answer(case: Case) -> Case:
    """What we make of a case's input: `ticks` and `catchUpEventTimes`, or `error`."""
    fields = case["calendar"]
    try:
        schedule = parse_schedule(
            fields.get("schedule", ""),
            fields.get("interval", ""),
            timezone=fields.get("timezone", ""),
            exclusion_dates=fields.get("exclusionDates") or (),
            unsafe=True,
        )
    except EventyardError as error:
        return {"error": str(error)}
    ticks: list[str] = []
    texts: list[str] = []
    last = datetime.fromisoformat(case["from"])
    for _ in range(case["count"]):
        tick = schedule.next_after(last)
        if tick is None:
            ticks.append("never")
            break
        ticks.append(tick.isoformat())
        texts.append(schedule.event_time(tick))
        last = tick
    return {"ticks": ticks, "catchUpEventTimes": texts}


def agrees(want: Case, got: Case) -> bool:
    """Whether both failed, or both name the same instants with the same texts."""
    if _FAILURES & want.keys():
        return "error" in got
    return (
        "error" not in got
        and [_instant(tick) for tick in want["ticks"]] == [_instant(tick) for tick in got["ticks"]]
        and want["catchUpEventTimes"] == got["catchUpEventTimes"]
    )


def _instant(text: str) -> timedelta | None:
    return None if text == "never" else datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)


ANSWERS: Final[dict[str, tuple[Callable[[Case], Case], Callable[[Case, Case], bool]]]] = {"calendar": (answer, agrees)}
