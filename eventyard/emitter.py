"""What a source hands its events to: the EventSource's own filter, the bus, and the metrics of both."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence

from bus.base import Bus, Subject
from bus.event import Event
from config.errors import EventyardError
from eventyard.metrics import Metrics
from eventyard.plan import SourcePlan


class Emitter:
    """The `Emit` of one event of an EventSource. `published` is awaited after events are stored and before their sender is
    answered."""

    def __init__(
        self, plan: SourcePlan, bus: Bus, metrics: Metrics, published: Callable[[Subject], Awaitable[None]]
    ) -> None:
        labels = (plan.source, plan.event, plan.namespace)
        self._sent, self._failed = metrics.sent.labels(*labels), metrics.sent_failed.labels(*labels)
        self._duplicates, self._filtered = metrics.duplicates.labels(*labels), metrics.filtered.labels(*labels)
        self._processing = metrics.processing.labels(*labels)
        self._publish, self._scope, self._wanted = bus.publish, plan.scope, plan.wanted
        self._subject, self._published = Subject(plan.source, plan.event, plan.scope), published

    async def __call__(self, event: Event, /) -> bool:
        begin = time.perf_counter()
        if self._wanted is not None and not self._wanted(event):
            self._filtered.inc()
            return False
        try:
            (stored,) = await self._publish((event,), self._scope)
        except EventyardError:
            self._failed.inc()
            raise
        (self._sent if stored else self._duplicates).inc()
        self._processing.observe((time.perf_counter() - begin) * 1000)
        await self._published(self._subject)
        return stored

    async def batch(self, events: Sequence[Event], /) -> Sequence[bool]:
        begin = time.perf_counter()
        wanted = self._wanted
        kept = [event for event in events if wanted is None or wanted(event)]
        self._filtered.inc(len(events) - len(kept))
        try:
            answers = await self._publish(kept, self._scope) if kept else ()
        except EventyardError:
            self._failed.inc(len(kept))
            raise
        stored = sum(answers)
        self._sent.inc(stored)
        self._duplicates.inc(len(kept) - stored)
        self._processing.observe((time.perf_counter() - begin) * 1000)
        await self._published(self._subject)
        if len(kept) == len(events):
            return answers
        by_event = dict(zip(map(id, kept), answers, strict=True))
        return [by_event.get(id(event), False) for event in events]
