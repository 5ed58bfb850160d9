from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from config.errors import EventyardError
from config.kubernetes.access import find_access
from config.kubernetes.login import Access
from tests.config.kubernetes.fake_api import GivenAccess
from tests.fakes.values import context
from tests.triggers.kube_stage import configured
from triggers.cluster.trigger import missing_cluster, use_cluster


def nowhere() -> Access:
    return find_access(environ={}, home=Path("/nonexistent"))


def test_what_is_missing_is_said_in_words() -> None:
    assert missing_cluster(nowhere).startswith("a cluster: no Kubernetes cluster is configured: KUBECONFIG is not set")
    assert missing_cluster(lambda: GivenAccess("http://127.0.0.1:1")) == ""


async def test_where_none_is_configured_none_is_used() -> None:
    with pytest.raises(EventyardError, match="no Kubernetes cluster"):
        async with use_cluster(context(), nowhere):
            pass


async def test_all_triggers_of_a_process_share_one_client() -> None:
    place = context()

    def find() -> Access:
        return GivenAccess("http://127.0.0.1:1")

    async with use_cluster(place, find) as first:
        async with use_cluster(place, find) as second:
            assert second is first
        async with use_cluster(context(), find) as other:
            assert other is not first


async def test_another_context_is_another_cluster(tmp_path: Path) -> None:
    place, clusters = context(), []
    for name in ("one", "two"):
        (tmp_path / name).write_text(
            f"current-context: {name}\n"
            f"contexts: [{{name: {name}, context: {{cluster: c, user: u}}}}]\n"
            "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\n"
            "users: [{name: u, user: {}}]\n"
        )
        with configured(tmp_path / name):
            async with use_cluster(place) as cluster:
                await asyncio.sleep(0)
                clusters.append(cluster.where)
    assert len(set(clusters)) == 2
