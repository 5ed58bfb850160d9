"""Recorded cases of EventSource filters: whether an event is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from eventyard.source_filter import expression_test
from sensors.errors import CompileError
from tests.oracle.events import make_event

if TYPE_CHECKING:
    from collections.abc import Callable


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """`proceed`, and `error` if the filter is none or could not tell."""
    try:
        test, _ = expression_test(case["expression"])
        return {"proceed": test(make_event({}, case["data"]))}
    except (CompileError, ValueError) as error:
        return {"proceed": False, "error": str(error)}


def agrees(want: dict[str, Any], got: dict[str, Any]) -> bool:
    """Whether it is an error in both, or the same. Where Argo Events crashes, ours is an error."""
    failed = "error" in want or "crash" in want
    return failed == ("error" in got) and (failed or want["proceed"] is got["proceed"])


ANSWERS: Final[
    dict[
        str,
        tuple[Callable[[dict[str, Any]], dict[str, Any]], Callable[[dict[str, Any], dict[str, Any]], bool]],
    ]
] = {"eventsource-filter": (answer, agrees)}
