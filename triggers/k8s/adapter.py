"""Creates, updates, patches or deletes an object of a cluster. Fields and rules are those of Argo Events' k8s trigger.

Beyond these: any resource that the server knows, JSON patches, server-side apply, and repetitions that act once.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import orjson
from pydantic import Field

from config.errors import Permanent
from config.kubernetes.cluster import Patch
from config.kubernetes.resource import Object, Resource
from config.model import Model
from config.sensor import TriggerParameter
from triggers.artifacts import Artifact, Artifacts, check_artifact, describe, inline
from triggers.base import Document, Outcome, Rendered, Result, TriggerContext, Values
from triggers.cluster.judges import judged
from triggers.cluster.label_policy import await_labels
from triggers.cluster.object import (
    Draft,
    create_once,
    draft,
    hidden,
    labels_of,
    mark,
    metadata_of,
    name,
    place,
    place_unseen,
    stamp,
    started,
)
from triggers.cluster.trigger import ClusterTrigger
from triggers.k8s.changes import operations
from triggers.k8s.operations import Done, Operations, called
from triggers.text import one_line, printable

OPERATIONS: Final = ("create", "update", "patch", "delete")

_DELETED: Final = Result(phase="Deleted", ok=True)


class K8sSettings(Model):
    """The `k8s` block of a trigger template."""

    source: Artifact | None = Field(default=None, description="Where the object comes from.")
    operation: str = Field(
        default="",
        description="create (the default), update (merges the object over the one that is there), patch or delete; "
        "update and patch create the object if there is none.",
    )
    parameters: list[TriggerParameter] | None = Field(default=None, description="Values written into the object.")
    patch_strategy: str = Field(
        default="",
        description="Media type of the patch: application/merge-patch+json (the default), "
        "application/strategic-merge-patch+json, application/apply-patch+yaml, or application/json-patch+json, for which "
        "the source has its operations in a list `patch`.",
    )
    live_object: bool = Field(
        default=False, description="With update: write the parameters into the object as it is in the cluster."
    )


@dataclass(frozen=True, slots=True)
class Change(Rendered):
    """One operation on one object."""

    operation: str
    strategy: str
    live: bool
    draft: Draft

    def show(self, limit: int = 1024) -> str:
        """`create Workflow build/ci-  {"apiVersion":…}`"""
        object = self.draft.object
        if object is None:
            return one_line(f"{self.operation} {describe(self.draft.source)}", b"", limit)
        metadata = object.get("metadata")
        metadata = metadata if isinstance(metadata, Mapping) else {}
        parts = (metadata.get("namespace"), metadata.get("name") or metadata.get("generateName"))
        head = f"{self.operation} {object.get('kind')} {'/'.join(str(part) for part in parts if part)}"
        return one_line(head, orjson.dumps(hidden(object)), limit)

    def view(self) -> dict[str, Any]:
        view: dict[str, Any] = {"operation": self.operation, "source": printable(describe(self.draft.source))}
        if self.operation == "patch":
            view["patchStrategy"] = self.strategy
        if self.live:
            view["liveObject"] = True
        if self.draft.object is not None:
            view["object"] = hidden(self.draft.object)
        return view


class K8s(ClusterTrigger[K8sSettings, Change]):
    """One operation on one object for each firing.

    What a firing makes or changes has its key in the annotation `eventyard.io/key`: a repetition finds it and does
    nothing, unless another firing has changed the object since. A deletion that is repeated deletes what has been
    created in between under the same name.

    Raises the errors of `config.kubernetes.failures`, and Temporary if the labels of `policy.k8s` do not appear: a
    repetition waits for them again.
    """

    kind: ClassVar[str] = "k8s"
    awaits: ClassVar[bool] = True
    Settings: ClassVar[type[Model]] = K8sSettings

    artifacts: Artifacts

    def __init__(
        self,
        settings: K8sSettings,
        context: TriggerContext,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(settings, context)
        self._clock, self._sleep, self._chance = clock, sleep, chance

    @classmethod
    def check(cls, settings: Any) -> list[tuple[str, str, str]]:
        assert isinstance(settings, K8sSettings)
        found = check_artifact(settings.source)
        operation = settings.operation or "create"
        if settings.live_object and operation != "update":
            found.append(("liveObject", "warning: has no effect without operation: update", "remove it"))
        if settings.patch_strategy and operation != "patch":
            found.append(("patchStrategy", "warning: has no effect without operation: patch", "remove it"))
        elif settings.patch_strategy and settings.patch_strategy not in set(Patch):
            found.append(("patchStrategy", "warning: is none that API servers know", f"use one of {', '.join(Patch)}"))
        return [*found, *_check_object(settings, operation)]

    async def open(self, stack: AsyncExitStack) -> None:
        self.artifacts = await stack.enter_async_context(Artifacts(self.context.secrets))

    def render(self, settings: K8sSettings, values: Values) -> Change:
        operation = settings.operation or "create"
        if operation not in OPERATIONS:
            raise Permanent(f"unknown operation '{operation}'", fix=f"use one of {', '.join(OPERATIONS)}")
        made = draft(settings.source, settings.parameters, values)
        live = settings.live_object and operation == "update"
        return Change(operation, settings.patch_strategy or Patch.MERGE.value, live, made)

    async def fire(self, request: Change, key: str) -> Outcome:
        source, act = request.draft, Operations(self.api, self._sleep, self._chance)
        object = await (source.fetch_plain if request.live else source.fetch)(self.artifacts)
        placed = bool(metadata_of(object).get("namespace"))
        resource = await place(self.api, object, self.context.namespace)
        if request.operation == "create":
            return await self._create(resource, object, key)
        if not metadata_of(object).get("name"):
            raise Permanent(f"the object needs metadata.name for '{request.operation}'", fix="name it in the source")
        match request.operation:
            case "delete":
                return _gone(resource, object, await act.delete(resource, object))
            case "patch":
                done = await act.patch(resource, object, key, request.strategy)
            case _ if request.live:
                if resource.namespaced and not placed:
                    raise Permanent("the object needs metadata.namespace for liveObject", fix="write it in the source")
                done = await act.edit(resource, object, key, source.edit)
            case _:
                done = await act.update(resource, object, key)
        assert done.object is not None
        return await self._outcome(resource, done.object, done.did, {})

    async def documents(self, request: Change, key: str) -> Sequence[Document]:
        async with Artifacts(self.context.secrets) as artifacts:
            object = await request.draft.fetch(artifacts)
        place_unseen(object, self.context.namespace)
        if request.operation == "delete":
            kept = ("apiVersion", "kind", "metadata")
            return [Document("delete", {part: object[part] for part in kept if part in object})]
        if request.operation == "create":
            self._finish(object, key)
        else:
            mark(object, key)
        return [Document(request.operation, object)]

    async def result(self, started: Mapping[str, Any]) -> Result:
        if not started["deleted"]:
            return await judged(self.waits, self.api, started, started["labels"])
        resource = await self.api.find(started["apiVersion"], started["kind"])
        which = started["namespace"], started["name"], started["uid"]
        return await self.waits.until(resource, *which, lambda _: None, gone=_DELETED)

    async def _create(self, resource: Resource, object: Object, key: str) -> Outcome:
        self._finish(object, key)
        made, already = await create_once(self.api, resource, object, key)
        did = "had been created by this firing before" if already else "created"
        return await self._outcome(resource, made, did, labels_of(self.context))

    def _finish(self, object: Object, key: str) -> None:
        stamp(object, self.context, self._clock())
        mark(object, key)
        name(object, key)

    async def _outcome(self, resource: Resource, object: Object, did: str, labels: Mapping[str, str]) -> Outcome:
        """Success, once the object has the labels of the policy."""
        metadata, what = metadata_of(object), called(resource, object)
        await await_labels(
            self.context.policy,
            lambda: self.api.get(resource, metadata["name"], namespace=metadata.get("namespace")),
            what,
            self.api.where,
            sleep=self._sleep,
            chance=self._chance,
        )
        return Outcome(answer=f"{what} {did}", started={**started(object), "labels": labels, "deleted": False})


def _gone(resource: Resource, object: Object, done: Done) -> Outcome:
    waited = {**started(done.object or object), "labels": {}, "deleted": True}
    return Outcome(answer=f"{called(resource, object)} {done.did}", started=waited)


def _check_object(settings: K8sSettings, operation: str) -> list[tuple[str, str, str]]:
    """Warnings about an object of the manifest; parameters may yet change it."""
    try:
        object = inline(settings.source)
    except Permanent:
        return []
    if object is None:
        return []
    written = {parameter.dest for parameter in settings.parameters or ()}
    metadata = object.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    found = [
        ("source", f"warning: the object has no {field}", f"write {field}")
        for field in ("apiVersion", "kind")
        if not object.get(field) and field not in written
    ]
    wanted = ["name"] if operation != "create" else [] if metadata.get("generateName") else ["name or generateName"]
    wanted += ["namespace"] if settings.live_object and operation == "update" else []
    for field in wanted:
        names = [f"metadata.{one}" for one in field.split(" or ")]
        if not any(metadata.get(one.removeprefix("metadata.")) or one in written for one in names):
            found.append(
                ("source", f"warning: the object has no metadata.{field}, which {operation} needs", "write it")
            )
    labels = metadata.get("labels")
    creates = operation == "create"
    for label, value in labels.items() if isinstance(labels, Mapping) else ():
        # Null takes a label away in a patch.
        is_wrong = not isinstance(value, str) and (creates or value is not None)
        if is_wrong and f"metadata.labels.{label}" not in written:
            then = "all labels are lost" if creates else "a cluster refuses it"
            found.append(("source", f"warning: the label '{label}' is no text: {then}", "write its value in quotes"))
    if operation == "patch" and settings.patch_strategy == Patch.JSON:
        try:
            operations(object)
        except Permanent as error:
            found.append(("source", f"warning: {error.what}", error.fix))
    return found
