"""triggers/argo_rollout/operations.py: the same changes as `kubectl argo rollouts` makes."""

from __future__ import annotations

from typing import Any

import pytest

from config.errors import Permanent
from tests.triggers.rollout_stage import PAUSED, paused, rollout
from triggers.argo_rollout.operations import DONE, Changes, changes, intent, is_done, kinds_for

AT = "2026-03-14T15:09:26Z"
UNPAUSE: dict[str, Any] = {"spec": {"paused": False}}


def made(operation: str, object: dict[str, Any], /, **status: Any) -> Changes:
    return changes(operation, {**object, "status": status}, restart_at=AT)


class TestPromote:
    def test_a_pause(self) -> None:
        assert made("promote", rollout(), **paused()) == Changes(status={"pauseConditions": None})
        assert made("promote", rollout(green=True), pauseConditions=PAUSED) == Changes(status={"pauseConditions": None})
        assert made("promote", rollout(steps=[]), pauseConditions=PAUSED) == Changes(status={"pauseConditions": None})

    @pytest.mark.parametrize(("step", "next"), [(None, 1), (0, 1), (2, 3), (3, 4)])
    def test_a_step_that_is_running(self, step: int | None, next: int) -> None:
        found = made("promote", rollout(), **({} if step is None else {"currentStepIndex": step}))
        assert found == Changes(status={"pauseConditions": None, "currentStepIndex": next})

    def test_after_the_last_step(self) -> None:
        assert not made("promote", rollout(), currentStepIndex=4)
        assert not made("promote", rollout(steps=[]))
        assert not made("promote", rollout(green=True))

    def test_an_inconclusive_analysis(self) -> None:
        run = {"canary": {"currentStepAnalysisRunStatus": {"status": "Inconclusive"}}}
        status = {"pauseConditions": None, "controllerPause": False, "currentStepIndex": 2}
        assert made("promote", rollout(), **paused(), **run) == Changes(status=status)
        # Without the controller's own pause it is one like any other.
        found = made("promote", rollout(), **{**paused(), "controllerPause": False}, **run)
        assert found == Changes(status={"pauseConditions": None})

    def test_what_somebody_has_paused_goes_on_by_a_step_too(self) -> None:
        found = made("promote", rollout(paused=True), currentStepIndex=2)
        assert found == Changes(UNPAUSE, {"pauseConditions": None, "currentStepIndex": 3})
        assert made("promote", rollout(green=True, paused=True)) == Changes(UNPAUSE)


class TestFull:
    def test_only_what_is_under_way(self) -> None:
        assert made("promote-full", rollout(), **paused()) == Changes(status={"promoteFull": True})
        assert made("promote-full", rollout(paused=True), **paused()) == Changes(UNPAUSE, {"promoteFull": True})
        assert not made("promote-full", rollout(), currentPodHash="a", stableRS="a")
        assert not made("promote-full", rollout(), **paused(), promoteFull=True)


class TestSkip:
    def test_steps(self) -> None:
        assert made("skip-current-step", rollout(), **paused(1)) == Changes(status={"currentStepIndex": 2})
        assert made("skip-current-step", rollout()) == Changes(status={"currentStepIndex": 1})
        assert made("skip-all-steps", rollout(), **paused(1)) == Changes(status={"currentStepIndex": 4})
        assert not made("skip-current-step", rollout(), currentStepIndex=4)
        assert not made("skip-all-steps", rollout(), currentStepIndex=4)

    @pytest.mark.parametrize("operation", ["skip-current-step", "skip-all-steps"])
    @pytest.mark.parametrize(
        ("object", "told"), [(rollout(green=True), "blueGreen"), (rollout(steps=[]), "a canary without steps")]
    )
    def test_where_there_are_none(self, operation: str, object: dict[str, Any], told: str) -> None:
        with pytest.raises(Permanent, match=told) as error:
            made(operation, object)
        assert "promote" in error.value.fix


def test_what_ends_and_begins_again() -> None:
    assert made("abort", rollout()) == Changes(status={"abort": True})
    assert not made("abort", rollout(), abort=True)
    assert made("retry", rollout(), abort=True) == Changes(status={"abort": False})
    assert not made("retry", rollout())
    assert made("retry", {"kind": "Experiment"}, phase="Failed") == Changes({"status": None})
    assert not made("retry", {"kind": "Experiment"})
    assert made("terminate", {"kind": "AnalysisRun"}) == Changes({"spec": {"terminate": True}})
    assert not made("terminate", {"kind": "AnalysisRun", "spec": {"terminate": True}})


def test_what_is_written_into_the_spec() -> None:
    assert made("restart", rollout()) == Changes({"spec": {"restartAt": AT}})
    assert made("pause", rollout()) == Changes({"spec": {"paused": True}})
    assert not made("pause", rollout(paused=True))


def test_kinds() -> None:
    assert {operation: kinds_for(operation) for operation in DONE if kinds_for(operation) != ("Rollout",)} == {
        "retry": ("Rollout", "Experiment"),
        "terminate": ("AnalysisRun", "Experiment"),
    }


class TestIntents:
    def test_a_step_is_left_by_another_step_or_revision(self) -> None:
        now = {**rollout(), "status": paused(1)}
        note = intent("promote", now)
        assert not is_done(note, now)
        assert is_done(note, {**now, "status": paused(2)})
        assert is_done(note, {**now, "status": paused(1, currentPodHash="newer")})
        assert is_done(note, {**now, "status": paused(1, pauseConditions=None)})

    def test_a_step_that_pauses_is_the_same_step(self) -> None:
        running = {**rollout(), "status": {"currentPodHash": "new"}}
        assert not is_done(intent("promote", running), {**running, "status": paused(0, currentPodHash="new")})

    def test_an_abortion_is_for_a_revision(self) -> None:
        note = intent("abort", {**rollout(), "status": paused(1)})
        assert not is_done(note, {"status": paused(3)})
        assert is_done(note, {"status": paused(3, abort=True)})
        assert is_done(note, {"status": paused(1, currentPodHash="newer")})

    def test_what_says_nothing_is_not_done(self) -> None:
        assert not is_done({"x": 1}, rollout())
        assert not is_done({"operation": "abort", "moment": 1}, rollout())
        assert not is_done(intent("skip-all-steps", rollout()), rollout(green=True))
