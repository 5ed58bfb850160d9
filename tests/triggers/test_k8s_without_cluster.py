"""What triggers/k8s/adapter.py says and renders where no cluster is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from config.errors import Permanent
from tests.fakes.values import context
from tests.triggers.k8s_stage import JSON, K1, MERGE, PUSH, config_map, make, parameter, workflow
from triggers.base import Document
from triggers.cluster.object import KEY, generated_name
from triggers.k8s.adapter import K8s


async def documents(trigger: K8s) -> Sequence[Document]:
    return await trigger.documents(trigger.render(trigger.settings, PUSH), K1)


class TestDocuments:
    """Without a cluster, and without entering."""

    async def test_a_creation(self) -> None:
        [document] = await documents(make(context(), workflow()))
        assert document.verb == "create"
        metadata = document.body["metadata"]
        assert (metadata["name"], metadata["namespace"]) == (generated_name("ci-", K1), "default")
        assert metadata["annotations"] == {KEY: K1}
        assert metadata["labels"]["events.argoproj.io/sensor"] == "deploy"

    async def test_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "cm.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\n")
        source = {"file": {"path": str(tmp_path / "cm.yaml")}}
        [document] = await documents(
            make(context(), source=source, operation="patch", parameters=[parameter("data.a")])
        )
        assert (document.verb, document.body["data"]) == ("patch", {"a": "main"})
        with pytest.raises(Permanent):
            await documents(make(context(), source={"file": {"path": str(tmp_path / "none")}}))

    async def test_a_deletion_and_an_update(self) -> None:
        [document] = await documents(make(context(), config_map(), operation="delete"))
        wanted = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cm", "namespace": "default"}}
        assert (document.verb, document.body) == ("delete", wanted)
        [document] = await documents(make(context(), config_map(), operation="update"))
        assert (document.verb, document.body["metadata"]["annotations"]) == ("update", {KEY: K1})


def test_what_is_shown() -> None:
    trigger = make(context(), workflow(generateName="ci-", namespace="build"))
    request = trigger.render(trigger.settings, PUSH)
    assert request.show().startswith('create Workflow build/ci-  {"apiVersion"')
    assert request.view() == {
        "operation": "create",
        "source": "resource",
        "object": workflow(generateName="ci-", namespace="build"),
    }
    trigger = make(context(), source={"file": {"path": "/x.yaml"}}, operation="patch")
    request = trigger.render(trigger.settings, PUSH)
    assert request.show() == "patch file /x.yaml"
    assert request.view() == {"operation": "patch", "source": "file /x.yaml", "patchStrategy": MERGE}
    trigger = make(context(), config_map(), operation="update", liveObject=True)
    assert trigger.render(trigger.settings, PUSH).view()["liveObject"] is True
    trigger = make(context(), {"kind": "ConfigMap", "metadata": "none"})
    assert trigger.render(trigger.settings, PUSH).show().startswith("create ConfigMap ")


def test_an_unknown_operation() -> None:
    with pytest.raises(Permanent, match="'apply'") as error:
        trigger = make(context(), config_map(), operation="apply")
        trigger.render(trigger.settings, PUSH)
    assert "patch" in error.value.fix


def checked(object: dict[str, Any] | None = None, /, **block: Any) -> list[str]:
    return [f"{path}: {what}" for path, what, _ in K8s.check(make(context(), object, **block).settings)]


def test_checks() -> None:
    assert checked(config_map()) == []
    assert checked(workflow()) == []
    assert checked(source={"file": {"path": "/x"}}, operation="delete") == []
    assert checked() == ["source: warning: the source names nothing to read the object from"]
    assert checked(config_map(), liveObject=True, patchStrategy=JSON) == [
        "liveObject: warning: has no effect without operation: update",
        "patchStrategy: warning: has no effect without operation: patch",
    ]
    assert checked({"metadata": {"name": "x"}}) == [
        "source: warning: the object has no apiVersion",
        "source: warning: the object has no kind",
    ]
    assert checked(workflow(), operation="update", liveObject=True) == [
        "source: warning: the object has no metadata.name, which update needs",
        "source: warning: the object has no metadata.namespace, which update needs",
    ]
    assert checked({"apiVersion": "v1", "kind": "ConfigMap"}) == [
        "source: warning: the object has no metadata.name or generateName, which create needs"
    ]
    labelled = {**config_map(), "metadata": {"name": "x", "labels": {"app": "x", "port": 80, "old": None}}}
    assert checked(labelled) == [
        "source: warning: the label 'port' is no text: all labels are lost",
        "source: warning: the label 'old' is no text: all labels are lost",
    ]
    assert checked(labelled, operation="patch") == [
        "source: warning: the label 'port' is no text: a cluster refuses it"
    ]
    assert checked(labelled, operation="patch", parameters=[parameter("metadata.labels.port")]) == []
    named = {"apiVersion": "v1", "kind": "ConfigMap"}
    assert checked(named, operation="delete", parameters=[parameter("metadata.name")]) == []
    [found] = checked(config_map(), operation="patch", patchStrategy=JSON)
    assert "list 'patch'" in found
    assert checked({**config_map(), "patch": []}, operation="patch", patchStrategy=JSON) == []
    [found] = checked(config_map(), operation="patch", patchStrategy="merge")
    assert found == "patchStrategy: warning: is none that API servers know"
    [found] = checked({"kind": "x"}, source={"resource": "text"})
    assert "is no object" in found
