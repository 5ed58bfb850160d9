"""Where Applications are operated on: the API of a cluster, or Argo CD's server. The contract they share, and the first."""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from config.decode import nearest
from config.errors import EventyardError, Permanent, Temporary
from config.kubernetes.cluster import Cluster
from config.kubernetes.failures import Conflict, KubernetesError, NotFound
from config.kubernetes.resource import Object, Resource
from triggers.argo_cd.application_ends import find_end
from triggers.argo_cd.application_operations import can_be_terminated, refuse, rollback, sync
from triggers.argo_cd.order import API_VERSION, DONE, KIND, REFRESH, Order
from triggers.base import Result
from triggers.cluster.marks import marked, note_of, only_if_unchanged
from triggers.cluster.object import started
from triggers.cluster.waits import ObjectWaits

TRIES: Final = 10
"""How often an Application is read again because Argo CD, or somebody else, changed it meanwhile."""

PAUSE: Final = 0.1
"""Seconds before it is read again at most, for each time that this was in vain."""

IDLE: Final = "has no operation in progress"
BEFORE: Final = "by this firing before"

_WHERE: Final = "check name and namespace: Applications are mostly in Argo CD's own, namespace: argocd"


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words, and the Application afterwards."""

    did: str
    application: Object


class Applications(ABC):
    """Raises Temporary and Permanent; both name the Application, and where it was looked for."""

    @abstractmethod
    async def operate(self, order: Order, key: str) -> Done:
        """Begin what is ordered; nothing if this firing has done so before."""

    @abstractmethod
    async def result(self, waited: Mapping[str, Any]) -> Result:
        """Wait for the end of what `triggers.argo_cd.application_ends` knows."""


class ClusterApplications(Applications):
    """What is changed is one write together with the mark of the firing, refused once somebody else has changed the object.

    Needs the rights `get` and `patch`.
    """

    def __init__(
        self,
        cluster: Cluster,
        waits: ObjectWaits,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._cluster, self._waits = cluster, waits
        self._sleep, self._chance = sleep, chance

    async def operate(self, order: Order, key: str) -> Done:
        resource = await self._cluster.find(API_VERSION, KIND)
        refused: EventyardError
        for attempt in range(TRIES):
            try:
                live = await self._read(resource, order)
                if note_of(live, key) is not None:
                    return Done(f"had been {DONE[order.operation]} {BEFORE}", live)
                if order.operation == "terminate" and not can_be_terminated(live):
                    return Done(IDLE, live)
                patch = {**_change(order, live), "metadata": only_if_unchanged(live, _annotations(order, live, key))}
                where = live["metadata"]["namespace"]
                changed = await self._cluster.patch(resource, order.name, patch, namespace=where)
                return Done(DONE[order.operation], changed)
            except Conflict as error:
                refused = error
                await self._sleep(PAUSE * attempt * self._chance())
            except (Temporary, Permanent) as error:
                if isinstance(error, KubernetesError) or error.where:
                    raise
                raise about(error, order, self._cluster.where) from None
        raise refused

    async def result(self, waited: Mapping[str, Any]) -> Result:
        resource = await self._cluster.find(waited["apiVersion"], waited["kind"])
        which = waited["namespace"], waited["name"], waited["uid"]
        return await self._waits.until(resource, *which, find_end(waited))

    async def _read(self, resource: Resource, order: Order) -> Object:
        try:
            return await self._cluster.get(resource, order.name, namespace=order.namespace)
        except NotFound as error:
            if not error.served:
                raise
        fix = _WHERE
        # Whoever may not list has to look himself.
        with suppress(EventyardError):
            listed = await self._cluster.list(resource, namespace=order.namespace)
            fix = nearest(order.name, [str(each["metadata"]["name"]) for each in listed]) or fix
        raise Permanent(f"there is no {called(order)}", where=self._cluster.where, fix=fix)


def called(order: Order) -> str:
    """`Application 'shop' in namespace 'argocd'`"""
    return f"Application '{order.name}'" + (f" in namespace '{order.namespace}'" if order.namespace else "")


def about(error: EventyardError, order: Order, where: str) -> EventyardError:
    """The error, saying which Application it is about."""
    return type(error)(f"{called(order)}: {error.what}", where=where, fix=error.fix)


def waited_for(order: Order, application: Object) -> dict[str, Any]:
    """By what the end of an operation will be known."""
    asked = {"operation": order.operation, "dryRun": order.dry_run, "project": order.project}
    return {**started(application), **asked}


def _change(order: Order, live: Object) -> dict[str, Any]:
    match order.operation:
        case "refresh":
            return {}
        case "terminate":
            return {"status": {"operationState": {"phase": "Terminating"}}}
    refuse(order, live)
    # What is known of the operation before would pass for this one's state.
    stale = {"status": {"operationState": None}} if (live.get("status") or {}).get("operationState") else {}
    return {"operation": (rollback if order.operation == "rollback" else sync)(order, live), **stale}


def _annotations(order: Order, live: Object, key: str) -> dict[str, str]:
    asked = {REFRESH: order.refresh} if order.operation == "refresh" else {}
    return {**marked(live, key), **asked}
