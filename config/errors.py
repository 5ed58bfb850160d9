"""Every error a user may see: what is wrong, where, and how to fix it.

EventyardError
├── ConfigErrors      a set of faults in manifests; nothing was applied
├── Temporary         an action failed in a way that may pass; the dispatcher tries again
├── Permanent         an action failed for good; trying again cannot help
├── BusFull           the bus holds as much as it may; the sender should come back later
├── BusClosed         the bus is shutting down or its store can no longer be written
├── StoreCorrupt      the durable store cannot be read; it was left as it is
└── StoreBusy         another process holds the data directory
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Place(NamedTuple):
    """A position in a file; lines and columns count from 1, 0 means unknown."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}"


class Severity(StrEnum):
    """A fault stops what was asked for; a warning is said and nothing more."""

    FAULT = "fault"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a manifest.

    `path` is the field path as a reader would write it (`spec.triggers[0].template.http.url`); `code` is a short stable
    name for machines (`unknown-field`, `unknown-event-source`, ...).
    """

    what: str
    place: Place = Place()
    path: str = ""
    fix: str = ""
    severity: Severity = Severity.FAULT
    code: str = "invalid"

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place.file else ""
        field = f"{self.path}: " if self.path else ""
        return f"{where}{self.severity}: {field}{self.what}" + (f" ({self.fix})" if self.fix else "")


class EventyardError(Exception):
    """Base of all errors of this program: fields first, prose made from them."""

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what, self.where, self.fix = what, where, fix
        super().__init__(f"{where}: {what}" if where else what)


class ConfigErrors(EventyardError):
    """All faults of a configuration together; `faults` may hold warnings beside them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        count = sum(fault.severity is Severity.FAULT for fault in self.faults)
        super().__init__(
            f"{count} fault{'s' if count != 1 else ''} in the configuration",
            fix="run 'eventyard check' to see them all",
        )


class Temporary(EventyardError):
    """May succeed later. `after` is the least wait in seconds that the other side asked for (Retry-After)."""

    def __init__(self, what: str, *, where: str = "", fix: str = "", after: float | None = None) -> None:
        super().__init__(what, where=where, fix=fix)
        self.after = after


class Permanent(EventyardError):
    """Will not succeed however often it is tried."""


class BusFull(EventyardError):
    """The bus is at a limit (memory, disk, backlog). `retry_after` is in seconds."""

    def __init__(self, what: str, *, where: str = "", fix: str = "", retry_after: float = 1.0) -> None:
        super().__init__(what, where=where, fix=fix)
        self.retry_after = retry_after


class BusClosed(EventyardError):
    """Nothing can be published any more."""


class StoreCorrupt(EventyardError):
    """The store on disk is damaged or not ours; it is never overwritten."""


class StoreBusy(EventyardError):
    """Another process owns the store."""
