"""How late a trigger fires: from the moment a delivery is due to its arrival at the sink, at a steady 200 a second.

    python -m benchmarks.latency [--rate 200] [--seconds 20] [--rounds 3] [--yardstick SCRIPT]

Open loop: a delivery is sent when it is due, whatever became of those before, so that a pause shows in all it delays. The
way is that of `throughput`. "Answered" is the webhook's 200, after the event is durable.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from benchmarks.deliveries import Pushes
from benchmarks.load import Sender, Sink
from benchmarks.throughput import Contender, add_yardstick, contenders

WANTED = {"p50": 2.5, "p99": 10.0}
"""Milliseconds."""


@dataclass(slots=True)
class Round:
    """Seconds from when a delivery was due until its answer, and until its arrival."""

    answered: list[float]
    fired: list[float]
    lost: int


def play(contender: Contender, sender: Sender, sink: Sink, rate: float, seconds: float) -> Round:
    """One round."""
    pushes = Pushes(contender.port, "/hook")
    sink.expect(pushes.nonce)
    sent = sender.open_loop(contender.port, pushes, 0, rate=rate, seconds=seconds)
    arrivals = sink.wait_for(len(sent.accepted)).first
    fired = [at - sent.begun - number / rate for number, at in arrivals.items()]
    return Round(sent.answers, fired, len(set(sent.accepted) - arrivals.keys()))


def percentiles(seconds: list[float]) -> dict[str, float]:
    """In milliseconds."""
    found = sorted(seconds)
    last = len(found) - 1
    return {name: found[int(last * part)] * 1e3 for name, part in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))}


def show(name: str, rounds: list[list[float]], wanted: dict[str, float]) -> None:
    """The median of the rounds for each percentile."""
    found, words = [percentiles(seconds) for seconds in rounds], []
    for key in found[0]:
        limit = f" (at most {wanted[key]:g} wanted)" if key in wanted else ""
        words.append(f"{key} {median(each[key] for each in found):.2f}{limit}")
    print(f"  {name:24} {'   '.join(words)} ms")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    add_yardstick(parser)
    options = parser.parse_args()
    with ExitStack() as stack:
        sender, sink = stack.enter_context(Sender()), stack.enter_context(Sink())
        both = contenders(stack, sink, options.yardstick)
        for each in both:
            play(each, sender, sink, options.rate, 1.0)
        turns = [
            [play(each, sender, sink, options.rate, options.seconds) for each in both] for _ in range(options.rounds)
        ]
    print(f"  {options.rate:g} events/s, median of {options.rounds} rounds of {options.seconds:g} s")
    for each, rounds in zip(both, zip(*turns, strict=True), strict=True):
        show(f"{each.name}: answered", [turn.answered for turn in rounds], {})
        show(f"{each.name}: at the sink", [turn.fired for turn in rounds], WANTED)
        print(f"  {each.name}: lost {sum(turn.lost for turn in rounds)}")


if __name__ == "__main__":
    main()
