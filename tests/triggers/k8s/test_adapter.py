"""triggers/k8s/adapter.py on the real API server, where it can be made to suffer behind a proxy."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from config.backoff import Backoff
from config.errors import EventyardError, Permanent, Temporary
from config.kubernetes.failures import AlreadyExists, Conflict, Denied, Forbidden, NotFound, TooLarge
from config.model import Model
from config.sensor import K8sPolicy, TriggerParameter, TriggerPolicy
from tests.contract.trigger import RemoteStage, RemoteTriggerContract
from tests.fakes.cluster import FakeCluster
from tests.fakes.kube_proxy import TROUBLES, KubeProxy
from tests.servers.kube import Kube
from tests.triggers.k8s_stage import ARGO, K1, K2, PUSH, config_map, fire, live, make, parameter, workflow
from tests.triggers.k8s_stage import at as at
from tests.triggers.kube_stage import ask, configured, path_of, play, staged, user_kubeconfig
from triggers.base import TriggerContext
from triggers.cluster.object import KEY, TIMESTAMP, generated_name
from triggers.k8s.adapter import K8s, K8sSettings


class TestContract(RemoteTriggerContract):
    @pytest.fixture(autouse=True)
    def _places(self, kube: Kube, tmp_path: Path) -> None:
        self.kube, self.folder = kube, tmp_path

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[RemoteStage]:
        namespace = await asyncio.to_thread(self.kube.namespace)
        async with KubeProxy(self.kube, self.folder) as proxy, staged(namespace) as at:

            async def shut() -> None:
                await proxy.sink.__aexit__(None, None, None)

            def sent() -> list[dict[str, Any]]:
                return [json.loads(seen.body)["metadata"] for seen in proxy.asked("POST")]

            secret = {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"generateName": "s-"},
                "stringData": {"password": "nobody-sees-this"},
            }
            with configured(proxy.kubeconfig):
                yield RemoteStage(
                    trigger=make(at, secret, parameters=[parameter("metadata.annotations.ref")]),
                    values=PUSH,
                    seen=lambda: [each["name"] for each in sent()],
                    keys=lambda: [each["annotations"][KEY] for each in sent()],
                    secrets=[self.kube.token, "nobody-sees-this"],
                    suffer=lambda trouble: proxy.troubles.append(TROUBLES[trouble]),
                    release=proxy.sink.release,
                    arrived=proxy.until_asked,
                    abandoned=lambda: proxy.sink.until(lambda sink: sink.open == 0),
                    shut=shut,
                )

    def with_parameter(self, settings: Model, parameter: TriggerParameter) -> Model | None:
        return settings.model_copy(update={"parameters": [parameter]})


class TestCreate:
    async def test_an_object_says_who_made_it(self, kube: Kube, at: TriggerContext) -> None:
        outcome = await fire(make(at, config_map(), parameters=[parameter("data.ref"), parameter("data.n", "n")]))
        made = await live(kube, at)
        assert made["data"] == {"a": "1", "ref": "main", "n": "7"}
        assert made["metadata"]["annotations"] == {KEY: K1}
        assert int(made["metadata"]["labels"].pop(TIMESTAMP)) > 1_700_000_000_000
        assert made["metadata"]["labels"] == {
            "events.argoproj.io/sensor": "deploy",
            "events.argoproj.io/trigger": "announce",
        }
        assert outcome.answer == f"configmaps 'cm' in namespace '{at.namespace}' created"

    async def test_repeated_with_its_key_it_is_made_once(self, kube: Kube, at: TriggerContext) -> None:
        first = await fire(make(at, workflow()))
        again = await fire(make(at, workflow()))
        other = await fire(make(at, workflow()), K2)
        assert first.started is not None
        assert first.started == again.started
        assert first.started["name"] == generated_name("ci-", K1)
        assert again.answer.endswith("had been created by this firing before")
        assert other.started is not None
        assert other.started["name"] == generated_name("ci-", K2)

    async def test_an_answer_that_gets_lost(self, kube: Kube, at: TriggerContext, tmp_path: Path) -> None:
        """The server has made the object, and nobody was told."""
        async with KubeProxy(kube, tmp_path) as proxy:
            with configured(proxy.kubeconfig):
                await fire(make(at, config_map(name="first")))
                proxy.lose_next()
                with pytest.raises(Temporary):
                    await fire(make(at, workflow()))
                outcome = await fire(make(at, workflow()))
        assert outcome.answer.endswith("had been created by this firing before")
        made = await ask(kube, "GET", path_of(at.namespace, "workflows", group=ARGO))
        assert [one["metadata"]["name"] for one in made["items"]] == [generated_name("ci-", K1)]

    async def test_a_name_that_is_taken(self, at: TriggerContext) -> None:
        await fire(make(at, config_map()))
        with pytest.raises(AlreadyExists, match="it was made by another firing") as error:
            await fire(make(at, config_map()), K2)
        assert "generateName" in error.value.fix

    async def test_where_it_belongs(self, kube: Kube, at: TriggerContext) -> None:
        other = await asyncio.to_thread(kube.namespace)
        await fire(make(at, config_map(name="cm", namespace=other)))
        assert (await ask(kube, "GET", path_of(other, "configmaps", "cm")))["metadata"]["annotations"] == {KEY: K1}
        moved = [parameter("metadata.namespace", "", value=other)]
        outcome = await fire(make(at, config_map(name="moved"), parameters=moved))
        assert outcome.started is not None
        assert outcome.started["namespace"] == other

    async def test_cluster_wide_kinds(self, kube: Kube, at: TriggerContext) -> None:
        template = {
            "apiVersion": ARGO,
            "kind": "ClusterWorkflowTemplate",
            "metadata": {"generateName": "t-"},
            "spec": {},
        }
        outcome = await fire(make(at, template), at.namespace)
        assert outcome.started is not None
        assert outcome.started["namespace"] == ""
        priority = {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": at.namespace, "namespace": "x"},
        }
        await fire(make(at, {**priority, "value": 7}))
        assert (await ask(kube, "GET", f"/apis/scheduling.k8s.io/v1/priorityclasses/{at.namespace}"))["value"] == 7

    async def test_a_kind_whose_plural_nobody_guesses(self, kube: Kube, at: TriggerContext) -> None:
        await fire(make(at, {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "e"}}))
        assert await ask(kube, "GET", path_of(at.namespace, "endpoints", "e"))

    @pytest.mark.parametrize(
        ("object", "told", "fix"),
        [
            (
                {"apiVersion": "v1", "kind": "ConfigMapp", "metadata": {"name": "x"}},
                "no kind 'ConfigMapp'",
                "'ConfigMap'",
            ),
            ({"apiVersion": "v2", "kind": "ConfigMap", "metadata": {"name": "x"}}, "no apiVersion 'v2'", "v1"),
            ({"kind": "ConfigMap", "metadata": {"name": "x"}}, "'apiVersion' and 'kind'", "write both"),
            ({"apiVersion": "v1", "kind": "ConfigMap"}, "name or generateName is required", ""),
            (config_map(name="No Name"), "metadata.name: Invalid", "correct"),
        ],
    )
    async def test_what_is_wrong_is_permanent(self, at: TriggerContext, object: Any, told: str, fix: str) -> None:
        with pytest.raises(Permanent) as error:
            await fire(make(at, object))
        assert told in str(error.value)
        assert fix in error.value.fix

    async def test_an_object_of_a_megabyte(self, kube: Kube, at: TriggerContext) -> None:
        trigger = make(at, config_map({"a": "x" * 1_000_000}))
        assert len(trigger.render(trigger.settings, PUSH).show()) < 1100
        await fire(trigger)
        assert len((await live(kube, at))["data"]["a"]) == 1_000_000
        with pytest.raises(TooLarge):
            await fire(make(at, config_map({"a": "x" * 4_000_000}, name="larger")))


def policy(steps: int = 3, *, strict: bool = True, **labels: str) -> TriggerPolicy:
    backoff = Backoff.model_validate({"duration": "1ms", "steps": steps})
    return TriggerPolicy(k8s=K8sPolicy(labels=labels, backoff=backoff, error_on_backoff_timeout=strict))


class TestPolicy:
    async def test_labels_that_appear(self, kube: Kube, at: TriggerContext) -> None:
        async with staged(at.namespace, policy(50, state="done")) as judged:
            trigger = K8s(K8sSettings.model_validate({"source": {"resource": config_map()}}), judged)
            async with trigger, asyncio.TaskGroup() as group:
                task = group.create_task(trigger.fire(trigger.render(trigger.settings, PUSH), K1))
                path = path_of(at.namespace, "configmaps", "cm")
                while (await ask(kube, "GET", path_of(at.namespace, "configmaps")))["items"] == []:  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
                object = await ask(kube, "GET", path)
                object["metadata"]["labels"]["state"] = "done"
                await ask(kube, "PUT", path, object)
            assert task.result().answer.endswith("created")

    async def test_labels_that_do_not(self, at: TriggerContext) -> None:
        async with staged(at.namespace, policy(state="done")) as judged:
            with pytest.raises(Temporary, match=r"did not get the labels of policy\.k8s") as error:
                await fire(make(judged, config_map()))
            assert error.value.fix
        async with staged(at.namespace, policy(strict=False, state="done")) as judged:
            assert (await fire(make(judged, config_map()))).answer.endswith("before")

    async def test_an_object_that_goes_away_meanwhile(self, kube: Kube, at: TriggerContext) -> None:
        async def delete(_: float) -> None:
            await ask(kube, "DELETE", path_of(at.namespace, "configmaps", "cm"))

        async with staged(at.namespace, policy(strict=False, state="done")) as judged:
            settings = K8sSettings.model_validate({"source": {"resource": config_map()}})
            with pytest.raises(NotFound):
                await fire(K8s(settings, judged, sleep=delete))


class TestRefusals:
    async def test_rights_name_verb_and_resource(self, kube: Kube, at: TriggerContext, tmp_path: Path) -> None:
        with configured(user_kubeconfig(kube, tmp_path)):
            with pytest.raises(Forbidden) as error:
                await fire(make(at, workflow()))
            assert f"create workflows.argoproj.io '{generated_name('ci-', K1)}' in namespace '{at.namespace}'" in str(
                error.value
            )
            assert "apiGroups: [argoproj.io], resources: [workflows], verbs: [create]" in error.value.fix
            kube.grant(at.namespace, ["create"], ["workflows"], "argoproj.io")
            assert (await fire(make(at, workflow()))).answer.endswith("created")

    async def test_admission(self, kube: Kube, at: TriggerContext) -> None:
        """A policy of the server that forbids ConfigMaps of one name."""
        name = f"no-{at.namespace}"
        admission = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic"
        rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
        await ask(
            kube,
            "POST",
            f"{admission}ies",
            {
                "metadata": {"name": name},
                "spec": {
                    "matchConstraints": {"resourceRules": [rule]},
                    "validations": [{"expression": f"object.metadata.name != '{name}'", "message": "not that one"}],
                },
            },
        )
        binding = {"policyName": name, "validationActions": ["Deny"]}
        await ask(kube, "POST", f"{admission}ybindings", {"metadata": {"name": name}, "spec": binding})
        async with asyncio.timeout(20):
            number = 0
            while True:
                number += 1
                try:
                    # The server takes a second to heed a new policy.
                    await fire(make(at, config_map(name=name)), str(number))
                    await ask(kube, "DELETE", path_of(at.namespace, "configmaps", name))
                except Denied as error:
                    assert "not that one" in str(error)
                    assert name in error.fix
                    break
                await asyncio.sleep(0.1)

    async def test_a_conflict_that_does_not_end(self, kube: Kube, at: TriggerContext) -> None:
        class Busy(FakeCluster):
            async def replace(self, object: Mapping[str, Any], **more: Any) -> Any:
                raise Conflict("changed meanwhile", where="memory")

        trigger = make(at, config_map(), operation="update")
        async with trigger:
            trigger.api = Busy([config_map(name="cm", namespace=at.namespace)])
            with pytest.raises(Conflict):
                await trigger.fire(trigger.render(trigger.settings, PUSH), K1)
            assert [action["verb"] for action in trigger.api.actions] == ["get"] * 5


async def test_a_server_that_dies_while_many_fire() -> None:
    """What fails is Temporary, and repeated it works; nothing is made twice."""
    with Kube() as kube:
        await asyncio.to_thread(kube.install_crds)
        namespace = await asyncio.to_thread(kube.namespace)
        with configured(kube.kubeconfig):
            async with staged(namespace) as at:
                trigger = make(at, workflow())
                failures: list[EventyardError] = []

                async def insist(key: str) -> None:
                    while True:
                        try:
                            await trigger.fire(trigger.render(trigger.settings, PUSH), key)
                            return
                        except Temporary as error:
                            failures.append(error)
                            await asyncio.sleep(0.2)

                async def restart() -> None:
                    await asyncio.sleep(0.05)
                    await asyncio.to_thread(kube.kill)
                    await asyncio.to_thread(kube.start)

                async with trigger, asyncio.TaskGroup() as group:
                    group.create_task(restart())
                    for number in range(60):
                        group.create_task(insist(f"key-{number}"))
                made = await ask(kube, "GET", path_of(namespace, "workflows", group=ARGO))
    assert failures
    assert {one["metadata"]["name"] for one in made["items"]} == {generated_name("ci-", f"key-{n}") for n in range(60)}
    assert len(made["items"]) == 60


class TestResult:
    async def test_success_and_failure_of_jobs(self, kube: Kube, at: TriggerContext) -> None:
        spec = {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "busybox"}]}}}
        job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"generateName": "job-"}, "spec": spec}
        trigger = make(at, job)
        async with trigger, asyncio.TaskGroup() as group:
            waits = []
            for key, kind in ((K1, "Complete"), (K2, "Failed")):
                outcome = await trigger.fire(trigger.render(trigger.settings, PUSH), key)
                assert outcome.started is not None
                waits.append(group.create_task(trigger.result(outcome.started)))
                path = path_of(at.namespace, "jobs", outcome.started["name"], group="batch/v1") + "/status"
                before = {"type": "SuccessCriteriaMet" if kind == "Complete" else "FailureTarget", "status": "True"}
                status = {
                    "conditions": [before, {"type": kind, "status": "True", "reason": "Because"}],
                    "startTime": "2026-03-14T15:09:26Z",
                    **(
                        {"completionTime": "2026-03-14T15:09:27Z", "succeeded": 1}
                        if kind == "Complete"
                        else {"failed": 1}
                    ),
                }
                await play(kube, path, status=status)
        assert [(wait.result().phase, wait.result().ok) for wait in waits] == [("Complete", True), ("Failed", False)]

    async def test_what_has_no_end(self, at: TriggerContext) -> None:
        trigger = make(at, config_map())
        async with trigger:
            outcome = await trigger.fire(trigger.render(trigger.settings, PUSH), K1)
            assert outcome.started is not None
            with pytest.raises(Permanent, match="a ConfigMap of v1 cannot be awaited"):
                await trigger.result(outcome.started)

    async def test_started_survives_a_restart(self, kube: Kube, at: TriggerContext) -> None:
        outcome = await fire(make(at, workflow()))
        started = json.loads(json.dumps(outcome.started))
        await play(kube, path_of(at.namespace, "workflows", started["name"], ARGO), status={"phase": "Succeeded"})
        trigger = make(at, workflow())
        async with trigger:
            assert (await trigger.result(started)).phase == "Succeeded"
