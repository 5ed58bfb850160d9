"""What is done at GitHub beside receiving."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from bus.event import Event
from config.errors import BusClosed, EventyardError
from config.model import SecretKeySelector
from eventsources.base import SourceContext
from eventsources.github import upkeep as github_upkeep
from eventsources.github.settings import GithubAppCreds, GitHubSettings, OwnedRepositories
from eventsources.github.upkeep import PERIOD, RETRY_FIRST, Upkeep
from eventsources.http.request import Answer, Refused
from eventsources.http.route import WebhookContext
from eventsources.http.server import HttpListeners
from tests.eventsources.github.test_login import KEY, KEY_SECRET, TOKEN_SECRET
from tests.eventsources.surroundings import Collector, FixedValues, NoNotes, make_context
from tests.fakes.github_api import FakeGitHub
from tests.fakes.github_rules import APP_ID, INSTALLATION, TOKEN, pem, refusal

URL = "http://127.0.0.1:1/hook"
SHOP, TOOLS, ACME = "repos/acme/shop", "repos/acme/tools", "orgs/acme"
HOOK_SECRET = SecretKeySelector(name="github", key="hook")
SECRETS = {"github/token": TOKEN, "github/hook": "s3cr3t", "github/app": pem(KEY)}
REPOSITORIES = [OwnedRepositories(owner="acme", names=["shop", "tools", "shop"])]
CREDS = GithubAppCreds(private_key=KEY_SECRET, app_id=APP_ID, installation_id=INSTALLATION)


@pytest.fixture(autouse=True)
def quick_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventsources.github.hooks.ROUNDS", 1)


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO, "eventyard.eventsources"):
        yield caplog


@pytest.fixture
async def github() -> AsyncIterator[FakeGitHub]:
    async with FakeGitHub(prefix="/api/v3", key=KEY) as fake:
        yield fake
    assert not fake.wrong


class Rounds:
    """A clock that stops after each round, until the next is let go."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._go = asyncio.Semaphore(0)
        self._slept = asyncio.Condition()

    async def sleep(self, seconds: float) -> None:
        async with self._slept:
            self.slept.append(seconds)
            self._slept.notify_all()
        await self._go.acquire()

    async def done(self, number: int) -> None:
        """Wait until so many rounds are over, letting the next one go whenever one is."""
        async with asyncio.timeout(10):
            for each in range(number):
                async with self._slept:
                    await self._slept.wait_for(lambda each=each: len(self.slept) > each)  # type: ignore[misc]
                if each + 1 < number:
                    self._go.release()

    async def another(self) -> None:
        """One round more."""
        self._go.release()
        wanted = len(self.slept) + 1
        async with asyncio.timeout(10), self._slept:
            await self._slept.wait_for(lambda: len(self.slept) >= wanted)


def settings(github: FakeGitHub, **fields: Any) -> GitHubSettings:
    told: dict[str, Any] = {
        "webhook": WebhookContext(url="http://127.0.0.1:1/", endpoint="/hook", port="1"),
        "repositories": REPOSITORIES,
        "events": ["push"],
        "active": True,
        "content_type": "json",
        "api_token": TOKEN_SECRET,
        "webhook_secret": HOOK_SECRET,
        "github_base_url": github.base,
        "github_upload_url": github.base,
    }
    return GitHubSettings(**{**told, **fields})


def surroundings(notes: NoNotes | None = None, now: datetime | None = None) -> SourceContext:
    context = make_context(HttpListeners(), SECRETS, now=lambda: now or datetime.now(UTC))
    return SourceContext(
        source=context.source,
        event=context.event,
        namespace=context.namespace,
        values=context.values,
        notes=notes or NoNotes(),
        http=context.http,
        now=context.now,
    )


async def make_event(payload: bytes, headers: dict[str, str], at: datetime) -> Event:
    if b"refuse" in payload:
        raise Refused(Answer(400, "too large"))
    return Event.new(id=headers["X-GitHub-Delivery"], source="s", subject="e", type="github", data=payload)


def upkeep(wanted: GitHubSettings, rounds: Rounds, context: SourceContext | None = None) -> Upkeep:
    return Upkeep(
        wanted,
        context or surroundings(),
        make_event,
        name="default/hooks/example",
        sleep=rounds.sleep,
        chance=lambda: 0.0,
    )


@asynccontextmanager
async def running(asked: Upkeep, emit: Collector, rounds: Rounds, number: int = 1) -> AsyncIterator[None]:
    """Runs it for so many rounds before the block, and until its end."""
    async with asked, asyncio.TaskGroup() as group:
        task = group.create_task(asked.run(emit))
        await rounds.done(number)
        try:
            yield
        finally:
            task.cancel()


def hooks(github: FakeGitHub) -> dict[str, list[str]]:
    return {place: [each["config"]["url"] for each in made] for place, made in github.hooks.items()}


@pytest.mark.parametrize(
    ("fields", "places"),
    [
        ({}, [SHOP, TOOLS]),
        ({"repositories": None, "owner": "acme", "repository": "shop"}, [SHOP]),
        ({"repositories": None, "organizations": ["acme"]}, [ACME]),
        ({"api_token": None, "github_app": CREDS}, [SHOP, TOOLS]),
    ],
    ids=["repositories", "owner and repository", "organizations", "App"],
)
async def test_hooks_are_registered(
    github: FakeGitHub, log: pytest.LogCaptureFixture, fields: dict[str, Any], places: list[str]
) -> None:
    rounds = Rounds()
    async with running(upkeep(settings(github, **fields), rounds), Collector(), rounds, 2):
        assert hooks(github) == {place: [URL] if place in places else [] for place in (SHOP, TOOLS, ACME)}
    assert rounds.slept == [PERIOD, PERIOD]
    assert log.text.count(" registered: http://127.0.0.1:1/hook") == len(places)
    assert TOKEN not in log.text
    assert "s3cr3t" not in log.text


async def test_many_hooks_are_looked_at_less_often(github: FakeGitHub) -> None:
    rounds = Rounds()
    many = [OwnedRepositories(owner="acme", names=[f"none-{number}" for number in range(200)])]
    async with running(upkeep(settings(github, repositories=many), rounds), Collector(), rounds):
        assert rounds.slept == [RETRY_FIRST]
        for number in range(200):
            github.hooks[f"repos/acme/none-{number}"] = []
        await rounds.another()
        assert rounds.slept[-1] == 800.0


async def test_a_hook_that_somebody_deletes_or_changes_is_put_right(
    github: FakeGitHub, log: pytest.LogCaptureFixture
) -> None:
    rounds = Rounds()
    async with running(upkeep(settings(github), rounds), Collector(), rounds):
        github.hooks[SHOP].clear()
        github.hooks[TOOLS][0]["events"] = ["issues"]
        await rounds.another()
        assert hooks(github)[SHOP] == [URL]
        assert github.hooks[TOOLS][0]["events"] == ["push"]
    assert "of acme/tools changed (events): http" in log.text


async def test_one_place_that_fails_does_not_stop_the_others_and_is_tried_again(
    github: FakeGitHub, log: pytest.LogCaptureFixture
) -> None:
    rounds = Rounds()
    hidden = github.hooks.pop(SHOP)
    async with running(upkeep(settings(github), rounds), Collector(), rounds, 10):
        assert hooks(github)[TOOLS] == [URL]
        assert rounds.slept == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600]
        github.hooks[SHOP] = hidden
        await rounds.another()
        assert hooks(github)[SHOP] == [URL]
        assert rounds.slept[-1] == PERIOD
        github.hooks.pop(SHOP)
        await rounds.another()
        assert rounds.slept[-1] == RETRY_FIRST
    warnings = [each.getMessage() for each in log.records if each.levelno == logging.WARNING]
    assert (
        warnings
        == [
            "default/hooks/example: acme/shop: GitHub answered 404 to GET repos/acme/shop/hooks: Not Found (check the name, and "
            "that the token may see it and administer its hooks); it is tried again"
        ]
        * 2
    )
    assert log.text.count("acme/shop: all is well again") == 1


async def test_a_rate_limit_is_waited_for(github: FakeGitHub, log: pytest.LogCaptureFixture) -> None:
    rounds = Rounds()
    github.script.append(refusal(403, "API rate limit exceeded", Retry_After="1234"))
    async with running(upkeep(settings(github), rounds), Collector(), rounds):
        assert rounds.slept == [1234.0]
        assert len(github.calls) == 1
    assert "GitHub's rate limit is used up until " in log.text


async def test_nothing_that_goes_wrong_ends_it(github: FakeGitHub, log: pytest.LogCaptureFixture) -> None:
    rounds, context = Rounds(), surroundings()
    assert isinstance(context.values, FixedValues)
    del context.values.secrets["github/hook"]
    context.notes.recall = _broken  # type: ignore[method-assign]
    async with running(upkeep(settings(github), rounds, context), Collector(), rounds):
        assert "a bug" in log.text
        del context.notes.recall
        await rounds.another()
        assert "there is no Secret github/hook" in log.text
        context.values.secrets["github/hook"] = "s3cr3t"
        await rounds.another()
        assert hooks(github)[SHOP] == [URL]
        assert rounds.slept == [5, 10, PERIOD]


async def _broken() -> bytes:
    raise RuntimeError("a bug")


async def test_what_failed_while_it_was_away_is_fetched_and_nothing_twice(
    github: FakeGitHub, log: pytest.LogCaptureFixture
) -> None:
    emit, notes = Collector(), NoNotes()
    for expected in (["registered"] * 2, ["is as it should be"] * 2):
        rounds = Rounds()
        async with running(upkeep(settings(github), rounds, surroundings(notes)), emit, rounds, 2):
            pass
        for words in expected:
            assert words in log.text
        missed = [await github.happen(place, "push", {"n": 1}, lost=True) for place in (SHOP, TOOLS)]
        rounds = Rounds()
        async with running(upkeep(settings(github), rounds, surroundings(notes)), emit, rounds, 2):
            assert [event.id for event in emit.events] == missed
            while_running = await github.happen(SHOP, "push", {"n": 2}, lost=True)
            await rounds.another()
            assert [event.id for event in emit.events] == [*missed, while_running]
        emit.events.clear()
    assert github.called("PATCH") == []
    assert "acme/shop: 1 deliveries had failed, 1 of them are events now" in log.text


async def test_a_hook_that_was_there_begins_a_little_before_the_start(github: FakeGitHub) -> None:
    emit, rounds = Collector(), Rounds()
    github.add_hook(SHOP, URL)
    for minutes in (9, 4):
        github.now = lambda minutes=minutes: datetime.now(UTC) - timedelta(minutes=minutes)  # type: ignore[misc]
        guid = await github.happen(SHOP, "push", {"n": minutes}, lost=True)
    github.now = lambda: datetime.now(UTC)
    async with running(upkeep(settings(github), rounds), emit, rounds, 2):
        assert [event.id for event in emit.events] == [guid]


@pytest.mark.parametrize("hours", [-3, 3])
async def test_clocks_that_differ(github: FakeGitHub, hours: int) -> None:
    emit, rounds = Collector(), Rounds()
    github.now = lambda: datetime.now(UTC) + timedelta(hours=hours)
    github.add_hook(SHOP, URL)
    at = github.now() - timedelta(minutes=10)
    github.now = lambda: at
    await github.happen(SHOP, "push", {"n": 1}, lost=True)
    github.now = lambda: datetime.now(UTC) + timedelta(hours=hours)
    async with running(upkeep(settings(github), rounds), emit, rounds):
        guid = await github.happen(SHOP, "push", {"n": 2}, lost=True)
        await rounds.another()
        assert [event.id for event in emit.events] == [guid]


async def test_what_cannot_be_an_event_is_said_once(github: FakeGitHub, log: pytest.LogCaptureFixture) -> None:
    emit, rounds = Collector(), Rounds()
    async with running(upkeep(settings(github), rounds), emit, rounds):
        guid = await github.happen(SHOP, "push", {"refuse": True}, lost=True)
        await rounds.another()
        await rounds.another()
    assert log.text.count(f"acme/shop: push {guid} was missed and is no event: too large") == 1
    assert not emit.events


async def test_an_event_that_github_does_not_show_makes_the_next_round_come_soon(
    github: FakeGitHub, log: pytest.LogCaptureFixture
) -> None:
    emit, rounds = Collector(), Rounds()
    async with running(upkeep(settings(github), rounds), emit, rounds):
        guid = await github.happen(SHOP, "push", {"n": 1}, lost=True)
        github.hidden.add(guid)
        await rounds.another()
        assert rounds.slept[-1] == RETRY_FIRST
        assert f"acme/shop: push {guid}: GitHub answered 500" in log.text
        github.hidden.clear()
        await rounds.another()
        assert [event.id for event in emit.events] == [guid]


async def test_the_hook_of_an_app(github: FakeGitHub, log: pytest.LogCaptureFixture) -> None:
    fields = {
        "api_token": None,
        "github_app": CREDS,
        "webhook": WebhookContext(endpoint="/hook", port="1"),
        "webhook_secret": None,
    }
    emit, notes = Collector(), NoNotes()
    rounds = Rounds()
    github.app_hook["config"]["url"] = "https://a.test/other"
    async with running(upkeep(settings(github, **fields), rounds, surroundings(notes)), emit, rounds):
        assert "the App's hook delivers to https://a.test/other, which is not this source" in log.text
        github.app_hook["config"]["url"] = "https://a.test/prefix/hook"
        await rounds.another()
    missed = await github.happen("app", "issues", {"action": "opened"}, lost=True)
    rounds = Rounds()
    async with running(upkeep(settings(github, **fields), rounds, surroundings(notes)), emit, rounds):
        assert [event.id for event in emit.events] == [missed]
        assert orjson.loads(emit.events[0].data or b"") == {"action": "opened"}
    assert github.called("POST") == []


async def test_hooks_are_deleted_at_the_end_if_that_is_wanted(
    github: FakeGitHub, log: pytest.LogCaptureFixture
) -> None:
    for fields, left in (({}, 2), ({"delete_hook_on_finish": True}, 0)):
        rounds = Rounds()
        asked = upkeep(settings(github, **fields), rounds)
        async with running(asked, Collector(), rounds):
            await asked.finish()
        assert sum(map(len, github.hooks.values())) == left
    rounds = Rounds()
    asked = upkeep(settings(github, delete_hook_on_finish=True), rounds)
    async with running(asked, Collector(), rounds):
        github.script.append(refusal(500, "no"))
        await asked.finish()
        assert hooks(github) == {SHOP: [URL], TOOLS: [], ACME: []}
        await asked.finish()
    assert "the hook of acme/shop stays: GitHub answered 500" in log.text


async def test_the_end_does_not_wait_for_ever(
    github: FakeGitHub, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github_upkeep, "PATIENCE", 0.0)
    asked = upkeep(settings(github, delete_hook_on_finish=True), Rounds())
    async with asked:
        await asked.finish()
    assert "some hooks stay" in log.text


async def test_hooks_of_places_that_are_named_no_more_are_deleted_if_that_is_wanted(github: FakeGitHub) -> None:
    notes = NoNotes()
    fewer = [OwnedRepositories(owner="acme", names=["tools"])]
    for fields, left in (
        ({}, [URL]),
        ({"repositories": fewer}, [URL]),
        ({"repositories": fewer, "delete_hook_on_finish": True}, []),
    ):
        rounds = Rounds()
        async with running(upkeep(settings(github, **fields), rounds, surroundings(notes)), Collector(), rounds):
            assert hooks(github) == {SHOP: left, TOOLS: [URL], ACME: []}


async def test_what_is_left_and_cannot_be_deleted_is_in_nobodys_way(
    github: FakeGitHub, log: pytest.LogCaptureFixture
) -> None:
    notes = NoNotes()
    rounds = Rounds()
    async with running(upkeep(settings(github), rounds, surroundings(notes)), Collector(), rounds):
        pass
    fewer = [OwnedRepositories(owner="acme", names=["tools"])]
    asked = upkeep(settings(github, repositories=fewer, delete_hook_on_finish=True), rounds, surroundings(notes))
    github.forbidden.add(SHOP)
    async with running(asked, Collector(), rounds, 2):
        github.hooks[TOOLS].clear()
        await rounds.another()
        assert hooks(github) == {SHOP: [URL], TOOLS: [URL], ACME: []}
        github.forbidden.clear()
        await rounds.another()
        assert hooks(github) == {SHOP: [], TOOLS: [URL], ACME: []}
    assert log.text.count(f"{SHOP}: GitHub answered 403") == 1


async def test_another_server_has_other_hooks(github: FakeGitHub) -> None:
    notes = NoNotes()
    for number in range(2):
        async with FakeGitHub(key=KEY) as other:
            foreign = other.add_hook(SHOP, "https://foreign.test/")
            server = (github, other)[number]
            assert number == 0 or foreign["id"] == github.hooks[SHOP][0]["id"]
            rounds = Rounds()
            wanted = settings(server, github_base_url=f"{server.url}/api/v3/")
            other.prefix = "/api/v3"
            async with running(upkeep(wanted, rounds, surroundings(notes)), Collector(), rounds):
                assert URL in hooks(server)[SHOP]
            assert foreign["config"]["url"] == "https://foreign.test/"


async def test_a_note_that_cannot_be_read(github: FakeGitHub, log: pytest.LogCaptureFixture) -> None:
    rounds = Rounds()
    async with running(upkeep(settings(github), rounds, surroundings(NoNotes(b"?"))), Collector(), rounds):
        assert hooks(github)[SHOP] == [URL]
    assert "cannot be read; it begins anew" in log.text


async def test_on_demand(github: FakeGitHub) -> None:
    emit, rounds = Collector(), Rounds()
    asked = upkeep(settings(github), rounds)
    async with asked:
        none = await asked.catch_up(emit, None, True)
        assert none.problems == [
            f"acme/{name}: it has no hook yet (the log says why none could be registered)" for name in ("shop", "tools")
        ]
    github.add_hook(SHOP, URL)
    github.now = lambda: datetime.now(UTC) - timedelta(minutes=9)
    early = await github.happen(SHOP, "push", {"n": 0}, lost=True)
    github.now = lambda: datetime.now(UTC)
    asked = upkeep(settings(github), rounds)
    async with running(asked, emit, rounds):
        missed = await github.happen(TOOLS, "push", {"n": 1}, lost=True)
        looked = await asked.catch_up(emit, None, True)
        assert [(each.id, each.stored) for each in looked.missed] == [(missed, None)]
        fetched = await asked.catch_up(emit, None, False)
        assert [(each.id, each.stored) for each in fetched.missed] == [(missed, True)]
        assert (await asked.catch_up(emit, None, False)).missed == []
        long_ago = datetime.now(UTC) - timedelta(days=1)
        assert [each.id for each in (await asked.catch_up(emit, long_ago, False)).missed] == [early, missed]
        github.script.append(refusal(403, "no", Retry_After="60"))
        limited = await asked.catch_up(emit, None, False)
        assert [each.partition(" is used")[0] for each in limited.problems] == [
            "acme/shop: GitHub's rate limit",
            "acme/tools: GitHub's rate limit",
        ]


async def test_on_demand_while_the_bus_closes(github: FakeGitHub) -> None:
    rounds = Rounds()
    asked = upkeep(settings(github), rounds)
    async with running(asked, Collector(), rounds):
        await github.happen(SHOP, "push", {"n": 1}, lost=True)
        done = await asked.catch_up(Collector(fail=BusClosed("closed")), None, False)
        assert done.problems == ["acme/shop: closed"]


async def test_credentials_that_cannot_be_used_are_a_fault_only_where_hooks_are_wanted(github: FakeGitHub) -> None:
    context = surroundings()
    assert isinstance(context.values, FixedValues)
    context.values.secrets.clear()
    with pytest.raises(EventyardError, match="no Secret github/token"):
        upkeep(settings(github), Rounds(), context).check()
    receiving = WebhookContext(endpoint="/hook", port="1")
    upkeep(settings(github, api_token=None, github_app=CREDS, webhook=receiving), Rounds(), context).check()
