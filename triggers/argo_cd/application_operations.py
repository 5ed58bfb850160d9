"""What Argo CD's server writes into an Application for each operation, and when it refuses: pure functions of the object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from config.errors import Permanent, Temporary
from triggers.argo_cd.order import INITIATOR, Order

_HEAD: Final = "HEAD"


def refuse(order: Order, application: Mapping[str, Any]) -> None:
    """Raises Temporary while another operation is in progress, Permanent if what is ordered cannot be."""
    if (application.get("metadata") or {}).get("deletionTimestamp"):
        raise Permanent("it is being deleted", fix="wait until it is there again")
    if application.get("operation") is not None:
        raise Temporary("another operation is in progress", fix="wait, or terminate it: operation: terminate")


def sync(order: Order, application: Mapping[str, Any]) -> dict[str, Any]:
    """The `operation` of a sync. What the order leaves open is as the sync policy of the Application says."""
    spec = _mapping(application, "spec")
    policy, fields = _mapping(spec, "syncPolicy"), dict(order.sync)
    if "syncOptions" not in fields and policy.get("syncOptions"):
        fields["syncOptions"] = policy["syncOptions"]
    sources = spec.get("sources") or ()
    if sources and fields.get("revision"):
        raise Permanent("it has several sources", fix="give revisions, one for each source, in place of revision")
    if order.revisions:
        fields["revisions"] = _revisions(order, sources)
        fields["sources"] = list(sources)
    wanted = list(zip(sources, fields.get("revisions") or (), strict=False))
    wanted += [(_mapping(spec, "source"), str(fields.get("revision") or ""))]
    if is_automated(application) and not order.dry_run:
        for source, revision in wanted:
            present = source.get("targetRevision") or _HEAD
            if revision and revision != present:
                raise Permanent(
                    f"it cannot be synced to {revision}: automated sync would go back to {present} at once",
                    fix="leave the revision out, or take spec.syncPolicy.automated out of the Application",
                )
    around = order.around()
    if "retry" not in around and policy.get("retry"):
        around["retry"] = policy["retry"]
    return {**around, "sync": fields}


def rollback(order: Order, application: Mapping[str, Any]) -> dict[str, Any]:
    """The `operation` of a rollback."""
    if is_automated(application):
        raise Permanent(
            "it cannot be rolled back while automated sync is on",
            fix="take spec.syncPolicy.automated out of the Application first",
        )
    entry = deployment(order, application)
    policy = _mapping(_mapping(application, "spec"), "syncPolicy")
    options = {"syncOptions": policy["syncOptions"]} if policy.get("syncOptions") else {}
    deployed = {name: value for name in _DEPLOYED if (value := entry.get(name))}
    return {"initiatedBy": INITIATOR, "sync": {**order.sync, **options, **deployed, "syncStrategy": {"apply": {}}}}


def deployment(order: Order, application: Mapping[str, Any]) -> Mapping[str, Any]:
    """The entry of the history that is to come back. Raises Permanent."""
    history: Sequence[Mapping[str, Any]] = _mapping(application, "status").get("history") or ()
    if order.id is None:
        if len(history) < 2:
            raise Permanent("there is no deployment before the last", fix="it has to be synced twice at least")
        return history[-2]
    for entry in history:
        # The id 0 of the first one is left out where Argo CD itself writes JSON.
        if int(entry.get("id") or 0) == order.id:
            return entry
    ids = ", ".join(str(entry.get("id") or 0) for entry in history)
    fix = f"its history has {ids}" if ids else "it has none yet"
    raise Permanent(f"there is no deployment with id {order.id}", fix=f"{fix}; spec.revisionHistoryLimit says how many")


def is_deployed(entry: Mapping[str, Any], application: Mapping[str, Any]) -> bool:
    """Whether it is the same as the last one."""
    last = (_mapping(application, "status").get("history") or [{}])[-1]
    return all((entry.get(name) or None) == (last.get(name) or None) for name in _DEPLOYED)


def is_automated(application: Mapping[str, Any]) -> bool:
    """Whether Argo CD syncs it by itself."""
    automated = _mapping(_mapping(application, "spec"), "syncPolicy").get("automated")
    return automated is not None and (not isinstance(automated, Mapping) or automated.get("enabled") is not False)


def can_be_terminated(application: Mapping[str, Any]) -> bool:
    """Whether an operation is in progress. Raises Temporary if it has not begun."""
    if application.get("operation") is None:
        return False
    if not _mapping(application, "status").get("operationState"):
        raise Temporary("the operation has not begun yet", fix="is Argo CD's application controller running?")
    return True


_DEPLOYED: Final = ("revision", "revisions", "source", "sources")


def _revisions(order: Order, sources: Sequence[Mapping[str, Any]]) -> list[str]:
    """One for each source, the present one where none is ordered."""
    if not sources:
        raise Permanent("it has one source only", fix="give revision in place of revisions")
    positions = order.positions or range(1, len(order.revisions) + 1)
    for position in positions:
        if not 0 < position <= len(sources):
            raise Permanent(f"it has no source {position}", fix=f"it has {len(sources)}, counted from 1")
    given = dict(zip(positions, order.revisions, strict=True))
    return [
        given.get(position) or str(source.get("targetRevision") or "") for position, source in enumerate(sources, 1)
    ]


def _mapping(object: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = object.get(name)
    return found if isinstance(found, Mapping) else {}
