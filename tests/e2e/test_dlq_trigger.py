"""A `dlqTrigger` in a real process: it follows where the trigger before it is given up, and `explain` tells of both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.e2e.instance import Sink, free_port, instance
from tests.e2e.manifests import post, sensor, webhooks, write


async def test_a_dlq_trigger_follows(tmp_path: Path) -> None:
    port = free_port()

    async def respond(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        return web.Response(status=404 if request.path == "/gone" else 200)

    async with Sink(respond) as sink:
        write(tmp_path, "source", webhooks({"in": {"endpoint": "/in", "port": str(port)}}))
        notify = {**post(f"{sink.url}notify", "notify"), "atLeastOnce": True}
        gone = post(f"{sink.url}gone", "gone", retryStrategy={"steps": 1}, atLeastOnce=True, dlqTrigger=notify)
        write(tmp_path, "sensor", sensor("forward", gone))
        async with instance(tmp_path) as running:
            url = f"http://127.0.0.1:{port}/in"
            async with aiohttp.ClientSession() as session, session.post(url, json={"id": "1"}) as answer:
                assert answer.status == 200
            await sink.until(lambda: sink.ids["1"] == 1)
            await running.until(lambda status: not status["unfinished"])
            (event,) = await running.api("events")
            (explained,) = await running.api(f"events/{event['id']}/explain")
            assert not await running.api("dead-letters")
    verdicts = {trigger["name"]: trigger["verdict"] for trigger in explained["decisions"][0]["triggers"]}
    assert verdicts == {"gone": "dead", "gone/notify": "fired"}
