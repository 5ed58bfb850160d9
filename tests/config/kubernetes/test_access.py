from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import EventyardError
from config.kubernetes.access import find_access
from config.kubernetes.kubeconfig_access import KubeconfigAccess
from config.kubernetes.service_account import ServiceAccount
from tests.config.kubernetes.test_kubeconfig import whole

POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    """What a Pod has."""
    for name in ("token", "ca.crt", "namespace"):
        (tmp_path / name).write_text(f"the {name}\n")
    return tmp_path


def test_a_kubeconfig_has_precedence_over_the_pod(mounted: Path) -> None:
    whole(mounted / ".kube" / "config")
    found = find_access(environ=POD, home=mounted, service_account=mounted)
    assert isinstance(found, KubeconfigAccess)
    assert found.where == f"context 'prod' of {mounted}/.kube/config"


def test_the_service_account_of_a_pod(mounted: Path) -> None:
    found = find_access(environ=POD, home=mounted, service_account=mounted)
    assert isinstance(found, ServiceAccount)
    assert found.where == "the service account of this Pod at https://10.0.0.1:443"


def test_a_named_file_and_context(tmp_path: Path) -> None:
    file = whole(tmp_path / "other")
    found = find_access(kubeconfig=file, context="plain", environ=POD, home=tmp_path)
    assert (found.where, found.namespace) == (f"context 'plain' of {file}", "default")


def test_a_file_that_was_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(EventyardError, match="no kubeconfig at /absent"):
        find_access(environ={"KUBECONFIG": "/absent", **POD}, home=tmp_path)


def test_no_cluster_at_all(tmp_path: Path) -> None:
    with pytest.raises(EventyardError, match="no Kubernetes cluster is configured") as caught:
        find_access(environ={}, home=tmp_path)
    assert f"{tmp_path}/.kube/config does not exist" in caught.value.what
    assert "KUBECONFIG" in caught.value.fix
