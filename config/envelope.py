"""What every manifest has: metadata, a spec, and fields that nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from config.block import FieldPath
from config.decode import decode_rest, nearest
from config.findings import Findings
from config.legacy import became
from config.model import Instant, Int64, Metadata

M = TypeVar("M", bound=BaseModel)

_ENVELOPE: Final = ("apiVersion", "kind", "metadata", "spec", "status")


class _ObjectMeta(Metadata):
    """Metadata with the fields that a cluster adds; they mean nothing here, yet their types are checked."""

    uid: str = ""
    resource_version: str = ""
    generation: Int64 = 0
    creation_timestamp: Instant | None = None
    deletion_timestamp: Instant | None = None
    deletion_grace_period_seconds: Int64 | None = None
    owner_references: list[dict[str, Any]] | None = None
    finalizers: list[str] | None = None
    managed_fields: list[dict[str, Any]] | None = None
    self_link: str = ""


class Envelope:
    """One object of a document, `root` leading to it: () or the path of an item of a List."""

    def __init__(self, value: Mapping[str, Any], root: FieldPath, findings: Findings) -> None:
        self.root, self.findings, self.marks = root, findings, findings.marks
        fields = self._envelope(value)
        self.spec = self.mapping(fields.get("spec"), (*root, "spec"))
        self.mapping(fields.get("status"), (*root, "status"))
        found = self.decode(_ObjectMeta, fields.get("metadata"), (*root, "metadata"))
        self.metadata = Metadata.model_construct(**{name: getattr(found, name) for name in Metadata.model_fields})
        if not self.metadata.name:
            findings.fault((*root, "metadata", "name"), "is missing", "give it a name of its own", "no-name")
        if "{{" in self.metadata.name:
            what = "this is a template, not yet a manifest"
            fix = "render it first (helm template CHART) and give the result"
            findings.fault((*root, "metadata", "name"), what, fix, "helm-template")

    def _envelope(self, value: Mapping[str, Any]) -> dict[str, Any]:
        folded = {name.casefold(): name for name in _ENVELOPE}
        fields: dict[str, Any] = {}
        for key, inner in value.items():
            if (name := folded.get(key.casefold())) is not None:
                fields[name] = inner
            else:
                self.unknown((*self.root, key), _ENVELOPE)
        return fields

    def decode(self, model: type[M], value: Any, path: FieldPath, *, others: Collection[str] = ()) -> M:
        """A part of the document, without the fields of it that are wrong."""
        return decode_rest(model, value, path, self.marks, self.findings.faults, others=others)[0]

    def unknown(self, path: FieldPath, known: Collection[str], fix: str = "") -> None:
        """Warn of a field that nobody reads."""
        key = str(path[-1])
        fix = fix or became(path) or nearest(key, known)
        self.findings.warn(path, f"unknown field '{key}' is ignored", fix, "unknown-field")

    def mapping(self, value: Any, path: FieldPath) -> Mapping[str, Any]:
        """A value that must be a mapping, empty where it is absent or wrong."""
        if value is not None and not isinstance(value, dict):
            self.findings.fault(path, "a mapping is wanted here", code="wrong-type")
        return value if isinstance(value, dict) else {}

    def items(self, value: Any, path: FieldPath) -> Sequence[tuple[FieldPath, Any]]:
        """The items of a value that must be a list, with their paths."""
        if value is not None and not isinstance(value, list):
            self.findings.fault(path, "a list is wanted here", "begin each item with '- '", code="wrong-type")
        return [((*path, index), item) for index, item in enumerate(value if isinstance(value, list) else ())]
