"""When an operation of a Rollout has come to its end, and how: a pure function of the object for each wait.

The controller has to have seen what was changed. A new generation it acknowledges; a new status it does not, but it writes
the status again, so that it differs from what the firing left.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from config.kubernetes.resource import Object
from triggers.argo_rollout.operations import ROLLOUT
from triggers.base import Result
from triggers.cluster.judges import judge_analysis, judge_rollout
from triggers.cluster.waits import Judge


def digest(object: Mapping[str, Any]) -> str:
    """By which a status is recognised."""
    return hashlib.sha256(orjson.dumps(object.get("status"), option=orjson.OPT_SORT_KEYS)).hexdigest()


def find_end(started: Mapping[str, Any]) -> Judge:
    """The judge of what a firing started, as `triggers.argo_rollout.rollouts` describes it.

    A Rollout ends Healthy or Degraded. To be aborted means to become Degraded, and to be paused to become Paused; there
    both are a success. A restart ends when the last Pod is new. Experiments and AnalysisRuns end in a phase of theirs.
    """
    if started["kind"] != ROLLOUT:
        return judge_analysis

    def judge(object: Object) -> Result | None:
        status = object.get("status") or {}
        if started.get("status") == digest(object):
            return None
        if int(status.get("workloadObservedGeneration") or 0) < int(started.get("workloadGeneration") or 0):
            return None
        # Both are RFC 3339 in UTC, with whole seconds.
        if str(status.get("restartedAt") or "") < str(started.get("restartAt") or ""):
            return None
        if started["operation"] == "pause":
            return _judge_pause(object)
        result = judge_rollout(object)
        if result is not None and started["operation"] == "abort" and status.get("abort"):
            return replace(result, ok=True)
        return result

    return judge


def _judge_pause(object: Object) -> Result | None:
    """Paused counts as Healthy does."""
    status = object.get("status") or {}
    if status.get("phase") != "Paused":
        return judge_rollout(object)
    result = judge_rollout({**object, "status": {**status, "phase": "Healthy", "controllerPause": False}})
    return None if result is None else replace(result, phase="Paused", object={**result.object, "status": status})
