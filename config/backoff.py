"""How often and how soon something is tried again: the `Backoff` object of Argo Events' manifests."""

from __future__ import annotations

import re
from contextlib import suppress
from math import isfinite
from random import random as chance
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from config.duration import Duration
from config.errors import Fault, Severity
from config.model import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SECOND: Final = Duration(1_000_000_000)
_STEPS: Final = 5
_NUMBER: Final = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_LONGEST: Final = ((1 << 63) - 1) / 1e9
_INT32: Final = 1 << 31
# An integer below a millisecond is nearly always a number of seconds that lacks its unit.
_SUSPICIOUS_NS: Final = 1_000_000


def _amount(value: object) -> float:
    number = float("nan")
    if isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(OverflowError):
            number = float(value)
    elif isinstance(value, str) and _NUMBER.fullmatch(value):
        number = float(value)
    if not isfinite(number):
        raise PydanticCustomError("amount", "should be a number; {fix}", {"fix": "write it without quotes: 1.5"})
    return number


Amount = Annotated[float, BeforeValidator(_amount, json_schema_input_type=float | str)]


class Backoff(Model):
    """Tries at most `steps` times; the wait grows by `factor` and up to `jitter` times itself is added by chance.

    An absent or null field has its default, and so has `steps` when it is not positive, as in Argo Events. A number in
    quotes is read as the number, where Argo Events never attempts the action: see `doubts`.
    """

    duration: Duration = _SECOND
    factor: Amount = 1.0
    jitter: Amount = 1.0
    steps: Annotated[int, Field(strict=True, ge=-_INT32, lt=_INT32)] = _STEPS

    @property
    def attempts(self) -> int:
        """How often the action is tried in all, the first time included."""
        return self.steps

    def delay(self, attempt: int, random: Callable[[], float] = chance) -> float:
        """Seconds to wait after that attempt failed (1 is the first); `random` gives numbers in [0, 1).

        A factor of 0 keeps the wait constant. Never negative, and never longer than the 292 years of a Go duration.
        """
        if self.duration.ns <= 0:
            return 0.0
        try:
            wait = min(self.duration.seconds * (self.factor or 1.0) ** (attempt - 1), _LONGEST)
        except OverflowError:
            wait = _LONGEST
        return min(max(wait + random() * max(self.jitter, 0.0) * wait, 0.0), _LONGEST)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, block: object) -> object:
        return {key: value for key, value in block.items() if value is not None} if isinstance(block, dict) else block

    @field_validator("steps")
    @classmethod
    def _positive(cls, steps: int) -> int:
        return steps if steps > 0 else _STEPS


def doubts(block: Mapping[str, object]) -> list[Fault]:
    """Warnings about a Backoff as it was written: numbers in quotes, and integer durations that lack a unit.

    `path` is relative to the block (`factor`).
    """
    found = [
        Fault(
            f"'{name}' is a number in quotes: Argo Events accepts the manifest but never attempts the action",
            path=name,
            fix="remove the quotes",
            severity=Severity.WARNING,
            code="quoted-number",
        )
        for name in ("factor", "jitter")
        if isinstance(block.get(name), str)
    ]
    duration = block.get("duration")
    if isinstance(duration, int) and not isinstance(duration, bool) and 0 < duration < _SUSPICIOUS_NS:
        found.append(
            Fault(
                f"an integer duration counts nanoseconds: {duration} is {Duration(duration)}",
                path="duration",
                fix=f'if seconds are meant, write "{duration}s"',
                severity=Severity.WARNING,
                code="nanoseconds",
            )
        )
    return found
