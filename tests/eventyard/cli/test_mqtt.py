"""What `check` and `schema` say of MQTT, whose trigger Argo Events does not have."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from tests.eventyard.cli.conftest import Run

MANIFESTS = """\
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata: {name: plant}
spec:
  mqtt:
    in:
      url: tcp://broker:1883
      topic: sensors/#
      clientId: eventyard
      qoss: 1
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {name: act}
spec:
  dependencies:
    - {name: event, eventSourceName: plant, eventName: in}
  triggers:
    - template:
        name: publish
        mqtt:
          url: tcp://broker:1883
          topic: actors/lamp
          userPropertys: {a: b}
          protocolVersion: 5
          payload:
            - {src: {dependencyName: event, dataKey: body.lit}, dest: lit}
"""


def test_unknown_fields_are_warnings(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "plant.yaml"
    file.write_text(MANIFESTS)
    result = run("check", file)
    assert result.exit_code == 0
    assert "spec.mqtt.in.qoss: unknown field 'qoss' is ignored\n  fix: did you mean 'qos'?" in result.stdout
    assert "template.mqtt.userPropertys: unknown field" in result.stdout
    assert "did you mean 'userProperties'?" in result.stdout


def test_faults_have_their_place(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "plant.yaml"
    file.write_text(
        MANIFESTS.replace("sensors/#", "sensors/#/x").replace("actors/lamp", "actors/+").replace("tcp://", "http://")
    )
    result = run("check", file)
    assert result.exit_code == 1
    for fault in (
        ":7:7: fault: spec.mqtt.in.url: the URL has the scheme 'http'",
        ":8:7: fault: spec.mqtt.in.topic: # may only be all of the last level",
        ":22:11: fault: spec.triggers[0].template.mqtt.url: the URL has the scheme 'http'",
        ":23:11: fault: spec.triggers[0].template.mqtt.topic: the topic holds a wildcard",
    ):
        assert fault in " ".join(result.stdout.split())


def test_the_schema_knows_both_blocks(run: Run) -> None:
    for arguments in ((), ("--strict",)):
        schema = json.loads(run("schema", *arguments).stdout)
        Draft202012Validator.check_schema(schema)
        source = schema["$defs"]["MqttSettings"]["properties"]
        trigger = schema["$defs"]["MqttTriggerSettings"]["properties"]
        assert {"qos", "cleanSession", "sessionExpiry", "maxInFlight", "cloudEvents"} <= source.keys()
        assert {"qos", "retain", "userProperties", "payload", "parameters"} <= trigger.keys()
        for properties in (source, trigger):
            assert all(properties[name]["description"] for name in ("url", "clientId", "protocolVersion", "keepAlive"))
