"""The sandbox, without containers: one event of each kind goes in, and the effect of each trigger is there to see."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.instance import Instance
from tests.servers.sandbox import Sandbox

pytestmark = pytest.mark.skipif(bool(Sandbox.missing()), reason=Sandbox.missing())

WAYS = (
    ("webhook", "kafka", r'\{"order":"\w+-webhook","via":"webhook"\}'),
    ("kafka", "nats", r'\{"order":"\w+-kafka","via":"kafka"\}'),
    ("nats", "mqtt", r'\{"order":"\w+-nats","via":"nats"\}'),
    ("mqtt", "awsLambda", r'\{"order":"\w+-mqtt","via":"mqtt"\}'),
    ("github", "http, log", r'\{"commit": "\w+-github", "repository": "acme/shop"\}'),
    ("github", "slack, log", r'.*"ada pushed \w+-github".*'),
    ("calendar", "log", r'\{"eventTime": "[^"]+".*\}'),
)


@pytest_asyncio.fixture
async def running(tmp_path: Path) -> AsyncIterator[tuple[Sandbox, Instance]]:
    """The sandbox, and eventyard in it."""
    sandbox = Sandbox(tmp_path)
    stack = ExitStack()
    eventyard = Instance(tmp_path)
    eventyard.ops = sandbox.environ["EVENTYARD_OPS"]
    try:
        await asyncio.to_thread(stack.enter_context, sandbox)
        await eventyard.start()
        yield sandbox, eventyard
    finally:
        await eventyard.gone()
        await asyncio.to_thread(stack.close)


async def events(sandbox: Sandbox) -> tuple[int | None, str]:
    """What the script says."""
    process = await asyncio.create_subprocess_exec(
        *sandbox.script("events.py"),
        env={**os.environ, **sandbox.environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def test_one_event_of_each_kind_and_every_trigger(running: tuple[Sandbox, Instance]) -> None:
    sandbox, eventyard = running
    code, said = await events(sandbox)
    assert code == 0, said + eventyard.said
    assert len(said.splitlines()) == len(WAYS), said
    for source, triggers, text in WAYS:
        assert re.search(rf"^{source:<9} -> {triggers:<11} {text}$", said, re.MULTILINE), said

    # The script sees effects; that all of it is finished and nothing was given up, eventyard knows.
    status = await eventyard.until(lambda status: not any(status["unfinished"].values()))
    assert status["problems"] == []
    assert status["deadLetters"] == 0
    assert {source["type"] for source in status["sources"]} == {
        "webhook",
        "github",
        "calendar",
        "kafka",
        "nats",
        "mqtt",
    }
    verdicts = [
        decision["verdict"]
        for event in await eventyard.api("events")
        if event["source"] != "clock"  # which may tick at this very moment
        for explained in await eventyard.api(f"events/{event['id']}/explain")
        for decision in explained["decisions"]
    ]
    assert len(verdicts) >= len(WAYS)
    assert set(verdicts) == {"fired"}
    # What the log trigger itself writes.
    await eventyard.until_said("acme/shop")
    assert await eventyard.stop() == 0
    assert "warning" not in eventyard.output.read_text()
    assert not eventyard.errors.read_text()


async def test_nothing_comes_out_if_nothing_goes_in(running: tuple[Sandbox, Instance]) -> None:
    """The script fails, and says what it misses, rather than wait for ever."""
    sandbox, eventyard = running
    assert await eventyard.stop() == 0
    impatient = {"PATIENCE": "1"}
    process = await asyncio.create_subprocess_exec(
        *sandbox.script("events.py"),
        env={**os.environ, **sandbox.environ, **impatient},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 1
    assert errors.decode().count("nothing after 1 s") == len(WAYS)
