"""Time as Argo Events shows it: zones by the names Go accepts, instants in the text of Go's `Time.String`.

Instants are aware datetimes in UTC everywhere else; Python compares two times of one zone by their wall clocks, which
is wrong in the hour that a change to winter time repeats.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from config.errors import EventyardError

# Argo Events' pods run in UTC, so its "process local" time is UTC too.
_UTC_NAMES = frozenset({"", "UTC", "Local"})
_GO_TEXT = re.compile(
    r"(?P<clock>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(?P<fraction>\d{1,9}))? "
    r"(?P<offset>[+-]\d{4}) \S+(?: m=[+-][\d.]+)?",
    re.ASCII,
)


def load_zone(name: str) -> tzinfo:
    """The time zone of that IANA name; an empty name is UTC.

    Raises EventyardError if there is no such zone; the fix names a similar one.
    """
    if name in _UTC_NAMES:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # OSError: a folder of the database, such as `America`, is no zone either.
        raise EventyardError(f"unknown time zone '{name}'", fix=_similar_zone(name)) from None


def _similar_zone(name: str) -> str:
    zones = {zone.casefold(): zone for zone in available_timezones()}
    near = get_close_matches(name.casefold(), zones, n=1)
    return f"did you mean '{zones[near[0]]}'?" if near else "use an IANA name such as 'Europe/Berlin'"


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """The first instant of a local day, in UTC.

    Where midnight is skipped it is the end of the gap, where it comes twice the first one; a day that a zone left out
    (Samoa, 30 December 2011) starts when the next one does.
    """
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def go_text(instant: datetime, zone: tzinfo = UTC) -> str:
    """`2026-01-02 03:04:05.5 +0000 UTC`: the default text of a Go time, without a monotonic reading."""
    local = instant.astimezone(zone)
    fraction = f".{local.microsecond:06d}".rstrip("0").rstrip(".")
    offset = local.utcoffset() or timedelta()
    sign = "-" if offset < timedelta() else "+"
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"{local:%Y-%m-%d %H:%M:%S}{fraction} {sign}{hours:02d}{minutes:02d} {local.tzname()}"


def parse_go_text(text: str) -> datetime:
    """The instant that Go wrote as `text`, in UTC, cut to microseconds; a monotonic reading (` m=+1.5`) is dropped.

    The numeric offset alone decides, as abbreviations are ambiguous. Raises EventyardError if it is no such text.
    """
    found = _GO_TEXT.fullmatch(text)
    try:
        if found:
            local = datetime.strptime(f"{found['clock']} {found['offset']}", "%Y-%m-%d %H:%M:%S %z")
            micros = int((found["fraction"] or "").ljust(6, "0")[:6])
            return local.astimezone(UTC).replace(microsecond=micros)
    except (ValueError, OverflowError):
        pass
    raise EventyardError(f"'{text}' is no time as Go writes it", fix="write it like '2026-01-02 03:04:05 +0000 UTC'")
