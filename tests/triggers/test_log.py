"""triggers/log.py: events as log lines."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from config.model import Model
from config.sensor import TriggerParameter
from tests.contract.trigger import Stage, TriggerContract
from tests.fakes.values import FakeValues, context, event
from triggers.base import Outcome
from triggers.log import Log, LogSettings

LOGGER = "eventyard.triggers.log"


class Records(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def lines(self) -> list[str]:
        """The texts."""
        return [record.getMessage() for record in self.records]

    @property
    def fields(self) -> list[dict[str, Any]]:
        """What formatters for machines add."""
        return [record.fields for record in self.records]  # type: ignore[attr-defined]


@asynccontextmanager
async def listening() -> AsyncIterator[Records]:
    """The records of the log trigger's logger, whatever else is set up for it."""
    logger, records = logging.getLogger(LOGGER), Records()
    before = (logger.level, logger.propagate, logger.handlers)
    logger.setLevel(logging.INFO)
    logger.propagate, logger.handlers = False, [records]
    try:
        yield records
    finally:
        logger.level, logger.propagate, logger.handlers = before


@pytest.fixture
async def records() -> AsyncIterator[Records]:
    async with listening() as found:
        yield found


class TestContract(TriggerContract):
    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        async with listening() as records:
            yield Stage(
                trigger=Log(LogSettings(), context()),
                values=FakeValues(push=event({"ref": "main"})),
                seen=lambda: records.lines,
                keys=lambda: [fields["key"] for fields in records.fields],
            )

    def with_parameter(self, settings: Model, parameter: TriggerParameter) -> Model | None:
        return None


async def test_one_line_per_event_with_its_origin(records: Records) -> None:
    log = Log(LogSettings(), context())
    values = FakeValues(
        push=event({"n": 1}), data=event(b"plain\ntext", kind="text/plain"), bin=event(b"\xff", kind="x/y")
    )
    assert await log.fire(log.render(log.settings, values), "key") == Outcome()
    assert [line.split("  ")[0] for line in records.lines] == ["/w==", "plain text", '{"n":1}']
    assert records.fields[2] == {
        "sensor": "deploy",
        "trigger": "announce",
        "dependencyName": "push",
        "eventContext": event({}).context(),
        "key": "key",
    }
    assert '"dependencyName":"push"' in records.lines[2]


async def test_fields_are_no_part_of_the_text_where_they_have_a_place_of_their_own(records: Records) -> None:
    log = Log(LogSettings(), replace(context(), log_format="json"))
    await log.fire(log.render(log.settings, FakeValues(push=event({"n": 1}))), "key")
    assert records.lines == ['{"n":1}']


async def test_no_data(records: Records) -> None:
    log = Log(LogSettings(), replace(context(), log_format="json"))
    nothing = FakeValues(push=event(b""), other=event(b""))
    await log.fire(log.render(log.settings, nothing), "key")
    assert records.lines == ["", ""]


async def test_the_interval_is_obeyed(records: Records) -> None:
    now = 100.0
    log = Log(LogSettings(interval_seconds=10), context(), clock=lambda: now)
    request = log.render(log.settings, FakeValues(push=event({"n": 1})))
    for at in (100.0, 105.0, 109.9, 110.0, 111.0):
        now = at
        outcome = await log.fire(request, "key")
        assert ("silent" in outcome.answer) is (at not in (100.0, 110.0))
    assert len(records.lines) == 2


def test_show_and_view() -> None:
    log = Log(LogSettings(), context())
    request = log.render(log.settings, FakeValues(tag=event({"n": 2}), push=event({"n": 1})))
    assert request.show() == 'log  push: {"n":1} | tag: {"n":2}'
    assert [line["dependencyName"] for line in request.view()["lines"]] == ["push", "tag"]
