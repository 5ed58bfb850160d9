"""A million small events that wait because the sink is down: is taking in as fast as ever, and is a restart quick?

    python -m benchmarks.backlog [--events 1000000] [--connections 64]

Events come in through a webhook, portion after portion; every one of them becomes a firing that cannot be made. The first
and the last portion are compared, memory is watched throughout, then the process is killed and started again.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.deliveries import Notes
from benchmarks.load import Sender
from benchmarks.servers import Eventyard, Server, free_port

PORTION = 20_000
SHOWN_EVERY = 5
"""Portions."""

WANTED = {"rate": 0.8, "restart": 3.0, "memory": 200.0}
"""Of the first portion's rate, seconds, and MB."""

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


def fill(server: Server, sender: Sender, port: int, events: int, connections: int) -> list[float]:
    """Send so many events; the rate of each portion."""
    notes = Notes(port, "/notes")
    rates: list[float] = []
    for first in range(0, events, PORTION):
        before = server.cpu()
        sent = sender.closed_loop(port, notes, first, connections=connections, count=min(PORTION, events - first))
        rates.append(sent.rate)
        if (refused := sent.statuses.total() - len(sent.accepted)) > 0:
            raise SystemExit(f"{refused} of a portion were not accepted: {dict(sent.statuses)}")
        if len(rates) % SHOWN_EVERY == 1:
            cpu = (server.cpu() - before) / len(sent.accepted) * 1e6
            print(f"  {first + PORTION:9,} events   {sent.rate:6,.0f} events/s   {cpu:4.0f} µs CPU each", end="   ")
            print(f"RSS {server.memory() / 1e6:.0f} MB", flush=True)
    return rates


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    port, sink = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder, Sender() as sender:
        with Eventyard(Path(folder), MANIFESTS.format(port=port, sink=sink)) as server:
            sender.closed_loop(port, Notes(port, "/notes"), 0, connections=options.connections, count=2_000)
            idle = server.memory()
            rates = fill(server, sender, port, options.events, options.connections)
            time.sleep(1.0)
            peak, waiting = server.memory_peak(), server.unfinished()
            server.kill()
            restart = server.start()
            again = fill(server, sender, port, PORTION, options.connections)
            time.sleep(1.0)
            peak_again, waiting_again = server.memory_peak(), server.unfinished()
        size = sum(file.stat().st_size for file in Path(folder, "data").iterdir())
    print(f"  {options.events:,} events, {size / 1e6:.0f} MB on disk; of 2,000 more before them and {PORTION:,} after:")
    print(f"  rate of the last portion / of the first: {rates[-1] / rates[0]:.2f}   (at least {WANTED['rate']} wanted)")
    print(f"  rate after the restart / of the first: {again[0] / rates[0]:.2f}")
    print(f"  killed and ready again in {restart:.2f} s   (at most {WANTED['restart']:g} wanted)")
    print(
        f"  RSS {idle / 1e6:.0f} MB before, {peak / 1e6:.0f} MB at most, {peak_again / 1e6:.0f} MB after the restart",
        end="",
    )
    print(f"   (at most {WANTED['memory']:g} wanted)")
    print(f"  waiting {waiting:,} before and {waiting_again:,} after the restart: ", end="")
    print(f"{options.events + 2_000 - waiting} and {options.events + 2_000 + PORTION - waiting_again} lost")


if __name__ == "__main__":
    main()
