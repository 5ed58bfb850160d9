"""A real Kubernetes API keeps its objects over a kill; without rights one may do nothing."""

from __future__ import annotations

import pytest
import yaml

from tests.servers import kube_build
from tests.servers.kube import USER, Kube, Refused
from tests.servers.server import NotInstallable

pytestmark = pytest.mark.skipif(bool(Kube.missing()), reason=Kube.missing())

WORKFLOW = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "a"}}


def test_objects_survive_a_kill_of_either_server() -> None:
    with Kube() as kube:
        kube.install_crds()
        path = f"/apis/argoproj.io/v1alpha1/namespaces/{kube.namespace()}/workflows"
        made = kube.call("POST", path, WORKFLOW)
        store = kube.etcd.pid
        kube.kill()
        kube.start()
        assert kube.etcd.pid == store
        assert kube.call("GET", f"{path}/a") == made
        kube.kill()
        kube.etcd.kill()
        kube.start()
        assert kube.call("GET", f"{path}/a") == made


def test_what_the_server_refuses_is_in_the_message(kube: Kube) -> None:
    with pytest.raises(Refused, match=r'GET /api/v1/namespaces/absent: 404 .*namespaces \\"absent\\" not found'):
        kube.call("GET", "/api/v1/namespaces/absent")


def test_contexts(kube: Kube) -> None:
    config = yaml.safe_load(kube.kubeconfig.read_text())
    assert [one["name"] for one in config["contexts"]] == ["admin", USER, "certificate"]
    assert config["current-context"] == "admin"


def test_rights_are_granted(kube: Kube) -> None:
    space = kube.namespace()

    def allowed(namespace: str) -> bool:
        attributes = {"namespace": namespace, "verb": "get", "resource": "configmaps"}
        review = {"spec": {"user": USER, "resourceAttributes": attributes}}
        answer = kube.call("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
        return bool(answer["status"]["allowed"])

    kube.grant(space, ["get"], ["configmaps"])
    assert (allowed(space), allowed("default")) == (True, False)


def test_the_versions_are_those_of_the_module(kube: Kube) -> None:
    assert (
        f"k8s.io/kubernetes {kube.call('GET', '/version')['gitVersion']}\n"
        in (kube_build.MODULE / "go.mod").read_text()
    )


def test_without_go_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("EVENTYARD_SERVERS", str(tmp_path))
    monkeypatch.setattr(kube_build, "program", lambda name: None)
    assert "make servers" in Kube.missing()
    with pytest.raises(NotInstallable, match="install Go"):
        Kube.install()
