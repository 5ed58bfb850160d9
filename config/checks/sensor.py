"""What Argo Events demands of a Sensor: its dependencies and their filters, its triggers and their policies."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from config.block import Block, FieldPath
from config.checks.blocks import check_trigger, steps
from config.checks.rules import check_parameter
from config.checks.triggers import TRIGGERS
from config.crontab import parse_cron
from config.decode import nearest
from config.errors import EventyardError
from config.eventbus import EventBusManifest
from config.findings import Findings
from config.gotime import load_zone
from config.sensor import (
    ConditionsReset,
    ContextFilter,
    DataFilter,
    Dependency,
    ExprFilter,
    SensorManifest,
    TimeFilter,
    TriggerManifest,
)

_COMPARATORS: Final = ("", ">=", ">", "=", "!=", "<", "<=")
_CLOCK: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5]?[0-9]):([0-5]?[0-9])([.,][0-9]+)?", re.ASCII)


def check_sensor(sensor: SensorManifest, bus: EventBusManifest | None, findings: Findings) -> None:
    """Everything about a Sensor by itself; the kind of bus matters to one rule."""
    path = (*sensor.path, "spec")
    if not sensor.spec.dependencies:
        findings.missing((*path, "dependencies"), "give at least one event to wait for")
    if not sensor.triggers:
        findings.missing((*path, "triggers"), "give at least one action")
    for index, dependency in enumerate(sensor.spec.dependencies):
        _check_dependency(dependency, (*path, "dependencies", index), findings)
    if bus is not None and bus.spec.nats is not None:
        _check_pairs(sensor, path, findings)
    names: set[str] = set()
    for trigger in sensor.triggers:
        if trigger.name and trigger.name in names:
            at = (*trigger.path, "template", "name")
            findings.fault(at, f"the name '{trigger.name}' is given twice", "rename one of them", "duplicate-trigger")
        names.add(trigger.name)
        _check_trigger(trigger, findings)


def _check_pairs(sensor: SensorManifest, path: FieldPath, findings: Findings) -> None:
    """NATS Streaming tells messages apart by source and event alone."""
    seen = Counter[tuple[str, str]]()
    for index, dependency in enumerate(sensor.spec.dependencies):
        pair = (dependency.event_source_name, dependency.event_name)
        seen[pair] += 1
        if seen[pair] > 1:
            what = f"event '{pair[1]}' of '{pair[0]}' is waited for twice, which a nats bus cannot do"
            findings.fault((*path, "dependencies", index), what, "use a jetstream bus", "duplicate-pair")
