from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from triggers.shared import Shared


class Bench:
    """Says what was opened and closed."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.fail = False

    @asynccontextmanager
    async def tool(self, name: str) -> AsyncIterator[str]:
        await asyncio.sleep(0)
        if self.fail:
            raise OSError("broken")
        self.log.append(f"open {name}")
        yield name
        self.log.append(f"close {name}")


async def test_made_once_and_closed_by_the_last() -> None:
    shared, bench = Shared(), Bench()
    inside, leave = asyncio.Barrier(3), asyncio.Event()

    async def work(name: str) -> None:
        async with shared.use(name, lambda: bench.tool(name)) as tool:
            assert tool == name
            await inside.wait()
            await leave.wait()

    async with asyncio.TaskGroup() as group:
        for name in ("saw", "saw"):
            group.create_task(work(name))
        await inside.wait()
        assert bench.log == ["open saw"]
        async with shared.use("axe", lambda: bench.tool("axe")):
            pass
        leave.set()
    assert bench.log == ["open saw", "open axe", "close axe", "close saw"]
    async with shared.use("saw", lambda: bench.tool("saw")):
        assert bench.log[-1] == "open saw"


async def test_what_cannot_be_made_is_tried_again() -> None:
    shared, bench = Shared(), Bench()
    bench.fail = True
    with pytest.raises(OSError, match="broken"):
        async with shared.use("saw", lambda: bench.tool("saw")):
            raise AssertionError
    bench.fail = False
    async with shared.use("saw", lambda: bench.tool("saw")):
        assert bench.log == ["open saw"]
