"""The loop of one Sensor: deliveries in, firings out, and what was decided made durable in batches.

A firing begins before its decision is durable. A crash in between repeats the evaluation from the same state and so the
same firing with the same key; a firing that has succeeded by the time of the commit needs no row of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from bus.base import Delivery, Firing, Progress, Record, Subscription
from bus.event import now_text
from config.errors import BusClosed, BusFull
from sensors.decision import Decision, encode, trigger_verdict, verdict_of
from sensors.step import SensorRule, step

_log = logging.getLogger("eventyard.sensors")

COMMIT_EVERY = 0.02
"""Seconds that decisions are gathered before they are committed together."""

PATIENCE = 0.25
"""Seconds that a decision waits for its firings to end: what has ended needs no row of its own in the outbox."""

UNCOMMITTED_MOST = 1024
"""Decisions held before evaluation waits for a commit."""


class Dispatch(Protocol):
    """Where firings go; never waits. `fire` says whether it begins soon: False = only once the outbox has it."""

    def fire(self, firing: Firing, /) -> bool: ...

    def stored(self, firings: Iterable[Firing], /) -> None: ...

    def finished(self, firing: Firing, /) -> None: ...


class Decided(NamedTuple):
    """One evaluated delivery, waiting for its commit; `until` is the loop's time up to which its firings may take."""

    delivery: Delivery
    decision: Decision
    firings: Sequence[Firing]
    changes: dict[str, Delivery | None]
    until: float

    def is_over(self, time: float) -> bool:
        """Whether nothing is to be gained by waiting longer."""
        return time >= self.until or all(firing.status != "ready" for firing in self.firings)


def _system_now() -> datetime:
    return datetime.now(UTC)


class Sensor:
    """One running Sensor. `decided` is told each decision once it is durable."""

    def __init__(
        self,
        rule: SensorRule,
        subscription: Subscription,
        dispatch: Dispatch,
        *,
        decided: Callable[[Delivery, Decision], None] = lambda delivery, decision: None,
        now: Callable[[], datetime] = _system_now,
        commit_every: float = COMMIT_EVERY,
    ) -> None:
        self.rule = rule
        self._subscription = subscription
        self._dispatch = dispatch
        self._decided = decided
        self._now = now
        self._commit_every = commit_every
        self._state: dict[str, Delivery] = {}
        self._pending: list[Decided] = []
        self._dirty = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._stop = asyncio.Event()
        self._finish = asyncio.Event()
        self.ready = asyncio.Event()

    @property
    def name(self) -> str:
        """`namespace/name`."""
        return self.rule.name

    async def run(self) -> None:
        """Evaluate until `stop`, then wait for `finish` and commit the rest."""
        async with self._subscription as subscription:
            self._state = dict(subscription.state)
            self.ready.set()
            async with asyncio.TaskGroup() as group:
                evaluating = group.create_task(self._evaluate(), name=f"sensor:{self.name}:evaluate")
                group.create_task(self._commit(), name=f"sensor:{self.name}:commit")
                await self._stop.wait()
                evaluating.cancel()
                await self._finish.wait()
                self._dirty.set()

    def stop(self) -> None:
        """Evaluate nothing more."""
        self._stop.set()

    def finish(self) -> None:
        """Its firings have ended or had their time: commit what is left, and `run` returns."""
        self._stop.set()
        self._finish.set()

    def waiting(self) -> dict[str, str]:
        """Half-met conditions: `trigger/dependency` -> id of the event that is held."""
        return {entry: delivery.event.id for entry, delivery in self._state.items()}

    async def _evaluate(self) -> None:
        time = asyncio.get_running_loop().time
        while True:
            await self._room.wait()
            deliveries = await self._subscription.next()
            now = self._now()
            at = now_text(lambda moment=now: moment)  # type: ignore[misc]
            for delivery in deliveries:
                result = step(self.rule, self._state, delivery, now, at)
                changes = dict(result.changes)
                for entry, held in changes.items():
                    if held is None:
                        self._state.pop(entry, None)
                    else:
                        self._state[entry] = held
                until = time() + PATIENCE if result.firings else 0.0
                for firing in result.firings:
                    if not self._dispatch.fire(firing):
                        until = 0.0
                self._pending.append(Decided(delivery, result.decision, result.firings, changes, until))
            if len(self._pending) >= UNCOMMITTED_MOST:
                self._room.clear()
            self._dirty.set()

    async def _commit(self) -> None:
        while True:
            await self._dirty.wait()
            if not self._finish.is_set() and len(self._pending) < UNCOMMITTED_MOST:
                await self._pause(self._commit_every)
            self._dirty.clear()
            ripe = self._ripe()
            batch, self._pending = self._pending[:ripe], self._pending[ripe:]
            if self._pending:
                self._dirty.set()
            if batch and not await self._make_durable(batch):
                return
            self._room.set()
            if self._finish.is_set() and not self._pending:
                return

    def _ripe(self) -> int:
        """How many decisions to commit now: those before the first one whose firings are still awaited."""
        pending = self._pending
        if self._finish.is_set() or len(pending) >= UNCOMMITTED_MOST // 2:
            return len(pending)
        time = asyncio.get_running_loop().time()
        return next((at for at, decided in enumerate(pending) if not decided.is_over(time)), len(pending))

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._finish.wait()
        except TimeoutError:
            pass

    async def _make_durable(self, batch: Sequence[Decided]) -> bool:
        """Commit a batch, however long the store is full; False if the bus is closing."""
        while True:
            progress = _progress(batch)
            for firing in progress.firings:
                firing.stored = True
            try:
                await self._subscription.commit(progress)
            except BusFull as error:
                _log.warning("decisions of %s cannot be stored: %s; trying again", self.name, error)
                for firing in progress.firings:
                    firing.stored = False
                await asyncio.sleep(error.retry_after)
                continue
            except BusClosed:
                return False
            break
        self._dispatch.stored(progress.firings)
        unfinished = {id(firing) for firing in progress.firings}
        for decided in batch:
            for firing in decided.firings:
                if id(firing) not in unfinished:
                    self._dispatch.finished(firing)
            self._decided(decided.delivery, decided.decision)
        return True


def _progress(batch: Sequence[Decided]) -> Progress:
    """All that a batch changed, with the outcome of those firings that have one."""
    state: dict[str, Delivery | None] = {}
    firings: list[Firing] = []
    records: list[Record] = []
    for delivery, decision, fired, changes, _ in batch:
        state.update(changes)
        if fired:
            results = [result for result in decision.triggers if result.key]
            for result, firing in zip(results, fired, strict=True):
                result.verdict = trigger_verdict(firing.status)
                result.attempts = tuple(firing.attempts)
                result.rendered = firing.rendered
                result.reason = firing.reason
                result.due = firing.due
                if firing.status != "fired":
                    firings.append(firing.follower or firing)
            decision.verdict = verdict_of(decision.triggers, decision.dependencies)
        records.append(Record(delivery.position, decision.sensor, decision.verdict, encode(decision)))
    return Progress(position=batch[-1].delivery.position, state=state, firings=firings, records=records)
