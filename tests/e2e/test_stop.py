"""A stop in order: what was answered fires, what is in flight ends, and nobody waits longer than the grace time."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.e2e.instance import Instance, Sink, free_port, webhook_to_sink
from tests.e2e.senders import post_all, sending


class Hanging:
    """Answers nobody until `release`; remembers who asked with which key."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self._asked = asyncio.Event()
        self._released = asyncio.Event()

    async def __call__(self, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        self.keys.append(request.headers["Idempotency-Key"])
        self._asked.set()
        await self._released.wait()
        return web.Response()

    async def asked(self) -> None:
        """Wait for the first request."""
        await asyncio.wait_for(self._asked.wait(), 30)

    def release(self) -> None:
        """Answer."""
        self._released.set()


async def slowly(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """A target that takes its time, so that there is always something in flight."""
    await asyncio.sleep(0.2)
    return web.Response()


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT], ids=lambda name: name.name)
async def test_a_stop_under_load(tmp_path: Path, name: signal.Signals, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    async with Sink(slowly) as sink:
        webhook_to_sink(tmp_path, sink, port=port)
        running = Instance(tmp_path, "--grace", "5")
        try:
            await running.start()
            async with sending(f"http://127.0.0.1:{port}/in", senders=8, pause=0.001) as load:
                await load.until_accepted(200)
                began = time.monotonic()
                code = await running.stop(name)
                took = time.monotonic() - began
            before = len(sink.ids)
            assert code == 0, running.said
            assert took < 5
            assert "Traceback" not in running.said
            await running.start()
            await sink.until(lambda: set(load.accepted) <= sink.ids.keys())
            assert await running.stop() == 0
        finally:
            await running.gone()
    repeated = sum(count - 1 for count in sink.ids.values())
    with capsys.disabled():
        print(
            f"\n{name.name}: {len(load.accepted)} accepted, {before} fired by the stop after {took:.1f} s, "
            f"{len(sink.ids)} in total, {repeated} repeated"
        )
    # All that was in flight ended and was noted, so nothing had to be repeated.
    assert not repeated
    assert len(load.accepted) <= len(sink.ids)


async def test_a_target_that_hangs_longer_than_the_grace_time(tmp_path: Path) -> None:
    port = free_port()
    hanging = Hanging()
    async with Sink(hanging) as sink:
        webhook_to_sink(tmp_path, sink, port=port)
        running = Instance(tmp_path, "--grace", "0.5")
        try:
            await running.start()
            await post_all(f"http://127.0.0.1:{port}/in", ["slow"])
            await hanging.asked()
            began = time.monotonic()
            assert await running.stop() == 0
            assert 0.5 <= time.monotonic() - began < 4
            assert "some firings did not end within 0.5 s" in running.said
            assert not sink.ids
            hanging.release()
            await running.start()
            await sink.until(lambda: "slow" in sink.ids)
            assert await running.stop() == 0
        finally:
            await running.gone()
    assert len(hanging.keys) == 2
    assert len(set(hanging.keys)) == 1


async def test_a_second_signal_leaves_at_once(tmp_path: Path) -> None:
    port = free_port()
    hanging = Hanging()
    async with Sink(hanging) as sink:
        webhook_to_sink(tmp_path, sink, port=port)
        running = Instance(tmp_path, "--grace", "60")
        try:
            await running.start()
            await post_all(f"http://127.0.0.1:{port}/in", ["slow"])
            await hanging.asked()
            assert running.process is not None
            running.process.send_signal(signal.SIGTERM)
            await running.until_said("stopping: no new events; waiting for what is in flight")
            began = time.monotonic()
            assert await running.stop() == 1
            assert time.monotonic() - began < 2
            hanging.release()
            await running.start()
            await sink.until(lambda: "slow" in sink.ids)
            assert await running.stop() == 0
        finally:
            await running.gone()
    assert len(set(hanging.keys)) == 1


async def test_a_sender_that_does_not_end_is_cut_off(tmp_path: Path) -> None:
    port = free_port()
    async with Sink() as sink:
        webhook_to_sink(tmp_path, sink, port=port)
        running = Instance(tmp_path, "--grace", "0.5")
        try:
            await running.start()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
            await writer.drain()
            await post_all(f"http://127.0.0.1:{port}/in", ["after"])  # by then the first one is being read
            assert await running.stop() == 0
            answer = await reader.read()
            writer.close()
        finally:
            await running.gone()
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"Retry-After" in answer
