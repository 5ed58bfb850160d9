"""What triggers that act on a cluster share: the cluster of this machine, one client for all of them, and their waits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import ClassVar, Final, Self

from config.errors import EventyardError
from config.kubernetes.access import find_access
from config.kubernetes.cluster import Cluster
from config.kubernetes.login import Access
from triggers.base import R, S, Trigger, TriggerContext
from triggers.cluster.waits import ObjectWaits

_KEY: Final = "cluster"

Find = Callable[[], Access]


def missing_cluster(find: Find = find_access) -> str:
    """Why no cluster can be used from here, in words; empty = one is configured. Reads files, connects to nothing."""
    try:
        find()
    except EventyardError as error:
        return f"a cluster: {error}"
    return ""


@asynccontextmanager
async def use_cluster(context: TriggerContext, find: Find = find_access) -> AsyncIterator[Cluster]:
    """The client of this machine's cluster, which all triggers of the process share; its first request connects.

    Raises EventyardError if none is configured.
    """
    access = find()
    async with context.shared.use((_KEY, access.where), lambda: Cluster(access)) as cluster:
        yield cluster


class ClusterTrigger(Trigger[S, R]):
    """A trigger with `api`, the cluster, and `waits`, for what it started; both from entering to leaving.

    Entering succeeds although the cluster does not answer. Whatever fails afterwards is an error of
    `config.kubernetes.failures`, which is Temporary or Permanent already.
    """

    cluster: ClassVar[bool] = True

    api: Cluster
    waits: ObjectWaits

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.api = await stack.enter_async_context(use_cluster(self.context))
            self.waits = await stack.enter_async_context(ObjectWaits(self.api, self.context.spawn))
            await self.open(stack)
            self._opened = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._opened.aclose()

    async def open(self, stack: AsyncExitStack) -> None:
        """Enter what else the trigger needs; it is left with the stack."""

    def missing(self) -> str:
        return missing_cluster()
