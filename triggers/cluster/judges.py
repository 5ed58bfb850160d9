"""When an object has ended, and how: pure functions of its state, one for each kind that can be awaited.

An object that its controller has not looked at since it was last changed has not ended, whatever its status says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from config.errors import Permanent
from config.kubernetes.cluster import Cluster
from config.kubernetes.plural import parse_api_version
from config.kubernetes.resource import Object
from triggers.argo_workflow.summary import summarize
from triggers.base import Result
from triggers.cluster.waits import Judge, ObjectWaits


def judge_workflow(object: Object) -> Result | None:
    """Argo Workflows: by `status.phase`. Of the object the result has what `summarize` tells."""
    result = _by_phase(object, ok=("Succeeded",), failed=("Failed", "Error"))
    return None if result is None else replace(result, object=summarize(object))


def judge_pod(object: Object) -> Result | None:
    """By `status.phase`; why it failed is its own word, or that of the first container that failed."""
    result = _by_phase(object, ok=("Succeeded",), failed=("Failed",))
    if result is None or result.ok or result.message:
        return result
    return _result(object, result.phase, ok=False, message=_container_failure(_status(object)))


def judge_job(object: Object) -> Result | None:
    """By the condition `Complete` or `Failed`, which the Job controller sets when its Pods have ended."""
    for condition in _status(object).get("conditions") or ():
        kind = condition.get("type")
        if kind in ("Complete", "Failed") and condition.get("status") == "True":
            message = ": ".join(filter(None, (condition.get("reason"), condition.get("message"))))
            return _result(object, kind, ok=kind == "Complete", message=message)
    return None


def judge_rollout(object: Object) -> Result | None:
    """Argo Rollouts, by the rules of its `status` command: Healthy or Degraded, once its controller has seen the
    present generation and is not about to pause."""
    status = _status(object)
    if str(status.get("observedGeneration", "")) != str((object.get("metadata") or {}).get("generation", "")):
        return None
    if status.get("controllerPause") and not status.get("pauseConditions"):
        return None
    return _by_phase(object, ok=("Healthy",), failed=("Degraded",))


def judge_analysis(object: Object) -> Result | None:
    """Argo Rollouts' AnalysisRuns and Experiments: by `status.phase`."""
    return _by_phase(object, ok=("Successful",), failed=("Failed", "Error", "Inconclusive"))


def judge_application(object: Object) -> Result | None:
    """Argo CD: the operation has ended, and if it succeeded, what was compared since says how the application is:
    Healthy, Suspended or Degraded."""
    status = _status(object)
    operation = status.get("operationState") or {}
    phase, message = str(operation.get("phase") or ""), str(operation.get("message") or "")
    if object.get("operation") is not None or phase not in ("Succeeded", "Failed", "Error"):
        return None
    if phase != "Succeeded":
        return _result(object, phase, ok=False, message=message)
    # Until the next comparison the health is that of before; both times are RFC 3339 in UTC, with whole seconds.
    if str(status.get("reconciledAt") or "") < str(operation.get("finishedAt") or ""):
        return None
    health = status.get("health") or {}
    state = str(health.get("status") or "")
    if state not in ("Healthy", "Suspended", "Degraded"):
        return None
    return _result(object, state, ok=state != "Degraded", message=str(health.get("message") or message))


_JUDGES: Final[Mapping[tuple[str, str], Judge]] = {
    ("argoproj.io", "Workflow"): judge_workflow,
    ("argoproj.io", "Rollout"): judge_rollout,
    ("argoproj.io", "AnalysisRun"): judge_analysis,
    ("argoproj.io", "Experiment"): judge_analysis,
    ("argoproj.io", "Application"): judge_application,
    ("batch", "Job"): judge_job,
    ("", "Pod"): judge_pod,
}

AWAITABLE: Final = ", ".join(sorted(kind for _, kind in _JUDGES))
"""The kinds that can be awaited, for messages."""


def find_judge(api_version: str, kind: str) -> Judge | None:
    """The judge of such objects; None if nobody can say when one has ended."""
    return _JUDGES.get((parse_api_version(api_version)[0], kind))


async def judged(
    waits: ObjectWaits, cluster: Cluster, started: Mapping[str, Any], labels: Mapping[str, str] = {}
) -> Result:
    """Wait until what `triggers.cluster.object.started` describes has ended; `labels` as for `ObjectWaits.until`.

    Raises Temporary, or Permanent if objects of that kind have no end.
    """
    api_version, kind = str(started["apiVersion"]), str(started["kind"])
    judge = find_judge(api_version, kind)
    if judge is None:
        raise Permanent(f"a {kind} of {api_version} cannot be awaited", fix=f"await one of {AWAITABLE}")
    resource = await cluster.find(api_version, kind)
    return await waits.until(resource, started["namespace"], started["name"], started["uid"], judge, labels=labels)


def _by_phase(object: Object, *, ok: tuple[str, ...], failed: tuple[str, ...]) -> Result | None:
    status = _status(object)
    phase = str(status.get("phase") or "")
    if phase not in ok + failed:
        return None
    return _result(object, phase, ok=phase in ok, message=str(status.get("message") or ""))


def _result(object: Object, phase: str, *, ok: bool, message: str) -> Result:
    """The object without the bookkeeping of who set which field."""
    metadata = {name: value for name, value in (object.get("metadata") or {}).items() if name != "managedFields"}
    return Result(phase=phase, ok=ok, message=message, object={**object, "metadata": metadata})


def _status(object: Object) -> Mapping[str, Any]:
    status = object.get("status")
    return status if isinstance(status, Mapping) else {}


def _container_failure(status: Mapping[str, Any]) -> str:
    if status.get("reason"):
        return str(status["reason"])
    for container in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
        ended = (container.get("state") or {}).get("terminated") or {}
        if ended.get("exitCode"):
            return f"container {container.get('name')} ended with {ended['exitCode']} ({ended.get('reason')})"
    return ""
