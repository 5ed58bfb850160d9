"""triggers/argo_cd/application_ends.py"""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.argo_cd import application
from triggers.argo_cd.application_ends import find_end
from triggers.argo_cd.order import REFRESH
from triggers.base import Result

T1, T2 = "2026-03-14T15:09:26Z", "2026-03-14T15:09:27Z"


def end(operation: str, object: dict[str, Any], *, dry: bool = False) -> tuple[str, bool, str] | None:
    result = find_end({"operation": operation, "dryRun": dry})(object)
    if result is None:
        return None
    assert isinstance(result, Result)
    assert "managedFields" not in result.object["metadata"]
    return result.phase, result.ok, result.message


def live(phase: str, health: str = "Healthy", reconciled: str = T1, **fields: Any) -> dict[str, Any]:
    state = {"phase": phase, "message": "said", "finishedAt": T1}
    status = {"operationState": state, "health": {"status": health}, "reconciledAt": reconciled}
    made = application(status=status, **fields)
    made["metadata"]["managedFields"] = []
    return made


@pytest.mark.parametrize("operation", ["sync", "rollback"])
def test_a_sync_ends_when_it_has_settled(operation: str) -> None:
    assert end(operation, live("Running")) is None
    assert end(operation, live("Succeeded", operation={})) is None
    assert end(operation, live("Succeeded", reconciled="2026-03-14T15:09:25Z")) is None
    assert end(operation, live("Succeeded", "Progressing")) is None
    assert end(operation, live("Succeeded", reconciled=T2)) == ("Healthy", True, "said")
    assert end(operation, live("Succeeded", "Degraded")) == ("Degraded", False, "said")
    assert end(operation, live("Failed")) == ("Failed", False, "said")


def test_a_dry_one_changes_nothing_that_could_settle() -> None:
    assert end("sync", live("Running"), dry=True) is None
    assert end("sync", live("Succeeded", "Degraded", ""), dry=True) == ("Succeeded", True, "said")
    assert end("sync", live("Error"), dry=True) == ("Error", False, "said")


def test_a_refresh_ends_without_its_annotation() -> None:
    object = application()
    object["metadata"]["annotations"] = {REFRESH: "hard"}
    assert end("refresh", object) is None
    object["metadata"]["annotations"] = {}
    assert end("refresh", object) == ("Synced", True, "")
    broken = application(status={"sync": {"status": "Unknown"}, "conditions": [{"message": "no such branch"}]})
    assert end("refresh", broken) == ("Unknown", False, "no such branch")


def test_what_was_terminated_ended_as_it_should() -> None:
    assert end("terminate", live("Terminating", operation={})) is None
    assert end("terminate", live("Failed")) == ("Failed", True, "said")
    assert end("terminate", application()) == ("Idle", True, "")
