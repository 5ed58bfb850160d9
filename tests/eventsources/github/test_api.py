"""The client of GitHub's API."""

from __future__ import annotations

from contextlib import aclosing
from datetime import datetime

import pytest
from aiohttp import web

from config.errors import Temporary
from config.model import SecretKeySelector
from eventsources.github import api as github_api
from eventsources.github.api import GitHubClient, RateLimited, Refusal, decode
from eventsources.github.login import Login, make_login
from eventsources.github.settings import GitHubSettings
from eventsources.http.server import HttpListeners
from tests.eventsources.surroundings import NOW, make_context
from tests.fakes.github_api import FakeGitHub
from tests.fakes.github_rules import TOKEN, refusal
from tests.fakes.sink import HANG, RESET, Sink, answer, closed_port

SHOP = "repos/acme/shop/hooks"


class Clock:
    """Seconds that pass when told to."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def login() -> Login:
    settings = GitHubSettings(api_token=SecretKeySelector(name="github", key="token"))
    return make_login(settings, make_context(HttpListeners(), {"github/token": TOKEN}))


def client(base: str, clock: Clock | None = None) -> GitHubClient:
    return GitHubClient(base, login(), now=lambda: NOW, clock=clock or Clock())


async def listed(asked: GitHubClient, path: str) -> list[dict[str, object]]:
    async with aclosing(asked.pages(path)) as pages:
        return [each async for page in pages for each in decode(page, list[dict[str, object]])]


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
async def test_lists_are_read_page_by_page_and_links_lead_nowhere_else(prefix: str) -> None:
    async with FakeGitHub(prefix=prefix, page=2) as github, client(github.base) as asked:
        made = [github.add_hook("repos/acme/shop", f"https://a.test/{n}")["id"] for n in range(5)]
        assert [each["id"] for each in await listed(asked, SHOP)] == made
        assert len(github.calls) == 3
    assert not github.wrong


async def test_a_list_that_never_ends_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github_api, "MOST_PAGES", 3)
    page = answer(200, b"[1]", Link='<https://api.github.com/x?page=2>; rel="next"')
    async with Sink(usual=page) as sink, client(f"{sink.url}/") as asked, aclosing(asked.pages("x")) as pages:
        assert [each async for each in pages] == [b"[1]"] * 3


async def test_a_repository_that_moved_is_followed_on_the_same_server_only() -> None:
    async with Sink() as sink, client(f"{sink.url}/") as asked:
        sink.script.append(answer(301, b"", Location="/repositories/7/hooks"))
        await asked.send("POST", SHOP, {"active": True})
        assert [(each.method, each.target, each.body) for each in sink.requests] == [
            ("POST", f"/{SHOP}", b'{"active":true}'),
            ("POST", "/repositories/7/hooks", b'{"active":true}'),
        ]
        sink.script.append(answer(307, b"", Location="http://127.0.0.1:1/hooks"))
        with pytest.raises(Refusal, match="307"):
            await asked.get(SHOP)
        sink.script.extend([answer(301, b"", Location="/a")] * 3)
        with pytest.raises(Refusal, match="301"):
            await asked.get(SHOP)
        assert len(sink.requests) == 6


@pytest.mark.parametrize(
    ("status", "message", "fix"),
    [
        (401, "Bad credentials", "valid"),
        (403, "Resource not accessible by integration", "Webhooks: read and write"),
        (404, "Not Found", "administer"),
        (422, "Validation Failed", ""),
        (500, "Server Error", ""),
    ],
)
async def test_refusals_say_what_and_why(status: int, message: str, fix: str) -> None:
    async with FakeGitHub() as github, client(github.base) as asked:
        github.script.append(refusal(status, message))
        with pytest.raises(Refusal) as caught:
            await asked.get(SHOP)
    assert str(caught.value) == f"GitHub answered {status} to GET repos/acme/shop/hooks: {message}"
    assert caught.value.status == status
    assert fix in caught.value.fix
    assert TOKEN not in f"{caught.value!r}{caught.value.fix}"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"message":"No","errors":[{"message":"Hook already exists"}]}', ": No; Hook already exists"),
        ('{"message":"No","errors":[{"field":"url","code":"invalid"},"bad"]}', ": No; url invalid; bad"),
        ('{"message":"No","errors":"all wrong"}', ": No; all wrong"),
        ("<html>Bad gateway</html>", ""),
        ('{"message":5}', ""),
    ],
)
async def test_details_of_refusals(body: str, words: str) -> None:
    async with FakeGitHub() as github, client(github.base) as asked:
        github.script.append(web.Response(status=422, text=body))
        with pytest.raises(Refusal) as caught:
            await asked.send("POST", SHOP, {})
    assert str(caught.value) == f"GitHub answered 422 to POST repos/acme/shop/hooks{words}"


DATE = "Mon, 23 Nov 2026 21:20:00 GMT"
RESET_AT = str(int(datetime.fromisoformat("2026-11-23T21:21:30Z").timestamp()))


@pytest.mark.parametrize(
    ("limited", "after"),
    [
        (refusal(403, "You have exceeded a secondary rate limit", Retry_After="90"), 90.0),
        (refusal(429, "Too many requests", Retry_After="90"), 90.0),
        (refusal(403, "Forbidden", Retry_After="0"), 1.0),
        (refusal(403, "API rate limit exceeded", x_ratelimit_remaining="0", x_ratelimit_reset=RESET_AT, Date=DATE), 90),
        (refusal(429, "Slower", x_ratelimit_remaining="0", x_ratelimit_reset=RESET_AT, Date="soon"), 447.0),
        (refusal(403, "You have exceeded a secondary rate limit. Please wait."), 60.0),
        (refusal(429, ""), 60.0),
        (refusal(429, "", Retry_After="9" * 12), 86_400.0),
    ],
)
async def test_rate_limits_are_kept(limited: web.Response, after: float) -> None:
    clock = Clock()
    async with FakeGitHub() as github, client(github.base, clock) as asked:
        github.script.append(limited)
        with pytest.raises(RateLimited, match="GitHub's rate limit is used up until 2026-11-") as caught:
            await asked.get(SHOP)
        assert caught.value.after == after
        clock.seconds += after - 0.5
        with pytest.raises(RateLimited) as caught:
            await asked.get(SHOP)
        assert caught.value.after == 0.5
        assert len(github.calls) == 1
        clock.seconds += 1
        assert await asked.get(SHOP) == b"[]"


async def test_the_last_request_of_an_hour_is_answered_and_no_more_is_asked() -> None:
    async with FakeGitHub(now=lambda: NOW) as github, client(github.base) as asked:
        github.remaining = 1
        assert await asked.get(SHOP) == b"[]"
        with pytest.raises(RateLimited):
            await asked.get(SHOP)
    assert len(github.calls) == 1


async def test_a_forbidden_request_is_no_rate_limit() -> None:
    async with FakeGitHub() as github, client(github.base) as asked:
        github.script.append(refusal(403, "Resource not accessible by integration"))
        with pytest.raises(Refusal) as caught:
            await asked.get(SHOP)
        assert not isinstance(caught.value, RateLimited)
        assert await asked.get(SHOP) == b"[]"


async def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    async with client(f"http://127.0.0.1:{closed_port()}/") as asked:
        with pytest.raises(Temporary, match=r"GitHub cannot be reached at http://127\.0\.0\.1:\d+/: "):
            await asked.get(SHOP)
    monkeypatch.setattr(github_api, "TIMEOUT", 0.05)
    async with Sink() as sink, client(f"{sink.url}/") as asked:
        sink.script.extend([RESET, HANG])
        with pytest.raises(Temporary, match="cannot be reached"):
            await asked.send("POST", SHOP)
        with pytest.raises(Temporary, match=r"no answer within 0\.05 s"):
            await asked.get(SHOP)
        sink.release()
    with pytest.raises(Temporary, match="has ended"):
        await asked.get(SHOP)


async def test_answers_that_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Temporary, match="not understood"):
        decode(b"<html>", list[int])
    with pytest.raises(Temporary, match="not understood"):
        decode(b'["\xff"]', list[str])
    monkeypatch.setattr(github_api, "ANSWER_LIMIT", 1 << 20)
    async with Sink(usual=answer(200, b"x" * (2 << 20))) as sink, client(f"{sink.url}/") as asked:
        with pytest.raises(Temporary, match="more than 1 MB"):
            await asked.get(SHOP)
