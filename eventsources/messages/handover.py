"""Messages of a broker on their way to the bus: nothing is given up that the bus may take later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from bus.event import Event
from config.errors import BusFull, Permanent, Temporary
from eventsources.base import Emit
from eventsources.messages.complaints import Complaints

PAUSE_FIRST, PAUSE_MOST = 0.5, 15.0
"""Seconds until a batch that the bus did not take is offered again: doubling."""

_log: Final = logging.getLogger("eventyard.eventsources")


class Handover:
    """Hands batches over, for as long as it takes; whoever waits for it reads nothing meanwhile."""

    def __init__(
        self, name: str, complaints: Complaints, *, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._name, self._complaints, self._sleep = name, complaints, sleep

    async def give(self, events: Sequence[Event], emit: Emit) -> None:
        """Return once the bus has all of the events that it can ever take. A bus that is full, closed or out of order may
        take them later; an event that it refuses for good is dropped, with a complaint."""
        if not events:
            return
        try:
            await self.insist(lambda: emit.batch(events))
        except Permanent as error:
            if len(events) == 1:
                self._complaints.say("refused", f"the bus cannot take event {events[0].id}, it is dropped: {error}")
                return
            for event in events:
                await self.give([event], emit)

    async def insist(self, action: Callable[[], Awaitable[object]]) -> None:
        """Do what needs the bus until it succeeds. Raises Temporary and Permanent, which are not about the bus."""
        pause, told = PAUSE_FIRST, False
        while True:
            try:
                await action()
                return
            except (Temporary, Permanent):
                raise
            except Exception as error:
                if not told:
                    told = True
                    _log.warning("%s: waits for the bus: %s", self._name, error)
                await self._sleep(error.retry_after if isinstance(error, BusFull) else pause)
                pause = min(pause * 2, PAUSE_MOST)
