from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import Permanent
from config.kubernetes.plural import CLUSTER_WIDE, guess_plural, parse_api_version


@pytest.mark.parametrize(
    ("kind", "plural"),
    [
        ("Workflow", "workflows"),
        ("Ingress", "ingresses"),
        ("NetworkPolicy", "networkpolicies"),
        ("Gateway", "gateways"),
        ("EventBus", "eventbus"),
        ("eventbus", "eventbuses"),
        ("Endpoints", "endpointses"),
        ("Wolf", "wolves"),
        ("Knife", "knives"),
        ("Fe", "fes"),
        ("Switch", "switches"),
        ("Mesh", "meshes"),
        ("Path", "paths"),
        ("Y", "y"),
        ("ÄY", "äys"),
        ("", ""),
    ],
)
def test_a_plural_is_guessed_as_argo_events_guesses_it(kind: str, plural: str) -> None:
    assert guess_plural(kind) == plural


@given(st.text())
def test_a_plural_is_in_lower_case(kind: str) -> None:
    assert guess_plural(kind) == guess_plural(kind).lower()


def test_what_is_cluster_wide_is_named_by_plurals() -> None:
    kinds = ("Namespace", "Node", "PersistentVolume", "ClusterRole", "ClusterRoleBinding")
    assert {guess_plural(kind) for kind in kinds} == CLUSTER_WIDE


@pytest.mark.parametrize(
    ("text", "group", "version"),
    [("v1", "", "v1"), ("apps/v1", "apps", "v1"), ("", "", ""), ("/v1", "", "v1"), ("apps/", "apps", "")],
)
def test_an_api_version_is_group_and_version(text: str, group: str, version: str) -> None:
    assert parse_api_version(text) == (group, version)


def test_a_second_slash_is_refused() -> None:
    with pytest.raises(Permanent, match="is not 'group/version'"):
        parse_api_version("a/b/c")
