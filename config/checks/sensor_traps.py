"""What a Sensor as a whole does that its author may not have meant."""

from __future__ import annotations

from config.findings import Findings
from config.manifests import Manifests
from config.sensor import SensorManifest


def check_sensor_traps(sensor: SensorManifest, manifests: Manifests, findings: Findings) -> None:
    """Names that a JetStream bus cannot take, and fields that have no effect."""
    bus = manifests.eventbus(sensor.namespace, sensor.spec.event_bus_name)
    path = (*sensor.path, "spec")
    if "." in sensor.name and bus is not None and bus.stream is not None:
        what = f"'{sensor.name}' cannot be the name of the bucket in which a JetStream bus keeps a Sensor's state"
        findings.warn((*sensor.path, "metadata", "name"), what, "write - instead of .", "trap-dot")
    dead = {"errorOnFailedRound": sensor.spec.error_on_failed_round, "loggingFields": sensor.spec.logging_fields}
    for field in (name for name, value in dead.items() if value):
        findings.warn((*path, field), "has no effect", "remove it", "trap-dead-field")
    for index, dependency in enumerate(sensor.spec.dependencies):
        for name, value in (("eventSourceName", dependency.event_source_name), ("eventName", dependency.event_name)):
            if "*" in value and (bus is None or bus.spec.nats is None):
                what = f"'{value}' is compared letter by letter; only a nats bus knows patterns"
                findings.warn((*path, "dependencies", index, name), what, "name the event", "trap-pattern")
