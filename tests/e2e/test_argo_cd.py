"""A real `eventyard run`, a real API server, and a stand-in for Argo CD's: the examples of argoCD, each with its effect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running_examples import Running, running
from tests.fakes.argo_cd import TOKEN, FakeArgoCD, application
from tests.servers.kube import Kube
from tests.triggers.kube_stage import ask, path_of
from triggers.argo_cd.order import REFRESH

API = "argoproj.io/v1alpha1"


async def make(there: Running, name: str, **fields: Any) -> None:
    """An Application that is there before."""
    made = {**application(name, **fields), "apiVersion": API, "kind": "Application"}
    await there.make("applications", {**made, "metadata": {"name": name}})


async def operation(there: Running, name: str) -> Any:
    """What an Application has been told to do."""
    found = await there.until(lambda object: "operation" in object, "applications", name)
    return found["operation"]


async def end(there: Running, name: str, health: str) -> None:
    """Argo CD has done what an Application was told, and looked what came of it."""
    path = path_of(there.namespace, "applications", name, API)
    live = await ask(there.kube, "GET", path)
    done = live.pop("operation")
    live["status"]["history"].append({"id": 3, "source": live["spec"]["source"], **done["sync"]})
    live["status"] |= {
        "operationState": {"operation": done, "phase": "Succeeded", "finishedAt": "2026-03-14T15:09:26Z"},
        "reconciledAt": "2026-03-14T15:09:27Z",
        "health": {"status": health},
    }
    await ask(there.kube, "PUT", path, live)


async def test_all_of_them(kube: Kube, tmp_path: Path) -> None:
    async with running(kube, tmp_path, "argo-cd") as there:
        for name in ("shop", "mail", "blog"):
            await make(there, name)
        await make(there, "stuck", operation={"sync": {}}, status={"operationState": {"phase": "Running"}})
        await there.send("builds", application="shop", commit="8f14e45")
        assert await operation(there, "shop") == {
            "initiatedBy": {"username": "eventyard"},
            "info": [{"name": "reason", "value": "build passed"}],
            "retry": {"limit": 3, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
            "sync": {"revision": "8f14e45", "prune": True, "syncOptions": ["CreateNamespace=true"]},
        }
        await there.send("outages", application="mail")
        assert (await operation(there, "mail"))["sync"]["revision"] == "sha-1"
        await there.send("pushes", application="blog")
        await there.until(
            lambda object: object["metadata"].get("annotations", {}).get(REFRESH) == "hard", "applications", "blog"
        )
        await there.send("stuck", application="stuck")
        await there.until(
            lambda object: object["status"]["operationState"]["phase"] == "Terminating", "applications", "stuck"
        )


async def test_through_its_server(kube: Kube, tmp_path: Path) -> None:
    async with FakeArgoCD() as server:
        environ = {"EVENTYARD_SECRET_ARGOCD_TOKEN": TOKEN}
        replaced = {"https://argocd.example": server.url}
        async with running(kube, tmp_path, "argo-cd", environ=environ, replaced=replaced) as there:
            await there.send("charts", application="shop", version="1.4.2")
            await server.called(2)
        assert server.applications["shop"]["operation"]["sync"] == {"revision": "1.4.2"}


@pytest.mark.timeout(120)
async def test_the_end_of_one_is_an_event_for_another(kube: Kube, tmp_path: Path) -> None:
    async with running(kube, tmp_path, "argo-cd") as there:
        await make(there, "shop")
        await there.send("versions", tag="v2")
        assert (await operation(there, "shop"))["sync"] == {"revision": "v2"}
        await end(there, "shop", "Degraded")
        # The Sensor `after-release` rolls it back.
        assert (await operation(there, "shop"))["sync"]["revision"] == "sha-2"
        await there.program.until_said("what it started ended: Degraded")
