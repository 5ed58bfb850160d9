"""Operations on Workflows through the API of a cluster alone: what Argo Server does to the objects, done here.

A Workflow that is operated on carries the key of the firing in an annotation, written together with the change; one that
somebody else changed meanwhile is read again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from config.errors import EventyardError, Permanent, Temporary
from config.kubernetes.cluster import Cluster
from config.kubernetes.failures import Conflict, Forbidden, NotFound
from config.kubernetes.resource import Object, Resource
from triggers.argo_workflow.args import Options
from triggers.argo_workflow.carrier import DONE, Done, Workflows, about, called
from triggers.argo_workflow.nodes import FAILED, SUCCEEDED, end_waiting, read_nodes, waiting, write_nodes
from triggers.argo_workflow.object import (
    API_VERSION,
    CLUSTER_TEMPLATE,
    CRON,
    KIND,
    LAST_KEY,
    from_cron,
    from_template,
    last_key,
    mark_last,
    template_named,
)
from triggers.argo_workflow.retry import retried
from triggers.argo_workflow.states import SHUTDOWN, already
from triggers.base import Result
from triggers.cluster.judges import judged
from triggers.cluster.object import create_once
from triggers.cluster.waits import ObjectWaits

TRIES: Final = 5
"""How often a Workflow is read again because its controller, or somebody else, changed it meanwhile."""

PAUSE: Final = 0.2
"""Seconds before it is read again at most, for each time that this was in vain."""

MOST_DELETIONS: Final = 8
"""Pods that are deleted at once."""

_ARCHIVED: Final = "check name and namespace; one that is archived is known to Argo Server only (server: {url: …})"


class ClusterWorkflows(Workflows):
    """Needs the rights that the `argo` command needs: `get`, and by operation `create`, `update` (suspend, resume, retry),
    `patch` (stop, terminate), `list` (selectors), `get` of templates, `delete` of Pods (retry)."""

    def __init__(
        self,
        cluster: Cluster,
        waits: ObjectWaits,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.where = cluster.where
        self._cluster, self._waits = cluster, waits
        self._clock, self._sleep, self._chance = clock, sleep, chance

    async def create(self, workflow: Object, key: str) -> Done:
        namespace = workflow["metadata"]["namespace"]
        if template := template_named(workflow):
            await self._expect(*template, namespace)
        return await self._create(workflow, key)

    async def begin_from(self, kind: str, name: str, namespace: str, at: str) -> Object:
        if kind == CRON:
            return from_cron(await self._get(kind, name, namespace), at)
        await self._expect(kind, name, namespace)
        return from_template(kind, name)

    async def create_from(self, kind: str, name: str, workflow: Object, key: str) -> Done:
        return await self._create(workflow, key)

    async def read(self, name: str, namespace: str) -> Object:
        return await self._get(KIND, name, namespace, _ARCHIVED)

    async def select(self, namespace: str, labels: str, fields: str) -> list[Object]:
        resource = await self._resource(KIND)
        return await self._cluster.list(resource, namespace=namespace, labels=labels, fields=fields)

    async def operate(self, operation: str, name: str, namespace: str, options: Options, *, key: str, by: str) -> Done:
        refused: EventyardError
        for attempt in range(TRIES):
            live = await self.read(name, namespace)
            if last_key(live) == key:
                return Done(f"had been {DONE[operation]} by this firing before", live)
            try:
                if said := already(operation, live, options):
                    return Done(said, live)
                changed = await self._act(operation, live, options, key, by)
            except Conflict as error:
                refused = error
                await self._sleep(PAUSE * attempt * self._chance())
            except Permanent as error:
                if error.where:
                    raise
                raise about(error, name, namespace, self.where) from None
            else:
                return Done(DONE[operation], changed)
        raise refused

    async def result(self, started: Mapping[str, Any]) -> Result:
        return await judged(self._waits, self._cluster, started, started["labels"])

    async def _act(self, operation: str, live: Object, options: Options, key: str, by: str) -> Object:
        if operation in SHUTDOWN and not options.nodes:
            return await self._shut_down(SHUTDOWN[operation], live, key)
        if operation == "suspend":
            live.setdefault("spec", {})["suspend"] = True
        elif operation == "retry":
            live = await self._retried(live, options)
        elif operation == "stop":
            self._end_waiting(live, options, FAILED, options.message)
        else:
            if not options.nodes:
                live.setdefault("spec", {}).pop("suspend", None)
            self._end_waiting(live, options, SUCCEEDED, f"resumed by {by}")
        mark_last(live, key)
        return await self._cluster.replace(live)

    async def _shut_down(self, shutdown: str, live: Object, key: str) -> Object:
        patch = {"metadata": {"annotations": {LAST_KEY: key}}, "spec": {"shutdown": shutdown}}
        metadata = live["metadata"]
        resource = await self._resource(KIND)
        return await self._cluster.patch(resource, metadata["name"], patch, namespace=metadata["namespace"])

    def _end_waiting(self, live: Object, options: Options, phase: str, message: str) -> None:
        nodes = read_nodes(live)
        if ending := waiting(nodes, options.nodes):
            ended = {name: end_waiting(nodes[name], phase, message, self._now()) for name in ending}
            write_nodes(live, {**nodes, **ended})

    async def _retried(self, live: Object, options: Options) -> Object:
        restart = options.nodes if options.restart_successful else ()
        made = retried(live, restart=restart, parameters=options.parameters, at=self._now())
        pods, namespace = await self._cluster.find("v1", "Pod"), live["metadata"]["namespace"]
        limit = asyncio.Semaphore(MOST_DELETIONS)

        async def delete(name: str) -> EventyardError | None:
            try:
                async with limit:
                    await self._cluster.delete(pods, name, namespace=namespace)
            except NotFound:
                return None
            except (Temporary, Permanent) as error:
                return error
            return None

        async with asyncio.TaskGroup() as group:
            deletions = [group.create_task(delete(name), name=f"delete:{name}") for name in made.pods]
        for deletion in deletions:
            if (error := deletion.result()) is not None:
                raise error
        return made.workflow

    async def _create(self, workflow: Object, key: str) -> Done:
        made, before = await create_once(self._cluster, await self._resource(KIND), workflow, key)
        return Done("had been submitted by this firing before" if before else "submitted", made)

    async def _expect(self, kind: str, name: str, namespace: str) -> None:
        """Refuse what would only fail later; whoever may not look is believed."""
        try:
            await self._get(kind, name, namespace)
        except Forbidden:
            return

    async def _get(self, kind: str, name: str, namespace: str, fix: str = "check its name and namespace") -> Object:
        resource = await self._resource(kind)
        try:
            return await self._cluster.get(resource, name, namespace=namespace)
        except NotFound as error:
            if not error.served:
                raise
            what = called(name, "" if kind == CLUSTER_TEMPLATE else namespace, kind)
            raise Permanent(f"there is no {what}", where=self.where, fix=fix) from None

    async def _resource(self, kind: str) -> Resource:
        return await self._cluster.find(API_VERSION, kind)

    def _now(self) -> str:
        return rfc3339(self._clock())


def rfc3339(moment: float) -> str:
    """A time as of `time.time`, as Kubernetes writes it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
