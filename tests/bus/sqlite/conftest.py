from __future__ import annotations

import pytest

from tests.contract.bus_stage import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
