"""kill -9 while conditions are half met and firings wait for another try: each pair fires, whole, with one key."""

from __future__ import annotations

import asyncio
import os
import random
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.e2e.instance import Instance, Sink, free_port
from tests.e2e.manifests import sensor, webhooks, write

ROUNDS = int(os.environ.get("EVENTYARD_CRASH_ROUNDS", "20"))


def cloud_event(id: str) -> dict[str, Any]:
    """An event whose repetition is recognised."""
    return {"specversion": "1.0", "id": id, "source": "/test", "type": "half", "data": {"id": id[1:]}}


class Sender:
    """Sends a1, b1, a2, b2, …; each until it is answered with 2xx, however often the other side dies."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self.pairs = 0

    async def run(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                number = self.pairs + 1
                await self._send(session, f"a{number}")
                await self._send(session, f"b{number}")
                self.pairs = number

    async def _send(self, session: aiohttp.ClientSession, id: str) -> None:
        headers = {"Content-Type": "application/cloudevents+json"}
        while True:
            try:
                url = f"{self._url}/{id[0]}"
                async with session.post(url, json=cloud_event(id), headers=headers) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                # It is being started again.
                await asyncio.sleep(0.02)


@pytest.mark.timeout(600)
async def test_kill_with_half_met_conditions_and_retries(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(20260102)
    port = free_port()
    answered: dict[str, str] = {}

    async def moody(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        if chance.random() < 0.3:
            return web.Response(status=503)
        answered[body["id"]] = body["b"]
        return web.Response()

    async with Sink(moody) as sink:
        endpoint = {"port": str(port), "cloudEvents": True}
        write(tmp_path, "source", webhooks({each: {"endpoint": f"/{each}", **endpoint} for each in "ab"}))
        payload = [
            {"src": {"dependencyName": "a", "dataKey": "id"}, "dest": "id"},
            {"src": {"dependencyName": "b", "dataKey": "id"}, "dest": "b"},
        ]
        post = {
            "template": {"name": "post", "conditions": "a && b", "http": {"url": sink.url, "payload": payload}},
            # Quick tries, so that the last of them do not take minutes.
            "retryStrategy": {"duration": "50ms", "steps": 1000},
        }
        write(tmp_path, "sensor", sensor("pairs", post, listen={"a": "a", "b": "b"}))
        instance = Instance(tmp_path)
        sender = Sender(port)
        try:
            async with asyncio.TaskGroup() as group:
                sending = group.create_task(sender.run())
                for _ in range(ROUNDS):
                    await instance.start()
                    await asyncio.sleep(chance.uniform(0.01, 0.35))
                    await instance.kill()
                sending.cancel()
            await instance.start()
            await instance.until(
                lambda status: not status["unfinished"] and status["sensors"][0]["lag"] == 0, seconds=60
            )
            assert await instance.stop() == 0
        finally:
            await instance.gone()
    wanted = {str(number) for number in range(1, sender.pairs + 1)}
    lost = wanted - sink.ids.keys()
    repeated = sum(sink.ids.values()) - len(sink.ids)
    with capsys.disabled():
        print(f"\n{ROUNDS} kills: {sender.pairs} pairs accepted, {len(lost)} lost, {repeated} repeated")
    assert not lost
    assert all(one == other for one, other in answered.items())
    assert all(len(keys) == 1 for keys in sink.keys.values())
