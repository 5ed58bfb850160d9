"""How sources are kept at work, with adapters that fail when they are told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Self

import pytest

from bus.base import Subject
from bus.memory import MemoryBus
from config.errors import EventyardError, Temporary
from config.model import Model
from config.secrets import SecretStore
from eventsources.base import Emit, EventSource
from eventsources.http.server import HttpListeners
from eventyard.metrics import Metrics
from eventyard.plan import SourcePlan
from eventyard.sources import RESTART_FIRST, RESTART_MOST, RunningSource, SourceRunner

KEY = ("default", "orders", "paid")


@dataclass
class World:
    """What the tests decide: how long each run of the source lasts, in seconds of their clock, before its broker is lost."""

    runs: list[float]
    now: float = 0.0
    pauses: list[float] = field(default_factory=list)
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


def plan(world: World, refusal: EventyardError | None = None) -> SourcePlan:
    class Lossy(EventSource[Model]):
        kind: ClassVar[str] = "lossy"
        Settings: ClassVar[type[Model]] = Model

        @classmethod
        def describe(cls, settings: Model, host: str) -> str:
            return ""

        @classmethod
        def wrap(cls, settings: Model, body: bytes, headers: Mapping[str, str]) -> bytes:
            return body

        async def __aenter__(self) -> Self:
            if refusal is not None:
                raise refusal
            return self

        async def __aexit__(self, *exc: object) -> None: ...

        async def run(self, emit: Emit) -> None:
            if not world.runs:
                world.idle.set()
                await asyncio.Event().wait()
            world.now += world.runs.pop(0)
            raise Temporary("the connection is lost")

    return SourcePlan(
        kind="lossy",
        source="orders",
        event="paid",
        namespace="default",
        scope="default/default",
        make=Lossy,
        settings=Model(),
        wanted=None,
        fingerprint="",
    )


async def published(subject: Subject) -> None:
    """Nobody listens."""


@asynccontextmanager
async def opened(world: World, refusal: EventyardError | None = None) -> AsyncIterator[RunningSource]:
    """A source that may go."""
    async with MemoryBus() as bus, asyncio.TaskGroup() as group, AsyncExitStack() as undo:
        runner = SourceRunner(
            group,
            bus,
            HttpListeners(),
            Metrics("0"),
            SecretStore(),
            published,
            clock=world.clock,
            sleep=world.sleep,
        )
        yield (await runner.open({KEY: plan(world, refusal)}, undo))[KEY]


async def test_pauses_grow_and_begin_anew_after_a_time_without_trouble() -> None:
    world = World(runs=[1.0, 1.0, 1.0, RESTART_MOST + 1, 1.0])
    async with opened(world) as source:
        source.go.set()
        await asyncio.wait_for(world.idle.wait(), 10)
    expected = [RESTART_FIRST, 2.0, 4.0, RESTART_FIRST, 2.0]
    assert world.pauses == [pytest.approx(pause, rel=0.21) for pause in expected]


async def test_a_source_that_is_back_says_so(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "eventyard.runtime")
    world = World(runs=[1.0])
    async with opened(world) as source:
        source.go.set()
        await asyncio.wait_for(world.idle.wait(), 10)
    lost, back = (record.getMessage() for record in caplog.records)
    assert "the connection is lost" in lost
    assert back == "source orders/paid is back"


@pytest.mark.parametrize("giving_way", [False, True])
async def test_a_source_that_gives_way_is_cut_off_in_silence(
    giving_way: bool, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(runs=[1.0])
    async with opened(world) as source:
        source.giving_way = giving_way
        source.go.set()
        await asyncio.wait_for(world.idle.wait(), 10)
    assert ("source orders/paid: the connection is lost; again in 1 s" in caplog.text) is not giving_way


async def test_what_stops_the_start_names_the_source() -> None:
    missing = EventyardError("there is no Secret 'mq'", fix="give it")
    with pytest.raises(ExceptionGroup) as caught:
        async with opened(World(runs=[]), missing):
            pass
    (error,) = caught.value.exceptions
    assert isinstance(error, EventyardError)
    assert (str(error), error.fix) == ("source orders/paid: there is no Secret 'mq'", "give it")
