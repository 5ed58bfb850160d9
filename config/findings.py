"""Collects what is wrong with one document, each finding at its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from config.block import Block, FieldPath, Marks, path_text
from config.errors import Fault, Severity


@dataclass(frozen=True, slots=True)
class Findings:
    """Faults and warnings of one document; paths lead from its root."""

    marks: Marks
    faults: list[Fault]

    def fault(self, path: FieldPath, what: str, fix: str = "", code: str = "invalid") -> None:
        """Note something that stops the manifest from being used."""
        self._add(path, what, fix, code, Severity.FAULT)

    def missing(self, path: FieldPath, fix: str = "") -> None:
        """Note that a field must be given."""
        self._add(path, "is missing", fix, "missing", Severity.FAULT)

    def warn(self, path: FieldPath, what: str, fix: str, code: str) -> None:
        """Note something that works, though perhaps not as meant."""
        self._add(path, what, fix, code, Severity.WARNING)

    def _add(self, path: FieldPath, what: str, fix: str, code: str, severity: Severity) -> None:
        self.faults.append(Fault(what, self.marks.place(path), path_text(path), fix, severity, code))


def distinct(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults in the order of their places, one for each field; of warnings, one for each field and code."""
    found: dict[tuple[str, ...], Fault] = {}
    for fault in faults:
        code = fault.code if fault.severity is Severity.WARNING else ""
        found.setdefault((fault.place.file, fault.path or fault.what, str(fault.place), fault.severity, code), fault)
    return tuple(sorted(found.values(), key=lambda fault: (fault.place, fault.path)))


def is_faulty(block: Block, faults: Iterable[Fault]) -> bool:
    """Whether there is a fault within a block already, so that looking further would repeat it in other words."""
    path, file = path_text(block.path), block.marks.file
    return any(
        fault.severity is Severity.FAULT and fault.place.file == file and _is_within(fault.path, path)
        for fault in faults
    )


def _is_within(inner: str, outer: str) -> bool:
    return inner.startswith(outer) and inner[len(outer) :][:1] in ("", ".", "[")
