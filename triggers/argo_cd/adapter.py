"""Operates on Applications of Argo CD: syncs, refreshes and rolls them back, and terminates what goes on; through the API of
their cluster, or through Argo CD's server. eventyard's own: Argo Events has no such trigger.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, ClassVar, Self

from config.errors import Permanent
from config.model import Model
from triggers.argo_cd.applications import Applications, ClusterApplications, called, waited_for
from triggers.argo_cd.order import Order
from triggers.argo_cd.server import LARGEST, ServerApplications
from triggers.argo_cd.settings import ArgoCDSettings, Finding, check_settings, faults, gaps
from triggers.base import Document, Outcome, Result, Trigger, TriggerContext, Values
from triggers.client import Client
from triggers.cluster.trigger import missing_cluster, use_cluster
from triggers.cluster.waits import ObjectWaits
from triggers.overrides import overridden
from triggers.server_address import ServerAddress
from triggers.target import parse_target


class ArgoCD(Trigger[ArgoCDSettings, Order]):
    """One operation for each firing; `ClusterApplications` and `ServerApplications` say how one that comes again is known.

    Raises Temporary, also while another operation is in progress and while a sync window is closed, and Permanent.
    """

    kind: ClassVar[str] = "argoCD"
    awaits: ClassVar[bool] = True
    cluster: ClassVar[bool] = True
    Settings: ClassVar[type[Model]] = ArgoCDSettings

    applications: Applications

    def __init__(
        self,
        settings: ArgoCDSettings,
        context: TriggerContext,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(settings, context)
        self._sleep, self._chance = sleep, chance

    @classmethod
    def check(cls, settings: Any) -> list[Finding]:
        assert isinstance(settings, ArgoCDSettings)
        return check_settings(settings)

    def missing(self) -> str:
        return "" if self.settings.server is not None else missing_cluster()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.applications = await self._open(stack)
            self._opened = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._opened.aclose()

    def render(self, settings: ArgoCDSettings, values: Values) -> Order:
        if settings.parameters:
            settings = overridden(settings, settings.parameters, values)
        for field, what, fix in (*faults(settings), *gaps(settings)):
            raise Permanent(f"{field} {what}", fix=fix)
        return _order(settings, "" if settings.server is not None else self.context.namespace)

    async def fire(self, request: Order, key: str) -> Outcome:
        done = await self.applications.operate(request, key)
        return Outcome(answer=f"{called(request)} {done.did}", started=waited_for(request, done.application))

    async def documents(self, request: Order, key: str) -> Sequence[Document]:
        return [request.document(key)]

    async def result(self, started: Mapping[str, Any]) -> Result:
        return await self.applications.result(started)

    async def _open(self, stack: AsyncExitStack) -> Applications:
        if (server := self.settings.server) is not None:
            address = ServerAddress(parse_target(server.url.rstrip("/")), server.tls, server.token)
            tls = address.context(self.context.secrets)
            client = await stack.enter_async_context(Client(tls=tls, keep=LARGEST))
            return ServerApplications(client, address, self.context.secrets, sleep=self._sleep)
        api = await stack.enter_async_context(use_cluster(self.context))
        waits = await stack.enter_async_context(ObjectWaits(api, self.context.spawn))
        return ClusterApplications(api, waits, sleep=self._sleep, chance=self._chance)


def _order(settings: ArgoCDSettings, namespace: str) -> Order:
    """What the settings say, without the fields that are for other operations."""
    order = Order(
        operation=settings.operation,
        name=settings.name,
        namespace=settings.namespace or namespace,
        project=settings.project,
    )
    written = settings.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    match settings.operation:
        case "refresh":
            return replace(order, hard=settings.hard)
        case "rollback":
            return replace(order, id=settings.id, sync=_part(written, "prune", "dryRun"))
        case "sync":
            strategy = {"syncStrategy": written["strategy"]} if "strategy" in written else {}
            return replace(
                order,
                sync=_part(written, "revision", "prune", "dryRun", "syncOptions", "resources") | strategy,
                revisions=tuple(settings.revisions or ()),
                positions=tuple(settings.source_positions or ()),
                retry=written.get("retry"),
                info=tuple(written.get("info") or ()),
            )
    return order


def _part(written: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: written[name] for name in names if name in written}
