"""sprig's functions of dates. The local time zone is UTC; what is no date counts as the present."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sensors.languages.go.duration import parse_duration
from sensors.languages.go.layout import format_time, parse_time
from sensors.languages.go.limits import GoError
from sensors.languages.go.numbers import read_clamped, wrap
from sensors.languages.go.time import SECOND, ZERO_SECONDS, ZULU, Duration, Time, load_zone, time_at
from sensors.languages.go.values import Int, Int64
from sensors.languages.gotemplate.functions import ANY, STRING, TIME, Function

_HTML: Final = "2006-01-02"
_SPANS: Final = (
    ("y", 365 * 86400),
    ("mo", 30 * 86400),
    ("d", 86400),
    ("h", 3600),
    ("m", 60),
    ("s", 1),
)


def _to_date(layout: str, text: str) -> Time:
    try:
        return parse_time(layout, text)
    except GoError:
        return Time(ZERO_SECONDS)


def _date_modify(duration: str, moment: Time) -> Time:
    try:
        return moment.plus(parse_duration(duration))
    except GoError:
        return moment


def _duration(value: Any) -> str:
    """Seconds as a duration: an int64, or digits."""
    seconds = 0
    if value.__class__ is str:
        seconds = read_clamped(value)
    elif value.__class__ is Int64:
        seconds = int(value)
    return Duration(wrap(seconds * SECOND)).go_string()


def _span(duration: Duration) -> str:
    """The largest unit that the duration is more than, and how many of it."""
    length = abs(int(duration))
    for name, seconds in _SPANS:
        if length > seconds * SECOND:
            return f"{length // (seconds * SECOND)}{name}"
    return "0s"


def date_functions(now: Callable[[], int]) -> list[Function]:
    """The functions of dates; `now` gives nanoseconds since 1970."""

    def present() -> Time:
        seconds, nanoseconds = divmod(now(), SECOND)
        return Time(seconds, nanoseconds)

    def moment_of(value: Any) -> Time:
        if value.__class__ is Time:
            return value
        return time_at(int(value)) if value.__class__ is Int or value.__class__ is Int64 else present()

    def in_zone(layout: str, value: Any, zone: str) -> str:
        return format_time(moment_of(value).seen_from(load_zone(zone) or ZULU), layout)

    def date(layout: str, value: Any) -> str:
        return format_time(moment_of(value).seen_from(ZULU), layout)

    def ago(value: Any) -> str:
        return present().minus(moment_of(value)).rounded(SECOND).go_string()

    def duration_round(value: Any) -> str:
        duration = Duration(0)
        if value.__class__ is str:
            try:
                duration = parse_duration(value)
            except GoError:
                duration = Duration(0)
        elif value.__class__ is Int64:
            duration = Duration(value)
        elif value.__class__ is Time:
            duration = present().minus(value)
        return _span(duration)

    return [
        Function("now", present),
        Function("ago", ago, (ANY,)),
        Function("date", date, (STRING, ANY)),
        *(Function(name, in_zone, (STRING, ANY, STRING)) for name in ("dateInZone", "date_in_zone")),
        Function("htmlDate", lambda value: date(_HTML, value), (ANY,)),
        Function("htmlDateInZone", lambda value, zone: in_zone(_HTML, value, zone), (ANY, STRING)),
        *(Function(name, _date_modify, (STRING, TIME)) for name in ("dateModify", "date_modify")),
        *(
            Function(name, lambda duration, moment: moment.plus(parse_duration(duration)), (STRING, TIME))
            for name in ("mustDateModify", "must_date_modify")
        ),
        Function("toDate", _to_date, (STRING, STRING)),
        Function("mustToDate", parse_time, (STRING, STRING)),
        Function("unixEpoch", lambda moment: str(moment.seconds), (TIME,)),
        Function("duration", _duration, (ANY,)),
        Function("durationRound", duration_round, (ANY,)),
    ]
