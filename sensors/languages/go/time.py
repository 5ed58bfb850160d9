"""Moments and durations of Go's package time. Where Go would ask the machine for its time zone, it is UTC here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final, NamedTuple
from zoneinfo import ZoneInfo

from sensors.languages.go.limits import GoError
from sensors.languages.go.values import Int, Int64

SECOND: Final = 1_000_000_000
"""Nanoseconds of a second."""

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
WEEKDAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST: Final = -62135510400
"""The second from which on Python can tell a time zone's offset: a day into the year 1."""

_RULED, _CYCLE = 13569465600, 12622780800
"""Seconds from 1970 to the year 2400, and of 400 years, after which calendar and rules repeat."""

_QUARTER: Final = 91 * 86400
"""Seconds of a quarter of a year, in which no zone changes its name twice."""

_SINCE_1840: Final = -130 * 365 * 86400
"""The second from which on zones have names."""

_BEFORE: Final = (292277022400 * 146097 // 400 + 306) * 86400 + 62135596800
"""Seconds before 1970 from which on Go counts, in 64 bits."""

ZERO_SECONDS: Final = -62135596800
"""The first of January of the year 1, Go's zero moment."""


class Month(Int):
    go_type = "time.Month"
    go_kind = "int"

    def go_string(self) -> str:
        return MONTHS[self - 1] if 1 <= self <= 12 else f"%!Month({int(self)})"


class Weekday(Int):
    go_type = "time.Weekday"
    go_kind = "int"

    def go_string(self) -> str:
        return WEEKDAYS[self] if 0 <= self <= 6 else f"%!Weekday({int(self)})"


class Duration(Int64):
    """Nanoseconds."""

    go_type = "time.Duration"
    go_kind = "int64"

    def go_string(self) -> str:
        if not self:
            return "0s"
        sign, rest = "-" if self < 0 else "", abs(int(self))
        if rest < SECOND:
            for unit, size in (("ms", 1_000_000), ("µs", 1000), ("ns", 1)):
                if rest >= size:
                    return f"{sign}{_with_fraction(rest, size)}{unit}"
        seconds, fraction = divmod(rest, SECOND)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        text = f"{_with_fraction(seconds * SECOND + fraction, SECOND)}s"
        if hours or minutes:
            text = f"{minutes}m{text}"
        return f"{sign}{hours}h{text}" if hours else sign + text

    def rounded(self, unit: int) -> Duration:
        """To the next multiple of `unit` nanoseconds, halves away from zero."""
        if unit <= 0:
            return self
        multiple = (2 * abs(int(self)) + unit) // (2 * unit) * unit
        return Duration(max(-(1 << 63), min(multiple if self >= 0 else -multiple, (1 << 63) - 1)))

    def truncated(self, unit: int) -> Duration:
        if unit <= 0:
            return self
        multiple = abs(int(self)) // unit * unit
        return Duration(multiple if self >= 0 else -multiple)


def _with_fraction(value: int, size: int) -> str:
    whole, fraction = divmod(value, size)
    digits = f"{fraction:0{len(str(size)) - 1}d}".rstrip("0") if fraction else ""
    return f"{whole}.{digits}" if digits else str(whole)


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone: one of the database by `key`, or one of a fixed offset in seconds with a name, which may be empty."""

    name: str
    offset: int = 0
    key: str = ""

    def at(self, seconds: int) -> tuple[str, int]:
        """Abbreviation and offset at a time of Unix."""
        if not self.key:
            return self.name, self.offset
        there = self._there(seconds)
        return there.tzname() or "", int((there.utcoffset() or timedelta()).total_seconds())

    def offset_of(self, name: str, seconds: int) -> int | None:
        """The offset of an abbreviation by a wall clock that shows `seconds`, None if it is not one of the zone's."""
        if not self.key:
            return self.offset if name == self.name else None
        nearby = range(seconds - 4 * _QUARTER, seconds + 5 * _QUARTER, _QUARTER)
        for offset in sorted({offset for known, offset in map(self.at, nearby) if known == name}):
            if self.at(seconds - offset) == (name, offset):
                return offset
        # A name of other times is better than none.
        ever = map(self.at, range(_SINCE_1840, seconds, _QUARTER))
        return next((offset for known, offset in ever if known == name), None)

    def is_dst(self, seconds: int) -> bool:
        return bool(self.key and self._there(seconds).dst())

    def _there(self, seconds: int) -> datetime:
        """A moment at which the zone has the same offset, among those that Python knows."""
        if seconds > _RULED:
            seconds = _RULED + (seconds - _RULED) % _CYCLE
        return (_EPOCH + timedelta(seconds=max(_LEAST, seconds))).astimezone(ZoneInfo(self.key))


ZULU: Final = Zone("UTC")


def load_zone(name: str) -> Zone | None:
    """time.LoadLocation: a zone of the IANA database, None for an unknown one; no name and `Local` are UTC."""
    if name in ("", "UTC", "Local"):
        return ZULU
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return None
    return Zone(name, 0, name)


class Date(NamedTuple):
    year: int
    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Time:
    """A moment: seconds since 1970 UTC, nanoseconds beyond them, and where it is looked at from."""

    go_type: ClassVar[str] = "time.Time"
    go_kind: ClassVar[str] = "struct"

    seconds: int
    nanoseconds: int = 0
    zone: Zone = ZULU

    @property
    def local_seconds(self) -> int:
        return self.seconds + self.zone.at(self.seconds)[1]

    @property
    def date(self) -> Date:
        return civil(self.local_seconds // 86400)

    @property
    def clock(self) -> tuple[int, int, int]:
        second = self.local_seconds % 86400
        return second // 3600, second // 60 % 60, second % 60

    @property
    def weekday(self) -> Weekday:
        return Weekday((self.local_seconds // 86400 + 4) % 7)

    @property
    def year_day(self) -> int:
        return self.local_seconds // 86400 - days_of(self.date.year, 1, 1) + 1

    def plus(self, nanoseconds: int) -> Time:
        seconds, rest = divmod(self.nanoseconds + nanoseconds, SECOND)
        return Time(self.seconds + seconds, rest, self.zone)

    def minus(self, other: Time) -> Duration:
        """The duration since another moment, the longest there is if it is longer."""
        difference = (self.seconds - other.seconds) * SECOND + self.nanoseconds - other.nanoseconds
        return Duration(max(-(1 << 63), min(difference, (1 << 63) - 1)))

    def seen_from(self, zone: Zone) -> Time:
        return Time(self.seconds, self.nanoseconds, zone)

    def go_string(self) -> str:
        """As `%v` prints it."""
        name, offset = self.zone.at(self.seconds)
        text = written_offset(offset, "")
        return f"{self._written(' ')} {text} {name or text}"

    def go_json(self) -> str:
        """RFC 3339, as encoding/json writes it. Raises GoError for years that this cannot have."""
        if not 0 <= self.date.year <= 9999:
            raise GoError("the year is not between 0 and 9999, and so no JSON")
        offset = self.zone.at(self.seconds)[1]
        return self._written("T") + (written_offset(offset, ":") if offset else "Z")

    def _written(self, separator: str) -> str:
        year, month, day = self.date
        hour, minute, second = self.clock
        sign = "-" if year < 0 else ""
        fraction = f".{self.nanoseconds:09d}".rstrip("0") if self.nanoseconds else ""
        return f"{sign}{abs(year):04d}-{month:02d}-{day:02d}{separator}{hour:02d}:{minute:02d}:{second:02d}{fraction}"


def written_offset(offset: int, colon: str) -> str:
    """The offset of a time zone in hours and minutes, with a sign that is that of the minutes."""
    minutes = abs(offset) // 60
    return f"{'-' if offset <= -60 else '+'}{minutes // 60:02d}{colon}{minutes % 60:02d}"


def time_at(seconds: int, zone: Zone = ZULU) -> Time:
    """time.Unix: what overflows 64 bits comes out at the other end."""
    return Time((seconds + _BEFORE) % (1 << 64) - _BEFORE, 0, zone)


def time_of(date: tuple[int, int, int], clock: tuple[int, int, int], nanoseconds: int, zone: Zone = ZULU) -> Time:
    """time.Date: the moment of a wall clock; months and days out of range carry over."""
    year, month, day = date
    days = days_of(year + (month - 1) // 12, (month - 1) % 12 + 1, 1) + day - 1
    seconds = days * 86400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    if offset := zone.at(seconds)[1]:
        # The offset at these digits in UTC may not be that of the moment itself, if it lies near a change.
        seconds -= zone.at(seconds - offset)[1]
    return Time(seconds, nanoseconds, zone)


def days_of(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the Gregorian calendar, however long before or after."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


def civil(days: int) -> Date:
    """The date that is so many days after 1970-01-01."""
    era, day = divmod(days + 719468, 146097)
    of_era = (day - day // 1460 + day // 36524 - day // 146096) // 365
    of_year = day - (365 * of_era + of_era // 4 - of_era // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + (3 if shifted < 10 else -9)
    return Date(of_era + era * 400 + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1)


def days_in(year: int, month: int) -> int:
    return 29 if month == 2 and is_leap(year) else (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
