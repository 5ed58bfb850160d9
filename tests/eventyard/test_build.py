from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bus.event import Event
from config.errors import Severity
from config.load import load_text
from eventyard.build import SOURCES, TRIGGERS, build, read_manifests
from eventyard.plan import Plan
from eventyard.registry import Registry

REGISTRY = Registry(
    [
        EntryPoint("webhook", "eventsources.webhook:Webhook", SOURCES),
        EntryPoint("log", "triggers.log:Log", TRIGGERS),
        EntryPoint("http", "triggers.http:HTTP", TRIGGERS),
        EntryPoint("shouting", "tests.eventyard.test_given:Shouting", SOURCES),
    ]
)

SOURCE = """\
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata: {name: hooks}
spec:
  webhook:
    a: {endpoint: /a, port: "12000", method: POST}
    b: {endpoint: /b, port: "12000", method: POST}
---
"""

SENSOR = """\
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {name: act}
spec:
  dependencies:
    - {name: a, eventSourceName: hooks, eventName: a}
    - {name: b, eventSourceName: hooks, eventName: b%s}
  triggers:
    - template: {name: on-a, conditions: a, log: {}}
    - template: {name: on-b, conditions: b, log: {}}
    - template: {name: on-both, conditions: a && b, log: {}}
"""


def _plan(text: str, *, skip: bool = False) -> Plan:
    return build(load_text(text, "m.yaml"), REGISTRY, skip_unavailable=skip)


def _triggers(plan: Plan) -> list[str]:
    return [trigger.name.trigger for sensor in plan.sensors.values() for trigger in sensor.triggers]


def test_a_plan() -> None:
    plan = _plan(SOURCE + SENSOR % "")
    assert (plan.faults, plan.warnings) == ((), ())
    assert set(plan.sources) == {("default", "hooks", "a"), ("default", "hooks", "b")}
    assert {source.event_type for source in plan.sources.values()} == {"webhook"}
    assert _triggers(plan) == ["on-a", "on-b", "on-both"]
    assert [subject.event for subject in plan.sensors["default/act"].subjects] == ["a", "b"]


def test_what_is_not_available_is_refused_or_left_out() -> None:
    text = SOURCE + (SENSOR % "").replace("b, log: {}", "b, email: {host: localhost}")
    refused = _plan(text)
    assert [fault.code for fault in refused.faults] == ["unavailable", "unavailable"]
    assert refused.sensors == {}
    skipped = _plan(text, skip=True)
    assert (skipped.faults, [fault.code for fault in skipped.warnings]) == ((), ["unavailable", "unavailable"])
    assert _triggers(skipped) == ["on-a"]
    assert [subject.event for subject in skipped.sensors["default/act"].subjects] == ["a"]


def test_a_sensor_of_which_nothing_is_left_is_left_out() -> None:
    text = SENSOR % ""
    plan = _plan(SOURCE + text.replace("log: {}", "email: {host: localhost}"), skip=True)
    assert (plan.faults, plan.sensors) == ((), {})
    assert {fault.code for fault in plan.warnings} == {"unavailable"}


def test_a_sensor_without_dependencies_is_told_once() -> None:
    [fault] = _plan("""
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {name: idle}
spec:
  triggers:
    - template: {name: a, log: {}}
    - template: {name: b, log: {}}
""").faults
    assert (fault.path, fault.code) == ("spec.dependencies", "missing")


def test_a_source_whose_filter_cannot_be_read_is_refused() -> None:
    text = SOURCE.replace("endpoint: /a,", "endpoint: /a, filter: {expression: 'body.x ='},")
    [fault] = _plan(text).faults
    assert (fault.path, fault.what.splitlines()[1:]) == ("spec.webhook.a.filter.expression", ["body.x =", "       ^"])
    assert set(_plan(text).sources) == {("default", "hooks", "b")}
    [fault] = _plan(text.replace("body.x =", "")).faults
    assert fault.path == "spec.webhook.a.filter.expression"


def test_the_expression_of_a_source() -> None:
    text = SOURCE.replace(
        "endpoint: /a,", "endpoint: /a, filter: {expression: 'body.x % 2 == 1', jmespath: data.body.y},"
    )
    plan = _plan(text)
    assert [(fault.code, fault.path) for fault in plan.warnings] == [("trap", "spec.webhook.a.filter.expression")]
    wanted = _plan(text.replace("body.x %", "int(body.x) %")).sources["default", "hooks", "a"].wanted
    assert wanted is not None
    assert wanted(Event(id="1", source="s", type="t", data=b'{"body":{"x":1,"y":true}}'))
    assert not wanted(Event(id="1", source="s", type="t", data=b'{"body":{"x":2,"y":true}}'))
    assert not wanted(Event(id="1", source="s", type="t", data=b'{"body":{"x":1,"y":false}}'))
    assert not wanted(Event(id="1", source="s", type="t", data=b'{"body":{"x":"a","y":true}}'))


def test_the_filter_of_a_source() -> None:
    plan = _plan(SOURCE.replace("endpoint: /a,", "endpoint: /a, filter: {jmespath: 'data.body.x'},"))
    wanted = plan.sources["default", "hooks", "a"].wanted
    assert wanted is not None
    assert wanted(Event(id="1", source="s", type="t", data=b'{"body":{"x":1}}'))
    assert not wanted(Event(id="1", source="s", type="t", data=b'{"body":{}}'))
    assert not wanted(Event(id="1", source="s", type="t", data=b"no JSON"))


def test_expressions_that_cannot_be_read_show_where() -> None:
    text = SOURCE.replace("endpoint: /a,", "endpoint: /a, filter: {jmespath: 'data.body.'},")
    text += SENSOR % ", filters: {jmespath: [a, 'b ||']}, transform: {jmespath: '{a: b'}"
    text = text.replace("name: on-a,", "name: on-a, ").replace(
        "conditions: a && b, log: {}}",
        "conditions: a && b, log: {}}\n      parameters: [{src: {dependencyName: a, jmespath: 'c('}, dest: log.intervalSeconds}]",
    )
    shown = {fault.path: fault.what.splitlines()[1:] for fault in _plan(text).faults}
    assert shown == {
        "spec.webhook.a.filter.jmespath": ["data.body.", "          ^"],
        "spec.dependencies[1].filters.jmespath[1]": ["b ||", "    ^"],
        "spec.dependencies[1].transform.jmespath": ["{a: b", "     ^"],
        "spec.triggers[2].parameters[0].src.jmespath": ["c(", "  ^"],
    }


@pytest.mark.parametrize(
    ("transform", "path", "what"),
    [
        (
            'jq: "{a: .b, c: nosuch}"',
            "jq",
            "not a jq query: there is no function 'nosuch' of 0 arguments, at character 12\n"
            "{a: .b, c: nosuch}\n           ^",
        ),
        (
            'script: "return {"',
            "script",
            "not a Lua script: the script ends where an expression should be, at character 9\nreturn {\n        ^",
        ),
    ],
)
def test_transforms_that_cannot_be_read_show_where(transform: str, path: str, what: str) -> None:
    plan = _plan(SOURCE + SENSOR % f", transform: {{{transform}}}")
    [fault] = plan.faults
    assert (fault.path, fault.code) == (f"spec.dependencies[1].transform.{path}", "invalid")
    assert (fault.place.file, fault.place.line, fault.place.column) == ("m.yaml", 15, 67)
    assert fault.what == what
    assert plan.sensors == {}


def test_transforms_of_all_languages() -> None:
    for transform in ("{jq: '{a: .b}'}", "{script: 'return event'}", "{jmespath: '{a: data}'}"):
        plan = _plan(SOURCE + SENSOR % f", transform: {transform}")
        assert (plan.faults, plan.warnings, len(plan.sensors)) == ((), (), 1)
    [warning] = _plan(SOURCE + SENSOR % ", transform: {script: return io.read()}").warnings
    assert (warning.path, warning.code) == ("spec.dependencies[1].transform.script", "trap")


def test_what_is_found_is_told_once_and_in_order() -> None:
    text = SOURCE.replace("endpoint: /a,", "endpont: /a,") + (SENSOR % "").replace("conditions: b,", "conditions: c,")
    plan = _plan(text.replace("log: {}", "http: {methd: GET}"))
    found = [(fault.path, fault.severity) for fault in (*plan.faults, *plan.warnings)]
    assert len(found) == len(set(found))
    for severity in (plan.faults, plan.warnings):
        places = [fault.place for fault in severity]
        assert places == sorted(places)
    assert ("spec.webhook.a.endpoint", Severity.FAULT) in found
    assert ("spec.triggers[1].template.conditions", Severity.FAULT) in found


def test_items_of_a_list_have_their_own_places() -> None:
    text = "kind: List\napiVersion: v1\nitems:\n- " + (SENSOR % ", filters: {jmespath: ['a ||']}").replace("\n", "\n  ")
    (fault,) = _plan(text).faults
    assert fault.path == "items[0].spec.dependencies[1].filters.jmespath[0]"
    assert fault.place.line > 8


def test_types_of_other_people_are_known(tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text(SOURCE.replace("webhook:", "shouting:").replace("endpoint", "loud"))
    plan = build(read_manifests([file], REGISTRY), REGISTRY)
    assert plan.faults == ()
    assert {source.kind for source in plan.sources.values()} == {"shouting"}
    assert [fault.code for fault in build(read_manifests([file], Registry([])), Registry([])).faults] == ["no-source"]


GOOD = (
    SOURCE
    + SENSOR
    % ", filters: {jmespath: [data.body.ok], data: [{path: body.n, type: number, value: ['1'], comparator: '>'}]}"
    + """\
    - template:
        name: call
        http:
          url: http://127.0.0.1:8080/
          method: POST
          headers: {Content-Type: application/json}
          payload: [{src: {dependencyName: a, dataKey: body.x}, dest: x}]
      parameters: [{src: {dependencyName: a, jmespath: data.body.y}, dest: http.url}]
      retryStrategy: {steps: 3, duration: 1s, factor: 2}
      policy: {status: {allow: [200]}}
      rateLimit: {unit: Minute, requestsPerUnit: 5}
"""
)
SPLINTERS = [*"{}[]:,&*!|>'\"%@`#- \n\t0", "null", "true", "1e999", "~", "- ", ": ", "<<: *a", "\x00", "é", "---\n"]


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_whatever_is_written_there_is_a_plan_or_a_fault(data: st.DataObject) -> None:
    text = GOOD
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(st.sampled_from(SPLINTERS)) + text[end:]
    for skip in (False, True):
        plan = _plan(text, skip=skip)
        for fault in (*plan.faults, *plan.warnings):
            assert fault.what


def test_the_good_one_is_good() -> None:
    plan = _plan(GOOD)
    assert (plan.faults, _triggers(plan)) == ((), ["on-a", "on-b", "on-both", "call"])
