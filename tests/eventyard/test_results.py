from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from bus.base import Bus, EventQuery, Firing
from bus.event import Event
from bus.memory import MemoryBus
from config.errors import BusClosed, BusFull, Permanent, Temporary
from config.model import Model
from eventyard.build import build, read_manifests
from eventyard.plan import Plan, TriggerPlan
from eventyard.registry import Registry
from eventyard.results import Results
from triggers.base import Document, Outcome, Rendered, Result, Trigger, TriggerContext, Values

MANIFESTS = """\
apiVersion: argoproj.io/v1alpha1
kind: EventSource
metadata: {name: clock}
spec:
  calendar:
    tick: {interval: 1h}
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {name: starter}
spec:
  dependencies: [{name: tick, eventSourceName: clock, eventName: tick}]
  triggers:
    - template: {name: job, oven: {}}
      await: {timeout: 90s}
"""


@dataclass(frozen=True, slots=True)
class Order(Rendered):
    """What is put into the oven."""

    def show(self, limit: int = 1024) -> str:
        return "bake"


class Oven(Trigger[Model, Order]):
    """Starts something that takes its time."""

    kind = "oven"
    awaits = True
    cluster = True
    Settings = Model

    def render(self, settings: Model, values: Values) -> Order:
        return Order()

    def missing(self) -> str:
        return "an oven"

    async def documents(self, request: Order, key: str) -> Sequence[Document]:
        return [Document("create", {"kind": "Cake", "metadata": {"name": key}})]

    async def fire(self, request: Order, key: str) -> Outcome:
        return Outcome(started={"cake": key})


@dataclass
class Baking(Oven):
    """Answers as it is told to."""

    answers: list[Result | Exception] = field(default_factory=list)
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    told: asyncio.Event = field(default_factory=asyncio.Event)

    async def result(self, started: Mapping[str, Any]) -> Result:
        self.asked.append(started)
        self.told.set()
        if not self.answers:
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def registry() -> Registry:
    offers = [
        EntryPoint("oven", "tests.eventyard.test_results:Oven", "eventyard.triggers"),
        EntryPoint("calendar", "eventsources.calendar:Calendar", "eventyard.eventsources"),
        EntryPoint("http", "triggers.http:HTTP", "eventyard.triggers"),
    ]
    return Registry(offers)


def plan_of(folder: Path, text: str = MANIFESTS) -> Plan:
    (folder / "manifests.yaml").write_text(text)
    offers = registry()
    return build(read_manifests([folder], offers), offers)


@pytest.fixture
def plan(tmp_path: Path) -> TriggerPlan:
    (trigger,) = plan_of(tmp_path).sensors["default/starter"].triggers
    return trigger


def baking(plan: TriggerPlan, *answers: Result | Exception) -> Baking:
    oven = Baking(list(answers))
    Trigger.__init__(oven, plan.settings, TriggerContext(sensor="s", namespace="n", trigger="t", secrets=None))  # type: ignore[arg-type]
    return oven


def firing(plan: TriggerPlan, key: str = "k1") -> Firing:
    event = Event.new(source="clock", subject="tick", type="calendar", id="e1", data=b"{}")
    return Firing(key=key, name=plan.name, position=1, events={"tick": event})


class Clock:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def results(bus: Bus, clock: Clock | None = None) -> AsyncIterator[Results]:
    async with asyncio.TaskGroup() as group:
        made = Results(bus, group, clock=clock or Clock(), chance=lambda: 0.5)
        yield made
        await made.close()


async def published(bus: Bus, count: int = 1) -> list[Event]:
    while len(found := await bus.history.events(EventQuery())) < count or await bus.recollect("await/"):  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    return [delivery.event for delivery in found]


async def test_how_it_ended_is_an_event_with_its_cause(plan: TriggerPlan) -> None:
    oven = baking(plan, Result(phase="Burnt", ok=False, message="too hot", object={"metadata": {"name": "cake"}}))
    async with MemoryBus() as bus, results(bus) as waits:
        await waits.add(plan, oven)
        await waits.begin(plan.name, firing(plan), {"cake": "k1"})
        (event,) = await published(bus)
    assert (event.source, event.subject, event.type, event.id) == ("starter", "job", "eventyard.result", "k1-result")
    assert event.extensions == {"causeid": "e1"}
    data = event.json()
    assert data.pop("startedAt") == data.pop("finishedAt") == "2023-11-14T22:13:20Z"
    assert data == {
        "sensor": "starter",
        "trigger": "job",
        "kind": "oven",
        "key": "k1",
        "phase": "Burnt",
        "ok": False,
        "message": "too hot",
        "causes": {"tick": {"id": "e1", "source": "clock", "subject": "tick", "type": "calendar"}},
        "object": {"metadata": {"name": "cake"}},
    }


async def test_waiting_goes_on_after_a_restart(plan: TriggerPlan) -> None:
    async with MemoryBus() as bus:
        async with results(bus) as waits:
            first = baking(plan)
            await waits.add(plan, first)
            await waits.begin(plan.name, firing(plan), {"cake": 1})
            await waits.begin(plan.name, firing(plan, "k2"), {"cake": 2})
            await first.told.wait()
        assert len(await bus.recollect("await/default/starter/job/")) == 2
        async with results(bus) as waits:
            oven = baking(plan, *(Result(phase="Done", ok=True) for _ in range(2)))
            await waits.add(plan, oven)
            events = await published(bus, 2)
        assert sorted(oven.asked, key=str) == [{"cake": 1}, {"cake": 2}]
        assert {event.id for event in events} == {"k1-result", "k2-result"}


async def test_a_repeated_firing_waits_once_and_its_event_is_known(plan: TriggerPlan) -> None:
    done = Result(phase="Done", ok=True)
    async with MemoryBus() as bus, results(bus) as waits:
        await waits.add(plan, baking(plan, done, done))
        for _ in range(2):
            await waits.begin(plan.name, firing(plan), {})
            await waits.begin(plan.name, firing(plan), {})
            events = await published(bus)
        assert len(events) == 1


async def test_the_time_is_over(plan: TriggerPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventyard.results.GRACE", 0.02)
    clock = Clock()
    async with MemoryBus() as bus:
        async with results(bus, clock) as waits:
            await waits.add(plan, baking(plan))
            await waits.begin(plan.name, firing(plan), {})
        clock.now += 91
        async with results(bus, clock) as waits:
            await waits.add(plan, baking(plan))
            (event,) = await published(bus)
    assert event.json()["phase"] == "Timeout"
    assert event.json()["message"] == "not ended within 1m30s"
    assert not event.json()["ok"]


async def test_what_ended_while_nobody_looked_is_told_even_if_the_time_is_over(plan: TriggerPlan) -> None:
    clock = Clock()
    async with MemoryBus() as bus:
        async with results(bus, clock) as waits:
            await waits.add(plan, baking(plan))
            await waits.begin(plan.name, firing(plan), {})
        clock.now += 9100
        async with results(bus, clock) as waits:
            await waits.add(plan, baking(plan, Result(phase="Done", ok=True)))
            (event,) = await published(bus)
    assert event.json()["phase"] == "Done"


async def test_it_is_asked_again_until_it_can_be_known(plan: TriggerPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventyard.results.AGAIN_FIRST", 0.001)
    answers = [Temporary("away"), KeyError("a bug"), Permanent("it is gone for good")]
    async with MemoryBus() as bus, results(bus) as waits:
        oven = baking(plan, *answers)
        await waits.add(plan, oven)
        await waits.begin(plan.name, firing(plan), {})
        (event,) = await published(bus)
    assert len(oven.asked) == 3
    assert (event.json()["phase"], event.json()["message"]) == ("Unknown", "it is gone for good")


async def test_without_a_durable_note_the_firing_is_no_success(plan: TriggerPlan) -> None:
    bus = MemoryBus()
    async with asyncio.TaskGroup() as group:
        waits = Results(bus, group)
        async with bus:
            await waits.add(plan, baking(plan))
        with pytest.raises(BusClosed):
            await waits.begin(plan.name, firing(plan), {})
        await waits.close()
        with pytest.raises(BusClosed):
            await waits.begin(plan.name, firing(plan), {})


async def test_a_full_store_is_waited_for(plan: TriggerPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    async with MemoryBus() as bus, results(bus) as waits:
        publish, refusals = bus.publish, [1, 2]

        async def full(events: Sequence[Event], scope: str = "") -> Sequence[bool]:
            if refusals:
                refusals.pop()
                raise BusFull("full", retry_after=0.001)
            return await publish(events, scope)

        monkeypatch.setattr(bus, "publish", full)
        await waits.add(plan, baking(plan, Result(phase="Done", ok=True)))
        await waits.begin(plan.name, firing(plan), {})
        await published(bus)
        assert not refusals


def test_only_what_takes_its_time_can_be_awaited(tmp_path: Path) -> None:
    text = MANIFESTS.replace("oven: {}", 'http: {url: "http://127.0.0.1/"}')
    (fault,) = plan_of(tmp_path, text).faults
    assert (fault.path, fault.code) == ("spec.triggers[0].await", "await")
    assert fault.what == "'http' starts nothing that could be awaited"


def test_a_sensor_can_listen_to_it(tmp_path: Path) -> None:
    follower = """\
---
apiVersion: argoproj.io/v1alpha1
kind: Sensor
metadata: {name: follower}
spec:
  dependencies: [{name: end, eventSourceName: starter, eventName: JOB}]
  triggers: [{template: {name: next, oven: {}}}]
"""
    good = plan_of(tmp_path, MANIFESTS + follower.replace("JOB", "job"))
    assert not good.faults
    assert not [warning for warning in good.warnings if warning.code == "unknown-event-source"]
    (fault,) = plan_of(tmp_path, MANIFESTS + follower.replace("JOB", "jop")).faults
    assert fault.code == "unknown-event"
    assert fault.fix == "did you mean 'job'?"


def test_a_changed_await_is_a_changed_sensor(tmp_path: Path) -> None:
    before = plan_of(tmp_path).sensors["default/starter"].fingerprint
    assert plan_of(tmp_path, MANIFESTS.replace("90s", "91s")).sensors["default/starter"].fingerprint != before
