from __future__ import annotations

from pathlib import Path

from bus.base import Bus
from bus.limits import Limits
from bus.memory import MemoryBus
from tests.contract.bus import BusContract
from tests.contract.bus_stage import FakeClock


class TestMemoryBus(BusContract):
    def open(self, place: Path, limits: Limits, clock: FakeClock) -> Bus:
        return MemoryBus(limits, clock=clock)
