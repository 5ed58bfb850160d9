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
        argoWorkflow:
          operation: submit
          source: {resource: {}}
"""

FOUND = """\
wrong.yaml:8:7: warning: spec.webhook.push.endpont: unknown field 'endpont' is ignored
  fix: did you mean 'endpoint'?
wrong.yaml:10:7: fault: spec.webhook.push.port: text is wanted, but this is the number 12000
  fix: write it in quotes: "12000"
wrong.yaml:25:13: fault: spec.dependencies[0].filters.jmespath[1]: not a JMESPath expression: {message}
    data.body..deleted
              ^
  fix: see https://jmespath.org
wrong.yaml:29:9: fault: spec.triggers[0].template.conditions: there is no dependency 'relase' {rest}
wrong.yaml:35:9: warning: spec.triggers[1].template.argoWorkflow: 'argoWorkflow' is known, not available in this version
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
    print(result.stdout)
    assert result.stdout == FOUND
