"""The evaluator: what one event changes in one Sensor, as a pure function of the Sensor, its state, the event and now."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bus.base import Delivery, Firing, TriggerName
from sensors.decision import Decision, DependencyResult, TriggerResult, verdict_of
from sensors.filter import shown

if TYPE_CHECKING:
    from bus.event import Event
    from sensors.conditions import Conditions
    from sensors.filters import Filters

State = Mapping[str, Delivery]
"""Half-met conditions: `trigger/dependency` -> the newest event that passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A compiled dependency. `transform` gives the event that filters and triggers see; it raises ValueError."""

    name: str
    source: str
    event: str
    filters: Filters
    transform: Callable[[Event], Event] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerRule:
    """When one trigger fires. `last_reset` gives the latest moment at or before now at which half-met conditions were
    forgotten."""

    name: str
    conditions: Conditions
    last_reset: Callable[[datetime], datetime | None] | None = None


@dataclass(frozen=True, slots=True)
class SensorRule:
    """A compiled Sensor: its dependencies by (source, event) and, for each, the triggers that it concerns."""

    name: str
    listeners: Mapping[tuple[str, str], Sequence[tuple[Dependency, Sequence[TriggerRule]]]]

    @classmethod
    def build(cls, name: str, dependencies: Sequence[Dependency], triggers: Sequence[TriggerRule]) -> SensorRule:
        """Index dependencies by what they listen to."""
        listeners: dict[tuple[str, str], list[tuple[Dependency, Sequence[TriggerRule]]]] = {}
        for dependency in dependencies:
            concerned = tuple(t for t in triggers if dependency.name in t.conditions.dependencies)
            listeners.setdefault((dependency.source, dependency.event), []).append((dependency, concerned))
        return cls(name, {key: tuple(value) for key, value in listeners.items()})


@dataclass(frozen=True, slots=True)
class Step:
    """What one event changed: the state (None = no longer held), the decision, and the firings that have to follow."""

    changes: Mapping[str, Delivery | None]
    decision: Decision
    firings: Sequence[Firing]


def firing_key(name: TriggerName, events: Mapping[str, Event]) -> str:
    """The idempotency key: equal for equal Sensor, trigger and events, so a repetition can be recognised; 32 hex digits."""
    digest = hashlib.blake2b(digest_size=16)
    parts = [name.sensor, name.trigger]
    for dependency in sorted(events):
        event = events[dependency]
        parts += (dependency, *event.key)
    digest.update("\x00".join(parts).encode())
    return digest.hexdigest()


def step(sensor: SensorRule, state: State, delivery: Delivery, now: datetime, at: str, explain: bool = False) -> Step:
    """Evaluate one event. `at` is `now` as RFC 3339 text. With `explain`, passing filters too say what they found."""
    event = delivery.event
    changes: dict[str, Delivery | None] = {}
    dependencies: list[DependencyResult] = []
    triggers: list[TriggerResult] = []
    firings: list[Firing] = []
    for dependency, concerned in sensor.listeners.get((event.source, event.subject), ()):
        seen = delivery
        if dependency.transform is not None:
            try:
                seen = Delivery(delivery.position, dependency.transform(event))
            except ValueError as error:
                dependencies.append(
                    DependencyResult(dependency.name, "error", transform="failed", error=f"transform: {error}")
                )
                continue
        passed, filters, problem = dependency.filters.evaluate(seen.event, explain)
        verdict = "passed" if passed else "error" if problem else "filtered"
        dependencies.append(
            DependencyResult(
                dependency.name,
                verdict,
                "applied" if dependency.transform is not None else "",
                filters,
                "" if passed else problem,
                shown(seen.event.json()) if seen.event is not event and (explain or not passed) else None,
            )
        )
        if not passed:
            continue
        triggers += [
            _arrive(sensor.name, rule, dependency.name, seen, state, changes, firings, now) for rule in concerned
        ]
    return Step(changes, Decision(sensor.name, at, verdict_of(triggers, dependencies), dependencies, triggers), firings)


def _arrive(
    sensor: str,
    rule: TriggerRule,
    dependency: str,
    delivery: Delivery,
    state: State,
    changes: dict[str, Delivery | None],
    firings: list[Firing],
    now: datetime,
) -> TriggerResult:
    """One dependency of one trigger has its event: fire, or hold it until the others have theirs."""
    conditions = rule.conditions
    if not conditions.is_and:
        held = {dependency: delivery}
    else:
        held = _held(rule, state, changes, now)
        held[dependency] = delivery
    terms = conditions.terms(held.keys())
    if conditions.is_and and not conditions.holds(held.keys()):
        changes[f"{rule.name}/{dependency}"] = delivery
        return TriggerResult(
            rule.name, conditions.text, terms, "waiting", events={name: d.event.id for name, d in held.items()}
        )
    if conditions.is_and:
        for name in conditions.dependencies:
            if name in held and (f"{rule.name}/{name}" in state or f"{rule.name}/{name}" in changes):
                changes[f"{rule.name}/{name}"] = None
    trigger = TriggerName(sensor, rule.name)
    events = {term: d.event for term, d in held.items()}
    key = firing_key(trigger, events)
    firings.append(Firing(key=key, name=trigger, position=delivery.position, events=events, attempts=[]))
    return TriggerResult(
        rule.name, conditions.text, terms, "firing", key, events={term: event.id for term, event in events.items()}
    )


def _held(rule: TriggerRule, state: State, changes: dict[str, Delivery | None], now: datetime) -> dict[str, Delivery]:
    """What this trigger holds now; what a reset has made stale is dropped."""
    reset = rule.last_reset(now) if rule.last_reset is not None else None
    held: dict[str, Delivery] = {}
    for name in rule.conditions.dependencies:
        entry = f"{rule.name}/{name}"
        delivery = changes[entry] if entry in changes else state.get(entry)
        if delivery is None:
            continue
        if reset is not None and _moment(delivery.event) < reset:
            changes[entry] = None
            continue
        held[name] = delivery
    return held


def _moment(event: Event) -> datetime:
    """When an event came; for a time that Python cannot read, at the end of time, so that it is never stale."""
    try:
        return datetime.fromisoformat(event.time.upper())
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
