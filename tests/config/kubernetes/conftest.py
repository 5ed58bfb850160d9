"""Clients of the real API server that all tests of this folder share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from config.kubernetes.access import find_access
from config.kubernetes.cluster import Cluster
from tests.servers.kube import Kube


@pytest_asyncio.fixture
async def cluster(kube: Kube) -> AsyncIterator[Cluster]:
    """As admin."""
    async with Cluster(find_access(kubeconfig=kube.kubeconfig)) as cluster:
        yield cluster


@pytest_asyncio.fixture
async def stranger(kube: Kube) -> AsyncIterator[Cluster]:
    """As a user who may do nothing but what a test grants."""
    async with Cluster(find_access(kubeconfig=kube.kubeconfig, context="eventyard")) as cluster:
        yield cluster


@pytest.fixture
def namespace(kube: Kube) -> str:
    """A new one."""
    return kube.namespace()
