"""Fetching what GitHub could not deliver: it keeps every delivery for some days, with the answer that it got and the payload.

https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries. A delivery that was answered with 2xx
has arrived, as we answer so only when an event is durable. All others are fetched and become the events that they would have
been, with the same ids, so that the bus drops what had arrived after all and only its answer was lost. They are fetched, not
asked for anew, because that works while nobody reaches us.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import msgspec

from bus.event import Event
from config.errors import BusFull, Temporary
from eventsources.base import Emit, Missed
from eventsources.github.api import MOST_PAGES, PAGE_SIZE, GitHubClient, RateLimited, Refusal, decode
from eventsources.http.request import Answer, Refused

REACH: Final = timedelta(days=30)
"""How far back it is looked at most. GitHub itself keeps less, an Enterprise Server as much."""

OVERLAP: Final = timedelta(minutes=5)
"""How far behind the newest known delivery the next look begins: a delivery is listed when it has ended, and one that began
before may end after."""

BATCH_EVENTS: Final = 50
BATCH_BYTES: Final = 4 << 20
"""What is emitted at once."""

FAILURES: Final = 5
"""Deliveries in a row that cannot be fetched, after which it is not the deliveries that are at fault."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]

MakeEvent = Callable[[bytes, dict[str, str], datetime], Awaitable[Event]]
"""The event that a delivery (payload, headers, time) would have become. Raises Refused if it would have been refused."""


class Delivery(msgspec.Struct, frozen=True):
    """One attempt. `guid` is that of the event; all attempts have it in common. GitHub has its own codes for what nobody
    answered, or none at all."""

    id: int
    guid: str
    delivered_at: Moment
    status_code: int | None = None
    event: str = ""
    action: str | None = None

    @property
    def arrived(self) -> bool:
        """It was taken."""
        return 200 <= (self.status_code or 0) < 300


class Known(msgspec.Struct):
    """What is known of the deliveries of one hook: all up to `until` but those that could not be fetched yet, and which of
    the latest attempts were fetched (`taken`: by id, when they were made)."""

    until: Moment
    taken: dict[int, Moment] = {}


class Lost(msgspec.Struct, frozen=True):
    """An event no delivery of which arrived: when the first was attempted, and the latest attempt."""

    first: Moment
    attempt: Delivery


@dataclass(slots=True)
class Tally:
    """What has come of catching up so far; complete also when it is broken off."""

    looked: int = 0
    missed: list[Missed] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def find_lost(deliveries: Sequence[Delivery], taken: Collection[int] = ()) -> list[Lost]:
    """Those of which no attempt arrived and the latest was not fetched before, in the order in which they happened."""
    arrived = {each.guid for each in deliveries if each.arrived}
    lost: dict[str, Lost] = {}
    for each in sorted(deliveries, key=lambda each: (each.delivered_at, each.id)):
        if each.guid not in arrived:
            first = lost[each.guid].first if each.guid in lost else each.delivered_at
            lost[each.guid] = Lost(first, each)
    return [each for each in lost.values() if each.attempt.id not in taken]


@dataclass(slots=True, kw_only=True)
class CatchUp:
    """Catches up with one hook. `path` is where its deliveries are listed; `app` whether that is asked as the App itself;
    `known` is brought up to date, and `save` called whenever it was."""

    client: GitHubClient
    path: str
    app: bool
    make: MakeEvent
    known: Known
    save: Callable[[], Awaitable[None]]
    sleep: Callable[[float], Awaitable[None]]
    now: datetime

    async def run(self, emit: Emit, since: datetime | None, tally: Tally, *, dry_run: bool = False) -> None:
        """Fetch and emit what did not arrive since then, or since all was known. Raises Temporary where it is broken off."""
        until = self.known.until
        start = max(since or until, self.now - REACH)
        deliveries = await self._list(start, tally)
        lost = find_lost(deliveries, self.known.taken if since is None else ())
        if dry_run:
            tally.missed += [_missed(each) for each in lost]
            return
        newest = max((each.delivered_at for each in deliveries), default=start)
        # Where it is not looked at all that is unknown, no more is known afterwards than before.
        await self._fetch_all(emit, lost, newest if start <= until else None, tally)

    async def _list(self, start: datetime, tally: Tally) -> list[Delivery]:
        found: list[Delivery] = []
        number = 0
        async with aclosing(self.client.pages(self.path, app=self.app)) as pages:
            async for page in pages:
                number += 1
                listed = decode(page, list[Delivery])
                found += [each for each in listed if each.delivered_at >= start - OVERLAP]
                if listed and listed[-1].delivered_at < start - OVERLAP:
                    break
            else:
                if number == MOST_PAGES:
                    back = f"{found[-1].delivered_at if found else start:%Y-%m-%dT%H:%M:%SZ}"
                    what = f"only the latest {MOST_PAGES * PAGE_SIZE} deliveries were looked at, back to {back}"
                    tally.problems.append(what)
        tally.looked += len(found)
        return found

    async def _fetch_all(self, emit: Emit, lost: list[Lost], newest: datetime | None, tally: Tally) -> None:
        fetched: list[tuple[Lost, Event]] = []
        failed: list[Lost] = []
        row = 0

        async def settle(left: list[Lost]) -> None:
            await self._put(emit, fetched, tally)
            await self._settle([*failed, *left], newest)

        for number, each in enumerate(lost, 1):
            try:
                event = await self._fetch(each)
            except Refused as refused:
                self._take(each, tally, problem=refused.answer.text)
            except Temporary as error:
                row += 1
                failed.append(each)
                if row == FAILURES or isinstance(error, RateLimited):
                    await settle(lost[number:])
                    raise
                tally.problems.append(f"{each.attempt.event} {each.attempt.guid}: {error}")
            else:
                row = 0
                fetched.append((each, event))
                if len(fetched) == BATCH_EVENTS or sum(event.size for _, event in fetched) >= BATCH_BYTES:
                    await settle(lost[number:])
        await settle([])

    async def _fetch(self, lost: Lost) -> Event:
        try:
            answer = await self.client.get(f"{self.path}/{lost.attempt.id}", app=self.app)
        except Refusal as refusal:
            if refusal.status in (404, 410):
                raise Refused(Answer(refusal.status, "GitHub does not have it any more")) from None
            raise
        request = decode(answer, _Detail).request
        headers = {name: str(value) for name, value in request.headers.items()}
        given = {name.lower() for name in headers}
        named = {"X-GitHub-Delivery": lost.attempt.guid, "X-GitHub-Event": lost.attempt.event}
        headers |= {name: value for name, value in named.items() if name.lower() not in given}
        return await self.make(bytes(request.payload), headers, lost.first)

    async def _put(self, emit: Emit, fetched: list[tuple[Lost, Event]], tally: Tally) -> None:
        """Emit what was fetched, however long the bus is full."""
        while fetched:
            try:
                answers = await emit.batch([event for _, event in fetched])
            except BusFull as full:
                await self.sleep(full.retry_after)
                continue
            for (lost, _), stored in zip(fetched, answers, strict=True):
                self._take(lost, tally, stored=stored)
            fetched.clear()

    def _take(self, lost: Lost, tally: Tally, *, stored: bool | None = None, problem: str = "") -> None:
        self.known.taken[lost.attempt.id] = lost.attempt.delivered_at
        tally.missed.append(_missed(lost, stored=stored, problem=problem))

    async def _settle(self, left: list[Lost], newest: datetime | None) -> None:
        """Remember how far all is known: up to the first of those that are left, or to the newest."""
        known = self.known
        if newest is not None:
            known.until = max(known.until, min((each.first for each in left), default=newest))
        listed = known.until - OVERLAP
        known.taken = {id: at for id, at in known.taken.items() if at >= listed}
        await self.save()


class _Request(msgspec.Struct):
    payload: msgspec.Raw
    headers: dict[str, Any] = {}


class _Detail(msgspec.Struct):
    request: _Request


def _missed(lost: Lost, *, stored: bool | None = None, problem: str = "") -> Missed:
    attempt = lost.attempt
    what = f"{attempt.event}.{attempt.action}" if attempt.action else attempt.event
    return Missed(id=attempt.guid, at=lost.first, what=what, stored=stored, problem=problem)
