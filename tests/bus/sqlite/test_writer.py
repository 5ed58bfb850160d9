from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from bus.base import Progress, Record
from bus.event import Event
from bus.sqlite import SqliteBus
from bus.sqlite.transaction import Transaction
from bus.sqlite.writer import BATCH_EVENTS, Write
from config.errors import BusClosed
from tests.contract.bus_stage import PUSH, SENSOR, TRIGGER, event, events, firing, ids, take

UNWRITABLE = "\ud800"


class Sees(Write[int]):
    """Tells how many events share its commit."""

    def apply(self, transaction: Transaction) -> int:
        return transaction.head - transaction.state.head


class Stall(Write[None]):
    """Keeps the writer busy until it may go on."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = threading.Event()
        self.go_on = threading.Event()

    def apply(self, transaction: Transaction) -> None:
        self._begun.set()
        self.go_on.wait()


async def stalled(bus: SqliteBus) -> Stall:
    """A write that is being written and will be until told, so that what follows waits."""
    stall = Stall()
    bus.writer.put(stall)
    await asyncio.to_thread(stall._begun.wait)
    return stall


async def test_what_cannot_be_written_harms_only_its_sender(tmp_path: Path) -> None:
    async with SqliteBus(tmp_path) as bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
        stall = await stalled(bus)
        sending = [
            asyncio.create_task(_publish(bus, [event(id)])) for id in ("a", "b", UNWRITABLE, "c", f"x{UNWRITABLE}", "a")
        ]
        await asyncio.sleep(0)
        stall.go_on.set()
        answers = await asyncio.gather(*sending, return_exceptions=True)
        assert [type(answer) for answer in answers] == [list, list, UnicodeEncodeError, list, UnicodeEncodeError, list]
        assert answers[5] == [False]
        with pytest.raises(UnicodeEncodeError):
            await subscription.commit(Progress(position=1, records=[Record(1, SENSOR, UNWRITABLE, b"")]))
        deliveries = await take(subscription, 3)
        assert ids(deliveries) == ["a", "b", "c"]
        assert [d.position for d in deliveries] == [1, 2, 3]


async def test_names_of_a_failed_commit_are_forgotten(tmp_path: Path) -> None:
    """A subject, a Sensor and a trigger that are new in a commit that fails must be new again in the next."""
    async with SqliteBus(tmp_path) as bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
        with pytest.raises(UnicodeEncodeError):
            await bus.publish([event("ok"), Event(id=UNWRITABLE, source="new", subject="new", type="t")])
        assert list(await bus.publish([event("ok")])) == [True]
        (one,) = await take(subscription, 1)
        bad = Progress(
            position=1, firings=[firing(one)], records=[Record(1, "a", "x", b""), Record(1, "b", UNWRITABLE, b"")]
        )
        for _ in range(2):
            with pytest.raises(UnicodeEncodeError):
                await subscription.commit(bad)
        await subscription.commit(Progress(position=1, firings=[firing(one)], records=[Record(1, "b", "x", b"")]))
        assert [record.sensor for record in await bus.history.records(1)] == ["b"]
        assert len(await bus.outbox.ready(TRIGGER, after=0, limit=9)) == 1
        assert list(await bus.publish([Event(id="x", source="new", subject="new", type="t")])) == [True]


async def test_what_waits_shares_a_commit(tmp_path: Path) -> None:
    async with SqliteBus(tmp_path) as bus:
        stall = await stalled(bus)
        sending = [asyncio.create_task(_publish(bus, [event()])) for _ in range(BATCH_EVENTS - 1)]
        await asyncio.sleep(0)
        looking = asyncio.create_task(bus.writer.submit(Sees()))
        await asyncio.sleep(0)
        stall.go_on.set()
        assert await looking == BATCH_EVENTS - 1
        await asyncio.gather(*sending)


async def test_closing_writes_what_waits(tmp_path: Path) -> None:
    async with SqliteBus(tmp_path) as bus:
        stall = await stalled(bus)
        sending = [asyncio.create_task(_publish(bus, [made])) for made in events(1000)]
        await asyncio.sleep(0)
        stall.go_on.set()
    assert await asyncio.gather(*sending) == [[True]] * 1000
    with pytest.raises(BusClosed):
        await bus.publish([event()])
    async with SqliteBus(tmp_path) as bus:
        assert not any(await bus.publish(events(1000)))


async def test_a_large_batch_is_one_commit(tmp_path: Path) -> None:
    async with SqliteBus(tmp_path) as bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
        assert all(await bus.publish(events(1337)))
        assert ids(await take(subscription, 1337)) == [f"e{number}" for number in range(1337)]


async def _publish(bus: SqliteBus, batch: list[Event]) -> list[bool]:
    return list(await bus.publish(batch))
