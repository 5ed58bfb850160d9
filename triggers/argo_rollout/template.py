"""The Pod template of a Rollout, or of the workload that it refers to: new images in it, and earlier ones of it.

Pure functions whose results are operations of a JSON patch (RFC 6902). The rules are those of `kubectl argo rollouts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from config.decode import nearest
from config.errors import Permanent
from config.kubernetes.resource import Object
from triggers.cluster.marks import MARKS, marked

REVISION: Final = "rollout.argoproj.io/revision"
"""The annotation of a ReplicaSet with its revision."""

HASH: Final = "rollouts-pod-template-hash"
"""The label that the controller adds to the template of a ReplicaSet."""

EVERY: Final = "*"
"""Stands for all containers."""

Patch = list[dict[str, Any]]

_CONTAINERS: Final = ("initContainers", "containers", "ephemeralContainers")
_NONE: Final[Mapping[str, Any]] = {}


def set_images(object: Mapping[str, Any], images: Mapping[str, str]) -> Patch:
    """Give containers, by name, these images; empty if they have them. Raises Permanent if there is no such container."""
    spec, path = (_template(object).get("spec") or {}), _path(object)
    there = [
        (f"{path}/spec/{field}/{index}/image", str(container.get("name")), container.get("image"))
        for field in _CONTAINERS
        for index, container in enumerate(spec.get(field) or ())
    ]
    names = [name for _, name, _ in there]
    for name in images:
        if name not in (EVERY, *names):
            listed = f"it has {', '.join(names)}" if names else "it has none"
            raise Permanent(f"there is no container '{name}'", fix=nearest(name, names) or listed)
    wanted = ((place, images.get(name, images.get(EVERY)), image) for place, name, image in there)
    return [
        {"op": "add", "path": place, "value": image}
        for place, image, present in wanted
        if image is not None and image != present
    ]


def restore(object: Mapping[str, Any], replica_set: Mapping[str, Any]) -> Patch:
    """Give it the template of that ReplicaSet; empty if it has it."""
    found = replica_set["spec"]["template"]
    metadata = dict(found.get("metadata") or {})
    metadata["labels"] = {name: value for name, value in (metadata.get("labels") or {}).items() if name != HASH}
    template = {**found, "metadata": metadata}
    return [] if template == _template(object) else [{"op": "replace", "path": _path(object), "value": template}]


def find_revision(rollout: Mapping[str, Any], replica_sets: Sequence[Object], revision: int) -> Object:
    """The Rollout's own ReplicaSet of that revision; 0 is the one before the newest. Raises Permanent."""
    uid = rollout["metadata"].get("uid")
    own = {_revision(one): one for one in replica_sets if _owner(one) == uid}
    numbers = sorted(number for number in own if number)
    if revision in numbers:
        return own[revision]
    if revision == 0 and len(numbers) > 1:
        return own[numbers[-2]]
    listed = f"it has {', '.join(map(str, numbers))}" if numbers else "none of its ReplicaSets is left"
    what = f"there is no revision {revision}" if revision else "there is no revision before the present one"
    raise Permanent(f"{what} to go back to", fix=f"{listed}; spec.revisionHistoryLimit says how many are kept")


def selector_text(rollout: Mapping[str, Any]) -> str:
    """The Rollout's selector as a query has it; empty if it has none."""
    selector = (rollout.get("spec") or {}).get("selector") or _NONE
    parts = [f"{name}={value}" for name, value in (selector.get("matchLabels") or {}).items()]
    for each in selector.get("matchExpressions") or ():
        name, values = each["key"], ",".join(each.get("values") or ())
        parts.append(
            {"Exists": name, "DoesNotExist": f"!{name}", "In": f"{name} in ({values})"}.get(
                each["operator"], f"{name} notin ({values})"
            )
        )
    return ",".join(parts)


def only_then(object: Object, key: str, patch: Patch) -> Patch:
    """The patch with the mark of this firing, and refused by the server (Conflict) if the object has changed since."""
    metadata = object["metadata"]
    mark = marked(object, key)
    escaped = MARKS.replace("~", "~0").replace("/", "~1")
    annotate: dict[str, Any] = {"op": "add", "path": f"/metadata/annotations/{escaped}", "value": mark[MARKS]}
    if not isinstance(metadata.get("annotations"), dict):
        annotate = {"op": "add", "path": "/metadata/annotations", "value": mark}
    unchanged = {"op": "replace", "path": "/metadata/resourceVersion", "value": metadata.get("resourceVersion")}
    return [unchanged, annotate, *patch]


def _template(object: Mapping[str, Any]) -> Mapping[str, Any]:
    holder = object if object.get("kind") == "PodTemplate" else object.get("spec") or _NONE
    found = holder.get("template")
    return found if isinstance(found, Mapping) else _NONE


def _path(object: Mapping[str, Any]) -> str:
    return "/template" if object.get("kind") == "PodTemplate" else "/spec/template"


def _owner(replica_set: Mapping[str, Any]) -> str:
    owners = replica_set["metadata"].get("ownerReferences") or ()
    return next((str(one.get("uid")) for one in owners if one.get("controller")), "")


def _revision(replica_set: Mapping[str, Any]) -> int:
    """Its number, 0 if it has none."""
    text = str((replica_set["metadata"].get("annotations") or {}).get(REVISION) or "")
    return int(text) if text.isascii() and text.isdigit() else 0
