"""Why an event did or did not fire: its decision records completed with what happened later, as values and as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import orjson

from bus.base import Attempt, Delivery, History
from eventyard.report import attempt_words, clock_text, fix_of
from eventyard.views import decision_view, event_view
from sensors.decision import Decision, DependencyResult, FilterResult, TriggerResult, complete, decode


class Explained(msgspec.Struct, frozen=True):
    """One event without its data, and all decisions about it."""

    position: int
    event: dict[str, Any]
    size: int
    decisions: Sequence[Decision]


async def explain(history: History, id: str) -> list[Explained]:
    """Every event that `id` means (whole, its beginning, or the part after its last colon)."""
    return [await explain_delivery(history, delivery) for delivery in await history.find(id)]


async def explain_delivery(history: History, delivery: Delivery) -> Explained:
    """One event with its decisions."""
    records = await history.records(delivery.position)
    reports = await history.reports(delivery.position)
    return Explained(
        delivery.position,
        event_view(delivery.event, data=False),
        delivery.event.size,
        [complete(decode(record.body), reports) for record in records],
    )


def explained_view(explained: Explained) -> dict[str, Any]:
    """The same as JSON-able values, of which `msgspec.convert` makes an Explained again."""
    return {
        "position": explained.position,
        "event": explained.event,
        "size": explained.size,
        "decisions": [decision_view(decision) for decision in explained.decisions],
    }


def explained_text(explained: Explained) -> str:
    """For a person: the event, then Sensor by Sensor what was asked, found and done."""
    lines = [event_line(explained.event, explained.size)]
    for decision in explained.decisions:
        lines += decision_lines(decision)
    if not explained.decisions:
        lines.append("  no Sensor listened to it, or none has decided yet")
    return "\n".join(lines)


def event_line(event: dict[str, Any], size: int) -> str:
    """`event 7f3c…  github/pushes  type github  2026-11-23T21:14:03Z  7.7 KB`"""
    place = f"{event['source']}/{event.get('subject', '')}"
    return f"event {event['id']}  {place}  type {event['type']}  {event.get('time', '')}  {size_text(size)}"


def decision_lines(decision: Decision) -> list[str]:
    """One Sensor's decision, indented."""
    lines = [f"  sensor {decision.sensor.removeprefix('default/')}"]
    for dependency in decision.dependencies:
        lines += _dependency_lines(dependency)
    for trigger in decision.triggers:
        lines += _trigger_lines(trigger)
    return lines


def _dependency_lines(dependency: DependencyResult) -> list[str]:
    lines = [f"    {f'dependency {dependency.name}':<44}{dependency.verdict}"]
    if dependency.transform:
        made = "" if dependency.transformed is None else f"    made {_json(dependency.transformed)}"
        lines.append(f"      transform  {dependency.transform}{made}")
    lines += [f"      {_filter_words(result)}" for result in dependency.filters]
    if dependency.error:
        lines.append(f"      {dependency.error}")
    return lines


def _filter_words(result: FilterResult) -> str:
    words = f"{result.kind:<9} {result.asked}"
    verdict = {"passed": "true", "failed": "false"}.get(result.verdict, result.verdict)
    words = f"{words:<62}  {verdict}"
    if result.verdict != "passed":
        if result.wanted is not None:
            words += f"    wanted {_json(result.wanted)}"
        words += f"    {result.error}" if result.error else f"    found {_json(result.found)}"
    return words


def _trigger_lines(trigger: TriggerResult) -> list[str]:
    head = f"trigger {trigger.name:<20} conditions: {trigger.conditions}"
    lines = [f"    {head:<62}  {trigger.verdict}"]
    if any(not there for there in trigger.terms.values()) or len(trigger.terms) > 1:
        lines.append(
            "      has       "
            + ", ".join(f"{name}: {'yes' if there else 'no'}" for name, there in trigger.terms.items())
        )
    if trigger.rendered:
        lines.append(f"      rendered  {trigger.rendered}" + (f"   key {trigger.key[:8]}…" if trigger.key else ""))
    lines += [f"      {attempt_line(number, attempt)}" for number, attempt in enumerate(trigger.attempts, 1)]
    if trigger.reason:
        lines.append(f"      {trigger.reason}")
    if fix := fix_of(trigger.attempts):
        lines.append(f"      fix: {fix}")
    return lines


def attempt_line(number: int, attempt: Attempt) -> str:
    """`attempt 2  21:14:04.431  202 after 6 ms`, with what came back if it failed."""
    answer = f"  {attempt.answer[:120]!r}" if attempt.answer and attempt.error else ""
    return f"attempt {number}  {clock_text(attempt.at)}  {attempt_words(attempt)}{answer}"


def size_text(size: int) -> str:
    """`7.7 KB`"""
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.1f} KB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def _json(value: Any) -> str:
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= 120 else text[:117] + "…"
