from __future__ import annotations

import json
from importlib.metadata import EntryPoint

import pytest

import eventyard.cli.plugins
from eventyard.registry import Registry
from tests.eventyard.cli.conftest import Run


def test_ours_are_installed(run: Run) -> None:
    found = json.loads(run("plugins", "--output", "json").stdout)
    assert {
        "kind": "trigger",
        "name": "http",
        "module": "triggers.http",
        "distribution": "eventyard",
        "available": True,
        "missing": [],
        "install": "",
    } in found
    assert {"event source", "trigger", "bus"} == {each["kind"] for each in found}
    lines = run("plugins").stdout.splitlines()
    assert lines[0].split() == ["KIND", "NAME", "MODULE", "DISTRIBUTION", "STATUS"]
    assert len(lines) == len(found) + 1


def test_one_that_lacks_a_package_names_its_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        eventyard.cli.plugins, "missing_packages", lambda plugin: ["aiokafka"] if plugin.name == "log" else []
    )
    row = next(line for line in run("plugins").stdout.splitlines() if " log " in line)
    assert row.endswith("needs aiokafka: pip install 'eventyard[log]'")


def test_two_offers_of_one_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    offers = [EntryPoint("log", f"{module}:Log", "eventyard.triggers") for module in ("one", "two")]
    monkeypatch.setattr(eventyard.cli.plugins, "Registry", lambda: Registry(offers))
    result = run("plugins")
    assert result.exit_code == 1
    assert "two plug-ins offer 'log'" in result.stderr
