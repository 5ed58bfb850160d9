"""triggers/argo_workflow/states.py: what has to be done, and what has been done already."""

from __future__ import annotations

from typing import Any

import pytest

from config.errors import Permanent
from tests.triggers.workflow_tree import suspended
from triggers.argo_workflow.args import parse_args
from triggers.argo_workflow.states import already, worth

APPROVE = ("--node-field-selector", "displayName=approve")
RESTART = ("--restart-successful", *APPROVE)


def state(phase: str = "", **spec: Any) -> dict[str, Any]:
    return {"spec": spec, "status": {"phase": phase} if phase else {}}


@pytest.mark.parametrize(
    ("operation", "args", "workflow", "said"),
    [
        ("suspend", (), state("Running"), ""),
        ("suspend", (), {}, ""),
        ("suspend", (), state("Running", suspend=True), "is suspended already"),
        ("resume", (), state("Running", suspend=True), ""),
        ("resume", (), suspended(), ""),
        ("resume", (), state("Running"), "is not suspended"),
        ("resume", (), state("Succeeded"), "is not suspended"),
        ("resume", APPROVE, suspended(), ""),
        ("resume", APPROVE, suspended(phase="Succeeded"), "has gone on there already"),
        ("stop", APPROVE, suspended(), ""),
        ("stop", APPROVE, suspended(phase="Failed"), "has gone on there already"),
        ("stop", (), state("Running"), ""),
        ("stop", (), state("Running", shutdown="Terminate"), ""),
        ("stop", (), state("Running", shutdown="Stop"), "is being stopped already"),
        ("stop", (), state("Failed", shutdown="Stop"), "has ended already (Failed)"),
        ("terminate", (), state("Pending"), ""),
        ("terminate", (), state("Running", shutdown="Terminate"), "is being terminated already"),
        ("terminate", (), state("Failed", shutdown="Terminate"), "has ended already (Failed)"),
        ("retry", (), state("Failed"), ""),
        ("retry", (), state("Error"), ""),
        ("retry", (), state("Running"), "is running, so there is nothing to retry"),
        ("retry", (), state(), "is running, so there is nothing to retry"),
        ("retry", RESTART, state("Succeeded"), ""),
    ],
)
def test_what_there_is_to_do(operation: str, args: tuple[str, ...], workflow: dict[str, Any], said: str) -> None:
    assert already(operation, workflow, parse_args(operation, args)) == said


@pytest.mark.parametrize(
    ("operation", "args", "workflow", "what", "fix"),
    [
        ("suspend", (), state("Succeeded"), "has ended (Succeeded)", "resubmit"),
        ("stop", (), state("Failed"), "cannot be stopped", "resubmit"),
        ("terminate", (), state("Error"), "cannot be terminated", "resubmit"),
        ("retry", (), state("Succeeded"), "has succeeded", "--restart-successful"),
        ("retry", RESTART[:1], state("Succeeded"), "has succeeded", "--node-field-selector"),
        ("resume", ("--node-field-selector", "displayName=x"), suspended(), "displayName=x", "argo get"),
    ],
)
def test_what_cannot_be_done(
    operation: str, args: tuple[str, ...], workflow: dict[str, Any], what: str, fix: str
) -> None:
    with pytest.raises(Permanent) as failure:
        already(operation, workflow, parse_args(operation, args))
    assert what in failure.value.what
    assert fix in failure.value.fix


@pytest.mark.parametrize(
    ("operation", "phases"),
    [
        ("stop", ["", "Pending", "Running"]),
        ("terminate", ["", "Pending", "Running"]),
        ("retry", ["Failed", "Error"]),
        ("resubmit", ["", "Pending", "Running", "Succeeded", "Failed", "Error"]),
    ],
)
def test_what_a_selector_is_meant_for(operation: str, phases: list[str]) -> None:
    every = ["", "Pending", "Running", "Succeeded", "Failed", "Error"]
    assert [phase for phase in every if worth(operation, state(phase))] == phases
