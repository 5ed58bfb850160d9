"""What each operation of Argo Rollouts' command changes in a Rollout: pure functions of the object as it is.

The rules are those of `kubectl argo rollouts`. A change that would change nothing is left out, so that a firing which
comes again finds nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from config.errors import Permanent
from triggers.cluster.marks import Note

ROLLOUT, EXPERIMENT, ANALYSIS_RUN = "Rollout", "Experiment", "AnalysisRun"

DONE: Final[Mapping[str, str]] = {
    "promote": "promoted",
    "promote-full": "promoted fully",
    "skip-current-step": "moved on by one step",
    "skip-all-steps": "moved on over all steps",
    "abort": "aborted",
    "retry": "retried",
    "restart": "told to restart its Pods",
    "pause": "paused",
    "set-image": "given its images",
    "undo": "taken back to an earlier revision",
    "terminate": "terminated",
}
"""The operations, and what each has done, in words."""

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "retry": (ROLLOUT, EXPERIMENT),
    "terminate": (ANALYSIS_RUN, EXPERIMENT),
}
"""What an operation is for; any other is for Rollouts."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Merge patches: of the object itself, and of its `status`, which may be a resource of its own."""

    main: Mapping[str, Any] = field(default_factory=dict)
    status: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.main or self.status)


def kinds_for(operation: str) -> tuple[str, ...]:
    """The kinds that it can be done to, the usual one first."""
    return KINDS.get(operation, (ROLLOUT,))


def changes(operation: str, object: Mapping[str, Any], *, restart_at: str) -> Changes:
    """What is to be done to the object; nothing if it is so already. `restart_at` is RFC 3339.

    Raises Permanent if the operation does not fit.
    """
    found = _PLANS[operation](object, restart_at)
    status = _mapping(object, "status")
    news = any((status.get(name) or None) != (value or None) for name, value in found.status.items())
    return found if news else replace(found, status={})


def intent(operation: str, object: Mapping[str, Any]) -> Note:
    """What a change of `status` is for and starts from, to be noted before it is made."""
    status = _mapping(object, "status")
    return {"operation": operation, "moment": {name: status.get(name) for name in _WATCHED[operation]}}


def is_done(note: Note, object: Mapping[str, Any]) -> bool:
    """Whether there is nothing left to do of an intent: the change was made, or the object has gone on by itself."""
    operation, moment = str(note.get("operation")), note.get("moment")
    if operation not in _WATCHED or not isinstance(moment, Mapping):
        return False  # somebody's own doing
    try:
        return _has_passed(moment, object) or not changes(operation, object, restart_at="").status
    except Permanent:
        return False


def _has_passed(moment: Mapping[str, Any], object: Mapping[str, Any]) -> bool:
    status = _mapping(object, "status")
    return any(
        (status.get(name) or None) != (value or None)
        for name, value in moment.items()
        # A step that had not paused yet may have done so since, and is the same step.
        if name != "pauseConditions" or value
    )


_WATCHED: Final[Mapping[str, tuple[str, ...]]] = {
    "promote": ("currentPodHash", "currentStepIndex", "pauseConditions"),
    "promote-full": ("currentPodHash",),
    "skip-current-step": ("currentPodHash", "currentStepIndex"),
    "skip-all-steps": ("currentPodHash",),
    "abort": ("currentPodHash",),
    "retry": ("currentPodHash", "abortedAt"),
}
"""What of `status` tells one moment of a Rollout from another, as far as the operation cares."""


def _promote(object: Mapping[str, Any], restart_at: str) -> Changes:
    status, steps = _mapping(object, "status"), _steps(object)
    main = {"spec": {"paused": False}} if _mapping(object, "spec").get("paused") else {}
    paused = bool(status.get("pauseConditions"))
    if paused and steps and status.get("controllerPause") and _is_inconclusive(status):
        # Without a step more it would wait at the same place.
        changed = {"pauseConditions": None, "controllerPause": False, "currentStepIndex": _next(status, steps)}
    elif paused:
        changed = {"pauseConditions": None}
    elif steps:
        changed = {"pauseConditions": None, "currentStepIndex": _next(status, steps)}
    else:
        changed = {}
    return Changes(main, changed)


def _promote_full(object: Mapping[str, Any], restart_at: str) -> Changes:
    status = _mapping(object, "status")
    main = {"spec": {"paused": False}} if _mapping(object, "spec").get("paused") else {}
    complete = status.get("currentPodHash") == status.get("stableRS")
    return Changes(main, {} if complete else {"promoteFull": True})


def _skip_current_step(object: Mapping[str, Any], restart_at: str) -> Changes:
    return Changes(status={"currentStepIndex": _next(_mapping(object, "status"), _skippable(object))})


def _skip_all_steps(object: Mapping[str, Any], restart_at: str) -> Changes:
    return Changes(status={"currentStepIndex": _skippable(object)})


def _retry(object: Mapping[str, Any], restart_at: str) -> Changes:
    if object.get("kind") == EXPERIMENT:
        return Changes({"status": None} if object.get("status") else {})
    return Changes(status={"abort": False})


def _pause(object: Mapping[str, Any], restart_at: str) -> Changes:
    return Changes({} if _mapping(object, "spec").get("paused") else {"spec": {"paused": True}})


def _terminate(object: Mapping[str, Any], restart_at: str) -> Changes:
    return Changes({} if _mapping(object, "spec").get("terminate") else {"spec": {"terminate": True}})


_PLANS: Final[Mapping[str, Callable[[Mapping[str, Any], str], Changes]]] = {
    "promote": _promote,
    "promote-full": _promote_full,
    "skip-current-step": _skip_current_step,
    "skip-all-steps": _skip_all_steps,
    "abort": lambda object, restart_at: Changes(status={"abort": True}),
    "retry": _retry,
    "restart": lambda object, restart_at: Changes({"spec": {"restartAt": restart_at}}),
    "pause": _pause,
    "terminate": _terminate,
}


def _next(status: Mapping[str, Any], steps: int) -> int:
    return min(int(status.get("currentStepIndex") or 0) + 1, steps)


def _steps(object: Mapping[str, Any]) -> int:
    """How many steps its canary has; none of it is no canary."""
    canary = _mapping(_mapping(object, "spec"), "strategy").get("canary")
    return len(canary.get("steps") or ()) if isinstance(canary, Mapping) else 0


def _skippable(object: Mapping[str, Any]) -> int:
    if steps := _steps(object):
        return steps
    green = "blueGreen" in _mapping(_mapping(object, "spec"), "strategy")
    reason = "is blueGreen, which has no steps" if green else "is a canary without steps"
    raise Permanent(f"there is no step to skip: it {reason}", fix="use operation: promote, or promote-full")


def _is_inconclusive(status: Mapping[str, Any]) -> bool:
    run = _mapping(status, "canary").get("currentStepAnalysisRunStatus")
    return isinstance(run, Mapping) and run.get("status") == "Inconclusive"


def _mapping(object: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = object.get(name)
    return found if isinstance(found, Mapping) else {}
