"""A real instance and GitHub: hooks are registered, and no delivery is lost or repeated, however long nobody took it."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from tests.e2e.instance import START, Instance, Sink, free_port
from tests.e2e.manifests import API, post, secret, sensor, write
from tests.fakes.github_api import FakeGitHub
from tests.fakes.github_rules import APP_ID, INSTALLATION, TOKEN, make_key, pem, refusal

SHOP, TOOLS = "repos/acme/shop", "repos/acme/tools"


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return make_key()


def source(github: FakeGitHub, port: int, **fields: Any) -> dict[str, Any]:
    """An EventSource whose hooks are at acme/shop and acme/tools."""
    block = {
        "repositories": [{"owner": "acme", "names": ["shop", "tools"]}],
        "webhook": {"endpoint": "/github", "port": str(port), "url": f"http://127.0.0.1:{port}"},
        "events": ["push", "issues"],
        "active": True,
        "contentType": "json",
        "apiToken": {"name": "github", "key": "token"},
        "webhookSecret": {"name": "github", "key": "hook"},
        "githubBaseURL": github.base,
        "githubUploadURL": github.base,
        **fields,
    }
    return {
        "apiVersion": API,
        "kind": "EventSource",
        "metadata": {"name": "hooks"},
        "spec": {"github": {"in": {name: value for name, value in block.items() if value is not None}}},
    }


@asynccontextmanager
async def scene(
    folder: Path, key: RSAPrivateKey | None = None, **fields: Any
) -> AsyncIterator[tuple[FakeGitHub, Instance, Sink]]:
    """GitHub, an instance that was not started, and the target of its trigger, which is told the GUID of each delivery."""
    async with FakeGitHub(prefix="/api/v3", key=key, page=7) as github, Sink() as sink:
        port = free_port()
        github.app_hook["config"]["url"] = f"http://127.0.0.1:{port}/github"
        values = {"token": TOKEN, "hook": "s3cr3t", **({"app": pem(key)} if key is not None else {})}
        write(folder, "secret", secret("github", **values))
        write(folder, "source", source(github, port, **fields))
        told = {"payload": [{"src": {"dependencyName": "event", "dataKey": "body.X-GitHub-Delivery"}, "dest": "id"}]}
        write(folder, "sensor", sensor("forward", post(sink.url, http=told)))
        instance = Instance(folder)
        try:
            yield github, instance, sink
        finally:
            await instance.gone()
    assert not github.wrong


async def until(ready: Callable[[], object]) -> None:
    async with asyncio.timeout(START):
        while not ready():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_nothing_is_lost_or_repeated_while_it_is_down(tmp_path: Path) -> None:
    async with scene(tmp_path) as (github, running, sink):
        await running.start()
        await running.until_said(" registered: ", 2)
        happened = [await github.happen(place, "push", {"n": n}) for n in range(3) for place in (SHOP, TOOLS)]
        assert await running.stop() == 0

        happened += [await github.happen(SHOP, "push", {"n": n}) for n in range(20)]
        again = github.deliveries[github.hooks[SHOP][0]["id"]][4]
        await running.start()
        # Somebody presses "Redeliver" in the meantime.
        await github.attempt(github.hooks[SHOP][0], again["guid"], "push", again["request"]["payload"])
        await sink.until(lambda: sink.ids.keys() >= set(happened))

        await running.kill()
        happened += [await github.happen(TOOLS, "issues", {"action": "opened", "n": n}) for n in range(3)]
        # What arrived just before the power went, and was not answered any more as far as GitHub knows.
        for delivery in github.deliveries[github.hooks[SHOP][0]["id"]][:3]:
            delivery["status_code"] = 504
        await running.start()
        await sink.until(lambda: sink.ids.keys() >= set(happened))
        done = await running.command("github", "catch-up", "--since", "2020-01-01T00:00:00Z")
        assert done[0] == 0, done
        listed = await running.api("events?limit=1000")
        assert sorted(each["id"].rpartition("-")[0] for each in listed) == sorted(happened)
        assert sink.ids.keys() == set(happened)
        # A kill may repeat the firing of an event, never without the same key.
        assert all(len(keys) == 1 for keys in sink.keys.values())
        assert github.called("PATCH") == []
        assert len(github.called("POST")) == 2
        assert TOKEN not in running.said
        assert "s3cr3t" not in running.said


async def test_the_hook_of_an_app(tmp_path: Path, key: RSAPrivateKey) -> None:
    creds = {"privateKey": {"name": "github", "key": "app"}, "appID": APP_ID, "installationID": INSTALLATION}
    port = free_port()
    listen = {"endpoint": "/github", "port": str(port)}
    fields = {"apiToken": None, "githubApp": creds, "webhook": listen, "webhookSecret": None}
    async with scene(tmp_path, key, **fields) as (github, running, sink):
        github.app_hook["config"]["url"] = f"http://127.0.0.1:{port}/github"
        await running.start()
        happened = [await github.happen("app", "push", {"n": n}) for n in range(2)]
        await until(lambda: "app/hook/deliveries" in github.called("GET"))
        assert await running.stop() == 0
        happened += [await github.happen("app", "push", {"n": n}) for n in range(2, 12)]
        await running.start()
        await sink.until(lambda: sink.ids.keys() == set(happened))
        assert len(await running.api("events")) == 12


async def test_catching_up_on_demand(tmp_path: Path) -> None:
    async with scene(tmp_path) as (github, running, sink):
        await running.start()
        await running.until_said(" registered: ", 2)
        missed = [await github.happen(SHOP, "issues", {"action": "opened", "n": n}, lost=True) for n in range(2)]

        code, said = await running.command("github", "catch-up", "--dry-run")
        assert code == 0, said
        assert "hooks/in: looked at 2 attempts, 2 events missed\n" in said
        assert said.count("would be fetched") == 2
        assert not sink.ids

        code, said = await running.command("github", "catch-up", "hooks/in", "--output", "json")
        assert code == 0, said
        (done,) = json.loads(said)
        assert (done["source"], done["event"], done["looked"], done["problems"]) == ("hooks", "in", 2, [])
        assert [(each["id"], each["what"], each["stored"]) for each in done["missed"]] == [
            (guid, "issues.opened", True) for guid in missed
        ]
        await sink.until(lambda: sink.ids.keys() == set(missed))

        code, said = await running.command("github", "catch-up")
        assert (code, said) == (0, "hooks/in: looked at 2 attempts, 0 events missed\n")
        hour = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
        code, said = await running.command("github", "catch-up", "--since", hour)
        assert code == 0, said
        assert said.count("there already, or filtered") == 2
        assert set(sink.ids.values()) == {1}

        github.script.extend([refusal(403, "API rate limit exceeded", Retry_After="60")])
        code, said = await running.command("github", "catch-up")
        assert code == 1
        assert "hooks/in: acme/shop: GitHub's rate limit is used up until " in said
        code, said = await running.command("github", "catch-up", "other/in")
        assert code == 1
        assert "no such EventSource runs here" in said


async def test_a_change_of_the_manifest_changes_the_hook_and_the_end_deletes_it(tmp_path: Path) -> None:
    async with scene(tmp_path, deleteHookOnFinish=True) as (github, running, _):
        await running.start()
        await running.until_said(" registered: ", 2)
        ids = [github.hooks[place][0]["id"] for place in (SHOP, TOOLS)]

        port = int(github.hooks[SHOP][0]["config"]["url"].split(":")[2].partition("/")[0])
        write(tmp_path, "source", source(github, port, events=["push"], deleteHookOnFinish=True))
        await running.until_said("changed (events): ", 2)
        assert [github.hooks[place][0]["id"] for place in (SHOP, TOOLS)] == ids

        fewer = [{"owner": "acme", "names": ["tools"]}]
        write(tmp_path, "source", source(github, port, events=["push"], repositories=fewer, deleteHookOnFinish=True))
        await until(lambda: not github.hooks[SHOP])
        assert len(github.hooks[TOOLS]) == 1

        assert await running.stop(signal.SIGTERM) == 0
        assert github.hooks[TOOLS] == []


async def test_a_stop_does_not_wait_for_catching_up(tmp_path: Path) -> None:
    async with scene(tmp_path) as (github, running, sink):
        await running.start()
        await running.until_said(" registered: ", 2)
        guid = await github.happen(SHOP, "push", {"n": 1}, lost=True)
        github.held.add(guid)
        asking = asyncio.ensure_future(running.command("github", "catch-up"))
        await github.holding.wait()
        began = asyncio.get_running_loop().time()
        assert await running.stop() == 0
        assert asyncio.get_running_loop().time() - began < 20
        code, _ = await asking
        assert code == 1
        github.held.clear()
        await running.start()
        await sink.until(lambda: sink.ids.keys() == {guid})
