"""triggers/argo_cd/adapter.py by the API of a real cluster, whose controller the tests are."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from config.errors import Permanent, Temporary
from config.kubernetes.failures import Forbidden
from config.model import Model
from config.sensor import TriggerParameter
from sensors.parameters import EventValues, ParameterCache
from tests.contract.trigger import RemoteStage, RemoteTriggerContract, Trouble
from tests.fakes import argo_cd
from tests.fakes.kube_proxy import TROUBLES, KubeProxy
from tests.fakes.values import context, event
from tests.servers.kube import Kube
from tests.triggers.kube_stage import ask, configured, path_of, staged, user_kubeconfig
from tests.triggers.rollout_stage import LosingProxy
from triggers.argo_cd.adapter import ArgoCD
from triggers.argo_cd.order import REFRESH
from triggers.argo_cd.settings import ArgoCDSettings
from triggers.base import Outcome, Result, TriggerContext
from triggers.cluster.marks import MARKS

PUSH = EventValues({"push": event({"app": "shop", "sha": "8f14e45", "id": 1})}, ParameterCache())
ARGO = "argoproj.io/v1alpha1"
T1, T2 = "2026-03-14T15:09:26Z", "2026-03-14T15:09:27Z"


def parameter(dest: str, key: str, **src: Any) -> dict[str, Any]:
    return {"src": {"dependencyName": "push", "dataKey": key, **src}, "dest": dest}


def make(at: TriggerContext, operation: str, /, **block: Any) -> ArgoCD:
    settings = ArgoCDSettings.model_validate({"operation": operation, "name": "shop", **block})
    return ArgoCD(settings, at, sleep=lambda _: asyncio.sleep(0))


async def fire(trigger: ArgoCD, key: str = "k1") -> Outcome:
    """Enter, fire once, leave."""
    async with trigger:
        return await trigger.fire(trigger.render(trigger.settings, PUSH), key)


class World:
    """A namespace with an Application `shop` in it."""

    def __init__(self, kube: Kube, at: TriggerContext) -> None:
        self.kube, self.at = kube, at

    async def make(self, **fields: Any) -> Any:
        application = argo_cd.application(**fields)
        metadata = {"name": application["metadata"]["name"]}
        body = {**application, "apiVersion": ARGO, "kind": "Application", "metadata": metadata}
        return await ask(self.kube, "POST", path_of(self.at.namespace, "applications", group=ARGO), body)

    async def live(self, name: str = "shop") -> Any:
        return await ask(self.kube, "GET", path_of(self.at.namespace, "applications", name, ARGO))

    async def control(self, phase: str = "", **status: Any) -> Any:
        """The controller has ended the operation, or done something else."""
        live = await self.live()
        if phase:
            operation = live.pop("operation", None)
            state = {"operation": operation, "phase": phase, "message": "said", "finishedAt": T1}
            live["status"]["operationState"] = state
        live["metadata"]["annotations"].pop(REFRESH, None)
        live["status"] |= status
        return await ask(self.kube, "PUT", path_of(self.at.namespace, "applications", "shop", ARGO), live)


@pytest.fixture
async def at(kube: Kube) -> AsyncIterator[TriggerContext]:
    namespace = await asyncio.to_thread(kube.namespace)
    with configured(kube.kubeconfig):
        async with staged(namespace) as made:
            yield made


@pytest.fixture
async def world(kube: Kube, at: TriggerContext) -> World:
    return World(kube, at)


class TestContract(RemoteTriggerContract):
    """Of an Application that has no operation to terminate, so that a firing is one request."""

    @pytest.fixture(autouse=True)
    def _places(self, kube: Kube, tmp_path: Path) -> None:
        self.kube, self.folder = kube, tmp_path

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[RemoteStage]:
        namespace = await asyncio.to_thread(self.kube.namespace)
        async with KubeProxy(self.kube, self.folder) as proxy, staged(namespace) as at:
            await World(self.kube, at).make()

            async def shut() -> None:
                await proxy.sink.__aexit__(None, None, None)

            def suffer(trouble: Trouble) -> None:
                # The client asks again once by itself, for it only reads.
                proxy.troubles.extend([TROUBLES[trouble]] * (2 if trouble is Trouble.RESETS else 1))

            with configured(proxy.kubeconfig):
                yield RemoteStage(
                    trigger=make(at, "terminate", name="", parameters=[parameter("name", "app")]),
                    values=PUSH,
                    seen=lambda: [each.target for each in proxy.asked("GET")],
                    secrets=[self.kube.token],
                    suffer=suffer,
                    release=proxy.sink.release,
                    arrived=lambda count: proxy.sink.until(lambda _: len(proxy.requests) >= count),
                    abandoned=lambda: proxy.sink.until(lambda sink: sink.open == 0),
                    shut=shut,
                )

    def with_parameter(self, settings: Model, parameter: TriggerParameter) -> Model | None:
        return settings.model_copy(update={"parameters": [parameter]})


class TestOperations:
    async def test_sync(self, world: World) -> None:
        await world.make()
        block = {
            "revision": "?",
            "prune": True,
            "syncOptions": ["CreateNamespace=true"],
            "resources": [{"group": "apps", "kind": "Deployment", "name": "web", "namespace": "prod"}],
            "strategy": {"hook": {"force": True}},
            "retry": {"limit": 3, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
            "info": [{"name": "reason", "value": "push"}],
            "parameters": [parameter("revision", "sha")],
        }
        trigger = make(world.at, "sync", **block)
        outcome = await fire(trigger)
        assert outcome.answer == f"Application 'shop' in namespace '{world.at.namespace}' told to sync"
        live = await world.live()
        assert live["operation"] == {
            "initiatedBy": {"username": "eventyard"},
            "info": [{"name": "reason", "value": "push"}],
            "retry": {"limit": 3, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}},
            "sync": {
                "revision": "8f14e45",
                "prune": True,
                "syncOptions": ["CreateNamespace=true"],
                "syncStrategy": {"hook": {"force": True}},
                "resources": [{"group": "apps", "kind": "Deployment", "name": "web", "namespace": "prod"}],
            },
        }
        assert (await fire(trigger)).answer.endswith("by this firing before")
        with pytest.raises(Temporary, match=r"Application 'shop' .*another operation is in progress") as error:
            await fire(trigger, "k2")
        assert error.value.where
        await world.control("Succeeded")
        assert (await fire(trigger)).answer.endswith("by this firing before")
        assert "operation" not in await world.live()
        await fire(trigger, "k2")
        again = await world.live()
        assert "operationState" not in again["status"]
        assert list(json.loads(again["metadata"]["annotations"][MARKS])) == ["k1", "k2"]

    @pytest.mark.parametrize(("hard", "asked"), [(False, "normal"), (True, "hard")])
    async def test_refresh(self, world: World, hard: bool, asked: str) -> None:
        await world.make()
        await fire(make(world.at, "refresh", hard=hard))
        assert (await world.live())["metadata"]["annotations"][REFRESH] == asked
        await world.control()
        assert (await fire(make(world.at, "refresh", hard=hard))).answer.endswith("by this firing before")
        assert REFRESH not in (await world.live())["metadata"]["annotations"]

    async def test_terminate(self, world: World) -> None:
        await world.make(operation={"sync": {}})
        with pytest.raises(Temporary, match="has not begun yet"):
            await fire(make(world.at, "terminate"))
        live = await world.live()
        live["status"]["operationState"] = {"phase": "Running", "message": "x"}
        await ask(world.kube, "PUT", path_of(world.at.namespace, "applications", "shop", ARGO), live)
        await fire(make(world.at, "terminate"))
        assert (await world.live())["status"]["operationState"] == {"phase": "Terminating", "message": "x"}
        await world.control("Failed")
        assert (await fire(make(world.at, "terminate"), "k2")).answer.endswith("has no operation in progress")

    async def test_rollback(self, world: World) -> None:
        await world.make()
        back = make(world.at, "rollback")
        await fire(back)
        live = await world.live()
        assert live["operation"]["sync"] == {
            "revision": "sha-1",
            "source": live["spec"]["source"],
            "syncStrategy": {"apply": {}},
        }
        assert (await fire(back)).answer.endswith("by this firing before")
        await world.control("Succeeded")
        numbered = make(world.at, "rollback", prune=True, dryRun=True, parameters=[parameter("id", "id")])
        await fire(numbered, "k2")
        sync = (await world.live())["operation"]["sync"]
        assert (sync["revision"], sync["prune"], sync["dryRun"]) == ("sha-1", True, True)

    async def test_one_of_many_at_once(self, world: World) -> None:
        """The others are told to come again."""
        await world.make()
        results: list[str] = []

        async def one(key: str) -> None:
            try:
                results.append((await fire(make(world.at, "sync"), key)).answer.rpartition("'")[2])
            except Temporary as error:
                results.append(error.what.rpartition(":")[2])

        async with asyncio.TaskGroup() as group:
            for number in range(6):
                group.create_task(one(f"k{number}"))
        assert sorted(results) == [" another operation is in progress"] * 5 + [" told to sync"]

    async def test_an_answer_that_gets_lost(self, world: World, tmp_path: Path) -> None:
        await world.make()
        async with LosingProxy(world.kube, tmp_path) as proxy:
            with configured(proxy.kubeconfig):
                async with make(world.at, "sync") as trigger:
                    request = trigger.render(trigger.settings, PUSH)
                    proxy.left = 1
                    with pytest.raises(Temporary):
                        await trigger.fire(request, "k1")
                    assert (await trigger.fire(request, "k1")).answer.endswith("by this firing before")
                    await world.control("Succeeded")
                    assert (await trigger.fire(request, "k1")).answer.endswith("by this firing before")


class TestRefusals:
    async def test_what_cannot_be(self, world: World) -> None:
        spec = {**argo_cd.application()["spec"], "syncPolicy": {"automated": {}}}
        await world.make(spec=spec)
        with pytest.raises(Permanent, match="while automated sync is on") as error:
            await fire(make(world.at, "rollback"))
        assert f"Application 'shop' in namespace '{world.at.namespace}'" in error.value.what
        with pytest.raises(Permanent, match="automated sync would go back to main"):
            await fire(make(world.at, "sync", revision="v2"))
        with pytest.raises(Permanent, match="one source only"):
            await fire(make(world.at, "sync", revisions=["v2"]))

    async def test_a_name_that_is_almost_right(self, world: World) -> None:
        await world.make()
        with pytest.raises(Permanent, match="there is no Application 'shopp'") as error:
            await fire(make(world.at, "sync", name="shopp"))
        assert error.value.fix == "did you mean 'shop'?"
        with pytest.raises(Permanent) as error:
            await fire(make(world.at, "sync", name="website"))
        assert "namespace: argocd" in error.value.fix

    async def test_rights(self, world: World, tmp_path: Path) -> None:
        await world.make()
        with configured(user_kubeconfig(world.kube, tmp_path)):
            for verb in ("get", "patch"):
                with pytest.raises(Forbidden) as error:
                    await fire(make(world.at, "sync"))
                assert f"resources: [applications], verbs: [{verb}]" in error.value.fix
                await asyncio.to_thread(world.kube.grant, world.at.namespace, [verb], ["applications"], "argoproj.io")
            await fire(make(world.at, "sync"))

    async def test_another_namespace(self, world: World) -> None:
        namespace = await asyncio.to_thread(world.kube.namespace)
        other = World(world.kube, dataclasses.replace(world.at, namespace=namespace))
        await other.make()
        await fire(make(world.at, "sync", namespace=namespace))
        assert "operation" in await other.live()


class TestEnds:
    async def wait(self, world: World, operation: str, *steps: dict[str, Any], **block: Any) -> Result:
        """Fire and wait; the controller does one thing after another."""
        async with make(world.at, operation, **block) as trigger:
            outcome = await trigger.fire(trigger.render(trigger.settings, PUSH), "k1")
            assert outcome.started is not None
            json.dumps(outcome.started)
            async with asyncio.TaskGroup() as group:
                wait = group.create_task(trigger.result(outcome.started))
                for step in steps:
                    await asyncio.sleep(0)
                    assert not wait.done()
                    await world.control(**step)
            return wait.result()

    async def test_of_a_sync(self, world: World) -> None:
        await world.make()
        settled = {"reconciledAt": T2, "health": {"status": "Healthy"}}
        result = await self.wait(world, "sync", {"phase": "Succeeded"}, settled)
        assert (result.phase, result.ok) == ("Healthy", True)
        assert result.object["metadata"]["name"] == "shop"

    async def test_of_a_sync_that_fails(self, world: World) -> None:
        await world.make()
        result = await self.wait(world, "sync", {"phase": "Failed"})
        assert (result.phase, result.ok, result.message) == ("Failed", False, "said")

    async def test_of_a_dry_one(self, world: World) -> None:
        await world.make()
        assert (await self.wait(world, "sync", {"phase": "Succeeded"}, dryRun=True)).phase == "Succeeded"

    async def test_of_a_refresh(self, world: World) -> None:
        await world.make()
        result = await self.wait(world, "refresh", {"sync": {"status": "OutOfSync"}})
        assert (result.phase, result.ok) == ("OutOfSync", True)

    async def test_of_a_termination(self, world: World) -> None:
        state = {"operationState": {"phase": "Running"}}
        await world.make(operation={"sync": {}}, status=state)
        result = await self.wait(world, "terminate", {"phase": "Failed"})
        assert (result.phase, result.ok) == ("Failed", True)


class TestWithoutACluster:
    SHOWN = {"revision": "v2", "prune": True}

    @pytest.mark.parametrize(
        ("block", "shown"),
        [
            ({"operation": "sync"}, "sync Application default/shop"),
            ({"operation": "sync", "revision": "v2"}, 'sync Application default/shop  {"revision":"v2"}'),
            ({"operation": "refresh", "hard": True}, 'refresh Application default/shop  {"hard":true}'),
            ({"operation": "rollback", "id": 0}, 'rollback Application default/shop  {"id":0}'),
            ({"operation": "terminate", "namespace": "argocd"}, "terminate Application argocd/shop"),
            ({"operation": "terminate", "server": {"url": "http://a", "token": {}}}, "terminate Application shop"),
        ],
    )
    def test_shown(self, block: dict[str, Any], shown: str) -> None:
        trigger = make(context(), "", **block)
        assert trigger.render(trigger.settings, PUSH).show() == shown

    @pytest.mark.parametrize(
        ("operation", "block", "body"),
        [
            ("sync", {}, {"operation": {"initiatedBy": {"username": "eventyard"}, "sync": {}}}),
            (
                "sync",
                {"revisions": ["a"], "retry": {"limit": 1}},
                {
                    "operation": {
                        "initiatedBy": {"username": "eventyard"},
                        "retry": {"limit": 1},
                        "sync": {"revisions": ["a"]},
                    }
                },
            ),
            ("terminate", {}, {"status": {"operationState": {"phase": "Terminating"}}}),
            (
                "rollback",
                {"id": 4},
                {
                    "operation": {
                        "initiatedBy": {"username": "eventyard"},
                        "sync": {"revision": "<as in the deployment with id 4>", "syncStrategy": {"apply": {}}},
                    }
                },
            ),
        ],
    )
    async def test_documents(self, operation: str, block: dict[str, Any], body: dict[str, Any]) -> None:
        trigger = make(context(), operation, **block)
        [document] = await trigger.documents(trigger.render(trigger.settings, PUSH), "k1")
        metadata = {"name": "shop", "namespace": "default", "annotations": {MARKS: '{"k1":{}}'}}
        assert document.verb == "patch"
        assert document.body == {"apiVersion": ARGO, "kind": "Application", "metadata": metadata, **body}

    async def test_document_of_a_refresh(self) -> None:
        trigger = make(context(), "refresh", hard=True)
        [document] = await trigger.documents(trigger.render(trigger.settings, PUSH), "k1")
        assert document.body["metadata"]["annotations"] == {MARKS: '{"k1":{}}', REFRESH: "hard"}

    def test_missing(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
        assert make(context(), "sync").missing().startswith("a cluster: ")
        assert make(context(), "sync", server={"url": "http://a"}).missing() == ""


class TestManifests:
    @pytest.mark.parametrize(
        ("block", "field", "told", "fix"),
        [
            ({}, "operation", "warning: is missing", "use one of sync, refresh, rollback, terminate"),
            ({"operation": "snyc"}, "operation", "'snyc' is unknown", "did you mean 'sync'?"),
            ({"operation": "sync"}, "name", "warning: is missing", "name the Application"),
            ({"revision": "a", "revisions": ["b"]}, "revisions", "beside revision", "one of the two"),
            ({"revisions": ["b"], "sourcePositions": [1, 2]}, "sourcePositions", "does not go", "as many"),
            ({"strategy": {}}, "strategy", "needs one of the two", "hook: {} or apply: {}"),
            ({"strategy": {"hook": {}, "apply": {}}}, "strategy", "needs one of the two", "hook: {} or apply: {}"),
            ({"resources": [{"kind": "Pod"}]}, "resources.0", "needs kind and name", "write both"),
            (
                {"operation": "sync", "hard": True},
                "hard",
                "warning: has no effect without operation: refresh",
                "remove",
            ),
            ({"operation": "refresh", "dryRun": True}, "dryRun", "without operation: sync or rollback", "remove"),
            ({"operation": "sync", "id": 3}, "id", "without operation: rollback", "remove"),
            ({"project": "p"}, "project", "warning: has no effect without server", "remove"),
            ({"server": {}}, "server.url", "warning: is missing", "https://argocd-server.argocd"),
            ({"server": {"url": "ftp://a"}}, "server.url", "scheme", "https://argocd-server.argocd"),
            ({"server": {"url": "http://a"}}, "server.token", "warning: is missing", "Secret"),
            ({"server": {"url": "http://a", "tls": {}}}, "server.tls", "neither certificates", "enabled"),
        ],
    )
    def test_faults(self, block: dict[str, Any], field: str, told: str, fix: str) -> None:
        found = {path: (what, how) for path, what, how in ArgoCD.check(ArgoCDSettings.model_validate(block))}
        assert told in found[field][0]
        assert fix in found[field][1]

    def test_what_is_missing_may_come_from_parameters(self) -> None:
        assert ArgoCD.check(ArgoCDSettings.model_validate({"parameters": [parameter("name", "app")]})) == []

    @pytest.mark.parametrize(
        ("block", "told"),
        [
            ({"operation": "nonsense"}, "operation 'nonsense' is unknown"),
            ({"operation": "sync", "name": ""}, "name is missing"),
            ({"operation": "rollback", "parameters": [parameter("id", "app")]}, "made the trigger invalid"),
        ],
    )
    def test_what_cannot_be_rendered(self, block: dict[str, Any], told: str) -> None:
        trigger = make(context(), "", **block)
        with pytest.raises(Permanent, match=told) as error:
            trigger.render(trigger.settings, PUSH)
        assert error.value.fix
