"""Against a real server, its death included; `test_watch_interrupted` has what only a scripted one can be made to do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import uvloop

from config.kubernetes.access import find_access
from config.kubernetes.cluster import ALL, Cluster
from config.kubernetes.failures import Forbidden, Unreachable
from config.kubernetes.resource import Object, Resource
from config.kubernetes.watch import Change, Known, Watch
from tests.servers.kube import Kube

ARGO = "argoproj.io/v1alpha1"


def workflow(name: str, **labels: str) -> Object:
    return {"apiVersion": ARGO, "kind": "Workflow", "metadata": {"name": name, "labels": labels}}


def told(changes: Any) -> list[tuple[str, str]]:
    return [(change.type, change.object["metadata"]["name"]) for change in changes]


async def until_complete(watch: Watch) -> list[Change]:
    """The changes of a whole list."""
    changes: list[Change] = []
    async for batch in watch:
        assert batch.listed
        changes += batch.changes
        if batch.complete:
            break
    return changes


async def take(watch: Watch, count: int) -> list[Change]:
    """So many changes at least."""
    changes: list[Change] = []
    async with asyncio.timeout(60):
        while len(changes) < count:
            changes += (await anext(aiter(watch))).changes
    return changes


async def test_what_is_there_and_what_happens(cluster: Cluster, namespace: str) -> None:
    workflows = await cluster.find(ARGO, "Workflow")
    before = await cluster.create(workflow("before"), namespace=namespace)
    async with Watch(cluster, workflows, namespace=namespace, known=Known(keep=True)) as watch:
        assert await until_complete(watch) == [Change(type="ADDED", object=before)]
        made = await cluster.create(workflow("a"), namespace=namespace)
        changed = await cluster.patch(workflows, "a", {"spec": {"x": 1}}, namespace=namespace)
        await cluster.delete(workflows, "a", namespace=namespace)
        changes = await take(watch, 3)
        assert changes[:2] == [
            Change(type="ADDED", object=made),
            Change(type="MODIFIED", object=changed, before=made),
        ]
        gone = changes[2]
        assert (gone.type, gone.before, gone.object["spec"]) == ("DELETED", changed, {"x": 1})
        assert gone.uid == made["metadata"]["uid"]
        assert int(gone.version) > int(changed["metadata"]["resourceVersion"])


async def test_objects_of_the_server_itself_in_all_namespaces(cluster: Cluster, namespace: str) -> None:
    maps = await cluster.find("v1", "ConfigMap")
    async with Watch(cluster, maps, namespace=ALL) as watch:
        known = {change.object["metadata"]["namespace"] for change in await until_complete(watch)}
        assert "kube-system" in known
        await cluster.create(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": namespace}}
        )
        [change] = await take(watch, 1)
        assert change.object["metadata"]["namespace"] == namespace
        assert (change.object["apiVersion"], change.object["kind"]) == ("v1", "ConfigMap")


async def test_an_object_comes_and_goes_with_the_selector(cluster: Cluster, namespace: str) -> None:
    workflows = await cluster.find(ARGO, "Workflow")
    await cluster.create(workflow("a", on="yes"), namespace=namespace)
    await cluster.create(workflow("b", on="no"), namespace=namespace)
    async with Watch(cluster, workflows, namespace=namespace, labels="on=yes", fields="metadata.name!=c") as watch:
        assert told(await until_complete(watch)) == [("ADDED", "a")]
        await cluster.create(workflow("c", on="yes"), namespace=namespace)
        for name, on in (("b", "yes"), ("a", "no")):
            await cluster.patch(workflows, name, {"metadata": {"labels": {"on": on}}}, namespace=namespace)
        assert told(await take(watch, 2)) == [("ADDED", "b"), ("DELETED", "a")]


async def test_what_happened_while_nobody_listened(cluster: Cluster, namespace: str) -> None:
    workflows = await cluster.find(ARGO, "Workflow")
    await cluster.create(workflow("a"), namespace=namespace)
    await cluster.create(workflow("b"), namespace=namespace)
    async with Watch(cluster, workflows, namespace=namespace) as watch:
        await until_complete(watch)
        # Dealt with is what came before the batch that is asked for now.
        waiting = asyncio.ensure_future(anext(aiter(watch)))
        await cluster.create(workflow("c"), namespace=namespace)
        await waiting
        kept = watch.known.dump()
    await cluster.delete(workflows, "a", namespace=namespace)
    await cluster.patch(workflows, "b", {"spec": {}}, namespace=namespace)
    async with Watch(cluster, workflows, namespace=namespace, known=Known.load(kept)) as watch:
        changes = await take(watch, 3)
        assert told(changes) == [("ADDED", "c"), ("DELETED", "a"), ("MODIFIED", "b")]
        # From the server's history, so the deleted one is whole.
        assert changes[1].object["kind"] == "Workflow"


async def test_what_is_known_of_something_else_says_nothing(cluster: Cluster, namespace: str) -> None:
    workflows = await cluster.find(ARGO, "Workflow")
    await cluster.create(workflow("a"), namespace=namespace)
    known = Known()
    async with Watch(cluster, workflows, namespace=namespace, known=known) as watch:
        await until_complete(watch)
    async with Watch(cluster, workflows, namespace=namespace, labels="!x", known=known) as watch:
        assert told(await until_complete(watch)) == [("ADDED", "a")]


async def test_a_version_that_the_server_has_forgotten(cluster: Cluster, namespace: str) -> None:
    workflows = await cluster.find(ARGO, "Workflow")
    for name in "abc":
        await cluster.create(workflow(name), namespace=namespace)
    known = Known()
    async with Watch(cluster, workflows, namespace=namespace, known=known) as watch:
        await until_complete(watch)
        waiting = asyncio.ensure_future(anext(aiter(watch)))
        await cluster.create(workflow("d"), namespace=namespace)
        await waiting
    await cluster.delete(workflows, "a", namespace=namespace)
    await cluster.patch(workflows, "b", {"spec": {}}, namespace=namespace)
    # Before the first custom resource: the server answers 410.
    known.version = "1"
    async with Watch(cluster, workflows, namespace=namespace, known=known) as watch:
        changes = await take(watch, 3)
        assert told(changes) == [("MODIFIED", "b"), ("ADDED", "d"), ("DELETED", "a")]
        assert changes[2].object.keys() == {"metadata"}


async def test_who_may_not_is_told_at_once(stranger: Cluster, namespace: str) -> None:
    async with Watch(stranger, await stranger.find(ARGO, "Workflow"), namespace=namespace) as watch:
        with pytest.raises(Forbidden) as caught:
            await anext(aiter(watch))
        assert "verbs: [list]" in caught.value.fix


async def test_who_may_list_but_not_watch_is_told_when_patience_ends(
    kube: Kube, stranger: Cluster, namespace: str
) -> None:
    await asyncio.to_thread(kube.grant, namespace, ["list"], ["workflows"], "argoproj.io")
    async with Watch(stranger, await stranger.find(ARGO, "Workflow"), namespace=namespace, patience=0.0) as watch:
        assert await until_complete(watch) == []
        with pytest.raises(Forbidden) as caught:
            await anext(aiter(watch))
        assert "verbs: [watch]" in caught.value.fix


@pytest.fixture
def own() -> Iterator[Kube]:
    """A server that may be killed."""
    if missing := Kube.missing():
        pytest.skip(missing)
    with Kube() as kube:
        kube.install_crds()
        yield kube


async def test_a_server_that_is_killed_and_started_again(own: Kube) -> None:
    space = own.namespace()
    async with Cluster(find_access(kubeconfig=own.kubeconfig)) as cluster:
        workflows, maps = await cluster.find(ARGO, "Workflow"), await cluster.find("v1", "ConfigMap")
        for name in "abc":
            await cluster.create(workflow(name), namespace=space)
        seen: dict[str, list[tuple[str, str]]] = {"workflows": [], "maps": []}
        most = {"workflows": 6, "maps": 1}
        ends = {"workflows": asyncio.Event(), "maps": asyncio.Event()}
        listed = {"workflows": asyncio.Event(), "maps": asyncio.Event()}

        async def follow(name: str, resource: Resource) -> None:
            async with Watch(cluster, resource, namespace=space, patience=60.0) as watch:
                async for batch in watch:
                    seen[name] += told(batch.changes)
                    listed[name].set()
                    if len(seen[name]) >= most[name]:
                        ends[name].set()

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(follow("workflows", workflows)), group.create_task(follow("maps", maps))]
            for event in listed.values():
                await event.wait()
            await asyncio.to_thread(own.kill)
            await asyncio.to_thread(own.start)
            # Some of this happens before the watches are back.
            await cluster.delete(workflows, "a", namespace=space)
            await cluster.patch(workflows, "b", {"spec": {"x": 1}}, namespace=space)
            for one in (workflow("end"), {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "end"}}):
                await cluster.create(one, namespace=space)
            async with asyncio.timeout(60):
                for event in ends.values():
                    await event.wait()
            for task in tasks:
                task.cancel()
        assert sorted(seen["workflows"]) == [
            ("ADDED", "a"),
            ("ADDED", "b"),
            ("ADDED", "c"),
            ("ADDED", "end"),
            ("DELETED", "a"),
            ("MODIFIED", "b"),
        ]
        assert seen["maps"] == [("ADDED", "end")]


async def test_a_server_that_stays_away_is_given_up_in_time(own: Kube) -> None:
    async with Cluster(find_access(kubeconfig=own.kubeconfig)) as cluster:
        workflows = await cluster.find(ARGO, "Workflow")
        known = Known()
        async with Watch(cluster, workflows, known=known, patience=0.5) as watch:
            await until_complete(watch)
            await asyncio.to_thread(own.kill)
            with pytest.raises(Unreachable):
                async with asyncio.timeout(30):
                    await anext(aiter(watch))
        # Whoever comes back with what is known goes on.
        await asyncio.to_thread(own.start)
        await cluster.create(workflow("a"))
        async with Watch(cluster, workflows, known=known, patience=60.0) as watch:
            assert told(await take(watch, 1)) == [("ADDED", "a")]


def test_on_uvloop(kube: Kube) -> None:
    async def follow() -> None:
        async with Cluster(find_access(kubeconfig=kube.kubeconfig)) as cluster:
            workflows = await cluster.find(ARGO, "Workflow")
            space = await asyncio.to_thread(kube.namespace)
            async with Watch(cluster, workflows, namespace=space) as watch:
                await until_complete(watch)
                await cluster.create(workflow("a"), namespace=space)
                assert told(await take(watch, 1)) == [("ADDED", "a")]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(follow())


async def test_a_large_object(cluster: Cluster, namespace: str) -> None:
    workflows = await cluster.find(ARGO, "Workflow")
    async with Watch(cluster, workflows, namespace=namespace) as watch:
        await until_complete(watch)
        await cluster.create({**workflow("a"), "spec": {"x": "y" * 900_000}}, namespace=namespace)
        [change] = await take(watch, 1)
        assert len(change.object["spec"]["x"]) == 900_000
