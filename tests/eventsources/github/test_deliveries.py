"""Fetching what GitHub could not deliver."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus.event import Event
from config.errors import BusClosed, BusFull, Temporary
from eventsources.github import api as github_api
from eventsources.github import deliveries as github_deliveries
from eventsources.github.api import GitHubClient, RateLimited
from eventsources.github.deliveries import CatchUp, Delivery, Known, Tally, find_lost
from eventsources.http.request import Answer, Refused
from tests.eventsources.github.test_api import login
from tests.eventsources.surroundings import Collector
from tests.fakes.github_api import FakeGitHub
from tests.fakes.github_rules import refusal

SHOP = "repos/acme/shop"
BEGIN = datetime(2026, 11, 20, 12, tzinfo=UTC)
OK = {"status": "OK", "status_code": 200}
FAILED = {"status": "timed out", "status_code": 504}


@dataclass
class Scene:
    """A hook at GitHub, a clock that goes on by a minute with every delivery, and what is known of it."""

    github: FakeGitHub
    known: Known = field(default_factory=lambda: Known(until=BEGIN))
    emit: Collector = field(default_factory=Collector)
    saved: list[Known] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    time: datetime = BEGIN
    on_sleep: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.hook = self.github.add_hook(SHOP, "http://127.0.0.1:1/")

    def deliver(self, guid: str, result: dict[str, Any], payload: Any = None) -> int:
        """An attempt; its id."""
        self.time += timedelta(minutes=1)
        headers = {"X-GitHub-Delivery": guid, "X-GitHub-Event": "push"}
        told = {"guid": guid, "action": "opened"} if payload is None else payload
        self.github.record(self.hook, guid, "push", told, headers, self.time, result)
        return int(self.github.deliveries[self.hook["id"]][0]["id"])

    async def catch_up(
        self, since: datetime | None = None, *, dry_run: bool = False, client: GitHubClient | None = None
    ) -> Tally:
        """One run; raises Temporary where it is broken off."""
        tally = Tally()
        async with client or GitHubClient(self.github.base, login()) as asked:
            await self._task(asked).run(self.emit, since, tally, dry_run=dry_run)
        return tally

    def _task(self, client: GitHubClient) -> CatchUp:
        return CatchUp(
            client=client,
            path=f"{SHOP}/hooks/{self.hook['id']}/deliveries",
            app=False,
            make=self._make,
            known=self.known,
            save=self._save,
            sleep=self._sleep,
            now=self.time + timedelta(minutes=1),
        )

    async def _make(self, payload: bytes, headers: dict[str, str], at: datetime) -> Event:
        body = orjson.loads(payload)
        if not isinstance(body, dict):
            raise Refused(Answer(400, "no object"))
        return Event(id=headers["X-GitHub-Delivery"], source="s", type="t", time=at.isoformat(), data=payload)

    async def _save(self) -> None:
        self.saved.append(Known(self.known.until, dict(self.known.taken)))

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.on_sleep()

    @property
    def got(self) -> list[str]:
        return [event.id for event in self.emit.events]


@pytest.fixture
async def scene() -> Any:
    async with FakeGitHub(page=3) as github:
        yield Scene(github)
    assert not github.wrong


async def test_what_failed_is_fetched_in_the_order_in_which_it_happened(scene: Scene) -> None:
    for number in range(10):
        scene.deliver(f"g{number}", FAILED if number % 2 else OK)
    tally = await scene.catch_up()
    assert scene.got == ["g1", "g3", "g5", "g7", "g9"]
    assert tally.looked == 10
    assert [(each.id, each.what, each.stored, each.problem) for each in tally.missed][:2] == [
        ("g1", "push.opened", True, ""),
        ("g3", "push.opened", True, ""),
    ]
    assert scene.emit.events[0].time == tally.missed[0].at.isoformat() == "2026-11-20T12:02:00+00:00"
    assert scene.known.until == scene.time
    assert scene.saved[-1] == scene.known


async def test_only_what_is_new_is_looked_at_the_next_time(scene: Scene) -> None:
    for number in range(20):
        scene.deliver(f"g{number}", FAILED)
    await scene.catch_up()
    calls = len(scene.github.calls)
    again = await scene.catch_up()
    # Of the last five minutes, which were fetched already.
    assert (again.looked, again.missed) == (6, [])
    assert len(scene.github.calls) == calls + 3
    scene.deliver("new", FAILED)
    await scene.catch_up()
    assert scene.got == [*(f"g{number}" for number in range(20)), "new"]


async def test_one_attempt_that_arrived_is_enough(scene: Scene) -> None:
    scene.deliver("a", FAILED)
    scene.deliver("b", FAILED)
    scene.deliver("a", OK)
    latest = scene.deliver("b", FAILED)
    await scene.catch_up()
    assert scene.got == ["b"]
    assert scene.github.called("GET")[-1].endswith(f"/{latest}")
    assert scene.known.taken.keys() == {latest}
    # Tried again in vain by somebody: it is a delivery that failed, and the bus knows the event.
    scene.emit.stored = False
    scene.deliver("b", FAILED)
    tally = await scene.catch_up()
    assert [each.stored for each in tally.missed] == [False]


@pytest.mark.parametrize("code", [None, 0, 302, 400, 404, 500, 502, 504])
async def test_whatever_is_not_2xx_failed(scene: Scene, code: int | None) -> None:
    at = scene.time.isoformat().replace("+00:00", "Z")
    scene.github.deliveries[scene.hook["id"]] = [
        {"id": 7, "guid": "g", "delivered_at": at, "status_code": code, "request": {"headers": {}, "payload": {}}}
    ]
    assert len((await scene.catch_up(dry_run=True)).missed) == 1


async def test_a_dry_run_fetches_and_remembers_nothing(scene: Scene) -> None:
    scene.deliver("a", FAILED)
    tally = await scene.catch_up(dry_run=True)
    assert [(each.id, each.stored) for each in tally.missed] == [("a", None)]
    assert not scene.got
    assert not scene.saved
    assert scene.known == Known(until=BEGIN)


async def test_it_goes_further_back_only_if_asked_to(scene: Scene) -> None:
    scene.deliver("old", FAILED)
    scene.known.until = scene.time + timedelta(minutes=6)
    scene.time += timedelta(minutes=10)
    scene.deliver("new", FAILED)
    await scene.catch_up()
    assert scene.got == ["new"]
    scene.emit.events.clear()
    await scene.catch_up(since=BEGIN)
    assert scene.got == ["old", "new"]
    assert scene.known.until == scene.time


async def test_a_hook_without_deliveries(scene: Scene) -> None:
    assert (await scene.catch_up()).looked == 0
    assert scene.known.until == BEGIN
    scene.deliver("first", FAILED)
    await scene.catch_up()
    assert scene.got == ["first"]


async def test_looking_at_a_part_leaves_the_rest_unknown(scene: Scene) -> None:
    scene.deliver("a", FAILED)
    scene.time += timedelta(hours=1)
    middle = scene.time
    scene.deliver("b", FAILED)
    await scene.catch_up(since=middle)
    assert scene.got == ["b"]
    assert scene.known.until == BEGIN
    await scene.catch_up()
    assert scene.got == ["b", "a"]


async def test_a_month_is_looked_back_and_no_more(scene: Scene) -> None:
    scene.deliver("old", FAILED)
    scene.time += timedelta(days=30, minutes=10)
    scene.deliver("new", FAILED)
    await scene.catch_up()
    assert scene.got == ["new"]


async def test_what_cannot_be_an_event_is_said_and_left(scene: Scene) -> None:
    scene.deliver("a", FAILED, payload=[1])
    gone = scene.deliver("b", FAILED)
    scene.deliver("c", FAILED)
    scene.github.script.extend([await_list(scene)])
    kept = scene.github.deliveries[scene.hook["id"]]
    scene.github.deliveries[scene.hook["id"]] = [each for each in kept if each["id"] != gone]
    tally = await scene.catch_up()
    assert scene.got == ["c"]
    assert [(each.id, each.problem) for each in tally.missed] == [
        ("a", "no object"),
        ("b", "GitHub does not have it any more"),
        ("c", ""),
    ]
    assert scene.known.until == scene.time


def await_list(scene: Scene) -> Any:
    """The answer to the list as it is now."""
    from aiohttp import web

    shown = [{**each, "request": None} for each in scene.github.deliveries[scene.hook["id"]]]
    return web.json_response(shown)


async def test_one_that_github_fails_to_show_is_asked_for_again(scene: Scene) -> None:
    for name in "abcd":
        scene.deliver(name, FAILED)
    scene.github.script.extend([await_list(scene), refusal(500, "no")])
    tally = await scene.catch_up()
    assert scene.got == ["b", "c", "d"]
    assert tally.problems[0].startswith("push a: GitHub answered 500 to GET")
    assert scene.known.until == BEGIN + timedelta(minutes=1)
    tally = await scene.catch_up()
    assert scene.got == ["b", "c", "d", "a"]
    assert not tally.problems
    assert scene.known.until == scene.time


async def test_it_gives_up_for_now_when_nothing_is_shown(scene: Scene) -> None:
    for number in range(10):
        scene.deliver(f"g{number}", FAILED)
    scene.github.script.extend([await_list(scene), *(refusal(502, "no") for _ in range(5))])
    with pytest.raises(Temporary, match="502"):
        await scene.catch_up()
    assert len(scene.github.calls) == 6
    assert scene.known.until == BEGIN + timedelta(minutes=1)
    await scene.catch_up()
    assert len(scene.got) == 10


async def test_a_rate_limit_in_the_middle_loses_and_repeats_nothing(scene: Scene) -> None:
    for number in range(6):
        scene.deliver(f"g{number}", FAILED)
    scene.github.remaining = 5  # two pages of the list and three deliveries
    with pytest.raises(RateLimited):
        await scene.catch_up()
    assert scene.got == ["g0", "g1", "g2"]
    scene.github.remaining = 100
    await scene.catch_up()
    assert scene.got == [f"g{number}" for number in range(6)]


async def test_a_full_bus_is_waited_for(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github_deliveries, "BATCH_EVENTS", 2)
    for number in range(5):
        scene.deliver(f"g{number}", FAILED)
    scene.emit.fail = BusFull("full", retry_after=7.0)

    def roomy() -> None:
        if len(scene.slept) == 3:
            scene.emit.fail = None

    scene.on_sleep = roomy
    await scene.catch_up()
    assert scene.slept == [7.0] * 3
    assert scene.got == [f"g{number}" for number in range(5)]
    assert [known.until for known in scene.saved] == [BEGIN + timedelta(minutes=each) for each in (3, 5, 5)]


async def test_a_closed_bus_ends_it_and_nothing_counts_as_known(scene: Scene) -> None:
    scene.deliver("a", FAILED)
    scene.emit.fail = BusClosed("closed")
    with pytest.raises(BusClosed):
        await scene.catch_up()
    assert scene.known == Known(until=BEGIN)
    assert not scene.saved


async def test_more_than_can_be_looked_at_is_said(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github_api, "MOST_PAGES", 2)
    monkeypatch.setattr(github_deliveries, "MOST_PAGES", 2)
    for number in range(8):
        scene.deliver(f"g{number}", FAILED)
    tally = await scene.catch_up()
    assert scene.got == [f"g{number}" for number in range(2, 8)]
    assert tally.problems == ["only the latest 200 deliveries were looked at, back to 2026-11-20T12:03:00Z"]


_attempts = st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=12)


@given(_attempts, st.sets(st.integers(0, 11)))
def test_lost_is_what_never_arrived(attempts: Sequence[tuple[str, bool]], taken: set[int]) -> None:
    deliveries = [
        Delivery(
            id=number, guid=guid, delivered_at=BEGIN + timedelta(seconds=number // 2), status_code=200 if ok else 500
        )
        for number, (guid, ok) in enumerate(attempts)
    ]
    lost = find_lost(list(reversed(deliveries)), taken)
    for guid in "abc":
        ours = [each for each in deliveries if each.guid == guid]
        found = [each for each in lost if each.attempt.guid == guid]
        wanted = bool(ours) and not any(each.arrived for each in ours) and ours[-1].id not in taken
        assert len(found) == wanted
        if wanted:
            assert (found[0].first, found[0].attempt) == (ours[0].delivered_at, ours[-1])
    assert [each.first for each in lost] == sorted(each.first for each in lost)
