"""Which bus a configuration runs on: an explicit URL, else what its EventBus asks for, else SQLite in the data dir."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bus.base import Bus
from bus.limits import Limits
from config.errors import EventyardError
from config.eventbus import EventBusManifest
from config.manifests import Manifests

ELSEWHERE = {"kafka": "kafka", "jetstreamExotic": "jetstreamExotic"}
"""Kinds that name a server somebody else runs, for which the embedded log is no stand-in unless the user says so."""


def open_bus(url: str, data_dir: Path, manifests: Manifests) -> tuple[Bus, list[str]]:
    """The bus, not entered yet, and what a user should know about the choice. Raises EventyardError."""
    if url == "memory:":
        from bus.memory import MemoryBus

        return MemoryBus(), ["the bus is in memory: events do not survive a stop"]
    if url and not url.startswith("sqlite:///"):
        raise EventyardError(
            f"no bus for '{url}' in this version", fix="use sqlite:///PATH or memory:, or leave --bus out"
        )
    from bus.sqlite import SqliteBus

    limits, notes = Limits(), []
    for manifest in manifests.eventbuses:
        if not url:
            _refuse_elsewhere(manifest)
        notes.append(f"EventBus '{manifest.name}' ({manifest.kind}) runs on the embedded log")
        limits = _limits(manifest, limits)
    path = Path(url.removeprefix("sqlite:///")) if url else data_dir
    return SqliteBus(path, limits=limits), notes


def _refuse_elsewhere(manifest: EventBusManifest) -> None:
    nats = manifest.spec.nats
    elsewhere = manifest.kind in ELSEWHERE or (manifest.kind == "nats" and nats is not None and nats.native is None)
    if elsewhere:
        kind = "nats.exotic" if manifest.kind == "nats" else manifest.kind
        raise EventyardError(
            f"EventBus '{manifest.name}': {kind} is known, not available in this version",
            where=str(manifest.marks.place((*manifest.path, "spec"))),
            fix="use the embedded log instead: --bus sqlite:///.eventyard",
        )


def _limits(manifest: EventBusManifest, limits: Limits) -> Limits:
    """A native JetStream's own streamConfig says how long events are kept."""
    jetstream, stream = manifest.spec.jetstream, manifest.stream
    if jetstream is None or stream is None or not jetstream.stream_config:
        return limits
    return replace(
        limits,
        retention_age=stream.max_age.seconds if stream.max_age.ns > 0 else limits.retention_age,
        retention_events=stream.max_msgs if stream.max_msgs > 0 else limits.retention_events,
        retention_bytes=stream.max_bytes if stream.max_bytes > 0 else limits.retention_bytes,
        dedup_age=stream.duplicates.seconds if stream.duplicates.ns > 0 else limits.dedup_age,
    )
