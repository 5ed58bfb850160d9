"""Operations on Rollouts, Experiments and AnalysisRuns of a cluster, so that one that comes again with its key acts once.

What changes the object itself is one write together with the mark of the firing. The status is a resource of its own, which
has no place for a mark: so the firing first notes what it intends and the moment from which it starts, and then changes the
status only while that moment lasts. Both writes are refused once somebody else has changed the object, which is then read
again. Whoever writes a note therefore knows of all others that are open whether their second write came before; those that
it did not can only begin anew.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakValueDictionary

from config.decode import nearest
from config.errors import EventyardError, Permanent
from config.kubernetes.cluster import Cluster, Patch
from config.kubernetes.failures import Conflict, KubernetesError, NotFound
from config.kubernetes.resource import Object, Resource
from triggers.argo_rollout.ends import digest
from triggers.argo_rollout.operations import DONE, changes, intent, is_done
from triggers.argo_rollout.order import API_VERSION, Order
from triggers.argo_rollout.template import find_revision, only_then, restore, selector_text, set_images
from triggers.cluster.marks import DONE as MARK_DONE
from triggers.cluster.marks import Note, marked, note_of, only_if_unchanged
from triggers.cluster.object import started

TRIES: Final = 10
"""How often an object is read again because its controller, or somebody else, changed it meanwhile."""

PAUSE: Final = 0.1
"""Seconds before it is read again at most, for each time that this was in vain."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words, and by what its end will be known (`triggers.argo_rollout.ends`)."""

    did: str
    started: Mapping[str, Any]


class Rollouts:
    """Needs the rights `get` and `patch`, of `rollouts/status` as well; `list` for selectors; for undo `list` of
    ReplicaSets; for set-image and undo those of what `spec.workloadRef` names."""

    def __init__(
        self,
        cluster: Cluster,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._cluster, self._sleep, self._chance = cluster, sleep, chance
        # Firings that are under way together would only get in each other's way.
        self._turns: WeakValueDictionary[tuple[str, str, str], asyncio.Lock] = WeakValueDictionary()

    async def select(self, order: Order, labels: str) -> list[str]:
        """The names of what a label selector chooses."""
        resource = await self._cluster.find(API_VERSION, order.kind)
        found = await self._cluster.list(resource, namespace=order.namespace, labels=labels)
        return [str(each["metadata"]["name"]) for each in found]

    async def operate(self, order: Order, name: str, key: str, restart_at: str) -> Done:
        """Do it to one object; `restart_at` is RFC 3339. Raises Temporary and Permanent, which name the object."""
        resource = await self._cluster.find(API_VERSION, order.kind)
        turn = self._turns.setdefault((order.kind, order.namespace, name), asyncio.Lock())
        async with turn:
            return await self._insist(resource, order, name, key, restart_at)

    async def _insist(self, resource: Resource, order: Order, name: str, key: str, restart_at: str) -> Done:
        """Read and act until nobody comes in between."""
        refused: EventyardError
        for attempt in range(TRIES):
            try:
                live = await self._read(resource, order, name)
                if order.operation in ("set-image", "undo"):
                    return await self._change_template(resource, live, order, key)
                return await self._change(resource, live, order, key, restart_at)
            except Conflict as error:
                refused = error
                await self._sleep(PAUSE * attempt * self._chance())
            except Permanent as error:
                if isinstance(error, KubernetesError) or error.where:
                    raise
                what = f"{order.kind} '{name}' in namespace '{order.namespace}': {error.what}"
                raise Permanent(what, where=self._cluster.where, fix=error.fix) from None
        raise refused

    async def _change(self, resource: Resource, live: Object, order: Order, key: str, restart_at: str) -> Done:
        note, operation, unseen = note_of(live, key), order.operation, dict[str, str]()
        wanted = changes(operation, live, restart_at=restart_at)
        main, status = wanted.main, wanted.status
        if note and is_done(note, live):
            status = {}
        if note == MARK_DONE or not (main or status):
            return Done(_idle(operation, before=note is not None), _known(live, operation))
        if status:
            if note != (now := intent(operation, live)):
                live = await self._mark(resource, live, key, now)
            try:
                patch = {"metadata": {"resourceVersion": live["metadata"]["resourceVersion"]}, "status": status}
                live = await self._patch(resource, live, patch, "status")
                unseen["status"] = digest(live)
            except NotFound:
                # Until version 0.10 the status was part of the object.
                main = {**main, "status": status}
        if main:
            live = await self._mark(resource, live, key, **main)
        return Done(DONE[operation], {**_known(live, operation), **unseen})

    async def _change_template(self, resource: Resource, live: Object, order: Order, key: str) -> Done:
        """The template is the Rollout's own, or that of the workload it refers to."""
        known = _known(live, order.operation)
        place, target = resource, live
        if reference := (live.get("spec") or {}).get("workloadRef"):
            place = await self._cluster.find(
                str(reference.get("apiVersion") or "apps/v1"), str(reference.get("kind") or "Deployment")
            )
            target = await self._cluster.get(place, str(reference.get("name")), namespace=order.namespace)
        if note_of(target, key) is not None:
            return Done(_idle(order.operation, before=True), known)
        if order.operation == "set-image":
            patch = set_images(target, order.images)
        else:
            patch = restore(target, await self._revision(live, order))
        if not patch:
            return Done(_idle(order.operation, before=False), known)
        made = await self._cluster.patch(
            place,
            target["metadata"]["name"],
            only_then(target, key, patch),
            type=Patch.JSON,
            namespace=order.namespace,
        )
        if reference:
            known["workloadGeneration"] = made["metadata"].get("generation", 0)
        return Done(DONE[order.operation], known)

    async def _revision(self, live: Object, order: Order) -> Object:
        place = await self._cluster.find("apps/v1", "ReplicaSet")
        listed = await self._cluster.list(place, namespace=order.namespace, labels=selector_text(live))
        return find_revision(live, listed, order.revision)

    async def _mark(self, resource: Resource, live: Object, key: str, note: Note = MARK_DONE, **fields: Any) -> Object:
        mark = marked(live, key, note, settle=lambda other: is_done(other, live))
        patch = {"metadata": only_if_unchanged(live, mark), **fields}
        return await self._patch(resource, live, patch)

    async def _patch(self, resource: Resource, live: Object, patch: Mapping[str, Any], subresource: str = "") -> Object:
        metadata = live["metadata"]
        return await self._cluster.patch(
            resource, metadata["name"], patch, namespace=metadata["namespace"], subresource=subresource
        )

    async def _read(self, resource: Resource, order: Order, name: str) -> Object:
        try:
            return await self._cluster.get(resource, name, namespace=order.namespace)
        except NotFound as error:
            if not error.served:
                raise
        fix = "check name and namespace"
        # Whoever may not list has to look himself.
        with suppress(EventyardError):
            fix = nearest(name, await self.select(order, "")) or fix
        what = f"there is no {order.kind} '{name}' in namespace '{order.namespace}'"
        raise Permanent(what, where=self._cluster.where, fix=fix)


def _known(live: Object, operation: str) -> dict[str, Any]:
    """By what the end of an operation will be known."""
    asked = {"restartAt": live["spec"].get("restartAt")} if operation == "restart" else {}
    return {**started(live), "operation": operation, **asked}


def _idle(operation: str, *, before: bool) -> str:
    """Why nothing was done, in words."""
    if before:
        return f"had been {DONE[operation]} by this firing before"
    return f"need not be {DONE[operation]}: it is so already"
