"""triggers/argo_rollout/template.py"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from config.errors import Permanent
from tests.triggers.rollout_stage import rollout
from triggers.argo_rollout.template import HASH, REVISION, find_revision, only_then, restore, selector_text, set_images
from triggers.cluster.marks import MARKS

CONTAINERS = "/spec/template/spec/containers"


def change(place: str, value: str) -> dict[str, str]:
    return {"op": "add", "path": f"{place}/image", "value": value}


def replica_set(revision: Any, image: str = "web:1", owner: str = "u") -> dict[str, Any]:
    template = copy.deepcopy(rollout()["spec"]["template"])
    template["metadata"]["labels"][HASH] = "abc"
    template["spec"]["containers"][0]["image"] = image
    return {
        "metadata": {
            "name": f"web-{revision}",
            "annotations": {REVISION: str(revision)},
            "ownerReferences": [{"uid": "else"}, {"uid": owner, "controller": True}],
        },
        "spec": {"template": template},
    }


class TestImages:
    def test_by_container(self) -> None:
        assert set_images(rollout(), {"web": "web:2"}) == [change(f"{CONTAINERS}/0", "web:2")]
        both = set_images(rollout(), {"proxy": "proxy:2", "web": "web:2"})
        assert both == [change(f"{CONTAINERS}/0", "web:2"), change(f"{CONTAINERS}/1", "proxy:2")]
        assert set_images(rollout(), {"web": "web:1"}) == []

    def test_all_of_them_but_those_that_are_named(self) -> None:
        found = set_images(rollout(), {"*": "x", "proxy": "y"})
        assert found == [change(f"{CONTAINERS}/0", "x"), change(f"{CONTAINERS}/1", "y")]

    def test_of_all_sorts(self) -> None:
        object = rollout()
        pod = object["spec"]["template"]["spec"]
        pod["initContainers"] = [{"name": "web"}]
        pod["ephemeralContainers"] = [{"name": "web", "image": "old"}]
        kinds = ("initContainers", "containers", "ephemeralContainers")
        assert set_images(object, {"web": "w"}) == [change(f"/spec/template/spec/{kind}/0", "w") for kind in kinds]

    @pytest.mark.parametrize(
        ("name", "fix"), [("wbe", "did you mean 'web'?"), ("sidecar", "it has web, proxy"), ("", "it has web, proxy")]
    )
    def test_a_container_that_is_not_there(self, name: str, fix: str) -> None:
        with pytest.raises(Permanent, match=f"there is no container '{name}'") as error:
            set_images(rollout(), {name: "x"})
        assert error.value.fix == fix

    def test_no_template(self) -> None:
        with pytest.raises(Permanent) as error:
            set_images({"kind": "Rollout", "spec": {}}, {"web": "x"})
        assert error.value.fix == "it has none"

    def test_a_pod_template_has_it_elsewhere(self) -> None:
        object = {"kind": "PodTemplate", "template": rollout()["spec"]["template"]}
        assert set_images(object, {"web": "w"}) == [change("/template/spec/containers/0", "w")]


class TestRevisions:
    LIVE = {"metadata": {"uid": "u"}}
    ALL = [replica_set(3), replica_set(10), replica_set(2), replica_set(11, owner="other"), replica_set("x")]

    @pytest.mark.parametrize(("revision", "found"), [(0, "web-3"), (2, "web-2"), (10, "web-10")])
    def test_by_number(self, revision: int, found: str) -> None:
        assert find_revision(self.LIVE, self.ALL, revision)["metadata"]["name"] == found

    def test_one_that_is_not_there(self) -> None:
        with pytest.raises(Permanent, match="there is no revision 11") as error:
            find_revision(self.LIVE, self.ALL, 11)
        assert error.value.fix.startswith("it has 2, 3, 10;")
        with pytest.raises(Permanent, match="no revision before the present one"):
            find_revision(self.LIVE, [replica_set(1)], 0)
        with pytest.raises(Permanent) as error:
            find_revision(self.LIVE, [], 1)
        assert error.value.fix.startswith("none of its ReplicaSets is left")

    def test_its_template_without_what_the_controller_added(self) -> None:
        [change] = restore(rollout(), replica_set(1, "web:0"))
        assert change["path"] == "/spec/template"
        assert change["value"]["metadata"]["labels"] == {"app": "web"}
        assert change["value"]["spec"]["containers"][0]["image"] == "web:0"
        assert restore(rollout(), replica_set(1)) == []


def test_selectors() -> None:
    expressions = [
        {"key": "a", "operator": "In", "values": ["x", "y"]},
        {"key": "b", "operator": "NotIn", "values": ["z"]},
        {"key": "c", "operator": "Exists"},
        {"key": "d", "operator": "DoesNotExist"},
    ]
    selector = {"matchLabels": {"app": "web"}, "matchExpressions": expressions}
    assert selector_text(rollout(selector=selector)) == "app=web,a in (x,y),b notin (z),c,!d"
    assert selector_text({"spec": {"workloadRef": {}}}) == ""


@pytest.mark.parametrize("annotations", [None, {"x": "y"}])
def test_a_patch_with_a_mark(annotations: dict[str, str] | None) -> None:
    metadata: dict[str, Any] = {"resourceVersion": "7", **({"annotations": annotations} if annotations else {})}
    unchanged, mark, *rest = only_then({"metadata": metadata}, "k1", [{"op": "x"}])
    assert unchanged == {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}
    if annotations:
        assert mark == {"op": "add", "path": "/metadata/annotations/eventyard.io~1firings", "value": '{"k1":{}}'}
    else:
        assert mark == {"op": "add", "path": "/metadata/annotations", "value": {MARKS: '{"k1":{}}'}}
    assert rest == [{"op": "x"}]
