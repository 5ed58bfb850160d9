"""Recorded cases of how the resource of an object is named where no server is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from config.errors import Permanent
from config.kubernetes.plural import guess_plural, parse_api_version

if TYPE_CHECKING:
    from collections.abc import Callable


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """Group, version and resource; all empty for an apiVersion that is none."""
    try:
        group, version = parse_api_version(case["apiVersion"])
    except Permanent:
        return {"group": "", "version": "", "resource": ""}
    return {"group": group, "version": version, "resource": guess_plural(case["kind"])}


def agrees(want: dict[str, Any], got: dict[str, Any]) -> bool:
    """Whether they are the same."""
    return want == got


ANSWERS: Final[
    dict[
        str,
        tuple[Callable[[dict[str, Any]], dict[str, Any]], Callable[[dict[str, Any], dict[str, Any]], bool]],
    ]
] = {"k8s-plural": (answer, agrees)}
