"""One operation on a Workflow as it is to be carried out: what it is about, and everything a new Workflow is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from config.errors import Permanent
from config.kubernetes.resource import Object
from triggers.argo_workflow.args import Options
from triggers.argo_workflow.object import (
    API_VERSION,
    CRON,
    KIND,
    LAST_KEY,
    apply_options,
    be_workflow,
    from_template,
    given_parameters,
    origin_kind,
)
from triggers.argo_workflow.states import SHUTDOWN
from triggers.artifacts import describe
from triggers.base import Document, Rendered, TriggerContext
from triggers.cluster.object import Draft, mark, metadata_of, name, stamp
from triggers.text import one_line, printable


@dataclass(frozen=True, slots=True)
class Order(Rendered):
    """One operation, the arguments of the command for it, and what it is about."""

    operation: str
    args: tuple[str, ...]
    options: Options
    draft: Draft

    def show(self, limit: int = 1024) -> str:
        """`submit Workflow build/ci-  {"apiVersion":…}`"""
        object, words = self.draft.object, " ".join((self.operation, *self.args))
        if object is None:
            return one_line(f"{words} {describe(self.draft.source)}", b"", limit)
        metadata = object.get("metadata")
        metadata = metadata if isinstance(metadata, Mapping) else {}
        parts = (metadata.get("namespace"), metadata.get("name") or metadata.get("generateName"))
        head = f"{words} {object.get('kind', KIND)} {'/'.join(str(part) for part in parts if part)}"
        return one_line(head, orjson.dumps(object), limit)

    def view(self) -> dict[str, Any]:
        view: dict[str, Any] = {"operation": self.operation, "source": printable(describe(self.draft.source))}
        if self.args:
            view["args"] = list(self.args)
        if self.draft.object is not None:
            view["object"] = dict(self.draft.object)
        return view


@dataclass(frozen=True, slots=True)
class Origin:
    """What a Workflow is submitted from, with the options it is submitted with."""

    kind: str
    name: str
    namespace: str
    options: Options


@dataclass(frozen=True, slots=True)
class Making:
    """Makes new Workflows for one trigger."""

    context: TriggerContext
    clock: Callable[[], float]

    def namespace(self, object: Object, options: Options) -> str:
        """Where an operation takes place: by the arguments, else by the object, else where the Sensor is."""
        return options.namespace or str(metadata_of(object).get("namespace") or self.context.namespace)

    def submitted(self, object: Object, options: Options, key: str) -> Object:
        """The Workflow of `submit`; a namespace of its own counts for more than that of the arguments. Raises Permanent."""
        be_workflow(object)
        own = str(metadata_of(object).get("namespace") or "")
        return self.finish(object, own or self.namespace(object, options), options, key)

    def origin(self, object: Object, options: Options) -> Origin:
        """What `submit-from` is about. Raises Permanent."""
        kind, called = options.origin or (object.get("kind"), metadata_of(object).get("name"))
        if not called:
            raise Permanent("the object needs metadata.name for 'submit-from'", fix="name the template in the source")
        options = replace(options, parameters=(*given_parameters(object), *options.parameters))
        return Origin(origin_kind(str(kind)), str(called), self.namespace(object, options), options)

    def finish(self, workflow: Object, namespace: str, options: Options, key: str) -> Object:
        """The Workflow with all that it is given before it is made. Raises Permanent."""
        apply_options(workflow, options)
        metadata_of(workflow)["namespace"] = namespace
        stamp(workflow, self.context, self.clock())
        mark(workflow, key)
        name(workflow, key)
        if not metadata_of(workflow).get("name"):
            raise Permanent("the Workflow has neither a name nor a generateName", fix="give metadata.generateName")
        return workflow

    def document(self, order: Order, object: Object, options: Options, key: str) -> Document:
        """What carrying out an order does to the objects of a cluster, as far as that can be known without one."""
        operation, args = order.operation, order.args
        if operation == "submit":
            return Document("create", self.submitted(object, options, key))
        if operation == "submit-from":
            origin = self.origin(object, options)
            if origin.kind == CRON:
                return Document(operation, _about(CRON, origin.name, origin.namespace, args))
            workflow = from_template(origin.kind, origin.name)
            return Document("create", self.finish(workflow, origin.namespace, origin.options, key))
        target, namespace = str(metadata_of(object).get("name") or ""), self.namespace(object, options)
        if operation == "suspend":
            spec: dict[str, Any] = {"suspend": True}
        elif operation in SHUTDOWN and not options.nodes and not options.selects:
            spec = {"shutdown": SHUTDOWN[operation]}
        else:
            return Document(operation, _about(KIND, target, namespace, args))
        patch = _about(KIND, target, namespace, ())
        patch["metadata"]["annotations"] = {LAST_KEY: key}
        return Document("patch", {**patch, "spec": spec})


def _about(kind: str, target: str, namespace: str, args: Sequence[str]) -> dict[str, Any]:
    metadata = {part: value for part, value in (("name", target), ("namespace", namespace)) if value}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, **({"args": list(args)} if args else {})}
