"""Operates on Rollouts of Argo Rollouts as its kubectl plugin does: promotes, aborts, retries, restarts and pauses them, sets
images, goes back to earlier revisions. eventyard's own: Argo Events has no such trigger.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from pydantic import Field

from config.decode import nearest
from config.duration import Duration
from config.errors import EventyardError, Permanent, Temporary
from config.model import Model
from config.sensor import TriggerParameter
from triggers.argo_rollout.ends import find_end
from triggers.argo_rollout.operations import DONE, kinds_for
from triggers.argo_rollout.order import Order
from triggers.argo_rollout.rollouts import Rollouts
from triggers.base import Document, Outcome, Result, TriggerContext, Values
from triggers.cluster.trigger import ClusterTrigger
from triggers.numbers import Number
from triggers.overrides import overridden

OPERATIONS: Final = tuple(DONE)

_LONGEST_ANSWER: Final = 1024
_IMAGE: Final = re.compile(r"[^\s<>]+")
"""A Rollout is not asked for what no registry has: the API server takes any text, and then no Pod starts."""
_ONE_OF: Final = f"use one of {', '.join(OPERATIONS)}"

Finding = tuple[str, str, str]


class ArgoRolloutSettings(Model):
    """The `argoRollout` block of a trigger template."""

    operation: str = Field(
        default="",
        description="promote (past the present pause or step), promote-full (past all analysis, pauses and steps), "
        "skip-current-step, skip-all-steps, abort, retry, restart, pause, set-image, undo, or terminate.",
    )
    name: str = Field(default="", description="Name of the Rollout.")
    namespace: str = Field(default="", description="Where it is; by default in the Sensor's namespace.")
    label_selector: str = Field(
        default="",
        description="In place of a name: all Rollouts of the namespace that it chooses, as `app=shop,tier!=db`.",
    )
    kind: str = Field(
        default="",
        description="Rollout (the default), but for terminate AnalysisRun (its default) or Experiment; retry takes an "
        "Experiment, too.",
    )
    images: dict[str, str] | None = Field(
        default=None, description="With set-image: the image of each container, by its name; * stands for all others."
    )
    revision: Number = Field(
        default=0, ge=0, description="With undo: the revision to go back to; 0 (the default) is the one before."
    )
    in_: Duration | None = Field(
        default=None, alias="in", description="With restart: how long until Pods are restarted; by default at once."
    )
    parameters: list[TriggerParameter] | None = Field(default=None, description="Values written into this block.")


class ArgoRollout(ClusterTrigger[ArgoRolloutSettings, Order]):
    """One operation for each firing. The same firing again does nothing: `triggers.argo_rollout.rollouts` says how that is known.

    With a selector all that it chooses are tried before the first failure is told. Raises Temporary and Permanent.
    """

    kind: ClassVar[str] = "argoRollout"
    awaits: ClassVar[bool] = True
    Settings: ClassVar[type[Model]] = ArgoRolloutSettings

    rollouts: Rollouts

    def __init__(
        self,
        settings: ArgoRolloutSettings,
        context: TriggerContext,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(settings, context)
        self._clock, self._sleep, self._chance = clock, sleep, chance

    @classmethod
    def check(cls, settings: Any) -> list[Finding]:
        assert isinstance(settings, ArgoRolloutSettings)
        found = _faults(settings)
        if not settings.parameters:
            # The parameters of the trigger may still write what is missing in the block.
            found += [(field, f"warning: {what}", fix) for field, what, fix in _gaps(settings)]
        return [*found, *_idle(settings)]

    async def open(self, stack: AsyncExitStack) -> None:
        self.rollouts = Rollouts(self.api, sleep=self._sleep, chance=self._chance)

    def render(self, settings: ArgoRolloutSettings, values: Values) -> Order:
        if settings.parameters:
            settings = overridden(settings, settings.parameters, values)
        for field, what, fix in (*_faults(settings), *_gaps(settings)):
            raise Permanent(f"{field} {what}", fix=fix)
        for container, image in (settings.images or {}).items() if settings.operation == "set-image" else ():
            if not _IMAGE.fullmatch(image):
                fix = "check what the event gives: a template writes <no value> for what is not there"
                raise Permanent(f"images.{container} '{image}' is no image", fix=fix)
        delayed = settings.operation == "restart" and settings.in_ is not None
        return Order(
            operation=settings.operation,
            kind=settings.kind or kinds_for(settings.operation)[0],
            namespace=settings.namespace or self.context.namespace,
            name=settings.name,
            labels=settings.label_selector,
            images=settings.images or {},
            revision=settings.revision,
            delay=settings.in_.seconds if delayed and settings.in_ is not None else 0.0,
        )

    async def fire(self, request: Order, key: str) -> Outcome:
        at = self._restart_at(request)
        if request.name:
            done = await self.rollouts.operate(request, request.name, key, at)
            return Outcome(answer=f"{request.kind} '{request.name}' {done.did}", started=done.started)
        said, waited, failures = [], [], list[EventyardError]()
        for name in await self.rollouts.select(request, request.labels):
            try:
                done = await self.rollouts.operate(request, name, key, at)
            except (Temporary, Permanent) as error:
                failures.append(error)
            else:
                said.append(f"{request.kind} '{name}' {done.did}")
                waited.append(done.started)
        if failures:
            # What may pass decides: a repetition finds what is done already, and fails again for what cannot be.
            raise next((error for error in failures if isinstance(error, Temporary)), failures[0])
        answer = "; ".join(said) or f"the selector chooses no {request.kind}"
        return Outcome(answer=answer[:_LONGEST_ANSWER], started={"all": waited} if waited else None)

    async def documents(self, request: Order, key: str) -> Sequence[Document]:
        return [request.document(key, self._restart_at(request))]

    async def result(self, started: Mapping[str, Any]) -> Result:
        if "all" not in started:
            return await self._end(started)
        # An end lasts, so it does not matter which is looked at first.
        return _together({each["name"]: await self._end(each) for each in started["all"]})

    async def _end(self, started: Mapping[str, Any]) -> Result:
        resource = await self.api.find(started["apiVersion"], started["kind"])
        which = started["namespace"], started["name"], started["uid"]
        return await self.waits.until(resource, *which, find_end(started))

    def _restart_at(self, order: Order) -> str:
        moment = datetime.fromtimestamp(self._clock() + order.delay, UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _faults(settings: ArgoRolloutSettings) -> list[Finding]:
    """What cannot be, whatever else is written."""
    found, operation = [], settings.operation
    if operation and operation not in OPERATIONS:
        found.append(("operation", f"'{operation}' is unknown", nearest(operation, OPERATIONS) or _ONE_OF))
    elif operation and settings.kind and settings.kind not in kinds_for(operation):
        found.append(
            ("kind", f"'{settings.kind}' does not go with {operation}", f"write {' or '.join(kinds_for(operation))}")
        )
    if settings.name and settings.label_selector:
        found.append(("labelSelector", "is given beside a name", "give one of the two"))
    return found


def _gaps(settings: ArgoRolloutSettings) -> list[Finding]:
    """What is missing."""
    found = []
    if not settings.operation:
        found.append(("operation", "is missing", _ONE_OF))
    if not (settings.name or settings.label_selector):
        found.append(("name", "is missing", "name the Rollout, or choose some by labelSelector"))
    if settings.operation == "set-image" and not settings.images:
        found.append(("images", "is missing", "write images: {CONTAINER: IMAGE}"))
    return found


def _idle(settings: ArgoRolloutSettings) -> list[Finding]:
    """Warnings about what has no effect."""
    given = {"images": settings.images, "revision": settings.revision, "in": settings.in_}
    own = {"images": "set-image", "revision": "undo", "in": "restart"}
    return [
        (name, f"warning: has no effect without operation: {own[name]}", "remove it")
        for name, value in given.items()
        if value and settings.operation and settings.operation != own[name]
    ]


def _together(results: Mapping[str, Result]) -> Result:
    """One result of several: a success if all are; otherwise the first that is none gives its phase to it."""
    bad = {name: result for name, result in results.items() if not result.ok}
    phase = next(iter((bad or results).values())).phase
    message = "; ".join(f"{name}: {result.phase} {result.message}".rstrip() for name, result in bad.items())
    objects = [dict(result.object) for result in results.values()]
    return Result(phase=phase, ok=not bad, message=message, object={"kind": "List", "items": objects})
