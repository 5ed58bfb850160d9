"""An instance that runs in a thread of the test's process, so that commands, which block, can ask it."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bus.base import Bus, Delivery, Firing
from bus.memory import MemoryBus
from config.secret import Secret
from config.secrets import SecretStore
from eventsources.http.server import HttpListeners
from eventyard.build import build, read_manifests
from eventyard.metrics import Metrics
from eventyard.ops import Ops
from eventyard.registry import Registry
from eventyard.runtime import Runtime
from sensors.decision import Decision

WAIT = 20.0
"""Seconds for something that is about to happen."""

MANIFESTS = """\
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata: {name: shop}
spec:
  webhook:
    orders: {endpoint: /orders, port: "0", method: POST}
    returns: {endpoint: /returns, port: "0", method: POST}
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {name: large}
spec:
  dependencies:
    - name: order
      eventSourceName: shop
      eventName: orders
      filters: {jmespath: ["data.body.total >= `100`"]}
  triggers:
    - template:
        name: line
        log: {}
    - template:
        name: call
        http: {url: "http://127.0.0.1:1/", method: GET}
      retryStrategy: {steps: 1}
"""


@dataclass(slots=True)
class Running:
    """What a test sees of it: its address, each decision that became durable, each firing that was settled later."""

    address: str = ""
    decisions: queue.Queue[Decision] = field(default_factory=queue.Queue)
    firings: queue.Queue[Firing] = field(default_factory=queue.Queue)

    def finish(self) -> None:
        """Wait until the next decision is durable and whatever it fires is done."""
        unfinished = [
            each for each in self.decisions.get(timeout=WAIT).triggers if each.verdict in ("firing", "retrying")
        ]
        for _ in unfinished:
            self.firings.get(timeout=WAIT)


@contextmanager
def running(folder: Path, bus: Bus | None = None, *, token: str = "", manifests: str = MANIFESTS) -> Iterator[Running]:
    """Run manifests, which are written to the folder, until the block is left."""
    (folder / "manifests.yaml").write_text(manifests)
    told = Running()
    ready = threading.Event()
    failures: list[BaseException] = []
    stop: asyncio.Event
    loop: asyncio.AbstractEventLoop

    def decided(delivery: Delivery, decision: Decision) -> None:
        told.decisions.put(decision)

    async def serve() -> None:
        nonlocal stop, loop
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        registry = Registry()
        plan = build(read_manifests([folder / "manifests.yaml"], registry), registry)
        async with bus or MemoryBus() as opened:
            runtime = Runtime(
                opened,
                HttpListeners(),
                Metrics("0"),
                secrets=SecretStore(),
                decided=decided,
                settled=told.firings.put,
            )
            async with runtime, Ops(runtime, "127.0.0.1:0", token=Secret(token) if token else None) as ops:
                await runtime.apply(plan)
                told.address = ops.listening
                ready.set()
                await stop.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            failures.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(WAIT)
        if not failures:
            yield told
    finally:
        if not failures:
            loop.call_soon_threadsafe(stop.set)
        thread.join(WAIT)
        if failures:
            raise failures[0]
