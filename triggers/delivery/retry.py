"""Whether and when a failed firing is tried again: a pure function of what is known after the failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self

from config.backoff import Backoff

FIRST_DELAY: Final = 1.0
LONGEST_DELAY: Final = 300.0
"""Seconds: what the delay after the first failure is drawn from, and what doubling it ends at."""

GIVE_UP_AFTER: Final = 24 * 3600.0
"""Seconds from the first attempt to the latest one."""

# 2 ** 9 seconds is already beyond the longest delay; larger powers of a float would overflow one day.
_MOST_DOUBLINGS: Final = 9


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """A manifest's `retryStrategy`, or, without one, eventyard's own policy (`backoff` None).

    eventyard's own: after a failure that may pass, wait a random time up to a limit that doubles from 1 s to 5 min (full
    jitter, so that many firings which failed together do not return together), for 24 h; after one that will not pass,
    give up at once. A `retryStrategy` is followed to the letter, as Argo Events does: so many attempts in all, whatever
    the failure.
    """

    backoff: Backoff | None = None

    @classmethod
    def from_backoff(cls, backoff: Backoff | None) -> Self:
        """The policy of a trigger with this `retryStrategy`."""
        return cls(backoff)

    @classmethod
    def once(cls) -> Self:
        """One attempt and no more."""
        return cls(Backoff(steps=1))

    def next_delay(
        self,
        attempts_made: int,
        first_attempt_age: float,
        asked_after: float | None,
        permanent: bool,
        random: Callable[[], float],
    ) -> float | None:
        """Seconds to wait before the next attempt; None = give up.

        `attempts_made` counts from 1, `first_attempt_age` is in seconds, `asked_after` the least wait the other side
        asked for (Retry-After), `random` gives numbers in [0, 1).
        """
        least = asked_after or 0.0
        if self.backoff is not None:
            if attempts_made >= self.backoff.attempts:
                return None
            return max(self.backoff.delay(attempts_made, random), least)
        if permanent:
            return None
        limit = min(FIRST_DELAY * 2.0 ** min(attempts_made - 1, _MOST_DOUBLINGS), LONGEST_DELAY)
        delay = max(random() * limit, least)
        return delay if first_attempt_age + delay <= GIVE_UP_AFTER else None
