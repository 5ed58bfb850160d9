"""Which bus a configuration runs on: an explicit URL, else what its EventBus asks for, else SQLite in the data dir."""

from __future__ import annotations

from pathlib import Path

from bus.base import Bus
from bus.limits import Limits
from config.errors import EventyardError
from config.load import Manifests


def open_bus(url: str, data_dir: Path, manifests: Manifests) -> tuple[Bus, list[str]]:
    """The bus, not entered yet, and what a user should know about the choice. Raises EventyardError."""
    if url == "memory:":
        from bus.memory import MemoryBus

        return MemoryBus(limits=Limits()), ["the bus is in memory: events do not survive a stop"]
    if url and not url.startswith("sqlite:///"):
        raise EventyardError(
            f"no bus for '{url}' in this version", fix="use sqlite:///PATH or memory:, or leave --bus out"
        )
    notes = []
    for manifest in manifests.eventbuses:
        kind = manifest.kind
        if kind in ("kafka", "jetstreamExotic", "nats.exotic") and not url:
            raise EventyardError(
                f"EventBus '{manifest.name}': {kind} is known, not available in this version",
                where=str(manifest.marks.place(("spec",))),
                fix="run with --bus sqlite:///PATH to use the embedded log instead",
            )
        notes.append(f"EventBus '{manifest.name}' ({kind}) runs on the embedded log")
    from bus.sqlite import SqliteBus

    return SqliteBus(Path(url.removeprefix("sqlite:///")) if url else data_dir, limits=Limits()), notes
