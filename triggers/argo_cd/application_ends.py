"""When an operation of an Application has come to its end, and how: a pure function of the object for each wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from config.kubernetes.resource import Object
from triggers.argo_cd.order import REFRESH
from triggers.base import Result
from triggers.cluster.judges import judge_application
from triggers.cluster.waits import Judge


def find_end(started: Mapping[str, Any]) -> Judge:
    """The judge of what a firing started: `operation` and `dryRun`.

    A sync or rollback ends when the Application has settled (`judge_application`), a dry one with the operation. A refresh
    ends when Argo CD has taken its annotation away; its phase is `status.sync.status`. A terminated operation has ended as
    it should, whatever its phase.
    """
    match started["operation"]:
        case "refresh":
            return _judge_refresh
        case "terminate":
            return _judge_termination
    return _judge_dry_run if started.get("dryRun") else judge_application


def _judge_refresh(object: Object) -> Result | None:
    if REFRESH in ((object.get("metadata") or {}).get("annotations") or {}):
        return None
    status = object.get("status") or {}
    phase = str((status.get("sync") or {}).get("status") or "Unknown")
    messages = [str(each.get("message") or "") for each in status.get("conditions") or ()]
    return Result(phase=phase, ok=phase != "Unknown", message="; ".join(filter(None, messages)), object=_plain(object))


def _judge_termination(object: Object) -> Result | None:
    if object.get("operation") is not None:
        return None
    result = _judge_dry_run(object)
    return Result(phase="Idle", ok=True, object=_plain(object)) if result is None else replace(result, ok=True)


def _judge_dry_run(object: Object) -> Result | None:
    state = (object.get("status") or {}).get("operationState") or {}
    phase = str(state.get("phase") or "")
    if object.get("operation") is not None or phase not in ("Succeeded", "Failed", "Error"):
        return None
    message = str(state.get("message") or "")
    return Result(phase=phase, ok=phase == "Succeeded", message=message, object=_plain(object))


def _plain(object: Object) -> Object:
    """Without the bookkeeping of who set which field."""
    metadata = {name: value for name, value in (object.get("metadata") or {}).items() if name != "managedFields"}
    return {**object, "metadata": metadata}
