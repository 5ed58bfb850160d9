"""triggers/delivery/rate_limit.py: an evenly spaced limiter, by a clock of the test's own."""

from __future__ import annotations

import asyncio
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triggers.delivery.rate_limit import UNUSED_SLOTS, RateLimiter


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def starts(limiter: RateLimiter, clock: Clock, count: int) -> list[float]:
    """When so many starts in a row happen, as seconds from now."""
    begin, times = clock.now, []
    for _ in range(count):
        await limiter.wait()
        times.append(round(clock.now - begin, 6))
    return times


def make(per_second: float) -> tuple[RateLimiter, Clock]:
    clock = Clock()
    return RateLimiter(per_second, clock=clock, sleep=clock.sleep), clock


async def test_the_first_is_immediate_and_the_others_are_evenly_spaced() -> None:
    limiter, clock = make(4)
    assert await starts(limiter, clock, 5) == [0, 0.25, 0.5, 0.75, 1.0]


async def test_unused_slots_may_be_made_up_for() -> None:
    limiter, clock = make(4)
    await limiter.wait()
    clock.now += 0.75
    assert await starts(limiter, clock, 4) == [0, 0, 0, 0.25]


async def test_so_many_and_no_more() -> None:
    limiter, clock = make(4)
    await limiter.wait()
    clock.now += 3600
    times = await starts(limiter, clock, UNUSED_SLOTS + 3)
    assert times == [0] * (UNUSED_SLOTS + 1) + [0.25, 0.5]


async def test_those_who_wait_get_slots_of_their_own() -> None:
    clock, delays = Clock(), []

    async def sleep(seconds: float) -> None:
        delays.append(seconds)

    limiter = RateLimiter(2, clock=clock, sleep=sleep)
    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(limiter.wait())
    assert delays == [0.5, 1.0, 1.5]


@pytest.mark.parametrize("rate", [0, -1, math.inf, math.nan])
def test_a_rate_at_which_nothing_could_start_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="more than 0"):
        RateLimiter(rate)


@given(st.floats(0.001, 1000), st.lists(st.floats(0, 1000), max_size=60))
def test_never_more_than_the_rate_and_its_credit(rate: float, pauses: list[float]) -> None:
    clock = Clock()
    limiter = RateLimiter(rate, clock=clock)
    times: list[float] = []
    for pause in pauses:
        clock.now += pause
        times.append(clock.now + limiter.reserve())
    for first in range(len(times)):
        for last in range(first, len(times)):
            assert last - first + 1 <= (times[last] - times[first]) * rate + UNUSED_SLOTS + 1 + 1e-6
