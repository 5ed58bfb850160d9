"""Recorded cases of filters: whether an event passes those of a dependency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from config.sensor import Dependency
from sensors.errors import CompileError
from sensors.filters import compile_filters
from tests.oracle.events import make_event

if TYPE_CHECKING:
    from collections.abc import Callable


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """`pass`, and `error` if a filter could not tell or the manifest is refused."""
    try:
        dependency = _dependency(case)
        filters = compile_filters(dependency)
    except (CompileError, ValidationError) as error:
        return {"pass": False, "error": str(error)}
    passed, _, problem = filters.evaluate(make_event(case["context"], case["data"]))
    return {"pass": passed, "error": problem} if problem else {"pass": passed}


def _dependency(case: dict[str, Any]) -> Dependency:
    """The manifest of a case. What is no operator is no valid manifest either; Argo Events' function takes it for `and`."""
    manifest = {"filters": case["filters"], "filtersLogicalOperator": _operator(case, "filtersLogicalOperator")}
    if case["filters"] is not None:
        names = ("dataLogicalOperator", "exprLogicalOperator")
        manifest["filters"] = {**case["filters"], **{name: _operator(case["filters"], name) for name in names}}
    return Dependency.model_validate(manifest)


def _operator(block: dict[str, Any], name: str) -> str:
    return "or" if block.get(name) == "or" else "and"


def agrees(want: dict[str, Any], got: dict[str, Any]) -> bool:
    """Whether the event is discarded for an error in both, or passes in both."""
    return ("error" in want) == ("error" in got) and ("error" in want or want["pass"] is got["pass"])


ANSWERS: Final[
    dict[
        str,
        tuple[Callable[[dict[str, Any]], dict[str, Any]], Callable[[dict[str, Any], dict[str, Any]], bool]],
    ]
] = {"filters": (answer, agrees)}
