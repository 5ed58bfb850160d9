from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bus.sqlite import SqliteBus
from bus.sqlite.directory import DirectoryLock
from config.errors import EventyardError, StoreBusy

HOLDER = """
import sys
from pathlib import Path
from bus.sqlite.directory import DirectoryLock
lock = DirectoryLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_another_process_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    lock = DirectoryLock(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreBusy) as caught:
            lock.acquire()
        assert str(holder.pid) in caught.value.what
        assert caught.value.where == str(tmp_path)
        assert "--data-dir" in caught.value.fix
        holder.kill()
        holder.wait()
    lock.acquire()
    assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    lock.release()


async def test_the_same_process_is_refused_as_well(tmp_path: Path) -> None:
    async with SqliteBus(tmp_path):
        other = SqliteBus(tmp_path)
        with pytest.raises(StoreBusy, match=str(os.getpid())):
            await other.__aenter__()
    async with SqliteBus(tmp_path):
        pass


async def test_a_bus_can_be_opened_where_opening_failed_before(tmp_path: Path) -> None:
    database = tmp_path / "events.db"
    database.write_bytes(b"something else")
    with pytest.raises(EventyardError):
        await SqliteBus(tmp_path).__aenter__()
    database.unlink()
    async with SqliteBus(tmp_path):
        pass


def test_makes_the_directory(tmp_path: Path) -> None:
    lock = DirectoryLock(tmp_path / "a" / "b")
    lock.acquire()
    lock.release()
    assert (tmp_path / "a" / "b").is_dir()


def test_an_unusable_directory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EventyardError, match="cannot be used") as caught:
        DirectoryLock(tmp_path / "file").acquire()
    assert "--data-dir" in caught.value.fix
