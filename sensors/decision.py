"""The decision record: what one event meant to one Sensor, complete enough to answer why it did or did not fire.

The evaluator returns it, the history keeps it as JSON, and `try`, `explain`, the log line and the console are views of it.
Verdicts of a filter are passed | failed | error; of a dependency passed | filtered | error; of a trigger
waiting (conditions half met) | firing | retrying | fired | dead | suppressed; of the whole: the most notable of its triggers,
or filtered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from bus.base import Attempt, Report


class FilterResult(msgspec.Struct, omit_defaults=True):
    """One filter: its kind, what it asked, what it wanted and found (only where it did not pass), its verdict."""

    kind: str
    asked: str
    verdict: str = "passed"
    wanted: Any = None
    found: Any = None
    error: str = ""


class DependencyResult(msgspec.Struct, omit_defaults=True):
    """One dependency that listens to the event's source and subject.

    `transform` is applied or failed, empty if there is none; `transformed` the data that it made, cut if that is long, only
    where the event did not pass or all is asked for.
    """

    name: str
    verdict: str = "passed"
    transform: str = ""
    filters: Sequence[FilterResult] = ()
    error: str = ""
    transformed: Any = None


class TriggerResult(msgspec.Struct, omit_defaults=True):
    """One trigger that the event concerned: its conditions, the truth of each term, and what followed."""

    name: str
    conditions: str
    terms: dict[str, bool] = {}
    verdict: str = "waiting"
    key: str = ""
    events: dict[str, str] = {}
    rendered: str = ""
    attempts: Sequence[Attempt] = ()
    reason: str = ""
    due: float = 0.0


class Decision(msgspec.Struct, omit_defaults=True):
    """All that one event meant to one Sensor."""

    sensor: str
    at: str
    verdict: str
    dependencies: Sequence[DependencyResult] = ()
    triggers: Sequence[TriggerResult] = ()


_RANK = ("dead", "retrying", "firing", "fired", "waiting", "suppressed")

_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Decision)


def encode(decision: Decision) -> bytes:
    """The record as JSON."""
    return _encode(decision)


def decode(body: bytes) -> Decision:
    """The record from JSON; raises msgspec.ValidationError if it is none."""
    return _decoder.decode(body)


def verdict_of(triggers: Sequence[TriggerResult], dependencies: Sequence[DependencyResult]) -> str:
    """The one word for a whole decision."""
    found = {trigger.verdict for trigger in triggers}
    for verdict in _RANK:
        if verdict in found:
            return verdict
    return "error" if any(d.verdict == "error" for d in dependencies) else "filtered"


_STATUS = {"ready": "firing", "waiting": "retrying", "fired": "fired", "dead": "dead"}


def trigger_verdict(status: str) -> str:
    """The word for a firing's status."""
    return _STATUS[status]


def _follower(report: Report) -> TriggerResult:
    """A `dlqTrigger`, which no condition fired."""
    return TriggerResult(
        report.trigger,
        "the one before is given up",
        verdict=trigger_verdict(report.status),
        key=report.key,
        attempts=report.attempts,
        rendered=report.rendered,
        reason=report.reason,
        due=report.due,
    )


def complete(decision: Decision, reports: Sequence[Report]) -> Decision:
    """The record with what happened after it was written."""
    later = {(report.trigger, report.key): report for report in reports if report.sensor == decision.sensor}
    if not later:
        return decision
    triggers = []
    for trigger in decision.triggers:
        report = later.get((trigger.name, trigger.key))
        if report is not None:
            trigger = msgspec.structs.replace(
                trigger,
                verdict=trigger_verdict(report.status),
                attempts=report.attempts,
                rendered=report.rendered or trigger.rendered,
                reason=report.reason,
                due=report.due,
            )
        triggers.append(trigger)
    known = {(trigger.name, trigger.key) for trigger in decision.triggers}
    triggers += [_follower(report) for key, report in later.items() if key not in known]
    return msgspec.structs.replace(decision, triggers=triggers, verdict=verdict_of(triggers, decision.dependencies))
