"""Times as text by a layout of C's `strftime`, with the flags and widths that gojq knows. Local time is UTC."""

from __future__ import annotations

import re
from typing import Final

from sensors.languages.go.time import MONTHS, WEEKDAYS, Time, days_of

_DIRECTIVE: Final = re.compile(r"%(?P<flags>[-_^#0]*)(?P<width>[1-9][0-9]*)?(?P<colons>:{0,3})(?P<name>.)?", re.DOTALL)
_WIDTH_MOST: Final = 1024
COMPOSED: Final = {
    "c": "%a %b %e %H:%M:%S %Y",
    "+": "%a %b %e %H:%M:%S %Z %Y",
    "v": "%e-%b-%Y",
    "r": "%I:%M:%S %p",
    "F": "%Y-%m-%d",
    "D": "%m/%d/%y",
    "x": "%m/%d/%y",
    "T": "%H:%M:%S",
    "X": "%H:%M:%S",
    "R": "%H:%M",
}
_PLAIN: Final = {"t": "\t", "n": "\n", "%": "%"}


def format_time(moment: Time, layout: str) -> str:
    return _DIRECTIVE.sub(lambda found: _written(moment, found), layout)


def _written(moment: Time, found: re.Match[str]) -> str:
    flags, name = found["flags"], found["name"]
    width = min(int(found["width"] or 0), _WIDTH_MOST)
    if name is None or (found["colons"] and name != "z"):
        return found[0]
    if name in COMPOSED:
        text = format_time(moment, COMPOSED[name])
        return text.upper() if "^" in flags else text
    if (number := _number(moment, name)) is not None:
        value, digits, filling = number
        return _filled(value, width, digits, flags, filling)
    if name == "z":
        return _offset(moment, len(found["colons"]))
    text = _text(moment, name)
    if not text:
        return found[0]
    if name not in _PLAIN and ("#" in flags or (name == "P" and "^" not in flags)):
        text = text.lower() if text.isupper() else text.upper()
    if "^" in flags:
        text = text.upper()
    return text.rjust(width, "0" if "0" in flags else " ")


def _number(moment: Time, name: str) -> tuple[int, int, str] | None:
    """What a directive shows, in at least how many digits, and what they are filled up with."""
    year, month, day = moment.date
    hour, minute, second = moment.clock
    weekday, year_day = int(moment.weekday), moment.year_day
    match name:
        case "Y":
            return year, 4, "0"
        case "y":
            return abs(year) % 100, 2, "0"
        case "C":
            return int(year / 100), 2, "0"
        case "g" | "G":
            iso = _iso_week(moment)[0]
            return (iso, 4, "0") if name == "G" else (abs(iso) % 100, 2, "0")
        case "V":
            return _iso_week(moment)[1], 2, "0"
        case "m":
            return month, 2, "0"
        case "w":
            return weekday, 1, "0"
        case "u":
            return weekday or 7, 1, "0"
        case "U":
            return (year_day + 6 - weekday) // 7, 2, "0"
        case "W":
            return (year_day + (7 - weekday if weekday else 0)) // 7, 2, "0"
        case "d" | "e":
            return day, 2, "0" if name == "d" else " "
        case "j":
            return year_day, 3, "0"
        case "H" | "k":
            return hour, 2, "0" if name == "H" else " "
        case "I" | "l":
            return hour % 12 or 12, 2, "0" if name == "I" else " "
        case "M":
            return minute, 2, "0"
        case "S":
            return second, 2, "0"
        case "s":
            return moment.seconds, 1, " "
        case "f":
            return moment.nanoseconds // 1000, 6, "0"
        case _:
            return None


def _iso_week(moment: Time) -> tuple[int, int]:
    """Year and number of the week in which the moment lies; weeks begin on Monday, the first has the year's first Thursday."""
    day = moment.local_seconds // 86400
    thursday = day + 3 - (int(moment.weekday) + 6) % 7
    year = moment.date.year
    year += (thursday >= days_of(year + 1, 1, 1)) - (thursday < days_of(year, 1, 1))
    return year, (thursday - days_of(year, 1, 1)) // 7 + 1


def _filled(value: int, width: int, digits: int, flags: str, filling: str) -> str:
    if "-" in flags:
        return str(value).rjust(width)
    filling = "0" if "0" in flags else " " if "_" in flags else filling
    width = max(width, digits) if digits == 2 or not width else width
    return str(value).zfill(width) if filling == "0" else str(value).rjust(width)


def _text(moment: Time, name: str) -> str:
    """What a directive shows that is no number, empty if there is no such directive."""
    match name:
        case "B" | "b" | "h":
            return MONTHS[moment.date.month - 1][: None if name == "B" else 3]
        case "A" | "a":
            return WEEKDAYS[int(moment.weekday)][: None if name == "A" else 3]
        case "p" | "P":
            return "AM" if moment.clock[0] < 12 else "PM"
        case "Z":
            return moment.zone.at(moment.seconds)[0]
        case _:
            return _PLAIN.get(name, "")


def _offset(moment: Time, colons: int) -> str:
    offset = moment.zone.at(moment.seconds)[1]
    minutes, seconds = divmod(abs(offset), 60)
    hours, minutes = divmod(minutes, 60)
    sign = "-" if offset < 0 else "+"
    if colons == 3:
        shown = (
            f"{hours:02d}" + (f":{minutes:02d}" if minutes or seconds else "") + (f":{seconds:02d}" if seconds else "")
        )
        return sign + shown
    between = ":" if colons else ""
    return f"{sign}{hours:02d}{between}{minutes:02d}" + (f":{seconds:02d}" if colons == 2 else "")
