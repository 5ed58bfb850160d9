"""Text to times by a layout of C's `strptime`, as gojq reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sensors.languages.go.time import MONTHS, WEEKDAYS, ZULU, Time, Zone, time_at, time_of
from sensors.languages.jq.strftime import COMPOSED

_NUMBERS: Final = {
    "C": ("century", 2, 0, 99),
    "m": ("month", 2, 1, 12),
    "d": ("day", 2, 1, 31),
    "e": ("day", 2, 1, 31),
    "j": ("year_day", 3, 1, 366),
    "H": ("hour", 2, 0, 23),
    "k": ("hour", 2, 0, 23),
    "I": ("hour", 2, 1, 12),
    "l": ("hour", 2, 1, 12),
    "M": ("minute", 2, 0, 59),
    "S": ("second", 2, 0, 60),
}
"""Field, most digits, least and greatest value."""

_WEEKS: Final = {"V": 4, "U": 0, "W": 1}
"""The weekday with which the first week of a year begins, or on which it has to be, for ISO's."""

_SPACES: Final = re.compile(r"[ \t\n\v\f\r]+")
_OFFSET: Final = re.compile(r"([+-])([0-9]{2})(?:(:?)([0-9]{2})(?:(:)([0-9]{2}))?)?")
_ZONE: Final = re.compile(r"[A-Z]*")
_ZONE_NAME: Final = re.compile(r"[A-Z]{3}|[A-Z]{3}T|WITA|[A-Z]{4}T")


def parse_time(text: str, layout: str) -> Time:
    """Raises ValueError for a text that does not fit the layout."""
    return _Reader(text, layout).time()


@dataclass(slots=True)
class _Fields:
    year: int = 1900
    month: int = 1
    day: int = 0
    hour: int = 0
    minute: int = 0
    second: int = 0
    nanosecond: int = 0
    century: int = -1
    year_day: int = 0
    week: int = 0
    weekday: int = 0
    week_start: int = -1
    is_afternoon: bool = False
    has_iso_year: bool = False


class _Reader:
    def __init__(self, text: str, layout: str) -> None:
        self._text = text
        self._layout = layout
        self._at = 0
        self._fields = _Fields()
        self._zone: Zone = ZULU

    def time(self) -> Time:
        self._read(self._layout)
        if self._at < len(self._text):
            raise self._failed(f"there is more: '{self._text[self._at :]}'")
        fields = self._fields
        if fields.is_afternoon:
            fields.hour += 12
        if fields.century >= 0:
            fields.year = fields.century * 100 + fields.year % 100
        clock = fields.hour, fields.minute, fields.second
        if fields.day == 0 and fields.year_day:
            if fields.has_iso_year:
                raise self._failed("'%j' goes with '%Y'")
            return time_of((fields.year, 1, fields.year_day), clock, fields.nanosecond, self._zone)
        if fields.day == 0 and fields.week_start >= 0:
            return self._by_week(fields, clock)
        return time_of((fields.year, fields.month, fields.day or 1), clock, fields.nanosecond, self._zone)

    def _by_week(self, fields: _Fields, clock: tuple[int, int, int]) -> Time:
        is_iso = fields.week_start == _WEEKS["V"]
        if is_iso is not fields.has_iso_year:
            raise self._failed("'%V' goes with '%G', '%U' and '%W' with '%Y'")
        week = fields.week + (fields.week_start > 0 and fields.weekday == 1)
        start = time_of((fields.year, 1, -fields.week_start), clock, fields.nanosecond, self._zone)
        days = week * 7 - int(start.weekday) + fields.weekday - 1
        year, month, day = start.date
        return time_of((year, month, day + days), clock, fields.nanosecond, self._zone)

    def _failed(self, reason: str) -> ValueError:
        return ValueError(f"failed to parse '{self._text}' with '{self._layout}': {reason}")

    def _read(self, layout: str) -> None:
        at = 0
        while at < len(layout):
            if layout[at] != "%":
                self._expect(layout[at])
                at += 1
                continue
            colons = 0
            at += 1
            while layout[at : at + 1] == ":" and colons < 3:
                colons += 1
                at += 1
            name = layout[at : at + 1]
            at += 1
            if not name or (colons and name != "z"):
                raise self._failed("a '%' without a directive")
            self._directive(name, colons)

    def _expect(self, character: str) -> None:
        if not self._text.startswith(character, self._at):
            raise self._failed(f"'{character}' is expected")
        self._at += 1

    def _directive(self, name: str, colons: int) -> None:
        fields = self._fields
        match name:
            case _ if name in COMPOSED:
                self._read(COMPOSED[name])
            case _ if name in _NUMBERS:
                if name in "ekl" and self._text.startswith(" ", self._at):
                    self._at += 1
                field, digits, least, most = _NUMBERS[name]
                number = self._number(name, digits, least, most)
                setattr(fields, field, 0 if name in "Il" and number == 12 else number)
            case "Y" | "G":
                fields.has_iso_year |= name == "G"
                sign = self._sign()
                fields.year = sign * self._number(name, 4, 0, 9999)
            case "y" | "g":
                fields.has_iso_year |= name == "g"
                year = self._number(name, 2, 0, 99)
                fields.year = year + (2000 if year < 69 else 1900)
            case "B":
                fields.month = self._word(name, MONTHS)
            case "b" | "h":
                fields.month = self._word(name, [month[:3] for month in MONTHS])
            case "A":
                fields.weekday = self._word(name, WEEKDAYS)
            case "a":
                fields.weekday = self._word(name, [day[:3] for day in WEEKDAYS])
            case "w":
                fields.weekday = self._number(name, 1, 0, 6) + 1
            case "u":
                fields.weekday = self._number(name, 1, 1, 7) % 7 + 1
            case "V" | "U" | "W":
                fields.week = self._number(name, 2, 1 if name == "V" else 0, 53)
                fields.week_start = _WEEKS[name]
                fields.weekday = fields.weekday or (1 if name == "U" else 2)
            case "p" | "P":
                fields.is_afternoon = self._word(name, ("AM", "PM")) == 2
            case "s":
                self._unix()
            case "f":
                start = self._at
                number = self._number(name, 6, 0, 999_999)
                fields.nanosecond = number * 10 ** (6 - (self._at - start)) * 1000
            case "Z":
                self._zone_name()
            case "z":
                self._offset(colons)
            case "t" | "n":
                found = _SPACES.match(self._text, self._at)
                if found is None:
                    raise self._failed("a space is expected")
                self._at = found.end()
            case "%":
                self._expect("%")
            case _:
                raise self._failed(f"there is no directive '%{name}'")

    def _sign(self) -> int:
        if self._text.startswith("-", self._at):
            self._at += 1
            return -1
        return 1

    def _number(self, name: str, digits: int, least: int, most: int) -> int:
        found = re.compile(f"[0-9]{{1,{digits}}}").match(self._text, self._at)
        if found is None or not least <= int(found[0]) <= most:
            raise self._failed(f"cannot parse '%{name}'")
        self._at = found.end()
        return int(found[0])

    def _word(self, name: str, words: Sequence[str]) -> int:
        """Which of some words comes next, counted from 1; capitals do not matter."""
        for place, word in enumerate(words, 1):
            if self._text[self._at : self._at + len(word)].lower() == word.lower():
                self._at += len(word)
                return place
        raise self._failed(f"cannot parse '%{name}'")

    def _unix(self) -> None:
        sign = self._sign()
        moment = time_at(sign * self._number("s", 19, 0, 10**19))
        fields = self._fields
        fields.year, fields.month, fields.day = moment.date
        fields.hour, fields.minute, fields.second = moment.clock

    def _zone_name(self) -> None:
        """An abbreviation, whose offset nobody knows but that of UTC."""
        found = _ZONE.match(self._text, self._at)
        assert found is not None
        if not _ZONE_NAME.fullmatch(found[0]):
            raise self._failed("cannot parse '%Z'")
        self._at = found.end()

    def _offset(self, colons: int) -> None:
        if self._text.startswith("Z", self._at):
            self._at += 1
            return
        found = _OFFSET.match(self._text, self._at)
        if found is None:
            raise self._failed("cannot parse '%z'")
        sign, hours, colon, minutes, second_colon, seconds = found.groups("")
        if (colons in (1, 2) and not (colon and minutes)) or (colons == 2 and not second_colon):
            raise self._failed(f"cannot parse '%{':' * colons}z'")
        is_whole = bool(colon) or not second_colon
        self._at = found.end() if is_whole else found.start(5)
        offset = (int(hours) * 60 + int(minutes or 0)) * 60 + (int(seconds or 0) if is_whole else 0)
        self._zone = Zone("", -offset if sign == "-" else offset)
