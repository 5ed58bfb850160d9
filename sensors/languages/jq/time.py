"""Times of jq: seconds since 1970, or a list: year, month from 0, day, hour, minute, second, day of the week and of the year."""

from __future__ import annotations

import math
from typing import Final

from sensors.languages.go.time import SECOND, Time, time_at, time_of
from sensors.languages.jq.frames import Function, Run
from sensors.languages.jq.strftime import format_time
from sensors.languages.jq.strptime import parse_time
from sensors.languages.jq.values import JqError, Value, is_number, shown, to_float, to_integer, unfit

_ISO: Final = "%Y-%m-%dT%H:%M:%S%z"
_ISO_WRITTEN: Final = "%Y-%m-%dT%H:%M:%SZ"
_FIELDS: Final = 8
_ZERO: Final = -62135596800.0
"""The first of January of the year 1, which Go takes for no time."""


def _moment(seconds: float) -> Time:
    fraction = int((seconds - math.floor(seconds)) * SECOND) if math.isfinite(seconds) else 0
    return time_at(to_integer(seconds)).plus(fraction)


def _listed(moment: Time) -> list[Value]:
    year, month, day = moment.date
    hour, minute, second = moment.clock
    seconds = second + moment.nanoseconds / SECOND
    return [year, month - 1, day, hour, minute, seconds, int(moment.weekday), moment.year_day - 1]


def _seconds(moment: Time) -> float:
    return float(moment.seconds) + moment.nanoseconds / SECOND


def _from_list(fields: list[Value]) -> Time:
    """Raises ValueError for what is not a list of numbers."""
    if not all(map(is_number, fields[:_FIELDS])):
        raise ValueError("expected an array of 8 numbers")
    year, month, day, hour, minute = (to_integer(each) for each in (*fields[:5], *[0] * 5)[:5])
    second = to_float(fields[5]) if len(fields) > 5 else 0.0
    fraction = int((second - math.floor(second)) * SECOND) if math.isfinite(second) else 0
    zone = time_at(0).zone
    return time_of((year, month + 1, day), (hour, minute, to_integer(second)), 0, zone).plus(fraction)


def to_list(name: str) -> Function:
    def function(run: Run, value: Value) -> Value:
        if not is_number(value):
            raise unfit(name, value)
        return _listed(_moment(to_float(value)))

    return function


def make_time(run: Run, value: Value) -> Value:
    if value.__class__ is not list:
        raise unfit("mktime", value)
    try:
        return _seconds(_from_list(value))
    except ValueError as error:
        raise JqError(f"mktime cannot be applied to {shown(value)}: {error}") from None


def writing(name: str) -> Function:
    def function(run: Run, value: Value, layout: Value = _ISO_WRITTEN) -> Value:
        fields = _listed(_moment(to_float(value))) if is_number(value) else value
        if fields.__class__ is not list or layout.__class__ is not str:
            raise unfit(name, fields, layout)
        try:
            moment = _from_list(fields)
        except ValueError as error:
            raise JqError(f"{name}({shown(layout)}) cannot be applied to {shown(fields)}: {error}") from None
        run.spend(4 * len(layout))
        text = format_time(moment, layout)
        run.take(len(text))
        return text

    return function


def read(run: Run, value: Value, layout: Value = _ISO) -> Value:
    """`strptime`"""
    if value.__class__ is not str or layout.__class__ is not str:
        raise unfit("strptime", value, layout)
    run.spend(4 * len(layout))
    try:
        moment = parse_time(value, layout)
    except ValueError as error:
        raise JqError(f"strptime({shown(layout)}) cannot be applied to {shown(value)}: {error}") from None
    seconds = _seconds(moment)
    if seconds == _ZERO:
        raise unfit("strptime", value, layout)
    return _listed(_moment(seconds))


def from_date(run: Run, value: Value) -> Value:
    return make_time(run, read(run, value))


FUNCTIONS: Final[dict[tuple[str, int], Function]] = {
    ("fromdate", 0): from_date,
    ("fromdateiso8601", 0): from_date,
    ("gmtime", 0): to_list("gmtime"),
    ("localtime", 0): to_list("localtime"),
    ("mktime", 0): make_time,
    ("strflocaltime", 1): writing("strflocaltime"),
    ("strftime", 1): writing("strftime"),
    ("strptime", 1): read,
    ("todate", 0): writing("strftime"),
    ("todateiso8601", 0): writing("strftime"),
}
