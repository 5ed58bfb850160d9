"""A million small events that wait because the sink is down: is taking in as fast as ever, and is a restart quick?

    python -m benchmarks.backlog [--events 1000000]

Events come in through a webhook on 64 connections; every one of them becomes a firing that cannot be made. When all wait,
a second process with an empty store is started, and both are sent events in turns. Then the first is killed and started
again.
"""

from __future__ import annotations

import argparse
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Self

from benchmarks.deliveries import Notes
from benchmarks.load import Sender
from benchmarks.servers import Eventyard, free_port
from benchmarks.throughput import CONNECTIONS, temporary_folder

PORTION = 20_000
COMPARED, ROUNDS = 5_000, 7
SETTLED = 1.0
"""Seconds after which what was accepted has been evaluated."""

SHOWN_EVERY = 5
"""Portions."""

WANTED = {"rate": 0.8, "restart": 3.0, "memory": 200.0}
"""Of an empty one's rate, seconds, and MB."""

MANIFESTS = """\
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata: {{name: hooks}}
spec:
  webhook:
    note: {{endpoint: /notes, port: "{port}", method: POST}}
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {{name: forward}}
spec:
  dependencies:
    - name: note
      eventSourceName: hooks
      eventName: note
  triggers:
    - template:
        name: post
        http:
          url: http://127.0.0.1:{sink}/
          method: POST
          headers: {{Content-Type: application/json}}
          payload:
            - {{src: {{dependencyName: note, dataKey: body.id}}, dest: id}}
"""


@dataclass(slots=True)
class Subject:
    """A process that is sent events, and how many it has accepted."""

    server: Eventyard
    port: int
    notes: Notes
    accepted: int = 0

    @classmethod
    def start(cls, folder: Path) -> Self:
        """With an empty store, and nobody at the sink's port."""
        port, sink = free_port(), free_port()
        server = Eventyard(folder, MANIFESTS.format(port=port, sink=sink))
        server.start()
        return cls(server, port, Notes(port, "/notes"))

    def send(self, sender: Sender, count: int) -> float:
        """Send so many events; accepted ones a second."""
        sent = sender.closed_loop(self.port, self.notes, self.accepted, connections=CONNECTIONS, count=count)
        self.accepted += len(sent.accepted)
        if len(sent.accepted) < count:
            raise SystemExit(f"not all were accepted: {dict(sent.statuses)}")
        return sent.rate

    def fill(self, sender: Sender, count: int) -> None:
        """Send so many events, portion after portion, and say how it goes."""
        while self.accepted < count:
            begun, cpu = self.accepted, self.server.cpu()
            rate = self.send(sender, min(PORTION, count - begun))
            if begun // PORTION % SHOWN_EVERY == 0 or self.accepted >= count:
                cpu = (self.server.cpu() - cpu) / (self.accepted - begun) * 1e6
                print(f"  {self.accepted:9,} waiting   {rate:6,.0f} events/s   {cpu:4.0f} µs CPU each", end="   ")
                print(f"RSS {self.server.memory() / 1e6:.0f} MB", flush=True)

    def lost(self) -> int:
        """Accepted events that nothing waits for."""
        time.sleep(SETTLED)
        return self.accepted - self.server.unfinished()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    options = parser.parse_args()
    with ExitStack() as stack:
        sender = stack.enter_context(Sender())
        full = Subject.start(folder := temporary_folder(stack))
        stack.callback(full.server.stop)
        idle = full.server.memory()
        full.fill(sender, options.events)
        lost, peak = full.lost(), full.server.memory_peak()
        empty = Subject.start(temporary_folder(stack))
        stack.callback(empty.server.stop)
        empty.send(sender, COMPARED)
        ratios = [full.send(sender, COMPARED) / empty.send(sender, COMPARED) for _ in range(ROUNDS)]
        full.server.kill()
        restart = full.server.start()
        full.send(sender, COMPARED)
        lost_again, peak_again = full.lost(), full.server.memory_peak()
        size = sum(file.stat().st_size for file in Path(folder, "data").iterdir())
    print(f"  {options.events:,} events and firings wait in {size / 1e6:,.0f} MB on disk")
    print(f"  taken in / by an empty one, side by side: {median(ratios):.2f}", end=" ")
    print(f"[{min(ratios):.2f}..{max(ratios):.2f}]   (at least {WANTED['rate']} wanted)")
    print(f"  killed, and ready again in {restart:.2f} s   (at most {WANTED['restart']:g} wanted)")
    print(f"  RSS {idle / 1e6:.0f} MB empty, at most {peak / 1e6:.0f} MB", end=" ")
    print(f"and {peak_again / 1e6:.0f} MB after the restart   (at most {WANTED['memory']:g} wanted)")
    print(f"  lost: {lost} before and {lost_again} after the restart")


if __name__ == "__main__":
    main()
