"""How often a trigger may begin: evenly spaced, with a little credit for time it did not use."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

UNUSED_SLOTS = 10
"""So many slots that nobody used may be made up for at once; Argo Events' limiter (a leaky bucket) lends as many."""


class RateLimiter:
    """At most `per_second` starts a second, as a queue in front of evenly spaced slots.

    The first start is immediate and there is no credit at the beginning. Raises ValueError for a rate that is not a
    positive number: nothing could ever start.
    """

    def __init__(
        self,
        per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if not (math.isfinite(per_second) and per_second > 0):
            raise ValueError(f"a rate limit must be more than 0, not {per_second:g} a second")
        self._interval = 1.0 / per_second
        self._clock = clock
        self._sleep = sleep
        self._next = -math.inf

    def reserve(self) -> float:
        """Take the next slot; returns the seconds until it comes (0 = now). A slot taken is never given back."""
        now = self._clock()
        if self._next == -math.inf:
            self._next = now
        slot = max(self._next, now - UNUSED_SLOTS * self._interval)
        self._next = slot + self._interval
        return max(slot - now, 0.0)

    async def wait(self) -> None:
        """Return when the next slot has come; callers get their slots in the order of their calls."""
        delay = self.reserve()
        if delay > 0:
            await self._sleep(delay)
