"""Functions on moments, as Kyverno's functions of these names do it: texts of RFC 3339, Go's layouts and durations.

Results have whole seconds. Where Go would take the time zone of the machine, it is UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sensors.languages.go.duration import parse_duration
from sensors.languages.go.layout import format_time, parse_time
from sensors.languages.go.time import SECOND, ZERO_SECONDS, ZULU, Time
from sensors.languages.jmes.errors import JmesRuntimeError
from sensors.languages.jmes.function import Function, Parameter

RFC3339: Final = "2006-01-02T15:04:05Z07:00"

_ZULU: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?Z")
_LONGEST_TEXT: Final = 1000


def _moment(layout: str, text: str) -> Time:
    if max(len(layout), len(text)) > _LONGEST_TEXT:
        raise JmesRuntimeError(f"a time or layout of more than {_LONGEST_TEXT} characters")
    try:
        return parse_time(layout, text)
    except ValueError as error:
        shown = "RFC 3339, such as 2006-01-02T15:04:05Z" if layout == RFC3339 else "as its layout says"
        raise JmesRuntimeError(f"a time is not written {shown}") from error


def _read_moment(text: str) -> Time:
    # Most times are of this form, which Python reads in a tenth of the time.
    if (found := _ZULU.fullmatch(text)) is not None:
        try:
            seconds = int(datetime.fromisoformat(f"{found[1]}+00:00").timestamp())
            return Time(seconds, int((found[2] or "").ljust(9, "0")))
        except ValueError:
            pass
    return _moment(RFC3339, text)


def _read_duration(text: str) -> int:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise JmesRuntimeError(str(error)) from error


def _written(moment: Time) -> str:
    return format_time(moment, RFC3339)


def _between(start: Time, end: Time) -> str:
    return end.minus(start).go_string()


def _order(moment: Time) -> tuple[int, int]:
    return moment.seconds, moment.nanoseconds


def _add(moment: Time, duration: int) -> str:
    return _written(moment.plus(duration))


def _parse(layout: str, text: str) -> str:
    try:
        int(layout)
    except ValueError:
        return _written(_moment(layout, text))
    try:
        seconds = int(text)
    except ValueError as error:
        raise JmesRuntimeError("time_parse() wants the seconds since 1970 for a layout that is a number") from error
    if not -(1 << 55) <= seconds < 1 << 55:
        raise JmesRuntimeError("time_parse() was given a time that is out of range")
    return _written(Time(seconds))


def _to_cron(moment: Time) -> str:
    hour, minute, _ = moment.clock
    _, month, day = moment.date
    return f"{minute} {hour} {day} {month} {int(moment.weekday)}"


def _truncate(moment: Time, duration: int) -> str:
    """Down to a multiple of the duration, counted from the year 1."""
    if duration > 0:
        since = (moment.seconds - ZERO_SECONDS) * SECOND + moment.nanoseconds
        moment = moment.plus(-(since % duration))
    return _written(moment)


_STRING: Final = Parameter(("string",))
_MOMENT: Final = Parameter(("string",), read=_read_moment)
_DURATION: Final = Parameter(("string",), read=_read_duration)


def time_functions(now: Callable[[], int]) -> tuple[Function, ...]:
    """The functions; `now` gives the present as nanoseconds since 1970."""

    def present() -> Time:
        seconds, nanoseconds = divmod(now(), SECOND)
        return Time(seconds, nanoseconds)

    def time_now() -> str:
        return _written(present())

    def since(layout: str, start: str, end: str) -> str:
        layout = layout or RFC3339
        return _between(_moment(layout, start), _moment(layout, end) if end else present())

    def function(name: str, parameters: tuple[Parameter, ...], call: Callable[..., Any], *rest: str) -> Function:
        returns, about, example = rest
        return Function(name, parameters, call, returns, about=about, example=example)

    return (
        function("time_now", (), time_now, "string", "the present", "time_now()"),
        function("time_now_utc", (), time_now, "string", "the present, in UTC", "time_now_utc()"),
        function(
            "time_since",
            (_STRING, _STRING, _STRING),
            since,
            "string",
            "the duration from the first time to the second, to the present if that is empty; both are written in a"
            " layout of Go, RFC 3339 if that is empty",
            "time_since('', '2026-01-02T03:04:05Z', '2026-01-02T04:00:00Z')",
        ),
        function(
            "time_add",
            (_MOMENT, _DURATION),
            _add,
            "string",
            "the time a duration later",
            "time_add('2026-01-02T03:04:05Z', '1h30m')",
        ),
        function(
            "time_parse",
            (_STRING, _STRING),
            _parse,
            "string",
            "a time that is written in a layout of Go; in seconds since 1970 if the layout is a number, such as `1`",
            "time_parse('02 Jan 06 15:04 MST', '07 Mar 26 12:30 UTC')",
        ),
        function(
            "time_utc",
            (_MOMENT,),
            lambda moment: _written(moment.seen_from(ZULU)),
            "string",
            "the same time in UTC",
            "time_utc('2026-01-02T03:04:05+01:00')",
        ),
        function(
            "time_diff",
            (_MOMENT, _MOMENT),
            _between,
            "string",
            "the duration from the first time to the second",
            "time_diff('2026-01-02T03:04:05Z', '2026-01-02T04:00:00Z')",
        ),
        function(
            "time_before",
            (_MOMENT, _MOMENT),
            lambda first, second: _order(first) < _order(second),
            "boolean",
            "whether the first time is before the second",
            "time_before('2026-01-02T03:04:05Z', '2026-01-02T04:00:00Z')",
        ),
        function(
            "time_after",
            (_MOMENT, _MOMENT),
            lambda first, second: _order(first) > _order(second),
            "boolean",
            "whether the first time is after the second",
            "time_after('2026-01-02T03:04:05Z', '2026-01-02T04:00:00Z')",
        ),
        function(
            "time_between",
            (_MOMENT, _MOMENT, _MOMENT),
            lambda moment, start, end: _order(start) < _order(moment) < _order(end),
            "boolean",
            "whether the first time is after the second and before the third",
            "time_between('2026-01-02T03:04:05Z', '2026-01-02T03:00:00Z', '2026-01-02T04:00:00Z')",
        ),
        function(
            "time_truncate",
            (_MOMENT, _DURATION),
            _truncate,
            "string",
            "the time rounded down to a multiple of the duration",
            "time_truncate('2026-01-02T03:04:05Z', '1h')",
        ),
        function(
            "time_to_cron",
            (_MOMENT,),
            _to_cron,
            "string",
            "the cron expression for the minute, hour, day, month and weekday of the time",
            "time_to_cron('2026-01-02T03:04:05Z')",
        ),
    )
