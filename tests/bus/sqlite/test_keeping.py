"""What the keeper does beside the writer: checkpoints, retention in the file, and clocks that were set back."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from bus.base import Progress, Record
from bus.limits import DAY, Limits
from bus.sqlite import SqliteBus
from bus.sqlite.retention import used_bytes
from tests.contract.bus_stage import (
    HOOK,
    PUSH,
    SENSOR,
    START,
    TRIGGER,
    FakeClock,
    commit,
    deliver,
    event,
    events,
    firing,
    ids,
    take,
)


def rows(directory: Path, table: str) -> int:
    with sqlite3.connect(directory / "events.db") as connection:
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return int(count)


async def test_the_write_ahead_log_stays_short_under_load(tmp_path: Path) -> None:
    limits = Limits(wal_bytes=1 << 20)
    longest = 0
    async with SqliteBus(tmp_path, limits=limits) as bus:
        for _ in range(60):
            await asyncio.gather(*(bus.publish([event(data=bytes(20_000))]) for _ in range(30)))
            await bus.tidy()
            longest = max(longest, (tmp_path / "events.db-wal").stat().st_size)
    assert longest < 4 << 20
    assert (tmp_path / "events.db").stat().st_size > 30 << 20
    assert not (tmp_path / "events.db-wal").exists()


async def test_what_leaves_leaves_everywhere(tmp_path: Path) -> None:
    limits = Limits(retention_events=10, dedup_events=30)
    async with SqliteBus(tmp_path, limits=limits) as bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
        for _ in range(10):
            deliveries = await deliver(bus, subscription, 20)
            firings = [firing(delivery) for delivery in deliveries]
            records = [Record(delivery.position, SENSOR, "fired", b"{}") for delivery in deliveries]
            progress = Progress(position=deliveries[-1].position, firings=firings, records=records)
            await subscription.commit(progress)
            for made in firings:
                made.status = "fired"
            await bus.outbox.settle(firings)
        await bus.tidy()
        await bus.tidy()
    counts = {table: rows(tmp_path, table) for table in ("log", "bodies", "records", "reports", "outbox")}
    assert counts == {"log": 30, "bodies": 10, "records": 10, "reports": 10, "outbox": 0}


async def test_positions_go_on_when_all_events_are_gone(tmp_path: Path, clock: FakeClock) -> None:
    limits = Limits(retention_age=DAY, dedup_age=DAY)
    async with SqliteBus(tmp_path, limits=limits, clock=clock) as bus:
        await bus.publish(events(50))
        clock.now += 5 * DAY
        await bus.tidy()
        assert rows(tmp_path, "bodies") == 0
    for _ in range(2):
        async with SqliteBus(tmp_path, limits=limits, clock=clock) as bus:
            assert (await bus.stats()).head == 50
            await bus.tidy()
    async with SqliteBus(tmp_path, limits=limits, clock=clock) as bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
        (one,) = await deliver(bus, subscription, 1)
        assert one.position == 51


async def test_retention_by_size(tmp_path: Path) -> None:
    limits = Limits(retention_bytes=2 << 20)
    async with SqliteBus(tmp_path, limits=limits) as bus:
        for _ in range(10):
            await bus.publish([event(data=bytes(8000)) for _ in range(100)])
            await bus.tidy()
            await bus.tidy()
        assert 200 < rows(tmp_path, "bodies") < 260
    # What was freed was used again.
    assert (tmp_path / "events.db").stat().st_size < 4 << 20


async def test_one_slow_sensor_keeps_only_what_it_wants(tmp_path: Path) -> None:
    async with (
        SqliteBus(tmp_path, limits=Limits(retention_events=5)) as bus,
        bus.subscribe("ns/slow", [HOOK]) as slow,
        bus.subscribe(SENSOR, [PUSH]) as subscription,
    ):
        for number in range(20):
            await bus.publish([event(f"hook-{number}", HOOK)])
            await commit(subscription, await deliver(bus, subscription, 30))
        await bus.tidy()
        assert rows(tmp_path, "bodies") == 20 + 5
        assert ids(await take(slow, 20)) == [f"hook-{number}" for number in range(20)]


async def test_idle_consumers_follow_the_head(tmp_path: Path) -> None:
    async with SqliteBus(tmp_path) as bus:
        async with bus.subscribe(SENSOR, [PUSH]) as subscription, bus.subscribe("ns/busy", [HOOK]):
            deliveries = await deliver(bus, subscription, 1)
            await bus.publish([event(subject=HOOK) for _ in range(5000)])
            await bus.tidy()
            await bus.remember("after", b"the advance")
            with sqlite3.connect(tmp_path / "events.db") as connection:
                positions = dict(connection.execute("SELECT name, position FROM consumers").fetchall())
            connection.close()
            # One has an event to commit, the other has events to take.
            assert positions == {SENSOR: 0, "ns/busy": 0}
            await commit(subscription, deliveries)
            await bus.tidy()
            await bus.remember("after", b"the advance")
            with sqlite3.connect(tmp_path / "events.db") as connection:
                positions = dict(connection.execute("SELECT name, position FROM consumers").fetchall())
            connection.close()
            assert positions == {SENSOR: 5001, "ns/busy": 0}
        assert (await bus.stats()).lag == {SENSOR: 0, "ns/busy": 5000}


async def test_a_long_backlog_is_read_page_by_page_while_events_arrive(tmp_path: Path) -> None:
    async with SqliteBus(tmp_path, limits=Limits(tail_events=1000)) as bus:
        async with bus.subscribe(SENSOR, [PUSH]), bus.subscribe("ns/rare", [HOOK]):
            pass
        await bus.publish([event("first", HOOK)])
        for number in range(100):
            await bus.publish([event(f"{number}-{k}", data=b"{}") for k in range(1000)])
        await bus.publish([event("last", HOOK)])
        async with bus.subscribe(SENSOR, [PUSH]) as subscription, bus.subscribe("ns/rare", [HOOK]) as rare:
            # A rare subject is found without reading what lies between.
            assert ids(await take(rare, 2)) == ["first", "last"]
            assert (await bus.stats()).lag[SENSOR] == 100_000
            expected = [f"{number}-{k}" for number in range(100) for k in range(1000)]
            taken = 0
            while taken < 100_000:
                deliveries = await subscription.next(1000)
                assert ids(deliveries) == expected[taken : taken + len(deliveries)]
                taken += len(deliveries)
                if taken % 7 == 0:
                    await bus.publish([event(f"late-{taken}")])
                    expected.append(f"late-{taken}")
            await commit(subscription, deliveries)


async def test_retries_go_on_after_the_clock_was_set_back(tmp_path: Path, clock: FakeClock) -> None:
    clock.now = START + 3650 * DAY
    async with SqliteBus(tmp_path, clock=clock) as bus, bus.subscribe(SENSOR, [PUSH]) as subscription:
        one, two, three = await deliver(bus, subscription, 3)
        made = [
            firing(one, status="waiting", due=clock.now + 60),
            firing(two, status="waiting", due=clock.now + 300),
            firing(three, status="waiting", due=0.0),
        ]
        await commit(subscription, [one, two, three], *made)
        clock.now = START
        await bus.tidy()
        assert await bus.outbox.next_due(TRIGGER) == 0.0
        found = await bus.outbox.due(TRIGGER, now=START + 300, limit=9)
        assert [found.key for found in found] == [made[2].key, made[0].key, made[1].key]
        assert len(await bus.outbox.due(TRIGGER, now=START + 60, limit=9)) == 2
    clock.now = START - 30 * DAY
    async with SqliteBus(tmp_path, clock=clock) as bus:
        await bus.tidy()
        assert len(await bus.outbox.due(TRIGGER, now=clock.now + 60, limit=9)) == 2
        assert len(await bus.outbox.due(TRIGGER, now=clock.now + 300, limit=9)) == 3


async def test_used_bytes_leaves_out_free_pages(tmp_path: Path) -> None:
    async with SqliteBus(tmp_path, limits=Limits(retention_events=10)) as bus:
        await bus.publish([event(data=bytes(8000)) for _ in range(500)])
        await bus.tidy()
        await bus.tidy()
    connection = sqlite3.connect(tmp_path / "events.db")
    assert used_bytes(connection) < 1 << 20 < (tmp_path / "events.db").stat().st_size
    connection.close()
