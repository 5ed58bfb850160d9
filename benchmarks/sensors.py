"""What Sensors cost: 1,000 that listen to something else, and 100 that listen to the same event and mostly filter it out.

    python -m benchmarks.sensors [--rounds 5] [--seconds 3]

The event is a push of 7.7 KB sent to a webhook, the load a closed loop on 64 connections; rounds of all servers alternate.
A filter's microseconds are the CPU time that 100 Sensors take for an event beyond that of one, a Sensor: matching,
filtering, and the record of the decision included.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median

from benchmarks.load import Sender, Sink
from benchmarks.servers import Eventyard, free_port
from benchmarks.throughput import Contender, Round, play, show, temporary_folder

OTHERS, FILTERS = 1_000, 100
WANTED = 0.8

_SOURCE = """\
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata: {name: hooks}
spec:
  webhook:
"""
_EVENT = """\
    event-{n}: {{endpoint: {path}, port: "{port}", method: POST}}
"""
_SENSOR = """\
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {{name: sensor-{n}}}
spec:
  dependencies:
    - name: push
      eventSourceName: hooks
      eventName: event-{event}
      filters:
        jmespath: ["data.body.ref == 'refs/heads/{branch}' && length(data.body.commits) > `0`"]
  triggers:
    - template:
        name: post
        http:
          url: {url}
          method: POST
          headers: {{Content-Type: application/json}}
          payload:
            - {{src: {{dependencyName: push, dataKey: body.after}}, dest: id}}
"""


def manifests(port: int, url: str, *, events: int, sensors: int) -> str:
    """So many Sensors over so many events in turn. The first event is the one at /hook, and the first Sensor lets it pass."""
    parts = [_SOURCE]
    parts += [_EVENT.format(n=n, path=f"/hook-{n}" if n else "/hook", port=port) for n in range(events)]
    parts += [
        _SENSOR.format(n=n, event=n % events, branch=f"branch-{n}" if n else "master", url=url) for n in range(sensors)
    ]
    return "".join(parts)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    sizes = {"1 Sensor": (1, 1), f"{OTHERS} events": (OTHERS, OTHERS), f"{FILTERS} filters": (1, FILTERS)}
    with ExitStack() as stack:
        sender, sink = stack.enter_context(Sender()), stack.enter_context(Sink())
        all: list[Contender] = []
        for name, (events, sensors) in sizes.items():
            port = free_port()
            text = manifests(port, sink.url, events=events, sensors=sensors)
            server = stack.enter_context(Eventyard(temporary_folder(stack), text))
            all.append(Contender(name, server, port))
            play(all[-1], sender, sink, 1.0)
        turns = [[play(each, sender, sink, options.seconds) for each in all] for _ in range(options.rounds)]
        one, others, filters = zip(*turns, strict=True)
        for each, rounds in zip(all, (one, others, filters), strict=True):
            show(each, rounds)
    ratio = median(more.rate / less.rate for less, more in zip(one, others, strict=True))
    print(f"  {OTHERS} Sensors on {OTHERS} events / 1 Sensor, rate: {ratio:.2f}   (at least {WANTED} wanted)")
    print(f"  {FILTERS} Sensors on one event, one passes: {_per_filter(one, filters):.1f} µs CPU a filter")


def _per_filter(one: Sequence[Round], many: Sequence[Round]) -> float:
    return median((more.cpu - less.cpu) / (FILTERS - 1) for less, more in zip(one, many, strict=True))


if __name__ == "__main__":
    main()
