"""Targets in all the moods that targets have."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

FINE = web.Response


@dataclass(slots=True)
class Attempts:
    """When an event was sent here, and with which keys."""

    at: list[float] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)


class Mood:
    """Answers the n-th attempt at an event as told: with a status and headers, by silence, or by a reset.

    `answer` gets the number of the attempt, from 1, and how many requests there were in all; None = fine.
    """

    SILENCE = web.Response(status=299)
    RESET = web.Response(status=298)

    def __init__(self, answer: Callable[[int, int], web.Response | None]) -> None:
        self.answer = answer
        self.events: dict[str, Attempts] = {}
        self.requests = 0

    async def __call__(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        self.requests += 1
        seen = self.events.setdefault(body["id"], Attempts())
        seen.at.append(time.monotonic())
        seen.keys.add(request.headers["Idempotency-Key"])
        answer = self.answer(len(seen.at), self.requests)
        if answer is self.RESET:
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=500)
        if answer is self.SILENCE:
            await asyncio.sleep(60)
            return web.Response(status=500)
        if answer is None:
            return FINE()
        return web.Response(status=answer.status, text=answer.text, headers=answer.headers)

    @property
    def keys_are_steady(self) -> bool:
        """Every attempt at an event came with the same key."""
        return all(len(each.keys) == 1 for each in self.events.values())

    def waits(self) -> list[float]:
        """Seconds between the first and the second attempt at each event that had two."""
        return [each.at[1] - each.at[0] for each in self.events.values() if len(each.at) > 1]
