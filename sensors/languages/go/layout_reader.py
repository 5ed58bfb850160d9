"""Reading moments by layouts of Go's package time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sensors.languages.go.layout_parts import parts_of
from sensors.languages.go.limits import GoError
from sensors.languages.go.time import MONTHS, WEEKDAYS, ZULU, Time, Zone, days_in, is_leap, time_of

_NUMBER: Final = re.compile(r"[0-9]{1,2}")
_ZONE_NAME: Final = re.compile(
    r"ChST|MeST|GMT(?:[+-][0-9]+)?|[+-][0-9]+|[A-Z]{4}T(?![A-Z])|WITA(?![A-Z])|[A-Z]{3}T?(?![A-Z])"
)
_FRACTION: Final = re.compile(r"[.,][0-9]+")


@dataclass(slots=True)
class _Fields:
    """What has been read so far."""

    year: int = 0
    month: int | None = None
    day: int | None = None
    year_day: int | None = None
    hour: int = 0
    minute: int = 0
    second: int = 0
    nanoseconds: int = 0
    half: str = ""
    is_utc: bool = False
    offset: int | None = None
    zone_name: str = ""


def parse_time(layout: str, text: str, zone: Zone = ZULU) -> Time:
    """time.ParseInLocation, with UTC time.Parse. Raises GoError for what is no moment in this layout."""
    fields = _Fields()
    parts = list(parts_of(layout))
    for index, part in enumerate(parts):
        if part.is_field:
            following = next((later.text for later in parts[index + 1 :] if later.is_field), "")
            text = _read(fields, part.text, text, following)
        else:
            text = _skip(text, part.text)
    if text:
        raise GoError("there is text after the time")
    return _moment(fields, zone)


def _skip(text: str, expected: str) -> str:
    """The rest of a text after what a layout expects; of blanks any number is as good as another."""
    for piece in re.findall(r" +|[^ ]+", expected):
        if piece[0] == " ":
            if text and text[0] != " ":
                raise _unfit(expected)
            text = text.lstrip(" ")
        elif text.startswith(piece):
            text = text[len(piece) :]
        else:
            raise _unfit(expected)
    return text


def _unfit(field: str) -> GoError:
    return GoError(f"the time does not fit its layout at '{field}'")


def _read(fields: _Fields, field: str, text: str, following: str) -> str:
    """Reads one field, and gives the rest of the text."""
    match field:
        case "2006":
            if not re.match(r"[0-9]{4}", text):
                raise _unfit(field)
            fields.year = int(text[:4])
            return text[4:]
        case "06":
            if not re.match(r"[0-9]{2}|[+-][0-9]", text):
                raise _unfit(field)
            year = int(text[:2])
            fields.year = year + (1900 if year >= 69 else 2000)
            return text[2:]
        case "January" | "Jan" | "Monday" | "Mon":
            return _read_name(fields, field, text)
        case "PM" | "pm":
            if text[:2] not in (("AM", "PM") if field == "PM" else ("am", "pm")):
                raise _unfit(field)
            fields.half = text[:2].upper()
            return text[2:]
        case "__2" | "002":
            return _read_year_day(fields, field, text)
        case "MST":
            return _read_zone_name(fields, text)
    if field[0] in "-Z":
        return _read_offset(fields, field, text)
    if field[0] in ".,":
        return _read_fraction(fields, field, text)
    return _read_number(fields, field, text, following)


def _read_name(fields: _Fields, field: str, text: str) -> str:
    names = MONTHS if field[0] == "J" else WEEKDAYS
    for index, name in enumerate(names):
        wanted = name[:3] if len(field) == 3 else name
        if text[: len(wanted)].lower() == wanted.lower() and text[: len(wanted)].isascii():
            if field[0] == "J":
                fields.month = index + 1
            return text[len(wanted) :]
    raise _unfit(field)


def _read_number(fields: _Fields, field: str, text: str, following: str) -> str:
    if field == "_2":
        text = text.removeprefix(" ")
    found = _NUMBER.match(text)
    if found is None or (field[0] == "0" and len(found[0]) < 2):
        raise _unfit(field)
    number = int(found[0])
    rest = text[found.end() :]
    match field.lstrip("0_"):
        case "1":
            fields.month = _within(number, 1, 12, "month")
        case "2":
            fields.day = number
        case "15":
            fields.hour = _within(number, 0, 23, "hour")
        case "3":
            fields.hour = _within(number, 0, 12, "hour")
        case "4":
            fields.minute = _within(number, 0, 59, "minute")
        case _:
            fields.second = _within(number, 0, 59, "second")
            # A fraction may follow the seconds even if the layout does not say so.
            if following[:1] not in (".", ",") and (fraction := _FRACTION.match(rest)):
                fields.nanoseconds = _nanoseconds(fraction[0])
                rest = rest[fraction.end() :]
    return rest


def _within(number: int, least: int, most: int, what: str) -> int:
    if not least <= number <= most:
        raise GoError(f"the {what} is out of range")
    return number


def _read_year_day(fields: _Fields, field: str, text: str) -> str:
    if field[0] == "_":
        text = text.removeprefix(" ").removeprefix(" ")
    found = re.match(r"[0-9]{1,3}", text)
    if found is None or (field == "002" and len(found[0]) < 3):
        raise _unfit(field)
    fields.year_day = int(found[0])
    return text[found.end() :]


def _read_zone_name(fields: _Fields, text: str) -> str:
    if text.startswith("UTC"):
        fields.is_utc = True
        return text[3:]
    found = _ZONE_NAME.match(text)
    name = found[0] if found else ""
    if name[-1:].isdigit() and int(name.lstrip("GMT")[1:]) > 23:
        name = "GMT" if name[0] == "G" else ""
    if not name:
        raise _unfit("MST")
    fields.zone_name = name
    return text[len(name) :]


def _read_offset(fields: _Fields, field: str, text: str) -> str:
    if field[0] == "Z" and text.startswith("Z"):
        fields.is_utc = True
        return text[1:]
    found = re.match("[+-]" + re.sub("[07]", "[0-9]", field[1:]), text)
    if found is None:
        raise _unfit(field)
    digits = found[0][1:].replace(":", "").ljust(6, "0")
    hours, minutes, seconds = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    if hours > 24 or minutes > 60 or seconds > 60:
        raise GoError("the offset of the time zone is out of range")
    offset = (hours * 60 + minutes) * 60 + seconds
    fields.offset = -offset if text[0] == "-" else offset
    return text[found.end() :]


def _read_fraction(fields: _Fields, field: str, text: str) -> str:
    if field[1] == "9":
        found = _FRACTION.match(text)
        if found is None:
            return text
    else:
        found = re.match(rf"[.,][0-9]{{{len(field) - 1}}}", text)
        if found is None:
            raise _unfit(field)
    fields.nanoseconds = _nanoseconds(found[0])
    return text[found.end() :]


def _nanoseconds(fraction: str) -> int:
    return int(fraction[1:10].ljust(9, "0"))


def _moment(fields: _Fields, zone: Zone) -> Time:
    hour = fields.hour
    if fields.half == "PM" and hour < 12:
        hour += 12
    elif fields.half == "AM" and hour == 12:
        hour = 0
    month, day = _month_and_day(fields)
    if not 1 <= day <= days_in(fields.year, month):
        raise GoError("the day is out of range")
    date, clock = (fields.year, month, day), (hour, fields.minute, fields.second)
    moment = time_of(date, clock, fields.nanoseconds)
    if fields.is_utc:
        return moment
    if fields.offset is not None and fields.offset != -1:
        seconds = moment.seconds - fields.offset
        name, offset = zone.at(seconds)
        is_there = offset == fields.offset and fields.zone_name in ("", name)
        return Time(seconds, moment.nanoseconds, zone if is_there else Zone(fields.zone_name, fields.offset))
    if fields.zone_name:
        if (known := zone.offset_of(fields.zone_name, moment.seconds)) is not None:
            return Time(moment.seconds - known, moment.nanoseconds, zone)
        hours = fields.zone_name.removeprefix("GMT") if fields.zone_name.startswith("GMT") else ""
        # The digits are taken as UTC, and only shown as if they were of that zone.
        return Time(moment.seconds, moment.nanoseconds, Zone(fields.zone_name, int(hours or 0) * 3600))
    return time_of(date, clock, fields.nanoseconds, zone)


def _month_and_day(fields: _Fields) -> tuple[int, int]:
    if fields.year_day is None:
        return fields.month or 1, 1 if fields.day is None else fields.day
    day, month = fields.year_day, 1
    if not 1 <= day <= 365 + is_leap(fields.year):
        raise GoError("the day of the year is out of range")
    while day > days_in(fields.year, month):
        day -= days_in(fields.year, month)
        month += 1
    if fields.month not in (None, month) or fields.day not in (None, day):
        raise GoError("the day of the year does not match month and day")
    return month, day
