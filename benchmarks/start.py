"""How soon it is there and how little it takes: start to first accepted event, and memory while idle.

    python -m benchmarks.start [--rounds 7]

Each start is one without data. A sender tries again and again until its first push, signed as GitHub's, is answered 200.
"""

from __future__ import annotations

import argparse
import socket
import tempfile
import time
from itertools import count
from pathlib import Path
from statistics import median

from benchmarks.deliveries import SECRET, Pushes
from benchmarks.servers import Eventyard, free_port
from benchmarks.throughput import MANIFESTS

WANTED = {"start": 1.0, "memory": 80.0}
"""Seconds and MB."""

SETTLED = 1.0
"""Seconds after which a process has nothing to do."""


def accepted(port: int, request: bytes) -> bool:
    """Whether a request is answered 200."""
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(request)
            return connection.recv(1024).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False


def play(folder: Path) -> tuple[float, int]:
    """Seconds until the first event was accepted, and resident bytes a while later."""
    port = free_port()
    pushes, numbers = Pushes(port, "/hook"), count()
    text = MANIFESTS.format(secret=SECRET.decode(), port=port, url="http://127.0.0.1:9/")
    server = Eventyard(folder, text, is_ready=lambda: accepted(port, pushes.request(next(numbers))))
    seconds = server.start()
    try:
        time.sleep(SETTLED)
        return seconds, server.memory()
    finally:
        server.stop()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    found = []
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            found.append(play(Path(folder)))
    starts, sizes = [seconds for seconds, _ in found], [size / 1e6 for _, size in found]
    print(f"  start to first accepted event: {median(starts):.2f} s [{min(starts):.2f}..{max(starts):.2f}]", end="")
    print(f"   (at most {WANTED['start']:g} wanted)")
    print(f"  RSS while idle: {median(sizes):.0f} MB   (at most {WANTED['memory']:g} wanted)")


if __name__ == "__main__":
    main()
