"""What tests of cluster triggers share: the real API server's cluster, contexts with tasks, and objects played with."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.sensor import TriggerPolicy
from tests.fakes.values import context
from tests.servers.kube import Kube
from triggers.base import TriggerContext


@contextmanager
def configured(kubeconfig: Path) -> Iterator[None]:
    """The cluster of this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBECONFIG", str(kubeconfig))
        yield


@asynccontextmanager
async def staged(namespace: str, policy: TriggerPolicy | None = None) -> AsyncIterator[TriggerContext]:
    """A trigger's context whose tasks have to end by themselves."""
    async with asyncio.TaskGroup() as group:
        yield dataclasses.replace(context(policy), namespace=namespace, spawn=group.create_task)


def user_kubeconfig(kube: Kube, folder: Path) -> Path:
    """As the user who may do nothing until `grant`."""
    text = kube.kubeconfig.read_text().replace("current-context: admin", "current-context: eventyard")
    (folder / "user").write_text(text)
    return folder / "user"


def path_of(namespace: str, plural: str, name: str = "", group: str = "") -> str:
    """Of an object, or of all."""
    root = f"/apis/{group}" if group else "/api/v1"
    return f"{root}/namespaces/{namespace}/{plural}" + (f"/{name}" if name else "")


async def ask(kube: Kube, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """One request as admin."""
    return await asyncio.to_thread(kube.call, method, path, body)


async def play(kube: Kube, path: str, **fields: Any) -> Any:
    """Change an object as its controller would: `status=…`."""
    object = await ask(kube, "GET", path)
    return await ask(kube, "PUT", path, {**object, **fields})
