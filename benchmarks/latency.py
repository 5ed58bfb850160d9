"""How late a trigger fires: from the moment a delivery is due to its arrival at the sink, at a steady 200 a second.

    python -m benchmarks.latency [--rate 200] [--seconds 20] [--rounds 3]

Open loop: a delivery is sent when it is due, whatever became of those before, so that a pause shows in all it delays. The
way is that of `throughput`. "Answered" is the webhook's 200, after the event is durable.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.deliveries import Pushes
from benchmarks.load import Sender, Sink
from benchmarks.servers import free_port
from benchmarks.throughput import product

WANTED = {"p50": 2.5, "p99": 10.0}
"""Milliseconds."""


def percentiles(seconds: list[float]) -> dict[str, float]:
    """In milliseconds."""
    found = sorted(seconds)
    last = len(found) - 1
    return {name: found[int(last * part)] * 1e3 for name, part in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))}


def show(name: str, rounds: list[dict[str, float]], wanted: dict[str, float]) -> None:
    """The median of the rounds for each percentile."""
    words = []
    for key in rounds[0]:
        limit = f" (wanted: {wanted[key]:g})" if key in wanted else ""
        words.append(f"{key} {median(each[key] for each in rounds):.2f}{limit}")
    print(f"  {name:26} {'   '.join(words)} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    port = free_port()
    answered, fired, lost = [], [], 0
    with tempfile.TemporaryDirectory() as folder, Sender() as sender, Sink() as sink:
        with product(Path(folder), port, sink.url):
            for turn in range(options.rounds + 1):
                pushes = Pushes(port, "/hook")
                sink.expect(pushes.nonce)
                sent = sender.open_loop(port, pushes, 0, rate=options.rate, seconds=options.seconds if turn else 1.0)
                arrivals = sink.wait_for(len(sent.accepted)).first
                if turn:  # the one before warms up
                    lost += len(set(sent.accepted) - arrivals.keys())
                    answered.append(percentiles(sent.answers))
                    fired.append(
                        percentiles([at - sent.begun - number / options.rate for number, at in arrivals.items()])
                    )
    print(f"  {options.rate:g} events/s, median of {options.rounds} rounds of {options.seconds:g} s, lost {lost}")
    show("due -> answered", answered, {})
    show("due -> at the sink", fired, WANTED)


if __name__ == "__main__":
    main()
