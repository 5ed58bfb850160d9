"""Sustained rate of the whole way: GitHub push in, signature, two JMESPath filters, HTTP request out; nothing lost.

    python -m benchmarks.throughput [--rounds 5] [--seconds 5] [--yardstick SCRIPT]

A closed loop on 64 connections. The rate is that of the sink: events over the time from the first request to the last
arrival. A yardstick is a script that serves `POST /hook` and posts what passes to a sink (`--port`, `--sink`, `--db`,
`--bus sqlite`, `--sync FULL`); its rounds alternate with ours under the same load, so that the ratio holds on a busy
machine, too.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.deliveries import SECRET, Pushes
from benchmarks.load import Sender, Sink
from benchmarks.servers import Eventyard, Server, answers, free_port

CONNECTIONS = 64
WANTED = 0.8

MANIFESTS = """\
apiVersion: v1
kind: Secret
metadata: {{name: hook}}
stringData: {{key: "{secret}"}}
---
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata: {{name: github}}
spec:
  github:
    push:
      repositories: [{{owner: octo-org, names: [octo-repo]}}]
      webhook: {{endpoint: /hook, port: "{port}", method: POST}}
      events: [push]
      contentType: json
      webhookSecret: {{name: hook, key: key}}
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {{name: master}}
spec:
  dependencies:
    - name: push
      eventSourceName: github
      eventName: push
      filters:
        jmespath:
          - data.body.ref == 'refs/heads/master'
          - length(data.body.commits) > `0` && data.body.repository.private == `false`
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


@dataclass(slots=True)
class Round:
    """One round of one server."""

    rate: float
    cpu: float
    lost: int
    repeated: int
    refused: int


@dataclass(slots=True)
class Contender:
    """A server on its port that serves `POST /hook`."""

    name: str
    server: Server
    port: int


def contenders(stack: ExitStack, sink: Sink, script: Path | None) -> list[Contender]:
    """The product and, if there is one, the yardstick; started, and stopped with the stack."""
    found = [_product(temporary_folder(stack), free_port(), sink.url)]
    if script is not None:
        found.append(_yardstick(script.resolve(), temporary_folder(stack), free_port(), sink.url))
    for each in found:
        stack.enter_context(each.server)
    return found


def temporary_folder(stack: ExitStack) -> Path:
    """A folder that is gone with the stack."""
    return Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))


def _product(folder: Path, port: int, url: str) -> Contender:
    manifests = MANIFESTS.format(secret=SECRET.decode(), port=port, url=url)
    return Contender("eventyard", Eventyard(folder, manifests), port)


def _yardstick(script: Path, folder: Path, port: int, url: str) -> Contender:
    for module in script.parent.glob("*.py"):
        shutil.copy(module, folder)
    if importlib.util.find_spec("httptools") is None:
        # Imported for a client that is not measured here.
        (folder / "httptools.py").touch()
    command = [sys.executable, script.name, "--bus", "sqlite", "--sync", "FULL", "--db", "data/events.db"]
    command += ["--port", str(port), "--sink", url]
    return Contender("yardstick", Server(command, folder, lambda: answers(port, "/stats")), port)


def add_yardstick(parser: argparse.ArgumentParser) -> None:
    """The option that names one."""
    given = os.environ.get("YARDSTICK")
    parser.add_argument("--yardstick", type=Path, default=Path(given) if given else None, metavar="SCRIPT")


def play(contender: Contender, sender: Sender, sink: Sink, seconds: float) -> Round:
    """One round; at its end all is delivered."""
    server, port = contender.server, contender.port
    pushes = Pushes(port, "/hook")
    sink.expect(pushes.nonce)
    before = server.cpu()
    sent = sender.closed_loop(port, pushes, 0, connections=CONNECTIONS, seconds=seconds)
    arrivals = sink.wait_for(len(sent.accepted))
    cpu = server.cpu() - before
    count = len(arrivals.first)
    lost = len(set(sent.accepted) - arrivals.first.keys())
    refused = sum(sent.statuses.values()) - len(sent.accepted)
    rate = count / (max(arrivals.first.values()) - sent.begun) if count else 0.0
    return Round(rate, cpu / max(count, 1) * 1e6, lost, arrivals.repeated, refused)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0)
    add_yardstick(parser)
    options = parser.parse_args()
    with ExitStack() as stack:
        sender, sink = stack.enter_context(Sender()), stack.enter_context(Sink())
        both = contenders(stack, sink, options.yardstick)
        for each in both:
            play(each, sender, sink, 1.0)
        turns = [[play(each, sender, sink, options.seconds) for each in both] for _ in range(options.rounds)]
        for each, rounds in zip(both, zip(*turns, strict=True), strict=True):
            show(each, rounds)
    if len(both) > 1:
        compare("rate", [ours.rate / theirs.rate for ours, theirs in turns], f"at least {WANTED} wanted")
        compare("CPU an event", [ours.cpu / theirs.cpu for ours, theirs in turns])


def show(contender: Contender, rounds: Sequence[Round]) -> None:
    """One line for all rounds of a server."""
    rates, cpus = [each.rate for each in rounds], [each.cpu for each in rounds]
    print(f"  {contender.name:10} {median(rates):6,.0f} events/s [{min(rates):,.0f}..{max(rates):,.0f}]", end="   ")
    print(f"{median(cpus):4.0f} µs CPU each [{min(cpus):.0f}..{max(cpus):.0f}]", end="   ")
    print(f"RSS {contender.server.memory_peak() / 1e6:.0f} MB at most", end="   ")
    print(f"lost {sum(each.lost for each in rounds)}, repeated {sum(each.repeated for each in rounds)}", end=", ")
    print(f"refused {sum(each.refused for each in rounds)}")


def compare(what: str, ratios: Sequence[float], wanted: str = "") -> None:
    """One line for the ratio of ours to the yardstick's, round by round."""
    note = f"   ({wanted})" if wanted else ""
    print(f"  eventyard / yardstick, {what}: {median(ratios):.2f} [{min(ratios):.2f}..{max(ratios):.2f}]{note}")


if __name__ == "__main__":
    main()
