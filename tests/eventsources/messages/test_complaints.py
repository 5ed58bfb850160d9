"""A flood of faults is a few lines."""

from __future__ import annotations

import pytest

from eventsources.messages.complaints import Complaints


def test_the_first_is_said_at_once_and_then_one_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    complaints = Complaints("source a/b", clock=lambda: now)
    for _ in range(5):
        complaints.say("json", "not JSON")
    complaints.say("large", "too large")
    now = 61.0
    complaints.say("json", "not JSON either")
    complaints.say("json", "kept back")
    assert [record.getMessage() for record in caplog.records] == [
        "source a/b: not JSON",
        "source a/b: too large",
        "source a/b: not JSON either (4 more like it before)",
    ]
