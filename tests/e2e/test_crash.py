"""kill -9 at random moments under load: every event that was answered with 2xx fires, repeats carry an equal key."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.instance import Instance, Sink, free_port, webhook_to_sink

ROUNDS = int(os.environ.get("EVENTYARD_CRASH_ROUNDS", "50"))


async def flood(url: str, prefix: str, accepted: list[str], senders: int = 8) -> None:
    """Post events until the other side is gone; note those that were answered with 2xx."""

    async def send(sender: int) -> None:
        number = 0
        while True:
            id = f"{prefix}-{sender}-{number}"
            number += 1
            try:
                async with session.post(url, json={"id": id}) as answer:
                    if answer.status == 200:
                        accepted.append(id)
            except (aiohttp.ClientError, ConnectionError):
                return

    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
        for sender in range(senders):
            group.create_task(send(sender))


@pytest.mark.timeout(600)
async def test_kill_at_random_moments_loses_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(20260101)
    port = free_port()
    accepted: list[str] = []
    async with Sink() as sink:
        webhook_to_sink(tmp_path, sink, port=port)
        instance = Instance(tmp_path)
        try:
            for round in range(ROUNDS):
                await instance.start()
                async with asyncio.TaskGroup() as group:
                    group.create_task(flood(f"http://127.0.0.1:{port}/in", str(round), accepted))
                    await asyncio.sleep(chance.uniform(0.01, 0.35))
                    await instance.kill()
            await instance.start()
            await sink.until(lambda: set(accepted) <= sink.ids.keys())
            await instance.until(lambda status: not status["unfinished"] and status["sensors"][0]["lag"] == 0)
            assert await instance.stop() == 0
        finally:
            await instance.gone()
    repeated = sum(count - 1 for count in sink.ids.values())
    lost = set(accepted) - sink.ids.keys()
    with capsys.disabled():
        print(
            f"\n{ROUNDS} kills: {len(accepted)} accepted, {len(sink.ids)} fired, {len(lost)} lost, "
            f"{repeated} repeated, {len(sink.ids.keys() - set(accepted))} fired though not answered"
        )
    assert not lost
    assert all(len(keys) == 1 for keys in sink.keys.values())
