"""The sqlite bus: events a second and CPU for each, against bare SQLite doing the same inserts in one thread.

Run it from the root of the project: `python benchmarks/bus.py`. 512 senders publish one event at a time and wait for it to be
durable; rounds of all variants alternate and the median counts, so that the ratios hold on a busy machine, too.
`+ Sensor` takes every event; `+ decisions` commits positions with a record for each event; `+ outbox` commits a firing for
each as well and settles it. A bus with a Sensor may take at most 15 us of CPU for an event beyond the bare inserts.
"""

import asyncio
import gc
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bus.base import Bus, Firing, Progress, Record, Subject, TriggerName
from bus.event import Event, random_id
from bus.memory import MemoryBus
from bus.sqlite import SqliteBus
from bus.sqlite.statements import ManyRows

SENDERS = 512
SECONDS = 1.0
ROUNDS = 3
SIZES = {"300 B": 300, "7.7 KB": 7_700}
SUBJECT = Subject("github", "push")
TRIGGER = TriggerName("default/deploy", "announce")
TIME = "2026-11-23T21:14:03.123456Z"
DEMANDED = 15.0
RECORD = b'{"sensor":"default/deploy","verdict":"filtered"}'.ljust(300, b" ")


def made(data: bytes) -> Event:
    """An event, for little more than the price of its id, which the bare inserts pay as well."""
    return Event(id=random_id(), source="github", subject="push", type="github", time=TIME, data=data)


def bare(path: Path, size: int) -> tuple[float, float]:
    """SQLite alone: 256 events a commit, as fast as it goes."""
    connection = sqlite3.connect(path / "bare.db", isolation_level=None)
    for pragma in ("page_size = 8192", "journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 0"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA secure_delete = OFF")
    connection.execute("CREATE TABLE log(position INTEGER PRIMARY KEY, subject_id, at, id, type)")
    connection.execute("CREATE TABLE bodies(position INTEGER PRIMARY KEY, time, contenttype, extras, data)")
    log, bodies = ManyRows("INSERT INTO log", 5), ManyRows("INSERT INTO bodies", 5)
    data, now, position = bytes(size), time.time(), 0
    begin, cpu = time.perf_counter(), time.process_time()
    while time.perf_counter() - begin < SECONDS:
        first: list[object] = []
        second: list[object] = []
        for position in range(position + 1, position + 257):  # noqa: B020
            first += (position, 1, now, random_id(), "github")
            second += (position, TIME, "application/json", None, data)
        connection.execute("BEGIN IMMEDIATE")
        log.run(connection, first)
        bodies.run(connection, second)
        connection.execute("COMMIT")
        if position % 8192 == 0:
            connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
    result = position / (time.perf_counter() - begin), 1e6 * (time.process_time() - cpu) / position
    connection.close()
    return result


async def loaded(
    bus: Bus, size: int, *, sensor: bool, records: bool = False, firings: bool = False
) -> tuple[float, float]:
    """The bus under load."""
    data = bytes(size)
    published = 0
    async with bus, bus.subscribe("default/deploy", [SUBJECT]) as subscription:
        end = time.perf_counter() + SECONDS

        async def send() -> None:
            nonlocal published
            while time.perf_counter() < end:
                await bus.publish((made(data),))
                published += 1

        async def evaluate() -> None:
            taken = 0
            while time.perf_counter() < end or taken < published:
                deliveries = await subscription.next()
                taken += len(deliveries)
                if not records:
                    continue
                decided = [Record(delivery.position, "default/deploy", "filtered", RECORD) for delivery in deliveries]
                fired = []
                if firings:
                    fired = [
                        Firing(key=d.event.id, name=TRIGGER, position=d.position, events={"push": d.event})
                        for d in deliveries
                    ]
                progress = Progress(position=deliveries[-1].position, records=decided, firings=fired)
                await subscription.commit(progress)
                for firing in fired:
                    firing.status = "fired"
                if fired:
                    await bus.outbox.settle(fired)

        begin, cpu = time.perf_counter(), time.process_time()
        async with asyncio.TaskGroup() as group:
            if sensor:
                evaluating = group.create_task(evaluate())
            await asyncio.gather(*(send() for _ in range(SENDERS)))
            if sensor and not records:
                evaluating.cancel()
            elif sensor:
                await bus.publish((made(data),))
        seconds, used = time.perf_counter() - begin, time.process_time() - cpu
    return published / seconds, 1e6 * used / published


def run(variant: str, size: int, runner: asyncio.Runner) -> tuple[float, float]:
    gc.collect()
    with tempfile.TemporaryDirectory(dir=".") as folder:
        path = Path(folder)
        if variant == "bare SQLite":
            return bare(path, size)
        bus: Bus = MemoryBus() if variant.startswith("memory") else SqliteBus(path)
        chosen = {
            "memory + Sensor": {"sensor": True},
            "bus": {"sensor": False},
            "bus + Sensor": {"sensor": True},
            "bus + decisions": {"sensor": True, "records": True},
            "bus + outbox": {"sensor": True, "records": True, "firings": True},
        }[variant]
        return runner.run(loaded(bus, size, **chosen))


def main() -> int:
    """The table; 1 if the bus takes too much."""
    beyond = []
    factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop
    with suppress(ModuleNotFoundError):
        import uvloop

        factory = uvloop.new_event_loop
    variants = ("bare SQLite", "bus", "bus + Sensor", "bus + decisions", "bus + outbox")
    with asyncio.Runner(loop_factory=factory) as runner:
        for name, size in SIZES.items():
            results: dict[str, list[tuple[float, float]]] = {variant: [] for variant in variants}
            for _ in range(ROUNDS):
                for variant in variants:
                    results[variant].append(run(variant, size, runner))
            bare_rate, bare_cpu = (statistics.median(column) for column in zip(*results["bare SQLite"], strict=True))
            for variant, rounds in results.items():
                rate, cpu = (statistics.median(column) for column in zip(*rounds, strict=True))
                print(
                    f"{name:>7}  {variant:<16} {rate:>8.0f} events/s  {cpu:5.1f} us CPU each"
                    f"   {rate / bare_rate:4.2f} x the rate, {cpu - bare_cpu:+6.1f} us"
                )
                if variant == "bus + Sensor":
                    beyond.append(cpu - bare_cpu)
    return int(max(beyond) > DEMANDED)


if __name__ == "__main__":
    sys.exit(main())
