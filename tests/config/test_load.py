from __future__ import annotations

from pathlib import Path

import pytest

from config.errors import ConfigErrors, Place, Severity
from config.load import load, load_text
from config.manifests import Skipped
from config.secret import Secret
from config.sensor import TRIGGER_TYPES
from tests.config.given import FOLDER, faults, found, loaded, only, sensor, source, trigger


def test_a_folder_of_manifests() -> None:
    found = load([FOLDER])
    assert [bus.name for bus in found.eventbuses] == ["default"]
    assert [(one.namespace, one.name) for one in found.eventsources] == [("ops", "clock"), ("default", "hooks")]
    assert [one.full_name for one in found.sensors] == ["ops/nightly", "default/deploys"]
    assert found.secrets == {("default", "hook-token"): {"token": Secret("open sesame")}}
    assert [path.name for path in found.files] == ["cron.json", "pipeline.yaml"]
    assert found.faults == ()
    assert found.valid
    found.require_valid()


def test_blocks_stay_raw_and_know_their_place() -> None:
    found = load([FOLDER / "pipeline.yaml"])
    deploy, rollback = found.eventsources[0].events
    assert (deploy.type, deploy.name, deploy.value["port"]) == ("webhook", "deploy", "12000")
    assert deploy.marks.place(deploy.path) == Place(str(FOLDER / "pipeline.yaml"), 24, 5)
    assert rollback.marks.place((*rollback.path, "method")).line == 32
    announce, note = found.sensors[0].triggers
    assert announce.body is not None
    assert (announce.body.type, announce.body.value["method"]) == ("http", "POST")
    assert announce.retry_strategy is not None
    assert (announce.retry_strategy.attempts, announce.at_least_once) == (3, True)
    assert (note.conditions, note.at_least_once) == ("deploy && rollback", None)
    assert announce.template["conditions"] == "deploy || rollback"
    stream = found.eventbuses[0].stream
    assert stream is not None
    assert (stream.max_msgs, str(stream.max_age), stream.replicas) == (1000, "72h0m0s", 3)


def test_items_of_a_list_have_paths_from_the_document() -> None:
    text = (FOLDER / "cron.json").read_text().replace("0 3 * * *", "0 25 * * *")
    (fault,) = load_text(text, "cron.json").faults
    assert fault.path == "items[0].spec.calendar.nightly.schedule"
    assert fault.place.line == 9


def test_two_loads_are_equal_wherever_the_text_stands() -> None:
    text = (FOLDER / "pipeline.yaml").read_text()
    first, second = load_text(text), load_text("# moved\n\n" + text)
    assert (first.sensors, first.eventsources, first.eventbuses) == (
        second.sensors,
        second.eventsources,
        second.eventbuses,
    )


def test_faults_of_all_files_come_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: [\n")
    (tmp_path / "b.yml").write_text("apiVersion: argoproj.io/v1alpha1\nkind: Sensor\nmetadata: {name: s}\n")
    (tmp_path / "c.txt").write_text("not read: [")
    (tmp_path / ".hidden.yaml").write_text("not read: [")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.yaml").write_text("not read: [")
    found = load([tmp_path, tmp_path / "a.yaml", tmp_path / "absent"])
    assert [Path(fault.place.file).name for fault in found.faults] == ["a.yaml", "absent", "b.yml", "b.yml"]
    assert [path.name for path in found.files] == ["a.yaml", "b.yml"]
    with pytest.raises(ConfigErrors) as error:
        found.require_valid()
    assert error.value.faults == found.faults


def test_a_file_named_by_itself_may_have_any_name(tmp_path: Path) -> None:
    path = tmp_path / "manifest"
    path.write_text((FOLDER / "pipeline.yaml").read_text())
    assert len(load([path]).sensors) == 1


def test_other_kinds_are_named_and_skipped() -> None:
    text = "kind: Pod\napiVersion: v1\nmetadata: {name: p}\n---\na: 1\n---\n- op: replace\n"
    found = load_text(text, "f.yaml")
    assert found.skipped == (
        Skipped("Pod", "p", Place("f.yaml", 1, 1)),
        Skipped("no manifest: it has no kind", "", Place("f.yaml", 5, 1)),
        Skipped("no manifest: it has no kind", "", Place("f.yaml", 7, 1)),
    )
    assert found.faults == ()


@pytest.mark.parametrize(
    ("kind", "fix"),
    [("Sensors", "did you mean 'Sensor'?"), ("eventsource", "did you mean 'EventSource'?"), ("Gateway", "EventSource")],
)
def test_a_kind_that_is_nearly_ours_is_warned_of(kind: str, fix: str) -> None:
    (fault,) = load_text(f"apiVersion: argoproj.io/v1alpha1\nkind: {kind}\nmetadata: {{name: x}}\n").faults
    assert fault.code == "unknown-kind"
    assert fix in fault.fix


def test_kinds_of_others_are_not_ours() -> None:
    found = load_text("apiVersion: example.com/v1\nkind: EventSource\nmetadata: {name: x}\nspec: {a: 1}\n")
    assert [one.kind for one in found.skipped] == ["EventSource"]
    workflow = load_text("apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: x}\n")
    assert (workflow.faults, [one.kind for one in workflow.skipped]) == ((), ["Workflow"])


@pytest.mark.parametrize("version", ["", "apiVersion: argoproj.io/v1\n"])
def test_an_odd_api_version_is_only_warned_of(version: str) -> None:
    text = f"{version}kind: EventSource\nmetadata: {{name: x}}\nspec: {{calendar: {{c: {{interval: 1h}}}}}}\n"
    loaded = load_text(text)
    assert len(loaded.eventsources) == 1
    assert [(fault.code, fault.severity) for fault in loaded.faults] == [("api-version", Severity.WARNING)]


def test_names_are_needed_and_known_fields_of_a_cluster_are_no_surprise() -> None:
    manifest = source(calendar={"c": {"interval": "1h"}})
    manifest["metadata"] = {"uid": "u", "resourceVersion": "1", "generation": 2, "labels": {"a": "b"}, "lables": {}}
    manifest["status"] = {"conditions": []}
    manifest["sepc"] = {}
    assert found(manifest) == [
        ("metadata.name", "no-name"),
        ("metadata.lables", "unknown-field"),
        ("sepc", "unknown-field"),
    ]


def test_a_helm_template_that_happens_to_be_yaml() -> None:
    manifest = {**sensor(), "metadata": {"name": "{{ .Values.name }}"}}
    assert faults(manifest) == [("metadata.name", "helm-template")]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"metadata": "x"}, "metadata"),
        ({"metadata": {"name": 5}}, "metadata.name"),
        ({"metadata": {"name": "x", "labels": {"a": 5}}}, "metadata.labels.a"),
        ({"spec": []}, "spec"),
        ({"status": "x"}, "status"),
    ],
)
def test_envelopes_of_the_wrong_type(change: dict[str, object], path: str) -> None:
    manifest = {**source(calendar={"c": {"interval": "1h"}}), **change}
    assert (path, "wrong-type") in faults(manifest)


def test_types_of_adapters_beside_those_of_argo_events(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(
        "apiVersion: argoproj.io/v1alpha1\nkind: EventSource\nmetadata: {name: t}\nspec: {tick: {e: {every: 1}}}\n---\n"
        "apiVersion: argoproj.io/v1alpha1\nkind: Sensor\nmetadata: {name: s}\nspec:\n"
        "  dependencies: [{name: d, eventSourceName: t, eventName: e}]\n"
        "  triggers: [{template: {name: t, bell: {times: 3}}}]\n"
    )
    found = load([path], source_types=["tick"], trigger_types=[*TRIGGER_TYPES, "bell"])
    assert found.faults == ()
    (block,) = found.eventsources[0].events
    assert (block.type, block.value) == ("tick", {"every": 1})
    body = found.sensors[0].triggers[0].body
    assert body is not None
    assert (body.type, body.value) == ("bell", {"times": 3})
    assert {fault.code for fault in load([path]).faults} == {"no-source", "unknown-field", "no-action"}


def test_keys_are_matched_without_regard_to_case() -> None:
    manifest = sensor({"Template": {"Name": "t", "HTTP": {"URL": "http://x", "method": "GET"}}})
    manifest["spec"]["Dependencies"] = manifest["spec"].pop("dependencies")
    found = loaded(manifest, source(Webhook={"ev": {"Endpoint": "/x", "port": "1", "method": "POST"}}))
    assert found.faults == ()
    body = found.sensors[0].triggers[0].body
    assert body is not None
    assert (body.type, found.eventsources[0].events[0].type) == ("http", "webhook")
    assert found.sensors[0].triggers[0].template.keys() == {"name", "http"}


def test_a_wrong_dependency_does_not_hide_the_next_fault() -> None:
    manifest = sensor(
        trigger("http", {"url": 5}, retryStrategy={"steps": "3"}),
        dependencies=[{"name": "d", "eventSourceName": 5, "eventName": "ev"}, {"name": 7}],
        replicas="2",
    )
    assert {path for path, _ in faults(manifest)} == {
        "spec.dependencies[0].eventSourceName",
        "spec.dependencies[1].name",
        "spec.dependencies[1].eventSourceName",
        "spec.dependencies[1].eventName",
        "spec.triggers[0].template.http.url",
        "spec.triggers[0].retryStrategy.steps",
        "spec.replicas",
    }


def test_a_backoff_that_only_its_spelling_gives_away() -> None:
    policy = {"k8s": {"labels": {"a": "b"}, "backoff": {"duration": 5}}}
    manifest = sensor(
        trigger("k8s", {"source": {"inline": "x"}}, retryStrategy={"factor": "2"}, policy=policy, atLeastOnce=True)
    )
    assert only(manifest, code="quoted-number").path == "spec.triggers[0].retryStrategy.factor"
    assert only(manifest, code="nanoseconds").path == "spec.triggers[0].policy.k8s.backoff.duration"


def test_a_dlq_trigger_is_a_trigger() -> None:
    manifest = sensor(trigger(dlqTrigger=trigger("http", {"url": "http://x"}, atLeastOnce=True), atLeastOnce=True))
    dead = loaded(manifest).sensors[0].triggers[0].dlq_trigger
    assert dead is not None
    assert dead.body is not None
    assert dead.body.path == ("spec", "triggers", 0, "dlqTrigger", "template", "http")
