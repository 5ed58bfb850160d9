"""What one evaluation of a script may cost: scripts come from the careless, and an endless one must not stop the process.

The work is counted in steps, of which one takes well below a microsecond. Only every so many steps is the clock looked at,
so a short script never does. Memory is counted as it is asked for; what is let go is not given back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

SECONDS: Final = 0.04
"""Time of the processor that an evaluation may take; a busy machine does not make a script fail."""

BYTES: Final = 64 << 20
"""Bytes of all texts, tables and lists that an evaluation may make."""

_STEPS: Final = 2000
"""Steps between two looks at the clock."""

_STEPS_AT_ONCE: Final = 400_000
"""Steps of a single function, which cannot be interrupted."""

_BYTES_A_STEP: Final = 256
"""Bytes that are made or read about as fast as a step is taken."""


class LimitExceeded(Exception):
    """The evaluation is over; no script can catch this."""


class Budget:
    """What is left. `steps` is counted down by the script itself, which calls `look` when it falls below zero."""

    __slots__ = ("_clock", "_ends", "_seconds", "room", "steps")

    def __init__(self, seconds: float = SECONDS, clock: Callable[[], float] = time.thread_time) -> None:
        self.steps = _STEPS
        self.room = BYTES
        self._seconds = seconds
        self._clock = clock
        self._ends: float | None = None

    def look(self) -> None:
        """Raises LimitExceeded if the time is over, or would be before the next look."""
        if self.steps < -_STEPS_AT_ONCE:
            raise LimitExceeded("it does too much at once")
        now = self._clock()
        if self._ends is None:
            self._ends = now + self._seconds
        elif now > self._ends:
            raise LimitExceeded(f"it runs for more than {self._seconds * 1000:.0f} ms")
        self.steps = _STEPS

    def spend(self, steps: int) -> None:
        """Count the work of a function that does much at once."""
        self.steps -= steps
        if self.steps < 0:
            self.look()

    def read(self, size: int) -> None:
        """Count the work of going through a text of `size` characters."""
        self.spend(size // _BYTES_A_STEP)

    def take(self, size: int) -> None:
        """Ask for `size` bytes before they are made. Raises LimitExceeded if there is no room for them."""
        self.room -= size
        if self.room < 0:
            raise LimitExceeded(f"it makes more than {BYTES >> 20} MB of values")
        self.steps -= 1 + size // _BYTES_A_STEP
        if self.steps < 0:
            self.look()
