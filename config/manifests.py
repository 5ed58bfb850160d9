"""All that a set of files holds, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.errors import ConfigErrors, Fault, Place, Severity
from config.eventbus import EventBusManifest
from config.eventsource import EventSourceManifest
from config.secret import Secret
from config.sensor import SensorManifest

ObjectName = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A document that is none of ours; `kind` says what it is instead."""

    kind: str
    name: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """What `config.load` found. With a fault among `faults` it must not be run; a warning there does not matter."""

    eventbuses: tuple[EventBusManifest, ...] = ()
    eventsources: tuple[EventSourceManifest, ...] = ()
    sensors: tuple[SensorManifest, ...] = ()
    secrets: Mapping[ObjectName, Mapping[str, Secret]] = field(default_factory=dict)
    config_maps: Mapping[ObjectName, Mapping[str, str]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    files: tuple[Path, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong; warnings do not count."""
        return all(fault.severity is not Severity.FAULT for fault in self.faults)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What works, though perhaps not as meant."""
        return tuple(fault for fault in self.faults if fault.severity is Severity.WARNING)

    def require_valid(self) -> None:
        """Raise ConfigErrors if something is wrong."""
        if not self.valid:
            raise ConfigErrors(self.faults)

    def eventbus(self, namespace: str, name: str = "") -> EventBusManifest | None:
        """The bus that an `eventBusName` means; an empty one means `default`."""
        wanted = (namespace, name or "default")
        return next((bus for bus in self.eventbuses if (bus.namespace, bus.name) == wanted), None)
