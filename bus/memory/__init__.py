"""The whole bus contract in memory: for tests, for `eventyard test`, and for those who need no durability."""

from bus.memory.bus import MemoryBus

__all__ = ["MemoryBus"]
