from __future__ import annotations

from typing import Any

from tests.config.checks.test_sources import GOOD
from tests.config.given import faults, only, source

KEY = {"name": "s", "key": "k"}


def hook(endpoint: str = "/x", port: str = "12000", **more: Any) -> dict[str, Any]:
    return {"endpoint": endpoint, "port": port, "method": "POST", **more}


def test_events_with_routes_of_their_own() -> None:
    github = {**GOOD["github"], "webhook": hook("/github")}
    assert (
        faults(
            source("a", webhook={"e": hook(), "f": hook("/y")}),
            source("b", webhook={"e": hook(port="12001")}),
            source("c", github={"e": github}),
        )
        == []
    )


def test_two_events_with_one_route() -> None:
    assert faults(source(webhook={"e": hook(), "f": hook()})) == [("spec.webhook.f.endpoint", "endpoint-taken")]
    github = {**GOOD["github"], "webhook": hook()}
    others = source("a", webhook={"e": hook(port="+12000")}), source("b", github={"e": github})
    assert faults(*others) == [("spec.github.e.webhook.endpoint", "endpoint-taken")]
    assert "'a/e'" in only(*others, code="endpoint-taken").what


def test_a_port_has_one_certificate() -> None:
    secure: dict[str, Any] = {"serverCertSecret": KEY, "serverKeySecret": KEY}
    other: dict[str, Any] = {**secure, "serverCertSecret": {"name": "t", "key": "k"}}
    assert faults(source(webhook={"e": hook(**secure), "f": hook("/y", **secure)})) == []
    assert faults(source(webhook={"e": hook(**secure), "f": hook("/y")})) == [("spec.webhook.f.port", "port-tls")]
    assert faults(source(webhook={"e": hook(**secure), "f": hook("/y", **other)})) == [
        ("spec.webhook.f.port", "port-tls")
    ]
    # Half of a pair is no TLS.
    assert faults(source(webhook={"e": hook(serverCertSecret=KEY), "f": hook("/y")})) == []


def test_ports_that_are_free_or_wrong_are_no_routes() -> None:
    for port in ("0", "-1", "70000", "x", ""):
        codes = {code for _, code in faults(source(webhook={"e": hook(port=port), "f": hook(port=port)}))}
        assert not codes & {"endpoint-taken", "port-tls"}
