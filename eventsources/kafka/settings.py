"""`spec.kafka.<event>`: its fields, what can be wrong with them, and what of sarama's settings means something here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml
from pydantic import Field

from bus.kafka.client import KafkaConnection
from bus.kafka.schema_registry import SchemaRegistrySettings
from config.backoff import Backoff
from config.eventsource import EventSourceFilter
from config.model import Int64, Model, SASLConfig, SecretKeySelector, TLSConfig

STRATEGIES: Final = ("range", "roundrobin", "sticky")

_OLDEST: Final = -2
_OBEYED: Final[Mapping[str, str]] = {
    "clientid": "client_id",
    "rackid": "client_rack",
    "consumer.fetch.min": "fetch_min_bytes",
    "consumer.fetch.default": "max_partition_fetch_bytes",
    "consumer.isolationlevel": "isolation_level",
}
"""Sarama's names, in lower case, of what the client here has as well."""

_INITIAL: Final = "consumer.offsets.initial"
_TEXTS: Final = ("clientid", "rackid")


class ConsumerGroupSettings(Model):
    """How several readers share a topic. `oldest` decides where a group begins that has never read before."""

    group_name: str = ""
    oldest: bool = False
    rebalance_strategy: str = ""


class MskSettings(Model):
    """Login to Amazon MSK with IAM."""

    region: str = ""


class KafkaSettings(Model):
    """`spec.kafka.<event>`. `cloudEvents` is eventyard's own."""

    url: str = ""
    topic: str = ""
    partition: str = ""
    consumer_group: ConsumerGroupSettings | None = None
    limit_events_per_second: Int64 = 0
    version: str = ""
    json_body: bool = False
    schema_registry: SchemaRegistrySettings | None = None
    config: str = ""
    tls: TLSConfig | None = None
    sasl: SASLConfig | None = None
    aws_msk_iam_auth: MskSettings | None = None
    connection_backoff: Backoff | None = None
    metadata: dict[str, str] | None = None
    filter: EventSourceFilter | None = None
    cloud_events: bool = Field(
        default=False,
        description="Messages that are CloudEvents (Kafka binding, binary or structured) stay what they are.",
    )

    @property
    def connection(self) -> KafkaConnection:
        """Where the cluster is."""
        region = self.aws_msk_iam_auth.region if self.aws_msk_iam_auth is not None else ""
        return KafkaConnection(url=self.url, tls=self.tls, sasl=self.sasl, region=region)

    @property
    def is_oldest(self) -> bool:
        """Whether a new group begins with what is there already."""
        group = self.consumer_group
        return group is not None and (group.oldest or _flat(self.config).get(_INITIAL) == _OLDEST)

    def tuning(self) -> dict[str, Any]:
        """Arguments of the consumer that `config` gives."""
        given = _flat(self.config)
        found = {ours: given[theirs] for theirs, ours in _OBEYED.items() if theirs in given}
        if "isolation_level" in found:
            found["isolation_level"] = "read_committed" if found["isolation_level"] else "read_uncommitted"
        return found

    def selectors(self) -> Iterator[SecretKeySelector]:
        """All Secrets that are needed."""
        yield from self.connection.selectors()
        if self.schema_registry is not None and (auth := self.schema_registry.auth) is not None:
            yield from filter(None, (auth.username, auth.password))

    def check(self) -> list[tuple[str, str, str]]:
        """Faults and warnings: (field path, what, fix)."""
        found = self.connection.check() if self.url else []
        found += self._check_place()
        if self.schema_registry is not None:
            found += self.schema_registry.check()
            if not self.json_body:
                what = "warning: without jsonBody messages are not decoded, their bytes are the body"
                found.append(("schemaRegistry", what, "write jsonBody: true"))
        return [*found, *_check_config(self.config)]

    def _check_place(self) -> list[tuple[str, str, str]]:
        group = self.consumer_group
        if group is None:
            if self.partition and not (self.partition.isascii() and self.partition.isdigit()):
                return [("partition", f"'{self.partition}' is no number of a partition", 'write one such as "0"')]
            return []
        found = []
        if not group.group_name:
            found.append(("consumerGroup.groupName", "a group without a name cannot be joined", "give it one"))
        if group.rebalance_strategy and group.rebalance_strategy not in STRATEGIES:
            what = f"warning: '{group.rebalance_strategy}' is read as range"
            found.append(("consumerGroup.rebalanceStrategy", what, f"write one of {', '.join(STRATEGIES)}"))
        return found


def _check_config(text: str) -> list[tuple[str, str, str]]:
    try:
        given = _read(text)
    except (yaml.YAMLError, ValueError) as error:
        return [
            ("config", f"is no YAML of sarama's settings: {' '.join(str(error).split())[:200]}", "correct or remove it")
        ]
    found = []
    for name, value in given.items():
        wanted = str if name in _TEXTS else int
        if name in (*_OBEYED, _INITIAL) and not isinstance(value, wanted):
            what = f"'{name}' must be {'a text' if wanted is str else 'a whole number'}"
            found.append(("config", what, "write it without quotes, or remove it"))
    if dead := sorted(given.keys() - _OBEYED.keys() - {_INITIAL}):
        what = f"warning: these settings of sarama have no effect here: {', '.join(dead)}"
        found.append(("config", what, f"those that have are {', '.join((*_OBEYED, _INITIAL))}"))
    return found


def _flat(text: str) -> dict[str, Any]:
    try:
        return _read(text)
    except (yaml.YAMLError, ValueError):
        return {}  # a fault that `check` has told


def _read(text: str) -> dict[str, Any]:
    """Dotted names in lower case, as sarama's settings do not depend on it. Raises YAMLError or ValueError."""
    value = yaml.safe_load(text)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError("it is no mapping")
    return dict(_leaves(value, ""))


def _leaves(value: Mapping[Any, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, each in value.items():
        path = f"{prefix}{name}".lower()
        if isinstance(each, dict) and each:
            yield from _leaves(each, f"{path}.")
        else:
            yield path, each
