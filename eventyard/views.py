"""Events and decisions as JSON-able values, as every answer, log line and document of this program shows them."""

from __future__ import annotations

from typing import Any

import msgspec

from bus.event import Event
from sensors.decision import Decision


def event_view(event: Event, *, data: bool = True) -> dict[str, Any]:
    """An event: its CloudEvents attributes, and its data parsed if it is JSON."""
    view: dict[str, Any] = {**event.context(), **event.extensions}
    if data and event.data is not None:
        try:
            view["data"] = event.json()
        except ValueError:
            view["data"] = event.data.decode("utf-8", "replace")
    return view


def decision_view(decision: Decision) -> dict[str, Any]:
    """A decision. Fields that say nothing are left out, but a verdict is always there."""
    view: dict[str, Any] = msgspec.to_builtins(decision)
    for dependency, shown in zip(decision.dependencies, view.get("dependencies", ()), strict=False):
        shown["verdict"] = dependency.verdict
        for result, asked in zip(dependency.filters, shown.get("filters", ()), strict=False):
            asked["verdict"] = result.verdict
    for trigger, shown in zip(decision.triggers, view.get("triggers", ()), strict=False):
        shown["verdict"] = trigger.verdict
    return view
