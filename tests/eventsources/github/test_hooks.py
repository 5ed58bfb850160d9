"""Registering hooks at GitHub."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import Temporary
from eventsources.github.api import GitHubClient, Refusal
from eventsources.github.hooks import Hook, HookConfig, WantedHook, register, remove, wanted_hook
from eventsources.github.settings import GitHubSettings, Place
from eventsources.http.route import WebhookContext
from tests.eventsources.github.test_api import login
from tests.fakes.github_api import FakeGitHub
from tests.fakes.github_rules import refusal

URL = "https://hooks.example.test/push"
SHOP = Place("repos/acme/shop", "acme/shop")
ACME = Place("orgs/acme", "organization acme")


def wanted(secret: str = "s3cr3t", url: str = URL, **fields: Any) -> WantedHook:
    base, _, endpoint = url.rpartition("/")
    listen = WebhookContext(url=base, endpoint=f"/{endpoint}", port="1")
    told = {"webhook": listen, "events": ["push", "issues"], "active": True, "content_type": "json", **fields}
    return wanted_hook(GitHubSettings(**told), secret)


def client(github: FakeGitHub) -> GitHubClient:
    return GitHubClient(github.base, login())


@pytest.mark.parametrize("place", [SHOP, ACME], ids=lambda place: place.path)
async def test_a_hook_is_made_once(place: Place) -> None:
    hook = wanted()
    async with FakeGitHub() as github, client(github) as asked:
        first = await register(asked, place, hook)
        assert first.done == "registered"
        again = await register(asked, place, hook, id=first.id, written=hook.digest)
        assert (again.id, again.done) == (first.id, "")
        (made,) = github.hooks[place.path]
        assert made == {
            "id": first.id,
            "name": "web",
            "active": True,
            "events": ["push", "issues"],
            "config": {"url": URL, "content_type": "json", "insecure_ssl": "0", "secret": "********"},
        }
        assert github.secrets[first.id] == "s3cr3t"
        assert github.called("POST") == [f"{place.path}/hooks"]
        assert github.called("PATCH") == []
    assert not github.wrong


async def test_what_is_left_out_is_not_sent() -> None:
    assert wanted("", content_type="", active=False, insecure=True, events=["*", "*"]).body() == {
        "active": False,
        "events": ["*"],
        "config": {"url": URL, "insecure_ssl": "1"},
    }


@pytest.mark.parametrize(
    ("there", "told", "different"),
    [
        ({"events": ["push"]}, {}, "events"),
        ({"active": False}, {}, "active"),
        ({"config": {"content_type": "form"}}, {}, "contentType"),
        ({"config": {"insecure_ssl": "1"}}, {}, "insecure"),
        ({}, {"secret": ""}, "webhookSecret"),
        ({"events": ["*"], "active": False}, {"insecure": True}, "events, active, insecure"),
    ],
)
async def test_one_that_differs_is_changed(there: dict[str, Any], told: dict[str, Any], different: str) -> None:
    good: dict[str, Any] = {"events": ["issues", "push"], "active": True}
    config = {"content_type": "json", "secret": "s3cr3t", **there.pop("config", {})}
    async with FakeGitHub() as github, client(github) as asked:
        github.add_hook(SHOP.path, "https://other.test/")
        made = github.add_hook(SHOP.path, URL, config=config, **{**good, **there})
        hook = wanted(**told)
        done = await register(asked, SHOP, hook, written=hook.digest)
        assert (done.id, done.done) == (made["id"], f"changed ({different})")
        assert (await register(asked, SHOP, hook, written=hook.digest)).done == ""
        assert len(github.hooks[SHOP.path]) == 2
        assert github.secrets.get(made["id"], "") == hook.secret
    assert not github.wrong


async def test_a_secret_that_changed_is_written_though_github_does_not_show_it() -> None:
    old, new = wanted("old"), wanted("new")
    assert old.digest != new.digest != ""
    assert "old" not in repr(old)
    async with FakeGitHub() as github, client(github) as asked:
        first = await register(asked, SHOP, old)
        done = await register(asked, SHOP, new, id=first.id, written=old.digest)
        assert (done.id, done.done) == (first.id, "changed (webhookSecret)")
        assert github.secrets[first.id] == "new"


async def test_a_hook_of_ours_is_moved_to_another_address() -> None:
    moved = wanted(url="https://elsewhere.example.test/hook")
    async with FakeGitHub() as github, client(github) as asked:
        first = await register(asked, SHOP, wanted())
        done = await register(asked, SHOP, moved, id=first.id, written=wanted().digest)
        assert (done.id, done.done) == (first.id, "changed (url, webhookSecret)")
        assert [each["config"]["url"] for each in github.hooks[SHOP.path]] == [moved.url]


async def test_one_beyond_the_first_page_is_found() -> None:
    async with FakeGitHub(page=2) as github, client(github) as asked:
        for number in range(5):
            github.add_hook(SHOP.path, f"https://other.test/{number}")
        made = github.add_hook(SHOP.path, URL)
        assert (await register(asked, SHOP, wanted())).id == made["id"]


async def test_another_instance_that_was_quicker() -> None:
    hook = wanted("")
    async with FakeGitHub() as github, client(github) as asked:
        made = github.add_hook(SHOP.path, URL, events=["push", "issues"], config={"content_type": "json"})
        # The list is as it was before.
        github.script.append(refusal(200, ""))
        github.script[0].text = "[]"
        done = await register(asked, SHOP, hook)
        assert (done.id, done.done) == (made["id"], "")
        assert len(github.hooks[SHOP.path]) == 1


async def test_what_github_refuses_for_good_reason() -> None:
    async with FakeGitHub() as github, client(github) as asked:
        with pytest.raises(Refusal, match="Validation Failed"):
            await register(asked, SHOP, wanted(events=["nonsense"]))
        with pytest.raises(Refusal, match="404 to GET repos/acme/none/hooks"):
            await register(asked, Place("repos/acme/none", "acme/none"), wanted())


async def test_an_answer_that_is_no_list() -> None:
    async with FakeGitHub() as github, client(github) as asked:
        github.script.append(refusal(200, "login, please"))
        with pytest.raises(Temporary, match="not understood"):
            await register(asked, SHOP, wanted())


async def test_removing_one_that_is_gone_is_no_fault() -> None:
    async with FakeGitHub() as github, client(github) as asked:
        hook = github.add_hook(SHOP.path, URL)
        for _ in range(2):
            await remove(asked, SHOP.path, hook["id"])
        assert github.hooks[SHOP.path] == []
        github.script.append(refusal(403, "no"))
        with pytest.raises(Refusal, match="403"):
            await remove(asked, SHOP.path, 1)


@given(
    st.lists(st.sampled_from(["*", "push", "issues"]), min_size=1),
    st.lists(st.sampled_from(["*", "push", "issues"]), min_size=1),
)
def test_events_are_a_set_and_all_are_all(ours: list[str], theirs: list[str]) -> None:
    hook = wanted("", events=ours)
    found = Hook(id=1, active=True, events=theirs, config=HookConfig(url=URL, content_type="json"))
    same = ("*" in ours and "*" in theirs) or ("*" not in ours + theirs and set(ours) == set(theirs))
    assert ("events" not in hook.differences(found, "")) == same


def test_numbers_of_tls_checks() -> None:
    for shown, same in (("0", True), (0, True), ("1", False), (1, False)):
        found = Hook(id=1, config=HookConfig(url=URL, insecure_ssl=shown))
        assert ("insecure" not in wanted().differences(found, "")) == same
