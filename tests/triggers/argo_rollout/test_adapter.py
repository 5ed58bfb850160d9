"""triggers/argo_rollout/adapter.py on the real API server; the tests are the controller."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from config.errors import Permanent, Temporary
from config.kubernetes.failures import Forbidden, NotFound
from config.model import Model
from config.sensor import TriggerParameter
from sensors.parameters import EventValues, ParameterCache
from tests.contract.trigger import RemoteStage, RemoteTriggerContract, Trouble
from tests.fakes.kube_proxy import TROUBLES, KubeProxy
from tests.fakes.values import context, event
from tests.servers.kube import Kube
from tests.triggers.kube_stage import ask, configured, path_of, play, staged, user_kubeconfig
from tests.triggers.rollout_stage import ARGO, LosingProxy, paused, rollout
from triggers.argo_rollout.adapter import ArgoRollout, ArgoRolloutSettings
from triggers.argo_rollout.template import HASH, REVISION
from triggers.base import Outcome, Result, TriggerContext
from triggers.cluster.marks import MARKS

PUSH = EventValues({"push": event({"app": "web", "tag": "2", "revision": 1, "hours": "1h"})}, ParameterCache())
NOW = 1773500966.5
APPS = "apps/v1"


def parameter(dest: str, key: str, **src: Any) -> dict[str, Any]:
    return {"src": {"dependencyName": "push", "dataKey": key, **src}, "dest": dest}


def make(at: TriggerContext, operation: str, /, **block: Any) -> ArgoRollout:
    settings = ArgoRolloutSettings.model_validate({"operation": operation, "name": "web", **block})
    return ArgoRollout(settings, at, clock=lambda: NOW, sleep=lambda _: asyncio.sleep(0))


async def fire(trigger: ArgoRollout, key: str = "k1") -> Outcome:
    """Enter, fire once, leave."""
    async with trigger:
        return await trigger.fire(trigger.render(trigger.settings, PUSH), key)


class World:
    """A namespace with a Rollout `web` in it."""

    def __init__(self, kube: Kube, at: TriggerContext) -> None:
        self.kube, self.at = kube, at

    async def make(self, object: dict[str, Any], plural: str = "rollouts", group: str = ARGO) -> Any:
        made = await ask(self.kube, "POST", path_of(self.at.namespace, plural, group=group), object)
        if object.get("status") and plural == "rollouts":
            return await self.control(object["status"], object["metadata"]["name"])
        return made

    async def live(self, name: str = "web", plural: str = "rollouts", group: str = ARGO) -> Any:
        return await ask(self.kube, "GET", path_of(self.at.namespace, plural, name, group))

    async def control(self, status: dict[str, Any], name: str = "web") -> Any:
        """The controller writes a status."""
        return await play(self.kube, path_of(self.at.namespace, "rollouts", name, ARGO) + "/status", status=status)


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
    """Of a Rollout that is paused already, so that a firing is one request."""

    @pytest.fixture(autouse=True)
    def _places(self, kube: Kube, tmp_path: Path) -> None:
        self.kube, self.folder = kube, tmp_path

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[RemoteStage]:
        namespace = await asyncio.to_thread(self.kube.namespace)
        async with KubeProxy(self.kube, self.folder) as proxy, staged(namespace) as at:
            await World(self.kube, at).make(rollout(paused=True))

            async def shut() -> None:
                await proxy.sink.__aexit__(None, None, None)

            def suffer(trouble: Trouble) -> None:
                # The client asks again once by itself, for it only reads.
                proxy.troubles.extend([TROUBLES[trouble]] * (2 if trouble is Trouble.RESETS else 1))

            with configured(proxy.kubeconfig):
                yield RemoteStage(
                    trigger=make(at, "pause", name="", parameters=[parameter("name", "app")]),
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
    @pytest.mark.parametrize(
        ("operation", "before", "after"),
        [
            ("promote", paused(1), paused(1, pauseConditions=None)),
            ("promote-full", paused(1), paused(1, promoteFull=True)),
            ("skip-current-step", paused(1), paused(2)),
            ("skip-all-steps", paused(1), paused(4)),
            ("abort", paused(1), paused(1, abort=True)),
            ("retry", paused(1, abort=True), paused(1, abort=False)),
        ],
    )
    async def test_of_the_status(self, world: World, operation: str, before: Any, after: Any) -> None:
        await world.make({**rollout(), "status": before})
        outcome = await fire(make(world.at, operation))
        live = await world.live()
        assert live["status"] == {name: value for name, value in after.items() if value is not None}
        assert live["spec"] == rollout()["spec"]
        assert list(json.loads(live["metadata"]["annotations"][MARKS])) == ["k1"]
        assert outcome.answer.startswith("Rollout 'web' ")
        again = await fire(make(world.at, operation))
        assert again.answer.endswith("by this firing before")
        assert (await world.live())["metadata"]["resourceVersion"] == live["metadata"]["resourceVersion"]

    @pytest.mark.parametrize(
        ("operation", "more", "spec"),
        [
            ("restart", {}, {"restartAt": "2026-03-14T15:09:26Z"}),
            ("restart", {"in": "10m"}, {"restartAt": "2026-03-14T15:19:26Z"}),
            ("pause", {}, {"paused": True}),
        ],
    )
    async def test_of_the_spec(self, world: World, operation: str, more: Any, spec: Any) -> None:
        await world.make(rollout())
        await fire(make(world.at, operation, **more))
        live = await world.live()
        assert live["spec"] == {**rollout()["spec"], **spec}
        await play(world.kube, path_of(world.at.namespace, "rollouts", "web", ARGO), spec=rollout()["spec"])
        assert (await fire(make(world.at, operation, **more))).answer.endswith("by this firing before")
        assert (await world.live())["spec"] == rollout()["spec"]

    async def test_what_is_so_already(self, world: World) -> None:
        await world.make({**rollout(paused=True), "status": {"currentPodHash": "a", "stableRS": "a"}})
        outcome = await fire(make(world.at, "pause"))
        assert outcome.answer == "Rollout 'web' need not be paused: it is so already"
        assert "annotations" not in (await world.live())["metadata"]

    async def test_promotion_of_both(self, world: World) -> None:
        await world.make({**rollout(paused=True), "status": {**paused(2), "pauseConditions": None}})
        await fire(make(world.at, "promote"))
        live = await world.live()
        assert live["spec"]["paused"] is False
        assert live["status"]["currentStepIndex"] == 3

    @pytest.mark.parametrize("green", [True, False])
    @pytest.mark.parametrize("operation", ["skip-current-step", "skip-all-steps"])
    async def test_no_steps_to_skip(self, world: World, operation: str, green: bool) -> None:
        await world.make(rollout(steps=[], green=green))
        with pytest.raises(Permanent, match=r"Rollout 'web' in namespace 'test-.*there is no step to skip") as error:
            await fire(make(world.at, operation))
        assert "promote" in error.value.fix
        assert error.value.where

    async def test_many_at_once(self, world: World) -> None:
        """All of them are done, and each finds what the others did."""
        await world.make({**rollout(), "status": {"currentPodHash": "new", "currentStepIndex": 0}})
        async with asyncio.TaskGroup() as group:
            for number in range(4):
                group.create_task(fire(make(world.at, "skip-current-step"), f"k{number}"))
        live = await world.live()
        assert live["status"]["currentStepIndex"] == 4
        assert set(json.loads(live["metadata"]["annotations"][MARKS])) == {"k0", "k1", "k2", "k3"}

    @pytest.mark.parametrize("kind", ["AnalysisRun", "Experiment"])
    async def test_terminate(self, world: World, kind: str) -> None:
        plural = f"{kind.lower()}s"
        await world.make({"apiVersion": ARGO, "kind": kind, "metadata": {"name": "web"}, "spec": {}}, plural)
        assert (await fire(make(world.at, "terminate", kind=kind))).answer == f"{kind} 'web' terminated"
        assert (await world.live("web", plural))["spec"] == {"terminate": True}

    async def test_retry_of_an_experiment(self, world: World) -> None:
        experiment = {"apiVersion": ARGO, "kind": "Experiment", "metadata": {"name": "web"}, "spec": {}}
        await world.make({**experiment, "status": {"phase": "Failed"}}, "experiments")
        await fire(make(world.at, "retry", kind="Experiment"))
        assert "status" not in await world.live("web", "experiments")

    async def test_an_answer_that_gets_lost(self, world: World, tmp_path: Path) -> None:
        """Of the note or of the change: the Rollout moves on by one step."""
        for lost in (1, 2):
            name = f"web-{lost}"
            await world.make({**rollout(name), "status": paused(1)})
            async with LosingProxy(world.kube, tmp_path) as proxy:
                with configured(proxy.kubeconfig):
                    trigger = make(world.at, "skip-current-step", name=name)
                    async with trigger:
                        request = trigger.render(trigger.settings, PUSH)
                        proxy.left = lost
                        with pytest.raises(Temporary):
                            await trigger.fire(request, "k1")
                        await trigger.fire(request, "k1")
            assert (await world.live(name))["status"]["currentStepIndex"] == 2


def deployment(name: str) -> dict[str, Any]:
    template = rollout(name)["spec"]["template"]
    spec = {"replicas": 0, "selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": APPS, "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def replica_set(owner: dict[str, Any], revision: int, image: str) -> dict[str, Any]:
    """One of the Rollout's."""
    template = copy.deepcopy(rollout()["spec"]["template"])
    template["metadata"]["labels"][HASH] = f"h{revision}"
    template["spec"]["containers"][0]["image"] = image
    reference = {"apiVersion": ARGO, "kind": "Rollout", "name": "web", "uid": owner["metadata"]["uid"]}
    return {
        "apiVersion": APPS,
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"web-{revision}",
            "labels": {"app": "web"},
            "annotations": {REVISION: str(revision)},
            "ownerReferences": [{**reference, "controller": True}],
        },
        "spec": {"selector": {"matchLabels": template["metadata"]["labels"]}, "template": template},
    }


def images(object: Any) -> dict[str, str]:
    return {each["name"]: each["image"] for each in object["spec"]["template"]["spec"]["containers"]}


class TestTemplates:
    async def test_images(self, world: World) -> None:
        await world.make(rollout())
        trigger = make(world.at, "set-image", images={"web": "web:"}, parameters=[append("images.web", "tag")])
        assert (await fire(trigger)).answer == "Rollout 'web' given its images"
        live = await world.live()
        assert images(live) == {"web": "web:2", "proxy": "proxy:1"}
        assert (await fire(trigger)).answer.endswith("by this firing before")
        assert (await fire(trigger, "k2")).answer.endswith("it is so already")
        await fire(make(world.at, "set-image", images={"*": "all:1"}), "k3")
        assert images(await world.live()) == {"web": "all:1", "proxy": "all:1"}

    async def test_a_container_that_is_not_there(self, world: World) -> None:
        await world.make(rollout())
        with pytest.raises(Permanent, match="there is no container 'wbe'") as error:
            await fire(make(world.at, "set-image", images={"wbe": "web:2"}))
        assert error.value.fix == "did you mean 'web'?"

    async def test_images_of_a_workload(self, world: World) -> None:
        await world.make(deployment("base"), "deployments", APPS)
        reference = {"apiVersion": APPS, "kind": "Deployment", "name": "base"}
        object = rollout(workloadRef=reference)
        del object["spec"]["template"]
        await world.make(object)
        outcome = await fire(make(world.at, "set-image", images={"web": "web:2"}))
        base = await world.live("base", "deployments", APPS)
        assert images(base) == {"web": "web:2", "proxy": "proxy:1"}
        assert outcome.started is not None
        assert outcome.started["workloadGeneration"] == base["metadata"]["generation"] == 2
        again = await fire(make(world.at, "set-image", images={"web": "web:2"}))
        assert again.answer.endswith("by this firing before")

    async def test_a_workload_that_is_not_there(self, world: World) -> None:
        await world.make(rollout(workloadRef={"apiVersion": APPS, "kind": "Deployment", "name": "base"}))
        with pytest.raises(NotFound, match=r"deployments\.apps .base. in namespace"):
            await fire(make(world.at, "set-image", images={"web": "web:2"}))

    async def test_undo(self, world: World) -> None:
        live = await world.make(rollout())
        for revision, image in ((1, "web:0"), (2, "web:0.5"), (3, "web:1")):
            await world.make(replica_set(live, revision, image), "replicasets", APPS)
        back = make(world.at, "undo")
        assert (await fire(back)).answer == "Rollout 'web' taken back to an earlier revision"
        live = await world.live()
        assert images(live)["web"] == "web:0.5"
        assert HASH not in live["spec"]["template"]["metadata"]["labels"]
        assert (await fire(back)).answer.endswith("by this firing before")
        assert (await fire(back, "k2")).answer.endswith("it is so already")
        await fire(make(world.at, "undo", parameters=[parameter("revision", "revision")]), "k3")
        assert images(await world.live())["web"] == "web:0"

    async def test_undo_to_what_is_not_there(self, world: World) -> None:
        await world.make(rollout())
        with pytest.raises(Permanent, match="there is no revision 7"):
            await fire(make(world.at, "undo", revision=7))


def append(dest: str, key: str) -> dict[str, Any]:
    return {**parameter(dest, key), "operation": "append"}


class TestSelection:
    async def test_all_that_are_chosen(self, world: World) -> None:
        for name in ("web", "api", "db"):
            await world.make({**rollout(name), "status": paused(1)})
        trigger = make(world.at, "skip-current-step", name="", labelSelector="app in (web,api)")
        outcome = await fire(trigger)
        assert outcome.answer == "Rollout 'api' moved on by one step; Rollout 'web' moved on by one step"
        steps = {name: (await world.live(name))["status"]["currentStepIndex"] for name in ("web", "api", "db")}
        assert steps == {"web": 2, "api": 2, "db": 1}
        assert (await fire(trigger)).answer.count("by this firing before") == 2

    async def test_one_of_them_does_not_fit(self, world: World) -> None:
        await world.make({**rollout("api", green=True), "status": paused(1)})
        await world.make({**rollout("web"), "status": paused(1)})
        with pytest.raises(Permanent, match=r"Rollout 'api' .*there is no step to skip"):
            await fire(make(world.at, "skip-current-step", name="", labelSelector="app"))
        assert (await world.live("web"))["status"]["currentStepIndex"] == 2

    async def test_none(self, world: World) -> None:
        outcome = await fire(make(world.at, "abort", name="", labelSelector="app=x"))
        assert outcome == Outcome(answer="the selector chooses no Rollout")

    async def test_their_ends(self, world: World) -> None:
        for name in ("web", "api"):
            await world.make({**rollout(name), "status": paused(1)})
        trigger = make(world.at, "promote", name="", labelSelector="app")
        async with trigger:
            outcome = await trigger.fire(trigger.render(trigger.settings, PUSH), "k1")
            assert outcome.started is not None
            async with asyncio.TaskGroup() as group:
                wait = group.create_task(trigger.result(outcome.started))
                await world.control({"phase": "Healthy", "observedGeneration": "1"}, "api")
                await world.control({"phase": "Degraded", "observedGeneration": "1", "message": "late"}, "web")
            result = wait.result()
        assert (result.phase, result.ok, result.message) == ("Degraded", False, "web: Degraded late")
        assert [each["metadata"]["name"] for each in result.object["items"]] == ["api", "web"]


class TestEnds:
    async def wait(self, world: World, operation: str, status: dict[str, Any], **block: Any) -> Result:
        """Fire and wait; the controller goes by way of another status."""
        trigger = make(world.at, operation, **block)
        async with trigger:
            outcome = await trigger.fire(trigger.render(trigger.settings, PUSH), "k1")
            assert outcome.started is not None
            json.dumps(outcome.started)
            async with asyncio.TaskGroup() as group:
                wait = group.create_task(trigger.result(outcome.started))
                generation = str((await world.live())["metadata"]["generation"])
                await world.control({"phase": "Progressing", "observedGeneration": generation})
                assert not wait.done()
                await world.control({"observedGeneration": generation, **status})
            return wait.result()

    @pytest.mark.parametrize(
        ("operation", "before", "after", "ok"),
        [
            ("promote", paused(1), {"phase": "Healthy"}, True),
            ("promote", paused(1), {"phase": "Degraded", "message": "x"}, False),
            ("retry", paused(1, abort=True, phase="Degraded"), {"phase": "Healthy"}, True),
            ("abort", paused(1), {"phase": "Degraded", "abort": True}, True),
            ("restart", paused(1), {"phase": "Healthy", "restartedAt": "2026-03-14T15:09:26Z"}, True),
            ("pause", {"phase": "Healthy", "observedGeneration": "1"}, {"phase": "Paused"}, True),
        ],
    )
    async def test_by_what_the_controller_says(
        self, world: World, operation: str, before: Any, after: Any, ok: bool
    ) -> None:
        await world.make({**rollout(), "status": before})
        result = await self.wait(world, operation, after)
        assert (result.phase, result.ok, result.message) == (after["phase"], ok, after.get("message", ""))
        assert result.object["metadata"]["name"] == "web"

    async def test_after_it_has_ended(self, world: World) -> None:
        await world.make({**rollout(), "status": paused(1)})
        outcome = await fire(make(world.at, "promote"))
        assert outcome.started is not None
        await world.control({"phase": "Healthy", "observedGeneration": "1"})
        async with make(world.at, "promote") as trigger:
            assert (await trigger.result(outcome.started)).phase == "Healthy"
            await ask(world.kube, "DELETE", path_of(world.at.namespace, "rollouts", "web", ARGO))
            assert (await trigger.result(outcome.started)).phase == "Deleted"


class TestRefusals:
    async def test_a_name_that_is_almost_right(self, world: World) -> None:
        await world.make(rollout())
        with pytest.raises(Permanent, match=f"there is no Rollout 'wbe' in namespace '{world.at.namespace}'") as error:
            await fire(make(world.at, "promote", name="wbe"))
        assert error.value.fix == "did you mean 'web'?"
        with pytest.raises(Permanent) as error:
            await fire(make(world.at, "promote", name="checkout"))
        assert error.value.fix == "check name and namespace"

    async def test_rights(self, world: World, tmp_path: Path) -> None:
        """Each that is missing is named; then it works."""
        await world.make({**rollout(), "status": paused(1)})
        namespace, group = world.at.namespace, "argoproj.io"
        with configured(user_kubeconfig(world.kube, tmp_path)):
            for resource, verb in (("rollouts", "get"), ("rollouts", "patch"), ("rollouts/status", "patch")):
                rule = f"resources: [{resource}], verbs: [{verb}]"
                with pytest.raises(Forbidden) as error:
                    await fire(make(world.at, "promote"))
                assert rule in error.value.fix
                await asyncio.to_thread(world.kube.grant, namespace, [verb], [resource], group)
            await fire(make(world.at, "promote"))
            with pytest.raises(Permanent, match="there is no Rollout 'wbe'"):
                await fire(make(world.at, "promote", name="wbe"))
        assert "pauseConditions" not in (await world.live())["status"]

    async def test_another_namespace(self, world: World) -> None:
        namespace = await asyncio.to_thread(world.kube.namespace)
        other = World(world.kube, dataclasses.replace(world.at, namespace=namespace))
        await other.make(rollout())
        await fire(make(world.at, "pause", namespace=other.at.namespace))
        assert (await other.live())["spec"]["paused"] is True


class TestWithoutACluster:
    @pytest.mark.parametrize(
        ("block", "shown"),
        [
            ({"operation": "promote"}, "promote Rollout default/web"),
            ({"operation": "promote", "namespace": "shop"}, "promote Rollout shop/web"),
            ({"operation": "abort", "name": "", "labelSelector": "app=x"}, "abort Rollout default/(app=x)"),
            ({"operation": "restart", "in": "90s"}, 'restart Rollout default/web  {"in":"1m30s"}'),
            ({"operation": "undo", "revision": "3"}, 'undo Rollout default/web  {"revision":3}'),
            (
                {"operation": "set-image", "images": {"a": "b:1"}},
                'set-image Rollout default/web  {"images":{"a":"b:1"}}',
            ),
            ({"operation": "terminate"}, "terminate AnalysisRun default/web"),
        ],
    )
    def test_shown(self, block: dict[str, Any], shown: str) -> None:
        trigger = make(context(), "", **block)
        assert trigger.render(trigger.settings, PUSH).show() == shown

    @pytest.mark.parametrize(
        ("operation", "more", "body"),
        [
            (
                "promote",
                {},
                {"spec": {"paused": False}, "status": {"pauseConditions": None, "currentStepIndex": "<the next>"}},
            ),
            ("promote-full", {}, {"spec": {"paused": False}, "status": {"promoteFull": True}}),
            ("skip-current-step", {}, {"status": {"currentStepIndex": "<the next>"}}),
            ("skip-all-steps", {}, {"status": {"currentStepIndex": "<the number of steps>"}}),
            ("abort", {}, {"status": {"abort": True}}),
            ("retry", {}, {"status": {"abort": False}}),
            ("retry", {"kind": "Experiment"}, {"status": None}),
            ("restart", {"in": "1h"}, {"spec": {"restartAt": "2026-03-14T16:09:26Z"}}),
            ("pause", {}, {"spec": {"paused": True}}),
            (
                "set-image",
                {"images": {"a": "b"}},
                {"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "b"}]}}}},
            ),
            ("undo", {}, {"spec": {"template": "<as in the revision before>"}}),
            ("undo", {"revision": 3}, {"spec": {"template": "<as in revision 3>"}}),
            ("terminate", {}, {"spec": {"terminate": True}}),
        ],
    )
    async def test_documents(self, operation: str, more: dict[str, Any], body: dict[str, Any]) -> None:
        trigger = make(context(), operation, **more)
        [document] = await trigger.documents(trigger.render(trigger.settings, PUSH), "k1")
        assert document.verb == "patch"
        found = dict(document.body)
        assert found.pop("apiVersion") == ARGO
        assert found.pop("kind") == more.get("kind", "AnalysisRun" if operation == "terminate" else "Rollout")
        assert found.pop("metadata") == {
            "name": "web",
            "namespace": "default",
            "annotations": {MARKS: '{"k1":{}}'},
        }
        assert found == body

    def test_missing(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
        assert make(context(), "promote").missing().startswith("a cluster: ")


class TestManifests:
    @pytest.mark.parametrize(
        ("block", "field", "told", "fix"),
        [
            ({}, "operation", "warning: is missing", "use one of promote, promote-full,"),
            ({"operation": "promot"}, "operation", "'promot' is unknown", "did you mean 'promote'?"),
            ({"operation": "promote"}, "name", "warning: is missing", "labelSelector"),
            ({"operation": "abort", "name": "a", "labelSelector": "b"}, "labelSelector", "beside a name", "one of"),
            ({"operation": "set-image", "name": "a"}, "images", "warning: is missing", "images: {CONTAINER: IMAGE}"),
            ({"operation": "terminate", "name": "a", "kind": "Rollout"}, "kind", "not go with", "AnalysisRun or Exp"),
            ({"operation": "abort", "name": "a", "kind": "Experiment"}, "kind", "does not go with", "write Rollout"),
            ({"operation": "undo", "name": "a", "in": "5m"}, "in", "no effect without operation: restart", "remove"),
            ({"operation": "abort", "name": "a", "revision": 1}, "revision", "without operation: undo", "remove"),
            ({"operation": "abort", "name": "a", "images": {"a": "b"}}, "images", "operation: set-image", "remove"),
        ],
    )
    def test_faults(self, block: dict[str, Any], field: str, told: str, fix: str) -> None:
        found = {path: (what, how) for path, what, how in ArgoRollout.check(ArgoRolloutSettings.model_validate(block))}
        assert told in found[field][0]
        assert fix in found[field][1]

    def test_several_at_once(self) -> None:
        settings = ArgoRolloutSettings(operation="set-image", kind="Pod")
        assert [field for field, _, _ in ArgoRollout.check(settings)] == ["kind", "name", "images"]

    def test_what_is_missing_may_come_from_parameters(self) -> None:
        written = ArgoRolloutSettings.model_validate({"parameters": [parameter("name", "app")]})
        assert ArgoRollout.check(written) == []
        trigger = make(
            context(), "", parameters=[parameter("operation", "no", value="abort"), parameter("name", "app")]
        )
        assert trigger.render(trigger.settings, PUSH).show() == "abort Rollout default/web"

    @pytest.mark.parametrize(
        ("block", "told"),
        [
            ({"operation": "nonsense"}, "operation 'nonsense' is unknown"),
            ({"operation": ""}, "operation is missing"),
            ({"operation": "abort", "name": ""}, "name is missing"),
            ({"operation": "undo", "parameters": [parameter("revision", "app")]}, "made the trigger invalid"),
            ({"operation": "restart", "parameters": [parameter("in", "app")]}, "made the trigger invalid"),
            ({"operation": "set-image", "images": {"web": "hub/web:<no value>"}}, "images.web 'hub/web:<no value>'"),
            ({"operation": "set-image", "images": {"web": "hub/web:1", "log": ""}}, "images.log '' is no image"),
        ],
    )
    def test_what_cannot_be_rendered(self, block: dict[str, Any], told: str) -> None:
        trigger = make(context(), "", **block)
        with pytest.raises(Permanent, match=told) as error:
            trigger.render(trigger.settings, PUSH)
        assert error.value.fix

    def test_a_delay_from_an_event(self) -> None:
        trigger = make(context(), "restart", parameters=[parameter("in", "hours")])
        assert trigger.render(trigger.settings, PUSH).view()["in"] == "1h0m0s"
