"""The EventBus manifest: which bus carries the events, and how to reach it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import Field

from config.block import FieldPath, Marks
from config.duration import Duration
from config.model import Int32, Int64, Metadata, Model, SASLConfig, SecretKeySelector, TLSConfig, UInt64
from config.pods import BusContainer, Object, ObjectLabels, Reference, SecurityContext, Toleration

BusKind = Literal["nats", "jetstream", "kafka", "jetstreamExotic"]

BUS_KINDS: Final[tuple[BusKind, ...]] = ("nats", "jetstream", "kafka", "jetstreamExotic")
"""In the order in which Argo Events looks: where several are given, the first is the one that runs."""


class Persistence(Model):
    """The volume of a bus that a cluster runs."""

    storage_class_name: str | None = None
    access_mode: str | None = None
    volume_size: Any = None


class BusPods(Model):
    """How a cluster runs a bus: fields that mean nothing outside one."""

    persistence: Persistence | None = None
    container_template: BusContainer | None = None
    metrics_container_template: BusContainer | None = None
    metadata: ObjectLabels | None = None
    node_selector: dict[str, str] | None = None
    tolerations: list[Toleration] | None = None
    security_context: SecurityContext | None = None
    image_pull_secrets: list[Reference] | None = None
    priority_class_name: str = ""
    priority: Int32 | None = None
    affinity: Object | None = None
    service_account_name: str = ""


class NativeNATS(BusPods):
    """NATS Streaming in the cluster."""

    replicas: Int32 = 0
    auth: str | None = None
    max_age: str | None = None
    max_msgs: UInt64 | None = None
    max_bytes: str | None = None
    max_subs: UInt64 | None = None
    max_payload: str | None = None
    raft_heartbeat_timeout: str | None = None
    raft_election_timeout: str | None = None
    raft_lease_timeout: str | None = None
    raft_commit_timeout: str | None = None


class ExoticNATS(Model):
    """NATS Streaming that someone else runs."""

    url: str = ""
    cluster_id: str | None = Field(default=None, alias="clusterID")
    auth: str | None = None
    access_secret: SecretKeySelector | None = None


class NATS(Model):
    """NATS Streaming; the server has come to the end of its life."""

    native: NativeNATS | None = None
    exotic: ExoticNATS | None = None


class JetStream(BusPods):
    """JetStream in the cluster."""

    version: str = ""
    replicas: Int32 | None = None
    reloader_container_template: BusContainer | None = None
    settings: str | None = None
    start_args: list[str] | None = None
    stream_config: str | None = None
    max_payload: str | None = None


class ExoticJetStream(Model):
    """JetStream that someone else runs. `access_secret` holds YAML with `username` and `password`."""

    url: str = ""
    access_secret: SecretKeySelector | None = None
    stream_config: str = ""
    tls: TLSConfig | None = None


class ConsumerGroup(Model):
    """How consumers of Kafka share the work; `oldest` decides where a new group begins."""

    group_name: str = ""
    oldest: bool = False
    rebalance_strategy: str = ""


class Kafka(Model):
    """A Kafka cluster; `url` is a list of brokers with commas."""

    url: str = ""
    topic: str = ""
    version: str = ""
    tls: TLSConfig | None = None
    sasl: SASLConfig | None = None
    consumer_group: ConsumerGroup | None = None
    partitioner: str = ""


class StreamConfig(Model):
    """`streamConfig`: how the stream is made if it does not exist. The defaults are those of Argo Events' controller."""

    max_msgs: Int64 = 50_000
    max_age: Duration = Duration(7 * 24 * 3600 * 1_000_000_000)
    max_bytes: Int64 = -1
    replicas: Int32 = 3
    duplicates: Duration = Duration(300 * 1_000_000_000)
    retention: Int32 = 0
    discard: Int32 = 0


UNSET_STREAM: Final = StreamConfig(max_msgs=0, max_age=Duration(0), max_bytes=0, replicas=0, duplicates=Duration(0))
"""What a jetstreamExotic bus starts from instead: a server takes 0 for its own default."""


class EventBusSpec(Model):
    """`spec`, of which the first kind given counts."""

    nats: NATS | None = None
    jetstream: JetStream | None = None
    kafka: Kafka | None = None
    jetstream_exotic: ExoticJetStream | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventBusManifest:
    """An EventBus as it was written, valid in itself. `stream` is its parsed `streamConfig`, if it is a JetStream."""

    metadata: Metadata
    spec: EventBusSpec
    stream: StreamConfig | None
    marks: Marks = field(compare=False)
    path: FieldPath = field(default=(), compare=False)

    @property
    def kind(self) -> BusKind:
        """Which of the buses runs."""
        given = (self.spec.nats, self.spec.jetstream, self.spec.kafka, self.spec.jetstream_exotic)
        return next(kind for kind, bus in zip(BUS_KINDS, given, strict=True) if bus is not None)

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def namespace(self) -> str:
        return self.metadata.namespace or "default"
