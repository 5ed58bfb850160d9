"""eventsources/resource/adapter.py against a real API server: what every source promises, what is told and how it looks."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from config.errors import EventyardError
from eventsources.http.server import HttpListeners
from eventsources.resource.adapter import Resource
from tests.contract.eventsource import EventSourceContract
from tests.eventsources.resource_stage import Arrivals, Stage, staged, version_of
from tests.servers.kube import Kube

WORKFLOW = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "spec": {}}

REFUSED = 1.5
"""Seconds without a note after which an object counts as not taken note of."""


@pytest.fixture
async def scene(kube: Kube) -> Stage:
    return await staged(kube)


class TestContract(EventSourceContract):
    """Acknowledged is what is noted: it is not told again after a restart."""

    @pytest.fixture(autouse=True)
    def _scene(self, scene: Stage) -> None:
        self.scene = scene

    def make(self, http: HttpListeners) -> Resource:
        self.scene.notes.value = None
        return self.scene.source(http, filter={"afterStart": True})

    async def happen(self, http: HttpListeners) -> bool:
        made = await self.scene.create()
        return await self.scene.notes.until(made["metadata"]["name"], version_of(made), REFUSED)


class TestData:
    async def test_shape(self, scene: Stage) -> None:
        emit = Arrivals()
        async with scene.running(emit, metadata={"z": "1", "a": "2"}):
            made = await scene.create("x", a="1")
            await emit.until(1)
            changed = await scene.change("x", a="2")
            await emit.until(2)
            await scene.delete("x")
            events = await emit.until(3)
        rest = [("group", ""), ("version", "v1"), ("resource", "configmaps"), ("metadata", {"a": "2", "z": "1"})]
        added, updated, deleted = (list(event.json().items()) for event in events)
        assert added == [("type", "ADD"), ("body", made), ("oldBody", None), *rest]
        assert updated == [("type", "UPDATE"), ("body", changed), ("oldBody", made), *rest]
        (_, type), (_, gone), *others = deleted
        assert (type, gone["data"], others) == ("DELETE", {"a": "2"}, [("oldBody", None), *rest])
        assert {event.type for event in events} == {"resource"}
        assert [event.id.rpartition(".")[2] for event in events] == ["ADD", "UPDATE", "DELETE"]
        assert made["metadata"]["uid"] in events[0].id
        assert version_of(made) in events[0].id

    async def test_of_any_resource_in_all_namespaces(self, scene: Stage) -> None:
        group = {"namespace": "", "group": "argoproj.io", "version": "v1alpha1", "resource": "workflows"}
        emit = Arrivals()
        async with scene.running(emit, **group, filter={"afterStart": True}):
            path = f"/apis/argoproj.io/v1alpha1/namespaces/{scene.namespace}/workflows"
            made = await asyncio.to_thread(scene.kube.call, "POST", path, {**WORKFLOW, "metadata": {"name": "w"}})
            (event,) = await emit.until(1)
        assert event.json()["body"] == made
        assert [event.json()[name] for name in ("group", "version", "resource")] == list(group.values())[1:]

    async def test_of_a_resource_without_namespaces(self, scene: Stage) -> None:
        emit = Arrivals()
        only = {"fields": [{"key": "metadata.name", "operation": "==", "value": f"^{scene.namespace}$"}]}
        async with scene.running(emit, namespace="", resource="namespaces", filter=only):
            (event,) = await emit.until(1)
        assert (event.json()["body"]["kind"], emit.told()) == ("Namespace", [("ADD", scene.namespace)])

    def test_an_event_made_by_hand(self, kube: Kube) -> None:
        settings = Stage(kube, "n", kube.kubeconfig).settings(eventTypes=["UPDATE"], metadata={"a": "b"})
        data = Resource.wrap(settings, b'{"kind": "ConfigMap"}', {})
        assert data == (
            b'{"type":"UPDATE","body":{"kind":"ConfigMap"},"oldBody":null,'
            b'"group":"","version":"v1","resource":"configmaps","metadata":{"a":"b"}}'
        )
        with pytest.raises(EventyardError, match="no object"):
            Resource.wrap(settings, b"{", {})

    def test_what_start_up_says(self, kube: Kube) -> None:
        scene = Stage(kube, "shop", kube.kubeconfig)
        assert Resource.describe(scene.settings(), "") == "ADD, UPDATE, DELETE of configmaps in namespace shop"
        other = scene.settings(namespace="", group="apps", resource="deployments", eventTypes=["ADD"])
        assert Resource.describe(other, "") == "ADD of deployments.apps in all namespaces"


class TestWhatIsTold:
    async def test_what_is_there_is_added(self, scene: Stage) -> None:
        await scene.create("a")
        await scene.create("b")
        emit = Arrivals()
        async with scene.running(emit):
            await emit.until(2)
            await scene.create("c")
            await emit.until(3)
        assert sorted(emit.told()) == [("ADD", "a"), ("ADD", "b"), ("ADD", "c")]

    async def test_more_than_one_page(self, scene: Stage) -> None:
        names = [f"cm-{number:03}" for number in range(620)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda name: scene.kube.call("POST", scene.path(), {"metadata": {"name": name}}), names))
        emit = Arrivals()
        async with scene.running(emit):
            await emit.until(len(names))
            await scene.delete("cm-619")
            await emit.until(len(names) + 1)
        assert emit.told() == [("ADD", name) for name in names] + [("DELETE", "cm-619")]

    async def test_only_what_happens_after_the_start(self, scene: Stage) -> None:
        """However soon after it, and to whatever was there."""
        await scene.create("a")
        emit = Arrivals()
        async with scene.running(emit, filter={"afterStart": True}):
            await scene.create("b")
            await scene.change("a", x="1")
            await scene.delete("a")
            await emit.until(3)
        assert emit.told() == [("ADD", "b"), ("UPDATE", "a"), ("DELETE", "a")]

    @pytest.mark.parametrize("types", [["ADD"], ["UPDATE"], ["DELETE"], ["DELETE", "ADD"]])
    async def test_only_what_was_asked_for(self, scene: Stage, types: list[str]) -> None:
        emit = Arrivals()
        async with scene.running(emit, eventTypes=types):
            await scene.create("a")
            await scene.change("a", x="1")
            await scene.delete("a")
            await emit.until(len(types))
        assert [type for type, _ in emit.told()] == sorted(types)

    async def test_an_update_that_changes_nothing(self, scene: Stage) -> None:
        emit = Arrivals()
        async with scene.running(emit):
            made = await scene.create("a", x="1")
            assert version_of(await scene.change("a", x="1")) == version_of(made)
            await scene.delete("a")
            await emit.until(2)
        assert emit.told() == [("ADD", "a"), ("DELETE", "a")]

    async def test_one_of_the_same_name(self, scene: Stage) -> None:
        emit = Arrivals()
        async with scene.running(emit):
            for _ in range(2):
                await scene.create("a")
                await scene.delete("a")
            await emit.until(4)
        assert emit.told() == [("ADD", "a"), ("DELETE", "a")] * 2
        assert len({event.id for event in emit.events}) == 4


class TestFilters:
    async def test_a_prefix(self, scene: Stage) -> None:
        emit = Arrivals()
        async with scene.running(emit, filter={"prefix": "web-"}):
            for name in ("db-1", "web-1", "my-web-1", "web-2"):
                await scene.create(name)
                await scene.delete(name)
            await emit.until(4)
        assert emit.told() == [(type, name) for name in ("web-1", "web-2") for type in ("ADD", "DELETE")]

    async def test_labels_come_and_go(self, scene: Stage) -> None:
        """As the server sees them: an object without the label is not there."""
        emit = Arrivals()
        await scene.create("a", labels={"app": "web", "tier": "1"})
        await scene.create("b", labels={"app": "db"})
        labels = [{"key": "app", "operation": "in", "value": "web,mail"}, {"key": "old", "operation": "!"}]
        async with scene.running(emit, filter={"labels": labels}):
            await emit.until(1)
            await scene.change("b", labels={"app": "mail"})
            for _ in range(2):
                await scene.change("a", labels={"app": "web", "old": "yes"})
                await scene.change("a", labels={"app": "web"})
            await emit.until(6)
        assert emit.told() == [("ADD", "a"), ("ADD", "b"), *[("DELETE", "a"), ("ADD", "a")] * 2]
        assert not emit.repeated

    async def test_fields(self, scene: Stage) -> None:
        """As the source sees them: an object that comes to have such a field was updated."""
        emit = Arrivals()
        fields = [
            {"key": "data.phase", "operation": "=", "value": "Runn"},
            {"key": "metadata.labels.a\\.b/c", "operation": "!=", "value": "^no$"},
        ]
        async with scene.running(emit, filter={"fields": fields}):
            await scene.create("a", labels={"a.b/c": "yes"}, phase="Pending")
            await scene.change("a", labels={"a.b/c": "yes"}, phase="Running")
            await scene.change("a", labels={"a.b/c": "no"}, phase="Running")
            await scene.change("a", phase="Running")
            await scene.change("a", labels={"a.b/c": "nono"}, phase="IsRunning")
            await scene.delete("a")
            await emit.until(3)
        assert emit.told() == [("UPDATE", "a"), ("UPDATE", "a"), ("DELETE", "a")]
        assert emit.events[0].json()["oldBody"]["data"] == {"phase": "Pending"}

    @pytest.mark.parametrize(("hours", "count"), [(-1, 0), (1, 1)])
    async def test_created_by(self, scene: Stage, hours: int, count: int) -> None:
        until = datetime.now(UTC) + timedelta(hours=hours)
        emit = Arrivals()
        async with scene.running(emit, filter={"createdBy": until.isoformat()}):
            made = await scene.create("a")
            assert await scene.notes.until("a", version_of(made))
        assert len(emit.events) == count
