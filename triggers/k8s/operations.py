"""Operations on one object, so that one that is repeated with its key acts once, and nobody's change gets lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from config.errors import EventyardError, Permanent
from config.kubernetes.cluster import Cluster, Patch
from config.kubernetes.failures import AlreadyExists, Conflict, Invalid, NotFound
from config.kubernetes.resource import Object, Resource
from triggers.cluster.object import key_of, mark, metadata_of
from triggers.k8s.changes import PATCH, marked_patch, merged, operations

TRIES: Final = 5
"""How often an object is read again because somebody else changed it meanwhile."""

PAUSE: Final = 0.1
"""Seconds before it is read again at most, for each time that this was in vain."""

_BAD_JSON_PATCH: Final = (
    "its operations are in a list 'patch' of the source: is each path there, and does each 'test' hold?"
)

Act = Callable[[Object | None], Awaitable[Object]]
"""Changes an object that was just read, None if there is none; what the server made of it."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words, and the object afterwards; None if there was none to delete."""

    did: str
    object: Object | None


@dataclass(frozen=True, slots=True)
class Operations:
    """On objects that say where they are: `metadata.namespace` is that which is meant, and absent if there is none."""

    cluster: Cluster
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random

    async def update(self, resource: Resource, object: Object, key: str) -> Done:
        """Merge the object over the live one, or create it."""

        async def act(live: Object | None) -> Object:
            changed = object if live is None else merged(live, object)
            mark(changed, key)
            return await (self.cluster.create(changed) if live is None else self.cluster.replace(changed))

        return await self._insist(resource, object, key, act)

    async def edit(self, resource: Resource, object: Object, key: str, edit: Callable[[Object], Object]) -> Done:
        """Change the live object of that name by a function. Raises Permanent if there is none."""

        async def act(live: Object | None) -> Object:
            changed = edit(self._there(resource, object, live))
            mark(changed, key)
            return await self.cluster.replace(changed)

        return await self._insist(resource, object, key, act)

    async def patch(self, resource: Resource, object: Object, key: str, strategy: str) -> Done:
        """Patch the live object with this one, or create it. The operations of a JSON patch are in its field `patch`, and
        create nothing; without that field the object is sent for a patch, as in Argo Events, and refused.

        What is applied (APPLY) takes over fields from other managers, as any other patch would.
        """
        name, namespace = metadata_of(object)["name"], namespace_of(object)

        async def act(live: Object | None) -> Object:
            if strategy == Patch.JSON and PATCH in object:
                changes: Any = marked_patch(operations(object), self._there(resource, object, live), key)
            else:
                changes = object
                mark(changes, key)
                if live is None and strategy != Patch.APPLY:
                    return await self.cluster.create(changes)
            try:
                return await self.cluster.patch(
                    resource, name, changes, type=strategy, namespace=namespace, force=strategy == Patch.APPLY
                )
            except Invalid as error:
                if strategy == Patch.JSON:
                    error.fix = _BAD_JSON_PATCH
                raise

        return await self._insist(resource, object, key, act)

    async def delete(self, resource: Resource, object: Object) -> Done:
        """Delete the object of that name, if there is one."""
        name, namespace = metadata_of(object)["name"], namespace_of(object)
        refused: EventyardError
        for attempt in range(TRIES):
            live = await self.read(resource, object)
            if live is None:
                return Done("was not there", None)
            uid = str(metadata_of(live).get("uid") or "")
            try:
                # As kubectl does: by the API's own default a Job leaves its Pods behind.
                await self.cluster.delete(resource, name, namespace=namespace, uid=uid, propagation="Background")
            except (Conflict, NotFound) as error:
                refused = error
                await self._pause(attempt)
            else:
                return Done("deleted", live)
        raise refused

    async def read(self, resource: Resource, object: Object) -> Object | None:
        """The live object of that name, None if there is none."""
        try:
            return await self.cluster.get(resource, metadata_of(object)["name"], namespace=namespace_of(object))
        except NotFound as error:
            if error.served:
                return None
            raise

    async def _insist(self, resource: Resource, object: Object, key: str, act: Act) -> Done:
        """Read and act until nobody comes in between."""
        refused: EventyardError
        for attempt in range(TRIES):
            live = await self.read(resource, object)
            if live is not None and key_of(live) == key:
                return Done("had been changed by this firing before", live)
            try:
                return Done("created" if live is None else "changed", await act(live))
            except (Conflict, AlreadyExists, NotFound) as error:
                refused = error
                await self._pause(attempt)
        raise refused

    async def _pause(self, attempt: int) -> None:
        await self.sleep(PAUSE * attempt * self.chance())

    def _there(self, resource: Resource, object: Object, live: Object | None) -> Object:
        if live is None:
            what = called(resource, object)
            raise Permanent(f"{what} is not there", where=self.cluster.where, fix="create it first")
        return live


def namespace_of(object: Mapping[str, Any]) -> str | None:
    """The namespace that an object says it is in."""
    return (object.get("metadata") or {}).get("namespace")


def called(resource: Resource, object: Mapping[str, Any]) -> str:
    """`workflows.argoproj.io 'ci-4tq' in namespace 'build'`"""
    namespace = namespace_of(object)
    name = f"{resource} '{(object.get('metadata') or {}).get('name')}'"
    return f"{name} in namespace '{namespace}'" if namespace else name
