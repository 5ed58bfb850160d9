from __future__ import annotations

from tests.config.checks.test_sources import GOOD
from tests.config.given import document, faults, only, source


def test_at_least_one_source_of_a_known_type() -> None:
    assert faults(source()) == [("spec", "no-source")]
    assert faults(document("EventSource", None)) == [("spec", "no-source")]
    assert faults(source(webhok={"e": {}})) == [("spec", "no-source")]
    assert only(source(webhok={"e": {}}), code="unknown-field").fix == "did you mean 'webhook'?"


def test_an_event_has_one_name_in_all_types() -> None:
    manifest = source(sqs={"e": GOOD["sqs"]}, sns={"e": GOOD["sns"]})
    assert faults(manifest) == [("spec.sns.e", "duplicate-event")]


def test_types_that_a_cluster_runs_differently() -> None:
    webhook = {"w": GOOD["webhook"]}
    assert faults(source(webhook=webhook, calendar={"c": GOOD["calendar"]})) == [("spec.calendar", "mixed-types")]
    assert faults(source(webhook=webhook, sqs={"q": GOOD["sqs"]})) == []
    assert faults(source(nats={"n": GOOD["nats"]}, calendar={"c": GOOD["calendar"]})) == []


def test_blocks_of_the_wrong_type() -> None:
    assert ("spec.webhook", "wrong-type") in faults(source(webhook=["x"]))
    assert ("spec.webhook.e", "wrong-type") in faults(source(webhook={"e": "x"}))
    assert faults(source(webhook={"e": None})) == [
        ("spec.webhook.e.endpoint", "missing"),
        ("spec.webhook.e.port", "missing"),
    ]


def test_the_rest_of_the_spec() -> None:
    good = {"e": GOOD["webhook"]}
    assert faults(source(webhook=good, service={"ports": [{"port": "80"}]})) == [
        ("spec.service.ports[0].port", "wrong-type")
    ]
    assert faults(source(webhook=good, replicas="2")) == [("spec.replicas", "wrong-type")]
    assert faults(source(webhook=good, template={"container": {"env": [{"name": 5}]}})) == [
        ("spec.template.container.env[0].name", "wrong-type")
    ]
    pod = {"volumes": [{"name": "x", "emptyDir": {}}], "securityContext": {"runAsUser": 5, "sysctls": []}}
    assert faults(source(webhook=good, template=pod, service={"ports": [{"port": 80, "targetPort": "http"}]})) == []
