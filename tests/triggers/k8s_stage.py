"""What tests of the k8s trigger share: objects, triggers that act on them, and where."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sensors.parameters import EventValues, ParameterCache
from tests.fakes.values import event
from tests.servers.kube import Kube
from tests.triggers.kube_stage import ask, configured, path_of, staged
from triggers.base import Outcome, TriggerContext
from triggers.k8s.adapter import K8s, K8sSettings

PUSH = EventValues({"push": event({"ref": "main", "n": 7})}, ParameterCache())
K1, K2 = "1" * 32, "2" * 32

MERGE, STRATEGIC, JSON, APPLY = (
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/json-patch+json",
    "application/apply-patch+yaml",
)
ARGO = "argoproj.io/v1alpha1"


def config_map(data: dict[str, Any] | None = None, /, **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata or {"name": "cm"}, "data": data or {"a": "1"}}


def workflow(**metadata: Any) -> dict[str, Any]:
    metadata = metadata or {"generateName": "ci-"}
    return {"apiVersion": ARGO, "kind": "Workflow", "metadata": metadata, "spec": {"entrypoint": "main"}}


def parameter(dest: str, key: str = "ref", **src: Any) -> dict[str, Any]:
    return {"src": {"dependencyName": "push", "dataKey": key, **src}, "dest": dest}


def make(at: TriggerContext, object: dict[str, Any] | None = None, /, **block: Any) -> K8s:
    source = {} if object is None else {"source": {"resource": object}}
    return K8s(K8sSettings.model_validate({**source, **block}), at, sleep=lambda _: asyncio.sleep(0))


async def fire(trigger: K8s, key: str = K1) -> Outcome:
    """Enter, fire once, leave."""
    async with trigger:
        return await trigger.fire(trigger.render(trigger.settings, PUSH), key)


@pytest.fixture
async def at(kube: Kube) -> AsyncIterator[TriggerContext]:
    namespace = await asyncio.to_thread(kube.namespace)
    with configured(kube.kubeconfig):
        async with staged(namespace) as made:
            yield made


async def live(kube: Kube, at: TriggerContext, name: str = "cm") -> Any:
    return await ask(kube, "GET", path_of(at.namespace, "configmaps", name))
