"""Decision records and reports in memory, kept as long as their event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from bus import clock
from bus.base import Delivery, EventQuery, Firing, History, Record, Report, TriggerName
from bus.firings import report_of

if TYPE_CHECKING:
    from bus.memory.bus import MemoryBus


class MemoryHistory(History):
    """Decision records and reports, kept as long as their event."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus
        self._records: dict[int, dict[str, Record]] = {}
        self._reports: dict[int, dict[tuple[TriggerName, str], Report]] = {}

    def add(self, records: Sequence[Record]) -> None:
        """Keep decision records."""
        for record in records:
            self._records.setdefault(record.position, {})[record.sensor] = record

    def report(self, firing: Firing) -> None:
        """Keep the latest word on a firing."""
        self._reports.setdefault(firing.position, {})[firing.name, firing.key] = report_of(firing)

    def forget(self, position: int) -> None:
        """The event is gone."""
        self._records.pop(position, None)
        self._reports.pop(position, None)

    async def events(self, query: EventQuery) -> Sequence[Delivery]:
        since = clock.seconds(query.since) if query.since else float("-inf")
        until = clock.seconds(query.until) if query.until else float("inf")
        found = (
            entry.delivery
            for position, entry in reversed(self._bus.log.items())
            if (not query.before or position < query.before)
            and query.source in ("", entry.subject.source)
            and query.subject in ("", entry.subject.event)
            and query.type in ("", entry.delivery.event.type)
            and since <= entry.at <= until
        )
        return list(islice(found, query.limit))

    async def find(self, id: str) -> Sequence[Delivery]:
        found = (
            entry.delivery
            for entry in reversed(self._bus.log.values())
            if entry.delivery.event.id.startswith(id) or f":{id}:" in entry.delivery.event.id + ":"
        )
        return list(islice(found, 10))

    async def records(self, position: int) -> Sequence[Record]:
        return list(self._records.get(position, {}).values())

    async def reports(self, position: int) -> Sequence[Report]:
        return list(self._reports.get(position, {}).values())

    async def verdicts(self, positions: Sequence[int]) -> Mapping[int, Sequence[tuple[str, str]]]:
        return {
            position: [(record.sensor, record.verdict) for record in self._records.get(position, {}).values()]
            for position in positions
        }
