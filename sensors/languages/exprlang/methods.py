"""Methods of moments and durations that an expression may call: `date(body.at).Year()`, `duration("1h").Minutes()`.

They are those that templates have; what they give must be known before there are values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sensors.languages.exprlang.types import (
    BOOL,
    DURATION,
    FLOAT,
    INT,
    INT64,
    MONTH,
    STRING,
    TIME,
    WEEKDAY,
    Signature,
    Type,
)
from sensors.languages.go.time import Duration, Month, Time, Weekday
from sensors.languages.gotemplate.functions import Function
from sensors.languages.gotemplate.methods import TIME_METHODS

METHODS: Final[Mapping[type, Mapping[str, Function]]] = TIME_METHODS
"""Methods by the class of the value."""

_PARAMS: Final = {"int": INT, "string": STRING, "time.Time": TIME, "time.Duration": DURATION}
_RESULTS: Final[Mapping[type, Mapping[str, Type]]] = {
    Time: {
        **dict.fromkeys(("Year", "Day", "YearDay", "Hour", "Minute", "Second", "Nanosecond", "Compare"), INT),
        **dict.fromkeys(("Unix", "UnixMilli", "UnixMicro", "UnixNano"), INT64),
        **dict.fromkeys(("IsZero", "IsDST", "Before", "After", "Equal"), BOOL),
        **dict.fromkeys(("UTC", "Local", "Add", "AddDate", "Truncate", "Round"), TIME),
        **dict.fromkeys(("String", "Format"), STRING),
        "Month": MONTH,
        "Weekday": WEEKDAY,
        "Sub": DURATION,
    },
    Duration: {
        **dict.fromkeys(("Hours", "Minutes", "Seconds"), FLOAT),
        **dict.fromkeys(("Milliseconds", "Microseconds", "Nanoseconds"), INT64),
        **dict.fromkeys(("Abs", "Truncate", "Round"), DURATION),
        "String": STRING,
    },
    Month: {"String": STRING},
    Weekday: {"String": STRING},
}
_TYPES: Final = {Time: TIME, Duration: DURATION, Month: MONTH, Weekday: WEEKDAY}


def _signature(method: Function, result: Type) -> Signature:
    return Signature(tuple(_PARAMS[kind.name] for kind in method.parameters), result)


SIGNATURES: Final[Mapping[Type, Mapping[str, Signature]]] = {
    _TYPES[of]: {name: _signature(TIME_METHODS[of][name], result) for name, result in results.items()}
    for of, results in _RESULTS.items()
}
"""What methods take and give, by the type of the value."""
