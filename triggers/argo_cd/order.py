"""What a firing of an argoCD trigger is to do, before anybody has looked at the Application: for people and for files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from triggers.base import Document, Rendered
from triggers.cluster.marks import marked
from triggers.text import one_line

API_VERSION: Final = "argoproj.io/v1alpha1"
KIND: Final = "Application"
REFRESH: Final = "argocd.argoproj.io/refresh"
"""The annotation by which Argo CD is asked to compare again, `normal` or `hard`; it takes it away."""

INITIATOR: Final = {"username": "eventyard"}

DONE: Final[Mapping[str, str]] = {
    "sync": "told to sync",
    "refresh": "told to refresh",
    "rollback": "told to roll back",
    "terminate": "told to terminate its operation",
}
"""What each operation has done, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Rendered):
    """One operation on one Application. `sync` are the fields of the operation's `sync` as Applications have them, without
    revisions of several sources; `id` None is the deployment before the last; `retry` None is that of the Application."""

    operation: str
    name: str
    namespace: str
    project: str = ""
    sync: Mapping[str, Any] = field(default_factory=dict)
    revisions: Sequence[str] = ()
    positions: Sequence[int] = ()
    retry: Mapping[str, Any] | None = None
    info: Sequence[Mapping[str, str]] = ()
    hard: bool = False
    id: int | None = None

    @property
    def refresh(self) -> str:
        """`normal` or `hard`."""
        return "hard" if self.hard else "normal"

    @property
    def dry_run(self) -> bool:
        """Whether nothing is to change."""
        return bool(self.sync.get("dryRun"))

    def show(self, limit: int = 1024) -> str:
        """`sync Application argocd/shop  {"revision":"main","prune":true}`"""
        more = self._more()
        where = f"{self.namespace}/" if self.namespace else ""
        head = f"{self.operation} Application {where}{self.name}"
        return one_line(head, orjson.dumps(more) if more else b"", limit)

    def view(self) -> dict[str, Any]:
        given = {"name": self.name, "namespace": self.namespace, "project": self.project}
        return {
            "operation": self.operation,
            **{name: value for name, value in given.items() if value},
            **self._more(),
        }

    def document(self, key: str) -> Document:
        """What would be patched; `<…>` stands for what only the Application itself says."""
        metadata = {"name": self.name, **({"namespace": self.namespace} if self.namespace else {})}
        annotations = marked({}, key)
        body: dict[str, Any] = {}
        match self.operation:
            case "refresh":
                annotations[REFRESH] = self.refresh
            case "terminate":
                body["status"] = {"operationState": {"phase": "Terminating"}}
            case "rollback":
                revision = "before the last" if self.id is None else f"with id {self.id}"
                sync = {**self.sync, "revision": f"<as in the deployment {revision}>", "syncStrategy": {"apply": {}}}
                body["operation"] = {"initiatedBy": INITIATOR, "sync": sync}
            case _:
                revisions = {"revisions": list(self.revisions)} if self.revisions else {}
                body["operation"] = {**self.around(), "sync": {**self.sync, **revisions}}
        head = {"apiVersion": API_VERSION, "kind": KIND, "metadata": {**metadata, "annotations": annotations}}
        return Document("patch", {**head, **body})

    def around(self) -> dict[str, Any]:
        """What is in `operation` beside `sync`."""
        info = {"info": [dict(each) for each in self.info]} if self.info else {}
        retry = {"retry": dict(self.retry)} if self.retry is not None else {}
        return {"initiatedBy": INITIATOR, **info, **retry}

    def _more(self) -> dict[str, Any]:
        given: dict[str, Any] = {**self.sync, "revisions": list(self.revisions), "retry": self.retry}
        given |= {"info": [dict(each) for each in self.info], "hard": self.hard}
        more = {name: value for name, value in given.items() if value}
        return more if self.id is None else {**more, "id": self.id}
