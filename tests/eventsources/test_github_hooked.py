"""The github source together with GitHub: what it registers delivers to it, and what does not arrive is fetched."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from config.errors import EventyardError
from config.model import SecretKeySelector
from eventsources.base import CatchesUp, CaughtUp
from eventsources.github.adapter import GitHub
from eventsources.github.settings import GitHubSettings, OwnedRepositories
from eventsources.http.route import WebhookContext
from eventsources.http.server import HttpListeners
from tests.contract.eventsource import running
from tests.e2e.instance import free_port
from tests.eventsources.surroundings import Collector, FixedValues, make_context
from tests.fakes.github_api import FakeGitHub
from tests.fakes.github_rules import TOKEN, refusal

SHOP = "repos/acme/shop"
TOKEN_SECRET = SecretKeySelector(name="github", key="token")
HOOK_SECRET = SecretKeySelector(name="github", key="hook")
SECRETS = {"github/token": TOKEN, "github/hook": "s3cr3t"}

PROBE = """\
import asyncio, sys
from eventsources.github.adapter import GitHub
from eventsources.github.settings import GitHubSettings
from eventsources.http.route import WebhookContext
from eventsources.http.server import HttpListeners
from tests.eventsources.surroundings import make_context

async def receive():
    settings = GitHubSettings(organizations=["acme"], webhook=WebhookContext(endpoint="/hook", port="0"))
    async with GitHub(settings, make_context(HttpListeners())):
        pass

asyncio.run(receive())
others = ("jwt", "cryptography", "eventsources.github.api", "eventsources.github.upkeep")
loaded = [name for name in others if name in sys.modules]
assert not loaded, loaded
"""


@pytest.fixture(autouse=True)
def quick_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventsources.github.hooks.ROUNDS", 1)


@pytest.fixture
async def github() -> AsyncIterator[FakeGitHub]:
    async with FakeGitHub(prefix="/api/v3") as fake:
        yield fake
    assert not fake.wrong


@pytest.fixture
def port() -> str:
    return str(free_port())


def make(github: FakeGitHub, http: HttpListeners, port: str, **fields: Any) -> GitHub:
    """A source that registers its hook at acme/shop."""
    told: dict[str, Any] = {
        "webhook": WebhookContext(url=f"http://127.0.0.1:{port}", endpoint="/hook", port=port),
        "repositories": [OwnedRepositories(owner="acme", names=["shop"])],
        "events": ["*"],
        "active": True,
        "content_type": "json",
        "api_token": TOKEN_SECRET,
        "webhook_secret": HOOK_SECRET,
        "github_base_url": github.base,
        "github_upload_url": github.base,
    }
    return GitHub(GitHubSettings(**{**told, **fields}), make_context(http, SECRETS))


@asynccontextmanager
async def hooked(source: GitHub, emit: Collector, github: FakeGitHub) -> AsyncIterator[None]:
    """Runs it, and goes on when its hook is there and the first round is over."""
    async with source, running(source, emit):
        await until(lambda: github.hooks[SHOP])
        await source.catch_up(emit, None, True)
        yield


async def until(ready: Any) -> None:
    async with asyncio.timeout(10):
        while not ready():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("kind", ["json", "form"])
async def test_the_hook_delivers_and_what_arrived_after_all_is_the_same_event(
    github: FakeGitHub, port: str, kind: str
) -> None:
    emit = Collector()
    source = make(github, HttpListeners(), port, content_type=kind)
    payload = {
        "zéro": 0,
        "ref": "refs/heads/main",
        "n": 9007199254740993,
        "f": 1.0,
        "nested": [{"b": 1, "a": "\u2028"}],
    }
    async with hooked(source, emit, github):
        guid = await github.happen(SHOP, "push", payload)
        (arrived,) = emit.events
        assert arrived.id.startswith(f"{guid}-")
        # It arrived, but our answer was lost on its way.
        github.deliveries[github.hooks[SHOP][0]["id"]][0]["status_code"] = 504
        done = await source.catch_up(emit, None, False)
        assert [each.id for each in done.missed] == [guid]
        fetched = emit.events[1]
        assert fetched.key == arrived.key
        assert fetched.json()["body"] == arrived.json()["body"]
        assert fetched.json()["headers"]["X-Github-Event"] == ["push"]
        assert (fetched.type, fetched.subject) == (arrived.type, arrived.subject)
    assert isinstance(source, CatchesUp)


async def test_registering_begins_when_it_listens_and_runs(github: FakeGitHub, port: str) -> None:
    source = make(github, HttpListeners(), port)
    async with source:
        await asyncio.sleep(0.05)
        assert github.calls == []
        async with running(source, Collector()):
            await until(lambda: github.hooks[SHOP])
            guid = await github.happen(SHOP, "push", {})
            assert github.deliveries[github.hooks[SHOP][0]["id"]][0]["status_code"] == 200
            assert guid


async def test_what_fails_at_github_stops_no_event(
    github: FakeGitHub, port: str, caplog: pytest.LogCaptureFixture
) -> None:
    hook = github.add_hook(SHOP, f"http://127.0.0.1:{port}/hook", config={"secret": "s3cr3t"})
    github.tokens.clear()
    emit = Collector()
    source = make(github, HttpListeners(), port)
    async with source, running(source, emit):
        await until(lambda: "Bad credentials" in caplog.text)
        await github.happen(SHOP, "push", {"n": 1})
        assert len(emit.events) == 1
        done = await source.catch_up(emit, None, False)
        assert "Bad credentials" in done.problems[0]
    assert github.hooks[SHOP] == [hook]
    assert TOKEN not in caplog.text


async def test_a_fetched_payload_has_the_limits_of_one_that_arrives(
    github: FakeGitHub, port: str, caplog: pytest.LogCaptureFixture
) -> None:
    listen = WebhookContext(url=f"http://127.0.0.1:{port}", endpoint="/hook", port=port, max_payload_size=100)
    source = make(github, HttpListeners(), port, webhook=listen)
    emit = Collector()
    async with hooked(source, emit, github):
        await github.happen(SHOP, "push", {"fill": "x" * 200})
        await github.happen(SHOP, "push", {"fill": ""}, lost=True)
        done = await source.catch_up(emit, None, False)
        assert [(each.stored, each.problem) for each in done.missed] == [
            (None, "http: request body too large"),
            (True, ""),
        ]


async def keep(source: GitHub, emit: Collector) -> None:
    """A source as the runtime has it: in a task that is cancelled at the end."""
    async with source:
        await source.run(emit)


@asynccontextmanager
async def kept(source: GitHub, github: FakeGitHub) -> AsyncIterator[asyncio.Task[None]]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(keep(source, Collector()))
        await until(lambda: github.hooks[SHOP])
        yield task
        task.cancel()


async def test_its_hook_is_deleted_when_it_ends(
    github: FakeGitHub, port: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with kept(make(github, HttpListeners(), port, delete_hook_on_finish=True), github):
        pass
    assert github.hooks[SHOP] == []
    async with kept(make(github, HttpListeners(), port), github):
        pass
    assert len(github.hooks[SHOP]) == 1


async def test_its_hook_stays_when_a_later_version_has_taken_over(github: FakeGitHub, port: str) -> None:
    http = HttpListeners()
    async with kept(make(github, http, port, delete_hook_on_finish=True), github) as old:
        later = make(github, http, port, delete_hook_on_finish=True)
        async with later:
            old.cancel()
            await asyncio.wait([old])
            assert len(github.hooks[SHOP]) == 1
    # It never ran, so it has no hook of its own.
    assert len(github.hooks[SHOP]) == 1


async def test_its_hook_stays_when_it_fails(github: FakeGitHub, port: str) -> None:
    source = make(github, HttpListeners(), port, delete_hook_on_finish=True)
    with pytest.raises(EventyardError, match="broken"):
        async with source:
            async with running(source, Collector()):
                await until(lambda: github.hooks[SHOP])
            raise EventyardError("broken")
    assert len(github.hooks[SHOP]) == 1


async def test_without_its_token_it_does_not_start(github: FakeGitHub, port: str) -> None:
    source = make(github, HttpListeners(), port)
    assert isinstance(source.context.values, FixedValues)
    del source.context.values.secrets["github/token"]
    with pytest.raises(EventyardError, match="no Secret github/token"):
        await source.__aenter__()
    assert github.calls == []


@pytest.mark.parametrize("fields", [{}, {"api_token": TOKEN_SECRET}], ids=["no credentials", "no url"])
async def test_without_url_and_credentials_it_receives_and_asks_nothing(fields: dict[str, Any]) -> None:
    listen = WebhookContext(endpoint="/hook", port="0")
    many = [OwnedRepositories(owner="acme", names=["a", "b"]), OwnedRepositories(owner="other", names=["c"])]
    source = GitHub(GitHubSettings(repositories=many, webhook=listen, **fields), make_context(HttpListeners()))
    async with source, running(source, Collector()):
        assert "GitHub cannot be asked" in source.cannot_catch_up()
        with pytest.raises(EventyardError, match="GitHub cannot be asked"):
            await source.catch_up(Collector(), None, False)


async def test_it_says_whether_it_can_catch_up(github: FakeGitHub, port: str) -> None:
    source = make(github, HttpListeners(), port)
    assert source.cannot_catch_up() == ""
    async with hooked(source, Collector(), github):
        github.script.append(refusal(500, "no"))
        done = await source.catch_up(Collector(), None, False)
        assert isinstance(done, CaughtUp)
    with pytest.raises(EventyardError):
        await make(github, HttpListeners(), port).catch_up(Collector(), None, False)


def test_a_receiver_loads_nothing_else() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", PROBE], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
