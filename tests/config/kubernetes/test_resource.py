from __future__ import annotations

from dataclasses import replace

import pytest

from config.errors import Permanent
from config.kubernetes.resource import Resource

ROLLOUTS = Resource(group="argoproj.io", version="v1alpha1", kind="Rollout", plural="rollouts", namespaced=True)
NODES = Resource(group="", version="v1", kind="Node", plural="nodes", namespaced=False)


def test_paths() -> None:
    base = "/apis/argoproj.io/v1alpha1"
    assert ROLLOUTS.path() == f"{base}/rollouts"
    assert ROLLOUTS.path("prod") == f"{base}/namespaces/prod/rollouts"
    assert ROLLOUTS.path("prod", "web") == f"{base}/namespaces/prod/rollouts/web"
    assert ROLLOUTS.path("prod", "web", "status") == f"{base}/namespaces/prod/rollouts/web/status"
    assert NODES.path("prod", "n1") == "/api/v1/nodes/n1"


def test_names_as_roles_have_them() -> None:
    roles = replace(NODES, plural="clusterroles", group="rbac.authorization.k8s.io")
    assert roles.path(name="system:admin") == "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:admin"


@pytest.mark.parametrize("name", ["..", ".", "a/b", "%2e%2e", "../../nodes/x"])
def test_a_name_cannot_lead_elsewhere(name: str) -> None:
    with pytest.raises(Permanent, match="is no name"):
        ROLLOUTS.path("prod", name)
    with pytest.raises(Permanent, match="is no namespace"):
        ROLLOUTS.path(name, "web")


def test_a_name_is_quoted() -> None:
    assert ROLLOUTS.path("prod", "a?b c").endswith("/rollouts/a%3Fb%20c")


def test_how_it_is_written() -> None:
    assert (str(ROLLOUTS), ROLLOUTS.api_version) == ("rollouts.argoproj.io", "argoproj.io/v1alpha1")
    assert (str(NODES), NODES.api_version) == ("nodes", "v1")
