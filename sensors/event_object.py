"""An event's data as scripts and jq see it in Argo Events: a JSON object, an empty one where the data is `null`."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final

from sensors.languages.gjson import valid

if TYPE_CHECKING:
    from bus.event import Event

_HALF: Final = re.compile("[\ud800-\udfff]")
_KINDS: Final = {list: "a list", str: "text", bool: "a boolean"}


def object_of(event: Event) -> dict[str, Any]:
    """The data, shared by all readers, who must not change it. Raises ValueError if it is anything else."""
    try:
        data = event.json()
    except ValueError:
        data = event.view(_with_halves)
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ValueError(f"the event's data is not an object, but {_KINDS.get(type(data), 'a number')}")
    return data


def _with_halves(event: Event) -> Any:
    """To Go, half of a surrogate pair is JSON as well: it stands for U+FFFD."""
    if not valid(event.data or b""):
        raise ValueError("the event's data is not valid JSON")
    return _whole(json.loads(event.data or b"", parse_float=_finite, parse_int=_integer))


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(name): _whole(member) for name, member in value.items()}
    return value


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the event's data has a number that is too large: {text}")
    return number


def _integer(text: str) -> int | float:
    # Python refuses to read integers of thousands of digits; doubles are all that is needed here.
    return int(text) if len(text) < 18 else _finite(text)
