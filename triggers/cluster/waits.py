"""Waits for objects of a cluster to reach an end: one shared watch for all waits of a trigger, however many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Self

from config.errors import EventyardError, Permanent, Temporary
from config.kubernetes.cluster import Cluster
from config.kubernetes.failures import NotFound
from config.kubernetes.known import Change
from config.kubernetes.resource import Object, Resource
from config.kubernetes.watch import Batch, Known, Watch
from triggers.base import Result, Spawn

Judge = Callable[[Object], Result | None]
"""How an object has ended, None while it has not."""

LOOKS: Final = 8
"""Objects that are read at once: after a restart there may be thousands."""

PATIENCE: Final = 300.0
"""Seconds that a watch tries to come back before its waits are told."""

LOST: Final = Result(phase="Deleted", ok=False, message="it is gone, and how it ended is not known")


class _LeftSelectionError(Exception):
    """The object is there, but without the labels that are watched."""


class _Scope(NamedTuple):
    """What one watch is about."""

    resource: Resource
    namespace: str
    labels: tuple[tuple[str, str], ...]


@dataclass(eq=False, slots=True)
class _Waiting:
    """One wait, and what there is to do for it: look at the object, regard a change, or pass on a failure."""

    news: asyncio.Event = field(default_factory=asyncio.Event)
    look: bool = False
    change: Change | None = None
    failure: EventyardError | None = None

    def look_again(self) -> None:
        self.look = True
        self.news.set()

    def tell(self, change: Change) -> None:
        self.change = change
        self.news.set()

    def fail(self, failure: EventyardError) -> None:
        self.failure = failure
        self.news.set()


@dataclass(eq=False, slots=True)
class _Following:
    """A watch, and who waits for what it brings, by uid."""

    task: asyncio.Task[None] | None = None
    waiting: dict[str, set[_Waiting]] = field(default_factory=dict)

    def everyone(self) -> list[_Waiting]:
        return [one for waiting in self.waiting.values() for one in waiting]


class ObjectWaits:
    """The waits of one trigger. A watch begins with the first wait that needs it and ends with the last."""

    def __init__(self, cluster: Cluster, spawn: Spawn) -> None:
        self._cluster, self._spawn = cluster, spawn
        self._following: dict[_Scope, _Following] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._looks = asyncio.Semaphore(LOOKS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for scope in list(self._following):
            self._end(scope)
        if self._ending:
            await asyncio.wait(self._ending)

    async def until(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        uid: str,
        judge: Judge,
        *,
        labels: Mapping[str, str] = {},
        gone: Result = LOST,
    ) -> Result:
        """Wait until `judge` has a result for the object; if it is deleted its last state counts, if that was seen, else
        the result is `gone`. `labels` are some that the object has, by which others need not be watched.

        Raises Temporary, after which the wait can be repeated. Refusals are that too: whoever grants a verb will not
        touch the manifest.
        """
        scope = _Scope(resource, namespace, tuple(sorted(labels.items())))
        try:
            try:
                return await self._until(scope, name, uid, judge, gone)
            except _LeftSelectionError:
                return await self._until(scope._replace(labels=()), name, uid, judge, gone)
        except Permanent as error:
            raise Temporary(error.what, where=error.where, fix=error.fix) from None

    async def _until(self, scope: _Scope, name: str, uid: str, judge: Judge, gone: Result) -> Result:
        waiting = self._join(scope, uid)
        # What happens from now on is seen by the watch, if only in its first list; what happened before is not.
        waiting.look_again()
        try:
            while True:
                await waiting.news.wait()
                waiting.news.clear()
                if waiting.failure is not None:
                    raise waiting.failure
                change, waiting.change = waiting.change, None
                look, waiting.look = waiting.look, False
                result = None
                # A deletion that was found out by comparing has no more than a name.
                if change is not None and "kind" in change.object:
                    result = judge(change.object)
                # An object that has lost its labels is deleted to a watch, too.
                if result is None and (look or (change is not None and change.type == "DELETED")):
                    result = await self._look(scope, name, uid, judge, gone)
                if result is not None:
                    return result
        finally:
            self._leave(scope, uid, waiting)

    async def _look(self, scope: _Scope, name: str, uid: str, judge: Judge, gone: Result) -> Result | None:
        async with self._looks:
            try:
                object = await self._cluster.get(scope.resource, name, namespace=scope.namespace)
            except NotFound as error:
                if error.served:
                    return gone
                raise
        metadata: dict[str, Any] = object["metadata"]
        if metadata.get("uid") != uid:
            return gone
        result = judge(object)
        if result is None and not set(scope.labels) <= set((metadata.get("labels") or {}).items()):
            raise _LeftSelectionError
        return result

    def _join(self, scope: _Scope, uid: str) -> _Waiting:
        following = self._following.get(scope)
        if following is None:
            following = self._following[scope] = _Following()
            work = self._follow(scope, following)
            following.task = self._spawn(work, name=f"watch:{scope.resource}:{scope.namespace}")
        waiting = _Waiting()
        following.waiting.setdefault(uid, set()).add(waiting)
        return waiting

    def _leave(self, scope: _Scope, uid: str, waiting: _Waiting) -> None:
        following = self._following.get(scope)
        if following is None or waiting not in following.waiting.get(uid, ()):
            return  # that watch has failed, and this may be another one
        following.waiting[uid].discard(waiting)
        if not following.waiting[uid]:
            del following.waiting[uid]
        if not following.waiting:
            self._end(scope)

    def _end(self, scope: _Scope) -> None:
        task = self._following.pop(scope).task
        assert task is not None
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        task.cancel()

    async def _follow(self, scope: _Scope, following: _Following) -> None:
        """Tell the waits what happens to their objects. Never raises: what goes wrong is told, too."""
        known = Known()
        labels = ",".join(f"{name}={value}" for name, value in scope.labels)
        try:
            async with Watch(
                self._cluster,
                scope.resource,
                namespace=scope.namespace,
                labels=labels,
                known=known,
                patience=PATIENCE,
            ) as watch:
                async for batch in watch:
                    _tell(following, batch, known)
        except EventyardError as error:
            failure = error
        except Exception as error:
            failure = Temporary(f"the watch failed in a way it should not: {type(error).__name__}: {error}")
        if self._following.get(scope) is following:
            del self._following[scope]
        for waiting in following.everyone():
            waiting.fail(failure)


def _tell(following: _Following, batch: Batch, known: Known) -> None:
    for change in batch.changes:
        for waiting in following.waiting.get(change.uid, ()):
            waiting.tell(change)
    if batch.listed and batch.complete:
        # What came and went while nobody watched is in no list and brings no change.
        present = {entry.uid for entry in known.entries.values()} | {change.uid for change in batch.changes}
        for uid in following.waiting.keys() - present:
            for waiting in following.waiting[uid]:
                waiting.look_again()
