"""What Argo Events demands of an EventSource as a whole; its events are held against `config.checks.sources`."""

from __future__ import annotations

from typing import Final

from config.checks.blocks import check_source
from config.eventsource import EVENT_SOURCE_TYPES, EventSourceManifest
from config.findings import Findings

_EXCLUSIVE: Final = frozenset(
    {
        *("amqp", "calendar", "kafka", "pubSub", "azureEventsHub", "azureServiceBus", "nats", "mqtt", "minio"),
        *("emitter", "nsq", "pulsar", "redis", "redisStream", "resource", "hdfs", "file", "sftp", "generic"),
    }
)
"""The types of which one pod at a time may run; the others take part on every replica."""


def check_eventsource(source: EventSourceManifest, findings: Findings) -> None:
    """Events of known types, each name once, and no types together that a cluster runs differently."""
    if not source.events:
        fix = "give one such as webhook, github or calendar"
        findings.fault((*source.path, "spec"), "no source of a known type is given", fix, "no-source")
    seen: dict[str, str] = {}
    for block in source.events:
        if block.name in seen:
            what = f"the event '{block.name}' is given under {seen[block.name]} too"
            findings.fault(block.path, what, "give it another name", "duplicate-event")
        seen.setdefault(block.name, block.type)
        check_source(block, findings)
    types = dict.fromkeys(block.type for block in source.events if block.type in EVENT_SOURCE_TYPES)
    apart = [kind for kind in types if kind in _EXCLUSIVE]
    if apart and len(apart) < len(types):
        shared = ", ".join(kind for kind in types if kind not in _EXCLUSIVE)
        what = f"{', '.join(apart)} cannot be in one EventSource with {shared}"
        block = next(block for block in source.events if block.type in _EXCLUSIVE)
        findings.fault(block.path[:-1], what, "write an EventSource for each group", "mixed-types")
