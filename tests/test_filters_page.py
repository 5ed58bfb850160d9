"""What the page about filters says is so: its filters decide as described, and what it says to write instead can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from bus.event import Event
from eventyard.build import build, read_manifests
from eventyard.plan import Plan
from eventyard.registry import Registry
from sensors.jmes_expression import compile_manifest_expression
from sensors.languages.exprlang.program import compile_exprlang
from sensors.languages.govaluate.expression import EvaluationError, GovaluateError, compile_govaluate

PAGE = (Path(__file__).parent.parent / "docs" / "filters.md").read_text()
BODY: dict[str, Any] = {
    "ref": "refs/heads/main",
    "size": 11,
    "deleted": False,
    "forced": False,
    "commits": [{"modified": ["docs/filters.md"]}, {"modified": []}],
}


def plan(number: int, folder: Path) -> Plan:
    """What one block of YAML becomes."""
    text = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[number]
    (folder / "page.yaml").write_text(text)
    registry = Registry()
    return build(read_manifests([folder], registry), registry)


def verdicts(given: Event, folder: Path) -> list[bool]:
    """Whether the event passes each dependency of the Sensor on the page."""
    listeners = plan(1, folder).sensors["default/build"].rule.listeners["hooks", "pushes"]
    return [dependency.filters.evaluate(given)[0] for dependency, _ in listeners]


def event(body: dict[str, Any], time: str = "2026-01-02T08:30:00Z") -> Event:
    data = {"header": {"X-Github-Event": ["push"]}, "body": body}
    return Event(id="1", source="hooks", type="webhook", subject="pushes", time=time, data=orjson.dumps(data))


def column(title: str) -> Iterator[str]:
    """The code in one column of all tables that have it."""
    for table in re.findall(r"(?:^\|.*\|\n)+", PAGE, re.MULTILINE):
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()]
        if title in rows[0]:
            at = rows[0].index(title)
            for row in rows[2:]:
                yield from (code.replace("\\|", "|") for _, code in re.findall(r"(`+) ?(.+?) ?\1", row[at]))


def test_source_filters(tmp_path: Path) -> None:
    sources = plan(0, tmp_path).sources
    pushes, releases = (sources["default", "hooks", name].wanted for name in ("pushes", "releases"))
    assert pushes is not None
    assert releases is not None
    assert pushes(event(BODY))
    assert not pushes(event({**BODY, "commits": [{"modified": ["src/a.py"]}]}))
    assert not pushes(event({}))
    assert releases(event({"action": "published", "release": {"draft": False}}))
    assert not releases(event({"action": "published", "release": {"draft": True}}))


@pytest.mark.parametrize(
    ("change", "passes"),
    [
        ({}, True),
        ({"size": 10}, False),
        ({"deleted": True}, False),
        ({"ref": "refs/heads/main2"}, False),
        ({"ref": "refs/heads/main2", "forced": True}, True),
        ({"ref": "refs/tags/v1"}, True),
    ],
)
def test_dependencies_that_say_the_same(change: dict[str, Any], passes: bool, tmp_path: Path) -> None:
    assert verdicts(event({**BODY, **change}), tmp_path) == [passes, passes]


def test_the_time_filter(tmp_path: Path) -> None:
    assert verdicts(event(BODY, time="2026-01-02T16:30:00Z"), tmp_path)[0] is False


@pytest.mark.parametrize("code", list(column("in JMESPath")))
def test_jmespath_can_be_read(code: str) -> None:
    if code not in ("null", "&&", "!"):
        compile_manifest_expression(code)


@pytest.mark.parametrize("code", list(column("write")))
def test_expressions_can_be_read(code: str) -> None:
    assert compile_exprlang(code).traps == ()


@pytest.mark.parametrize("code", ["n>-1", "a==!b", "and", "not", "4.2e1", "n > 1 and ok", "n == 4.2e1", "x == nil"])
def test_what_govaluate_does_not_understand(code: str) -> None:
    with pytest.raises((GovaluateError, EvaluationError)):
        compile_govaluate(code)({"n": 1.0, "a": True, "b": True, "x": None, "ok": True})


def test_every_kind_has_its_part() -> None:
    assert set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)) == {
        "data",
        "exprs",
        "context",
        "time",
        "script",
        "jmespath",
    }
