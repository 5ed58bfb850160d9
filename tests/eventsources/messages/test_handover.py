"""eventsources/messages/handover.py: what a bus may take later is offered again, what it never takes is dropped and said."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest

from bus.event import Event
from config.errors import BusClosed, BusFull, Permanent
from eventsources.messages.complaints import Complaints
from eventsources.messages.handover import PAUSE_MOST, Handover


class Bus:
    """Fails in these ways, one after another, and then takes everything but events that are too large."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.taken: list[Event] = []
        self.calls = 0

    async def __call__(self, event: Event, /) -> bool:
        raise NotImplementedError

    async def batch(self, events: Sequence[Event], /) -> Sequence[bool]:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        if any(event.size > 10 for event in events):
            raise Permanent("too large")
        self.taken += events
        return [True] * len(events)


def event(data: bytes = b"{}") -> Event:
    return Event.new(source="s", subject="e", type="t", data=data)


class Pauses:
    def __init__(self) -> None:
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def handover(pauses: Pauses) -> Handover:
    return Handover("source s/e", Complaints("source s/e"), sleep=pauses)


async def test_nothing_is_no_call(handover: Handover) -> None:
    bus = Bus()
    await handover.give([], bus)
    assert not bus.calls


async def test_what_fails_is_offered_again(
    handover: Handover, pauses: Pauses, caplog: pytest.LogCaptureFixture
) -> None:
    bus = Bus(BusFull("full", retry_after=7.0), BusClosed("closed"), RuntimeError("a bug"), *[OSError("disk")] * 6)
    events = [event(), event()]
    with caplog.at_level(logging.WARNING, "eventyard.eventsources"):
        await handover.give(events, bus)
    assert bus.taken == events
    assert pauses.slept == [7.0, 1.0, 2.0, 4.0, 8.0, PAUSE_MOST, PAUSE_MOST, PAUSE_MOST, PAUSE_MOST]
    assert caplog.text.count("waits for the bus") == 1


async def test_what_is_refused_for_good_is_dropped_alone(handover: Handover, caplog: pytest.LogCaptureFixture) -> None:
    bus, events = Bus(), [event(), event(b'"larger than ten"'), event()]
    await handover.give(events, bus)
    assert bus.taken == [events[0], events[2]]
    assert "too large" in caplog.text
    assert events[1].id in caplog.text
