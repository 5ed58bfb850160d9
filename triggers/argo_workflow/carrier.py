"""Where Workflows are operated on: the API of a cluster, or Argo Server. What both do, and the contract they share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from config.errors import EventyardError
from config.kubernetes.resource import Object
from triggers.argo_workflow.args import Options
from triggers.argo_workflow.object import KIND
from triggers.base import Result

DONE: Final[Mapping[str, str]] = {
    "retry": "retried",
    "resume": "resumed",
    "suspend": "suspended",
    "stop": "stopped",
    "terminate": "terminated",
}
"""What an operation on a Workflow has done, in words."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words, and the Workflow afterwards."""

    did: str
    workflow: Object


class Workflows(ABC):
    """Raises Temporary and Permanent; both name the Workflow, and where it was looked for."""

    where: str

    @abstractmethod
    async def create(self, workflow: Object, key: str) -> Done:
        """Make a Workflow that has a name, a namespace and the key; one that this firing has made already will do."""

    @abstractmethod
    async def begin_from(self, kind: str, name: str, namespace: str, at: str) -> Object:
        """The Workflow that a template or a CronWorkflow leads to, without options; `at` is now, as RFC 3339."""

    @abstractmethod
    async def create_from(self, kind: str, name: str, workflow: Object, key: str) -> Done:
        """Make what `begin_from` began."""

    @abstractmethod
    async def read(self, name: str, namespace: str) -> Object:
        """The Workflow of that name."""

    @abstractmethod
    async def select(self, namespace: str, labels: str, fields: str) -> list[Object]:
        """The Workflows that both selectors choose."""

    @abstractmethod
    async def operate(self, operation: str, name: str, namespace: str, options: Options, *, key: str, by: str) -> Done:
        """One of `DONE` to a Workflow; nothing where it is done already. `by` says in words who does it."""

    @abstractmethod
    async def result(self, started: Mapping[str, Any]) -> Result:
        """Wait until a Workflow has ended."""


def called(name: str, namespace: str, kind: str = KIND) -> str:
    """`Workflow 'ci-4tq' in namespace 'build'`"""
    return f"{kind} '{name}'" + (f" in namespace '{namespace}'" if namespace else "")


def about(error: EventyardError, name: str, namespace: str, where: str) -> EventyardError:
    """The error, saying which Workflow it is about."""
    return type(error)(f"{called(name, namespace)}: {error.what}", where=where, fix=error.fix)
