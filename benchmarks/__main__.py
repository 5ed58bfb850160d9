"""Runs measurements one after another, each in a process of its own: `python -m benchmarks [NAME ...] [OPTION ...]`.

Options are handed to each of them; `python -m benchmarks.NAME --help` tells them.
"""

from __future__ import annotations

import subprocess
import sys
import time

MEASUREMENTS = {
    "throughput": "the whole way, webhook to HTTP target, sustained",
    "latency": "the whole way at 200 events a second",
    "sensors": "1,000 Sensors, and 100 filters on one event",
    "backlog": "1,000,000 events waiting for a target that is down",
    "start": "start to first event, idle memory",
    "check": "`eventyard check` on 500 manifests",
    "ingest": "GitHub's deliveries taken in, without bus and triggers",
    "bus": "the event log alone",
    "kafka": "Kafka into the bus, and firings into Kafka",
    "mqtt": "MQTT into the bus, and firings into MQTT",
    "nats": "NATS: the event source into the bus, and the trigger",
    "jmes": "JMESPath expressions against the jmespath library",
    "filters": "decisions of a Sensor with Argo filters, and with JMESPath",
    "transforms": "other data for events: JMESPath, jq and Lua",
    "templates": "Go templates",
}


def main() -> int:
    """The number of measurements that failed."""
    arguments = sys.argv[1:]
    first_option = next((at for at, word in enumerate(arguments) if word.startswith("-")), len(arguments))
    names, options = arguments[:first_option], arguments[first_option:]
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        print(f"there is no {', '.join(unknown)}; there are:")
        for name, what in MEASUREMENTS.items():
            print(f"  {name:12} {what}")
        return 2
    failed = 0
    for name in names or MEASUREMENTS:
        print(f"{name}: {MEASUREMENTS[name]}", flush=True)
        begun = time.monotonic()
        failed += bool(subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options]).returncode)
        print(f"  {time.monotonic() - begun:.0f} s", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
