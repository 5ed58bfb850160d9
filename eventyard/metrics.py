"""Prometheus metrics: Argo Events' names where it has one, and what it cannot tell: decisions by verdict, lag, age."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Summary, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bus.base import BusStats, TriggerName


class TriggerMetrics(NamedTuple):
    """What is counted of one trigger; looking counters up by their labels takes longer than counting."""

    triggered: Counter
    failed: Counter
    retries_failed: Counter
    action: Summary


class Metrics:
    """All counters of one instance, in a registry of their own."""

    def __init__(self, version: str) -> None:
        self.registry = CollectorRegistry()
        registry = self.registry
        source = ("eventsource_name", "event_name", "namespace")
        trigger = ("sensor_name", "trigger_name", "namespace")
        self.running = Gauge(
            "argo_events_event_service_running_total",
            "Event services running.",
            ("eventsource_name", "namespace"),
            registry=registry,
        )
        self.sent = Counter("argo_events_events_sent", "Events stored on the bus.", source, registry=registry)
        self.sent_failed = Counter(
            "argo_events_events_sent_failed", "Events the bus did not take.", source, registry=registry
        )
        self.duplicates = Counter(
            "eventyard_events_duplicate", "Events that were there already.", source, registry=registry
        )
        self.filtered = Counter(
            "eventyard_events_filtered", "Events dropped by their source's filter.", source, registry=registry
        )
        self.processing_failed = Counter(
            "argo_events_events_processing_failed", "Events that could not be processed.", source, registry=registry
        )
        self.processing = Summary(
            "argo_events_event_processing_duration_milliseconds", "From receipt to stored.", source, registry=registry
        )
        self.triggered = Counter("argo_events_action_triggered", "Attempts that succeeded.", trigger, registry=registry)
        self.failed = Counter("argo_events_action_failed", "Attempts that failed.", trigger, registry=registry)
        self.retries_failed = Counter(
            "argo_events_action_retries_failed", "Firings that were given up.", trigger, registry=registry
        )
        self.action = Summary(
            "argo_events_action_duration_milliseconds", "Duration of attempts.", trigger, registry=registry
        )
        self.decisions = Counter(
            "eventyard_decisions", "Decisions by verdict.", ("sensor_name", "namespace", "verdict"), registry=registry
        )
        self._of_triggers: dict[TriggerName, TriggerMetrics] = {}
        self._of_verdicts: dict[tuple[str, str], Counter] = {}
        Gauge("build_info", "Version of this program.", ("version",), registry=registry).labels(version).set(1)

    def of_trigger(self, name: TriggerName) -> TriggerMetrics:
        """The counters of one trigger."""
        found = self._of_triggers.get(name)
        if found is None:
            namespace, _, sensor = name.sensor.partition("/")
            labels = (sensor, name.trigger, namespace)
            found = self._of_triggers[name] = TriggerMetrics(
                self.triggered.labels(*labels),
                self.failed.labels(*labels),
                self.retries_failed.labels(*labels),
                self.action.labels(*labels),
            )
        return found

    def of_verdict(self, sensor: str, verdict: str) -> Counter:
        """The counter of one verdict of one Sensor (`namespace/name`)."""
        found = self._of_verdicts.get((sensor, verdict))
        if found is None:
            namespace, _, name = sensor.partition("/")
            found = self._of_verdicts[sensor, verdict] = self.decisions.labels(name, namespace, verdict)
        return found

    def text(self, stats: BusStats, now: float) -> bytes:
        """The exposition format, with the bus's sizes as of now."""
        sizes = CollectorRegistry()
        sizes.register(_Sizes(stats, now))
        return generate_latest(self.registry) + generate_latest(sizes)


class _Sizes(Collector):
    """The bus's sizes at one moment."""

    def __init__(self, stats: BusStats, now: float) -> None:
        self._stats, self._now = stats, now

    def collect(self) -> Iterable[Metric]:
        stats = self._stats
        yield GaugeMetricFamily("eventyard_bus_position", "Position of the newest event.", value=stats.head)
        yield GaugeMetricFamily("eventyard_bus_bytes", "Bytes on disk.", value=stats.bytes)
        yield GaugeMetricFamily("eventyard_dead_letters", "Firings in the dead-letter queue.", value=stats.dead)
        age = max(0.0, self._now - stats.oldest_unfinished) if stats.oldest_unfinished is not None else 0.0
        yield GaugeMetricFamily(
            "eventyard_oldest_unfinished_seconds", "Age of the oldest unfinished firing.", value=age
        )
        lag = GaugeMetricFamily("eventyard_sensor_lag_events", "Events not evaluated yet.", labels=("sensor",))
        for sensor, count in stats.lag.items():
            lag.add_metric((sensor,), count)
        yield lag
        outbox = GaugeMetricFamily(
            "eventyard_unfinished_firings", "Firings not finished.", labels=("sensor", "trigger")
        )
        for name, count in stats.outbox.items():
            outbox.add_metric((name.sensor, name.trigger), count)
        yield outbox
