"""Writes to a Kafka topic, in the fields of Argo Events' Kafka trigger.

Argo Events reports success once a message is in its own queue; here a firing is done when the cluster has the message. It
carries the firing's key as the header `Idempotency-Key`, the same for every repetition.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Self

from pydantic import Field

from bus.kafka.avro import Mismatch
from bus.kafka.client import KafkaConnection
from bus.kafka.producer import KafkaProducer, Outgoing
from bus.kafka.schema_registry import SchemaRegistry, SchemaRegistrySettings
from config.credentials import text_of
from config.errors import Permanent
from config.model import Int32, Model, SASLConfig, SecureHeader, TLSConfig, ValueFromSource
from config.sensor import TriggerParameter
from triggers.base import Outcome, Rendered, Trigger, TriggerContext, Values
from triggers.overrides import overridden
from triggers.text import one_line

MOST_PRODUCERS: Final = 8
"""Clusters that one trigger keeps connections to, where parameters change its url."""

_KEY: Final = "Idempotency-Key"
_HIDDEN: Final = "***"
_LEADER_ONLY: Final = 1
_TELLTALE: Final = re.compile(r"authorization|token|secret|password|api-?key|signature", re.IGNORECASE)


class MskSettings(Model):
    """Login to Amazon MSK with IAM."""

    region: str = Field(default="", description="The cluster's region, such as eu-west-1.")


class KafkaSettings(Model):
    """The `kafka` block of a trigger template. `awsMskIamAuth` is eventyard's own."""

    url: str = Field(default="", description="Brokers, host:port, with commas between them.")
    topic: str = Field(default="", description="Where the message goes.")
    partition: Int32 | None = Field(default=None, description="Into this partition, if there is no partitioningKey.")
    partitioning_key: str | None = Field(default=None, description="The message's key; equal keys, equal partition.")
    payload: list[TriggerParameter] | None = Field(default=None, description="What the message is made of.")
    parameters: list[TriggerParameter] | None = Field(default=None, description="Values written into this block.")
    headers: dict[str, str] | None = Field(default=None, description="Headers of the message.")
    secure_headers: list[SecureHeader] | None = Field(
        default=None, description="Headers whose values lie in Secrets or ConfigMaps."
    )
    required_acks: Int32 = Field(
        default=0, description="1: one replica has to have it; otherwise all that are in sync."
    )
    compress: bool = Field(default=False, description="Compress with snappy.")
    flush_frequency: Int32 = Field(default=0, description="Has no effect: messages are sent at once.")
    version: str = Field(default="", description="Has no effect: client and broker agree on a version.")
    tls: TLSConfig | None = Field(default=None, description="Encrypt; the broker's certificate is verified.")
    sasl: SASLConfig | None = Field(default=None, description="Log in with PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.")
    aws_msk_iam_auth: MskSettings | None = Field(default=None, description="Log in to Amazon MSK with IAM.")
    schema_registry: SchemaRegistrySettings | None = Field(default=None, description="Write Avro by this schema.")

    @property
    def connection(self) -> KafkaConnection:
        """Where the cluster is."""
        region = self.aws_msk_iam_auth.region if self.aws_msk_iam_auth is not None else ""
        return KafkaConnection(url=self.url, tls=self.tls, sasl=self.sasl, region=region)


@dataclass(frozen=True, slots=True)
class Message(Rendered):
    """One message, without what only Secrets know."""

    body: bytes
    settings: KafkaSettings = field(repr=False)

    def show(self, limit: int = 1024) -> str:
        """`topic deploys of 127.0.0.1:9092, key main  {"commit":"…"}`"""
        settings = self.settings
        key = f", key {settings.partitioning_key}" if settings.partitioning_key is not None else ""
        return one_line(f"topic {settings.topic} of {settings.url}{key}", self.body, limit)

    def view(self) -> dict[str, Any]:
        settings = self.settings
        headers = {name: _HIDDEN if _TELLTALE.search(name) else each for name, each in (settings.headers or {}).items()}
        headers.update((header.name, _HIDDEN) for header in settings.secure_headers or ())
        return {
            "url": settings.url,
            "topic": settings.topic,
            "partition": settings.partition if settings.partitioning_key is None else None,
            "key": settings.partitioning_key,
            "headers": headers,
            "body": self.body.decode("utf-8", "replace"),
        }


class Kafka(Trigger[KafkaSettings, Message]):
    """Sends one message for each firing; all firings share a connection and are on their way at once.

    Raises Permanent for a message that is too large or does not fit its schema, Temporary for everything else: whatever
    a cluster refuses can be mended there.
    """

    kind: ClassVar[str] = "kafka"
    Settings: ClassVar[type[Model]] = KafkaSettings

    @classmethod
    def check(cls, settings: Any) -> list[tuple[str, str, str]]:
        assert isinstance(settings, KafkaSettings)
        found = settings.connection.check() if settings.url else []
        if settings.schema_registry is not None:
            found += settings.schema_registry.check()
        return [*found, *_check_message(settings)]

    async def __aenter__(self) -> Self:
        self._producers = _Producers(self.context)
        self._registries: dict[SchemaRegistrySettings, SchemaRegistry] = {}
        return self

    async def __aexit__(self, *exc: object) -> None:
        for registry in self._registries.values():
            await registry.__aexit__(*exc)
        await self._producers.close()

    def render(self, settings: KafkaSettings, values: Values) -> Message:
        if settings.parameters:
            settings = overridden(settings, settings.parameters, values)
            if faults := settings.connection.check():
                raise Permanent(faults[0][1], where=f"kafka.{faults[0][0]}", fix=faults[0][2])
        return Message(values.payload(settings.payload) if settings.payload else b"", settings)

    async def fire(self, request: Message, key: str) -> Outcome:
        settings = request.settings
        headers = {_KEY: key, **(settings.headers or {}), **self._secure(settings)}
        partitioning = settings.partitioning_key
        message = Outgoing(
            topic=settings.topic,
            value=await self._encode(request),
            key=None if partitioning is None else partitioning.encode(),
            partition=settings.partition if partitioning is None else None,
            headers=[(name, value.encode("utf-8", "surrogateescape")) for name, value in headers.items()],
        )
        written = await (await self._producers.get(settings)).send(message)
        return Outcome(answer=f"partition {written.partition}, offset {written.offset}")

    def _secure(self, settings: KafkaSettings) -> Mapping[str, str]:
        found = {}
        for header in settings.secure_headers or ():
            source = header.value_from or ValueFromSource()
            found[header.name] = text_of(self.context.secrets, source.secret_key_ref or source.config_map_key_ref)
        return found

    async def _encode(self, request: Message) -> bytes:
        given = request.settings.schema_registry
        if given is None:
            return request.body
        registry = self._registries.get(given)
        if registry is None:
            if len(self._registries) >= MOST_PRODUCERS:
                raise Permanent("parameters name too many schema registries", fix="write schemaRegistry without them")
            registry = self._registries[given] = await SchemaRegistry(given, self.context.secrets).__aenter__()
        try:
            return await registry.write(given.schema_id, request.body)
        except Mismatch as error:
            raise Permanent(error.what, where=error.where or given.url, fix=error.fix or "see payload") from None


class _Producers:
    """A producer for each way to connect; those of long ago make room for new ones."""

    def __init__(self, context: TriggerContext) -> None:
        self._context = context
        self._open: OrderedDict[tuple[KafkaConnection, bool, bool], KafkaProducer] = OrderedDict()

    async def get(self, settings: KafkaSettings) -> KafkaProducer:
        """The one that these settings ask for."""
        way = (settings.connection, settings.required_acks == _LEADER_ONLY, settings.compress)
        if (found := self._open.get(way)) is None:
            connection, leader_only, compress = way
            found = KafkaProducer(connection, self._context.secrets, leader_only=leader_only, compress=compress)
            self._open[way] = found
            if len(self._open) > MOST_PRODUCERS:
                await self._open.popitem(last=False)[1].close()
        else:
            self._open.move_to_end(way)
        return found

    async def close(self) -> None:
        """All of them."""
        while self._open:
            await self._open.popitem()[1].close()


def _check_message(settings: KafkaSettings) -> list[tuple[str, str, str]]:
    found = []
    for at, header in enumerate(settings.secure_headers or ()):
        source = header.value_from
        if source is None or (source.secret_key_ref is None and source.config_map_key_ref is None):
            found.append((f"secureHeaders.{at}.valueFrom", "names no source", "give secretKeyRef or configMapKeyRef"))
    if settings.partition is not None and settings.partition < 0:
        found.append(("partition", f"{settings.partition} is no number of a partition", "write 0 or more"))
    elif settings.partition is not None and settings.partitioning_key is not None:
        what = "warning: the partition has no effect, as partitioningKey decides"
        found.append(("partition", what, "remove one of the two"))
    if settings.flush_frequency:
        what = "warning: has no effect, as messages are sent at once"
        found.append(("flushFrequency", what, "remove it"))
    if settings.required_acks not in (-1, 0, _LEADER_ONLY):
        what = f"warning: {settings.required_acks} is read as -1, all replicas that are in sync"
        found.append(("requiredAcks", what, "write -1 or 1"))
    return found
