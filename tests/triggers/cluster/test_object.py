from __future__ import annotations

import copy
import re
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import Permanent
from config.kubernetes.failures import AlreadyExists, Conflict, KubernetesError, NotFound
from config.kubernetes.resource import Object, Resource
from config.sensor import ParameterSource, TriggerParameter
from tests.fakes.cluster import FakeCluster
from tests.fakes.values import FakeValues, context, event
from triggers.artifacts import Artifact, Artifacts
from triggers.cluster import object as it

PUSH = FakeValues(push=event({"ref": "main", "n": 7}))
REF = TriggerParameter(src=ParameterSource(dependency_name="push", data_key="ref"), dest="data.ref")
LOST = TriggerParameter(src=ParameterSource(dependency_name="push", data_key="no.such"), dest="data.ref")


def config_map(**metadata: Any) -> Object:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": "1"}}


def artifact(**fields: Any) -> Artifact:
    return Artifact.model_validate(fields)


class TestDraft:
    async def test_an_object_of_the_manifest_has_its_parameters_at_once(self) -> None:
        source = artifact(resource=config_map(name="cm"))
        made = it.draft(source, [REF], PUSH)
        assert made.found == source.resource
        assert made.object == {**config_map(name="cm"), "data": {"a": "1", "ref": "main"}}
        async with Artifacts(context().secrets) as artifacts:
            fetched = await made.fetch(artifacts)
            fetched["metadata"]["name"] = "changed"
            assert (await made.fetch(artifacts))["metadata"]["name"] == "cm"
            assert await made.fetch_plain(artifacts) == source.resource
        assert source.resource == config_map(name="cm")

    async def test_one_that_is_fetched_has_them_then(self, tmp_path: Any) -> None:
        (tmp_path / "cm.yaml").write_bytes(orjson.dumps(config_map(name="cm")))
        made = it.draft(artifact(file={"path": str(tmp_path / "cm.yaml")}), [REF], PUSH)
        assert made.found is None
        assert made.object is None
        async with Artifacts(context().secrets) as artifacts:
            assert (await made.fetch(artifacts))["data"] == {"a": "1", "ref": "main"}
            assert (await made.fetch_plain(artifacts))["data"] == {"a": "1"}

    @pytest.mark.parametrize("source", [{"resource": config_map(name="cm")}, {"file": {"path": "/nowhere"}}])
    def test_what_cannot_be_resolved_is_known_before_anything_is_fetched(self, source: Any) -> None:
        with pytest.raises(Permanent, match=re.escape("no.such")):
            it.draft(artifact(**source), [LOST], PUSH)

    def test_there_has_to_be_a_source(self) -> None:
        with pytest.raises(Permanent, match="names nothing"):
            it.draft(None, None, PUSH)


class TestNames:
    def test_a_name_belongs_to_a_key(self) -> None:
        first, again, other = (it.generated_name("ci-", key) for key in ("a", "a", "b"))
        assert first == again != other
        assert re.fullmatch("ci-[a-z2-7]{12}", first)

    @given(st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,100})", fullmatch=True), st.text(max_size=40))
    def test_names_are_valid_and_end_with_what_is_theirs(self, prefix: str, key: str) -> None:
        made = it.generated_name(prefix, key)
        assert len(made) <= it.NAME_LENGTH
        assert made[-12:] == it.generated_name("", key)
        assert made.startswith(prefix[:51])

    @pytest.mark.parametrize(
        ("metadata", "name"),
        [
            ({"name": "cm", "generateName": "cm-"}, "cm"),
            ({"name": None, "generateName": "cm-"}, it.generated_name("cm-", "k")),
            ({"generateName": "cm-"}, it.generated_name("cm-", "k")),
            ({"generateName": ""}, None),
            ({"generateName": 7}, None),
        ],
    )
    def test_only_what_has_no_name_gets_one(self, metadata: dict[str, Any], name: str | None) -> None:
        object = config_map(**metadata)
        it.name(object, "k")
        assert object["metadata"].get("name") == name


@pytest.mark.parametrize("metadata", [{"name": 7}, {"name": {"a": 1}}, {"name": "x", "namespace": True}])
def test_where_an_object_is_has_to_be_text(metadata: dict[str, Any]) -> None:
    with pytest.raises(Permanent, match="is no text"):
        it.place_unseen({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}, "team")


class TestLabels:
    def test_argo_events_labels(self) -> None:
        object = config_map(labels={"app": "x", it.SENSOR: "old"})
        it.stamp(object, context(), 1_700_000_000.1234)
        assert object["metadata"]["labels"] == {
            "app": "x",
            it.SENSOR: "deploy",
            it.TRIGGER: "announce",
            it.TIMESTAMP: "1700000000123",
        }
        assert it.labels_of(context()).items() <= object["metadata"]["labels"].items()

    @pytest.mark.parametrize("labels", [{"app": "x", "n": 7}, {"app": "x", "n": None}, "text", None, []])
    def test_labels_that_are_none_are_lost(self, labels: Any) -> None:
        object = config_map(labels=labels)
        it.stamp(object, context(), 0.0)
        assert set(object["metadata"]["labels"]) == {it.SENSOR, it.TRIGGER, it.TIMESTAMP}

    @given(st.text(max_size=300))
    def test_values_are_valid(self, text: str) -> None:
        assert re.fullmatch(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?", it.label_value(text))
        assert len(it.label_value(text)) <= 63

    def test_valid_values_stay(self) -> None:
        assert it.label_value("My_trigger.1-b") == "My_trigger.1-b"
        assert it.label_value("post to slack!") == "post-to-slack"


class TestPlaces:
    @pytest.mark.parametrize(
        ("kind", "own", "wanted"),
        [
            ("ConfigMap", {}, "here"),
            ("ConfigMap", {"namespace": None}, "here"),
            ("ConfigMap", {"namespace": "own"}, "own"),
            ("Node", {}, None),
            ("Node", {"namespace": "own"}, None),
        ],
    )
    async def test_own_namespace_else_the_sensors(self, kind: str, own: dict[str, Any], wanted: str | None) -> None:
        object: Object = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x", **own}}
        unseen = copy.deepcopy(object)
        resource = await it.place(FakeCluster([]), object, "here")
        it.place_unseen(unseen, "here")
        assert resource.kind == kind
        assert object["metadata"].get("namespace") == wanted
        assert unseen == object

    async def test_metadata_is_made_but_not_mended(self) -> None:
        object: Object = {"apiVersion": "v1", "kind": "ConfigMap"}
        await it.place(FakeCluster([]), object, "here")
        assert object["metadata"] == {"namespace": "here"}
        with pytest.raises(Permanent, match="metadata"):
            await it.place(FakeCluster([]), {"apiVersion": "v1", "kind": "ConfigMap", "metadata": "x"}, "here")


class TestKeys:
    def test_there_and_back(self) -> None:
        object = config_map(annotations={"other": "x"})
        assert it.key_of(object) == ""
        it.mark(object, "k1")
        it.mark(object, "k2")
        assert object["metadata"]["annotations"] == {"other": "x", it.KEY: "k2"}
        assert it.key_of(object) == "k2"
        assert it.key_of({"kind": "Node"}) == it.key_of({"metadata": {"annotations": None}}) == ""

    def test_secrets_are_hidden(self) -> None:
        secret = {"kind": "Secret", "data": {"a": "c2VjcmV0"}, "stringData": {"b": "secret"}, "type": "Opaque"}
        assert it.hidden(secret) == {
            "kind": "Secret",
            "data": {"a": "***"},
            "stringData": {"b": "***"},
            "type": "Opaque",
        }
        assert it.hidden({"kind": "ConfigMap", "data": {"a": "1"}}) == {"kind": "ConfigMap", "data": {"a": "1"}}


class Busy(FakeCluster):
    """Refuses to create, for a reason."""

    refusal: KubernetesError

    async def create(self, object: Any, *, namespace: str | None = None) -> Object:
        raise self.refusal


def conflict(reason: str) -> Conflict:
    error = Conflict("no", where="memory")
    error.status, error.reason = 409, reason
    return error


class TestCreateOnce:
    def object(self, key: str = "k1") -> Object:
        made = config_map(name="cm", namespace="here", uid="u1")
        it.mark(made, key)
        return made

    async def create(self, cluster: FakeCluster) -> tuple[Object, bool]:
        object = self.object()
        resource: Resource = await it.place(cluster, object, "here")
        return await it.create_once(cluster, resource, object, "k1")

    async def test_a_new_one(self) -> None:
        assert await self.create(FakeCluster([])) == (self.object(), False)

    async def test_our_own_from_before(self) -> None:
        assert await self.create(FakeCluster([self.object()])) == (self.object(), True)

    async def test_our_own_where_the_server_would_generate_another_name(self) -> None:
        cluster = Busy([self.object()])
        cluster.refusal = conflict("AlreadyExists")
        assert await self.create(cluster) == (self.object(), True)

    @pytest.mark.parametrize(("key", "maker"), [("k2", "another firing"), ("", "somebody else")])
    async def test_that_of_others_is_refused(self, key: str, maker: str) -> None:
        with pytest.raises(AlreadyExists, match=f"it was made by {maker}") as error:
            await self.create(FakeCluster([self.object(key)]))
        assert error.value.fix

    async def test_another_conflict_is_one(self) -> None:
        cluster = Busy([self.object()])
        cluster.refusal = conflict("Conflict")
        with pytest.raises(Conflict):
            await self.create(cluster)

    async def test_one_that_is_gone_again_may_be_created_later(self) -> None:
        cluster = Busy([])
        cluster.refusal = AlreadyExists("it exists", where="memory")
        with pytest.raises(Conflict, match="gone again"):
            await self.create(cluster)

    async def test_other_failures_are_themselves(self) -> None:
        cluster = Busy([])
        cluster.refusal = NotFound("no namespace", where="memory")
        with pytest.raises(NotFound):
            await self.create(cluster)


def test_what_a_wait_needs() -> None:
    object = config_map(name="cm", namespace="here", uid="u1")
    wanted = {"apiVersion": "v1", "kind": "ConfigMap", "namespace": "here", "name": "cm", "uid": "u1"}
    assert it.started(object) == wanted
    assert it.started({"kind": "Node"})["namespace"] == ""
