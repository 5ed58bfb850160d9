"""What is checked beyond types: Argo Events' own rules, references between manifests, and traps."""

from __future__ import annotations

from config.checks.eventbus import check_eventbus
from config.checks.eventsource import check_eventsource
from config.checks.sensor import check_sensor
from config.errors import Fault
from config.findings import Findings
from config.manifests import Manifests


def check(manifests: Manifests) -> list[Fault]:
    """Everything wrong or doubtful in a set of manifests that were decoded."""
    faults: list[Fault] = []
    for bus in manifests.eventbuses:
        check_eventbus(bus, Findings(bus.marks, faults))
    for source in manifests.eventsources:
        check_eventsource(source, Findings(source.marks, faults))
    for sensor in manifests.sensors:
        bus_of = manifests.eventbus(sensor.namespace, sensor.spec.event_bus_name)
        check_sensor(sensor, bus_of, Findings(sensor.marks, faults))
    return faults
