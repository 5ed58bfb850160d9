"""Context filters: equality with four attributes."""

from __future__ import annotations

from typing import Any

import pytest

from config.sensor import ContextFilter as Manifest
from sensors.context_filter import compile_filter
from sensors.decision import FilterResult
from tests.sensors.events import make_event


@pytest.mark.parametrize(
    ("block", "passed"),
    [
        ({}, True),
        ({"type": "webhook", "source": "forge", "subject": "push"}, True),
        ({"type": "webhook", "source": "forge "}, False),
        ({"type": "web.*"}, False),
        ({"datacontenttype": "application/json"}, True),
        ({"datacontenttype": "application/json; charset=utf-8"}, False),
        ({"id": "other", "specversion": "9", "time": "2026-01-02T15:04:05Z"}, True),
    ],
)
def test_equality(block: dict[str, Any], passed: bool) -> None:
    filter = compile_filter(Manifest.model_validate(block))
    assert filter.check(make_event(), False).passed is passed
    assert filter.check(make_event(), True).passed is passed


def test_what_is_told() -> None:
    filter = compile_filter(Manifest.model_validate({"type": "github", "subject": "push", "id": "7"}))
    assert filter.check(make_event(), False).results == [
        FilterResult("context", "type", "failed", "github", "webhook"),
        FilterResult("context", "subject", "passed", "push", "push"),
    ]
    assert not filter.warnings
