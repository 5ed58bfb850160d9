"""A store in trouble: a disk that is full, a file that is damaged, a directory that is taken."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.instance import Instance, Sink, free_port, instance, webhook_to_sink
from tests.e2e.senders import post_all, sending

SMALL_DISK = "EVENTYARD_SMALL_DISK"
HOW = f"needs a small disk: run as root, or mount one (mount -t tmpfs -o size=16m tmpfs DIR) and set {SMALL_DISK}=DIR"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """An empty folder on a file system of few megabytes."""
    given = os.environ.get(SMALL_DISK)
    folder = Path(given) / tmp_path.name if given else tmp_path / "disk"
    folder.mkdir()
    if given:
        yield folder
        shutil.rmtree(folder)
        return
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip(HOW)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"{HOW} ({mounted.stderr.strip()})")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> Path:
    """Take all room that is left; deleting the file gives it back."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue
    return ballast


async def refusal(url: str, accepted: list[str]) -> tuple[int, str]:
    """Status and Retry-After of the first answer that is no 200."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(30):
        for number in count():
            id = f"probe{number}"
            async with session.post(url, json={"id": id, "more": "x" * 4000}) as answer:
                if answer.status != 200:
                    return answer.status, answer.headers.get("Retry-After", "")
                accepted.append(id)
    raise AssertionError


@pytest.mark.timeout(120)
async def test_a_full_disk_refuses_senders_and_recovers(
    tmp_path: Path, disk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    async with Sink() as sink:
        webhook_to_sink(tmp_path, sink, port=port)
        async with (
            instance(tmp_path, data=disk / "data") as running,
            sending(f"http://127.0.0.1:{port}/in", size=2000) as load,
        ):
            await load.until_accepted(50)
            ballast = fill(disk)
            status, retry_after = await refusal(load.url, load.accepted)
            await load.until_refused(100)
            lines = len(running.errors.read_text().splitlines())
            assert (await running.api("status"))["problems"] == []
            ballast.unlink()
            await load.until_accepted(50)
            load.stop()
            await sink.until(lambda: set(load.accepted) <= sink.ids.keys())
            await running.until(lambda status: not status["unfinished"] and status["sensors"][0]["lag"] == 0)
            refused = load.refused[503]
            assert await running.stop() == 0
    repeated = sum(sink.ids.values()) - len(sink.ids)
    with capsys.disabled():
        print(
            f"\nfull disk: {len(load.accepted)} accepted, {refused} refused with 503, "
            f"{len(set(load.accepted) - sink.ids.keys())} lost, {repeated} repeated, {lines} lines of log"
        )
    assert status == 503
    assert retry_after.isdecimal()
    assert int(retry_after) > 0
    assert load.refused.keys() == {503}
    assert not load.broken
    assert all(len(keys) == 1 for keys in sink.keys.values())
    assert "Traceback" not in running.said
    assert lines < 100


@pytest.mark.timeout(120)
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=lambda name: name.name)
async def test_a_full_disk_at_the_end_and_at_the_start(tmp_path: Path, disk: Path, end: signal.Signals) -> None:
    port = free_port()
    running = Instance(tmp_path, "--grace", "2", data=disk / "data")
    async with Sink() as sink:
        webhook_to_sink(tmp_path, sink, port=port)
        try:
            await running.start()
            async with sending(f"http://127.0.0.1:{port}/in", size=2000) as load:
                await load.until_accepted(50)
                ballast = fill(disk)
                await load.until_refused(10)
            code = await running.stop(end)
            assert code == (0 if end is signal.SIGTERM else -end), running.said
            await running.spawn()
            await running.until_ready(200, 503)
            ballast.unlink()
            await running.until_ready()
            await post_all(f"http://127.0.0.1:{port}/in", ["after"])
            await sink.until(lambda: {"after", *load.accepted} <= sink.ids.keys())
            assert await running.stop() == 0
        finally:
            await running.gone()
    assert all(len(keys) == 1 for keys in sink.keys.values())
    assert "Traceback" not in running.said


def garbage(file: Path) -> None:
    """Not even the beginning of a database."""
    file.write_bytes(b"\xff" * 8192 + file.read_bytes()[8192:])


def pages(file: Path) -> None:
    """It begins well."""
    file.write_bytes(file.read_bytes()[:8192] + b"\xa5" * (file.stat().st_size - 8192))


def cut(file: Path) -> None:
    """It ends too early."""
    file.write_bytes(file.read_bytes()[: 2 * 8192])


def foreign(file: Path) -> None:
    """A database of somebody else."""
    file.unlink()
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE log(position INTEGER)")
        database.commit()


@pytest.mark.parametrize("damage", [garbage, pages, cut, foreign])
async def test_a_damaged_file_is_named_and_left_alone(tmp_path: Path, damage: object) -> None:
    port = free_port()
    async with Sink() as sink:
        webhook_to_sink(tmp_path, sink, port=port)
        async with instance(tmp_path) as running:
            await post_all(f"http://127.0.0.1:{port}/in", [str(number) for number in range(20)])
            await sink.until(lambda: len(sink.ids) == 20)
            assert await running.stop() == 0
        file = tmp_path / "data" / "events.db"
        assert callable(damage)
        damage(file)
        before = file.read_bytes()
        await running.spawn()
        assert await running.ended() == 1
    said = running.errors.read_text()
    assert str(file) in said, said
    assert "damaged" in said or "not a store" in said or "another program" in said
    assert "nothing was changed" in said
    assert "Traceback" not in running.said
    assert file.read_bytes() == before


async def test_a_second_process_on_the_same_data_is_refused(tmp_path: Path) -> None:
    port = free_port()
    async with Sink() as sink:
        webhook_to_sink(tmp_path, sink, port=port)
        async with instance(tmp_path) as running:
            second = Instance(tmp_path)
            second.errors = tmp_path / "second.err"
            second.output = tmp_path / "second.out"
            await second.spawn()
            assert await second.ended() == 1
            said = second.errors.read_text()
            assert f"the data directory is in use by process {running.pid}" in said
            assert "--data-dir" in said
            await post_all(f"http://127.0.0.1:{port}/in", ["first"])
            await sink.until(lambda: "first" in sink.ids)
            assert await running.stop() == 0
