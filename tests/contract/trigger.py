"""What every trigger promises (triggers/base.py), as tests that each adapter's tests inherit.

`TriggerContract` is for all; `RemoteTriggerContract` adds what concerns a target that may be unwell.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, ClassVar

import orjson
import pytest

from config.errors import EventyardError, Permanent, Temporary
from config.model import Model
from config.sensor import ParameterSource, TriggerParameter
from triggers.base import Outcome, Rendered, Trigger, Values

RETRY_AFTER = 7.0


class Trouble(Enum):
    """What a target can suffer from, for its next request."""

    RESETS = auto()
    BROKEN = auto()
    BUSY = auto()
    """It asks to come back after RETRY_AFTER seconds."""
    REFUSES = auto()
    HANGS = auto()
    """Until `Stage.release`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A trigger that is not entered yet, and the world it acts upon.

    `seen` is what reached the world, one text a firing; `keys` the idempotency keys that did, None if the protocol has no
    place for them. `secrets` are texts nobody may ever see.
    """

    trigger: Trigger[Any, Any]
    values: Values
    seen: Callable[[], Sequence[str]]
    keys: Callable[[], Sequence[str]] | None = None
    secrets: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStage(Stage):
    """The world is a server."""

    suffer: Callable[[Trouble], None]
    release: Callable[[], None]
    arrived: Callable[[int], Awaitable[None]]
    """Wait until so many requests arrived."""
    abandoned: Callable[[], Awaitable[None]]
    """Wait until no connection is open."""
    shut: Callable[[], Awaitable[None]]
    """Take the server away."""


async def fire(stage: Stage, key: str = "key-1") -> Outcome:
    """Render and fire."""
    return await stage.trigger.fire(stage.trigger.render(stage.trigger.settings, stage.values), key)


def assert_silent(texts: Sequence[object], secrets: Sequence[str]) -> None:
    """None of the texts holds a secret."""
    for text in texts:
        for secret in secrets:
            assert secret not in str(text)
            assert secret not in repr(text)


class TriggerContract(ABC):
    """Promises of every trigger."""

    @abstractmethod
    def stage(self) -> AbstractAsyncContextManager[Any]:
        """A Stage, or for RemoteTriggerContract a RemoteStage."""

    @abstractmethod
    def with_parameter(self, settings: Model, parameter: TriggerParameter) -> Model | None:
        """The settings with a parameter in them wherever the adapter takes one; None if it takes none."""

    async def test_render_is_pure(self) -> None:
        async with self.stage() as stage:
            trigger, before = stage.trigger, stage.trigger.settings.model_dump()
            first = trigger.render(trigger.settings, stage.values)
            assert trigger.render(trigger.settings, stage.values) == first
            assert isinstance(first, Rendered)
            assert trigger.settings.model_dump() == before
            assert not stage.seen()

    async def test_a_request_is_shown_on_one_line_and_cut(self) -> None:
        async with self.stage() as stage:
            request = stage.trigger.render(stage.trigger.settings, stage.values)
            assert request.show().isprintable()
            assert len(request.show(20)) <= 30
            orjson.dumps(request.view())

    async def test_no_secret_is_shown(self) -> None:
        async with self.stage() as stage:
            request = stage.trigger.render(stage.trigger.settings, stage.values)
            assert_silent([request.show(1 << 20), request.view(), request], stage.secrets)

    async def test_firing_acts_once(self) -> None:
        async with self.stage() as stage, stage.trigger:
            outcome = await fire(stage)
            assert isinstance(outcome, Outcome)
            assert len(outcome.answer) <= 4096
            assert_silent([outcome], stage.secrets)
            assert len(stage.seen()) == 1

    async def test_a_request_can_be_fired_again_with_its_key(self) -> None:
        async with self.stage() as stage, stage.trigger:
            request = stage.trigger.render(stage.trigger.settings, stage.values)
            await stage.trigger.fire(request, "key-2")
            await stage.trigger.fire(request, "key-2")
            first, second = stage.seen()
            assert first == second
            if stage.keys is not None:
                assert list(stage.keys()) == ["key-2", "key-2"]

    async def test_many_fire_at_once(self) -> None:
        async with self.stage() as stage, stage.trigger:
            async with asyncio.TaskGroup() as group:
                for number in range(16):
                    group.create_task(fire(stage, f"key-{number}"))
            assert len(stage.seen()) == 16
            if stage.keys is not None:
                assert set(stage.keys()) == {f"key-{number}" for number in range(16)}

    async def test_a_parameter_that_cannot_be_resolved_is_permanent(self) -> None:
        parameter = TriggerParameter(
            src=ParameterSource(dependency_name="push", data_key="no.such.thing"), dest="anything"
        )
        async with self.stage() as stage:
            settings = self.with_parameter(stage.trigger.settings, parameter)
            if settings is not None:
                with pytest.raises(Permanent):
                    stage.trigger.render(settings, stage.values)


class RemoteTriggerContract(TriggerContract):
    """Promises of triggers whose target is a server, which may be unwell or gone."""

    retry_after: ClassVar[float | None] = RETRY_AFTER
    """What a firing is told by a target that is busy; None where the protocol has no place for it."""

    @abstractmethod
    def stage(self) -> AbstractAsyncContextManager[RemoteStage]:
        """A RemoteStage."""

    @pytest.mark.parametrize("trouble", [Trouble.RESETS, Trouble.BROKEN, Trouble.BUSY])
    async def test_what_may_pass_is_temporary_and_then_works(self, trouble: Trouble) -> None:
        async with self.stage() as stage, stage.trigger:
            stage.suffer(trouble)
            with pytest.raises(Temporary) as failure:
                await fire(stage)
            self.assert_explained(failure.value, stage)
            assert failure.value.after == (self.retry_after if trouble is Trouble.BUSY else None)
            assert isinstance(await fire(stage), Outcome)

    async def test_a_refusal_is_permanent(self) -> None:
        async with self.stage() as stage, stage.trigger:
            stage.suffer(Trouble.REFUSES)
            with pytest.raises(Permanent) as failure:
                await fire(stage)
            self.assert_explained(failure.value, stage)
            assert failure.value.fix

    async def test_a_server_that_is_gone_is_temporary(self) -> None:
        async with self.stage() as stage, stage.trigger:
            await stage.shut()
            with pytest.raises(Temporary) as failure:
                await fire(stage)
            self.assert_explained(failure.value, stage)

    async def test_firing_can_be_cancelled(self) -> None:
        async with self.stage() as stage, stage.trigger:
            stage.suffer(Trouble.HANGS)
            async with asyncio.TaskGroup() as group:
                task = group.create_task(fire(stage))
                await stage.arrived(1)
                task.cancel()
            assert task.cancelled()
            stage.release()
            assert isinstance(await fire(stage), Outcome)

    async def test_leaving_closes_all_connections(self) -> None:
        async with self.stage() as stage:
            async with stage.trigger:
                await fire(stage)
            await stage.abandoned()

    def assert_explained(self, error: EventyardError, stage: RemoteStage) -> None:
        """An error names the target and tells no secret."""
        assert "127.0.0.1" in error.where
        assert str(error).isprintable()
        assert_silent([error, error.what, error.where, error.fix, getattr(error, "answer", "")], stage.secrets)
