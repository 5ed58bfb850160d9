"""Recorded cases of transforms: the data that comes of an event's data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from config.sensor import Transform
from sensors.errors import CompileError
from sensors.transform import compile_transform
from tests.oracle.events import make_event

if TYPE_CHECKING:
    from collections.abc import Callable


def answer(case: dict[str, Any]) -> dict[str, Any]:
    """`data` as text, None for none, and `datacontenttype`; or `error` if the transform fails or is refused."""
    try:
        manifest = None if case["transform"] is None else Transform.model_validate(case["transform"])
        transform = compile_transform(manifest)
        # Only data has a type.
        kind = "" if case["data"] is None else case.get("datacontenttype", "application/json")
        event = make_event({"datacontenttype": kind}, case["data"])
        changed = event if transform is None else transform.apply(event)
    except (CompileError, ValidationError, ValueError) as error:
        return {"error": str(error)}
    data = None if changed.data is None else changed.data.decode()
    return {"data": data, "datacontenttype": changed.datacontenttype}


def agrees(want: dict[str, Any], got: dict[str, Any]) -> bool:
    """Whether both failed, or both give the same JSON, whose numbers are doubles."""
    if "error" in want or "panic" in want:
        return "error" in got
    return (
        "error" not in got
        and _value(want["data"]) == _value(got["data"])
        and want["datacontenttype"] == got["datacontenttype"]
    )


def _value(data: str | None) -> Any:
    """The JSON value of the data; text that is none as it is."""
    if data is None:
        return None
    try:
        return "json", json.loads(data, parse_int=float)
    except ValueError:
        return "text", data


ANSWERS: Final[
    dict[
        str,
        tuple[Callable[[dict[str, Any]], dict[str, Any]], Callable[[dict[str, Any], dict[str, Any]], bool]],
    ]
] = {"transforms": (answer, agrees)}
