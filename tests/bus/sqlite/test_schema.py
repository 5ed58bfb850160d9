from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bus.sqlite import SqliteBus, open_read_only
from bus.sqlite.schema import APPLICATION_ID, MIGRATIONS, open_database
from config.errors import EventyardError, StoreCorrupt
from tests.contract.bus_stage import events


def garbage(path: Path) -> None:
    path.write_bytes(b"not a database at all" * 1000)


def broken_header(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 100)


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE mine(a)")
    connection.close()


def foreign_with_a_mark(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA application_id = 1")
    connection.close()


def damaged(path: Path) -> None:
    open_database(path).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))


@pytest.mark.parametrize("make", [garbage, broken_header, foreign, foreign_with_a_mark, damaged])
async def test_what_is_not_ours_or_damaged_is_left_as_it_is(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "events.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt) as caught:
        await SqliteBus(tmp_path).__aenter__()
    assert caught.value.where == str(path)
    assert "move events.db" in caught.value.fix
    assert path.read_bytes() == before
    if make is not damaged:
        with pytest.raises(StoreCorrupt):
            await open_read_only(tmp_path).__aenter__()
        assert path.read_bytes() == before


async def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    connection = open_database(path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt, match="newer version") as caught:
        await SqliteBus(tmp_path).__aenter__()
    assert "upgrade" in caught.value.fix
    assert path.read_bytes() == before


async def test_an_empty_file_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "events.db").touch()
    async with SqliteBus(tmp_path) as bus:
        assert list(await bus.publish(events(1))) == [True]


def test_migrations_run_once_in_order(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    steps = (*MIGRATIONS, "CREATE TABLE extra(a); INSERT INTO extra VALUES (1);", "UPDATE extra SET a = a + 1;")
    open_database(path, steps[:-1]).close()
    for _ in range(2):
        connection = open_database(path, steps)
        assert connection.execute("SELECT a FROM extra").fetchall() == [(2,)]
        assert connection.execute("PRAGMA user_version").fetchone() == (len(steps),)
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        connection.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    open_database(path).close()
    with pytest.raises(EventyardError):
        open_database(path, (*MIGRATIONS, "CREATE TABLE extra(a); SELECT nonsense FROM nowhere;"))
    connection = open_database(path)
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'extra'").fetchone() == (0,)
    connection.close()


def test_how_the_file_is_written(tmp_path: Path) -> None:
    connection = open_database(tmp_path / "events.db")
    wanted = {"page_size": 8192, "journal_mode": "wal", "synchronous": 2, "wal_autocheckpoint": 0, "secure_delete": 0}
    assert {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted} == wanted
    connection.close()


async def test_damage_found_while_running_ends_the_writing(tmp_path: Path) -> None:
    async with SqliteBus(tmp_path) as bus:
        await bus.publish(events(200))
    path = tmp_path / "events.db"
    whole = bytearray(path.read_bytes())
    # Page 1 holds the tables' names; all behind it is overwritten.
    whole[8192:] = b"\xff" * (len(whole) - 8192)
    path.write_bytes(whole)
    with pytest.raises(StoreCorrupt):
        async with SqliteBus(tmp_path) as bus:
            await bus.publish(events(1))
