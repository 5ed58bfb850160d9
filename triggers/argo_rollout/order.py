"""What a firing of an argoRollout trigger is to do, before anybody has looked at the cluster: for people and for files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from config.duration import Duration
from triggers.argo_rollout.operations import ROLLOUT
from triggers.base import Document, Rendered
from triggers.cluster.marks import marked
from triggers.text import one_line

API_VERSION: Final = "argoproj.io/v1alpha1"

_SKETCHES: Final[Mapping[str, Mapping[str, Any]]] = {
    "promote": {"spec": {"paused": False}, "status": {"pauseConditions": None, "currentStepIndex": "<the next>"}},
    "promote-full": {"spec": {"paused": False}, "status": {"promoteFull": True}},
    "skip-current-step": {"status": {"currentStepIndex": "<the next>"}},
    "skip-all-steps": {"status": {"currentStepIndex": "<the number of steps>"}},
    "abort": {"status": {"abort": True}},
    "pause": {"spec": {"paused": True}},
    "terminate": {"spec": {"terminate": True}},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Rendered):
    """One operation on the object of that name, or on all that a label selector chooses.

    `images` are by container, `revision` 0 is the one before, `delay` is how many seconds later Pods restart.
    """

    operation: str
    kind: str
    namespace: str
    name: str = ""
    labels: str = ""
    images: Mapping[str, str] = field(default_factory=dict)
    revision: int = 0
    delay: float = 0.0

    def show(self, limit: int = 1024) -> str:
        """`set-image Rollout shop/web  {"images":{"web":"registry.example/web:1.4.2"}}`"""
        more = self._more()
        what = self.name or f"({self.labels})"
        head = f"{self.operation} {self.kind} {self.namespace}/{what}"
        return one_line(head, orjson.dumps(more) if more else b"", limit)

    def view(self) -> dict[str, Any]:
        target = {"name": self.name} if self.name else {"labelSelector": self.labels}
        return {
            "operation": self.operation,
            "kind": self.kind,
            "namespace": self.namespace,
            **target,
            **self._more(),
        }

    def document(self, key: str, restart_at: str) -> Document:
        """What would be patched; `<…>` stands for what only the object itself says."""
        target = {"name": self.name} if self.name else {"labelSelector": self.labels}
        metadata = {**target, "namespace": self.namespace, "annotations": marked({}, key)}
        body = {"apiVersion": API_VERSION, "kind": self.kind, "metadata": metadata}
        return Document("patch", {**body, **self._sketch(restart_at)})

    def _more(self) -> dict[str, Any]:
        match self.operation:
            case "set-image":
                return {"images": dict(self.images)}
            case "undo":
                return {"revision": self.revision}
            case "restart" if self.delay:
                return {"in": str(Duration(round(self.delay * 1e9)))}
        return {}

    def _sketch(self, restart_at: str) -> Mapping[str, Any]:
        match self.operation:
            case "retry":
                return {"status": {"abort": False} if self.kind == ROLLOUT else None}
            case "restart":
                return {"spec": {"restartAt": restart_at}}
            case "set-image":
                containers = [{"name": name, "image": image} for name, image in self.images.items()]
                return {"spec": {"template": {"spec": {"containers": containers}}}}
            case "undo":
                revision = f"revision {self.revision}" if self.revision else "the revision before"
                return {"spec": {"template": f"<as in {revision}>"}}
        return _SKETCHES[self.operation]
