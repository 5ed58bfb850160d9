from __future__ import annotations

from pathlib import Path

from bus.base import Bus
from bus.limits import Limits
from bus.sqlite import SqliteBus
from tests.contract.bus import DurableBusContract
from tests.contract.bus_stage import FakeClock


class TestSqliteBus(DurableBusContract):
    def open(self, place: Path, limits: Limits, clock: FakeClock) -> Bus:
        return SqliteBus(place, limits=limits, clock=clock)

    async def tidy(self, bus: Bus) -> None:
        assert isinstance(bus, SqliteBus)
        await bus.tidy()
