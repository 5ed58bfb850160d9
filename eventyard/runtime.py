"""A running configuration: opens bus, triggers, Sensors and sources in that order, swaps what a new configuration
changes, and closes in reverse."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from bus.base import Bus, Delivery, Firing, TriggerName
from bus.event import Event
from config.errors import BusClosed, ConfigErrors, EventyardError, Temporary
from config.secrets import SecretStore
from eventsources.base import Emit, SourceContext
from eventsources.http_server import HttpListeners
from eventyard.actions import make_action
from eventyard.metrics import Metrics
from eventyard.plan import Plan, SensorPlan, SourcePlan, TriggerPlan
from sensors.decision import Decision
from sensors.sensor import Sensor
from triggers.base import Trigger, TriggerContext
from triggers.dispatch import Dispatcher

_log = logging.getLogger("eventyard.runtime")

RESTART_FIRST, RESTART_MOST = 1.0, 60.0
"""Seconds before a source that failed is started again: doubling, with jitter."""

START_WAIT = 30.0
"""Seconds that start-up waits for a source to be bound or connected before it goes on without."""


@dataclass(slots=True)
class RunningSource:
    """A source's task and how it is doing."""

    plan: SourcePlan
    task: asyncio.Task[None] | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    failed: asyncio.Event = field(default_factory=asyncio.Event)
    problem: EventyardError | None = None


@dataclass(slots=True)
class RunningSensor:
    """A Sensor's loop and its opened triggers."""

    plan: SensorPlan
    sensor: Sensor
    task: asyncio.Task[None]
    triggers: AsyncExitStack


class Notes:
    """A source's notes, kept on the bus under its name."""

    def __init__(self, bus: Bus, name: str) -> None:
        self._bus, self._name = bus, name

    async def recall(self) -> bytes | None:
        return await self._bus.recall(self._name)

    async def remember(self, value: bytes, /) -> None:
        await self._bus.remember(self._name, value)


class Runtime:
    """One instance. Enter it with an opened bus, `apply` a plan, `apply` another to change it; leaving drains.

    `decided` and `settled` are told what becomes of events and firings, for the log.
    """

    def __init__(
        self,
        bus: Bus,
        listeners: HttpListeners,
        metrics: Metrics,
        *,
        secrets: SecretStore,
        decided: Callable[[Delivery, Decision], None] = lambda delivery, decision: None,
        settled: Callable[[Firing], None] = lambda firing: None,
        grace: float = 10.0,
        log_format: str = "text",
    ) -> None:
        self.bus = bus
        self.metrics = metrics
        self.listeners = listeners
        self.secrets = secrets
        self.plan: Plan | None = None
        self.sources: dict[tuple[str, str, str], RunningSource] = {}
        self.sensors: dict[str, RunningSensor] = {}
        self.dispatcher = Dispatcher(bus.outbox, settled=self._settled, attempted=self._attempted)
        self._decided_listener = decided
        self._settled_listener = settled
        self._grace = grace
        self._log_format = log_format
        self._group = asyncio.TaskGroup()
        self._changing = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self.dispatcher.__aenter__()
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                await self._close()
        finally:
            for source in self.sources.values():
                if source.task is not None:
                    source.task.cancel()
            for running in self.sensors.values():
                running.task.cancel()
            try:
                await self._group.__aexit__(kind, error, trace)
            finally:
                await self.dispatcher.__aexit__(kind, error, trace)

    async def _close(self) -> None:
        """Stop accepting, let what is in flight end, make durable what is known."""
        await self.listeners.drain(self._grace)
        await self._stop_sources(list(self.sources.values()))
        for running in self.sensors.values():
            running.sensor.stop()
        if not await self.dispatcher.drain(self._grace):
            _log.warning("some firings did not end within %g s; they will be made again with the same key", self._grace)
        await self._end_sensors(list(self.sensors.values()))
        await self.dispatcher.settle_all()

    # -- readiness

    def problems(self) -> list[str]:
        """Why this instance is not ready; empty = it is."""
        if self.plan is None:
            return ["starting"]
        problems = [
            f"source {source.plan.source}/{source.plan.event}: {source.problem or 'not ready yet'}"
            for source in self.sources.values()
            if not source.ready.is_set()
        ]
        problems += [
            f"sensor {name}: not ready yet" for name, each in self.sensors.items() if not each.sensor.ready.is_set()
        ]
        return problems

    # -- configuration

    async def apply(self, plan: Plan) -> list[str]:
        """Make a plan the running one; says in words what changed. Raises ConfigErrors or EventyardError, and then what
        ran before goes on running."""
        if plan.faults:
            raise ConfigErrors(plan.faults)
        async with self._changing:
            self.secrets.replace(plan.manifests)
            changes: list[str] = []
            await self._swap_sensors(plan.sensors, changes)
            await self._swap_sources(plan.sources, changes)
            self.plan = plan
            return changes

    async def _swap_sensors(self, wanted: Mapping[str, SensorPlan], changes: list[str]) -> None:
        for name, running in list(self.sensors.items()):
            plan = wanted.get(name)
            if plan is not None and plan.fingerprint == running.plan.fingerprint:
                continue
            running.sensor.stop()
            for trigger in running.plan.triggers:
                await self.dispatcher.remove(trigger.name, self._grace)
            await self._end_sensors([running])
            del self.sensors[name]
            if plan is None:
                await self.bus.forget(name)
                changes.append(f"removed Sensor {name}")
        for name, plan in wanted.items():
            if name not in self.sensors:
                known = self.plan is not None and name in self.plan.sensors
                self.sensors[name] = await self._start_sensor(plan)
                changes.append(f"{'changed' if known else 'added'} Sensor {name}")

    async def _start_sensor(self, plan: SensorPlan) -> RunningSensor:
        stack = AsyncExitStack()
        opened: list[tuple[TriggerPlan, Trigger[Any, Any]]] = []
        try:
            for trigger in plan.triggers:
                context = TriggerContext(
                    sensor=plan.name,
                    namespace=plan.namespace,
                    trigger=trigger.name.trigger,
                    secrets=self.secrets,
                    policy=trigger.manifest.policy,
                    log_format=self._log_format,
                )
                opened.append((trigger, await stack.enter_async_context(trigger.make(trigger.settings, context))))
        except BaseException:
            await stack.aclose()
            raise
        subscription = self.bus.subscribe(plan.name, plan.subjects)
        sensor = Sensor(plan.rule, subscription, self.dispatcher, decided=self._decided)
        task = self._group.create_task(sensor.run(), name=f"sensor:{plan.name}")
        ready = asyncio.ensure_future(sensor.ready.wait())
        await asyncio.wait((task, ready), return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        for trigger, adapter in opened:
            self.dispatcher.add(make_action(trigger, adapter))
        return RunningSensor(plan, sensor, task, stack)

    async def _end_sensors(self, sensors: list[RunningSensor]) -> None:
        for running in sensors:
            running.sensor.finish()
        for running in sensors:
            await asyncio.wait((running.task,))
            await running.triggers.aclose()

    async def _swap_sources(self, wanted: Mapping[tuple[str, str, str], SourcePlan], changes: list[str]) -> None:
        """Start the new before the old leaves, so that a listener of both stays open throughout."""
        started: dict[tuple[str, str, str], RunningSource] = {}
        leaving: list[RunningSource] = []
        for key, plan in wanted.items():
            running = self.sources.get(key)
            if running is not None and running.plan.fingerprint == plan.fingerprint:
                continue
            started[key] = self._start_source(plan)
            if running is not None:
                leaving.append(running)
            changes.append(f"{'changed' if running is not None else 'added'} EventSource {plan.source}/{plan.event}")
        for source in started.values():
            await self._first_answer(source)
        broken = [source for source in started.values() if source.problem is not None and _is_final(source.problem)]
        if broken:
            await self._stop_sources(list(started.values()))
            problem = broken[0].problem
            assert problem is not None
            raise problem
        for key, running in list(self.sources.items()):
            if key not in wanted:
                leaving.append(running)
                del self.sources[key]
                changes.append(f"removed EventSource {running.plan.source}/{running.plan.event}")
        self.sources.update(started)
        await self._stop_sources(leaving)

    def _start_source(self, plan: SourcePlan) -> RunningSource:
        running = RunningSource(plan)
        running.task = self._group.create_task(self._keep_source(running), name=f"source:{plan.source}/{plan.event}")
        return running

    async def _first_answer(self, source: RunningSource) -> None:
        """Wait until a source is ready or has failed once."""
        waits = [asyncio.ensure_future(source.ready.wait()), asyncio.ensure_future(source.failed.wait())]
        await asyncio.wait(waits, timeout=START_WAIT, return_when=asyncio.FIRST_COMPLETED)
        for each in waits:
            each.cancel()

    async def _stop_sources(self, sources: list[RunningSource]) -> None:
        tasks = [source.task for source in sources if source.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _keep_source(self, running: RunningSource) -> None:
        """Run a source, and run it again when it fails, with growing pauses."""
        plan = running.plan
        gauge = self.metrics.running.labels(plan.source, plan.namespace)
        context = SourceContext(
            source=plan.source,
            event=plan.event,
            namespace=plan.namespace,
            values=self.secrets,
            notes=Notes(self.bus, f"{plan.namespace}/{plan.source}/{plan.event}"),
            http=self.listeners,
        )
        emit = self._emitter(plan)
        pause = RESTART_FIRST
        while True:
            try:
                async with plan.make(plan.settings, context) as source:
                    running.problem = None
                    running.ready.set()
                    gauge.inc()
                    began = time.monotonic()
                    try:
                        await source.run(emit)
                    finally:
                        gauge.dec()
                        running.ready.clear()
                    if time.monotonic() - began > RESTART_MOST:
                        pause = RESTART_FIRST
                running.problem = Temporary("it ended by itself")
            except EventyardError as error:
                running.problem = error
            except Exception as error:
                running.problem = Temporary(f"{type(error).__name__}: {error}")
            running.failed.set()
            if _is_final(running.problem) and self.plan is None:
                return
            _log.warning("source %s/%s: %s; again in %.0f s", plan.source, plan.event, running.problem, pause)
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311
            pause = min(pause * 2, RESTART_MOST)

    def _emitter(self, plan: SourcePlan) -> Emit:
        labels = (plan.source, plan.event, plan.namespace)
        sent, failed = self.metrics.sent.labels(*labels), self.metrics.sent_failed.labels(*labels)
        duplicates, filtered = self.metrics.duplicates.labels(*labels), self.metrics.filtered.labels(*labels)
        processing = self.metrics.processing.labels(*labels)
        publish, scope, wanted = self.bus.publish, plan.scope, plan.wanted

        async def emit(event: Event, /) -> bool:
            begin = time.perf_counter()
            if wanted is not None and not wanted(event):
                filtered.inc()
                return False
            try:
                (stored,) = await publish((event,), scope)
            except EventyardError:
                failed.inc()
                raise
            (sent if stored else duplicates).inc()
            processing.observe((time.perf_counter() - begin) * 1000)
            return stored

        return emit

    # -- what is told to the log and the metrics

    def _decided(self, delivery: Delivery, decision: Decision) -> None:
        namespace, _, sensor = decision.sensor.partition("/")
        self.metrics.decisions.labels(sensor, namespace, decision.verdict).inc()
        for trigger in decision.triggers:
            if trigger.verdict == "dead":
                self._count_dead(TriggerName(decision.sensor, trigger.name))
        self._decided_listener(delivery, decision)

    def _settled(self, firing: Firing) -> None:
        if firing.status == "dead":
            self._count_dead(firing.name)
        self._settled_listener(firing)

    def _attempted(self, firing: Firing, seconds: float, ok: bool) -> None:
        namespace, _, sensor = firing.name.sensor.partition("/")
        labels = (sensor, firing.name.trigger, namespace)
        (self.metrics.triggered if ok else self.metrics.failed).labels(*labels).inc()
        self.metrics.action.labels(*labels).observe(seconds * 1000)

    def _count_dead(self, name: TriggerName) -> None:
        namespace, _, sensor = name.sensor.partition("/")
        self.metrics.retries_failed.labels(sensor, name.trigger, namespace).inc()


def _is_final(problem: EventyardError | None) -> bool:
    """True for what will not mend itself: a port that is taken, a wrong setting. A broker that is away is not."""
    return problem is not None and not isinstance(problem, (Temporary, BusClosed))
