"""What is wrong with messages, said without a line for each of a flood."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

EVERY: Final = 60.0
"""Seconds between two lines about the same kind of fault."""


class Complaints:
    """Logs the first fault of a kind at once, and then at most one a minute, with the number of those kept back."""

    def __init__(self, name: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._name, self._clock = name, clock
        self._said: dict[str, float] = {}
        self._kept: dict[str, int] = {}

    def say(self, kind: str, text: str) -> None:
        """An error about one message; `kind` is one of a few fixed words."""
        now = self._clock()
        last = self._said.get(kind)
        if last is not None and now - last < EVERY:
            self._kept[kind] = self._kept.get(kind, 0) + 1
            return
        self._said[kind] = now
        more = self._kept.pop(kind, 0)
        since = f" ({more} more like it before)" if more else ""
        logging.getLogger("eventyard.eventsources").error("%s: %s%s", self._name, text, since)
