"""triggers/argo_workflow/adapter.py on the real API server: what every trigger promises, and what makes Workflows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from config.backoff import Backoff
from config.errors import Permanent, Temporary
from config.kubernetes.failures import AlreadyExists, Forbidden
from config.model import Model
from config.sensor import K8sPolicy, TriggerParameter, TriggerPolicy
from tests.contract.trigger import RemoteStage, RemoteTriggerContract
from tests.fakes.kube_proxy import TROUBLES, KubeProxy
from tests.fakes.values import context
from tests.servers.kube import Kube
from tests.triggers.argo_stage import (
    ARGO,
    K1,
    K2,
    MOMENT,
    NOW,
    PUSH,
    about,
    everything,
    fire,
    live,
    make,
    parameter,
    there,
    workflow,
)
from tests.triggers.kube_stage import ask, configured, path_of, play, staged, user_kubeconfig
from tests.triggers.workflow_tree import node, steps
from triggers.argo_workflow.adapter import ArgoWorkflow, ArgoWorkflowSettings
from triggers.base import Document, TriggerContext
from triggers.cluster.object import KEY, generated_name

MADE_BY = {
    "events.argoproj.io/sensor": "deploy",
    "events.argoproj.io/trigger": "announce",
    "events.argoproj.io/action-timestamp": str(int(MOMENT * 1000)),
}


@pytest.fixture
async def at(kube: Kube) -> AsyncIterator[TriggerContext]:
    namespace = await asyncio.to_thread(kube.namespace)
    with configured(kube.kubeconfig):
        async with staged(namespace) as made:
            yield made


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

            with configured(proxy.kubeconfig):
                yield RemoteStage(
                    trigger=make(at, "submit", workflow(), "-p", "a=1", parameters=[parameter("metadata.labels.ref")]),
                    values=PUSH,
                    seen=lambda: [each["name"] for each in sent()],
                    keys=lambda: [each["annotations"][KEY] for each in sent()],
                    secrets=[self.kube.token],
                    suffer=lambda trouble: proxy.troubles.append(TROUBLES[trouble]),
                    release=proxy.sink.release,
                    arrived=proxy.until_asked,
                    abandoned=lambda: proxy.sink.until(lambda sink: sink.open == 0),
                    shut=shut,
                )

    def with_parameter(self, settings: Model, parameter: TriggerParameter) -> Model | None:
        return settings.model_copy(update={"parameters": [parameter]})


class TestSubmit:
    async def test_a_workflow_with_the_events_values(self, kube: Kube, at: TriggerContext) -> None:
        spec = {"entrypoint": "main", "arguments": {"parameters": [{"name": "ref", "value": "?"}]}}
        trigger = make(
            at,
            "submit",
            workflow(spec),
            *("-p", "extra=1", "--labels", "app=shop", "--serviceaccount=runner"),
            parameters=[parameter("spec.arguments.parameters.0.value"), parameter("metadata.annotations.n", "n")],
        )
        outcome = await fire(trigger)
        [made] = await everything(kube, at)
        metadata = made["metadata"]
        assert metadata["name"] == generated_name("ci-", K1)
        assert metadata["labels"] == {"app": "shop", **MADE_BY}
        assert metadata["annotations"] == {"n": "7", KEY: K1}
        assert made["spec"] == {
            "entrypoint": "main",
            "serviceAccountName": "runner",
            "arguments": {"parameters": [{"name": "extra", "value": "1"}, {"name": "ref", "value": "main"}]},
        }
        assert outcome.answer == f"Workflow '{metadata['name']}' submitted"
        assert outcome.started is not None
        assert outcome.started["uid"] == metadata["uid"]

    async def test_repeated_with_its_key_it_is_made_once(self, kube: Kube, at: TriggerContext) -> None:
        first, again = await fire(make(at, "submit", workflow())), await fire(make(at, "submit", workflow()))
        await fire(make(at, "submit", workflow()), K2)
        assert first.started == again.started
        assert again.answer.endswith("had been submitted by this firing before")
        assert len(await everything(kube, at)) == 2

    async def test_a_name_that_is_taken(self, kube: Kube, at: TriggerContext) -> None:
        await there(kube, at, workflow(name="fixed"))
        with pytest.raises(AlreadyExists, match="made by somebody else") as failure:
            await fire(make(at, "submit", workflow(name="fixed")))
        assert "generateName" in failure.value.fix
        await fire(make(at, "submit", workflow(name="fixed"), "--name", "other"))
        assert (await fire(make(at, "submit", workflow(name="fixed"), "--name", "other"))).started is not None

    async def test_its_own_namespace_is_before_that_of_the_arguments(self, kube: Kube, at: TriggerContext) -> None:
        other = await asyncio.to_thread(kube.namespace)
        outcome = await fire(make(at, "submit", workflow(name="a", namespace=other), "-n", at.namespace))
        assert outcome.started is not None
        assert outcome.started["namespace"] == other
        moved = await fire(make(at, "submit", workflow(name="b"), "-n", other))
        assert moved.started is not None
        assert moved.started["namespace"] == other

    async def test_a_template_that_is_missing(self, kube: Kube, at: TriggerContext) -> None:
        spec = {"workflowTemplateRef": {"name": "build"}}
        with pytest.raises(Permanent, match="there is no WorkflowTemplate 'build' in namespace"):
            await fire(make(at, "submit", workflow(spec)))
        assert not await everything(kube, at)
        await there(kube, at, about("build", "WorkflowTemplate"), "workflowtemplates")
        await fire(make(at, "submit", workflow(spec)))
        cluster = {"workflowTemplateRef": {"name": "no-such-template", "clusterScope": True}}
        with pytest.raises(Permanent, match=r"there is no ClusterWorkflowTemplate 'no-such-template'$"):
            await fire(make(at, "submit", workflow(cluster)))

    async def test_parameters_of_a_file(self, kube: Kube, at: TriggerContext, tmp_path: Path) -> None:
        path = tmp_path / "parameters.yaml"
        path.write_text("a: from the file\nb: 5\nc: {d: [true]}\n")
        await fire(make(at, "submit", workflow(), "-f", str(path), "-p", "a=given"))
        [made] = await everything(kube, at)
        assert made["spec"]["arguments"]["parameters"] == [
            {"name": "a", "value": "given"},
            {"name": "b", "value": "5"},
            {"name": "c", "value": '{"d":[true]}'},
        ]
        with pytest.raises(Permanent):
            await fire(make(at, "submit", workflow(), "-f", str(tmp_path / "none.yaml")))

    async def test_an_instance_of_the_controller(self, kube: Kube, at: TriggerContext) -> None:
        label = "workflows.argoproj.io/controller-instanceid"
        await fire(make(at, "submit", workflow(name="a", labels={label: "own"})))
        await fire(make(at, "submit", workflow(name="b"), environ={"ARGO_INSTANCEID": "green"}))
        await fire(make(at, "submit", workflow(name="c"), "--instanceid", "blue", environ={"ARGO_INSTANCEID": "green"}))
        made = {each["metadata"]["name"]: each["metadata"]["labels"][label] for each in await everything(kube, at)}
        assert made == {"a": "own", "b": "green", "c": "blue"}

    async def test_an_answer_that_gets_lost(self, kube: Kube, at: TriggerContext, tmp_path: Path) -> None:
        async with KubeProxy(kube, tmp_path) as proxy:
            with configured(proxy.kubeconfig):
                await fire(make(at, "submit", workflow(name="first")))
                proxy.lose_next()
                with pytest.raises(Temporary):
                    await fire(make(at, "submit", workflow()))
                outcome = await fire(make(at, "submit", workflow()))
        assert outcome.answer.endswith("had been submitted by this firing before")
        assert len(await everything(kube, at)) == 2

    async def test_rights_that_are_missing_are_named(self, kube: Kube, at: TriggerContext, tmp_path: Path) -> None:
        with configured(user_kubeconfig(kube, tmp_path)):
            with pytest.raises(Forbidden) as failure:
                await fire(make(at, "submit", workflow()))
            assert "workflows" in failure.value.fix
            assert "create" in failure.value.fix
            await asyncio.to_thread(kube.grant, at.namespace, ["create"], ["workflows"], "argoproj.io")
            # Whoever may not look whether the template is there is believed.
            await fire(make(at, "submit", workflow({"workflowTemplateRef": {"name": "build"}})))

    @pytest.mark.parametrize(
        ("object", "what"),
        [
            (
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}},
                "a ConfigMap of v1 cannot be submitted",
            ),
            ({"kind": "Workflow", "metadata": {}}, "neither a name nor a generateName"),
            ({"kind": "Workflow", "metadata": {"name": "x"}, "spec": []}, "'spec' of the Workflow is no mapping"),
        ],
    )
    async def test_what_cannot_be_submitted(self, at: TriggerContext, object: dict[str, Any], what: str) -> None:
        with pytest.raises(Permanent, match=what):
            await fire(make(at, "submit", object))

    async def test_labels_of_a_policy_are_awaited(self, kube: Kube, at: TriggerContext) -> None:
        policy = K8sPolicy(
            labels={"workflows.argoproj.io/phase": "Running"},
            backoff=Backoff.model_validate({"steps": 3, "duration": "1s"}),
            error_on_backoff_timeout=True,
        )
        async with staged(at.namespace, TriggerPolicy(k8s=policy)) as patient:
            with pytest.raises(Temporary, match="did not get the labels"):
                await fire(make(patient, "submit", workflow(name="slow")))
            labels = {"workflows.argoproj.io/phase": "Running"}
            await fire(make(patient, "submit", workflow(name="fast", labels=labels)))


class TestSubmitFrom:
    @pytest.mark.parametrize(
        ("kind", "plural", "label"),
        [
            ("WorkflowTemplate", "workflowtemplates", "workflow-template"),
            ("CronWorkflow", "cronworkflows", "cron-workflow"),
        ],
    )
    async def test_what_is_in_the_namespace(
        self, kube: Kube, at: TriggerContext, kind: str, plural: str, label: str
    ) -> None:
        spec = {"workflowSpec": {"entrypoint": "main", "arguments": {"parameters": [{"name": "a", "value": "0"}]}}}
        origin = await there(kube, at, about("build", kind, spec=spec), plural)
        trigger = make(at, "submit-from", about("build", kind), "-p", "a=1", "--entrypoint", "other")
        first, again = await fire(trigger), await fire(trigger)
        assert first.started == again.started
        [made] = await everything(kube, at)
        assert made["metadata"]["name"] == generated_name("build-", K1)
        assert made["metadata"]["labels"] == {f"workflows.argoproj.io/{label}": "build", **MADE_BY}
        assert made["metadata"]["annotations"][KEY] == K1
        assert made["spec"]["entrypoint"] == "other"
        assert made["spec"]["arguments"] == {"parameters": [{"name": "a", "value": "1"}]}
        if kind == "CronWorkflow":
            [owner] = made["metadata"]["ownerReferences"]
            assert (owner["uid"], owner["controller"]) == (origin["metadata"]["uid"], True)
            assert made["metadata"]["annotations"]["workflows.argoproj.io/scheduled-time"] == NOW
        else:
            assert made["spec"]["workflowTemplateRef"] == {"name": "build"}

    async def test_a_cluster_workflow_template(self, kube: Kube, at: TriggerContext) -> None:
        name = f"shared-{at.namespace}"
        path = f"/apis/{ARGO}/clusterworkflowtemplates"
        await ask(kube, "POST", path, about(name, "ClusterWorkflowTemplate"))
        await fire(make(at, "submit-from", about(name, "ClusterWorkflowTemplate")))
        # The way that leads there with Argo Events.
        await fire(make(at, "submit-from", about("x", "WorkflowTemplate"), "--from", f"cwftmpl/{name}"), K2)
        made = await everything(kube, at)
        assert {each["metadata"]["name"] for each in made} == {generated_name(f"{name}-", key) for key in (K1, K2)}
        for each in made:
            assert each["spec"]["workflowTemplateRef"] == {"name": name, "clusterScope": True}

    async def test_the_arguments_of_the_source_count(self, kube: Kube, at: TriggerContext) -> None:
        await there(kube, at, about("build", "WorkflowTemplate"), "workflowtemplates")
        listed = [{"name": "ref", "value": "?"}, {"name": "n"}, {"name": "list"}]
        source = about("build", "WorkflowTemplate", spec={"arguments": {"parameters": listed}})
        dests = ["spec.arguments.parameters.0.value", "spec.arguments.parameters.1.value"]
        parameters = [parameter(dests[0]), parameter(dests[1], "n", useRawData=True)]
        await fire(make(at, "submit-from", source, "-p", "extra=1", parameters=parameters))
        [made] = await everything(kube, at)
        assert made["spec"]["arguments"]["parameters"] == [
            {"name": "ref", "value": "main"},
            {"name": "n", "value": "7"},
            {"name": "extra", "value": "1"},
        ]

    @pytest.mark.parametrize("kind", ["WorkflowTemplate", "CronWorkflow"])
    async def test_what_is_missing(self, at: TriggerContext, kind: str) -> None:
        with pytest.raises(Permanent, match=f"there is no {kind} 'build' in namespace '{at.namespace}'") as failure:
            await fire(make(at, "submit-from", about("build", kind)))
        assert failure.value.fix

    async def test_a_workflow_is_nothing_to_submit_from(self, at: TriggerContext) -> None:
        with pytest.raises(Permanent, match="nothing can be submitted from a 'Workflow'"):
            await fire(make(at, "submit-from", about("build")))


class TestResubmit:
    async def test_a_new_one_like_the_old(self, kube: Kube, at: TriggerContext) -> None:
        old = workflow({"entrypoint": "main", "shutdown": "Stop"}, name="ci-1", labels={"app": "shop"})
        await there(kube, at, {**old, "status": {"phase": "Failed"}})
        trigger = make(at, "resubmit", about("ci-1"), "-p", "a=1")
        first, again = await fire(trigger), await fire(trigger)
        assert first.started == again.started
        assert again.answer.endswith("had been submitted by this firing before")
        name = generated_name("ci-1-", K1)
        made = await live(kube, at, name)
        previous = {"workflows.argoproj.io/resubmitted-from-workflow": "ci-1"}
        assert made["metadata"]["labels"] == {"app": "shop", **previous, **MADE_BY}
        assert made["spec"] == {"entrypoint": "main", "arguments": {"parameters": [{"name": "a", "value": "1"}]}}
        assert "status" not in made
        assert len(await everything(kube, at)) == 2

    async def test_what_succeeded_is_taken_over(self, kube: Kube, at: TriggerContext) -> None:
        await there(kube, at, steps())
        outcome = await fire(make(at, "resubmit", about("ci"), "--memoized"))
        assert outcome.started is not None
        made = await live(kube, at, outcome.started["name"])
        phases = {each["displayName"]: each["phase"] for each in made["status"]["nodes"].values()}
        assert phases == {"ci": "Pending", "[0]": "Pending", "[0].a": "Skipped", "[1]": "Pending", "[1].b": "Pending"}
        assert "workflows.argoproj.io/completed" not in made["metadata"]["labels"]

    async def test_each_that_a_selector_chooses(self, kube: Kube, at: TriggerContext) -> None:
        for name, app in (("a", "shop"), ("b", "shop"), ("c", "mail")):
            await there(kube, at, workflow(name=name, labels={"app": app}))
        trigger = make(at, "resubmit", about("c"), "-l", "app=shop")
        first, again = await fire(trigger), await fire(trigger)
        assert first.started is again.started is None
        assert len(await everything(kube, at)) == 6

    async def test_what_is_missing(self, at: TriggerContext) -> None:
        with pytest.raises(Permanent, match="there is no Workflow 'gone' in namespace") as failure:
            await fire(make(at, "resubmit", about("gone")))
        assert "archived" in failure.value.fix


class TestAwait:
    async def test_how_it_ended(self, kube: Kube, at: TriggerContext) -> None:
        trigger = make(at, "submit", workflow())
        async with trigger, asyncio.TaskGroup() as group:
            outcome = await trigger.fire(trigger.render(trigger.settings, PUSH), K1)
            assert outcome.started is not None
            task = group.create_task(trigger.result(outcome.started))
            outputs = {"parameters": [{"name": "digest", "value": "sha256:1"}]}
            status = {"phase": "Succeeded", "startedAt": NOW, "finishedAt": NOW, "outputs": outputs, "nodes": {"x": {}}}
            await play(kube, path_of(at.namespace, "workflows", outcome.started["name"], ARGO), status=status)
            result = await task
        assert (result.phase, result.ok) == ("Succeeded", True)
        assert result.object["status"] == {
            "phase": "Succeeded",
            "startedAt": NOW,
            "finishedAt": NOW,
            "outputs": outputs,
        }
        assert result.object["metadata"]["name"] == outcome.started["name"]
        assert result.object["spec"] == {"entrypoint": "main"}

    async def test_why_it_failed_and_what_its_entrypoint_said(self, kube: Kube, at: TriggerContext) -> None:
        outputs = {"parameters": [{"name": "code", "value": "3"}]}
        tree = steps(message="child 'ci[1].b' failed")
        tree["status"]["nodes"]["ci"] = {**node("", "Steps", "Failed"), "outputs": outputs}
        await there(kube, at, tree)
        trigger = make(at, "retry", about("ci"))
        async with trigger:
            started = {"name": "ci", "namespace": at.namespace, "apiVersion": ARGO, "kind": "Workflow", "labels": {}}
            uid = (await live(kube, at, "ci"))["metadata"]["uid"]
            result = await trigger.result({**started, "uid": uid})
        assert (result.phase, result.ok, result.message) == ("Failed", False, "child 'ci[1].b' failed")
        assert result.object["status"]["outputs"] == outputs
        assert "nodes" not in result.object["status"]


def documents(operation: str, object: dict[str, Any], *args: str) -> Sequence[Document]:
    """What there would be to do, without a cluster."""
    trigger = make(context(), operation, object, *args)
    return asyncio.run(trigger.documents(trigger.render(trigger.settings, PUSH), K1))


class TestDocuments:
    def test_submit(self) -> None:
        [document] = documents("submit", workflow(), "-p", "a=1")
        assert document.verb == "create"
        assert document.body["metadata"]["name"] == generated_name("ci-", K1)
        assert document.body["metadata"]["namespace"] == "default"
        assert document.body["spec"]["arguments"] == {"parameters": [{"name": "a", "value": "1"}]}

    def test_submit_from(self) -> None:
        [document] = documents("submit-from", about("build", "ClusterWorkflowTemplate"))
        assert document.verb == "create"
        assert document.body["spec"] == {"workflowTemplateRef": {"name": "build", "clusterScope": True}}
        [document] = documents("submit-from", about("nightly", "CronWorkflow"), "-p", "a=1")
        assert document == Document(
            "submit-from",
            {
                "apiVersion": ARGO,
                "kind": "CronWorkflow",
                "metadata": {"name": "nightly", "namespace": "default"},
                "args": ["-p", "a=1"],
            },
        )

    @pytest.mark.parametrize(
        ("operation", "args", "verb", "spec"),
        [
            ("suspend", (), "patch", {"suspend": True}),
            ("stop", (), "patch", {"shutdown": "Stop"}),
            ("terminate", (), "patch", {"shutdown": "Terminate"}),
            ("terminate", ("-l", "a=b"), "terminate", None),
            ("stop", ("--node-field-selector", "id=1"), "stop", None),
            ("resume", (), "resume", None),
            ("retry", (), "retry", None),
            ("resubmit", (), "resubmit", None),
        ],
    )
    def test_others(self, operation: str, args: tuple[str, ...], verb: str, spec: dict[str, Any] | None) -> None:
        [document] = documents(operation, about("ci-1"), *args)
        assert document.verb == verb
        assert document.body["metadata"]["name"] == "ci-1"
        assert document.body.get("spec") == spec


class TestShowing:
    def test_an_order_says_what_it_is(self) -> None:
        trigger = make(context(), "submit", workflow(name="x", namespace="build"), "-p", "a=1")
        order = trigger.render(trigger.settings, PUSH)
        assert order.show().startswith('submit -p a=1 Workflow build/x  {"apiVersion"')
        assert order.view() == {
            "operation": "submit",
            "source": "resource",
            "args": ["-p", "a=1"],
            "object": workflow(name="x", namespace="build"),
        }

    def test_what_is_fetched_later(self) -> None:
        block = {"operation": "submit", "source": {"file": {"path": "/etc/w.yaml"}}}
        trigger = ArgoWorkflow(ArgoWorkflowSettings.model_validate(block), context())
        order = trigger.render(trigger.settings, PUSH)
        assert order.show() == "submit file /etc/w.yaml"
        assert order.view() == {"operation": "submit", "source": "file /etc/w.yaml"}

    def test_unusable_arguments_are_permanent(self) -> None:
        trigger = make(context(), "submit", workflow(), "--entry-point", "x")
        with pytest.raises(Permanent, match="no flag '--entry-point'"):
            trigger.render(trigger.settings, PUSH)
        trigger = make(context(), "create", workflow())
        with pytest.raises(Permanent, match="unknown operation 'create'"):
            trigger.render(trigger.settings, PUSH)


def check(operation: str, object: dict[str, Any], *args: str, **block: Any) -> list[tuple[str, str, str]]:
    return ArgoWorkflow.check(make(context(), operation, object, *args, **block).settings)


class TestCheck:
    @pytest.mark.parametrize(
        ("operation", "object", "args", "written"),
        [
            ("submit", workflow(), (), ()),
            ("submit", {"kind": "Workflow", "metadata": {}}, ("--generate-name", "x-"), ()),
            ("submit", {"kind": "Workflow", "metadata": {}}, (), ("metadata.name",)),
            ("submit-from", about("b", "WorkflowTemplate"), ("-p", "a=1"), ("spec.arguments.parameters.0.value",)),
            ("submit-from", {"kind": "X"}, ("--from", "cronwf/x"), ()),
            ("terminate", {"metadata": {}}, ("-l", "a=b"), ()),
            ("resume", about("x", "Anything"), (), ("metadata.name", "metadata.namespace")),
        ],
    )
    def test_nothing_to_say(
        self, operation: str, object: dict[str, Any], args: tuple[str, ...], written: tuple[str, ...]
    ) -> None:
        assert not check(operation, object, *args, parameters=[parameter(place) for place in written])

    @pytest.mark.parametrize(
        ("operation", "object", "written", "what"),
        [
            ("submit", about("x", "WorkflowTemplate"), (), "a WorkflowTemplate of argoproj.io/v1alpha1 cannot"),
            ("submit", {"kind": "Workflow"}, (), "no metadata.name or metadata.generateName, which submit needs"),
            ("submit-from", about("x"), (), "nothing can be submitted from a 'Workflow'"),
            ("retry", {"metadata": {"generateName": "x-"}}, (), "no metadata.name, which retry needs"),
            ("submit-from", about("x", "CronWorkflow"), ("workflow.parameters.a",), "means nothing to submit-from"),
            ("stop", about("x"), ("spec.shutdown",), "'spec.shutdown' of the object means nothing to stop"),
        ],
    )
    def test_warnings(self, operation: str, object: dict[str, Any], written: tuple[str, ...], what: str) -> None:
        [(_, said, fix)] = check(operation, object, parameters=[parameter(place) for place in written])
        assert said.startswith("warning: ")
        assert what in said
        assert fix

    def test_faults_of_arguments_and_server(self) -> None:
        found = check("submit", workflow(), "--entry-point", "x", server={"url": "argo:2746", "tls": {}})
        assert [path for path, _, _ in found] == ["server.tls", "server.url", "args.0"]
        assert found[2][2] == "did you mean '--entrypoint'?"

    def test_an_operation_that_is_none_is_left_to_the_manifests_check(self) -> None:
        assert not check("create", workflow(), "--nonsense")


def test_without_a_cluster_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBECONFIG", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    assert "no Kubernetes cluster is configured" in make(context(), "submit", workflow()).missing()
    assert not make(context(), "submit", workflow(), server={"url": "https://argo:2746"}).missing()
    assert not make(context(), "submit", workflow(), environ={"ARGO_SERVER": "argo:2746"}).missing()
