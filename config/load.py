"""Files -> manifests: read once and checked whole. Nothing is raised: whoever runs them refuses if there is a fault."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from config.assemble import assemble_eventbus, assemble_eventsource
from config.assemble_sensor import assemble_sensor
from config.block import FieldPath
from config.checks import check
from config.decode import field_of, nearest
from config.documents import Document, read_documents
from config.errors import Fault
from config.eventbus import EventBusManifest
from config.eventsource import EVENT_SOURCE_TYPES, EventSourceManifest
from config.files import find_files, read_file
from config.findings import Findings, distinct
from config.kustomize import is_kustomization, patches
from config.legacy import kind_became
from config.manifests import Manifests, ObjectName, Skipped
from config.secret import Secret
from config.secret_documents import read_config_map, read_secret
from config.sensor import TRIGGER_TYPES, SensorManifest

T = TypeVar("T")

KINDS: Final = ("EventBus", "EventSource", "Sensor")
API_VERSION: Final = "argoproj.io/v1alpha1"
_GROUP: Final = "argoproj.io"


def load(
    paths: Sequence[Path],
    *,
    source_types: Collection[str] = EVENT_SOURCE_TYPES,
    trigger_types: Collection[str] = TRIGGER_TYPES,
) -> Manifests:
    """Read files and folders of manifests. The types are those of Argo Events, and any that adapters add to them."""
    loading = _Loading(source_types, trigger_types)
    files = find_files(paths, loading.faults)
    documents = [
        (path, document)
        for path in files
        if (data := read_file(path, loading.faults)) is not None
        for document in loading.read(data, str(path))
    ]
    return loading.manifests(documents, tuple(files))


def load_text(text: str | bytes, file: str = "") -> Manifests:
    """Read the manifests in a text, which may come from anywhere."""
    loading = _Loading(EVENT_SOURCE_TYPES, TRIGGER_TYPES)
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return loading.manifests([(Path(file), document) for document in loading.read(data, file)], ())


@dataclass(slots=True)
class _Loading:
    """What was read so far."""

    source_types: Collection[str]
    trigger_types: Collection[str]
    faults: list[Fault] = field(default_factory=list)
    eventbuses: list[EventBusManifest] = field(default_factory=list)
    eventsources: list[EventSourceManifest] = field(default_factory=list)
    sensors: list[SensorManifest] = field(default_factory=list)
    secrets: dict[ObjectName, Mapping[str, Secret]] = field(default_factory=dict)
    config_maps: dict[ObjectName, Mapping[str, str]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)

    def read(self, data: bytes, file: str) -> list[Document]:
        documents, faults = read_documents(data, file)
        self.faults += faults
        return documents

    def manifests(self, documents: Sequence[tuple[Path, Document]], files: tuple[Path, ...]) -> Manifests:
        patched = patches((path, document.value) for path, document in documents)
        for path, document in documents:
            if path.resolve() in patched:
                self._skip(document, (), "patch of a kustomization")
            elif is_kustomization(path, document.value):
                self._skip(document, (), "Kustomization")
            else:
                for value, root in _objects(document.value, ()):
                    self._object(document, value, root)
        found = Manifests(
            eventbuses=tuple(self.eventbuses),
            eventsources=tuple(self.eventsources),
            sensors=tuple(self.sensors),
            secrets=self.secrets,
            config_maps=self.config_maps,
        )
        faults = distinct([*self.faults, *check(found)])
        return replace(found, faults=faults, skipped=tuple(self.skipped), files=files)

    def _object(self, document: Document, value: Any, root: FieldPath) -> None:
        kind = value.get("kind") if isinstance(value, dict) else None
        findings = Findings(document.marks, self.faults)
        if not isinstance(kind, str):
            self._skip(document, root, "no manifest: it has no kind")
        elif kind in KINDS and self._is_ours(value, root, findings):
            self._ours(kind, value, root, findings)
        elif kind == "Secret":
            self._data(self.secrets, read_secret(value, root, findings), value, root, findings)
        elif kind == "ConfigMap":
            self._data(self.config_maps, read_config_map(value, root, findings), value, root, findings)
        else:
            self._skip(document, root, kind)
            self._near_miss(kind, value, root, findings)

    def _is_ours(self, value: Mapping[str, Any], root: FieldPath, findings: Findings) -> bool:
        """Whether a kind of that name is Argo Events'; other projects have EventSources too."""
        written, version = field_of(value, "apiVersion")
        if version is None:
            findings.warn(root, "apiVersion is missing", f"write apiVersion: {API_VERSION}", "api-version")
            return True
        if not isinstance(version, str) or version.partition("/")[0] != _GROUP:
            return False
        if version != API_VERSION:
            what = f"'{version}' is read as {API_VERSION}"
            findings.warn((*root, written), what, f"write apiVersion: {API_VERSION}", "api-version")
        return True

    def _ours(self, kind: str, value: Mapping[str, Any], root: FieldPath, findings: Findings) -> None:
        if kind == "EventBus":
            if (bus := assemble_eventbus(value, root, findings)) is not None:
                self.eventbuses.append(bus)
        elif kind == "EventSource":
            self.eventsources.append(assemble_eventsource(value, root, findings, self.source_types))
        else:
            self.sensors.append(assemble_sensor(value, root, findings, self.trigger_types))

    def _data(
        self,
        store: dict[ObjectName, Mapping[str, T]],
        values: Mapping[str, T],
        value: Mapping[str, Any],
        root: FieldPath,
        findings: Findings,
    ) -> None:
        name = _name(value)
        if name in store:
            what = f"{value['kind']} '{name[1]}' is given twice: only this one counts"
            findings.warn((*root, "metadata", "name"), what, "remove one of them", "duplicate-manifest")
        store[name] = values

    def _near_miss(self, kind: str, value: Mapping[str, Any], root: FieldPath, findings: Findings) -> None:
        version = value.get("apiVersion")
        if isinstance(version, str) and version.partition("/")[0] == _GROUP:
            fix = kind_became(kind) or nearest(kind, KINDS)
            if fix:
                findings.warn((*root, "kind"), f"kind '{kind}' is not known and was skipped", fix, "unknown-kind")

    def _skip(self, document: Document, root: FieldPath, kind: str) -> None:
        value = document.value
        for step in root:
            value = value[step]
        self.skipped.append(Skipped(kind, _name(value)[1], document.marks.place(root)))


def _objects(value: Any, root: FieldPath) -> Iterator[tuple[Any, FieldPath]]:
    """The object of a document, or those of a List."""
    items = value.get("items") if isinstance(value, dict) else None
    if isinstance(items, list) and str(value.get("kind")).endswith("List"):
        for index, item in enumerate(items):
            yield from _objects(item, (*root, "items", index))
    else:
        yield value, root


def _name(value: Any) -> ObjectName:
    metadata = value.get("metadata") if isinstance(value, dict) else None
    fields = metadata if isinstance(metadata, dict) else {}
    return str(fields.get("namespace") or "default"), str(fields.get("name") or "")
