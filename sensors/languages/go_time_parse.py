"""Reading an instant from a text by one of Go's layouts, as `time.Parse` does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sensors.languages.go_layout import DAYS, MONTHS, split_layout
from sensors.languages.go_time import UTC_ZONE, Time, Zone, days_in

_DIGITS: Final = re.compile(r"[0-9]+")
_FRACTION: Final = re.compile(r"[.,]([0-9]+)")
_SIGNED: Final = re.compile(r"[+-]?[0-9]+")
_OFFSET: Final = {
    2: re.compile(r"([+-])([0-9]{2})()()"),
    4: re.compile(r"([+-])([0-9]{2})([0-9]{2})()"),
    6: re.compile(r"([+-])([0-9]{2})([0-9]{2})([0-9]{2})"),
}
_COLON_OFFSET: Final = {
    4: re.compile(r"([+-])([0-9]{2}):([0-9]{2})()"),
    6: re.compile(r"([+-])([0-9]{2}):([0-9]{2}):([0-9]{2})"),
}
_ABBREVIATION: Final = re.compile(
    r"ChST|MeST|GMT(?:[+-](?:0*(?:2[0-3]|[01]?[0-9]))(?![0-9]))?"
    r"|[+-]0*(?:2[0-3]|[01]?[0-9])(?![0-9])"
    r"|(?:[A-Z]{4}T|[A-Z]{3}T|WITA|[A-Z]{3})(?![A-Z])"
)


class TimeError(ValueError):
    """A text that is not written as the layout says, or names a moment that there is not."""


def parse_time(layout: str, text: str, zone: Zone = UTC_ZONE) -> Time:
    """The instant. Where the text names no zone it is a clock reading in `zone`, whose abbreviations are known as well.

    Parts that the layout lacks are those of midnight on the first of January of the year 0. Raises TimeError.
    """
    reader = _Reader(text)
    parts, rest = split_layout(layout)
    for number, (before, part) in enumerate(parts):
        reader.skip(before)
        # A fraction may follow the seconds though the layout has none, but not where the layout has one somewhere.
        has_fraction = number + 1 < len(parts) and parts[number + 1][1][0] in ".,"
        reader.read(part, loose_fraction=not has_fraction)
    reader.skip(rest)
    if reader.text:
        raise TimeError(f"'{text}' goes on after what '{layout}' describes")
    return reader.instant(zone)


@dataclass(slots=True)
class _Reader:
    """What is left of the text, and what was read so far."""

    text: str
    year: int = 0
    month: int | None = None
    day: int | None = None
    yearday: int | None = None
    hour: int = 0
    minute: int = 0
    second: int = 0
    nanos: int = 0
    half: str = ""
    zone: Zone | None = None
    offset: int | None = None
    abbreviation: str = ""

    def skip(self, literal: str) -> None:
        """Pass over the text of the layout between its parts; blanks match any number of them."""
        text = self.text
        while literal:
            if literal[0] == " ":
                if text and text[0] != " ":
                    raise self._fault()
                literal, text = literal.lstrip(" "), text.lstrip(" ")
            elif text[:1] == literal[0]:
                literal, text = literal[1:], text[1:]
            else:
                raise self._fault()
        self.text = text

    def read(self, part: str, *, loose_fraction: bool) -> None:
        """Take what a part of the layout stands for."""
        match part:
            case "2006":
                if not _DIGITS.match(self.text):
                    raise self._fault()
                self.year = self._signed(4)
            case "06":
                year = self._signed(2)
                self.year = year + (1900 if year >= 69 else 2000)
            case "January" | "Jan":
                self.month = self._name(MONTHS, whole=part == "January") + 1
            case "Monday" | "Mon":
                self._name(DAYS, whole=part == "Monday")
            case "1" | "01":
                self.month = self._number(part, 1, 12)
            case "2" | "_2" | "02":
                if part == "_2":
                    self.text = self.text.removeprefix(" ")
                self.day = self._number(part.lstrip("_"), 0, 99)
            case "__2" | "002":
                self._read_yearday(part)
            case "15":
                self.hour = self._number("1", 0, 23)
            case "3" | "03":
                self.hour = self._number(part, 0, 12)
            case "4" | "04":
                self.minute = self._number(part, 0, 59)
            case "5" | "05":
                self.second = self._number(part, 0, 59)
                if loose_fraction:
                    self._read_fraction(_FRACTION.match(self.text))
            case "PM" | "pm":
                self.half = self._take(2)
                if self.half not in ((part, "AM") if part == "PM" else (part, "am")):
                    raise self._fault()
            case "MST":
                self._read_abbreviation()
            case _ if part[0] in ".,":
                exact = part[1] == "0"
                digits = f"{{{len(part) - 1}}}" if exact else "+"
                found = re.match(rf"[.,]([0-9]{digits})", self.text)
                if found is None and exact:
                    raise self._fault()
                self._read_fraction(found)
            case _:
                self._read_offset(part)

    def instant(self, zone: Zone) -> Time:
        """The moment that was read."""
        hour = self.hour
        if self.half in ("PM", "pm") and hour < 12:
            hour += 12
        elif self.half in ("AM", "am") and hour == 12:
            hour = 0
        day = self._day()
        clock = (hour, self.minute, self.second)
        if self.zone is not None:
            return Time.of(day, clock, self.nanos, self.zone)
        if self.offset is None and not self.abbreviation:
            return Time.of(day, clock, self.nanos, zone)
        reading = Time.of(day, clock, self.nanos)
        if self.offset is not None:
            moment = reading.seconds - self.offset
            name, offset = zone.at(moment)
            same = offset == self.offset and self.abbreviation in ("", name)
            return Time(moment, self.nanos, zone if same else Zone(self.abbreviation, self.offset))
        known = zone.offset_of(self.abbreviation, reading.seconds)
        if known is not None:
            return Time(reading.seconds - known, self.nanos, zone)
        # An abbreviation says nothing of the offset, so Go takes the reading for UTC; GMT+3 is only printed differently.
        hours = self.abbreviation[3:] if self.abbreviation.startswith("GMT") else ""
        return Time(reading.seconds, self.nanos, Zone(self.abbreviation, int(hours or "0") * 3600))

    def _day(self) -> tuple[int, int, int]:
        month, day = self.month or 1, 1 if self.day is None else self.day
        if self.yearday is not None:
            if not 1 <= self.yearday <= 365 + (days_in(self.year, 2) == 29):
                raise TimeError("day of the year out of range")
            _, month, day = Time.of((self.year, 1, self.yearday), (0, 0, 0)).day
            if self.month not in (None, month) or self.day not in (None, day):
                raise TimeError("the day of the year is another than the month and day")
        if not 1 <= day <= days_in(self.year, month):
            raise TimeError("day out of range")
        return self.year, month, day

    def _read_yearday(self, part: str) -> None:
        blanks = len(self.text) - len(self.text.lstrip(" "))
        if part == "__2":
            self.text = self.text[min(blanks, 2) :]
        found = re.match(r"[0-9]{3}" if part == "002" else r"[0-9]{1,3}", self.text)
        if found is None:
            raise self._fault()
        self.yearday = int(self._take(found.end()))

    def _read_fraction(self, found: re.Match[str] | None) -> None:
        if found is not None:
            self._take(found.end())
            self.nanos = int(found[1][:9].ljust(9, "0"))

    def _read_abbreviation(self) -> None:
        if self.text.startswith("UTC"):
            self._take(3)
            self.zone = UTC_ZONE
        elif len(self.text) >= 3 and (found := _ABBREVIATION.match(self.text)) is not None:
            self.abbreviation = self._take(found.end())
        else:
            raise self._fault()

    def _read_offset(self, part: str) -> None:
        if part[0] == "Z" and self.text.startswith("Z"):
            self._take(1)
            self.zone = UTC_ZONE
            return
        digits = len(part.replace(":", "")) - 1
        found = (_COLON_OFFSET if ":" in part else _OFFSET)[digits].match(self.text)
        if found is None:
            raise self._fault()
        hours, minutes, seconds = (int(group or "0") for group in found.groups()[1:])
        if hours > 24 or minutes > 60 or seconds > 60:
            raise TimeError("time zone offset out of range")
        self._take(found.end())
        self.offset = (hours * 60 + minutes) * 60 + seconds
        if found[1] == "-":
            self.offset = -self.offset

    def _number(self, part: str, least: int, most: int) -> int:
        """A number of one digit or two; of two if the part has two."""
        found = _DIGITS.match(self.text)
        length = min(2, found.end() if found else 0)
        if length < len(part):
            raise self._fault()
        number = int(self._take(length))
        if not least <= number <= most:
            raise TimeError(f"'{part}' out of range")
        return number

    def _signed(self, length: int) -> int:
        taken = self._take(length)
        if not _SIGNED.fullmatch(taken):
            raise self._fault()
        return int(taken)

    def _name(self, names: tuple[str, ...], *, whole: bool) -> int:
        for index, name in enumerate(names):
            wanted = name if whole else name[:3]
            if self.text[: len(wanted)].lower() == wanted.lower():
                self._take(len(wanted))
                return index
        raise self._fault()

    def _take(self, length: int) -> str:
        if length > len(self.text):
            raise self._fault()
        taken, self.text = self.text[:length], self.text[length:]
        return taken

    def _fault(self) -> TimeError:
        return TimeError("not written as the layout says" + (f", at '{self.text[:20]}'" if self.text else ""))
