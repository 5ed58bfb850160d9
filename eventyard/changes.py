"""From one configuration to the next: what comes, what changes, what goes, and that in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from config.manifests import Manifests
from eventyard.plan import SensorPlan, SourcePlan


class Planned(Protocol):
    """What can be told apart from its next version."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever its manifest does."""


K = TypeVar("K")
P = TypeVar("P", bound=Planned)


@dataclass(frozen=True, slots=True)
class Difference(Generic[K, P]):
    """What has to be started (`coming`, of which some are only `changed`) and what has to end."""

    coming: Mapping[K, P]
    added: Sequence[K]
    changed: Sequence[K]
    removed: Sequence[K]

    @property
    def leaving(self) -> Sequence[K]:
        """What ends: for good, or to make room for its next version."""
        return (*self.changed, *self.removed)


def difference(running: Mapping[K, P], wanted: Mapping[K, P]) -> Difference[K, P]:
    """How to get from what runs to what is wanted."""
    coming = {
        key: plan for key, plan in wanted.items() if key not in running or running[key].fingerprint != plan.fingerprint
    }
    return Difference(
        coming,
        added=[key for key in coming if key not in running],
        changed=[key for key in coming if key in running],
        removed=[key for key in running if key not in wanted],
    )


def in_words(sensors: Difference[str, SensorPlan], sources: Difference[tuple[str, str, str], SourcePlan]) -> list[str]:
    """`changed Sensor default/deploy`, a line for each."""
    lines = []
    for verb in ("removed", "changed", "added"):
        lines += [f"{verb} Sensor {name}" for name in getattr(sensors, verb)]
        lines += [f"{verb} EventSource {source}/{event}" for _, source, event in getattr(sources, verb)]
    return lines


def same_values(one: Manifests, other: Manifests) -> bool:
    """Whether two configurations have the same Secrets and ConfigMaps."""
    return one.secrets == other.secrets and one.config_maps == other.config_maps
