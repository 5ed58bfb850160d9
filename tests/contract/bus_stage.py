"""What the tests of a bus share: a place to open it again and again, and short words for events and firings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import pytest

from bus.base import Bus, Delivery, Firing, Progress, Subject, Subscription, TriggerName
from bus.event import Event
from bus.limits import Limits

SENSOR = "ns/deploy"
TRIGGER = TriggerName(SENSOR, "announce")
PUSH = Subject("github", "push")
HOOK = Subject("webhook", "hook")

START = 1_800_000_000.0


class FakeClock:
    """Unix seconds that pass only when told to."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class BusStage(ABC):
    """How a backend's tests open their bus."""

    @abstractmethod
    def open(self, place: Path, limits: Limits, clock: FakeClock) -> Bus:
        """A bus, not entered, with what was stored at this place before."""

    async def tidy(self, bus: Bus) -> None:  # noqa: B027
        """Let the retention do its work now, if it does not do it by itself."""

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def bus(self, tmp_path: Path, clock: FakeClock) -> Bus:
        return self.open(tmp_path, Limits(), clock)


def event(id: str = "", subject: Subject = PUSH, data: bytes | None = b'{"n":1}', type: str = "github") -> Event:
    """An event of a subject."""
    return Event.new(source=subject.source, subject=subject.event, type=type, data=data, id=id)


def events(count: int, subject: Subject = PUSH, start: int = 0) -> list[Event]:
    """Events with the ids e0, e1, …"""
    return [event(f"e{number}", subject) for number in range(start, start + count)]


def firing(delivery: Delivery, key: str = "", name: TriggerName = TRIGGER, **fields: object) -> Firing:
    """A firing that one delivery completed."""
    made = Firing(
        key=key or f"key-{delivery.event.id}", name=name, position=delivery.position, events={"push": delivery.event}
    )
    for field, value in fields.items():
        setattr(made, field, value)
    return made


async def take(subscription: Subscription, count: int, limit: int = 256) -> list[Delivery]:
    """The next `count` deliveries."""
    taken: list[Delivery] = []
    while len(taken) < count:
        taken += await subscription.next(min(limit, count - len(taken)))
    return taken


async def deliver(bus: Bus, subscription: Subscription, count: int, subject: Subject = PUSH) -> list[Delivery]:
    """Publish new events and take them."""
    await bus.publish([event(subject=subject) for _ in range(count)])
    return await take(subscription, count)


async def commit(subscription: Subscription, deliveries: Sequence[Delivery], *firings: Firing) -> None:
    """Commit all these deliveries."""
    await subscription.commit(Progress(position=deliveries[-1].position, firings=firings))


def ids(deliveries: Sequence[Delivery]) -> list[str]:
    """Event ids."""
    return [delivery.event.id for delivery in deliveries]
