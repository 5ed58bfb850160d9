"""A running configuration: opens bus, triggers, Sensors and sources in that order, swaps what a new configuration
changes, and closes in reverse."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from bus.base import Bus, Delivery, Firing, Subject, TriggerName
from config.block import path_text
from config.errors import BusFull, ConfigErrors, Fault
from config.secrets import SecretStore
from eventsources.http.server import HttpListeners
from eventyard.actions import make_action
from eventyard.changes import difference, in_words, same_values
from eventyard.metrics import Metrics
from eventyard.plan import Plan, SensorPlan, TriggerPlan
from eventyard.render_dir import RenderDir
from eventyard.results import Results
from eventyard.sources import RunningSource, SourceRunner, in_one_line
from sensors.decision import Decision
from sensors.sensor import Sensor
from triggers.base import Trigger, TriggerContext
from triggers.delivery.dispatch import Dispatcher
from triggers.shared import Shared

_log = logging.getLogger("eventyard.runtime")

START_WAIT = 30.0
"""Seconds that start-up waits for a Sensor before it goes on without."""

SWITCH_WAIT = 1.0
"""Seconds that a change holds up requests to sources that change, so that what came before meets the Sensors of before."""

COMMIT_WAIT = 2.0
"""Seconds that a stop waits for what is known to become durable; on a full disk it never would, and nothing is lost."""


Triggers = Sequence[tuple[TriggerPlan, Trigger[Any, Any]]]


@dataclass(slots=True)
class RunningSensor:
    """A Sensor's loop and its opened triggers."""

    plan: SensorPlan
    sensor: Sensor
    task: asyncio.Task[None]
    triggers: AsyncExitStack


@dataclass(frozen=True, slots=True)
class OpenedSensor:
    """A Sensor whose triggers are usable and which does not run yet."""

    plan: SensorPlan
    triggers: Triggers
    stack: AsyncExitStack


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
        render_dir: RenderDir | None = None,
    ) -> None:
        self.bus = bus
        self.metrics = metrics
        self.listeners = listeners
        self.secrets = secrets
        self.plan: Plan | None = None
        self.sources: dict[tuple[str, str, str], RunningSource] = {}
        self.sensors: dict[str, RunningSensor] = {}
        self._group = asyncio.TaskGroup()
        self._concerned: dict[Subject, list[TriggerName]] = {}
        self.dispatcher = Dispatcher(bus.outbox, settled=self._settled, attempted=self._attempted)
        self._runner = SourceRunner(self._group, bus, listeners, metrics, secrets, self._published)
        self._decided_listener = decided
        self._settled_listener = settled
        self._grace = grace
        self._log_format = log_format
        self._render_dir = render_dir
        self._results = Results(bus, self._group)
        self._shared = Shared()
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
                source.task.cancel()
            for running in self.sensors.values():
                running.task.cancel()
            await self._results.close()
            try:
                await self._group.__aexit__(kind, error, trace)
            finally:
                await self.dispatcher.__aexit__(kind, error, trace)

    async def _close(self) -> None:
        """Stop accepting, let what is in flight end, make durable what is known."""
        for running in self.sensors.values():
            running.sensor.stop()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.listeners.drain(self._grace), name="drain:listeners")
            drained = group.create_task(self.dispatcher.drain(self._grace), name="drain:triggers")
        await self._runner.stop(self.sources.values())
        if not drained.result():
            _log.warning("some firings did not end within %g s; they will be made again with the same key", self._grace)
        await self._end_sensors(list(self.sensors.values()))
        try:
            async with asyncio.timeout(COMMIT_WAIT):
                await self.dispatcher.settle_all()
        except TimeoutError:
            _log.warning("the store takes nothing; what ended last will be fired again with the same key")

    # -- readiness

    def problems(self) -> list[str]:
        """Why this instance is not ready; empty = it is."""
        if self.plan is None:
            return ["starting"]
        problems = [
            f"source {source.plan.source}/{source.plan.event}: "
            f"{in_one_line(source.problem) if source.problem is not None else 'not ready yet'}"
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
            sensors = difference({name: each.plan for name, each in self.sensors.items()}, plan.sensors)
            sources = difference({key: each.plan for key, each in self.sources.items()}, plan.sources)
            changes = in_words(sensors, sources)
            if self.plan is not None and not same_values(self.plan.manifests, plan.manifests):
                changes.append("changed Secrets or ConfigMaps")
            async with AsyncExitStack() as undo:
                if self.plan is not None:
                    undo.callback(self.secrets.replace, self.plan.manifests)
                self.secrets.replace(plan.manifests)
                made = {name: self._make_triggers(each) for name, each in sensors.coming.items()}
                self._refuse_missing(each for triggers in made.values() for each in triggers)
                opened = {
                    name: await self._open_triggers(each, made[name], undo) for name, each in sensors.coming.items()
                }
                self.listeners.leaving = frozenset("/".join(key) for key in sources.leaving)
                for key in sources.changed:
                    self.sources[key].giving_way = True
                    undo.callback(setattr, self.sources[key], "giving_way", False)
                started = await self._runner.open(sources.coming, undo)
                undo.pop_all()
            # Nothing is refused any more. The order sees to it that each event meets a Sensor: those that are new listen
            # first, and those that go have evaluated what came before.
            for name in sensors.added:
                await self._start_sensor(opened[name])
            replaced = [self.sources.pop(key) for key in sources.leaving]
            self.sources.update(started)
            await self._runner.stop(replaced, SWITCH_WAIT)
            leaving = [self.sensors[name] for name in sensors.leaving]
            await self._catch_up(leaving)
            for running in leaving:
                running.sensor.stop()
            for source in started.values():
                source.go.set()
            await self._runner.stop(replaced)
            await self._retire(leaving)
            for name in sensors.changed:
                await self._start_sensor(opened[name])
            for name in sensors.removed:
                await self._forget(name)
            self._concerned = _concerned(self.sensors.values())
            self.plan = plan
            return changes

    async def absent_sensors(self, *, forget: bool) -> list[str]:
        """What the store keeps for Sensors that are not configured, in words. They are not forgotten unasked: what they
        have not evaluated would be lost to them, should they only be missing by mistake."""
        words = []
        for name in (await self.bus.stats()).lag:
            if name in self.sensors:
                continue
            if forget:
                await self._forget(name)
                words.append(f"forgot Sensor {name}, which is not configured any more")
            else:
                words.append(f"Sensor {name} is not configured; its events are kept for it (--prune forgets it)")
        return words

    def _make_triggers(self, plan: SensorPlan) -> Triggers:
        """The triggers of a Sensor, not entered yet."""
        triggers = []
        for trigger in plan.all_triggers:
            context = TriggerContext(
                sensor=plan.name,
                namespace=plan.namespace,
                trigger=trigger.name.trigger,
                secrets=self.secrets.within(plan.namespace),
                policy=trigger.manifest.policy,
                log_format=self._log_format,
                spawn=self._group.create_task,
                shared=self._shared,
            )
            triggers.append((trigger, trigger.make(trigger.settings, context)))
        return triggers

    def _is_written(self, trigger: TriggerPlan) -> bool:
        """Whether its firings become files, because there is no cluster."""
        return trigger.make.cluster and self._render_dir is not None

    def _refuse_missing(self, triggers: Iterable[tuple[TriggerPlan, Trigger[Any, Any]]]) -> None:
        """Raises ConfigErrors that names each trigger which cannot fire on this machine."""
        faults = []
        for trigger, adapter in triggers:
            body = trigger.manifest.body
            if not self._is_written(trigger) and (missing := adapter.missing()) and body is not None:
                fix = (
                    "point KUBECONFIG to a cluster, or write what would be done to files: --render-dir DIR"
                    if trigger.make.cluster
                    else ""
                )
                what = f"trigger '{trigger.name.trigger}' needs {missing}"
                faults.append(Fault(what, body.marks.place(body.path), path_text(body.path), fix, code="missing"))
        if faults:
            raise ConfigErrors(faults)

    async def _open_triggers(self, plan: SensorPlan, triggers: Triggers, undo: AsyncExitStack) -> OpenedSensor:
        """Make the triggers of a Sensor usable; they stay so until `undo` or the Sensor's end."""
        stack = AsyncExitStack()
        undo.push_async_callback(stack.aclose)
        for trigger, adapter in triggers:
            if not self._is_written(trigger):
                await stack.enter_async_context(adapter)
        return OpenedSensor(plan, triggers, stack)

    async def _start_sensor(self, opened: OpenedSensor) -> None:
        plan = opened.plan
        sensor = Sensor(plan.rule, self.bus.subscribe(plan.name, plan.subjects), self.dispatcher, decided=self._decided)
        task = self._group.create_task(self._keep_sensor(sensor), name=f"sensor:{plan.name}")
        self.sensors[plan.name] = RunningSensor(plan, sensor, task, opened.stack)
        ready = asyncio.ensure_future(sensor.ready.wait())
        await asyncio.wait((task, ready), timeout=START_WAIT, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        for trigger, adapter in opened.triggers:
            if trigger.manifest.awaits is not None and not self._is_written(trigger):
                await self._results.add(trigger, adapter)
            self.dispatcher.add(make_action(trigger, adapter, self._results, self._render_dir))

    async def _keep_sensor(self, sensor: Sensor) -> None:
        """Run a Sensor; while the store is full it cannot be opened, and tries again."""
        while True:
            try:
                await sensor.run()
                return
            except BusFull as error:
                _log.warning("Sensor %s cannot begin: %s; trying again", sensor.name, error)
                await asyncio.sleep(error.retry_after)

    async def _catch_up(self, leaving: list[RunningSensor]) -> None:
        """Let Sensors evaluate what they listen to now and will not any more, for a moment at most."""
        behind = {running.plan.name for running in leaving}
        until = time.monotonic() + SWITCH_WAIT
        while behind and time.monotonic() < until:
            lag = (await self.bus.stats()).lag
            behind = {name for name in behind if lag.get(name)}
            await asyncio.sleep(0.01 if behind else 0)

    async def _retire(self, leaving: list[RunningSensor]) -> None:
        """Let what is in flight end, then the Sensors, which were stopped before."""
        async with asyncio.TaskGroup() as group:
            for running in leaving:
                for trigger in running.plan.all_triggers:
                    group.create_task(self.dispatcher.remove(trigger.name, self._grace), name=f"remove:{trigger.name}")
        await self._end_sensors(leaving)
        for running in leaving:
            del self.sensors[running.plan.name]

    async def _end_sensors(self, sensors: list[RunningSensor]) -> None:
        for running in sensors:
            running.sensor.finish()
        if sensors:
            _, late = await asyncio.wait([running.task for running in sensors], timeout=COMMIT_WAIT)
            for task in late:
                _log.warning("%s: the store takes nothing; what it decided last will be decided again", task.get_name())
                task.cancel()
            if late:
                await asyncio.wait(late)
        for running in sensors:
            for trigger in running.plan.all_triggers:
                await self._results.remove(trigger.name)
            await running.triggers.aclose()

    async def _forget(self, name: str) -> None:
        try:
            await self.bus.forget(name)
        except BusFull as error:
            _log.warning("Sensor %s is gone, but the store cannot forget it: %s", name, error)

    def _published(self, subject: Subject) -> Awaitable[None]:
        """An event is stored; its sender is answered after this."""
        return self.dispatcher.room(self._concerned.get(subject, ()))

    # -- what is told to the log and the metrics

    def _decided(self, delivery: Delivery, decision: Decision) -> None:
        self.metrics.of_verdict(decision.sensor, decision.verdict).inc()
        for trigger in decision.triggers:
            if trigger.verdict == "dead":
                self.metrics.of_trigger(TriggerName(decision.sensor, trigger.name)).retries_failed.inc()
        self._decided_listener(delivery, decision)

    def _settled(self, firing: Firing) -> None:
        if firing.status == "dead":
            self.metrics.of_trigger(firing.name).retries_failed.inc()
        self._settled_listener(firing)

    def _attempted(self, firing: Firing, seconds: float, ok: bool) -> None:
        metrics = self.metrics.of_trigger(firing.name)
        (metrics.triggered if ok else metrics.failed).inc()
        metrics.action.observe(seconds * 1000)


def _concerned(sensors: Iterable[RunningSensor]) -> dict[Subject, list[TriggerName]]:
    """Which triggers events of a subject may fire."""
    concerned: dict[Subject, list[TriggerName]] = {}
    for running in sensors:
        for subject in running.plan.subjects:
            concerned.setdefault(subject, []).extend(trigger.name for trigger in running.plan.triggers)
    return concerned
