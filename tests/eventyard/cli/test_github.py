"""`eventyard github`, as it speaks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eventyard.client import Instance
from tests.eventyard.cli.conftest import Run

MISSED = [
    {"id": "g-1", "at": "2026-11-23T21:14:03Z", "what": "push", "stored": True, "problem": ""},
    {"id": "g-2", "at": "2026-11-23T21:14:04Z", "what": "issues.opened", "stored": False, "problem": ""},
    {"id": "g-3", "at": "2026-11-23T21:14:05Z", "what": "push", "stored": None, "problem": ""},
    {"id": "g-4", "at": "2026-11-23T21:14:06Z", "what": "push", "stored": None, "problem": "too large"},
]


def _answers(monkeypatch: pytest.MonkeyPatch, *found: dict[str, Any]) -> list[dict[str, Any]]:
    asked: list[dict[str, Any]] = []

    def catch_up(self: Instance, request: dict[str, Any]) -> list[dict[str, Any]]:
        asked.append(request)
        return list(found)

    monkeypatch.setattr(Instance, "catch_up", catch_up)
    return asked


def _found(**fields: Any) -> dict[str, Any]:
    return {
        "source": "hooks",
        "event": "in",
        "namespace": "default",
        "looked": 5,
        "missed": [],
        "problems": [],
        **fields,
    }


def test_a_table_of_what_was_missed(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    asked = _answers(monkeypatch, _found(missed=MISSED), _found(event="other", looked=1))
    done = run("github", "catch-up")
    assert done.exit_code == 0
    assert [" ".join(line.split()) for line in done.stdout.splitlines()] == [
        "hooks/in: looked at 5 attempts, 4 events missed",
        "hooks/other: looked at 1 attempt, 0 events missed",
        "TIME EVENT WHAT DELIVERY RESULT",
        "2026-11-23T21:14:03Z hooks/in push g-1 fetched",
        "2026-11-23T21:14:04Z hooks/in issues.opened g-2 there already, or filtered",
        "2026-11-23T21:14:05Z hooks/in push g-3 would be fetched",
        "2026-11-23T21:14:06Z hooks/in push g-4 no event: too large",
    ]
    assert asked == [{"type": "github", "dryRun": False}]


def test_what_is_asked_for(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    asked = _answers(monkeypatch, _found())
    done = run("github", "catch-up", "hooks/in", "--since", "2026-11-23T00:00:00Z", "--dry-run", "--output", "json")
    assert json.loads(done.stdout) == [_found()]
    assert asked == [
        {"type": "github", "dryRun": True, "source": "hooks", "event": "in", "since": "2026-11-23T00:00:00Z"}
    ]
    assert run("github", "catch-up", "hooks").exit_code == 2
    for time in ("yesterday", "2026-11-23", "2026-11-23T00:00:00"):
        refused = run("github", "catch-up", "--since", time)
        assert refused.exit_code == 2
        assert "write it like 2026-01-02T15:04:05Z" in " ".join(refused.stderr.split())


def test_problems_are_said_and_are_a_failure(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    _answers(monkeypatch, _found(problems=["acme/shop: GitHub answered 404"]))
    done = run("github", "catch-up")
    assert done.exit_code == 1
    assert done.stderr == "hooks/in: acme/shop: GitHub answered 404\n"
    assert run("github", "catch-up", "--output", "json").exit_code == 1


def test_nobody_listens(run: Run) -> None:
    done = run("github", "catch-up", "--ops", "127.0.0.1:1")
    assert done.exit_code == 1
    assert "nothing answers at 127.0.0.1:1" in done.stderr
