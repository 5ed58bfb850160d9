"""Payloads of GitHub, whole: signed and sent over HTTP, and through the evaluator, with the same request as the outcome.

More of them can be had with PAYLOADS=DIR, a folder with `<event>/*.json` in it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bus.event import Event
from eventyard.build import build, read_manifests
from eventyard.plan import Plan
from eventyard.registry import Registry
from eventyard.trial import Tried, run_trial
from tests.e2e.instance import Sink, free_port, instance
from tests.e2e.manifests import API, post, secret, sensor, write

OWN = Path(__file__).parents[1] / "data" / "github"
KEY = "payload-secret"


def payloads() -> list[tuple[str, Path]]:
    """Event and file."""
    more = os.environ.get("PAYLOADS", "")
    found = [(path.stem, path) for path in OWN.glob("*.json")]
    found += [(path.parent.name, path) for path in Path(more).glob("*/*.json")] if more else []
    return sorted(found)


def manifests(folder: Path, port: int, url: str, jmespath: str = "") -> None:
    """A GitHub EventSource, and a Sensor that posts each event on: its id, its kind, and its whole body."""
    hook = {
        "repositories": [{"owner": "crumb", "names": ["bakery"]}],
        "events": ["*"],
        "contentType": "json",
        "webhookSecret": {"name": "github", "key": "secret"},
        "webhook": {"endpoint": "/hook", "port": str(port), "method": "POST"},
    }
    source = {"apiVersion": API, "kind": "EventSource", "metadata": {"name": "hooks"}, "spec": {"github": {"in": hook}}}
    payload = [
        {"src": {"dependencyName": "event", "jmespath": expression}, "dest": dest}
        for dest, expression in {
            "id": 'data.headers."X-Github-Delivery"[0]',
            "kind": 'data.body."X-GitHub-Event"',
            "body": "data.body",
        }.items()
    ]
    write(
        folder,
        "all",
        secret("github", secret=KEY),
        source,
        sensor("all", post(url, http={"payload": payload}), jmespath=jmespath),
    )


def headers(kind: str, number: int, body: bytes) -> dict[str, str]:
    """As GitHub sends them."""
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": kind,
        "X-GitHub-Delivery": f"delivery-{number}",
        "X-Hub-Signature-256": "sha256=" + hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest(),
    }


def planned(folder: Path) -> Plan:
    """The manifests of a folder made ready."""
    registry = Registry()
    plan = build(read_manifests([folder / "manifests"], registry), registry)
    assert not plan.faults
    return plan


def tried(plan: Plan, kind: str, number: int, body: bytes) -> Tried:
    """What the evaluator makes of a payload."""
    (source,) = plan.sources.values()
    (listening,) = plan.sensors.values()
    data = source.make.wrap(source.settings, body, headers(kind, number, body))
    event = Event.new(source=source.source, subject=source.event, type=source.event_type, data=data)
    (result,) = run_trial(listening, [event])
    return result


async def test_over_http_and_through_the_evaluator(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    got: dict[str, dict[str, Any]] = {}

    async def keep(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        got[body["id"]] = body
        return web.Response()

    port = free_port()
    async with Sink(keep) as sink:
        manifests(tmp_path, port, sink.url)
        async with instance(tmp_path) as running, aiohttp.ClientSession() as session:
            for number, (kind, path) in enumerate(payloads()):
                body = path.read_bytes()
                url = f"http://127.0.0.1:{port}/hook"
                for _ in range(2):  # GitHub may deliver again, which makes no second event
                    async with session.post(url, data=body, headers=headers(kind, number, body)) as answer:
                        assert (answer.status, await answer.text()) == (200, "success"), path
            await sink.until(lambda: len(sink.ids) == len(payloads()))
            assert await running.stop() == 0
        plan = planned(tmp_path)
    assert set(sink.ids.values()) == {1}
    for number, (kind, path) in enumerate(payloads()):
        body = path.read_bytes()
        delivery = f"delivery-{number}"
        added = {"X-GitHub-Event": kind, "X-GitHub-Delivery": delivery}
        assert got[delivery] == {"id": delivery, "kind": kind, "body": {**as_go_reads(body), **added}}, path
        result = tried(plan, kind, number, body)
        assert result.decision.verdict == "firing", path
        assert json.loads(result.requests[0].request["body"]) == got[delivery], path
    with capsys.disabled():
        print(f"\n{len(payloads())} payloads sent twice each: {len(got)} fired, the same as the evaluator says")


def as_go_reads(body: bytes) -> Any:
    """JSON in which all numbers are floating-point ones, as Argo Events reads it."""
    return json.loads(body, parse_int=float)


@pytest.mark.parametrize(
    ("kind", "holds", "fails"),
    [
        ("push", "data.body.ref == 'refs/heads/main' && data.body.forced", "data.body.head_commit"),
        ("push", "data.body.commits[?contains(added, 'ovens/new one.txt')]", "data.body.commits[?author]"),
        ("pull_request", "data.body.pull_request.labels[?name == 'needs \"quotes\"']", "data.body.pull_request.draft"),
        ("pull_request", "data.body.pull_request.additions > `10`", "data.body.number > `17`"),
        ("issues", "contains(data.body.issue.labels[].name, 'priority/high')", "data.body.issue.closed_at"),
        ("issue_comment", "starts_with(data.body.comment.body, '/deploy ')", "data.body.issue.title"),
        ("release", "data.body.release.assets[?size > `1000000`] | [0]", "data.body.release.name"),
        ("ping", "data.body.hook.active", "!data.body.zen"),
        ("workflow_run", "data.body.workflow_run.timing.seconds == `61.25`", "data.body.workflow_run.pull_requests"),
        ("create", 'data.body."a.b"."*"[0] == \'dots\'', "data.body.ref_type == 'branch'"),
    ],
)
def test_filters_on_what_is_in_them(tmp_path: Path, kind: str, holds: str, fails: str) -> None:
    body = (OWN / f"{kind}.json").read_bytes()
    for expression, verdict in ((holds, "firing"), (fails, "filtered")):
        manifests(tmp_path, 12000, "http://127.0.0.1:9/", expression)
        assert tried(planned(tmp_path), kind, 0, body).decision.verdict == verdict, expression
