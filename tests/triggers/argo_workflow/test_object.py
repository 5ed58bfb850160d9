"""triggers/argo_workflow/object.py: Workflows as the `argo` command makes them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from config.errors import Permanent
from tests.triggers.workflow_tree import LATER
from triggers.argo_workflow.args import parse_args
from triggers.argo_workflow.object import (
    LAST_KEY,
    apply_options,
    be_workflow,
    from_cron,
    from_template,
    given_parameters,
    last_key,
    mark_last,
    origin_kind,
    resubmitted,
    template_named,
)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        *(
            (each, "WorkflowTemplate")
            for each in ("WorkflowTemplate", "workflowtemplate", "workflowtemplates", "wftmpl")
        ),
        *((each, "ClusterWorkflowTemplate") for each in ("ClusterWorkflowTemplate", "cwftmpl", "cwft")),
        *((each, "CronWorkflow") for each in ("CronWorkflow", "cronworkflows", "cronwf")),
    ],
)
def test_kinds_to_submit_from(written: str, kind: str) -> None:
    assert origin_kind(written) == kind


@pytest.mark.parametrize("kind", ["", "Workflow", "Job"])
def test_nothing_else_is_submitted_from(kind: str) -> None:
    with pytest.raises(Permanent, match="nothing can be submitted from"):
        origin_kind(kind)


def test_a_manifest_without_a_kind_is_a_workflow() -> None:
    made: dict[str, Any] = {"metadata": {"name": "x"}}
    be_workflow(made)
    assert (made["apiVersion"], made["kind"]) == ("argoproj.io/v1alpha1", "Workflow")


@pytest.mark.parametrize(
    "made",
    [{"kind": "Job", "apiVersion": "batch/v1"}, {"kind": "WorkflowTemplate"}, {"kind": "Workflow", "apiVersion": "v1"}],
)
def test_what_is_no_workflow_is_refused(made: dict[str, Any]) -> None:
    with pytest.raises(Permanent) as failure:
        be_workflow(made)
    assert ("submit-from" in failure.value.fix) is (made["kind"] == "WorkflowTemplate")


def test_from_templates() -> None:
    assert from_template("WorkflowTemplate", "build") == {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"generateName": "build-", "labels": {"workflows.argoproj.io/workflow-template": "build"}},
        "spec": {"workflowTemplateRef": {"name": "build"}},
    }
    made = from_template("ClusterWorkflowTemplate", "build")
    assert made["metadata"]["labels"] == {"workflows.argoproj.io/cluster-workflow-template": "build"}
    assert template_named(made) == ("ClusterWorkflowTemplate", "build")
    assert template_named(from_template("WorkflowTemplate", "x")) == ("WorkflowTemplate", "x")
    assert template_named({"spec": {"entrypoint": "x"}}) is None


def test_from_a_cron_workflow() -> None:
    cron = {
        "metadata": {
            "name": "nightly",
            "uid": "u-1",
            "labels": {"workflows.argoproj.io/controller-instanceid": "blue", "team": "a"},
        },
        "spec": {
            "schedules": ["0 2 * * *"],
            "workflowSpec": {"entrypoint": "main"},
            "workflowMetadata": {"labels": {"app": "shop"}, "annotations": {"note": "x"}, "finalizers": ["f/x"]},
        },
    }
    before = copy.deepcopy(cron)
    made = from_cron(cron, LATER)
    assert made["spec"] == {"entrypoint": "main"}
    assert made["metadata"] == {
        "generateName": "nightly-",
        "labels": {
            "workflows.argoproj.io/controller-instanceid": "blue",
            "workflows.argoproj.io/cron-workflow": "nightly",
            "app": "shop",
        },
        "annotations": {"workflows.argoproj.io/scheduled-time": LATER, "note": "x"},
        "finalizers": ["f/x"],
        "ownerReferences": [
            {
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "CronWorkflow",
                "name": "nightly",
                "uid": "u-1",
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
    }
    made["spec"]["entrypoint"] = "other"
    assert cron == before


def test_resubmitting() -> None:
    old = {
        "metadata": {
            "name": "ci-1",
            "namespace": "build",
            "uid": "u",
            "labels": {
                "app": "shop",
                "workflows.argoproj.io/phase": "Failed",
                "workflows.argoproj.io/completed": "true",
                "workflows.argoproj.io/creator": "me",
            },
            "annotations": {"note": "x", LAST_KEY: "k"},
            "ownerReferences": [{"kind": "CronWorkflow"}],
        },
        "spec": {"entrypoint": "main", "shutdown": "Stop", "activeDeadlineSeconds": 0},
        "status": {"phase": "Failed"},
    }
    assert resubmitted(old) == {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {
            "generateName": "ci-1-",
            "namespace": "build",
            "labels": {"app": "shop", "workflows.argoproj.io/resubmitted-from-workflow": "ci-1"},
            "annotations": {"note": "x"},
            "ownerReferences": [{"kind": "CronWorkflow"}],
        },
        "spec": {"entrypoint": "main"},
    }
    assert resubmitted({"metadata": {"name": "ci-1", "generateName": "ci-"}})["metadata"]["generateName"] == "ci-"


def test_options() -> None:
    args = ["-p", "b=2", "-p", "c=3", "--entrypoint", "other", "--serviceaccount", "runner", "--priority", "0"]
    args += ["-l", "x=1,app=mine", "--generate-name", "y-", "--name", "fixed", "--instanceid", "blue"]
    made: dict[str, Any] = {
        "metadata": {"generateName": "x-", "labels": {"app": "shop", "team": "a"}},
        "spec": {
            "arguments": {"parameters": [{"name": "a", "value": "1"}, {"name": "b"}], "artifacts": [{"name": "f"}]}
        },
    }
    apply_options(made, parse_args("submit", args))
    assert made["metadata"] == {
        "name": "fixed",
        "generateName": "y-",
        "labels": {"app": "mine", "team": "a", "x": "1", "workflows.argoproj.io/controller-instanceid": "blue"},
    }
    assert made["spec"] == {
        "entrypoint": "other",
        "serviceAccountName": "runner",
        "priority": 0,
        "arguments": {
            "parameters": [{"name": "b", "value": "2"}, {"name": "c", "value": "3"}, {"name": "a", "value": "1"}],
            "artifacts": [{"name": "f"}],
        },
    }


def test_no_options_change_nothing() -> None:
    made: dict[str, Any] = {"metadata": {"name": "x"}, "spec": {"entrypoint": "main"}}
    apply_options(made, parse_args("submit", []))
    assert made == {"metadata": {"name": "x"}, "spec": {"entrypoint": "main"}}
    with pytest.raises(Permanent, match="spec"):
        apply_options({"spec": []}, parse_args("submit", []))


def test_parameters_of_an_object() -> None:
    listed: list[Any] = [{"name": "a", "value": "1"}, {"name": "b", "value": 2}, {"name": "c"}, {"value": "x"}, "no"]
    listed.append({"name": "d", "value": {"k": [True]}})
    object = {"spec": {"arguments": {"parameters": listed}}}
    assert given_parameters(object) == (("a", "1"), ("b", "2"), ("d", '{"k":[true]}'))
    assert given_parameters({}) == given_parameters({"spec": {"arguments": None}}) == ()


def test_the_last_key() -> None:
    made: dict[str, Any] = {"metadata": {"name": "x", "annotations": None}}
    assert last_key(made) == ""
    mark_last(made, "k-1")
    assert last_key(made) == "k-1"
