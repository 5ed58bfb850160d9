from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.eventyard.cli.conftest import Run

WRONG = """\
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata:
  name: hooks
spec:
  webhook:
    push:
      endpont: /push
      endpoint: /push
      port: 12000
      method: POST
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata:
  name: act
spec:
  dependencies:
    - name: push
      eventSourceName: hooks
      eventName: push
      filters:
        jmespath:
          - data.body.ref == 'refs/heads/main'
          - data.body..deleted
  triggers:
    - template:
        name: call
        conditions: push && relase
        http:
          url: http://127.0.0.1:8080/
          method: GET
    - template:
        name: start
        pulsar:
          url: pulsar://localhost:6650
          topic: starts
"""

FOUND = """\
wrong.yaml:8:7: warning: spec.webhook.push.endpont: unknown field 'endpont' is ignored
  fix: did you mean 'endpoint'?
wrong.yaml:10:7: fault: spec.webhook.push.port: text is wanted, but this is the number 12000
  fix: write it in quotes: "12000"
wrong.yaml:25:13: fault: spec.dependencies[0].filters.jmespath[1]: not a JMESPath expression: unexpected '.', at character 11
    data.body..deleted
              ^
  fix: see https://jmespath.org
wrong.yaml:29:9: fault: spec.triggers[0].template.conditions: there is no dependency 'relase'
  fix: the dependencies are push
wrong.yaml:35:9: warning: spec.triggers[1].template.pulsar: 'pulsar' is known, not available in this version
  fix: remove it, or run with --skip-unavailable to leave it out
1 file: 1 EventSource, 1 Sensor; 3 faults, 2 warnings
"""

CLEAN = """\
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata: {name: clock}
spec:
  calendar:
    hourly: {schedule: "0 * * * *"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: other}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _write(folder: Path, text: str, name: str = "wrong.yaml") -> Path:
    (folder / name).write_text(text)
    return Path(name)


def test_all_that_is_wrong_at_once(folder: Path, run: Run) -> None:
    result = run("check", _write(folder, WRONG))
    assert (result.exit_code, result.stdout, result.stderr) == (1, FOUND, "")


def test_machines_get_one_list(folder: Path, run: Run) -> None:
    result = run("check", _write(folder, WRONG), "--output", "json")
    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [(each["line"], each["severity"], each["code"]) for each in found] == [
        (8, "warning", "unknown-field"),
        (10, "fault", "wrong-type"),
        (25, "fault", "invalid"),
        (29, "fault", "unknown-dependency"),
        (35, "warning", "unavailable"),
    ]
    assert found[0] == {
        "file": "wrong.yaml",
        "line": 8,
        "column": 7,
        "severity": "warning",
        "path": "spec.webhook.push.endpont",
        "code": "unknown-field",
        "what": "unknown field 'endpont' is ignored",
        "fix": "did you mean 'endpoint'?",
    }


def test_nothing_wrong(folder: Path, run: Run) -> None:
    result = run("check", _write(folder, CLEAN))
    assert (result.exit_code, result.stdout) == (0, "1 file: 1 EventSource; skipped: 1 Deployment; nothing wrong\n")
    assert json.loads(run("check", "wrong.yaml", "--output", "json").stdout) == []


def test_warnings_are_no_faults_unless_strict(folder: Path, run: Run) -> None:
    file = _write(folder, CLEAN.replace("schedule:", "every: 1h, schedule:"))
    assert run("check", file).exit_code == 0
    strict = run("check", file, "--strict")
    assert strict.exit_code == 1
    assert "fault: spec.calendar.hourly.every: unknown field 'every' is ignored" in strict.stdout


def test_what_is_not_available_is_no_fault(folder: Path, run: Run) -> None:
    file = _write(
        folder,
        """\
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata: {name: queue}
spec:
  emitter:
    jobs: {broker: "tcp://localhost:8080", channelKey: key, channelName: jobs, chanel: x, filter: {expression: "body.a == 1"}}
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {name: act}
spec:
  dependencies:
    - {name: job, eventSourceName: queue, eventName: jobs, filters: {script: "return true"}, transform: {jq: "."}}
    - name: other
      eventSourceName: queue
      eventName: jobs
      filters: {exprs: [{expr: a == 1, fields: [{name: a, path: body.a}]}]}
  triggers:
    - template:
        name: start
        openWhisk: {host: "http://localhost", actionName: x, payload: [{src: {dependencyName: job}, dest: x}]}
      atLeastOnce: true
      dlqTrigger: {template: {name: dead, log: {}}, atLeastOnce: true}
    - template: {name: line, log: {}}
      parameters: [{src: {dependencyName: job, dataTemplate: "{{ .Input }}"}, dest: log.intervalSeconds}]
""",
    )
    result = run("check", file, "--output", "json")
    found = json.loads(result.stdout)
    assert {(each["path"].rpartition("]")[2] or each["path"], each["code"]) for each in found} >= {
        ("spec.emitter.jobs", "unavailable"),
        ("spec.emitter.jobs.chanel", "unknown-field"),
        (".template.openWhisk", "unavailable"),
    }
    assert {each["severity"] for each in found} == {"warning"}
    assert result.exit_code == 0
    silent = run("check", file, "--skip-unavailable", "--output", "json")
    assert {each["code"] for each in json.loads(silent.stdout)} == {each["code"] for each in found} - {"unavailable"}


@pytest.mark.parametrize("arguments", [(), ("none.yaml", "--output", "xml"), ("--nonsense", "x")])
def test_wrong_usage(folder: Path, run: Run, arguments: tuple[str, ...]) -> None:
    assert run("check", *arguments).exit_code == 2


def test_a_path_that_is_not_there(folder: Path, run: Run) -> None:
    result = run("check", "none.yaml")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (1, "none.yaml: fault: no such file or folder")


def test_findings_are_in_the_order_of_files_and_lines(folder: Path, run: Run) -> None:
    for name in ("b.yaml", "a.yaml"):
        _write(
            folder,
            WRONG.replace("name: hooks", f"name: hooks-{name[0]}").replace("name: act", f"name: {name[0]}"),
            name,
        )
    found = json.loads(run("check", ".", "--output", "json").stdout)
    places = [(each["file"], each["line"], each["column"]) for each in found]
    assert places == sorted(places)
    assert {file for file, _, _ in places} == {"a.yaml", "b.yaml"}
