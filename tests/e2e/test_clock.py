"""The wall clock is set while events flow: forward by a month, back by a day. Nothing is lost, given up or put off."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.e2e.instance import Sink, free_port, instance
from tests.e2e.manifests import post, sensor, webhooks, write
from tests.e2e.moods import Mood
from tests.e2e.senders import sending

HOUR, DAY = 3600, 86400
RETRY = 2.0
"""Seconds between attempts."""


class Clock:
    """Moves the wall clock of the processes that are started with `environ`."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "shift"
        self.set(0)
        library = folder / "clock.so"
        source = Path(__file__).with_name("clock.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
        self.environ = {"LD_PRELOAD": str(library), "CLOCK_SHIFT": str(self._file)}

    def set(self, seconds: int) -> None:
        """So far from the true time."""
        # In place: the processes have mapped this very file.
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds))


@pytest.fixture
def clock(tmp_path: Path) -> Iterator[Clock]:
    """A clock that can be set."""
    if sys.platform != "linux" or shutil.which("cc") is None:
        pytest.skip("needs Linux and a C compiler: apt-get install gcc libc6-dev")
    yield Clock(tmp_path)


@pytest.mark.timeout(120)
async def test_the_clock_is_set_while_events_flow(
    tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    failing = True
    mood = Mood(lambda attempt, request: web.Response(status=503) if failing else None)
    async with Sink() as fine, Sink(mood) as unwell:
        write(tmp_path, "hooks", webhooks({"in": {"endpoint": "/in", "port": str(port)}}))
        write(tmp_path, "fine", sensor("fine", post(fine.url)))
        strategy = {"steps": 1000, "duration": f"{RETRY:g}s", "jitter": 0}
        write(tmp_path, "retrying", sensor("retrying", post(unwell.url, retryStrategy=strategy, atLeastOnce=True)))
        write(tmp_path, "usual", sensor("usual", post(unwell.url, http={"headers": {"Idempotency-Key": "usual"}})))
        async with (
            instance(tmp_path, environ=clock.environ) as running,
            sending(f"http://127.0.0.1:{port}/in", pause=0.05) as load,
        ):
            for shift in (0, 30 * DAY, 29 * DAY, 28 * DAY, -DAY):
                clock.set(shift)
                await load.until_accepted(20)
                await fine.until(lambda: set(load.accepted) <= fine.ids.keys())
            load.stop()
            status = await running.api("status")
            assert status["deadLetters"] == 0
            failing = False
            began = time.monotonic()
            await unwell.until(lambda: set(load.accepted) <= unwell.ids.keys())
            await running.until(lambda status: not status["unfinished"], seconds=60)
            took = time.monotonic() - began
            assert await running.stop() == 0
    with capsys.disabled():
        print(
            f"\nclock set 4 times: {len(load.accepted)} accepted, "
            f"{len(set(load.accepted) - fine.ids.keys())} lost, {sum(fine.ids.values()) - len(fine.ids)} repeated; "
            f"what waited for its retry fired within {took:.1f} s"
        )
    assert all(len(keys) == 1 for keys in fine.keys.values())
