"""triggers/argo_workflow/operations.py: what is done to Workflows that are there, at the real API server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from config.errors import Permanent
from config.kubernetes.cluster import Cluster
from config.kubernetes.failures import Conflict, Forbidden
from tests.servers.kube import Kube, Refused
from tests.triggers.argo_stage import ARGO, K1, K2, about, fire, live, make, there, workflow
from tests.triggers.kube_stage import ask, configured, path_of, play, staged, user_kubeconfig
from tests.triggers.workflow_tree import NAME, steps, suspended
from triggers.argo_workflow.nodes import node_id, read_nodes, write_nodes
from triggers.argo_workflow.object import LAST_KEY
from triggers.base import TriggerContext

RUNNING = {"phase": "Running"}


@pytest.fixture
async def at(kube: Kube) -> AsyncIterator[TriggerContext]:
    namespace = await asyncio.to_thread(kube.namespace)
    with configured(kube.kubeconfig):
        async with staged(namespace) as made:
            yield made


async def make_pod(kube: Kube, at: TriggerContext, name: str) -> None:
    spec = {"containers": [{"name": "main", "image": "x"}]}
    await ask(kube, "POST", path_of(at.namespace, "pods"), {"metadata": {"name": name}, "spec": spec})


async def has_pod(kube: Kube, at: TriggerContext, name: str) -> bool:
    try:
        pod = await ask(kube, "GET", path_of(at.namespace, "pods", name))
    except Refused:
        return False
    return "deletionTimestamp" not in pod["metadata"]


async def control(kube: Kube, at: TriggerContext, name: str, **fields: Any) -> None:
    await play(kube, path_of(at.namespace, "workflows", name, ARGO), **fields)


class TestSuspendAndResume:
    async def test_there_and_back(self, kube: Kube, at: TriggerContext) -> None:
        await there(kube, at, {**workflow(name="ci"), "status": RUNNING})
        outcome = await fire(make(at, "suspend", about("ci")))
        assert outcome.answer == "Workflow 'ci' suspended"
        assert outcome.started is not None
        made = await live(kube, at, "ci")
        assert made["spec"] == {"entrypoint": "main", "suspend": True}
        assert made["metadata"]["annotations"] == {LAST_KEY: K1}
        assert (await fire(make(at, "suspend", about("ci")), K2)).answer == "Workflow 'ci' is suspended already"
        assert (await fire(make(at, "resume", about("ci")), K2)).answer == "Workflow 'ci' resumed"
        made = await live(kube, at, "ci")
        assert made["spec"] == {"entrypoint": "main"}
        assert (await fire(make(at, "resume", about("ci")), "k3")).answer == "Workflow 'ci' is not suspended"

    async def test_a_repetition_does_not_suspend_what_was_resumed(self, kube: Kube, at: TriggerContext) -> None:
        await there(kube, at, {**workflow(name="ci"), "status": RUNNING})
        await fire(make(at, "suspend", about("ci")))
        await control(kube, at, "ci", spec={"entrypoint": "main"})
        outcome = await fire(make(at, "suspend", about("ci")))
        assert outcome.answer == "Workflow 'ci' had been suspended by this firing before"
        assert (await live(kube, at, "ci"))["spec"] == {"entrypoint": "main"}

    async def test_what_has_ended_cannot_be_suspended(self, kube: Kube, at: TriggerContext) -> None:
        await there(kube, at, steps())
        with pytest.raises(Permanent, match=r"Workflow 'ci' in namespace '.*': it has ended \(Failed\)") as failure:
            await fire(make(at, "suspend", about("ci")))
        assert failure.value.where
        assert "resubmit" in failure.value.fix

    @pytest.mark.parametrize("compressed", [False, True])
    async def test_nodes_go_on(self, kube: Kube, at: TriggerContext, compressed: bool) -> None:
        asked = {"name": "answer", "valueFrom": {"supplied": {}, "default": "yes"}}
        tree = suspended(asked)
        if compressed:
            nodes = tree["status"]["nodes"]
            tree["status"]["compressedNodes"] = "x"
            write_nodes(tree, nodes)
        await there(kube, at, tree)
        await fire(make(at, "resume", about("ci")))
        made = await live(kube, at, "ci")
        assert ("compressedNodes" in made["status"]) is compressed
        nodes = read_nodes(made)
        approve, other = nodes[node_id(NAME, "ci.approve")], nodes[node_id(NAME, "ci.other")]
        assert (approve["phase"], other["phase"]) == ("Succeeded", "Succeeded")
        assert approve["finishedAt"] == "2026-03-14T15:09:26Z"
        assert approve["outputs"]["parameters"] == [{"name": "answer", "value": "yes"}]
        assert other["message"] == "in doubt; resumed by trigger announce of sensor deploy"
        assert nodes["ci"]["phase"] == "Running"

    async def test_one_node_goes_on(self, kube: Kube, at: TriggerContext) -> None:
        tree = suspended()
        tree["spec"]["suspend"] = True
        await there(kube, at, tree)
        trigger = make(at, "resume", about("ci"), "--node-field-selector", "displayName=approve")
        await fire(trigger)
        made = await live(kube, at, "ci")
        phases = {each["displayName"]: each["phase"] for each in made["status"]["nodes"].values()}
        assert phases == {"ci": "Running", "approve": "Succeeded", "other": "Running"}
        assert made["spec"]["suspend"] is True
        assert (await fire(trigger, K2)).answer == "Workflow 'ci' has gone on there already"
        with pytest.raises(Permanent, match="no suspended node of it has 'displayName=nobody'"):
            await fire(make(at, "resume", about("ci"), "--node-field-selector", "displayName=nobody"), K2)

    async def test_nodes_in_a_database_need_argo_server(self, kube: Kube, at: TriggerContext) -> None:
        tree = suspended()
        tree["status"] = {"phase": "Running", "offloadNodeStatusVersion": "fnv:1"}
        await there(kube, at, tree)
        with pytest.raises(Permanent, match="in the database of Argo Workflows") as failure:
            await fire(make(at, "resume", about("ci")))
        assert "server: {url" in failure.value.fix


class TestStopAndTerminate:
    @pytest.mark.parametrize(("operation", "written"), [("stop", "Stop"), ("terminate", "Terminate")])
    async def test_a_running_workflow(self, kube: Kube, at: TriggerContext, operation: str, written: str) -> None:
        await there(kube, at, {**workflow(name="ci"), "status": RUNNING})
        trigger = make(at, operation, about("ci"))
        assert (await fire(trigger)).answer.endswith(("stopped", "terminated"))
        made = await live(kube, at, "ci")
        assert made["spec"]["shutdown"] == written
        assert made["metadata"]["annotations"] == {LAST_KEY: K1}
        assert "by this firing before" in (await fire(trigger)).answer
        assert "already" in (await fire(trigger, K2)).answer
        await control(kube, at, "ci", status={"phase": "Failed"})
        assert (await fire(trigger, K2)).answer == "Workflow 'ci' has ended already (Failed)"

    @pytest.mark.parametrize("operation", ["stop", "terminate"])
    async def test_what_has_ended_by_itself(self, kube: Kube, at: TriggerContext, operation: str) -> None:
        await there(kube, at, {**workflow(name="ci"), "status": {"phase": "Succeeded"}})
        with pytest.raises(Permanent, match=r"has ended \(Succeeded\)"):
            await fire(make(at, operation, about("ci")))

    async def test_one_node_is_stopped(self, kube: Kube, at: TriggerContext) -> None:
        await there(kube, at, suspended())
        args = ("--node-field-selector", "displayName=approve", "--message", "rejected")
        await fire(make(at, "stop", about("ci"), *args))
        made = await live(kube, at, "ci")
        approve = made["status"]["nodes"][node_id(NAME, "ci.approve")]
        assert (approve["phase"], approve["message"]) == ("Failed", "rejected")
        assert "shutdown" not in made["spec"]

    @pytest.mark.parametrize(
        ("operation", "stopped"), [("stop", {"a", "b", "other"}), ("terminate", {"a", "b"}), ("retry", set())]
    )
    async def test_those_that_a_selector_chooses(
        self, kube: Kube, at: TriggerContext, operation: str, stopped: set[str]
    ) -> None:
        names = {"a": RUNNING, "b": {}, "ended": {"phase": "Succeeded"}}
        for name, status in names.items():
            await there(kube, at, {**workflow(name=name, labels={"pr": "12"}), "status": status})
        await there(kube, at, {**workflow(name="other"), "status": RUNNING})
        outcome = await fire(make(at, operation, about("other"), "--selector", "pr=12"))
        assert outcome.started is None or operation == "retry"
        made = {name: await live(kube, at, name) for name in (*names, "other")}
        assert {name for name, each in made.items() if each["spec"].get("shutdown")} == stopped

    async def test_a_selector_that_chooses_nothing(self, at: TriggerContext) -> None:
        outcome = await fire(make(at, "terminate", about("x"), "-l", "pr=12", "--field-selector", "metadata.name!=y"))
        assert outcome.answer == "the selector chooses no Workflow"
        assert outcome.started is None


class TestRetry:
    async def test_it_runs_again_where_it_failed(self, kube: Kube, at: TriggerContext) -> None:
        await there(kube, at, steps())
        pod = f"ci-work-{node_id(NAME, 'ci[1].b').removeprefix('ci-')}"
        await make_pod(kube, at, pod)
        await make_pod(kube, at, "ci-another")
        outcome = await fire(make(at, "retry", about("ci"), "-p", "env=prod"))
        assert outcome.answer == "Workflow 'ci' retried"
        assert not await has_pod(kube, at, pod)
        assert await has_pod(kube, at, "ci-another")
        made = await live(kube, at, "ci")
        assert {each["displayName"] for each in made["status"]["nodes"].values()} == {"ci", "[0]", "[0].a", "[1]"}
        assert "phase" not in made["status"]
        assert made["metadata"]["labels"] == {"workflows.argoproj.io/phase": "Failed", "app": "shop"}
        assert made["metadata"]["annotations"] == {LAST_KEY: K1}
        assert made["spec"]["arguments"]["parameters"] == [{"name": "env", "value": "prod"}]

    async def test_a_repetition_retries_once(self, kube: Kube, at: TriggerContext) -> None:
        await there(kube, at, steps())
        await fire(make(at, "retry", about("ci")))
        # It fails again, before the firing comes again.
        await control(kube, at, "ci", status=steps()["status"])
        assert "retried by this firing before" in (await fire(make(at, "retry", about("ci")))).answer
        assert (await live(kube, at, "ci"))["status"]["phase"] == "Failed"
        assert (await fire(make(at, "retry", about("ci")), K2)).answer == "Workflow 'ci' retried"
        assert (await fire(make(at, "retry", about("ci")), "k3")).answer.endswith("so there is nothing to retry")

    async def test_successful_nodes_by_a_selector(self, kube: Kube, at: TriggerContext) -> None:
        tree = steps("Succeeded", phase="Succeeded")
        await there(kube, at, tree)
        with pytest.raises(Permanent, match="has succeeded"):
            await fire(make(at, "retry", about("ci")))
        args = ("--restart-successful", "--node-field-selector", "displayName=[1].b")
        await fire(make(at, "retry", about("ci"), *args))
        made = await live(kube, at, "ci")
        assert {each["displayName"] for each in made["status"]["nodes"].values()} == {"ci", "[0]", "[0].a", "[1]"}

    async def test_pods_that_may_not_be_deleted(self, kube: Kube, at: TriggerContext, tmp_path: Path) -> None:
        await there(kube, at, steps())
        await asyncio.to_thread(kube.grant, at.namespace, ["get", "update"], ["workflows"], "argoproj.io")
        with configured(user_kubeconfig(kube, tmp_path)):
            with pytest.raises(Forbidden) as failure:
                await fire(make(at, "retry", about("ci")))
            assert "pods" in failure.value.fix
            assert "delete" in failure.value.fix
            assert (await live(kube, at, "ci"))["status"]["phase"] == "Failed"
            await asyncio.to_thread(kube.grant, at.namespace, ["delete"], ["pods"])
            await fire(make(at, "retry", about("ci")))


class TestEnds:
    @pytest.mark.parametrize("operation", ["suspend", "resume", "stop", "terminate", "retry"])
    async def test_what_is_missing(self, at: TriggerContext, operation: str) -> None:
        with pytest.raises(Permanent, match=f"there is no Workflow 'gone' in namespace '{at.namespace}'") as failure:
            await fire(make(at, operation, about("gone")))
        assert failure.value.where
        assert failure.value.fix
        with pytest.raises(Permanent, match=f"needs metadata.name for '{operation}'"):
            await fire(make(at, operation, workflow()))

    @pytest.mark.parametrize(
        ("operation", "verbs"),
        [("suspend", ["get", "update"]), ("resume", ["get", "update"]), ("stop", ["get", "patch"])],
    )
    async def test_the_rights_are_those_that_the_command_needs(
        self, kube: Kube, at: TriggerContext, tmp_path: Path, operation: str, verbs: list[str]
    ) -> None:
        await there(kube, at, suspended())
        with configured(user_kubeconfig(kube, tmp_path)):
            with pytest.raises(Forbidden) as failure:
                await fire(make(at, operation, about("ci")))
            assert "get" in failure.value.fix
            await asyncio.to_thread(kube.grant, at.namespace, verbs, ["workflows"], "argoproj.io")
            await fire(make(at, operation, about("ci")))

    async def test_what_the_controller_changes_meanwhile_is_kept(
        self, kube: Kube, at: TriggerContext, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await there(kube, at, suspended())
        replace = Cluster.replace
        interfered: list[int] = []

        async def late(self: Cluster, object: Any, **options: Any) -> Any:
            if len(interfered) < 2:
                interfered.append(1)
                await control(kube, at, "ci", spec={"entrypoint": f"main-{len(interfered)}"})
            return await replace(self, object, **options)

        monkeypatch.setattr(Cluster, "replace", late)
        await fire(make(at, "resume", about("ci")))
        made = await live(kube, at, "ci")
        assert made["spec"] == {"entrypoint": "main-2"}
        assert {each["phase"] for each in made["status"]["nodes"].values()} == {"Running", "Succeeded"}

    async def test_what_changes_all_the_time_comes_again_later(
        self, kube: Kube, at: TriggerContext, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await there(kube, at, suspended())

        async def refuse(self: Cluster, object: Any, **options: Any) -> Any:
            raise Conflict("the object has been modified")

        monkeypatch.setattr(Cluster, "replace", refuse)
        with pytest.raises(Conflict):
            await fire(make(at, "suspend", about("ci")))

    async def test_many_operate_at_once(self, kube: Kube, at: TriggerContext) -> None:
        for number in range(12):
            await there(kube, at, {**workflow(name=f"w-{number}"), "status": RUNNING})
        async with asyncio.TaskGroup() as group:
            for number in range(12):
                group.create_task(fire(make(at, "terminate", about(f"w-{number}")), f"k-{number}"))
        for number in range(12):
            assert (await live(kube, at, f"w-{number}"))["spec"]["shutdown"] == "Terminate"
