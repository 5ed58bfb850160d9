from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.eventyard.cli.conftest import Run

MANIFESTS = """\
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata: {name: hooks}
spec:
  webhook:
    push: {endpoint: /push, port: "12000", method: POST, metadata: {team: blue}}
    release: {endpoint: /release, port: "12000", method: POST}
    other: {endpoint: /other, port: "12000", method: POST}
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {name: announce}
spec:
  dependencies:
    - name: push
      eventSourceName: hooks
      eventName: push
      filters: {jmespath: ["data.body.ref == 'refs/heads/main'"]}
  triggers:
    - template:
        name: call
        http:
          url: http://127.0.0.1:8080/
          method: POST
          headers: {Content-Type: application/json}
          secureHeaders:
            - name: Authorization
              valueFrom: {secretKeyRef: {name: token, key: token}}
          payload:
            - src: {dependencyName: push, dataKey: body.ref}
              dest: ref
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {name: both, namespace: team}
spec:
  dependencies:
    - {name: push, eventSourceName: hooks, eventName: push}
    - {name: release, eventSourceName: hooks, eventName: release}
  triggers:
    - template:
        name: line
        conditions: push && release
        log: {}
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {name: broken}
spec:
  dependencies:
    - {name: push, eventSourceName: hooks, eventName: push, filters: {jmespath: ["a ||"]}}
  triggers:
    - template: {name: line, log: {}}
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {name: unrenderable}
spec:
  dependencies:
    - {name: push, eventSourceName: hooks, eventName: push}
  triggers:
    - template:
        name: call
        http:
          url: http://127.0.0.1:8080/
          payload:
            - src: {dependencyName: push, dataKey: body.nothing}
              dest: ref
"""

FIRES = """\
event 17  hooks/push  type webhook  2026-01-02T15:04:05Z  36 B
  sensor announce
    dependency push                             passed
      jmespath  data.body.ref == 'refs/heads/main'                    true
    trigger call                 conditions: push                   firing
  would fire call (http)  key 1
    method  POST
    url  http://127.0.0.1:8080/
    headers
      Content-Type  application/json
      Authorization  ***
    body  {"ref":"refs/heads/main"}
"""

MAIN = {"body": {"ref": "refs/heads/main"}}
CLOUD_EVENT = {
    "specversion": "1.0",
    "id": "17",
    "type": "webhook",
    "source": "hooks",
    "subject": "push",
    "time": "2026-01-02T15:04:05Z",
    "data": MAIN,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "manifests.yaml").write_text(MANIFESTS)
    return tmp_path


def _event(folder: Path, value: object, name: str = "event.txt") -> Path:
    file = folder / name
    file.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return file


def test_what_a_cloud_event_would_do(folder: Path, run: Run) -> None:
    result = run("try", "announce", "--event", _event(folder, CLOUD_EVENT))
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.sub(r"key [0-9a-f]{32}", "key 1", result.stdout) == FIRES


def test_machines_get_one_document(folder: Path, run: Run) -> None:
    result = run(
        "try", "default/announce", "manifests.yaml", "--event", _event(folder, CLOUD_EVENT), "--output", "json"
    )
    tried = json.loads(result.stdout)
    assert (tried["sensor"], tried["fires"]) == ("default/announce", True)
    (event,) = tried["events"]
    assert event["event"]["id"] == "17"
    (asked,) = event["decision"]["dependencies"][0]["filters"]
    assert asked["found"] == "refs/heads/main", "what passed is explained as well"
    (request,) = event["requests"]
    assert (request["trigger"], request["kind"]) == ("call", "http")
    assert request["request"]["body"] == '{"ref":"refs/heads/main"}'
    assert request["request"]["headers"]["Authorization"] == "***"


def test_what_does_not_fire(folder: Path, run: Run) -> None:
    result = run("try", "announce", "--event", _event(folder, {"header": {}, "body": {"ref": "refs/heads/next"}}))
    assert result.exit_code == 1
    assert 'false    found "refs/heads/next"' in result.stdout


def test_bare_data_and_a_raw_payload(folder: Path, run: Run) -> None:
    data = _event(folder, {"header": {}, **MAIN})
    assert run("try", "announce", "--event", data).exit_code == 0
    payload = _event(folder, {"ref": "refs/heads/main"})
    assert run("try", "announce", "--event", payload).exit_code == 0
    both = _event(folder, {"header": {}, "body": {"ref": "refs/heads/main"}, "ref": "refs/heads/main"})
    assert run("try", "announce", "--event", both, "--header", "X-Test: 1").exit_code == 0
    assert run("try", "announce", "--event", "-", input=payload.read_bytes()).exit_code == 0


def test_a_payload_that_its_source_would_refuse(folder: Path, run: Run) -> None:
    result = run("try", "announce", "--event", _event(folder, b"not JSON"))
    assert result.exit_code == 1
    assert "JSON" in result.stderr


def test_conditions_say_what_they_wait_for(folder: Path, run: Run) -> None:
    data = _event(folder, {"header": {}, "body": {}})
    alone = run("try", "both", "--event", data)
    assert alone.exit_code == 1
    assert "line still waits for release: --and hooks/release=FILE" in alone.stdout
    assert "has       push: yes, release: no" in alone.stdout
    whole = run("try", "team/both", "--event", data, "--and", f"hooks/release={data}", "--output", "json")
    tried = json.loads(whole.stdout)
    assert whole.exit_code == 0
    assert [each["missing"] for each in tried["events"]] == [{"line": ["push"]}, {}]
    assert [line["dependencyName"] for line in tried["events"][1]["requests"][0]["request"]["lines"]] == [
        "push",
        "release",
    ]


def test_which_event_it_is(folder: Path, run: Run) -> None:
    data = _event(folder, {"header": {}, "body": {}})
    result = run("try", "both", "--event", data, "--source", "hooks/release")
    assert "line still waits for push: --and hooks/push=FILE" in result.stdout
    released = _event(folder, {**CLOUD_EVENT, "subject": "release"})
    assert "line still waits for push" in run("try", "both", "--event", released).stdout
    nameless = _event(folder, {**CLOUD_EVENT, "source": "https://example.com"})
    assert run("try", "announce", "--event", nameless).exit_code == 0
    other = _event(folder, {**CLOUD_EVENT, "subject": "other"})
    unheard = run("try", "announce", "--event", other)
    assert unheard.exit_code == 1
    assert "does not listen to it, only to hooks/push" in unheard.stdout


def test_a_request_that_cannot_be_rendered_does_not_fire(folder: Path, run: Run) -> None:
    result = run("try", "unrenderable", "--event", _event(folder, {"header": {}, "body": {}}))
    assert result.exit_code == 1
    assert "    cannot be rendered: " in result.stdout


def test_a_sensor_that_is_broken_says_why(folder: Path, run: Run) -> None:
    result = run("try", "broken", "--event", _event(folder, CLOUD_EVENT))
    assert result.exit_code == 1
    assert "not a JMESPath expression" in result.stderr
    assert result.stderr.splitlines()[-2] == "eventyard: Sensor 'broken' cannot be tried"


def test_a_raw_payload_needs_its_source(tmp_path: Path, run: Run) -> None:
    (tmp_path / "sensor.yaml").write_text(MANIFESTS.partition("---\n")[2])
    result = run("try", "announce", tmp_path / "sensor.yaml", "--event", _event(tmp_path, {"ref": "x"}))
    assert (result.exit_code, "not among the manifests" in result.stderr) == (1, True)
    data = _event(tmp_path, {"header": {}, **MAIN})
    assert run("try", "announce", tmp_path / "sensor.yaml", "--event", data).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["anounce", "--event", "EVENT"], "did you mean 'announce'?"),
        (["announce", "--event", "none.json"], "No such file"),
        (["announce", "--event", "EVENT", "--source", "hooks"], "EVENTSOURCE/EVENT"),
        (["announce", "--event", "EVENT", "--source", "hooks/other"], "only to hooks/push"),
        (["announce", "--event", "EVENT", "--header", "x"], "Name: value"),
        (["both", "--event", "EVENT", "--and", "hooks/push"], "EVENTSOURCE/EVENT=FILE"),
        (["announce"], "--event"),
    ],
)
def test_wrong_usage(folder: Path, run: Run, arguments: list[str], hint: str) -> None:
    event = _event(folder, CLOUD_EVENT)
    result = run("try", *(str(event) if each == "EVENT" else each for each in arguments))
    assert result.exit_code == 2
    assert hint in result.stderr


@pytest.mark.parametrize(
    ("transform", "made"),
    [
        ("jmespath: '{branch: data.body.ref}'", 'transform  applied    made {"branch":"refs/heads/main"}'),
        ("jq: '{branch: .body.ref}'", 'transform  applied    made {"branch":"refs/heads/main"}'),
        ("script: 'return {branch = event.body.ref}'", 'transform  applied    made {"branch":"refs/heads/main"}'),
        (
            "jmespath: data.body.ref",
            "transform  failed\n      transform: the expression must give an object; it gave text",
        ),
        ("jq: .body.ref", "transform  failed\n      transform: the query must give an object; it gave text"),
        ("jq: '.body.ref.x'", "transform  failed\n      transform: expected an object but got: string"),
        ("script: return event.x.y", "transform  failed\n      transform: line 1: attempt to index a non-table"),
    ],
)
def test_what_a_transform_makes_is_shown(folder: Path, run: Run, transform: str, made: str) -> None:
    text = MANIFESTS.replace(
        "      filters: {jmespath: [\"data.body.ref == 'refs/heads/main'\"]}\n", f"      transform: {{{transform}}}\n"
    ).replace("dataKey: body.ref", "dataKey: branch")
    (folder / "manifests.yaml").write_text(text)
    result = run("try", "announce", "--event", _event(folder, CLOUD_EVENT))
    assert made in result.stdout
    assert ("failed" in made) == (result.exit_code == 1)
    found = json.loads(run("try", "announce", "--event", folder / "event.txt", "--output", "json").stdout)
    [dependency] = found["events"][0]["decision"]["dependencies"]
    assert dependency.get("transformed") == (None if "failed" in made else {"branch": "refs/heads/main"})
