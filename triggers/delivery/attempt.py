"""One attempt at a firing: render it, send it, and write on it what came of that and what follows. Knows of no queue."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec

from bus.base import Attempt, Firing
from config.errors import EventyardError, Permanent, Temporary
from triggers.delivery.lane import Action

_log = logging.getLogger("eventyard.triggers")

ATTEMPTS_FIRST, ATTEMPTS_LAST = 3, 16
"""Of a firing that is tried for a day, so many attempts are kept in full; the ones between are summed up."""

RENDERED_LIMIT = 64 << 10
"""Characters of a request kept with a dead letter."""


class Sent(NamedTuple):
    """How a request went: seconds, what was wrong (None = nothing), seconds until the next try (None = there is none)."""

    seconds: float
    failure: EventyardError | None
    retry_in: float | None


class Attempts:
    """Makes attempts. `leave` takes a firing out of the outbox that is tried at most once; it says False where that could
    not be made durable, and then the firing is not sent."""

    def __init__(
        self, clock: Callable[[], float], chance: Callable[[], float], leave: Callable[[Firing], Awaitable[bool]]
    ) -> None:
        self._clock = clock
        self._chance = chance
        self._leave = leave

    async def make(self, action: Action, firing: Firing) -> Sent | None:
        """Attempt a firing; None = it was not sent. Its status is `fired`, `waiting` or `dead` afterwards; if this is
        cancelled, it stays as it was, for the answer is not known, and it is made again with the same key."""
        at = _text(self._clock())
        try:
            request, firing.rendered = action.render(firing)
        except Exception as error:
            what, fix = str(error), getattr(error, "fix", "")
            if not isinstance(error, EventyardError):
                what = f"{type(error).__name__}: {error}"
                _log.error("trigger %s cannot be rendered: %s", firing.name, what)
            _give_up(action, firing, Attempt(at=at, error=what, fix=fix), f"cannot be rendered: {what}")
            return None
        if not action.at_least_once:
            firing.status = "fired"
            if not await self._leave(firing):
                return None
        begin = time.perf_counter()
        failure: EventyardError
        try:
            outcome = await action.fire(request, firing)
        except (Temporary, Permanent) as error:
            failure = error
        except Exception as error:
            _log.error("trigger %s failed in a way it should not: %s: %s", firing.name, type(error).__name__, error)
            failure = Temporary(f"{type(error).__name__}: {error}")
        else:
            seconds = time.perf_counter() - begin
            firing.attempts.append(
                Attempt(at=at, duration=round(seconds, 6), status=outcome.status, answer=outcome.answer)
            )
            firing.status = "fired"
            return Sent(seconds, None, None)
        seconds = time.perf_counter() - begin
        return Sent(seconds, failure, self._fail(action, firing, request, failure, at, seconds))

    def _fail(
        self, action: Action, firing: Firing, request: object, failure: EventyardError, at: str, seconds: float
    ) -> float | None:
        """Decide what follows a failure; the seconds until the next try, None = the firing is given up."""
        attempt = Attempt(
            at=at,
            duration=round(seconds, 6),
            status=getattr(failure, "status", 0),
            answer=getattr(failure, "answer", ""),
            error=str(failure),
            fix=failure.fix,
        )
        # A dead letter that is fired again keeps what was tried before, which counts no more.
        past = [each for each in firing.attempts if each.count]
        delay = action.retry.next_delay(
            sum(each.count for each in past) + 1,
            # Measured by what was waited, not by the wall clock, so that a clock set forward gives nothing up.
            sum(each.duration + (each.retry_in or 0.0) for each in past),
            failure.after if isinstance(failure, Temporary) else None,
            isinstance(failure, Permanent),
            self._chance,
        )
        if delay is None:
            reason = "refused for good" if isinstance(failure, Permanent) else "retries are spent"
            _give_up(action, firing, attempt, f"{reason}: {failure}")
            firing.rendered = action.full_text(request)[:RENDERED_LIMIT]
            return None
        firing.attempts.append(msgspec.structs.replace(attempt, retry_in=round(delay, 3)))
        _sum_up(firing.attempts)
        firing.status, firing.due = "waiting", self._clock() + delay
        return delay


def _give_up(action: Action, firing: Firing, attempt: Attempt, reason: str) -> None:
    firing.attempts.append(attempt)
    firing.status, firing.reason = "dead", reason
    if action.follow is not None:
        firing.follower = action.follow(firing)
        firing.reason += f"; handed to {firing.follower.name.trigger}"


def _sum_up(attempts: list[Attempt]) -> None:
    """Keep the first and the latest attempts, and one that stands for those between."""
    if len(attempts) <= ATTEMPTS_FIRST + ATTEMPTS_LAST + 1:
        return
    between = attempts[ATTEMPTS_FIRST:-ATTEMPTS_LAST]
    count = sum(attempt.count for attempt in between)
    attempts[ATTEMPTS_FIRST:-ATTEMPTS_LAST] = [
        Attempt(
            at=between[0].at,
            duration=round(sum(attempt.duration for attempt in between), 6),
            error=f"{count} attempts, the last of them: {between[-1].error.rpartition('of them: ')[2]}",
            retry_in=round(sum(attempt.retry_in or 0.0 for attempt in between), 3),
            count=count,
        )
    ]


def _text(moment: float) -> str:
    second, fraction = divmod(moment, 1.0)
    return f"{_second_text(int(second))}.{int(fraction * 1e6):06d}Z"


@lru_cache(maxsize=4)
def _second_text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()[:19]
