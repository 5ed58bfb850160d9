"""Any order of publishing, evaluating, settling, stopping, crashing and tidying up, against a model in plain dicts."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bus.base import Delivery, Firing, Progress, Record, Subject, Subscription, TriggerName
from bus.limits import Limits
from bus.sqlite import SqliteBus
from tests.contract.bus_stage import HOOK, PUSH, FakeClock, event, firing

SUBJECTS = (PUSH, HOOK, Subject("github", "tag"))
SENSORS = ("ns/a", "ns/b", "ns/c")
LIMITS = Limits(retention_events=12, tail_events=16, tail_bytes=4096)

sensors = st.sampled_from(SENSORS)


class Consumer:
    """What the model knows of a Sensor."""

    def __init__(self, committed: int, subjects: frozenset[Subject]) -> None:
        self.committed = committed
        self.taken = committed
        self.subjects = subjects
        self.state: dict[str, str] = {}
        self.handed: list[Delivery] = []
        self.subscription: Subscription | None = None


class SqliteMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.lives = 0
        self.clock = FakeClock()
        self.log: list[tuple[int, Subject, str]] = []
        self.consumers: dict[str, Consumer] = {}
        self.outbox: dict[tuple[TriggerName, str], tuple[str, float, str]] = {}
        self.dead: dict[tuple[TriggerName, str], str] = {}
        self.notes: dict[str, bytes] = {}
        self.keys = 0

    def run(self, work: Any) -> Any:
        async def bounded() -> Any:
            async with asyncio.timeout(20):
                return await work

        return self.runner.run(bounded())

    @property
    def place(self) -> Path:
        return Path(self.folder.name) / str(self.lives)

    @initialize()
    def begin(self) -> None:
        self.bus = SqliteBus(self.place, limits=LIMITS, clock=self.clock)
        self.run(self.bus.__aenter__())

    @rule(batch=st.lists(st.tuples(st.sampled_from(SUBJECTS), st.integers(0, 30)), min_size=1, max_size=12))
    def publish(self, batch: list[tuple[Subject, int]]) -> None:
        known = {(subject, id) for _, subject, id in self.log}
        expected = []
        head = self.log[-1][0] if self.log else 0
        for subject, number in batch:
            id = f"e{number}"
            expected.append((subject, id) not in known)
            if expected[-1]:
                head += 1
                known.add((subject, id))
                self.log.append((head, subject, id))
        events = [event(f"e{number}", subject, data=bytes(number * 20)) for subject, number in batch]
        assert list(self.run(self.bus.publish(events))) == expected

    @rule(name=sensors, subjects=st.sets(st.sampled_from(SUBJECTS), min_size=1))
    def open(self, name: str, subjects: set[Subject]) -> None:
        head = self.log[-1][0] if self.log else 0
        consumer = self.consumers.setdefault(name, Consumer(head, frozenset(subjects)))
        if consumer.subscription is not None:
            return
        # A change of subjects may ask for what retention, knowing the old ones, has let go of; that is left out here.
        consumer.taken, consumer.handed = consumer.committed, []
        consumer.subscription = self.bus.subscribe(name, consumer.subjects)
        self.run(consumer.subscription.__aenter__())
        assert {key: held.event.id for key, held in consumer.subscription.state.items()} == consumer.state

    @rule(name=sensors)
    def close(self, name: str) -> None:
        consumer = self.consumers.get(name)
        if consumer is not None and consumer.subscription is not None:
            self.run(consumer.subscription.__aexit__(None, None, None))
            consumer.subscription = None

    @rule(name=sensors, limit=st.integers(1, 10))
    def take(self, name: str, limit: int) -> None:
        consumer = self.consumers.get(name)
        if consumer is None or consumer.subscription is None:
            return
        waiting = [(p, s, i) for p, s, i in self.log if p > consumer.taken and s in consumer.subjects]
        if waiting:
            deliveries = self.run(consumer.subscription.next(limit))
            found = [(d.position, Subject(d.event.source, d.event.subject), d.event.id) for d in deliveries]
            assert found == waiting[: len(found)] and 1 <= len(found) <= limit
            consumer.taken = found[-1][0]
            consumer.handed += deliveries

    @rule(
        name=sensors,
        count=st.integers(1, 6),
        plans=st.lists(st.sampled_from(["ready", "waiting", "dead"]), max_size=3),
        hold=st.sampled_from(["", "x", "y"]),
    )
    def commit(self, name: str, count: int, plans: list[str], hold: str) -> None:
        consumer = self.consumers.get(name)
        if consumer is None or consumer.subscription is None or not consumer.handed:
            return
        done, consumer.handed = consumer.handed[:count], consumer.handed[count:]
        last = done[-1]
        made: list[Firing] = []
        for plan in plans:
            self.keys += 1
            made.append(firing(last, f"k{self.keys}", TriggerName(name, "t"), status=plan, due=float(self.keys)))
            if plan == "dead":
                self.dead[made[-1].name, made[-1].key] = last.event.id
            else:
                self.outbox[made[-1].name, made[-1].key] = (plan, float(self.keys), last.event.id)
        state: dict[str, Delivery | None] = {"z": None}
        if hold:
            state[hold] = last
            consumer.state[hold] = last.event.id
        record = Record(last.position, name, "fired", b"{}")
        self.run(
            consumer.subscription.commit(Progress(position=last.position, state=state, firings=made, records=[record]))
        )
        consumer.committed = last.position

    @precondition(lambda self: self.outbox)
    @rule(data=st.data(), status=st.sampled_from(["fired", "waiting", "dead"]))
    def settle(self, data: st.DataObject, status: str) -> None:
        name, key = data.draw(st.sampled_from(sorted(self.outbox)))
        (stored,) = [f for f in self.unfinished(name) if f.key == key]
        _, due, id = self.outbox.pop((name, key))
        stored.status = status
        if status == "waiting":
            stored.due = due + 100
            self.outbox[name, key] = (status, stored.due, id)
        elif status == "dead":
            self.dead[name, key] = id
        self.run(self.bus.outbox.settle([stored]))

    @precondition(lambda self: self.dead)
    @rule(data=st.data(), drop=st.booleans())
    def handle_dead(self, data: st.DataObject, drop: bool) -> None:
        name, key = data.draw(st.sampled_from(sorted(self.dead)))
        letters = self.run(self.bus.dead_letters.list(limit=1000))
        (id,) = [letter.id for letter in letters if (letter.firing.name, letter.firing.key) == (name, key)]
        event_id = self.dead.pop((name, key))
        if drop:
            assert self.run(self.bus.dead_letters.drop([id])) == 1
        else:
            assert list(self.run(self.bus.dead_letters.retry([id]))) == [name]
            self.outbox[name, key] = ("waiting", 0.0, event_id)

    @rule(name=st.sampled_from("ab"), value=st.none() | st.binary(max_size=4))
    def remember(self, name: str, value: bytes | None) -> None:
        self.run(self.bus.remember(name, value))
        if value is None:
            self.notes.pop(name, None)
        else:
            self.notes[name] = value

    @rule()
    def tidy(self) -> None:
        self.run(self.bus.tidy())

    @rule(jump=st.sampled_from([-3600.0, -5.0, 1.0, 90.0]))
    def pass_time(self, jump: float) -> None:
        self.clock.now += jump

    @rule(crash=st.booleans())
    def stop(self, crash: bool) -> None:
        """And begin again: after a crash with a copy of what lay on the disk while the bus was open."""
        if crash:
            successor = Path(self.folder.name) / str(self.lives + 1)
            successor.mkdir()
            for name in ("events.db", "events.db-wal"):
                shutil.copy(self.place / name, successor / name)
        for name in self.consumers:
            self.close(name)
        self.run(self.bus.__aexit__(None, None, None))
        self.lives += crash
        self.begin()

    def unfinished(self, name: TriggerName) -> Sequence[Firing]:
        ready = self.run(self.bus.outbox.ready(name, after=0, limit=1000))
        return [*ready, *self.run(self.bus.outbox.due(name, now=1e12, limit=1000))]

    @invariant()
    def all_is_there(self) -> None:
        if not hasattr(self, "bus"):
            return
        kept = [firing for name in SENSORS for firing in self.unfinished(TriggerName(name, "t"))]
        assert {
            (f.name, f.key): (
                f.status,
                f.due if f.status == "waiting" else self.outbox[f.name, f.key][1],
                f.events["push"].id,
            )
            for f in kept
        } == self.outbox
        letters = self.run(self.bus.dead_letters.list(limit=1000))
        assert {(x.firing.name, x.firing.key): x.firing.events["push"].id for x in letters} == self.dead
        assert self.run(self.bus.recollect("")) == self.notes
        lag = {
            name: sum(p > known.committed and s in known.subjects for p, s, _ in self.log)
            for name, known in self.consumers.items()
        }
        assert self.run(self.bus.stats()).lag == lag

    def teardown(self) -> None:
        if hasattr(self, "bus"):
            for name in self.consumers:
                self.close(name)
            self.run(self.bus.__aexit__(None, None, None))
        self.runner.close()
        self.folder.cleanup()


TestSqliteMachine = SqliteMachine.TestCase
TestSqliteMachine.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
