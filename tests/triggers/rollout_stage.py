"""Rollouts as tests need them, a cluster in memory that has one of them with its controller, and answers that get lost."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from config.kubernetes.cluster import Cluster, Patch
from config.kubernetes.failures import Conflict, NotFound, Unreachable
from config.kubernetes.resource import Object, Resource
from tests.fakes.cluster import _merge_patched as merge_patched
from tests.fakes.kube_proxy import KubeProxy
from tests.fakes.sink import Seen

ARGO = "argoproj.io/v1alpha1"
STEPS = [{"setWeight": 20}, {"pause": {}}, {"setWeight": 60}, {"pause": {}}]
PAUSED = [{"reason": "CanaryPauseStep", "startTime": "2026-03-14T15:09:26Z"}]


def rollout(name: str = "web", *, steps: list[Any] | None = None, green: bool = False, **spec: Any) -> dict[str, Any]:
    """A canary with steps, unless it is to be something else."""
    strategy = {"blueGreen": {}} if green else {"canary": {"steps": STEPS if steps is None else steps}}
    containers = [{"name": "web", "image": "web:1"}, {"name": "proxy", "image": "proxy:1"}]
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": containers}}
    return {
        "apiVersion": ARGO,
        "kind": "Rollout",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"selector": {"matchLabels": {"app": name}}, "strategy": strategy, "template": template, **spec},
    }


def paused(step: int = 1, **more: Any) -> dict[str, Any]:
    """The status of a Rollout that waits at a step."""
    return {
        "currentPodHash": "new",
        "stableRS": "old",
        "currentStepIndex": step,
        "controllerPause": True,
        "pauseConditions": PAUSED,
        "phase": "Paused",
        "observedGeneration": "1",
        **more,
    }


class OneRollout(Cluster):
    """A canary whose steps are all pauses. `requests` counts down: what comes when it is 0 gets lost, with `after` only
    its answer. `meanwhile` is played before each request."""

    def __init__(self, status: Mapping[str, Any], *, subresource: bool = True) -> None:
        self.where, self.namespace = "memory", "default"
        self.object: Object = {**rollout(steps=[{"pause": {}}] * 5), "status": dict(status)}
        self.object["metadata"] |= {"namespace": "default", "resourceVersion": "1", "uid": "u"}
        self.requests, self.after = -1, False
        self.meanwhile: list[int] = []
        self._subresource = subresource

    async def find(self, api_version: str, kind: str) -> Resource:
        return Resource(group="argoproj.io", version="v1alpha1", kind=kind, plural="rollouts", namespaced=True)

    async def get(
        self, resource: Resource, name: str, *, namespace: str | None = None, subresource: str = ""
    ) -> Object:
        self._play()
        self._lose(done=True)
        return copy.deepcopy(self.object)

    async def patch(
        self,
        resource: Resource,
        name: str,
        patch: Any,
        *,
        type: Patch | str = Patch.MERGE,
        namespace: str | None = None,
        subresource: str = "",
        force: bool = False,
    ) -> Object:
        self._play()
        self._lose(done=False)
        if subresource and not self._subresource:
            raise NotFound("the server could not find the requested resource")
        if patch["metadata"]["resourceVersion"] != self.object["metadata"]["resourceVersion"]:
            raise Conflict("the object has been modified")
        kept = "status" if self._subresource and not subresource else "spec"
        changed = merge_patched(self.object, patch)
        self._write({**changed, kept: self.object[kept]})
        self._lose(done=True)
        return copy.deepcopy(self.object)

    def control(self) -> None:
        """One look of the controller."""
        status = dict(self.object["status"])
        if status["controllerPause"] and not status.get("pauseConditions"):
            status |= {"controllerPause": False, "currentStepIndex": status["currentStepIndex"] + 1}
        elif not status["controllerPause"] and status["currentStepIndex"] < 5:
            status |= {"controllerPause": True, "pauseConditions": [{"startTime": str(status["currentStepIndex"])}]}
        else:
            return
        self._write({**self.object, "status": status})

    def _play(self) -> None:
        for _ in range(self.meanwhile.pop() if self.meanwhile else 0):
            self.control()

    def _lose(self, *, done: bool) -> None:
        if self.requests == 0 and done == self.after:
            self.requests = -1
            raise Unreachable("the connection broke")
        if done:
            self.requests -= self.requests >= 0

    def _write(self, object: Object) -> None:
        version = str(int(self.object["metadata"]["resourceVersion"]) + 1)
        self.object = {**object, "metadata": {**object["metadata"], "resourceVersion": version}}


class LosingProxy(KubeProxy):
    """After `left` more requests the answer to one gets lost."""

    left = -1

    def _pass_on(self, seen: Seen) -> bytes:
        if "/namespaces/" in seen.target:
            if self.left == 0:
                self.lose_next()
            self.left -= 1
        return super()._pass_on(seen)
