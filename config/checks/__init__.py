"""What is checked beyond types: Argo Events' own rules, references between manifests, and traps."""

from __future__ import annotations

from collections.abc import Mapping

from config.block import Block
from config.checks.eventbus import check_eventbus
from config.checks.eventsource import check_eventsource
from config.checks.filter_traps import check_filter_traps
from config.checks.listeners import check_routes
from config.checks.references import check_references
from config.checks.sensor import check_sensor
from config.checks.sensor_traps import check_sensor_traps
from config.checks.source_traps import check_source_traps
from config.checks.stricter import STRICTER
from config.checks.trigger_traps import check_trigger_traps
from config.errors import Fault
from config.findings import Findings
from config.manifests import Manifests
from config.sensor import SensorManifest

_Event = tuple[str, str, str]

__all__ = ["STRICTER", "check"]


def check(manifests: Manifests) -> list[Fault]:
    """Everything wrong or doubtful in a set of manifests that were decoded."""
    faults: list[Fault] = []
    for bus in manifests.eventbuses:
        check_eventbus(bus, Findings(bus.marks, faults))
    for source in manifests.eventsources:
        findings = Findings(source.marks, faults)
        check_eventsource(source, findings)
        check_source_traps(source, findings)
    events = _events(manifests)
    for sensor in manifests.sensors:
        findings = Findings(sensor.marks, faults)
        check_sensor(sensor, manifests.eventbus(sensor.namespace, sensor.spec.event_bus_name), findings)
        check_sensor_traps(sensor, manifests, findings)
        _check_traps(sensor, events, findings)
    check_references(manifests, faults)
    check_routes(manifests, faults)
    return faults


def _events(manifests: Manifests) -> dict[_Event, Block]:
    return {
        (source.namespace, source.name, block.name): block
        for source in manifests.eventsources
        for block in source.events
    }


def _check_traps(sensor: SensorManifest, events: Mapping[_Event, Block], findings: Findings) -> None:
    """Traps of dependencies and triggers, for which it helps to know the type of the events."""
    known: dict[str, Block] = {}
    for index, dependency in enumerate(sensor.spec.dependencies):
        block = events.get((sensor.namespace, dependency.event_source_name, dependency.event_name))
        path = (*sensor.path, "spec", "dependencies", index)
        check_filter_traps(dependency, block, path, findings)
        # A transform makes other data of an event than its source did.
        if block is not None and dependency.transform is None:
            known[dependency.name] = block
    for trigger in sensor.triggers:
        check_trigger_traps(trigger, known, findings)
