"""The Sensor manifest: what it waits for and what it fires. A trigger's own block stays raw; its adapter parses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import Field

from config.backoff import Backoff
from config.block import Block, FieldPath, Marks
from config.duration import Duration
from config.model import Instant, Int32, Metadata, Model
from config.pods import PodTemplate

LogicalOperator = Literal["", "and", "or"]

TRIGGER_TYPES = (
    "k8s",
    "argoWorkflow",
    "http",
    "awsLambda",
    "azureEventHubs",
    "azureServiceBus",
    "kafka",
    "pulsar",
    "nats",
    "slack",
    "openWhisk",
    "custom",
    "log",
    "email",
)
"""Argo Events' trigger types; where a template holds several, the first in this order is the one that fires."""


class ParameterSource(Model):
    """Where a parameter's value comes from (`src`). `jmespath` sees the whole CloudEvent and yields typed values."""

    dependency_name: str = ""
    context_key: str = ""
    context_template: str = ""
    data_key: str = ""
    data_template: str = ""
    value: str | None = None
    use_raw_data: bool = False
    jmespath: str = ""


class TriggerParameter(Model):
    """A value and where it goes."""

    src: ParameterSource | None = None
    dest: str = ""
    operation: str = ""


class ExprField(Model):
    """A name in an expression and the gjson path of its value."""

    path: str = ""
    name: str = ""


class ExprFilter(Model):
    """A govaluate expression over named values."""

    expr: str = ""
    fields: list[ExprField] = []


class DataFilter(Model):
    """A comparison of the value at a gjson path with a list of values, any of which may match."""

    path: str = ""
    type: str = ""
    value: list[str] = []
    comparator: str = ""
    template: str = ""


class ContextFilter(Model):
    """Exact equality with context attributes; empty members are not compared."""

    id: str = ""
    source: str = ""
    specversion: str = Field(default="", alias="specversion")
    type: str = ""
    datacontenttype: str = Field(default="", alias="datacontenttype")
    subject: str = ""
    time: Instant | None = None


class TimeFilter(Model):
    """A daily window for the event's time, `HH:MM:SS`."""

    start: str = ""
    stop: str = ""
    timezone: str = ""


class DependencyFilter(Model):
    """All filters of a dependency. `jmespath` is eventyard's own: each expression must be truthy."""

    exprs: list[ExprFilter] | None = None
    expr_logical_operator: LogicalOperator = ""
    data: list[DataFilter] | None = None
    data_logical_operator: LogicalOperator = ""
    context: ContextFilter | None = None
    time: TimeFilter | None = None
    script: str = ""
    jmespath: list[str] | None = None


class Transform(Model):
    """A rewriting of the event's data before the filters see it. `jmespath` is eventyard's own."""

    jq: str = ""
    script: str = ""
    jmespath: str = ""


class Dependency(Model):
    """An event to wait for."""

    name: str = ""
    event_source_name: str = ""
    event_name: str = ""
    filters: DependencyFilter | None = None
    filters_logical_operator: LogicalOperator = ""
    transform: Transform | None = None


class ResetByTime(Model):
    """A cron schedule at which half-met conditions are forgotten."""

    cron: str = ""
    timezone: str = ""


class ConditionsReset(Model):
    """When half-met conditions are forgotten."""

    by_time: ResetByTime | None = None


class StatusPolicy(Model):
    """Which response statuses are a success."""

    allow: list[Int32] | None = None


class K8sPolicy(Model):
    """Which labels a created object must get, and how long to wait for them."""

    labels: dict[str, str] | None = None
    backoff: Backoff | None = None
    error_on_backoff_timeout: bool = False


class TriggerPolicy(Model):
    """What a success is."""

    k8s: K8sPolicy | None = None
    status: StatusPolicy | None = None


class RateLimit(Model):
    """At most so many firings in each unit of time, evenly spaced."""

    unit: str = "Second"
    requests_per_unit: Int32 = 0


class Await(Model):
    """eventyard's own: wait for what the trigger started, and publish how it ended as an event of its own."""

    timeout: Duration = Field(
        default=Duration(3_600_000_000_000),
        description="After so long, the event says that the time is over; `1h` by default.",
    )


class Flow(Model):
    """eventyard's own: how many firings of a trigger may be under way at once."""

    max_in_flight: int = Field(default=16, ge=1, le=1024)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerManifest:
    """One trigger: what is generic, and its own block raw.

    `template` is the whole TriggerTemplate as plain JSON-like values, the root of trigger-level parameters. `body` is
    the block that fires, None if the template holds no known type.
    """

    name: str
    conditions: str
    conditions_reset: tuple[ConditionsReset, ...]
    body: Block | None
    template: Mapping[str, Any]
    parameters: tuple[TriggerParameter, ...]
    policy: TriggerPolicy | None
    retry_strategy: Backoff | None
    rate_limit: RateLimit | None
    at_least_once: bool | None
    dlq_trigger: TriggerManifest | None
    flow: Flow
    awaits: Await | None = None
    path: FieldPath = field(compare=False)


class SensorSpec(Model):
    """What is generic in `spec`, beside `triggers`."""

    event_bus_name: str = ""
    dependencies: list[Dependency] = []
    replicas: Int32 | None = None
    revision_history_limit: Int32 | None = None
    error_on_failed_round: bool = False
    logging_fields: dict[str, str] | None = None
    template: PodTemplate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorManifest:
    """A Sensor as it was written, valid in itself. `path` leads to it in its document (an item of a List)."""

    metadata: Metadata
    spec: SensorSpec
    triggers: tuple[TriggerManifest, ...]
    marks: Marks = field(compare=False)
    path: FieldPath = field(default=(), compare=False)

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def namespace(self) -> str:
        return self.metadata.namespace or "default"

    @property
    def full_name(self) -> str:
        """`namespace/name`, the Sensor's durable name on the bus."""
        return f"{self.namespace}/{self.name}"
