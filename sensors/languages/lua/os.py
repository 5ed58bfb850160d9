"""What the library `os` knows of time. Nothing in it reaches the system: there are no files, processes or variables."""

from __future__ import annotations

import re
from typing import Final

from sensors.languages.go.layout import format_time
from sensors.languages.go.time import Time, time_at, time_of
from sensors.languages.lua.arguments import check_any, check_integer, check_table, check_text
from sensors.languages.lua.numbers import parse_number, truncate
from sensors.languages.lua.operators import make_table
from sensors.languages.lua.run import Run
from sensors.languages.lua.values import Table, Value

_DIRECTIVE: Final = re.compile(r"%(.?)", re.DOTALL)
_DIRECTIVE_STEPS: Final = 20
_LAYOUTS: Final = {
    "a": "mon",
    "A": "Monday",
    "b": "Jan",
    "B": "January",
    "c": "02 Jan 06 15:04 MST",
    "d": "02",
    "F": "2006-01-02",
    "H": "15",
    "I": "03",
    "m": "01",
    "M": "04",
    "p": "PM",
    "P": "pm",
    "S": "05",
    "x": "15/04/05",
    "X": "15:04:05",
    "y": "06",
    "Y": "2006",
    "z": "-0700",
    "Z": "MST",
}
"""Layouts of Go for the directives, as gopher-lua has them: for `a` and `x`, they are not what they should be."""


def clock(run: Run, *_: Value) -> Value:
    return run.now() - run.began


def date(run: Run, *arguments: Value) -> Value:
    """Local time is UTC."""
    layout = check_text(arguments[0], 1) if arguments else "%c"
    moment = time_at(check_integer(arguments[1], 2) if len(arguments) > 1 else int(run.now()))
    layout = layout.lstrip("!")
    if layout.startswith("*t"):
        return _fields(run, moment)
    run.take(len(layout))
    return _DIRECTIVE.sub(lambda found: _formatted(run, moment, found[1]), layout)


def _formatted(run: Run, moment: Time, directive: str) -> str:
    run.spend(_DIRECTIVE_STEPS)
    if directive in ("", "%"):
        return "%"
    if directive == "w":
        return str(int(moment.weekday))
    layout = _LAYOUTS.get(directive)
    if layout is None:
        return f"%{directive}"
    run.take(len(layout))
    return format_time(moment, layout)


def _fields(run: Run, moment: Time) -> Table:
    year, month, day = moment.date
    hour, minute, second = moment.clock
    fields = {"year": year, "month": month, "day": day, "hour": hour, "min": minute, "sec": second}
    members: dict[str, Value] = {name: float(value) for name, value in fields.items()}
    return make_table(run, [], {**members, "wday": float(moment.weekday + 1), "yday": 0.0, "isdst": False})


def difftime(run: Run, later: Value = None, earlier: Value = None, *_: Value) -> Value:
    return float(check_integer(later, 1) - check_integer(earlier, 2))


def getenv(run: Run, name: Value = None, *_: Value) -> Value:
    """No variable is set."""
    check_text(name, 1)
    return None


def time(run: Run, *arguments: Value) -> Value:
    if not arguments or check_any(arguments, 1) is None:
        return float(int(run.now()))
    fields = check_table(arguments[0], 1)
    year, month, day = (_field(fields, name, -1) for name in ("year", "month", "day"))
    hour, minute, second = (_field(fields, name, default) for name, default in (("hour", 12), ("min", 0), ("sec", 0)))
    return float(time_of((year, month, day), (hour, minute, second), 0, time_at(0).zone).seconds)


def _field(fields: Table, name: str, default: int) -> int:
    value = fields.get(name)
    if value.__class__ is str:
        digits = value.lstrip(" ")
        if digits.startswith("0") and digits[1:2] not in ("x", "X"):
            digits = digits.lstrip("0") or "0"
        value = parse_number(digits)
    return truncate(value) if value.__class__ is float else default


FUNCTIONS: Final = {"clock": clock, "date": date, "difftime": difftime, "getenv": getenv, "time": time}
