"""The filter of the `resource` source, which has fields of its own and one that every source's filter has."""

from __future__ import annotations

from importlib.metadata import EntryPoint

from bus.event import Event
from config.load import load_text
from eventyard.build import SOURCES, build
from eventyard.plan import Plan
from eventyard.registry import Registry

REGISTRY = Registry([EntryPoint("resource", "eventsources.resource.adapter:Resource", SOURCES)])


def plan(filter: str) -> Plan:
    text = f"""\
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata: {{name: cluster}}
spec:
  resource:
    pods:
      version: v1
      resource: pods
      eventTypes: [ADD]
      filter: {{{filter}}}
"""
    return build(load_text(text, "m.yaml"), REGISTRY)


def found(plan: Plan) -> list[tuple[str, str]]:
    return [(fault.path.removeprefix("spec.resource.pods."), fault.code) for fault in (*plan.faults, *plan.warnings)]


def test_fields_are_compiled() -> None:
    made = plan(
        "prefix: a, afterStart: true, labels: [{key: app, value: web}], "
        "fields: [{key: status.phase, operation: ==, value: ^Running$}]"
    )
    assert found(made) == []
    (source,) = made.sources.values()
    assert source.wanted is None
    assert source.holds({"status": {"phase": "Running"}})
    assert not source.holds({"status": {"phase": "NotRunning"}})


def test_jmespath_sees_the_whole_event() -> None:
    made = plan("prefix: a, jmespath: \"data.type == 'ADD' && subject == 'pods'\"")
    assert found(made) == []
    (source,) = made.sources.values()
    assert source.wanted is not None
    for type, wanted in (("ADD", True), ("UPDATE", False)):
        data = b'{"type": "%s"}' % type.encode()
        assert source.wanted(Event.new(source="s", subject="pods", type="resource", data=data)) is wanted


def test_an_expression_is_no_field_of_this_filter() -> None:
    """As in Argo Events, which ignores it: here it is a warning, too."""
    made = plan("expression: 'body.x =', jmespath: data.body")
    assert found(made) == [("filter.expression", "unknown-field")]
    (source,) = made.sources.values()
    assert source.wanted is not None


def test_faults_have_their_places() -> None:
    fields = "fields: [{key: a, operation: ==, value: '('}, {key: b, value: x}]"
    assert found(plan(fields)) == [("filter.fields[1].operation", "invalid")]
    assert found(plan("fields: [{key: a, operation: ==, value: '('}]")) == [("filter.fields[0]", "invalid")]
    assert found(plan("jmespath: 'data.'")) == [("filter.jmespath", "jmespath")]
    assert found(plan("labels: [{key: a, operation: '~', value: b}]")) == [("filter.labels[0].operation", "invalid")]
    assert found(plan("labels: [{value: b}]")) == [("filter.labels[0].key", "missing")]
