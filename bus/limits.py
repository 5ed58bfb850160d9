"""How much a bus may hold. Full means that senders are told to come back, never that something is forgotten."""

from __future__ import annotations

from dataclasses import dataclass

DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Every bound of a bus; sizes in bytes, times in seconds.

    Beyond `pending_*` (publishes that are not durable yet) and `store_bytes` (all that is kept) `publish` raises BusFull.
    `tail_*` bounds the events kept in memory, for all Sensors together, between commit and evaluation; a Sensor that is
    slower reads from the store. `retention_*` says when evaluated events and what is known of them leave the store, whatever
    comes first; what was not evaluated or waits in the outbox never leaves. An event is recognised as one seen before for
    `dedup_age`, but only among the last `dedup_events`. `wal_bytes` bounds the write-ahead log of the sqlite store.
    """

    pending_events: int = 4096
    pending_bytes: int = 64 << 20
    tail_events: int = 16_384
    tail_bytes: int = 32 << 20
    store_bytes: int = 8 << 30
    retention_age: float = 7 * DAY
    retention_events: int = 1_000_000
    retention_bytes: int = 4 << 30
    dedup_age: float = 3 * DAY
    dedup_events: int = 200_000
    wal_bytes: int = 64 << 20


DEFAULT_LIMITS = Limits()
MEMORY_LIMITS = Limits(store_bytes=256 << 20, retention_bytes=128 << 20, retention_events=20_000)
