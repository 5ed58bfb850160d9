"""What every backend does with a firing."""

from __future__ import annotations

import msgspec

from bus.base import Firing, Report


def report_of(firing: Firing) -> Report:
    """All of a firing except its position and events, as of now."""
    return Report(
        sensor=firing.name.sensor,
        trigger=firing.name.trigger,
        key=firing.key,
        status=firing.status,
        due=firing.due,
        attempts=tuple(firing.attempts),
        rendered=firing.rendered,
        reason=firing.reason,
    )


def renewed(firing: Firing) -> Firing:
    """A firing that was given up, due at once. Its attempts are still told, but stand for no tries any more: whoever asks for
    another try means a full one, with all its retries."""
    attempts = [msgspec.structs.replace(attempt, count=0, retry_in=None) for attempt in firing.attempts]
    return msgspec.structs.replace(firing, status="waiting", due=0.0, attempts=attempts, reason="")
