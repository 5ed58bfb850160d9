from __future__ import annotations

import asyncio
from typing import Any

import pytest

from config.errors import Permanent
from config.kubernetes.cluster import Cluster
from config.kubernetes.connection import Connection
from config.kubernetes.discovery import Discovery, UnknownResource
from config.kubernetes.failures import Forbidden, Unavailable
from tests.config.kubernetes.fake_api import Answer, GivenAccess, fake_api, status


def served(*resources: dict[str, Any]) -> Answer:
    return Answer(body={"kind": "APIResourceList", "resources": list(resources)})


JOBS = {"name": "jobs", "kind": "Job", "namespaced": True, "verbs": ["create", "watch"]}
JOB_STATUS = {"name": "jobs/status", "kind": "Job", "namespaced": True, "verbs": ["get"]}


async def test_kinds_of_a_real_server(cluster: Cluster) -> None:
    rollouts = await cluster.find("argoproj.io/v1alpha1", "Rollout")
    assert (str(rollouts), rollouts.namespaced) == ("rollouts.argoproj.io", True)
    assert rollouts.subresources == {"status", "scale"}
    assert {"create", "patch", "watch"} <= rollouts.verbs
    endpoints = await cluster.find("v1", "Endpoints")
    assert endpoints.plural == "endpoints"
    assert not (await cluster.find("argoproj.io/v1alpha1", "ClusterWorkflowTemplate")).namespaced
    assert await cluster.discovery.by_plural("argoproj.io", "v1alpha1", "rollouts") == rollouts
    assert await cluster.discovery.by_plural("", "v1", "endpoints") == endpoints


@pytest.mark.parametrize(
    ("api_version", "kind", "what", "fix"),
    [
        ("v1", "ConfigMaps", "no kind 'ConfigMaps' in v1", "did you mean 'ConfigMap'?"),
        ("argoproj.io/v1alpha1", "Zebra", "no kind 'Zebra' in argoproj.io/v1alpha1", "AppProject, Application, "),
        ("apps/v2", "Deployment", "no apiVersion 'apps/v2'", "write apps/v1"),
        ("argoprj.io/v1", "Workflow", "no apiVersion 'argoprj.io/v1'", "did you mean 'argoproj.io'?"),
        ("zebra.example/v1", "Zebra", "no apiVersion 'zebra.example/v1'", "install its CustomResourceDefinitions"),
        ("v2", "Pod", "no apiVersion 'v2'", "v1"),
        ("", "Pod", "needs 'apiVersion' and 'kind'", "write both"),
        ("v1", "", "needs 'apiVersion' and 'kind'", "write both"),
    ],
)
async def test_what_the_server_does_not_have(
    cluster: Cluster, api_version: str, kind: str, what: str, fix: str
) -> None:
    with pytest.raises(UnknownResource) as caught:
        await cluster.find(api_version, kind)
    assert what in caught.value.what
    assert fix in caught.value.fix


async def test_a_plural_that_is_not_there(cluster: Cluster) -> None:
    with pytest.raises(UnknownResource, match="no resource 'rollout' in") as caught:
        await cluster.discovery.by_plural("argoproj.io", "v1alpha1", "rollout")
    assert caught.value.fix == "did you mean 'rollouts'?"


async def test_an_api_version_with_two_slashes(cluster: Cluster) -> None:
    with pytest.raises(Permanent, match="is not 'group/version'"):
        await cluster.find("a/b/c", "Thing")


async def test_the_server_is_asked_once() -> None:
    async with fake_api(served(JOBS, JOB_STATUS)) as api, Connection(GivenAccess(api.url)) as connection:
        discovery = Discovery(connection)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(discovery.by_kind("batch/v1", "Job")) for _ in range(5)]
        assert {task.result().subresources for task in tasks} == {frozenset({"status"})}
        assert [path for _, path, _ in api.asked] == ["/apis/batch/v1"]


async def test_what_was_unknown_is_asked_for_again() -> None:
    cron = {"name": "cronjobs", "kind": "CronJob", "namespaced": True, "verbs": []}
    answers = (served(JOBS), served(JOBS), served(JOBS, cron))
    async with fake_api(*answers) as api, Connection(GivenAccess(api.url)) as connection:
        discovery = Discovery(connection)
        job = await discovery.by_kind("batch/v1", "Job")
        with pytest.raises(UnknownResource):
            await discovery.by_kind("batch/v1", "CronJob")
        assert (await discovery.by_kind("batch/v1", "CronJob")).plural == "cronjobs"
        discovery.forget(job)
        assert await discovery.by_kind("batch/v1", "Job") == job
        assert len(api.asked) == 4


async def test_where_discovery_is_forbidden_plurals_are_guessed() -> None:
    answer = Answer(body=status(403, "Forbidden"), status=403)
    async with fake_api(answer) as api, Connection(GivenAccess(api.url)) as connection:
        discovery = Discovery(connection)
        policy = await discovery.by_kind("networking.k8s.io/v1", "NetworkPolicy")
        assert policy.path("a") == "/apis/networking.k8s.io/v1/namespaces/a/networkpolicies"
        assert (await discovery.by_kind("v1", "Node")).path("a", "n") == "/api/v1/nodes/n"
        with pytest.raises(Forbidden) as caught:
            await discovery.by_plural("", "v1", "nodes")
        assert "system:discovery" in caught.value.fix


async def test_an_extension_that_is_away_may_come_back() -> None:
    answer = Answer(body="service unavailable", status=503)
    async with fake_api(answer) as api, Connection(GivenAccess(api.url)) as connection:
        with pytest.raises(Unavailable):
            await Discovery(connection).by_kind("metrics.k8s.io/v1", "PodMetrics")
