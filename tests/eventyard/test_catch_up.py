"""Catching up on demand, whatever the sources are."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import msgspec
import pytest

from config.errors import EventyardError, Temporary
from eventsources.base import CaughtUp, Emit, Missed
from eventyard.catch_up import CatchUpRequest, catch_up
from eventyard.client import Instance
from eventyard.openapi import openapi
from tests.eventsources.surroundings import Collector
from tests.eventyard.running import running

AT = datetime(2026, 11, 23, 21, 14, 3, tzinfo=UTC)
DONE = CaughtUp(looked=9, missed=[Missed(id="a", at=AT, what="push", stored=True)], problems=["one is left"])


@dataclass
class Source:
    """One that can catch up, unless it says why not."""

    reason: str = ""
    error: EventyardError | None = None
    asked: list[tuple[datetime | None, bool]] = field(default_factory=list)

    def cannot_catch_up(self) -> str:
        return self.reason

    async def catch_up(self, emit: Emit, since: datetime | None, dry_run: bool) -> CaughtUp:
        self.asked.append((since, dry_run))
        if self.error is not None:
            raise self.error
        return DONE


def running_source(source: object, event: str, kind: str = "github", namespace: str = "default") -> Any:
    """As the runtime knows it; None = not bound or connected."""
    go = asyncio.Event()
    go.set()
    return SimpleNamespace(
        plan=SimpleNamespace(source="hooks", event=event, namespace=namespace, kind=kind),
        entered=None if source is None else (source, Collector()),
        problem=Temporary("the port is taken") if source is None else None,
        go=go,
    )


async def test_those_that_are_meant_and_can() -> None:
    able, other, elsewhere = Source(), Source(), Source()
    sources = [
        running_source(able, "a"),
        running_source(object(), "b", "webhook"),
        running_source(Source("it has no token"), "c"),
        running_source(None, "d"),
        running_source(other, "e", "sqs"),
        running_source(elsewhere, "a", namespace="other"),
    ]
    (only,) = await catch_up(sources, CatchUpRequest(source="hooks", event="a", namespace="default"))
    assert msgspec.to_builtins(only) == {
        "source": "hooks",
        "event": "a",
        "namespace": "default",
        "looked": 9,
        "missed": [{"id": "a", "at": "2026-11-23T21:14:03Z", "what": "push", "stored": True, "problem": ""}],
        "problems": ["one is left"],
    }
    assert [each.event for each in await catch_up(sources, CatchUpRequest(type="github"))] == ["a", "a"]
    await catch_up(sources, CatchUpRequest(since=AT, dry_run=True))
    assert able.asked == [(None, False), (None, False), (AT, True)]
    assert other.asked == [(AT, True)]
    assert elsewhere.asked == [(None, False), (AT, True)]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ("b", "hooks/b: a source of type webhook cannot ask for what it missed"),
        ("c", "hooks/c: it has no token"),
        ("d", "hooks/d: it does not run: the port is taken"),
        ("z", "no such EventSource runs here"),
    ],
)
async def test_those_that_cannot(event: str, reason: str) -> None:
    sources = [
        running_source(object(), "b", "webhook"),
        running_source(Source("it has no token"), "c"),
        running_source(None, "d"),
    ]
    with pytest.raises(EventyardError) as caught:
        await catch_up(sources, CatchUpRequest(event=event))
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("kind", "there"),
    [
        ("", "those are hooks/a, hooks/b"),
        ("github", "those of type github are hooks/a"),
        ("sqs", "there is none of type sqs"),
    ],
)
async def test_none_of_that_name(kind: str, there: str) -> None:
    sources = [running_source(Source(), "a"), running_source(object(), "b", "webhook")]
    with pytest.raises(EventyardError) as caught:
        await catch_up(iter(sources), CatchUpRequest(event="z", type=kind))
    assert caught.value.fix == there


async def test_one_that_fails_does_not_hide_the_others() -> None:
    sources = [running_source(Source(error=Temporary("GitHub is away")), "a"), running_source(Source(), "b")]
    first, second = await catch_up(sources, CatchUpRequest())
    assert (first.looked, first.problems) == (0, ["GitHub is away"])
    assert second.looked == 9


async def test_one_that_does_not_run_yet() -> None:
    source = running_source(Source(), "a")
    source.go.clear()
    with pytest.raises(EventyardError, match="not ready yet"):
        await catch_up([source], CatchUpRequest())


async def test_the_answer_is_as_described() -> None:
    document = json.loads(json.dumps(openapi()))
    operation = document["paths"]["/api/v1/sources/catch-up"]["post"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    answer = msgspec.to_builtins(await catch_up([running_source(Source(), "a")], CatchUpRequest()))
    jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(answer)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "a source of type webhook cannot ask"),
        ({"source": "none"}, "no such EventSource"),
        ({"since": "2026-01-02T15:04:05"}, "timezone"),
        ({"colour": "red"}, "unknown field `colour`"),
    ],
)
def test_what_the_api_refuses(tmp_path: Path, body: dict[str, Any], error: str) -> None:
    with running(tmp_path) as instance, pytest.raises(EventyardError, match=error):
        Instance(instance.address).catch_up(body)
