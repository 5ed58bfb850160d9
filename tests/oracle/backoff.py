"""Recorded cases of two small things: what a Backoff object comes to, and the last tick of a cron before an instant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from config.backoff import Backoff, doubts
from config.errors import EventyardError
from config.gotime import load_zone
from config.schedule import parse_cron

Case = dict[str, Any]
_FAILURES: Final = {"error", "decodeError", "panic", "crash"}


def answer(case: Case) -> Case:
    """What we make of a case's input: the four fields of a backoff, or `previous`; or `error`."""
    return _backoff(case["backoff"]) if "backoff" in case else _previous(case)


def _backoff(block: Case) -> Case:
    try:
        backoff = Backoff.model_validate(block)
    except ValidationError as error:
        return {"error": str(error)}
    # A number in quotes works here and is only warned about; the recorded error is that warning's subject.
    quoted = [doubt.what for doubt in doubts(block) if doubt.code == "quoted-number"]
    if quoted:
        return {"error": quoted[0]}
    return {
        "durationNs": str(backoff.duration.ns),
        "factor": str(backoff.factor),
        "jitter": str(backoff.jitter),
        "steps": backoff.attempts,
    }


def _previous(case: Case) -> Case:
    try:
        cron = parse_cron(case["cron"], load_zone(case.get("timezone", "")))
    except EventyardError as error:
        return {"error": str(error)}
    tick = cron.previous_before(datetime.fromisoformat(case["now"]))
    return {"error": "never due"} if tick is None else {"previous": tick.isoformat()}


def agrees(want: Case, got: Case) -> bool:
    """Whether both failed, or both give the same values."""
    if _FAILURES & want.keys():
        return "error" in got
    return want.keys() == got.keys() and all(_value(key, want[key]) == _value(key, got[key]) for key in want)


def _value(key: str, written: Any) -> Any:
    if key == "previous":
        return datetime.fromisoformat(written)
    return float(written) if key in ("factor", "jitter") else written


ANSWERS: Final[dict[str, tuple[Callable[[Case], Case], Callable[[Case, Case], bool]]]] = {
    "backoff-prevcron": (answer, agrees)
}
