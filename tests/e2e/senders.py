"""A steady stream of events to a webhook, and what was answered to each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp


class Senders:
    """Senders that post one event after another, each over a connection of its own that is kept open."""

    def __init__(self, url: str, prefix: str = "e", *, senders: int = 4, pause: float = 0.01, size: int = 0) -> None:
        self.url = url
        self.prefix = prefix
        self.accepted: list[str] = []
        """Ids of the events that were answered with 200."""
        self.refused: Counter[int] = Counter()
        """Other answers, by status."""
        self.broken: list[str] = []
        """Why there was no answer at all."""
        self._more = "x" * size
        self._senders = senders
        self._pause = pause
        self._sent = 0
        self._stop = asyncio.Event()
        self._changed = asyncio.Condition()

    async def run(self) -> None:
        """Send until `stop`; what is under way by then is answered first."""
        async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
            for _ in range(self._senders):
                group.create_task(self._send(session))

    def stop(self) -> None:
        """Send nothing more."""
        self._stop.set()

    async def until_accepted(self, more: int) -> None:
        """Wait until so many more were accepted."""
        wanted = len(self.accepted) + more
        await self._until(lambda: len(self.accepted) >= wanted)

    async def until_refused(self, more: int) -> None:
        """Wait until so many more were answered otherwise."""
        wanted = self.refused.total() + more
        await self._until(lambda: self.refused.total() >= wanted)

    async def until_broken(self) -> None:
        """Wait until nobody answers."""
        await self._until(lambda: bool(self.broken))

    async def _until(self, ready: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(30), self._changed:
                await self._changed.wait_for(ready)
        except TimeoutError:
            told = f"{len(self.accepted)} accepted, refused: {self.refused}, broken: {self.broken[-3:]}"
            raise AssertionError(told) from None

    async def _send(self, session: aiohttp.ClientSession) -> None:
        while not self._stop.is_set():
            id = f"{self.prefix}{self._sent}"
            self._sent += 1
            try:
                async with session.post(self.url, json={"id": id, "more": self._more}) as answer:
                    if answer.status == 200:
                        self.accepted.append(id)
                    else:
                        self.refused[answer.status] += 1
            except (aiohttp.ClientError, ConnectionError) as error:
                self.broken.append(f"{type(error).__name__}: {error}")
            async with self._changed:
                self._changed.notify_all()
            try:
                async with asyncio.timeout(self._pause):
                    await self._stop.wait()
            except TimeoutError:
                pass


@asynccontextmanager
async def sending(url: str, prefix: str = "e", **settings: Any) -> AsyncIterator[Senders]:
    """Send while inside."""
    senders = Senders(url, prefix, **settings)
    async with asyncio.TaskGroup() as group:
        group.create_task(senders.run())
        try:
            yield senders
        finally:
            senders.stop()


async def post_all(url: str, ids: list[str], *, at_once: int = 32, size: int = 0) -> None:
    """Post events of these ids in their order, `size` bytes more in each; every one has to be accepted."""
    waiting = iter(ids)
    more = "x" * size

    async def send() -> None:
        for id in waiting:
            async with session.post(url, json={"id": id, "more": more}) as answer:
                assert answer.status == 200, f"{answer.status} {await answer.text()}"

    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(send())
