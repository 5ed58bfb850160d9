"""How fast messages of NATS are taken in and sent: the event source into the sqlite bus, and the trigger, with a real server.

    python -m benchmarks.nats [--messages 50000] [--bytes 300]

The source reads a stream that is full already, or core NATS from a sender in a process of its own. The trigger fires with 16
firings in flight, as a Sensor does by default, and with 64. Printed are messages a second and this process's CPU time for
each; 8,000 a second are demanded.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import orjson
import uvloop

from benchmarks.servers import Server, free_port
from bus.base import Bus
from bus.event import Event
from bus.nats.client import Target, connect, parse_addresses
from bus.nats.connection import Connection
from bus.nats.jetstream import ask
from bus.sqlite import SqliteBus
from config.credentials import Secrets
from config.model import ConfigMapKeySelector, SecretKeySelector
from config.secret import Secret
from eventsources.base import SourceContext
from eventsources.http.server import HttpListeners
from eventsources.nats.adapter import Nats as Source
from eventsources.nats.inbox import MESSAGES
from eventsources.nats.settings import NatsSettings as SourceSettings
from triggers.base import TriggerContext
from triggers.nats import Nats as Trigger
from triggers.nats import NatsSettings as TriggerSettings
from triggers.nats import Publication

DEMANDED = 8_000
BURST = 500
SUBJECT = "bench.orders"


class Nothing:
    """No Secrets, no notes."""

    def secret(self, selector: SecretKeySelector, /) -> Secret:
        raise NotImplementedError

    def config_map(self, selector: ConfigMapKeySelector, /) -> str:
        raise NotImplementedError

    async def recall(self) -> bytes | None:
        return None

    async def remember(self, value: bytes, /) -> None:
        return None


class Stored:
    """An `emit` that stores on a bus and measures from its first event to the last that is wanted."""

    def __init__(self, bus: Bus, wanted: int) -> None:
        self._bus, self._wanted = bus, wanted
        self.count = 0
        self.enough = asyncio.Event()
        self.begun = self.seconds = self.cpu = 0.0

    async def __call__(self, event: Event, /) -> bool:
        return (await self.batch([event]))[0]

    async def batch(self, events: Sequence[Event], /) -> Sequence[bool]:
        if not self.begun:
            self.begun, self.cpu = time.perf_counter(), time.process_time()
        answers = await self._bus.publish(events)
        self.count += len(events)
        if self.count >= self._wanted and not self.enough.is_set():
            self.seconds, self.cpu = time.perf_counter() - self.begun, time.process_time() - self.cpu
            self.enough.set()
        return answers


def message(size: int) -> bytes:
    """JSON of so many bytes."""
    order = {"id": "0123456789abcdef", "amount": 12.5, "lines": ["a", "b"], "note": ""}
    return orjson.dumps({**order, "note": "x" * (size - len(orjson.dumps(order)))})


def report(name: str, count: int, seconds: float, cpu: float) -> bool:
    """Print; whether it was enough."""
    rate = count / seconds
    print(f"  {name:34} {rate:9,.0f} messages/s   {1e6 * cpu / count:5.1f} µs CPU each   ({DEMANDED:,}/s demanded)")
    return rate >= DEMANDED


async def dial(url: str) -> Connection:
    """A connection."""
    return await connect(Target(parse_addresses(url)), "benchmark")


async def send(url: str, count: int, data: bytes) -> None:
    """The sender of core NATS."""
    link = await dial(url)
    for number in range(1, count + 1):
        await link.publish(SUBJECT, data)
        if number % BURST == 0:
            await link.deliver("bench.done", b"")
    await link.deliver("bench.done", b"")
    await link.close()


async def receive(url: str, options: argparse.Namespace, *, jet_stream: bool) -> bool:
    """The source. The stream is filled before it begins, core NATS flows while it runs."""
    data = message(options.bytes)
    settings = {"url": url, "subject": SUBJECT, "jsonBody": True, **({"jetStream": {}} if jet_stream else {})}
    known = Nothing()
    context = SourceContext(
        source="orders", event="in", namespace="default", values=known, notes=known, http=HttpListeners()
    )
    link = await dial(url)
    if jet_stream:
        await ask(link, "STREAM.CREATE.BENCH", {"name": "BENCH", "subjects": [SUBJECT]})
        for _ in range(options.messages // BURST + 1):
            await asyncio.gather(*(link.request(SUBJECT, data) for _ in range(BURST)))
    with tempfile.TemporaryDirectory() as folder:
        async with (
            SqliteBus(Path(folder)) as bus,
            Source(SourceSettings.model_validate(settings), context) as source,
            asyncio.TaskGroup() as group,
        ):
            emit = Stored(bus, options.messages)
            running = group.create_task(source.run(emit))
            if not jet_stream:
                arguments = ["--send", url, "--messages", str(options.messages), "--bytes", str(options.bytes)]
                sender = await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.nats", *arguments)
                await sender.wait()
            await emit.enough.wait()
            running.cancel()
    if jet_stream:
        await ask(link, "STREAM.DELETE.BENCH", None)
    await link.close()
    return report(f"source, {'JetStream' if jet_stream else 'core'}", emit.count, emit.seconds, emit.cpu)


async def fire(url: str, options: argparse.Namespace, *, jet_stream: bool, in_flight: int) -> bool:
    """The trigger."""
    secrets: Secrets = Nothing()
    context = TriggerContext(sensor="bench", namespace="default", trigger="publish", secrets=secrets)
    settings = TriggerSettings(url=url, subject=SUBJECT, jet_stream=jet_stream)
    request = Publication(url, SUBJECT, message(options.bytes), settings)
    numbers = iter(range(options.messages))
    link = await dial(url)
    if jet_stream:
        await ask(link, "STREAM.CREATE.BENCH", {"name": "BENCH", "subjects": [SUBJECT]})

    async def work() -> None:
        for number in numbers:
            await trigger.fire(request, f"{number:032x}")

    async with Trigger(settings, context) as trigger:
        await trigger.fire(request, "first")
        begun, cpu = time.perf_counter(), time.process_time()
        async with asyncio.TaskGroup() as group:
            for _ in range(in_flight):
                group.create_task(work())
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    if jet_stream:
        await ask(link, "STREAM.DELETE.BENCH", None)
    await link.close()
    name = f"trigger, {'JetStream' if jet_stream else 'core'}, {in_flight} in flight"
    return report(name, options.messages, seconds, cpu)


def measure(options: argparse.Namespace) -> int:
    """All of it; the number of measurements that fell short."""
    program = shutil.which("nats-server", path=f"{Path(sys.executable).parent}:/usr/bin:/usr/local/bin")
    if program is None:
        raise SystemExit("nats-server is not installed: make setup")
    with tempfile.TemporaryDirectory() as name:
        port, folder = free_port(), Path(name)
        command = [program, "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(folder / "data")]
        url = f"nats://127.0.0.1:{port}"
        with Server(command, folder, lambda: b"Server is ready" in (folder / "output").read_bytes()):
            enough = [uvloop.run(receive(url, options, jet_stream=each)) for each in (True, False)]
            enough += [
                uvloop.run(fire(url, options, jet_stream=each, in_flight=count))
                for each in (False, True)
                for count in (16, 64)
            ]
    return enough.count(False)


def main() -> int:
    """1 if something fell short."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--bytes", type=int, default=300)
    parser.add_argument("--send", default="", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not 0 < options.messages <= MESSAGES:
        parser.error(f"--messages must be 1 to {MESSAGES}, which is what the source holds of core NATS")
    if options.send:
        uvloop.run(send(options.send, options.messages, message(options.bytes)))
        return 0
    return int(measure(options) > 0)


if __name__ == "__main__":
    sys.exit(main())
