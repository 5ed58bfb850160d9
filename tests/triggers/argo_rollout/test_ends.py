"""triggers/argo_rollout/ends.py"""

from __future__ import annotations

from typing import Any

import pytest

from tests.triggers.rollout_stage import rollout
from triggers.argo_rollout.ends import digest, find_end
from triggers.base import Result

AT = "2026-03-14T15:09:26Z"


def end(object: dict[str, Any], operation: str = "promote", **started: Any) -> Result | None:
    return find_end({"kind": object["kind"], "operation": operation, **started})(object)


def live(phase: str, /, seen: str = "1", **status: Any) -> dict[str, Any]:
    made = {**rollout(), "status": {"phase": phase, "observedGeneration": seen, **status}}
    made["metadata"] |= {"generation": 1, "managedFields": ["x"]}
    return made


def phase(result: Result | None) -> tuple[str, bool] | None:
    return None if result is None else (result.phase, result.ok)


def test_healthy_and_degraded() -> None:
    assert phase(end(live("Healthy"))) == ("Healthy", True)
    assert phase(end(live("Degraded"))) == ("Degraded", False)
    assert phase(end(live("Progressing"))) is None
    assert phase(end(live("Paused"))) is None
    assert phase(end(live("Healthy", seen="0"))) is None
    assert phase(end(live("Healthy", controllerPause=True))) is None


def test_a_status_that_the_controller_has_not_looked_at() -> None:
    """A retry finds the Rollout as degraded as it was."""
    object = live("Degraded", message="RolloutAborted", abort=False)
    assert end(object, "retry", status=digest(object)) is None
    object["status"]["message"] = "ProgressDeadlineExceeded"
    assert phase(end(object, "retry", status=digest(live("Degraded")))) == ("Degraded", False)


def test_an_abortion_ends_degraded() -> None:
    assert phase(end(live("Degraded", abort=True), "abort")) == ("Degraded", True)
    assert phase(end(live("Degraded"), "abort")) == ("Degraded", False)


def test_a_pause_ends_paused() -> None:
    result = end(live("Paused", controllerPause=True), "pause")
    assert result is not None
    assert phase(result) == ("Paused", True)
    assert result.object["status"]["phase"] == "Paused"
    assert "managedFields" not in result.object["metadata"]
    assert phase(end(live("Paused", seen="0"), "pause")) is None
    assert phase(end(live("Degraded"), "pause")) == ("Degraded", False)


def test_a_restart_ends_with_the_last_pod() -> None:
    assert end(live("Healthy"), "restart", restartAt=AT) is None
    assert end(live("Healthy", restartedAt="2026-03-14T15:09:25Z"), "restart", restartAt=AT) is None
    assert phase(end(live("Healthy", restartedAt=AT), "restart", restartAt=AT)) == ("Healthy", True)


def test_the_workload_has_to_be_seen_too() -> None:
    assert end(live("Healthy"), "set-image", workloadGeneration=3) is None
    assert end(live("Healthy", workloadObservedGeneration="2"), "set-image", workloadGeneration=3) is None
    found = end(live("Healthy", workloadObservedGeneration="3"), "set-image", workloadGeneration=3)
    assert phase(found) == ("Healthy", True)


@pytest.mark.parametrize("kind", ["AnalysisRun", "Experiment"])
def test_an_analysis(kind: str) -> None:
    def ended(name: str) -> tuple[str, bool] | None:
        return phase(end({"kind": kind, "metadata": {}, "status": {"phase": name}}, "terminate"))

    assert ended("Running") is None
    assert ended("Successful") == ("Successful", True)
    assert {name: ended(name) for name in ("Failed", "Error", "Inconclusive")} == {
        name: (name, False) for name in ("Failed", "Error", "Inconclusive")
    }
