"""Workflows as the `argo` command makes them: from a manifest with options, from a template, from a CronWorkflow, or from
one that has run before. Pure functions of JSON objects."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from config.errors import Permanent
from config.kubernetes.plural import parse_api_version
from config.kubernetes.resource import Object
from triggers.argo_workflow.args import Options
from triggers.cluster.object import metadata_of

GROUP: Final = "argoproj.io"
API_VERSION: Final = f"{GROUP}/v1alpha1"
KIND: Final = "Workflow"

LAST_KEY: Final = "eventyard.io/last-key"
"""The annotation with the idempotency key of the firing that last operated on a Workflow; who made it has another."""

COMPLETED: Final = "workflows.argoproj.io/completed"
ARCHIVING: Final = "workflows.argoproj.io/workflow-archiving-status"

_PREFIX: Final = "workflows.argoproj.io"
_INSTANCE: Final = f"{_PREFIX}/controller-instanceid"
_SCHEDULED: Final = f"{_PREFIX}/scheduled-time"
_RESUBMITTED: Final = f"{_PREFIX}/resubmitted-from-workflow"
_NOT_COPIED: Final = frozenset(
    {
        *(f"{_PREFIX}/creator{part}" for part in ("", "-email", "-preferred-username")),
        *(f"{_PREFIX}/phase", COMPLETED, ARCHIVING),
    }
)

TEMPLATE: Final = "WorkflowTemplate"
CLUSTER_TEMPLATE: Final = "ClusterWorkflowTemplate"
CRON: Final = "CronWorkflow"

_SHORT: Final = {TEMPLATE: "wftmpl", CLUSTER_TEMPLATE: "cwftmpl", CRON: "cronwf"}
_ORIGINS: Final = {
    name: kind
    for kind, short in _SHORT.items()
    for name in (kind.lower(), f"{kind.lower()}s", short, *(("cwft", "clusterwftmpl") if short == "cwftmpl" else ()))
}
_LABELS: Final = {
    TEMPLATE: f"{_PREFIX}/workflow-template",
    CLUSTER_TEMPLATE: f"{_PREFIX}/cluster-workflow-template",
    CRON: f"{_PREFIX}/cron-workflow",
}


def origin_kind(kind: str) -> str:
    """The kind of what a Workflow is submitted from, however it is written (`cronwf`). Raises Permanent."""
    found = _ORIGINS.get(kind.lower())
    if found is None:
        raise Permanent(
            f"nothing can be submitted from a '{kind}'", fix=f"use a {TEMPLATE}, a {CLUSTER_TEMPLATE} or a {CRON}"
        )
    return found


def be_workflow(object: Object) -> None:
    """Say what kind it is where the object does not. Raises Permanent if it is something else."""
    kind, api_version = object.setdefault("kind", KIND), object.setdefault("apiVersion", API_VERSION)
    if kind != KIND or parse_api_version(str(api_version))[0] != GROUP:
        fix = f"give a {KIND} of {API_VERSION}"
        if str(kind).lower() in _ORIGINS:
            fix += ", or use operation: submit-from"
        raise Permanent(f"a {kind} of {api_version} cannot be submitted", fix=fix)


def from_template(kind: str, name: str) -> Object:
    """What runs a WorkflowTemplate or a ClusterWorkflowTemplate."""
    reference: dict[str, Any] = {"name": name, **({"clusterScope": True} if kind == CLUSTER_TEMPLATE else {})}
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"generateName": f"{name}-", "labels": {_LABELS[kind]: name}},
        "spec": {"workflowTemplateRef": reference},
    }


def from_cron(cron: Mapping[str, Any], at: str) -> Object:
    """What a CronWorkflow would run at that time (RFC 3339); it belongs to it."""
    metadata, spec = cron["metadata"], cron.get("spec") or {}
    name, given = metadata["name"], spec.get("workflowMetadata") or {}
    instance = (metadata.get("labels") or {}).get(_INSTANCE)
    made: dict[str, Any] = {
        "generateName": f"{name}-",
        "labels": {
            **({_INSTANCE: instance} if instance else {}),
            _LABELS[CRON]: name,
            **(given.get("labels") or {}),
        },
        "annotations": {_SCHEDULED: at, **(given.get("annotations") or {})},
        "ownerReferences": [
            {
                "apiVersion": API_VERSION,
                "kind": CRON,
                "name": name,
                "uid": metadata.get("uid", ""),
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
    }
    if finalizers := given.get("finalizers"):
        made["finalizers"] = list(finalizers)
    workflow = copy.deepcopy(spec.get("workflowSpec") or {})
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": made, "spec": workflow}


def resubmitted(old: Mapping[str, Any]) -> Object:
    """A new Workflow that does what an old one did."""
    metadata = old["metadata"]
    spec = copy.deepcopy(old.get("spec") or {})
    forget_end(spec)
    labels = {name: value for name, value in (metadata.get("labels") or {}).items() if name not in _NOT_COPIED}
    annotations = {name: value for name, value in (metadata.get("annotations") or {}).items() if name != LAST_KEY}
    made = {
        "generateName": metadata.get("generateName") or f"{metadata['name']}-",
        "namespace": metadata.get("namespace", ""),
        "labels": {**labels, _RESUBMITTED: metadata["name"]},
        **({"annotations": annotations} if annotations else {}),
        **({"ownerReferences": metadata["ownerReferences"]} if metadata.get("ownerReferences") else {}),
    }
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": copy.deepcopy(made), "spec": spec}


def forget_end(spec: dict[str, Any]) -> None:
    """Take out of a Workflow's `spec` that it was stopped or terminated."""
    spec.pop("shutdown", None)
    if spec.get("activeDeadlineSeconds") == 0:
        del spec["activeDeadlineSeconds"]


def apply_options(workflow: Object, options: Options) -> None:
    """Write in what the flags of `argo submit` say."""
    metadata = metadata_of(workflow)
    if not isinstance(workflow.setdefault("spec", {}), dict):
        raise Permanent("'spec' of the Workflow is no mapping", fix="write spec: {entrypoint: …}")
    spec = workflow["spec"]
    for field, value in (
        ("entrypoint", options.entrypoint),
        ("serviceAccountName", options.service_account),
        ("priority", options.priority),
    ):
        if value not in ("", None):
            spec[field] = value
    labels = dict(options.labels)
    if options.instance_id:
        labels[_INSTANCE] = options.instance_id
    if labels:
        metadata["labels"] = {**(metadata.get("labels") or {}), **labels}
    if options.scheduled_time:
        metadata["annotations"] = {**(metadata.get("annotations") or {}), _SCHEDULED: options.scheduled_time}
    if options.generate_name:
        metadata["generateName"] = options.generate_name
    if options.name:
        metadata["name"] = options.name
    apply_parameters(spec, options.parameters)


def apply_parameters(spec: dict[str, Any], parameters: Sequence[tuple[str, str]]) -> None:
    """Give the arguments of a Workflow's `spec` these values; they come first, and others stay."""
    if not parameters:
        return
    arguments = spec.get("arguments")
    arguments = spec["arguments"] = dict(arguments) if isinstance(arguments, Mapping) else {}
    given = dict(parameters)
    kept = [one for one in arguments.get("parameters") or () if one.get("name") not in given]
    arguments["parameters"] = [*({"name": name, "value": value} for name, value in given.items()), *kept]


def template_named(workflow: Mapping[str, Any]) -> tuple[str, str] | None:
    """Kind and name of the template that a Workflow says it runs."""
    spec = workflow.get("spec")
    reference = spec.get("workflowTemplateRef") if isinstance(spec, Mapping) else None
    if not isinstance(reference, Mapping) or not reference.get("name"):
        return None
    return CLUSTER_TEMPLATE if reference.get("clusterScope") else TEMPLATE, str(reference["name"])


def last_key(workflow: Mapping[str, Any]) -> str:
    """The idempotency key of the firing that last operated on the Workflow; empty if there is none."""
    return str(((workflow.get("metadata") or {}).get("annotations") or {}).get(LAST_KEY) or "")


def mark_last(workflow: Object, key: str) -> None:
    """Write in that key."""
    metadata = metadata_of(workflow)
    metadata["annotations"] = {**(metadata.get("annotations") or {}), LAST_KEY: key}


def given_parameters(object: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The arguments of an object's `spec`: names and values of the parameters that have one."""
    spec = object.get("spec")
    arguments = spec.get("arguments") if isinstance(spec, Mapping) else None
    listed = arguments.get("parameters") if isinstance(arguments, Mapping) else None
    return tuple(
        (str(one["name"]), value_text(one["value"]))
        for one in listed or ()
        if isinstance(one, Mapping) and one.get("name") and one.get("value") is not None
    )


def value_text(value: Any) -> str:
    """A value of a parameter, which is always a text: other values are written as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
