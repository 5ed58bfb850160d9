"""eventsources/resource/settings.py: what is said of a block before anything is started."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from eventsources.resource.settings import ResourceSettings


def settings(**fields: Any) -> ResourceSettings:
    return ResourceSettings.model_validate({"version": "v1", "resource": "pods", "eventTypes": ["ADD"], **fields})


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        ({"namespace": "shop", "group": "apps", "resource": "deployments", "filter": {}}, []),
        ({"namespace": "Shop"}, [("namespace", "fault")]),
        ({"namespace": "../x"}, [("namespace", "fault")]),
        ({"version": "apps/v1"}, [("version", "fault")]),
        ({"group": "a b"}, [("group", "fault")]),
        ({"resource": "pods/status"}, [("resource", "fault")]),
        ({"eventTypes": []}, [("eventTypes", "warning")]),
        ({"filter": {"labels": [{"key": "a", "value": "b"}, {"key": "a b"}]}}, [("filter.labels.1.key", "fault")]),
        ({"filter": {"labels": [{"key": "a", "operation": "~"}]}}, [("filter.labels.0.operation", "fault")]),
        ({"filter": {"labels": [{"key": "a", "value": "b c"}]}}, [("filter.labels.0.value", "fault")]),
        ({"filter": {"fields": [{"key": "a", "operation": each} for each in ("=", "==", "!=")]}}, []),
        ({"filter": {"fields": [{"key": "a", "value": "b"}]}}, [("filter.fields.0.operation", "fault")]),
        ({"filter": {"fields": [{"key": "a", "operation": "in"}]}}, [("filter.fields.0.operation", "fault")]),
        ({"filter": {"createdBy": "2026-01-02T03:04:05+24:30"}}, [("filter.createdBy", "fault")]),
    ],
)
def test_check(fields: dict[str, Any], found: list[tuple[str, str]]) -> None:
    checked = settings(**fields).check()
    assert [(path, "warning" if what.startswith("warning: ") else "fault") for path, what, _ in checked] == found
    assert all(fix for path, _, fix in checked if "labels" not in path)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        (None, None),
        ("0001-01-01T00:00:00Z", None),
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T3:04:05.5+01:00", datetime(2026, 1, 2, 2, 4, 5, 500000, tzinfo=UTC)),
        ("2026-01-02T03:04:05,5Z", datetime(2026, 1, 2, 3, 4, 5, 500000, tzinfo=UTC)),
    ],
)
def test_times(text: str | None, instant: datetime | None) -> None:
    assert settings(filter={"createdBy": text}).created_by == instant


def test_conditions() -> None:
    fields = [{"key": "a", "operation": "==", "value": "x"}, {"key": "b", "operation": "!=", "value": "y"}]
    first, second = settings(filter={"fields": fields}).tests()
    assert (first.at, first.path, first.pattern, first.matches) == (("filter", "fields", 0), "a", "x", True)
    assert (second.at, second.matches) == (("filter", "fields", 1), False)
