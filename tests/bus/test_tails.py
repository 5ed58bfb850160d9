"""A tail against any order of commits, announcements, pages from the store and readers of any pace."""

from __future__ import annotations

import asyncio
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bus import tails
from bus.base import Delivery
from bus.tails import Listeners, Tail
from config.errors import BusClosed
from tests.contract.bus_stage import HOOK, PUSH, event


class World:
    """A store with one matching subject (odd positions count, even ones are others'), and a tail on it."""

    def __init__(self, before: int) -> None:
        self.stored: list[int] = [position for position in range(1, before + 1) if position % 2]
        self.head = self.announced = before
        self.unannounced: list[int] = []
        self.tail = Tail(0, before)
        self.taken: list[int] = []

    def commit(self) -> None:
        self.head += 1
        if self.head % 2:
            self.stored.append(self.head)
        self.unannounced.append(self.head)

    def announce(self) -> None:
        if self.unannounced:
            self.announced = self.unannounced.pop(0)
            if self.announced % 2:
                self.tail.push(delivery(self.announced))

    def read(self, limit: int) -> tuple[list[Delivery], int]:
        """What the store answers now to what the tail would ask."""
        if self.tail.missed:
            found = list(islice(self.tail.missed, limit))
            return [delivery(position) for position in found], found[-1]
        found = [position for position in self.stored if position > self.tail.cursor][:limit]
        return [delivery(position) for position in found], found[-1] if len(found) == limit else self.head

    def take(self, limit: int) -> None:
        self.taken += [taken.position for taken in self.tail.take(limit)]


def delivery(position: int) -> Delivery:
    return Delivery(position, event(f"e{position}"))


@given(
    st.integers(0, 9),
    st.lists(
        st.tuples(st.sampled_from(["commit", "announce", "read", "take", "shed"]), st.integers(1, 12)), max_size=200
    ),
)
def test_nothing_is_missed_and_nothing_comes_twice(before: int, steps: list[tuple[str, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tails, "_MISSED", 4)
        world = World(before)
        for step, number in steps:
            if step == "commit":
                world.commit()
            elif step == "announce":
                world.announce()
            elif step == "shed":
                world.tail.shed(max(0, world.announced - number))
            elif step == "take":
                world.take(number)
            elif not world.tail.waiting and (world.tail.behind or world.tail.missed):
                page, scanned = world.read(number)
                # While the answer is on its way, the world goes on.
                for _ in range(number):
                    world.commit()
                    world.announce()
                world.tail.fill(page, scanned)
            assert world.taken == world.stored[: len(world.taken)]
        while world.unannounced:
            world.announce()
        for _ in range(1000):
            if world.tail.waiting:
                world.take(100)
            elif world.tail.behind or world.tail.missed:
                world.tail.fill(*world.read(100))
            else:
                break
        assert world.taken == world.stored
        world.tail.committed(world.head)
        assert world.tail.idle and world.tail.lag == 0


async def test_waiting_ends_with_an_event_or_the_end() -> None:
    tail = Tail(0, 0)
    waiting = asyncio.create_task(tail.wait())
    await asyncio.sleep(0)
    tail.push(delivery(1))
    await waiting
    tail.take(1)
    waiting = asyncio.create_task(tail.wait())
    await asyncio.sleep(0)
    tail.close()
    with pytest.raises(BusClosed):
        await waiting


def test_memory_of_all_tails_together_is_bounded() -> None:
    listeners = Listeners(events=80, size=1 << 30)
    fast, slow = Tail(0, 0), Tail(0, 0)
    listeners.add(fast, [PUSH])
    listeners.add(slow, [PUSH, HOOK])
    for position in range(1, 1001):
        listeners.announce([event(str(position))], PUSH.scope, [position])
        fast.take(256)
        fast.committed(position)
    assert len(slow.waiting) + len(fast.waiting) <= 80
    assert slow.lag == 1000
    listeners.remove(slow, [PUSH, HOOK])
    listeners.announce([event("x"), event("y", HOOK)], PUSH.scope, [1001, 0])
    assert slow.lag == 1000 and fast.lag == 1
    listeners.announce([event("z")], "team/bus", [1002])
    assert fast.lag == 1
