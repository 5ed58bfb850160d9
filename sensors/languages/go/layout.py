"""Layouts of Go's package time, in which a date of reference shows what goes where: writing and reading moments by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sensors.languages.go.layout_parts import parts_of
from sensors.languages.go.layout_reader import parse_time
from sensors.languages.go.time import MONTHS, WEEKDAYS, Time, written_offset

__all__ = ["format_time", "parse_time"]


def format_time(moment: Time, layout: str) -> str:
    """time.Time.Format."""
    return "".join(_field(moment, part.text) if part.is_field else part.text for part in parts_of(layout))


def _field(moment: Time, field: str) -> str:
    if writer := _WRITERS.get(field):
        return writer(moment)
    if field[0] in ".,":
        return _written_fraction(moment.nanoseconds, field)
    return _written_offset(moment.zone.at(moment.seconds)[1], field)


def _hour12(moment: Time) -> int:
    return moment.clock[0] % 12 or 12


def _padded(number: int, width: int) -> str:
    return f"-{-number:0{width}d}" if number < 0 else f"{number:0{width}d}"


def _zone_name(moment: Time) -> str:
    name, offset = moment.zone.at(moment.seconds)
    return name or _written_offset(offset, "-0700")


_WRITERS: Final[dict[str, Callable[[Time], str]]] = {
    "January": lambda moment: MONTHS[moment.date.month - 1],
    "Jan": lambda moment: MONTHS[moment.date.month - 1][:3],
    "1": lambda moment: str(moment.date.month),
    "01": lambda moment: f"{moment.date.month:02d}",
    "Monday": lambda moment: WEEKDAYS[moment.weekday],
    "Mon": lambda moment: WEEKDAYS[moment.weekday][:3],
    "2": lambda moment: str(moment.date.day),
    "_2": lambda moment: f"{moment.date.day:2d}",
    "02": lambda moment: f"{moment.date.day:02d}",
    "__2": lambda moment: f"{moment.year_day:3d}",
    "002": lambda moment: f"{moment.year_day:03d}",
    "15": lambda moment: f"{moment.clock[0]:02d}",
    "3": lambda moment: str(_hour12(moment)),
    "03": lambda moment: f"{_hour12(moment):02d}",
    "4": lambda moment: str(moment.clock[1]),
    "04": lambda moment: f"{moment.clock[1]:02d}",
    "5": lambda moment: str(moment.clock[2]),
    "05": lambda moment: f"{moment.clock[2]:02d}",
    "2006": lambda moment: _padded(moment.date.year, 4),
    "06": lambda moment: f"{abs(moment.date.year) % 100:02d}",
    "PM": lambda moment: "PM" if moment.clock[0] >= 12 else "AM",
    "pm": lambda moment: "pm" if moment.clock[0] >= 12 else "am",
    "MST": _zone_name,
}


def _written_offset(offset: int, field: str) -> str:
    if field[0] == "Z" and not offset:
        return "Z"
    colon = ":" if ":" in field else ""
    text = written_offset(offset, colon)
    if len(field) == 3:
        return text[:3]
    if len(field) > 6:
        # The seconds of less than a minute keep their sign.
        text += colon + _padded(offset if -60 < offset < 0 else abs(offset) % 60, 2)
    return text


def _written_fraction(nanoseconds: int, field: str) -> str:
    digits = f"{nanoseconds:09d}"[: len(field) - 1]
    if field[1] == "9":
        digits = digits.rstrip("0") if nanoseconds else ""
        return field[0] + digits if digits else ""
    return field[0] + digits
