"""Methods of values that are no plain data: moments, durations, and names of days and months."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sensors.languages.go.layout import format_time
from sensors.languages.go.numbers import wrap
from sensors.languages.go.time import (
    SECOND,
    ZERO_SECONDS,
    ZULU,
    Duration,
    Month,
    Time,
    Weekday,
    time_of,
)
from sensors.languages.go.values import Int, Int64
from sensors.languages.gotemplate.functions import DURATION, INT, STRING, TIME, Function


def _after(one: Time, other: Time) -> bool:
    return (one.seconds, one.nanoseconds) > (other.seconds, other.nanoseconds)


def _compare(one: Time, other: Time) -> Int:
    return Int(_after(one, other) - _after(other, one))


def _add_date(moment: Time, years: int, months: int, days: int) -> Time:
    year, month, day = moment.date
    return time_of((year + years, month + months, day + days), moment.clock, moment.nanoseconds, moment.zone)


def _since_start(moment: Time) -> int:
    return (moment.seconds - ZERO_SECONDS) * SECOND + moment.nanoseconds


def _truncate(moment: Time, unit: int) -> Time:
    return moment.plus(-(_since_start(moment) % unit)) if unit > 0 else moment


def _round(moment: Time, unit: int) -> Time:
    if unit <= 0:
        return moment
    rest = _since_start(moment) % unit
    return moment.plus(-rest if 2 * rest < unit else unit - rest)


def _unix(scale: int) -> Callable[[Time], Int64]:
    """Time since 1970 in units of which a second has `scale`."""
    return lambda moment: Int64(wrap(moment.seconds * scale + moment.nanoseconds * scale // SECOND))


def _table(*methods: Function) -> dict[str, Function]:
    return {method.name: method for method in methods}


def _string(value: Any) -> str:
    return str(value.go_string())


TIME_METHODS: Final[Mapping[type, Mapping[str, Function]]] = {
    Time: _table(
        Function("Add", lambda moment, duration: moment.plus(duration), (DURATION,)),
        Function("AddDate", _add_date, (INT, INT, INT)),
        Function("After", _after, (TIME,)),
        Function("Before", lambda one, other: _after(other, one), (TIME,)),
        Function("Compare", _compare, (TIME,)),
        Function("Day", lambda moment: Int(moment.date.day)),
        Function("Equal", lambda one, other: not _compare(one, other), (TIME,)),
        Function("Format", format_time, (STRING,)),
        Function("Hour", lambda moment: Int(moment.clock[0])),
        Function("IsDST", lambda moment: moment.zone.is_dst(moment.seconds)),
        Function("IsZero", lambda moment: moment.seconds == ZERO_SECONDS and not moment.nanoseconds),
        Function("Local", lambda moment: moment.seen_from(ZULU)),
        Function("Minute", lambda moment: Int(moment.clock[1])),
        Function("Month", lambda moment: Month(moment.date.month)),
        Function("Nanosecond", lambda moment: Int(moment.nanoseconds)),
        Function("Round", _round, (DURATION,)),
        Function("Second", lambda moment: Int(moment.clock[2])),
        Function("String", _string),
        Function("Sub", lambda one, other: one.minus(other), (TIME,)),
        Function("Truncate", _truncate, (DURATION,)),
        Function("UTC", lambda moment: moment.seen_from(ZULU)),
        Function("Unix", _unix(1)),
        Function("UnixMicro", _unix(1_000_000)),
        Function("UnixMilli", _unix(1_000)),
        Function("UnixNano", _unix(SECOND)),
        Function("Weekday", lambda moment: moment.weekday),
        Function("Year", lambda moment: Int(moment.date.year)),
        Function("YearDay", lambda moment: Int(moment.year_day)),
    ),
    Duration: _table(
        Function("Abs", lambda duration: Duration(min(abs(int(duration)), (1 << 63) - 1))),
        Function("Hours", lambda duration: int(duration) / (3600 * SECOND)),
        Function("Microseconds", lambda duration: Int64(int(duration / 1_000))),
        Function("Milliseconds", lambda duration: Int64(int(duration / 1_000_000))),
        Function("Minutes", lambda duration: int(duration) / (60 * SECOND)),
        Function("Nanoseconds", lambda duration: Int64(duration)),
        Function("Round", lambda duration, unit: duration.rounded(unit), (DURATION,)),
        Function("Seconds", lambda duration: int(duration) / SECOND),
        Function("String", _string),
        Function("Truncate", lambda duration, unit: duration.truncated(unit), (DURATION,)),
    ),
    Month: _table(Function("String", _string)),
    Weekday: _table(Function("String", _string)),
}
"""By class, the methods by name; parameters are those besides the value itself."""
