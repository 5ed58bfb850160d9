"""What tests of the argoWorkflow trigger share: triggers at the real API server, and Workflows in it."""

from __future__ import annotations

import asyncio
from typing import Any

from sensors.parameters import EventValues, ParameterCache
from tests.fakes.values import event
from tests.servers.kube import Kube
from tests.triggers.kube_stage import ask, path_of
from triggers.argo_workflow.adapter import ArgoWorkflow, ArgoWorkflowSettings
from triggers.base import Outcome, TriggerContext

ARGO = "argoproj.io/v1alpha1"
PUSH = EventValues({"push": event({"ref": "main", "n": 7, "list": [1, 2]})}, ParameterCache())
K1, K2 = "1" * 32, "2" * 32
MOMENT = 1_773_500_966.5
NOW = "2026-03-14T15:09:26Z"


def workflow(spec: dict[str, Any] | None = None, /, **metadata: Any) -> dict[str, Any]:
    """A manifest."""
    metadata = metadata or {"generateName": "ci-"}
    return {"apiVersion": ARGO, "kind": "Workflow", "metadata": metadata, "spec": spec or {"entrypoint": "main"}}


def about(name: str, kind: str = "Workflow", **more: Any) -> dict[str, Any]:
    """What an operation is about."""
    return {"apiVersion": ARGO, "kind": kind, "metadata": {"name": name}, **more}


def parameter(dest: str, key: str = "ref", **src: Any) -> dict[str, Any]:
    """A value of the event."""
    return {"src": {"dependencyName": "push", "dataKey": key, **src}, "dest": dest}


def make(
    at: TriggerContext,
    operation: str,
    object: dict[str, Any],
    *args: str,
    environ: dict[str, str] | None = None,
    **block: Any,
) -> ArgoWorkflow:
    """The trigger of a manifest's block; its clock stands still and it never sleeps."""
    given = {"operation": operation, "source": {"resource": object}, **block}
    settings = ArgoWorkflowSettings.model_validate({**given, **({"args": list(args)} if args else {})})
    return ArgoWorkflow(
        settings, at, environ=environ or {}, clock=lambda: MOMENT, sleep=lambda _: asyncio.sleep(0), chance=lambda: 1.0
    )


async def fire(trigger: ArgoWorkflow, key: str = K1) -> Outcome:
    """Enter, fire once, leave."""
    async with trigger:
        return await trigger.fire(trigger.render(trigger.settings, PUSH), key)


async def live(kube: Kube, at: TriggerContext, name: str, plural: str = "workflows") -> Any:
    """An object as it is."""
    return await ask(kube, "GET", path_of(at.namespace, plural, name, ARGO))


async def there(kube: Kube, at: TriggerContext, object: dict[str, Any], plural: str = "workflows") -> Any:
    """Make an object before."""
    metadata = {name: value for name, value in object["metadata"].items() if name not in ("uid", "resourceVersion")}
    made = {**object, "metadata": {**metadata, "namespace": at.namespace}}
    return await ask(kube, "POST", path_of(at.namespace, plural, group=ARGO), made)


async def everything(kube: Kube, at: TriggerContext) -> list[Any]:
    """All Workflows."""
    found: list[Any] = (await ask(kube, "GET", path_of(at.namespace, "workflows", group=ARGO)))["items"]
    return found
