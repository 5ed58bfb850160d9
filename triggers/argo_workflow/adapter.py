"""Operates on Argo Workflows: submits them, from manifests and from templates, and resubmits, retries, resumes, suspends,
stops or terminates them. Fields and rules are those of Argo Events' argoWorkflow trigger, whose `argo` command is not needed.

Beyond these: repetitions that act once, ClusterWorkflowTemplates, and Workflows that are awaited.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, ClassVar, Final, Self

from pydantic import Field

from config.errors import Permanent
from config.kubernetes.resource import Object
from config.model import Model
from config.sensor import TriggerParameter
from triggers.argo_workflow.args import Options, check_args, parse_args
from triggers.argo_workflow.carrier import Done, Workflows, called
from triggers.argo_workflow.check import check_object
from triggers.argo_workflow.flags import OPERATIONS
from triggers.argo_workflow.memoized import take_over
from triggers.argo_workflow.object import resubmitted
from triggers.argo_workflow.operations import ClusterWorkflows, rfc3339
from triggers.argo_workflow.order import Making, Order
from triggers.argo_workflow.parameter_file import read_parameters
from triggers.argo_workflow.server import LARGEST, ServerWorkflows
from triggers.argo_workflow.states import worth
from triggers.artifacts import Artifact, Artifacts, check_artifact
from triggers.base import Document, Outcome, Result, Trigger, TriggerContext, Values
from triggers.client import Client
from triggers.cluster.label_policy import await_labels
from triggers.cluster.object import draft, key_of, labels_of, metadata_of, started
from triggers.cluster.trigger import missing_cluster, use_cluster
from triggers.cluster.waits import ObjectWaits
from triggers.server_address import ArgoServer, ServerAddress, check_server, find_server

_LONGEST_ANSWER: Final = 1024


class ArgoWorkflowSettings(Model):
    """The `argoWorkflow` block of a trigger template."""

    source: Artifact | None = Field(
        default=None,
        description="Where the object comes from: the Workflow to submit, else what the operation is about, of which kind, "
        "name and namespace count (and, with submit-from, spec.arguments.parameters).",
    )
    operation: str = Field(
        default="",
        description="submit, submit-from (a WorkflowTemplate, ClusterWorkflowTemplate or CronWorkflow), resubmit, retry, "
        "resume, suspend, stop or terminate.",
    )
    parameters: list[TriggerParameter] | None = Field(default=None, description="Values written into the object.")
    args: list[str] | None = Field(
        default=None,
        description="Arguments of the argo command: -p NAME=VALUE, --entrypoint, --name, --generate-name, --labels, "
        "--serviceaccount, --priority, --parameter-file, --from, --memoized, --restart-successful, --node-field-selector, "
        "--message, --selector and others.",
    )
    server: ArgoServer | None = Field(default=None, description="Argo Server; without it the cluster's API is used.")


class ArgoWorkflow(Trigger[ArgoWorkflowSettings, Order]):
    """One operation for each firing.

    What a firing makes has its key in the annotation `eventyard.io/key` and a name derived from it, so that a repetition
    finds it. Any other operation is decided by the Workflow as it is, and by the annotation `eventyard.io/last-key`,
    which Argo Server has no place for.

    Raises Temporary and Permanent; also Temporary if the labels of `policy.k8s` do not appear.
    """

    kind: ClassVar[str] = "argoWorkflow"
    awaits: ClassVar[bool] = True
    cluster: ClassVar[bool] = True
    Settings: ClassVar[type[Model]] = ArgoWorkflowSettings

    workflows: Workflows
    artifacts: Artifacts

    def __init__(
        self,
        settings: ArgoWorkflowSettings,
        context: TriggerContext,
        *,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(settings, context)
        self._environ, self._making = environ, Making(context, clock)
        self._clock, self._sleep, self._chance = clock, sleep, chance

    @classmethod
    def check(cls, settings: Any) -> list[tuple[str, str, str]]:
        assert isinstance(settings, ArgoWorkflowSettings)
        found = [*check_artifact(settings.source), *check_server(settings.server)]
        if settings.operation not in OPERATIONS:
            return found  # the manifest's own check has said so
        args, written = settings.args or (), [parameter.dest for parameter in settings.parameters or ()]
        found += check_args(settings.operation, args)
        return [*found, *check_object(settings.operation, settings.source, args, written)]

    def missing(self) -> str:
        try:
            return "" if self._server() is not None else missing_cluster()
        except Permanent as error:
            return f"Argo Server: {error.what}, {error.fix}"

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.artifacts = await stack.enter_async_context(Artifacts(self.context.secrets))
            self.workflows = await self._open(stack)
            self._opened = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._opened.aclose()

    def render(self, settings: ArgoWorkflowSettings, values: Values) -> Order:
        operation, args = settings.operation or "submit", tuple(settings.args or ())
        if operation not in OPERATIONS:
            raise Permanent(f"unknown operation '{operation}'", fix=f"use one of {', '.join(OPERATIONS)}")
        return Order(operation, args, parse_args(operation, args), draft(settings.source, settings.parameters, values))

    async def fire(self, request: Order, key: str) -> Outcome:
        object = await request.draft.fetch(self.artifacts)
        options = await self._complete(request.options, self.artifacts)
        match request.operation:
            case "submit":
                done = [await self.workflows.create(self._making.submitted(object, options, key), key)]
            case "submit-from":
                done = [await self._submit_from(object, options, key)]
            case "resubmit":
                done = [await self._resubmit(*each, options, key) for each in await self._targets(request, object, key)]
            case operation:
                by = f"trigger {self.context.trigger} of sensor {self.context.sensor}"
                targets = await self._targets(request, object, key)
                operate = self.workflows.operate
                done = [await operate(operation, *each, options, key=key, by=by) for each in targets]
                return await self._outcome(done, {})
        return await self._outcome(done, labels_of(self.context))

    async def documents(self, request: Order, key: str) -> Sequence[Document]:
        async with Artifacts(self.context.secrets) as artifacts:
            object = await request.draft.fetch(artifacts)
            options = await self._complete(request.options, artifacts)
        return [self._making.document(request, object, options, key)]

    async def result(self, started: Mapping[str, Any]) -> Result:
        return await self.workflows.result(started)

    async def _open(self, stack: AsyncExitStack) -> Workflows:
        if (address := self._server()) is not None:
            client = await stack.enter_async_context(
                Client(tls=address.context(self.context.secrets), keep=LARGEST, environ=self._environ)
            )
            return ServerWorkflows(client, address, self.context.secrets, sleep=self._sleep)
        api = await stack.enter_async_context(use_cluster(self.context))
        waits = await stack.enter_async_context(ObjectWaits(api, self.context.spawn))
        return ClusterWorkflows(api, waits, clock=self._clock, sleep=self._sleep, chance=self._chance)

    def _server(self) -> ServerAddress | None:
        return find_server(self.settings.server, self._environ)

    async def _complete(self, options: Options, artifacts: Artifacts) -> Options:
        """With what the environment says, and the parameters of a file; those of the arguments come before them."""
        if not options.instance_id:
            options = replace(options, instance_id=self._environ.get("ARGO_INSTANCEID", ""))
        if options.parameter_file:
            found = await read_parameters(artifacts, options.parameter_file)
            options = replace(options, parameters=(*found, *options.parameters))
        return options

    async def _submit_from(self, object: Object, options: Options, key: str) -> Done:
        origin = self._making.origin(object, options)
        now = rfc3339(self._clock())
        workflow = await self.workflows.begin_from(origin.kind, origin.name, origin.namespace, now)
        self._making.finish(workflow, origin.namespace, origin.options, key)
        return await self.workflows.create_from(origin.kind, origin.name, workflow, key)

    async def _resubmit(self, target: str, namespace: str, options: Options, key: str) -> Done:
        old = await self.workflows.read(target, namespace)
        # One firing makes several Workflows where several are chosen.
        own = f"{key}/{target}" if options.selects else key
        workflow = self._making.finish(resubmitted(old), namespace, options, own)
        if options.memoized:
            take_over(workflow, old, rfc3339(self._clock()))
        return await self.workflows.create(workflow, own)

    async def _targets(self, request: Order, object: Object, key: str) -> list[tuple[str, str]]:
        """Names and namespaces of the Workflows that are meant."""
        options, operation = request.options, request.operation
        namespace, target = self._making.namespace(object, options), str(metadata_of(object).get("name") or "")
        if not options.selects:
            if not target:
                raise Permanent(f"the object needs metadata.name for '{operation}'", fix="name it in the source")
            return [(target, namespace)]
        chosen = await self.workflows.select(namespace, options.selector, options.field_selector)
        # A resubmitted Workflow has the labels of the old one: a repetition of this firing would choose it as well.
        others = (each for each in chosen if not key_of(each).startswith(f"{key}/"))
        targets = [(str(each["metadata"]["name"]), namespace) for each in others if worth(operation, each)]
        # As the command does: it terminates what is chosen, and only that.
        named = [(target, namespace)] if target and operation != "terminate" else []
        return list(dict.fromkeys([*named, *targets]))

    async def _outcome(self, done: Sequence[Done], labels: Mapping[str, str]) -> Outcome:
        """Success, once each Workflow has the labels of the policy. Only a single one can be awaited."""
        for each in done:
            await self._settle(each)
        said = "; ".join(f"{called(each.workflow['metadata']['name'], '')} {each.did}" for each in done)
        waited = {**started(done[0].workflow), "labels": dict(labels)} if len(done) == 1 else None
        return Outcome(answer=said[:_LONGEST_ANSWER] or "the selector chooses no Workflow", started=waited)

    async def _settle(self, done: Done) -> None:
        target, namespace = done.workflow["metadata"]["name"], done.workflow["metadata"]["namespace"]
        await await_labels(
            self.context.policy,
            lambda: self.workflows.read(target, namespace),
            called(target, namespace),
            self.workflows.where,
            sleep=self._sleep,
            chance=self._chance,
        )
