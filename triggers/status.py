"""What an HTTP status means for a firing: done, try again, or give up."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection
from email.utils import parsedate_to_datetime
from typing import Final

from config.errors import EventyardError, Permanent, Temporary

LONGEST_RETRY_AFTER: Final = 24 * 3600.0
"""Seconds; a server that asks for more (or gives nonsense) is not believed further than this."""

_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_PASSING: Final = frozenset({408, 429})


class Unwell(Temporary):
    """The target answered with a status that may pass."""

    def __init__(self, what: str, *, where: str, fix: str, after: float | None, status: int, answer: str) -> None:
        super().__init__(what, where=where, fix=fix, after=after)
        self.status, self.answer = status, answer


class Refused(Permanent):
    """The target answered with a status that will not pass."""

    def __init__(self, what: str, *, where: str, fix: str, status: int, answer: str) -> None:
        super().__init__(what, where=where, fix=fix)
        self.status, self.answer = status, answer


def is_success(status: int, allowed: Collection[int] | None) -> bool:
    """Whether a firing is done: the status is in the policy's list, or, without a policy, 2xx or 3xx."""
    return 200 <= status < 400 if allowed is None else status in allowed


def failure(status: int, retry_after: str | None, answer: str, *, where: str, named: bool) -> EventyardError:
    """The error for a status that is no success: 408, 429 and 5xx may pass, others will not.

    `retry_after` is that header's text, `where` the target for a person to read, `named` whether a policy names the
    statuses that are a success.
    """
    what = f"answered {status}" + (f": {' '.join(answer.split())}" if answer.strip() else "")
    if status in _PASSING or status >= 500:
        return Unwell(what, where=where, fix="", after=parse_retry_after(retry_after), status=status, answer=answer)
    fix = (
        "policy.status.allow does not list this status"
        if named
        else "look at what the target says, then at url and payload"
    )
    return Refused(what, where=where, fix=fix, status=status, answer=answer)


def parse_retry_after(text: str | None, clock: Callable[[], float] = time.time) -> float | None:
    """Seconds to wait by a Retry-After header (RFC 9110, 10.2.3: seconds or a date); None if absent or malformed."""
    if text is None:
        return None
    text = text.strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_RETRY_AFTER)
    try:
        seconds = parsedate_to_datetime(text).timestamp() - clock()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)
