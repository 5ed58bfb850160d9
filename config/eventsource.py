"""The EventSource manifest: named events by type. Each event's own block stays raw; its adapter parses it."""

from __future__ import annotations

from dataclasses import dataclass, field

from config.block import Block, FieldPath, Marks
from config.model import Int32, Metadata, Model
from config.pods import PodTemplate, Service

EVENT_SOURCE_TYPES = (
    "amqp",
    "azureEventsHub",
    "azureQueueStorage",
    "azureServiceBus",
    "bitbucket",
    "bitbucketserver",
    "calendar",
    "emitter",
    "file",
    "generic",
    "gerrit",
    "github",
    "gitlab",
    "hdfs",
    "kafka",
    "minio",
    "mns",
    "mqtt",
    "nats",
    "nsq",
    "pubSub",
    "pulsar",
    "redis",
    "redisStream",
    "resource",
    "sftp",
    "slack",
    "sns",
    "sqs",
    "storageGrid",
    "stripe",
    "webhook",
)
"""Every key under `spec` that Argo Events knows as a type of source."""


class EventSourceFilter(Model):
    """Which events are published at all. `jmespath` is eventyard's own; it sees the whole CloudEvent."""

    expression: str = ""
    jmespath: str = ""


class EventSourceSpec(Model):
    """What is generic in `spec`, beside the sources."""

    event_bus_name: str = ""
    replicas: Int32 | None = None
    template: PodTemplate | None = None
    service: Service | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSourceManifest:
    """An EventSource as it was written, valid in itself. `path` leads to it in its document (an item of a List)."""

    metadata: Metadata
    spec: EventSourceSpec
    events: tuple[Block, ...]
    marks: Marks = field(compare=False)
    path: FieldPath = field(default=(), compare=False)

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def namespace(self) -> str:
        return self.metadata.namespace or "default"
