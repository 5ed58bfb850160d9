"""What is checked beyond types: Argo Events' own rules, references between manifests, and traps."""

from __future__ import annotations

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
    for sensor in manifests.sensors:
        findings = Findings(sensor.marks, faults)
        bus_of = manifests.eventbus(sensor.namespace, sensor.spec.event_bus_name)
        check_sensor(sensor, bus_of, findings)
        _check_traps(sensor, manifests, findings)
    check_references(manifests, faults)
    check_routes(manifests, faults)
    return faults


def _check_traps(sensor: SensorManifest, manifests: Manifests, findings: Findings) -> None:
    check_sensor_traps(sensor, manifests, findings)
    known = _events(sensor, manifests)
    for index, dependency in enumerate(sensor.spec.dependencies):
        path = (*sensor.path, "spec", "dependencies", index)
        check_filter_traps(dependency, known.get(dependency.name), path, findings)
    # A transform makes other data of an event than its source did.
    for dependency in sensor.spec.dependencies:
        if dependency.transform is not None:
            known.pop(dependency.name, None)
    for trigger in sensor.triggers:
        check_trigger_traps(trigger, known, findings)


def _events(sensor: SensorManifest, manifests: Manifests) -> dict[str, Block]:
    """The events that a Sensor waits for, by dependency, where the EventSource is at hand."""
    blocks = {
        (source.name, block.name): block
        for source in manifests.eventsources
        if source.namespace == sensor.namespace
        for block in source.events
    }
    found: dict[str, Block] = {}
    for dependency in sensor.spec.dependencies:
        block = blocks.get((dependency.event_source_name, dependency.event_name))
        if block is not None:
            found[dependency.name] = block
    return found
