from __future__ import annotations

from typing import Any

import pytest

from config.errors import Permanent
from tests.fakes.cluster import FakeCluster
from triggers.cluster.judges import AWAITABLE, find_judge, judged
from triggers.cluster.waits import ObjectWaits

GROUPS = {"Job": "batch/v1", "Pod": "v1"}


def judge(kind: str, **object: Any) -> tuple[str, bool, str] | None:
    """Phase, ok and message of an object."""
    found = find_judge(GROUPS.get(kind, "argoproj.io/v1alpha1"), kind)
    assert found is not None
    result = found({"kind": kind, **object})
    return None if result is None else (result.phase, result.ok, result.message)


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (None, None),
        ({}, None),
        ({"phase": ""}, None),
        ({"phase": "Running"}, None),
        ({"phase": "Succeeded"}, ("Succeeded", True, "")),
        ({"phase": "Failed", "message": "child 'ci' failed"}, ("Failed", False, "child 'ci' failed")),
        ({"phase": "Error"}, ("Error", False, "")),
        ("nonsense", None),
    ],
)
def test_workflows(status: Any, wanted: Any) -> None:
    assert judge("Workflow", status=status) == wanted


@pytest.mark.parametrize(
    ("conditions", "wanted"),
    [
        (None, None),
        ([], None),
        ([{"type": "Suspended", "status": "True"}], None),
        ([{"type": "Complete", "status": "False"}], None),
        ([{"type": "SuccessCriteriaMet", "status": "True"}], None),
        ([{"type": "Complete", "status": "True"}], ("Complete", True, "")),
        (
            [
                {"type": "FailureTarget", "status": "True", "reason": "BackoffLimitExceeded"},
                {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "too often"},
            ],
            ("Failed", False, "BackoffLimitExceeded: too often"),
        ),
    ],
)
def test_jobs(conditions: Any, wanted: Any) -> None:
    assert judge("Job", status={"conditions": conditions}) == wanted


FAILED = {"name": "main", "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}}


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ({"phase": "Pending"}, None),
        ({"phase": "Unknown"}, None),
        ({"phase": "Succeeded"}, ("Succeeded", True, "")),
        ({"phase": "Failed", "reason": "Evicted"}, ("Failed", False, "Evicted")),
        ({"phase": "Failed", "message": "The node was low on memory", "reason": "Evicted"}, None),
        ({"phase": "Failed", "containerStatuses": [{"name": "ok", "state": {}}, FAILED]}, None),
        ({"phase": "Failed"}, ("Failed", False, "")),
    ],
)
def test_pods(status: dict[str, Any], wanted: Any) -> None:
    told = {
        "message": ("Failed", False, "The node was low on memory"),
        "containerStatuses": ("Failed", False, "container main ended with 137 (OOMKilled)"),
    }
    for field, result in told.items():
        if field in status:
            wanted = result
    assert judge("Pod", status=status) == wanted


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ({}, None),
        ({"observedGeneration": "3", "phase": "Healthy"}, None),
        ({"observedGeneration": "4", "phase": "Healthy"}, ("Healthy", True, "")),
        ({"observedGeneration": 4, "phase": "Healthy"}, ("Healthy", True, "")),
        ({"observedGeneration": "4", "phase": "Progressing"}, None),
        ({"observedGeneration": "4", "phase": "Paused", "pauseConditions": [{"reason": "CanaryPauseStep"}]}, None),
        ({"observedGeneration": "4", "phase": "Healthy", "controllerPause": True}, None),
        (
            {"observedGeneration": "4", "phase": "Degraded", "message": "RolloutAborted: metric failed"},
            ("Degraded", False, "RolloutAborted: metric failed"),
        ),
    ],
)
def test_rollouts(status: dict[str, Any], wanted: Any) -> None:
    assert judge("Rollout", metadata={"generation": 4}, status=status) == wanted


ENDED = {"phase": "Succeeded", "message": "synced", "finishedAt": "2026-03-14T15:09:26Z"}
BEFORE, AFTER = "2026-03-14T15:09:25Z", "2026-03-14T15:09:26Z"


@pytest.mark.parametrize(
    ("object", "wanted"),
    [
        ({}, None),
        ({"status": {"health": {"status": "Healthy"}}}, None),
        ({"status": {"operationState": {"phase": "Running"}}}, None),
        ({"operation": {"sync": {}}, "status": {"operationState": {"phase": "Failed"}}}, None),
        ({"status": {"operationState": {"phase": "Failed", "message": "no"}}}, ("Failed", False, "no")),
        ({"status": {"operationState": {"phase": "Error"}}}, ("Error", False, "")),
        ({"status": {"operationState": ENDED, "health": {"status": "Healthy"}, "reconciledAt": BEFORE}}, None),
        ({"status": {"operationState": ENDED, "health": {"status": "Progressing"}, "reconciledAt": AFTER}}, None),
        ({"status": {"operationState": ENDED, "reconciledAt": AFTER}}, None),
        (
            {"status": {"operationState": ENDED, "health": {"status": "Healthy"}, "reconciledAt": AFTER}},
            ("Healthy", True, "synced"),
        ),
        (
            {"status": {"operationState": ENDED, "health": {"status": "Suspended"}, "reconciledAt": AFTER}},
            ("Suspended", True, "synced"),
        ),
        (
            {
                "status": {
                    "operationState": ENDED,
                    "health": {"status": "Degraded", "message": "pods crash"},
                    "reconciledAt": AFTER,
                }
            },
            ("Degraded", False, "pods crash"),
        ),
    ],
)
def test_applications(object: dict[str, Any], wanted: Any) -> None:
    assert judge("Application", **object) == wanted


def test_the_object_is_told_without_bookkeeping() -> None:
    found = find_judge("v1", "Pod")
    assert found is not None
    object = {"kind": "Pod", "metadata": {"name": "p", "managedFields": [{}]}, "status": {"phase": "Succeeded"}}
    result = found(object)
    assert result is not None
    assert result.object == {"kind": "Pod", "metadata": {"name": "p"}, "status": {"phase": "Succeeded"}}
    assert "managedFields" in object["metadata"]


@pytest.mark.parametrize(("api_version", "kind"), [("batch/v1", "Pod"), ("v1", "ConfigMap"), ("v1", "Job"), ("", "")])
async def test_what_has_no_end_cannot_be_awaited(api_version: str, kind: str) -> None:
    assert find_judge(api_version, kind) is None
    cluster = FakeCluster([])
    with pytest.raises(Permanent, match="cannot be awaited") as error:
        await judged(ObjectWaits(cluster, None), cluster, {"apiVersion": api_version, "kind": kind})  # type: ignore[arg-type]
    assert AWAITABLE in error.value.fix
