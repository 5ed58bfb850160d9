"""What is wrong, or odd, about an operation and the object it is about, before anything is fired: warnings, since
parameters may yet change both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from config.errors import Permanent
from triggers.argo_workflow.args import Options, read_args
from triggers.argo_workflow.object import be_workflow, origin_kind
from triggers.artifacts import Artifact, inline

_COUNTS: Final = ("kind", "metadata", "spec.arguments")
"""What submit-from reads of its object."""


def check_object(
    operation: str, source: Artifact | None, args: Sequence[str], written: Collection[str]
) -> list[tuple[str, str, str]]:
    """As `Trigger.check` returns them; `written` are the places in the object that parameters are written to."""
    options, _ = read_args(operation, args)
    found = _check_places(operation, written)
    try:
        object = inline(source)
    except Permanent:
        return found  # the source's own check has said so
    if object is None:
        return found
    if "kind" not in written and (wrong := _wrong_kind(operation, object, options)) is not None:
        found.append(("source", f"warning: {wrong.what}", wrong.fix))
    metadata = object.get("metadata")
    there = {f"metadata.{part}" for part, value in (metadata if isinstance(metadata, Mapping) else {}).items() if value}
    wanted = _wanted_names(operation, options)
    if wanted and not any(place in there or place in written or "metadata" in written for place in wanted):
        what = f"warning: the object has no {' or '.join(wanted)}, which {operation} needs"
        found.append(("source", what, "write it"))
    return found


def _wrong_kind(operation: str, object: Mapping[str, Any], options: Options) -> Permanent | None:
    try:
        if operation == "submit":
            be_workflow(dict(object))
        elif operation == "submit-from" and options.origin is None:
            origin_kind(str(object.get("kind") or ""))
    except Permanent as error:
        return error
    return None


def _wanted_names(operation: str, options: Options) -> tuple[str, ...]:
    if operation == "submit":
        return () if options.name or options.generate_name else ("metadata.name", "metadata.generateName")
    return () if options.origin is not None or options.selects else ("metadata.name",)


def _check_places(operation: str, written: Collection[str]) -> list[tuple[str, str, str]]:
    """Public manifests write event data to places that submit-from never reads."""
    if operation == "submit":
        return []
    counts = _COUNTS if operation == "submit-from" else ("metadata",)
    found = []
    for place in written:
        if not any(f"{place}.".startswith(f"{each}.") for each in counts) and place != "spec":
            what = f"warning: '{place}' of the object means nothing to {operation}"
            fix = "write to metadata.name or metadata.namespace"
            if operation == "submit-from":
                fix = "write it to spec.arguments.parameters.0.value, and name the parameter in the source"
            found.append(("parameters", what, fix))
    return found
