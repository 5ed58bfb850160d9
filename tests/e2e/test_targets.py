"""Targets that are away, slow, broken or picky: nothing is lost, and what cannot be done is kept and said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.e2e.instance import Instance, Sink, free_port, instance
from tests.e2e.manifests import post, sensor, webhooks, write
from tests.e2e.moods import Mood
from tests.e2e.senders import post_all

EVENTS = 100


@asynccontextmanager
async def firing(folder: Path, *triggers: dict[str, Any]) -> AsyncIterator[tuple[Instance, str]]:
    """An instance in which each event fires all these triggers, and the URL to send events to."""
    port = free_port()
    write(folder, "hooks", webhooks({"in": {"endpoint": "/in", "port": str(port)}}))
    write(folder, "sensor", sensor("sensor", *triggers))
    async with instance(folder) as running:
        yield running, f"http://127.0.0.1:{port}/in"


@pytest.mark.timeout(120)
async def test_targets_that_are_unwell_for_a_while(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each in its own way, all at once."""
    moods = {
        "away": Mood(lambda attempt, request: None),
        "hangs": Mood(lambda attempt, request: Mood.SILENCE if request <= 10 else None),
        "500": Mood(lambda attempt, request: web.Response(status=500) if attempt == 1 else None),
        "429": Mood(
            lambda attempt, request: (
                web.Response(status=429, headers={"Retry-After": "1"}) if attempt == 1 and request <= 10 else None
            )
        ),
        "resets": Mood(lambda attempt, request: Mood.RESET if attempt == 1 else None),
    }
    sinks = {name: Sink(mood) for name, mood in moods.items()}
    ids = [str(number) for number in range(EVENTS)]
    triggers = [post(sink.url, name, http={"timeout": 1}) for name, sink in sinks.items()]
    async with firing(tmp_path, *triggers) as (running, url), AsyncExitStack() as stack:
        for name, sink in sinks.items():
            if name != "away":
                await stack.enter_async_context(sink)
        await post_all(url, ids)
        await running.until(lambda status: status["unfinished"].get("default/sensor/away") == EVENTS)
        await stack.enter_async_context(sinks["away"])
        for sink in sinks.values():
            await sink.until(lambda: len(sink.ids) == EVENTS)  # noqa: B023
        status = await running.until(lambda status: not status["unfinished"])
        assert status["deadLetters"] == 0
        assert await running.stop() == 0
    with capsys.disabled():
        for name, sink in sinks.items():
            repeated = sum(sink.ids.values()) - len(sink.ids)
            print(
                f"\n{name}: {EVENTS} accepted, {EVENTS - len(sink.ids)} lost, "
                f"{moods[name].requests} requests, {repeated} repeated",
                end="",
            )
        print(f"\nRetry-After of 1 s: second attempts after {min(moods['429'].waits()):.2f} s or later")
    for name, sink in sinks.items():
        assert set(ids) == sink.ids.keys(), name
        assert set(sink.ids.values()) == {1}, name
        assert moods[name].keys_are_steady, name
    assert moods["429"].waits()
    assert min(moods["429"].waits()) >= 1.0


async def test_what_is_refused_is_a_dead_letter_at_once(tmp_path: Path) -> None:
    mended = False
    mood = Mood(lambda attempt, request: None if mended else web.Response(status=422, text="no such flavour"))
    async with Sink(mood) as sink, firing(tmp_path, post(sink.url)) as (running, url):
        await post_all(url, ["vanilla"])
        await running.until(lambda status: status["deadLetters"] == 1)
        assert mood.requests == 1
        code, listed = await running.command("dlq", "list", "--output", "json")
        assert code == 0
        (letter,) = json.loads(listed)
        assert "answered 422: no such flavour" in letter["reason"]
        code, shown = await running.command("dlq", "show", str(letter["id"]))
        assert code == 0
        assert f'rendered  POST {sink.url}  {{"id":"vanilla"}}' in shown
        assert "422" in shown
        assert "no such flavour" in shown
        assert '"id": "vanilla"' in shown  # the event itself

        mended = True
        code, said = await running.command("dlq", "retry", str(letter["id"]))
        assert (code, said) == (0, "retried 1 dead letter\n")
        await sink.until(lambda: "vanilla" in sink.ids)
        await running.until(lambda status: status["deadLetters"] == 0 and not status["unfinished"])
        assert await running.stop() == 0
    assert mood.keys_are_steady


async def test_what_a_manifest_says_about_failures_rules(tmp_path: Path) -> None:
    """As in Argo Events: so many attempts whatever the failure, one without atLeastOnce, success by the list of statuses."""
    moods = {
        name: Mood(lambda attempt, request: web.Response(status=500, text="broken"))
        for name in ("three", "one", "allowed")
    } | {"refused": Mood(lambda attempt, request: web.Response(status=404))}
    strategy = {"retryStrategy": {"steps": 3, "duration": "20ms"}, "atLeastOnce": True}
    settings: dict[str, dict[str, Any]] = {
        "three": strategy,
        "refused": strategy,
        "one": {**strategy, "atLeastOnce": False},
        "allowed": {"policy": {"status": {"allow": [500]}}},
    }
    async with AsyncExitStack() as stack:
        triggers = [
            post((await stack.enter_async_context(Sink(mood))).url, name, **settings[name])
            for name, mood in moods.items()
        ]
        running, url = await stack.enter_async_context(firing(tmp_path, *triggers))
        await post_all(url, ["x"])
        await running.until(lambda status: status["deadLetters"] == 3 and not status["unfinished"])
        (event,) = await running.api("events")
        told = await running.api(f"events/{event['id']}/explain")
        letters = await running.api("dead-letters")
        assert await running.stop() == 0
    assert {name: mood.requests for name, mood in moods.items()} == {"three": 3, "one": 1, "allowed": 1, "refused": 3}
    assert all(mood.keys_are_steady for mood in moods.values())
    assert {letter["trigger"]: len(letter["attempts"]) for letter in letters} == {"three": 3, "one": 1, "refused": 3}
    assert {letter["trigger"]: letter["attempts"][-1]["status"] for letter in letters} == {
        "three": 500,
        "one": 500,
        "refused": 404,
    }
    (decision,) = told[0]["decisions"]
    assert {each["name"]: each["verdict"] for each in decision["triggers"]} == {
        "three": "dead",
        "one": "dead",
        "refused": "dead",
        "allowed": "fired",
    }


@pytest.mark.timeout(180)
async def test_a_backlog_beyond_memory_keeps_its_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = [str(number) for number in range(5000)]
    together = 8
    sink = Sink()
    async with firing(tmp_path, post(sink.url)) as (running, url):
        idle = running.rss
        highest = [idle]

        async def watch() -> None:
            while True:
                highest.append(running.rss)
                await asyncio.sleep(0.1)

        async with asyncio.TaskGroup() as group:
            watching = group.create_task(watch())
            await post_all(url, ids, at_once=together, size=2000)
            await running.until(lambda status: status["unfinished"] == {"default/sensor/post": len(ids)})
            waiting = running.rss
            async with sink:
                await sink.until(lambda: len(sink.ids) == len(ids))
                await running.until(lambda status: not status["unfinished"])
            watching.cancel()
        assert await running.stop() == 0
    arrived = [int(id) for id in sink.ids]
    displaced = max(abs(place - number) for place, number in enumerate(arrived))
    repeated = sum(sink.ids.values()) - len(sink.ids)
    with capsys.disabled():
        print(
            f"\n{len(ids)} waiting: RSS {idle:.0f} MB idle, {waiting:.0f} MB with all waiting, {max(highest):.0f} MB at most; "
            f"0 lost, {repeated} repeated, displaced by {displaced} at most"
        )
    assert not repeated
    assert max(highest) < 200
    assert max(highest) - idle < 60
    # So many are sent at once, and so many are in flight at once; those of the first attempts come before all others.
    assert displaced <= together + 16 + 16


async def test_one_in_flight_is_strictly_serial(tmp_path: Path) -> None:
    """Even while some attempts fail."""
    ids = [str(number) for number in range(40)]
    busy = 0
    most = 0
    mood = Mood(lambda attempt, request: web.Response(status=503) if attempt == 1 and request % 15 == 3 else None)

    async def alone(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        try:
            return await mood(request, body)
        finally:
            busy -= 1

    async with Sink(alone) as sink:
        trigger = post(sink.url, flow={"maxInFlight": 1})
        async with firing(tmp_path, trigger) as (running, url):
            await post_all(url, ids, at_once=1)
            await sink.until(lambda: len(sink.ids) == len(ids))
            assert await running.stop() == 0
    assert list(sink.ids) == ids
    assert most == 1
    assert len(mood.waits()) >= 2
