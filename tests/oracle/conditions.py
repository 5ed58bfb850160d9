"""Recorded cases of conditions: which dependencies a trigger listens to, and which sets of them are enough."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from sensors.conditions import ConditionsError, compile_conditions

if TYPE_CHECKING:
    from collections.abc import Callable


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """`dependencies` listened to, `and`, and every set of them that satisfies the conditions; or `error`."""
    try:
        conditions = compile_conditions(case["conditions"], case["dependencies"])
    except ConditionsError as error:
        return {"error": str(error)}
    names = conditions.dependencies
    sets = [set(some) for count in range(len(names) + 1) for some in combinations(names, count)]
    return {
        "dependencies": names,
        "and": conditions.is_and,
        "satisfiedBy": [some for some in sets if conditions.holds(some)],
    }


def agrees(want: dict[str, Any], got: dict[str, Any]) -> bool:
    """Whether the same sets fire. Conditions that can never fire, which are accepted there, are refused here."""
    if "rejected" in want or not want["dependencies"] or not want["satisfiedBy"]:
        return "error" in got
    return (
        "error" not in got
        and sorted(want["dependencies"]) == sorted(got["dependencies"])
        and want["and"] == got["and"]
        and sorted(map(sorted, want["satisfiedBy"])) == sorted(map(sorted, got["satisfiedBy"]))
    )


ANSWERS: Final[
    dict[
        str,
        tuple[Callable[[dict[str, Any]], dict[str, Any]], Callable[[dict[str, Any], dict[str, Any]], bool]],
    ]
] = {"conditions": (answer, agrees)}
