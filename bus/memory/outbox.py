"""Unfinished firings and dead letters in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import msgspec

from bus import clock
from bus.base import DeadLetter, DeadLetters, Firing, Outbox, TriggerName
from bus.firings import renewed

if TYPE_CHECKING:
    from bus.memory.bus import MemoryBus


class MemoryOutbox(Outbox):
    """Unfinished firings by trigger and key, in the order of their ids."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus
        self._firings: dict[TriggerName, dict[str, Firing]] = {}
        self._ids = count(1)

    def add(self, firing: Firing) -> None:
        """Keep a firing; one with the same key is there already, so nothing changes."""
        kept = self._firings.setdefault(firing.name, {})
        if firing.key not in kept:
            firing.id = next(self._ids)
            kept[firing.key] = _copy(firing, stored=True)

    def all(self) -> Iterator[Firing]:
        """All unfinished firings."""
        for firings in self._firings.values():
            yield from firings.values()

    async def ready(self, name: TriggerName, *, after: int, limit: int) -> Sequence[Firing]:
        found = (f for f in self._firings.get(name, {}).values() if f.status == "ready" and f.id > after)
        return [_copy(firing) for firing in islice(found, limit)]

    async def due(self, name: TriggerName, *, now: float, limit: int) -> Sequence[Firing]:
        found = sorted((f for f in self._waiting(name) if f.due <= now), key=lambda f: (f.due, f.id))
        return [_copy(firing) for firing in found[:limit]]

    async def next_due(self, name: TriggerName) -> float | None:
        return min((firing.due for firing in self._waiting(name)), default=None)

    def _waiting(self, name: TriggerName) -> Iterator[Firing]:
        return (firing for firing in self._firings.get(name, {}).values() if firing.status == "waiting")

    async def settle(self, firings: Sequence[Firing]) -> None:
        self._bus.check_open()
        for firing in firings:
            kept = self._firings.get(firing.name, {})
            self._bus.history.report(firing)
            stored = kept.get(firing.key)
            if firing.follower is not None:
                self.add(_copy(firing.follower))
            elif firing.status == "dead":
                self._bus.dead_letters.add(_copy(firing))
            if stored is None:
                continue
            if firing.status in ("fired", "dead"):
                del kept[firing.key]
            else:
                kept[firing.key] = _copy(
                    firing, id=stored.id, events=stored.events, position=stored.position, stored=True
                )


class MemoryDeadLetters(DeadLetters):
    """Firings that were given up, by id."""

    def __init__(self, bus: MemoryBus) -> None:
        self._bus = bus
        self.letters: dict[int, DeadLetter] = {}
        self._ids = count(1)

    def add(self, firing: Firing) -> None:
        """Keep a firing that was given up, or the latest word on it."""
        same = (
            id for id, kept in self.letters.items() if (kept.firing.name, kept.firing.key) == (firing.name, firing.key)
        )
        id = next(same, 0) or next(self._ids)
        at = clock.text(self._bus.clock())
        self.letters[id] = DeadLetter(id=id, at=at, firing=_copy(firing, id=0, stored=False))

    async def list(self, *, limit: int = 100, before: int = 0, sensor: str = "") -> Sequence[DeadLetter]:
        found = (
            letter
            for id, letter in reversed(self.letters.items())
            if (not before or id < before) and (not sensor or letter.firing.name.sensor == sensor)
        )
        return list(islice(found, limit))

    async def get(self, id: int) -> DeadLetter | None:
        return self.letters.get(id)

    async def retry(self, ids: Sequence[int]) -> Sequence[TriggerName]:
        self._bus.check_open()
        names: dict[TriggerName, None] = {}
        for id in ids:
            letter = self.letters.pop(id, None)
            if letter is not None:
                firing = renewed(letter.firing)
                self._bus.outbox.add(firing)
                self._bus.history.report(firing)
                names[firing.name] = None
        return list(names)

    async def drop(self, ids: Sequence[int]) -> int:
        self._bus.check_open()
        return sum(self.letters.pop(id, None) is not None for id in ids)


def _copy(firing: Firing, **changes: Any) -> Firing:
    """What is kept must not change when the caller's firing does."""
    return msgspec.structs.replace(
        firing, **{"attempts": list(firing.attempts), "events": dict(firing.events), **changes}
    )
