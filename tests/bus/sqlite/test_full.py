"""Without room on the disk, senders are told to come back, nothing that was taken is lost, and all goes on once there is room."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path

import pytest

from bus.base import Progress
from bus.sqlite import SqliteBus
from bus.sqlite.transaction import Transaction
from bus.sqlite.writer import Write
from config.errors import BusFull
from tests.contract.bus_stage import PUSH, SENSOR, TRIGGER, event, events, firing, ids, take


class Allow(Write[int]):
    """Let the file grow to so many pages and no further."""

    def __init__(self, pages: int) -> None:
        super().__init__()
        self._pages = pages

    def apply(self, transaction: Transaction) -> int:
        (now,) = transaction.connection.execute(f"PRAGMA max_page_count = {self._pages}").fetchone()
        return int(now)


async def test_full_and_room_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with SqliteBus(tmp_path) as bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
        await bus.publish(events(2))
        one, two = await take(subscription, 2)
        pages = await bus.writer.submit(Allow(1))
        with caplog.at_level(logging.CRITICAL, logger="eventyard.bus"), pytest.raises(BusFull) as caught:
            for number in range(100):
                await bus.publish([event(f"big-{number}", data=bytes(8000))])
        assert caught.value.retry_after > 0 and caught.value.where.endswith("events.db")
        taken = number
        with pytest.raises(BusFull):
            made = firing(one, rendered="x" * 100_000)
            await subscription.commit(Progress(position=one.position, state={"s": one}, firings=[made]))
        assert await bus.outbox.ready(TRIGGER, after=0, limit=9) == []
        await bus.writer.submit(Allow(pages + 1000))
        await subscription.commit(Progress(position=one.position, state={"s": one}, firings=[made]))
        assert list(await bus.publish([event(f"big-{taken}", data=bytes(8000))])) == [True]
    async with SqliteBus(tmp_path) as bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
        assert dict(subscription.state) == {"s": one}
        found = await take(subscription, taken + 2)
        assert ids(found) == ["e1", *(f"big-{number}" for number in range(taken + 1))]
        assert found[0] == two
        (kept,) = await bus.outbox.ready(TRIGGER, after=0, limit=9)
        assert kept.rendered == "x" * 100_000


LIMITED = """
import asyncio, json, logging, resource, signal, sys
from bus.sqlite import SqliteBus
from config.errors import BusFull
from tests.contract.bus_stage import event

logging.disable()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

async def main():
    stored, refused = [], 0
    async with SqliteBus(sys.argv[1]) as bus:
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        for round in range(3):
            resource.setrlimit(resource.RLIMIT_FSIZE, ((round + 1) << 20, hard))
            for number in range(300):
                id = f"{round}-{number}"
                try:
                    await bus.publish([event(id, data=bytes(8000))])
                except BusFull as error:
                    refused += 1
                    break
                stored.append(id)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        await bus.publish([event("last")])
        stored.append("last")
    json.dump([stored, refused], sys.stdout)

asyncio.run(main())
"""


async def test_writes_that_the_system_refuses(tmp_path: Path) -> None:
    """The log of the store may not grow, as when a quota is used up; each write fails in its middle."""
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LIMITED, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    stored, refused = json.loads((await worker.communicate())[0])
    assert (worker.returncode, refused) == (0, 3)
    async with SqliteBus(tmp_path) as bus:
        assert not any([(await bus.publish([event(id, data=b"")]))[0] for id in stored])
        assert len(await bus.history.find("")) == 10
