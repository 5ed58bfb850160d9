"""triggers/cluster/waits.py on the real API server; the test plays the controller."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from config.errors import Temporary
from config.kubernetes.access import find_access
from config.kubernetes.cluster import Cluster
from config.kubernetes.failures import Unavailable
from config.kubernetes.resource import Object, Resource
from tests.config.kubernetes.fake_api import GivenAccess
from tests.fakes.sink import Seen, Sink, answer
from tests.servers.kube import Kube
from tests.triggers.kube_stage import ask, path_of, user_kubeconfig
from triggers.base import Result
from triggers.cluster import waits as object_waits
from triggers.cluster.judges import judge_pod
from triggers.cluster.waits import LOST, ObjectWaits

LABELS = {"app": "waits"}


class Watched(Cluster):
    """Counts what is asked."""

    reads = 0
    watches = 0
    before_list: Callable[[], Awaitable[None]] | None = None

    async def get(self, *given: Any, **more: Any) -> Object:
        self.reads += 1
        return await super().get(*given, **more)

    async def page(self, *given: Any, **more: Any) -> Any:
        self.watches += 1
        if self.before_list is not None:
            await self.before_list()
        return await super().page(*given, **more)


@dataclass
class Stage:
    """A namespace with Pods, and waits for them."""

    kube: Kube
    namespace: str
    cluster: Watched
    waits: ObjectWaits
    resource: Resource
    group: asyncio.TaskGroup

    async def pod(self, name: str, labels: dict[str, str] | None = None) -> Object:
        """A new one, that never runs."""
        metadata = {"name": name, "labels": LABELS if labels is None else labels}
        spec = {"containers": [{"name": "c", "image": "busybox"}]}
        pods = path_of(self.namespace, "pods")
        object: Object = await ask(self.kube, "POST", pods, {"metadata": metadata, "spec": spec})
        return object

    async def end(self, pod: Object, phase: str = "Succeeded") -> None:
        """As the kubelet would."""
        path = path_of(self.namespace, "pods", pod["metadata"]["name"]) + "/status"
        await ask(self.kube, "PUT", path, {**(await ask(self.kube, "GET", path)), "status": {"phase": phase}})

    async def delete(self, pod: Object) -> None:
        """At once."""
        path = path_of(self.namespace, "pods", pod["metadata"]["name"])
        await ask(self.kube, "DELETE", f"{path}?gracePeriodSeconds=0")

    async def until(self, pod: Object) -> Result:
        """A wait."""
        which = self.namespace, pod["metadata"]["name"], pod["metadata"]["uid"]
        return await self.waits.until(self.resource, *which, judge_pod, labels=LABELS)

    def wait(self, pod: Object) -> asyncio.Task[Result]:
        """The same in a task of its own."""
        return self.group.create_task(self.until(pod))

    async def watching(self, watches: int = 1, reads: int = 1) -> None:
        """Wait until so much has been asked."""
        async with asyncio.timeout(10):
            while self.cluster.watches < watches or self.cluster.reads < reads:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@asynccontextmanager
async def stage(kube: Kube, kubeconfig: Any = None) -> AsyncIterator[Stage]:
    namespace = await asyncio.to_thread(kube.namespace)
    async with (
        asyncio.TaskGroup() as group,
        Watched(find_access(kubeconfig=kubeconfig or kube.kubeconfig)) as cluster,
        ObjectWaits(cluster, group.create_task) as waits,
    ):
        resource = await cluster.find("v1", "Pod")
        yield Stage(kube, namespace, cluster, waits, resource, group)


async def test_an_end_that_is_long_past(kube: Kube) -> None:
    async with stage(kube) as there:
        pod = await there.pod("p")
        await there.end(pod)
        result = await there.wait(pod)
        assert (result.phase, result.ok) == ("Succeeded", True)
        assert result.object["metadata"]["name"] == "p"


async def test_an_end_that_comes(kube: Kube) -> None:
    async with stage(kube) as there:
        pod = await there.pod("p")
        wait = there.wait(pod)
        await there.watching()
        await there.end(pod, "Failed")
        assert (await wait).phase == "Failed"


async def test_many_waits_share_one_watch(kube: Kube) -> None:
    async with stage(kube) as there:
        pods = [await there.pod(f"p{number}") for number in range(40)]
        waits = [there.wait(pod) for pod in pods]
        await there.watching(1, 40)
        for pod in pods:
            await there.end(pod)
        assert {(await wait).phase for wait in waits} == {"Succeeded"}
        assert there.cluster.watches == 1
        assert there.cluster.reads == 40
        # Nobody waits any more, so nothing is watched; another wait begins anew.
        last = await there.pod("last")
        wait = there.wait(last)
        await there.watching(2, 41)
        await there.end(last)
        await wait
        assert there.cluster.watches == 2


async def test_two_wait_for_the_same(kube: Kube) -> None:
    async with stage(kube) as there:
        pod = await there.pod("p")
        waits = [there.wait(pod), there.wait(pod)]
        await there.watching(1, 2)
        await there.end(pod)
        assert [(await wait).ok for wait in waits] == [True, True]


async def test_a_deleted_object_is_lost(kube: Kube) -> None:
    async with stage(kube) as there:
        pod = await there.pod("p")
        wait = there.wait(pod)
        await there.watching()
        await there.delete(pod)
        assert await wait == LOST
        assert await there.wait(pod) == LOST
        again = await there.pod("p")
        assert again["metadata"]["uid"] != pod["metadata"]["uid"]
        assert await there.wait(pod) == LOST


async def test_the_last_state_of_a_deleted_object_counts(kube: Kube) -> None:
    async with stage(kube) as there:
        pod = await there.pod("p")
        wait = there.wait(pod)
        await there.watching()
        await there.end(pod)
        await there.delete(pod)
        assert (await wait).phase == "Succeeded"


async def test_who_waits_for_a_deletion(kube: Kube) -> None:
    async with stage(kube) as there:
        pod = await there.pod("p")
        metadata = pod["metadata"]
        gone = Result(phase="Deleted", ok=True)
        wait = there.group.create_task(
            there.waits.until(
                there.resource, there.namespace, "p", metadata["uid"], lambda _: None, labels=LABELS, gone=gone
            )
        )
        await there.watching()
        await there.delete(pod)
        assert await wait == gone


@pytest.mark.parametrize("when", ["before", "while"])
async def test_an_object_that_loses_its_labels_is_not_lost(kube: Kube, when: str) -> None:
    async with stage(kube) as there:
        pod = await there.pod("p", {} if when == "before" else LABELS)
        wait = there.wait(pod)
        if when == "while":
            await there.watching()
            path = path_of(there.namespace, "pods", "p")
            live = await ask(kube, "GET", path)
            live["metadata"]["labels"] = {}
            await ask(kube, "PUT", path, live)
        await there.watching(2 if when == "while" else 1, 2)
        await there.end(pod)
        assert (await wait).phase == "Succeeded"


async def test_leaving_ends_the_watch(kube: Kube) -> None:
    async with stage(kube) as there:
        wait = there.wait(await there.pod("p"))
        await there.watching()
        wait.cancel()
    assert wait.cancelled()


async def test_leaving_while_somebody_waits(kube: Kube) -> None:
    namespace = await asyncio.to_thread(kube.namespace)
    async with asyncio.TaskGroup() as group, Watched(find_access(kubeconfig=kube.kubeconfig)) as cluster:
        async with ObjectWaits(cluster, group.create_task) as waits:
            there = Stage(kube, namespace, cluster, waits, await cluster.find("v1", "Pod"), group)
            wait = there.wait(await there.pod("p"))
            await there.watching()
        wait.cancel()


async def test_rights_may_come_later(kube: Kube, tmp_path: Any) -> None:
    async with stage(kube, user_kubeconfig(kube, tmp_path)) as there:
        pod = await there.pod("p")
        there.kube.grant(there.namespace, ["get"], ["pods"])
        with pytest.raises(Temporary, match="cannot list resource") as error:
            await there.until(pod)
        assert "verbs: [list]" in error.value.fix
        there.kube.grant(there.namespace, ["list", "watch"], ["pods"])
        wait = there.wait(pod)
        await there.watching(2, 2)
        await there.end(pod)
        assert (await wait).ok


async def test_a_server_that_dies_and_comes_back() -> None:
    with Kube() as kube:
        async with stage(kube) as there:
            pods = [await there.pod(f"p{number}") for number in range(3)]
            waits = [there.wait(pod) for pod in pods]
            await there.watching(1, 3)
            await there.end(pods[0])
            assert (await waits[0]).ok
            await asyncio.to_thread(kube.kill)
            await asyncio.to_thread(kube.start)
            await there.end(pods[1])
            assert (await waits[1]).ok
            await there.delete(pods[2])
            assert await waits[2] == LOST


async def test_what_went_before_the_first_list_is_looked_at_again(kube: Kube) -> None:
    async with stage(kube) as there:
        pod = await there.pod("p")

        async def delete() -> None:
            await there.watching(0, 1)
            await there.delete(pod)

        there.cluster.before_list = delete
        assert await there.wait(pod) == LOST
        assert there.cluster.reads == 2


async def test_a_watch_that_cannot_come_back_is_told(kube: Kube, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_waits, "PATIENCE", 0.0)

    async def fail() -> None:
        await there.watching(0, 1)
        raise Unavailable("out of order", where="here")

    async with stage(kube) as there:
        there.cluster.before_list = fail
        pod = await there.pod("p")
        with pytest.raises(Temporary, match="out of order"):
            await there.until(pod)


async def test_what_should_not_happen_is_told_too(kube: Kube) -> None:
    async def fail() -> None:
        await there.watching(0, 1)
        raise RuntimeError("surprise")

    async with stage(kube) as there:
        there.cluster.before_list = fail
        with pytest.raises(Temporary, match="RuntimeError: surprise"):
            await there.until(await there.pod("p"))


async def test_a_server_that_has_forgotten_what_happened() -> None:
    """Its answer to the watch is 410, and the Pod has ended meanwhile."""
    lists: list[str] = []

    def pod(phase: str, version: str) -> dict[str, Any]:
        metadata = {"name": "p", "uid": "u1", "resourceVersion": version, "labels": LABELS}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "status": {"phase": phase}}

    def respond(seen: Seen) -> bytes:
        if "watch=true" in seen.target:
            refusal = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}
            return answer(body=orjson.dumps({"type": "ERROR", "object": refusal}) + b"\n")
        if "?" not in seen.target:
            return answer(body=orjson.dumps(pod("Running", "5")))
        lists.append(seen.target)
        listed = pod("Running", "5") if len(lists) == 1 else pod("Succeeded", "8")
        return answer(body=orjson.dumps({"items": [listed], "metadata": {"resourceVersion": "9"}}))

    resource = Resource(group="", version="v1", kind="Pod", plural="pods", namespaced=True)
    async with (
        Sink(usual=respond) as sink,
        asyncio.TaskGroup() as group,
        Cluster(GivenAccess(sink.url)) as cluster,
        ObjectWaits(cluster, group.create_task) as waits,
    ):
        result = await waits.until(resource, "here", "p", "u1", judge_pod, labels=LABELS)
    assert result.phase == "Succeeded"
    assert len(lists) == 2
    assert "labelSelector=app%3Dwaits" in lists[0]
