"""Go's time layouts, texts in which the parts of one certain moment stand for the parts of any: `2006-01-02 15:04:05`.

The parts are those of Go's package `time`; all else in a layout stands for itself.
"""

from __future__ import annotations

import re
from typing import Final

from sensors.languages.go_time import Time

MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")

ANSIC: Final = "Mon Jan _2 15:04:05 2006"
UNIX_DATE: Final = "Mon Jan _2 15:04:05 MST 2006"
RUBY_DATE: Final = "Mon Jan 02 15:04:05 -0700 2006"
RFC822: Final = "02 Jan 06 15:04 MST"
RFC850: Final = "Monday, 02-Jan-06 15:04:05 MST"
RFC1123: Final = "Mon, 02 Jan 2006 15:04:05 MST"
KITCHEN: Final = "3:04PM"
RFC3339: Final = "2006-01-02T15:04:05Z07:00"
RFC3339_NANO: Final = "2006-01-02T15:04:05.999999999Z07:00"
DEFAULT: Final = "2006-01-02 15:04:05.999999999 -0700 MST"
"""What `Time.String` prints."""

_PART: Final = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|3|4|5|PM|pm"
    r"|-070000|-07:00:00|-0700|-07:00|-07|Z070000|Z07:00:00|Z0700|Z07:00|Z07|[.,](?:0+|9+)(?![0-9])"
)


def split_layout(layout: str) -> tuple[list[tuple[str, str]], str]:
    """Each part of a layout with the text before it, and the text after the last one."""
    parts: list[tuple[str, str]] = []
    end = 0
    for found in _PART.finditer(layout):
        parts.append((layout[end : found.start()], found[0]))
        end = found.end()
    return parts, layout[end:]


def format_time(time: Time, layout: str = DEFAULT) -> str:
    """The text of an instant in its zone."""
    parts, rest = split_layout(layout)
    return "".join(before + _format_part(time, part) for before, part in parts) + rest


def _format_part(time: Time, part: str) -> str:
    year, month, day = time.day
    hour, minute, second = time.clock
    match part:
        case "2006":
            return f"{year:04d}" if year >= 0 else f"-{-year:04d}"
        case "06":
            return f"{abs(year) % 100:02d}"
        case "January" | "Jan":
            return MONTHS[month - 1][: None if part == "January" else 3]
        case "Monday" | "Mon":
            return DAYS[time.weekday][: None if part == "Monday" else 3]
        case "1" | "01":
            return _padded(month, part)
        case "2" | "_2" | "02":
            return _padded(day, part)
        case "__2" | "002":
            return _padded(time.yearday, part)
        case "15":
            return f"{hour:02d}"
        case "3" | "03":
            return _padded(hour % 12 or 12, part)
        case "4" | "04":
            return _padded(minute, part)
        case "5" | "05":
            return _padded(second, part)
        case "PM":
            return "PM" if hour >= 12 else "AM"
        case "pm":
            return "pm" if hour >= 12 else "am"
        case "MST":
            return _zone_name(time)
    return _format_fraction(time.nanos, part) if part[0] in ".," else _format_offset(time, part)


def _padded(number: int, part: str) -> str:
    fill = " " if part[0] == "_" else "0"
    return str(number).rjust(len(part), fill)


def _format_fraction(nanos: int, part: str) -> str:
    digits = f"{nanos:09d}"[: len(part) - 1]
    if part[1] == "9":
        digits = digits.rstrip("0")
    return part[0] + digits if digits else ""


def _format_offset(time: Time, part: str) -> str:
    offset = time.zone.at(time.seconds)[1]
    if part[0] == "Z" and not offset:
        return "Z"
    between = ":" if ":" in part else ""
    digits = len(part.replace(":", "")) - 1
    text = _offset_text(offset, between)[: None if digits > 2 else 3]
    return f"{text}{between}{abs(offset) % 60:02d}" if digits == 6 else text


def _zone_name(time: Time) -> str:
    """The abbreviation; where there is none, the offset."""
    name, offset = time.zone.at(time.seconds)
    return name or _offset_text(offset, "")


def _offset_text(offset: int, between: str) -> str:
    hours, minutes = divmod(abs(offset) // 60, 60)
    sign = "-" if offset <= -60 else "+"
    return f"{sign}{hours:02d}{between}{minutes:02d}"
