"""What the page about JMESPath claims of its examples."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bus.event import Event
from eventyard.build import build, read_manifests
from eventyard.registry import Registry
from eventyard.trial import run_trial
from sensors.jmes_expression import compile_manifest_expression
from sensors.languages.jmes.search import JmesSyntaxError

TEXT = (Path(__file__).parent.parent / "docs" / "jmespath.md").read_text()
MANIFEST = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)[0]
DOCUMENT, BODY = (json.loads(text) for text in re.findall(r"^```json\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
RELEASE = {
    "tag_name": "v1.4.2",
    "draft": False,
    "body": "hold: [staging]\n",
    "assets": [{"name": "shop.tar.gz", "size": 51200, "id": 7}, {"name": "notes.txt", "size": 9}],
}


def released(**change: Any) -> Event:
    body = {"action": "published", "release": {**RELEASE, **change}}
    data = json.dumps({"header": {}, "body": body}).encode()
    return Event.new(source="hooks", subject="releases", type="webhook", data=data, time="2026-01-02T03:04:05Z")


@pytest.mark.parametrize(
    ("change", "passes"),
    [
        ({}, True),
        ({"body": ""}, True),
        ({"body": "hold: [production]"}, False),
        ({"tag_name": "v2.0.0"}, False),
        ({"tag_name": "nightly"}, False),
    ],
)
def test_the_sensor(tmp_path: Path, change: dict[str, Any], passes: bool) -> None:
    (tmp_path / "page.yaml").write_text(MANIFEST)
    registry = Registry()
    plan = build(read_manifests([tmp_path], registry), registry)
    (wanted,) = (source.wanted for source in plan.sources.values())
    assert wanted is not None
    assert wanted(released(**change)) is True
    assert wanted(released(draft=True)) is False
    (sensor,) = plan.sensors.values()
    (tried,) = run_trial(sensor, [released(**change)])
    assert bool(tried.requests) is passes
    if not change:
        shown = json.dumps(tried.requests[0].request)
        assert "http://deployer.example/hooks/1.4.2" in shown
        assert json.loads(tried.requests[0].request["body"]) == BODY


def test_the_error() -> None:
    (shown,) = re.findall(r"^    (.*)\n    ( *\^)$", TEXT, re.MULTILINE)
    with pytest.raises(JmesSyntaxError) as caught:
        compile_manifest_expression(shown[0])
    assert caught.value.caret() == "\n".join(shown)
    assert str(caught.value) in TEXT


def test_the_document() -> None:
    for expression in ('data.headers."X-Github-Event"[0]', "data.body.ref", "type", "subject", "time"):
        assert compile_manifest_expression(expression)(DOCUMENT)
    assert compile_manifest_expression("!a == b")({"a": None, "b": True}) is True


def test_the_table_of_filters() -> None:
    rows = TEXT.split("## Instead of")[1].splitlines()
    found = [re.fullmatch(r"\|.*\| (`` .* ``|`.*`|<code>.*</code>) \|", row) for row in rows]
    expressions = [match[1] for match in found if match]
    assert len(expressions) == 9
    for text in expressions:
        plain = re.sub(r"^`` | ``$|^`|`$|</?code>", "", text).replace("&#124;", "|").replace(r"\|", "|")
        compile_manifest_expression(plain)
