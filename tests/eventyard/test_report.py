"""The lines of a running instance."""

from __future__ import annotations

import pytest

from bus.base import Attempt, Firing, TriggerName
from bus.event import Event
from eventyard.report import firing_line

REFUSED = Attempt("2026-11-23T21:14:04.43Z", 0.006, error="the token is refused", fix="renew it")


@pytest.mark.parametrize(
    ("attempts", "reason", "told"),
    [
        (
            [REFUSED],
            "refused for good: the token is refused",
            "the token is refused after 6 ms  refused for good  fix: renew it",
        ),
        (
            [REFUSED],
            "retries are spent: the token is refused; handed to mail",
            "the token is refused after 6 ms  retries are spent; handed to mail  fix: renew it",
        ),
        ([REFUSED], "its trigger is gone", "the token is refused after 6 ms  its trigger is gone  fix: renew it"),
        ([], "its trigger is gone", "its trigger is gone"),
    ],
)
def test_a_dead_firing_says_once_what_was_wrong(attempts: list[Attempt], reason: str, told: str) -> None:
    event = Event(id="7f3c", source="hooks", subject="in", type="webhook", time="2026-11-23T21:14:04Z", data=b"{}")
    firing = Firing(
        key="k",
        name=TriggerName("default/deploy", "call"),
        position=1,
        events={"in": event},
        status="dead",
        attempts=attempts,
        reason=reason,
    )
    assert firing_line(firing).endswith(f"  hooks/in  7f3c  deploy  dead  call  {told}")
