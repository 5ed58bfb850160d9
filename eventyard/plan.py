"""A configuration made ready: every class found, every expression compiled, nothing started."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bus.base import Subject, TriggerName
from bus.event import Event
from config.errors import Fault
from config.manifests import Manifests
from config.model import Model
from config.sensor import TriggerManifest
from eventsources.base import EventSource, anything
from sensors.parameters import ParameterCache
from sensors.step import SensorRule
from triggers.base import Trigger
from triggers.delivery.retry import RetryPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlan:
    """One event of one EventSource. `fingerprint` changes whenever its manifest does."""

    kind: str
    source: str
    event: str
    namespace: str
    scope: str
    make: type[EventSource[Any]]
    settings: Model
    wanted: Callable[[Event], bool] | None
    fingerprint: str
    holds: Callable[[Any], bool] = anything

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same source in another version of the configuration."""
        return (self.namespace, self.source, self.event)

    @property
    def event_type(self) -> str:
        """The `type` of its CloudEvents."""
        return self.make.event_type or self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerPlan:
    """One trigger of one Sensor."""

    name: TriggerName
    kind: str
    namespace: str
    scope: str
    make: type[Trigger[Any, Any]]
    settings: Model
    manifest: TriggerManifest
    retry: RetryPolicy
    cache: ParameterCache
    dlq: TriggerPlan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorPlan:
    """One Sensor with its triggers. `waits` says in words what each trigger waits for."""

    name: str
    namespace: str
    rule: SensorRule
    subjects: Sequence[Subject]
    triggers: Sequence[TriggerPlan]
    fingerprint: str

    @property
    def all_triggers(self) -> list[TriggerPlan]:
        """Those that conditions fire, and those that follow where one of them is given up."""
        return [each for trigger in self.triggers for each in (trigger, trigger.dlq) if each is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that a configuration asks for, with everything there is to say about it. Runs only if `faults` is empty."""

    manifests: Manifests
    sources: Mapping[tuple[str, str, str], SourcePlan] = field(default_factory=dict)
    sensors: Mapping[str, SensorPlan] = field(default_factory=dict)
    faults: Sequence[Fault] = ()
    warnings: Sequence[Fault] = ()
