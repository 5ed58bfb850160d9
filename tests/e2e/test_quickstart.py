"""The example that a newcomer runs first: the line that start-up prints makes all of it fire, and what is said is readable."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.instance import Instance, free_port, instance

EXAMPLE = Path(__file__).parents[2] / "examples" / "quickstart"
TRY_IT = "eventyard/try-it"

CLIENTS = (
    "aiobotocore",
    "aiokafka",
    "aiomqtt",
    "botocore",
    "cryptography",
    "fastavro",
    "jwt",
    "kubernetes",
    "nats",
    "paho",
)
LANGUAGES = ("exprlang", "gotemplate", "jq", "lua", "sprig")


def documents() -> list[dict[str, Any]]:
    """The manifests of the example."""
    return [each for path in sorted(EXAMPLE.glob("*.yaml")) for each in yaml.safe_load_all(path.read_text())]


def try_it() -> str:
    """The line that start-up prints, before the folder is filled in."""
    (line,) = [each["metadata"].get("annotations", {}).get(TRY_IT) for each in documents() if TRY_IT in str(each)]
    return str(line)


@asynccontextmanager
async def quickstart(folder: Path, *options: str) -> AsyncIterator[Instance]:
    """The example, running on a port that is free."""
    shutil.copytree(EXAMPLE, folder / "manifests")
    port = str(free_port())
    for path in (folder / "manifests").glob("*.yaml"):
        path.write_text(path.read_text().replace("12000", port))
    async with instance(folder, *options) as running:
        yield running


async def copy_and_run(running: Instance) -> str:
    """What a newcomer does: copies the line below `Try it:` into a shell. What it prints."""
    said = await running.until_said("Ready.")
    line = re.search(r"Try it:\n +(curl .*)\n", said)
    assert line is not None, said
    return await shell(line[1])


async def shell(line: str) -> str:
    """Run a line; its output."""
    process = await asyncio.create_subprocess_shell(
        line, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return output.decode()


async def until_all_fired(running: Instance) -> list[dict[str, Any]]:
    """The push went on to both end points, and both events there were written to the log: these three events."""

    def fired(events: list[dict[str, Any]]) -> bool:
        verdicts = {event["subject"]: list(event["verdicts"].values()) for event in events}
        return all(verdicts.get(subject) == ["fired"] for subject in ("pushes", "deploys", "slack"))

    events: list[dict[str, Any]] = await running.until(fired, "events")
    return events


def test_the_printed_signature_is_right() -> None:
    (secret,) = [each["stringData"]["github"] for each in documents() if each["kind"] == "Secret"]
    payload = (EXAMPLE / "push.json").read_bytes()
    assert f"sha256={hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()}" in try_it()


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here: apt-get install curl")


@needs_curl
async def test_the_printed_line_makes_all_of_it_fire(tmp_path: Path) -> None:
    async with quickstart(tmp_path) as running:
        assert await copy_and_run(running) == "success"
        (message,) = [event for event in await until_all_fired(running) if event["subject"] == "slack"]
        (whole,) = await running.api(f"events/{message['id']}")
        assert whole["data"]["body"] == {"channel": "deploys", "text": "ada pushed to acme/shop"}
        assert await running.stop() == 0
    said = running.output.read_text()
    assert "warning" not in said
    assert re.search(r"github/pushes  github  POST http://127\.0\.0\.1:\d+/github\n", said), said
    assert re.search(r"hooks/deploys  webhook  POST http://127\.0\.0\.1:\d+/deploys\n", said), said
    assert "deploy-main  listens to github/pushes\n" in said
    posted = r'announce: POST http://\S+/deploys  {"commit":"3f9a.* 200 after \d+ ms'
    told = r'tell-slack: Slack deploys  {"text":"ada pushed to acme/shop"}  200 after \d+ ms'
    for subject, sensor, triggers in (
        ("github/pushes", "deploy-main", f"{posted}; {told}"),
        ("hooks/deploys", "write-log", "line: .*"),
        ("hooks/slack", "write-log", "line: .*"),
    ):
        line = rf"^\d\d:\d\d:\d\d\.\d\d\d  {subject}  \S{{8,14}}  {sensor}  fired  {triggers}$"
        assert re.search(line, said, re.MULTILINE), said
    # What the log trigger itself writes.
    assert re.search(r'"repository":"acme/shop"', said)
    assert not running.errors.read_text()
    assert "quickstart-secret" not in said
    assert "xoxb-quickstart" not in said


@needs_curl
async def test_json_lines_and_nothing_else(tmp_path: Path) -> None:
    async with quickstart(tmp_path, "--log-format", "json") as running:
        line = next(
            each["metadata"]["annotations"][TRY_IT]
            for each in yaml.safe_load_all((tmp_path / "manifests" / "eventsources.yaml").read_text())
            if TRY_IT in str(each)
        )
        assert await shell(line.replace("{folder}", str(tmp_path / "manifests"))) == "success"
        await until_all_fired(running)
        assert await running.stop() == 0
    lines = [json.loads(line) for line in running.output.read_text().splitlines()]
    assert {"decision", "log"} <= {line["kind"] for line in lines}
    decisions = [line for line in lines if line["kind"] == "decision"]
    assert sorted((line["sensor"], line["verdict"]) for line in decisions if line["verdict"] == "fired") == [
        ("default/deploy-main", "fired"),
        ("default/write-log", "fired"),
        ("default/write-log", "fired"),
    ]
    assert all({"at", "event", "source", "subject", "dependencies", "triggers"} <= line.keys() for line in decisions)
    for line in running.errors.read_text().splitlines():
        json.loads(line)


async def test_a_start_imports_only_what_its_manifests_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    async with quickstart(tmp_path) as running:
        await running.stop()
        imported = set(re.findall(r"^import time: .*\| +(\S+)$", running.errors.read_text(), re.MULTILINE))
    assert {"eventyard.runtime", "eventsources.github.settings", "triggers.message"} <= imported
    unwanted = {*CLIENTS, *(f"sensors.languages.{name}" for name in LANGUAGES)}
    assert imported & unwanted == set()
