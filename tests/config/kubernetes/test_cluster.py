"""Each operation, and each failure that a real API server can be brought to."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from config.kubernetes.access import find_access
from config.kubernetes.cluster import ALL, Cluster, Patch
from config.kubernetes.failures import (
    AlreadyExists,
    Conflict,
    Denied,
    Expired,
    Forbidden,
    Invalid,
    NotFound,
    TooLarge,
    Unauthorized,
    Unavailable,
)
from config.kubernetes.resource import Object
from tests.config.kubernetes.fake_api import Answer, GivenAccess, fake_api
from tests.servers.kube import Kube

ARGO = "argoproj.io/v1alpha1"


def config_map(name: str, namespace: str = "", **data: str) -> Object:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def workflow(name: str, **spec: Any) -> Object:
    return {"apiVersion": ARGO, "kind": "Workflow", "metadata": {"name": name}, "spec": spec}


async def test_an_objects_life(cluster: Cluster, namespace: str) -> None:
    maps = await cluster.find("v1", "ConfigMap")
    made = await cluster.create(config_map("a", x="1"), namespace=namespace)
    assert (made["metadata"]["namespace"], made["data"]) == (namespace, {"x": "1"})
    assert await cluster.get(maps, "a", namespace=namespace) == made
    changed = await cluster.replace({**made, "data": {"x": "2"}})
    assert changed["data"] == {"x": "2"}
    await cluster.delete(maps, "a", namespace=namespace)
    with pytest.raises(NotFound) as caught:
        await cluster.get(maps, "a", namespace=namespace)
    assert (caught.value.status, caught.value.reason, caught.value.served) == (404, "NotFound", True)
    assert "get configmaps 'a' in namespace" in caught.value.what
    assert caught.value.where == cluster.where


async def test_the_namespace_of_the_object_then_the_given_then_the_own(kube: Kube, namespace: str) -> None:
    access = find_access(kubeconfig=kube.kubeconfig)
    access.namespace = namespace
    async with Cluster(access) as cluster:
        maps = await cluster.find("v1", "ConfigMap")
        other = await asyncio.to_thread(kube.namespace)
        spaces = [
            (await cluster.create(one, namespace=given))["metadata"]["namespace"]
            for one, given in ((config_map("a", other), namespace), (config_map("b"), other), (config_map("c"), None))
        ]
        assert spaces == [other, other, namespace]
        # For one object 'all' makes no sense.
        assert (await cluster.get(maps, "c", namespace=ALL))["metadata"]["namespace"] == namespace


async def test_a_generated_name(cluster: Cluster, namespace: str) -> None:
    nameless = {"apiVersion": ARGO, "kind": "Workflow", "metadata": {"generateName": "wf-"}}
    names = {(await cluster.create(nameless, namespace=namespace))["metadata"]["name"] for _ in range(2)}
    assert len(names) == 2


async def test_an_object_without_a_namespace(cluster: Cluster) -> None:
    template = {"apiVersion": ARGO, "kind": "ClusterWorkflowTemplate", "metadata": {"generateName": "t-"}}
    made = await cluster.create(template, namespace="ignored")
    templates = await cluster.find(ARGO, "ClusterWorkflowTemplate")
    name = made["metadata"]["name"]
    assert await cluster.get(templates, name) == made
    await cluster.delete(templates, name)


async def test_the_ways_to_patch(cluster: Cluster, namespace: str) -> None:
    maps = await cluster.find("v1", "ConfigMap")
    await cluster.create(config_map("a", x="1", y="1"), namespace=namespace)

    async def patched(patch: Any, kind: Patch, **more: Any) -> Any:
        changed = await cluster.patch(maps, "a", patch, type=kind, namespace=namespace, **more)
        return changed.get("data")

    assert await patched({"data": {"x": "2", "y": None}}, Patch.MERGE) == {"x": "2"}
    assert await patched({"data": {"z": "3"}}, Patch.STRATEGIC) == {"x": "2", "z": "3"}
    assert await patched([{"op": "remove", "path": "/data/z"}], Patch.JSON) == {"x": "2"}
    applied = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"x": "4"}}
    with pytest.raises(Conflict, match='conflict with "eventyard" using v1'):
        await patched(applied, Patch.APPLY)
    assert await patched(applied, Patch.APPLY, force=True) == {"x": "4"}


async def test_server_side_apply_creates(cluster: Cluster, namespace: str) -> None:
    workflows = await cluster.find(ARGO, "Workflow")
    made = await cluster.patch(workflows, "new", workflow("new", a=1), type=Patch.APPLY, namespace=namespace)
    assert made["metadata"]["managedFields"][0]["manager"] == "eventyard"


async def test_a_patch_that_the_resource_does_not_take(cluster: Cluster, namespace: str) -> None:
    workflows = await cluster.find(ARGO, "Workflow")
    await cluster.create(workflow("a"), namespace=namespace)
    for kind in (Patch.STRATEGIC, "text/plain"):
        with pytest.raises(Invalid, match="patch workflows") as caught:
            await cluster.patch(workflows, "a", {"spec": {}}, type=kind, namespace=namespace)
        assert caught.value.status == 415
        assert "strategic merge" in caught.value.fix
    with pytest.raises(Invalid, match="a JSON patch is a list"):
        await cluster.patch(workflows, "a", {"spec": {}}, type=Patch.JSON, namespace=namespace)
    with pytest.raises(Invalid) as caught:
        await cluster.patch(
            workflows, "a", [{"op": "test", "path": "/x", "value": 1}], type=Patch.JSON, namespace=namespace
        )
    assert caught.value.status == 422


async def test_status_and_scale_are_apart(cluster: Cluster, namespace: str) -> None:
    rollouts = await cluster.find(ARGO, "Rollout")
    rollout = {"apiVersion": ARGO, "kind": "Rollout", "metadata": {"name": "web"}, "spec": {"replicas": 1}}
    made = await cluster.create({**rollout, "status": {"phase": "lost"}}, namespace=namespace)
    assert "status" not in made
    made["status"] = {"phase": "Healthy"}
    made["spec"] = {"replicas": 7}
    changed = await cluster.replace(made, subresource="status")
    assert (changed["status"], changed["spec"]) == ({"phase": "Healthy"}, {"replicas": 1})
    await cluster.patch(rollouts, "web", {"status": {"phase": "Paused"}}, namespace=namespace, subresource="status")
    assert (await cluster.get(rollouts, "web", namespace=namespace, subresource="status"))["status"] == {
        "phase": "Paused"
    }
    await cluster.patch(rollouts, "web", {"spec": {"replicas": 3}}, namespace=namespace, subresource="scale")
    scale = await cluster.get(rollouts, "web", namespace=namespace, subresource="scale")
    assert (scale["kind"], scale["spec"]["replicas"]) == ("Scale", 3)


async def test_an_object_that_is_there(cluster: Cluster, namespace: str) -> None:
    for one in (config_map("a"), workflow("a")):
        await cluster.create(one, namespace=namespace)
        with pytest.raises(AlreadyExists, match="'a' in namespace"):
            await cluster.create(one, namespace=namespace)


async def test_an_object_that_changed_meanwhile(cluster: Cluster, namespace: str) -> None:
    maps = await cluster.find("v1", "ConfigMap")
    old = await cluster.create(config_map("a", x="1"), namespace=namespace)
    await cluster.patch(maps, "a", {"data": {"x": "2"}}, namespace=namespace)
    with pytest.raises(Conflict, match="the object has been modified"):
        await cluster.replace(old)
    version = {"metadata": {"resourceVersion": old["metadata"]["resourceVersion"]}}
    with pytest.raises(Conflict):
        await cluster.patch(maps, "a", {**version, "data": {}}, namespace=namespace)
    with pytest.raises(Conflict, match="the UID in the precondition"):
        await cluster.delete(maps, "a", namespace=namespace, uid="another")
    await cluster.delete(maps, "a", namespace=namespace, uid=old["metadata"]["uid"], propagation="Background")


async def test_an_object_that_is_wrong_names_each_field(cluster: Cluster, namespace: str) -> None:
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}}
    with pytest.raises(Invalid) as caught:
        await cluster.create({**job, "spec": {"template": {"spec": {"containers": []}}}}, namespace=namespace)
    assert caught.value.status == 422
    assert "spec.template.spec.containers: Required value; spec.template.spec.restartPolicy:" in caught.value.what
    with pytest.raises(Invalid, match="cannot unmarshal string") as caught:
        await cluster.create({**job, "spec": {"parallelism": "x"}}, namespace=namespace)
    assert caught.value.status == 400


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_objects_of_a_megabyte_and_more(cluster: Cluster, namespace: str) -> None:
    # 1 MiB is the limit of a ConfigMap, 1.5 MiB what etcd takes, 2 MiB what is sent to etcd, 3 MiB what is sent at all.
    made = await cluster.create(workflow("large", x="y" * 1_000_000), namespace=namespace)
    assert len(made["spec"]["x"]) == 1_000_000
    with pytest.raises(Invalid, match="may not be more than 1048576 bytes"):
        await cluster.create(config_map("a", x="y" * 1_050_000), namespace=namespace)
    for size in (1_600_000, 2_400_000, 3_200_000):
        with pytest.raises(TooLarge) as caught:
            await cluster.create(workflow("larger", x="y" * size), namespace=namespace)
        assert "smaller" in caught.value.fix


async def test_who_may_not_is_told_the_rule(kube: Kube, stranger: Cluster, namespace: str) -> None:
    maps, rollouts = await stranger.find("v1", "ConfigMap"), await stranger.find(ARGO, "Rollout")
    role = f"grant it to 'eventyard' by a Role in namespace '{namespace}': "
    for attempt, rule in (
        (stranger.get(maps, "a", namespace=namespace), '{apiGroups: [""], resources: [configmaps], verbs: [get]}'),
        (stranger.create(config_map("a", namespace)), '{apiGroups: [""], resources: [configmaps], verbs: [create]}'),
        (
            stranger.patch(rollouts, "a", {}, namespace=namespace, subresource="status"),
            "{apiGroups: [argoproj.io], resources: [rollouts/status], verbs: [patch]}",
        ),
    ):
        with pytest.raises(Forbidden) as caught:
            await attempt
        assert caught.value.fix == role + rule
    with pytest.raises(Forbidden) as caught:
        await stranger.list(maps, namespace=ALL)
    assert caught.value.fix.startswith("grant it to 'eventyard' by a ClusterRole: ")
    await asyncio.to_thread(kube.grant, namespace, ["get", "create"], ["configmaps"])
    await stranger.create(config_map("a", namespace))
    assert (await stranger.get(maps, "a", namespace=namespace))["metadata"]["name"] == "a"


async def test_a_client_certificate_says_who_one_is(kube: Kube, namespace: str) -> None:
    async with Cluster(find_access(kubeconfig=kube.kubeconfig, context="certificate")) as cluster:
        with pytest.raises(Forbidden, match='User "certified" cannot'):
            await cluster.create(config_map("a", namespace))


async def test_a_pod_and_its_service_account(kube: Kube, namespace: str, tmp_path: Path) -> None:
    accounts = f"/api/v1/namespaces/{namespace}/serviceaccounts"
    (tmp_path / "namespace").write_text(namespace)
    (tmp_path / "ca.crt").write_text(kube.authority.ca.read_text())

    def token() -> str:
        kube.call("POST", accounts, {"metadata": {"name": "pod"}})
        return str(kube.call("POST", f"{accounts}/pod/token", {"spec": {}})["status"]["token"])

    (tmp_path / "token").write_text("worthless")
    environ = {"KUBERNETES_SERVICE_HOST": kube.host, "KUBERNETES_SERVICE_PORT": str(kube.port)}
    access = find_access(environ=environ, home=tmp_path, service_account=tmp_path)
    user = f"system:serviceaccount:{namespace}:pod"
    async with Cluster(access) as cluster:
        with pytest.raises(Unauthorized) as refused:
            await cluster.find("v1", "ConfigMap")
        assert (refused.value.status, refused.value.where) == (401, access.where)
        # Kubernetes puts a new one in its place.
        (tmp_path / "token").write_text(await asyncio.to_thread(token))
        maps = await cluster.find("v1", "ConfigMap")
        with pytest.raises(Forbidden) as caught:
            await cluster.get(maps, "a")
        assert f"grant it to '{user}' by a Role in namespace '{namespace}'" in caught.value.fix


async def test_an_admission_policy_is_named(kube: Kube, cluster: Cluster, namespace: str) -> None:
    admission = "/apis/admissionregistration.k8s.io/v1"
    name = f"no-evil-{namespace}"
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
    spec = {
        "matchConstraints": {
            "resourceRules": [rule],
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        },
        "validations": [{"expression": "!has(object.data) || !('evil' in object.data)", "message": "nothing evil"}],
    }
    policy = {"metadata": {"name": name}, "spec": spec}
    binding = {"metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"]}}
    await asyncio.to_thread(kube.call, "POST", f"{admission}/validatingadmissionpolicies", policy)
    await asyncio.to_thread(kube.call, "POST", f"{admission}/validatingadmissionpolicybindings", binding)
    with pytest.raises(Denied, match="denied request: nothing evil") as caught:
        # The server takes note of a policy in its own time.
        for number in range(1000):
            await cluster.create(config_map(f"a{number}", namespace, evil="1"))
    assert f"the ValidatingAdmissionPolicy '{name}' (bound by '{name}')" in caught.value.fix


async def test_a_webhook_that_does_not_answer_is_named(kube: Kube, cluster: Cluster, namespace: str) -> None:
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
    webhook = {
        "name": "deny.example.com",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "timeoutSeconds": 1,
        "clientConfig": {"url": "https://127.0.0.1:1/"},
        "rules": [rule],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
    }
    path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
    await asyncio.to_thread(kube.call, "POST", path, {"metadata": {"name": namespace}, "webhooks": [webhook]})
    with pytest.raises(Unavailable, match="failed calling webhook") as caught:
        for number in range(1000):
            await cluster.create(config_map(f"a{number}", namespace))
    assert "'deny.example.com' does not answer" in caught.value.fix


async def test_lists_come_in_pages(cluster: Cluster, namespace: str) -> None:
    maps = await cluster.find("v1", "ConfigMap")
    for name in "abcde":
        labels = {"metadata": {"name": name, "labels": {"odd": str(name in "ace").lower()}}}
        await cluster.create({**config_map(name), **labels}, namespace=namespace)
    sizes, versions, after = [], set(), ""
    while True:
        page = await cluster.page(maps, namespace=namespace, limit=2, after=after)
        sizes.append(len(page.objects))
        versions.add(page.version)
        after = page.next
        if not after:
            break
    assert (sizes, len(versions)) == ([2, 2, 1], 1)
    objects = await cluster.list(maps, namespace=namespace)
    assert [one["metadata"]["name"] for one in objects] == list("abcde")
    assert {(one["apiVersion"], one["kind"]) for one in objects} == {("v1", "ConfigMap")}
    assert len(await cluster.list(maps, namespace=namespace, labels="odd=true")) == 3
    assert len(await cluster.list(maps, namespace=namespace, labels="odd notin (true)", fields="metadata.name!=b")) == 1
    assert len(await cluster.list(maps, namespace=ALL, fields=f"metadata.namespace={namespace}")) == 5
    with pytest.raises(Invalid):
        await cluster.list(maps, namespace=namespace, labels="===")


async def test_a_list_that_the_server_has_forgotten() -> None:
    resources = {"resources": [{"name": "jobs", "kind": "Job", "namespaced": True}]}
    first = {"metadata": {"resourceVersion": "1", "continue": "c"}, "items": []}
    gone = {"kind": "Status", "reason": "Expired", "message": "too old", "code": 410}
    answers = (Answer(body=resources), Answer(body=first), Answer(body=gone, status=410))
    async with fake_api(*answers) as api, Cluster(GivenAccess(api.url)) as cluster:
        with pytest.raises(Expired):
            await cluster.list(await cluster.find("batch/v1", "Job"))


async def test_a_resource_that_is_no_longer_served_is_discovered_anew() -> None:
    def resources(plural: str) -> Answer:
        return Answer(body={"resources": [{"name": plural, "kind": "Job", "namespaced": True}]})

    answers = (resources("jobs"), Answer(body="404 page not found", status=404), resources("tasks"))
    async with fake_api(*answers) as api, Cluster(GivenAccess(api.url)) as cluster:
        jobs = await cluster.find("batch/v1", "Job")
        with pytest.raises(NotFound) as caught:
            await cluster.get(jobs, "x")
        assert not caught.value.served
        assert (await cluster.find("batch/v1", "Job")).plural == "tasks"


async def test_a_namespace_that_is_not_there(cluster: Cluster) -> None:
    with pytest.raises(NotFound, match='namespaces "absent" not found'):
        await cluster.create(config_map("a", "absent"))
