"""Whether an operation has to be done to a Workflow as it is: a firing that comes again must not act twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from config.errors import Permanent
from triggers.argo_workflow.args import Options
from triggers.argo_workflow.nodes import ERROR, FAILED, SUCCEEDED, read_nodes, waiting, went_on

ENDED: Final = frozenset({SUCCEEDED, FAILED, ERROR})

SHUTDOWN: Final[Mapping[str, str]] = {"stop": "Stop", "terminate": "Terminate"}
"""What each operation writes into `spec.shutdown`."""

_AGAIN: Final = "to run it once more use operation: resubmit"
_RESTART: Final = "to retry it all the same use args: [--restart-successful, --node-field-selector, …], or resubmit it"


def already(operation: str, workflow: Mapping[str, Any], options: Options) -> str:
    """Why there is nothing to do, in words; empty = there is something. Raises Permanent if it cannot be done."""
    if operation == "suspend":
        return _suspend(workflow)
    if operation == "retry":
        return _retry(workflow, options)
    if operation == "resume" or options.nodes:
        return _nodes(operation, workflow, options)
    return _shut_down(operation, workflow)


def worth(operation: str, workflow: Mapping[str, Any]) -> bool:
    """Whether the operation is for such a Workflow, if it was not chosen by its name."""
    phase = phase_of(workflow)
    if operation == "retry":
        return phase in (FAILED, ERROR)
    return operation == "resubmit" or phase not in ENDED


def phase_of(workflow: Mapping[str, Any]) -> str:
    """Its phase; empty before the controller has seen it."""
    status = workflow.get("status")
    return str(status.get("phase") or "") if isinstance(status, Mapping) else ""


def _spec(workflow: Mapping[str, Any]) -> Mapping[str, Any]:
    spec = workflow.get("spec")
    return spec if isinstance(spec, Mapping) else {}


def _suspend(workflow: Mapping[str, Any]) -> str:
    if (phase := phase_of(workflow)) in ENDED:
        raise Permanent(f"it has ended ({phase}) and cannot be suspended", fix=_AGAIN)
    return "is suspended already" if _spec(workflow).get("suspend") is True else ""


def _retry(workflow: Mapping[str, Any], options: Options) -> str:
    phase = phase_of(workflow)
    if phase == SUCCEEDED and not (options.restart_successful and options.nodes):
        raise Permanent("it has succeeded, so there is nothing to retry", fix=_RESTART)
    return "" if phase in ENDED else "is running, so there is nothing to retry"


def _nodes(operation: str, workflow: Mapping[str, Any], options: Options) -> str:
    nodes = read_nodes(workflow)
    if waiting(nodes, options.nodes):
        return ""
    if not options.nodes:
        return "" if _spec(workflow).get("suspend") is True else "is not suspended"
    if went_on(nodes, options.nodes):
        return "has gone on there already"
    raise Permanent(
        f"no suspended node of it has '{options.node_selector}', so there is nothing to {operation}",
        fix="see the fields of its nodes with `argo get -o yaml`",
    )


def _shut_down(operation: str, workflow: Mapping[str, Any]) -> str:
    wanted, present = SHUTDOWN[operation], str(_spec(workflow).get("shutdown") or "")
    if (phase := phase_of(workflow)) in ENDED:
        if present:
            return f"has ended already ({phase})"
        raise Permanent(f"it has ended ({phase}) and cannot be {_PAST[operation]}", fix=_AGAIN)
    return f"is being {_PAST[operation]} already" if present == wanted else ""


_PAST: Final = {"stop": "stopped", "terminate": "terminated"}
