from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bus.base import EventQuery, Progress, Record
from bus.sqlite import SqliteBus, open_read_only
from config.errors import EventyardError
from tests.contract.bus_stage import PUSH, SENSOR, events, firing, ids, take


async def fill(bus: SqliteBus) -> None:
    async with bus.subscribe(SENSOR, [PUSH]) as subscription:
        await bus.publish(events(3))
        one, *_, last = await take(subscription, 3)
        record = Record(one.position, SENSOR, "dead", b"{}")
        dead = firing(one, status="dead")
        await subscription.commit(Progress(position=last.position, firings=[dead], records=[record]))


async def check(directory: Path) -> None:
    async with open_read_only(directory) as reader:
        found = await reader.history.events(EventQuery())
        assert ids(found) == ["e2", "e1", "e0"]
        assert [record.verdict for record in await reader.history.records(found[-1].position)] == ["dead"]
        (letter,) = await reader.dead_letters.list()
        assert (await reader.dead_letters.get(letter.id)) is not None
        with pytest.raises(EventyardError, match="reading only"):
            await reader.dead_letters.retry([letter.id])
        with pytest.raises(EventyardError, match="reading only"):
            await reader.dead_letters.drop([letter.id])


async def test_a_stopped_instance(tmp_path: Path) -> None:
    async with SqliteBus(tmp_path) as bus:
        await fill(bus)
    before = sorted(tmp_path.iterdir()), (tmp_path / "events.db").read_bytes()
    await check(tmp_path)
    assert (sorted(tmp_path.iterdir()), (tmp_path / "events.db").read_bytes()) == before


async def test_a_running_instance(tmp_path: Path) -> None:
    async with SqliteBus(tmp_path) as bus:
        await fill(bus)
        await check(tmp_path)
        assert list(await bus.publish(events(1, start=9))) == [True]


async def test_a_killed_instance(tmp_path: Path) -> None:
    async with SqliteBus(tmp_path / "running") as bus:
        await fill(bus)
        (tmp_path / "killed").mkdir()
        for name in ("events.db", "events.db-wal"):
            shutil.copy(tmp_path / "running" / name, tmp_path / "killed" / name)
    await check(tmp_path / "killed")


async def test_no_store(tmp_path: Path) -> None:
    with pytest.raises(EventyardError, match="no store"):
        await open_read_only(tmp_path).__aenter__()
    (tmp_path / "events.db").touch()
    with pytest.raises(EventyardError, match="no store"):
        await open_read_only(tmp_path).__aenter__()
    assert (tmp_path / "events.db").read_bytes() == b""
