"""Methods of moments and durations that an expression may call: `date(body.at).Year()`, `duration("1h").Minutes()`.

Those of Go whose arguments and values an expression can have; of two values they give the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sensors.languages.exprlang_types import (
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
from sensors.languages.go_layout import format_time
from sensors.languages.go_time import SECOND, ZERO_SECONDS, ZULU, Duration, Month, Time, Weekday, days_of, time_of
from sensors.languages.go_values import Int, Int64


@dataclass(frozen=True, slots=True)
class Method:
    """A method: what it takes and gives, and the function of its receiver and arguments."""

    signature: Signature
    call: Callable[..., Any] = field(repr=False)


def _gives(result: Type, call: Callable[..., Any], *params: Type) -> Method:
    return Method(Signature(params, result), call)


def _iso_year(moment: Time) -> Int:
    days = moment.local_seconds // 86400
    thursday = days + 4 - (moment.weekday or 7)
    return Int(Time(thursday * 86400).date.year)


def _since_year_1(moment: Time) -> int:
    return (moment.seconds - ZERO_SECONDS) * SECOND + moment.nanoseconds


def _truncate(moment: Time, unit: Duration) -> Time:
    return moment.plus(-(_since_year_1(moment) % unit)) if unit > 0 else moment


def _round(moment: Time, unit: Duration) -> Time:
    if unit <= 0:
        return moment
    over = _since_year_1(moment) % unit
    return moment.plus(-over if over + over < unit else unit - over)


def _add_date(moment: Time, years: int, months: int, days: int) -> Time:
    year, month, day = moment.date
    date = (year + int(years), month + int(months), day + int(days))
    return time_of(date, moment.clock, moment.nanoseconds, moment.zone)


def _compare(moment: Time, other: Time) -> Int:
    mine, theirs = (moment.seconds, moment.nanoseconds), (other.seconds, other.nanoseconds)
    return Int((mine > theirs) - (mine < theirs))


def _unix(unit: int) -> Callable[[Time], Int64]:
    """Units since 1970, each of so many nanoseconds; overflow wraps around."""
    return lambda moment: Int64.wrap((moment.seconds * SECOND + moment.nanoseconds) // unit)  # type: ignore[return-value]


def _in(unit: int) -> Callable[[Duration], float]:
    def count(duration: Duration) -> float:
        whole, rest = divmod(abs(int(duration)), unit)
        size = whole + rest / unit
        return -size if duration < 0 else float(size)

    return count


def _whole(unit: int) -> Callable[[Duration], Int64]:
    return lambda duration: Int64(abs(int(duration)) // unit * (-1 if duration < 0 else 1))


_TIME: Final[Mapping[str, Method]] = {
    "Year": _gives(INT, lambda moment: Int(moment.date.year)),
    "Month": _gives(MONTH, lambda moment: Month(moment.date.month)),
    "Day": _gives(INT, lambda moment: Int(moment.date.day)),
    "Weekday": _gives(WEEKDAY, lambda moment: moment.weekday),
    "YearDay": _gives(INT, lambda moment: Int(moment.local_seconds // 86400 - days_of(moment.date.year, 1, 1) + 1)),
    "ISOWeek": _gives(INT, _iso_year),
    "Hour": _gives(INT, lambda moment: Int(moment.clock[0])),
    "Minute": _gives(INT, lambda moment: Int(moment.clock[1])),
    "Second": _gives(INT, lambda moment: Int(moment.clock[2])),
    "Nanosecond": _gives(INT, lambda moment: Int(moment.nanoseconds)),
    "Unix": _gives(INT64, lambda moment: Int64(moment.seconds)),
    "UnixMilli": _gives(INT64, _unix(1_000_000)),
    "UnixMicro": _gives(INT64, _unix(1_000)),
    "UnixNano": _gives(INT64, _unix(1)),
    "Zone": _gives(STRING, lambda moment: moment.zone.at(moment.seconds)[0]),
    "IsZero": _gives(BOOL, lambda moment: moment.seconds == ZERO_SECONDS and not moment.nanoseconds),
    "IsDST": _gives(BOOL, lambda moment: moment.zone.is_dst(moment.seconds)),
    "UTC": _gives(TIME, lambda moment: moment.seen_from(ZULU)),
    "Local": _gives(TIME, lambda moment: moment.seen_from(ZULU)),
    "String": _gives(STRING, lambda moment: moment.go_string()),
    "Format": _gives(STRING, format_time, STRING),
    "Before": _gives(BOOL, lambda moment, other: _compare(moment, other) < 0, TIME),
    "After": _gives(BOOL, lambda moment, other: _compare(moment, other) > 0, TIME),
    "Equal": _gives(BOOL, lambda moment, other: _compare(moment, other) == 0, TIME),
    "Compare": _gives(INT, _compare, TIME),
    "Sub": _gives(DURATION, lambda moment, other: moment.minus(other), TIME),
    "Add": _gives(TIME, lambda moment, duration: moment.plus(duration), DURATION),
    "AddDate": _gives(TIME, _add_date, INT, INT, INT),
    "Truncate": _gives(TIME, _truncate, DURATION),
    "Round": _gives(TIME, _round, DURATION),
}
_DURATION: Final[Mapping[str, Method]] = {
    "Hours": _gives(FLOAT, _in(3600 * SECOND)),
    "Minutes": _gives(FLOAT, _in(60 * SECOND)),
    "Seconds": _gives(FLOAT, _in(SECOND)),
    "Milliseconds": _gives(INT64, _whole(1_000_000)),
    "Microseconds": _gives(INT64, _whole(1_000)),
    "Nanoseconds": _gives(INT64, _whole(1)),
    "Abs": _gives(DURATION, lambda duration: Duration(min(abs(int(duration)), (1 << 63) - 1))),
    "Truncate": _gives(DURATION, lambda duration, unit: duration.truncated(unit), DURATION),
    "Round": _gives(DURATION, lambda duration, unit: duration.rounded(unit), DURATION),
    "String": _gives(STRING, lambda duration: duration.go_string()),
}
_NAMED: Final[Mapping[str, Method]] = {"String": _gives(STRING, lambda value: value.go_string())}

METHODS: Final[Mapping[type, Mapping[str, Method]]] = {
    Time: _TIME,
    Duration: _DURATION,
    Month: _NAMED,
    Weekday: _NAMED,
}
"""Methods by the class of the value."""

STATIC_METHODS: Final[Mapping[Type, Mapping[str, Method]]] = {
    TIME: _TIME,
    DURATION: _DURATION,
    MONTH: _NAMED,
    WEEKDAY: _NAMED,
}
"""Methods by the type that the checker knows."""
