"""Killed in the middle of its work, a bus has everything that it said it had."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from bus.base import EventQuery
from bus.sqlite import SqliteBus
from tests.contract.bus_stage import PUSH, SENSOR, TRIGGER

WORKER = """
import asyncio, sys
from bus.base import Progress, Record, Subject, TriggerName
from bus.event import Event
from bus.sqlite import SqliteBus
from tests.contract.bus_stage import PUSH, SENSOR, TRIGGER, firing

async def publish(bus, name):
    number = 0
    while True:
        id = f"{name}-{number}"
        await bus.publish([Event.new(source=PUSH.source, subject=PUSH.event, type="t", data=b"x" * 500, id=id)])
        sys.stdout.write(f"stored {id}\\n")
        number += 1

async def evaluate(bus):
    async with bus.subscribe(SENSOR, [PUSH]) as subscription:
        print("ready", flush=True)
        while True:
            deliveries = await subscription.next()
            last = deliveries[-1]
            made = firing(last, key=str(last.position))
            record = Record(last.position, SENSOR, "firing", b"{}")
            progress = Progress(position=last.position, state={"held": last}, firings=[made], records=[record])
            await subscription.commit(progress)
            sys.stdout.write(f"committed {last.position}\\n")

async def flush():
    while True:
        await asyncio.sleep(0.001)
        sys.stdout.flush()

async def main():
    async with SqliteBus(sys.argv[1]) as bus, asyncio.TaskGroup() as group:
        group.create_task(evaluate(bus))
        await asyncio.sleep(0.05)
        for name in range(20):
            group.create_task(publish(bus, f"{sys.argv[2]}-{name}"))
        group.create_task(flush())

asyncio.run(main())
"""


@pytest.mark.parametrize("lines", [50, 2000])
async def test_killed_while_publishing_and_committing(tmp_path: Path, lines: int) -> None:
    stored: set[str] = set()
    committed = 0
    for life in range(3):
        for line in run_and_kill(tmp_path, life, lines):
            match line.split():
                case "stored", id:
                    stored.add(id)
                case "committed", position:
                    committed = max(committed, int(position))
        async with SqliteBus(tmp_path) as bus:
            found = [(d.position, d.event.id) for d in await bus.history.events(EventQuery(limit=10**6))]
            ids = [id for _, id in found]
            assert len(ids) == len(set(ids))
            assert stored <= set(ids)
            async with bus.subscribe(SENSOR, [PUSH]) as subscription:
                held = subscription.state["held"].position
                assert held >= committed
                firings = await bus.outbox.ready(TRIGGER, after=0, limit=10**6)
                # Position, state, firing and record of a commit are there together or not at all.
                assert firings[-1].position == held
                assert [record.verdict for record in await bus.history.records(held)] == ["firing"]
                for firing in firings[-5:]:
                    assert len(await bus.history.records(firing.position)) == 1
                expected = sorted(position for position, _ in found if position > held)
                taken: list[int] = []
                while len(taken) < len(expected):
                    taken += [delivery.position for delivery in await subscription.next()]
                assert taken == expected


def run_and_kill(directory: Path, life: int, lines: int) -> list[str]:
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, str(directory), str(life)], stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        said = [worker.stdout.readline() for _ in range(lines)]
        time.sleep(life * 0.0007)
        worker.kill()
        # What was said before the end counts as well, except a line that was cut off.
        said += worker.stdout.read().splitlines(keepends=True)
    return [line for line in said if line.endswith("\n")]
