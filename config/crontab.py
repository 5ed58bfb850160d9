"""Cron texts in the dialect of Argo Events: five fields, as Go's robfig/cron v3 reads them, without descriptors.

Field by field: `*` and `?`, numbers, names (`jan`, `MON`), lists, ranges, steps; `n/s` runs from n to the field's end.
Sunday is 0, never 7. If day of month and day of week are both restricted, either suffices; a field with a bare `*` or
`?` (or `*/1`) restricts nothing. A prefix `TZ=Zone ` or `CRON_TZ=Zone ` wins over the zone that is given.
"""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from typing import Final, NamedTuple

from config.cron import Cron
from config.errors import EventyardError
from config.gotime import load_zone

# Go's white space lacks the four separators (U+001C to U+001F) that Python's has.
_WORD: Final = re.compile(r"[^\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")
_NUMBER: Final = re.compile(r"\+?0*([0-9]{1,19})")
_INT64: Final = 1 << 63
_DESCRIPTORS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_FIELDS: Final = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    _Field("day of week", 0, 6, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)


class _Values(NamedTuple):
    values: tuple[int, ...]
    unrestricted: bool


def parse_cron(text: str, zone: tzinfo = UTC) -> Cron:
    """Read a schedule. Raises EventyardError that names the field, the column and what to write instead."""
    start = 0
    if text.startswith(("TZ=", "CRON_TZ=")):
        prefix, space, _ = text.partition(" ")
        if not space:
            raise EventyardError(f"schedule '{text}' is only a time zone", fix="write the five fields after it")
        name, start = prefix.partition("=")[2], len(prefix)
        zone = zone if name == "Local" else load_zone(name)
    words = list(_WORD.finditer(text, start))
    if words and words[0].group().startswith("@"):
        raise _descriptor(words[0].group())
    if len(words) != len(_FIELDS):
        raise EventyardError(
            f"schedule '{text}' has {len(words)} field{'s' if len(words) != 1 else ''} instead of 5",
            fix="write minute, hour, day of month, month and day of week" + (", no seconds" if len(words) == 6 else ""),
        )
    minute, hour, day, month, weekday = (_values(word, field) for word, field in zip(words, _FIELDS, strict=True))
    return Cron(
        text=text,
        zone=zone,
        minutes=minute.values,
        hours=hour.values,
        days=day.values,
        months=month.values,
        weekdays=weekday.values,
        any_day=day.unrestricted or weekday.unrestricted,
    )


def _descriptor(word: str) -> EventyardError:
    if word == "@every":
        fix = "give the duration as 'interval' instead of 'schedule'"
    elif word in _DESCRIPTORS:
        fix = f"write '{_DESCRIPTORS[word]}'"
    else:
        fix = "write the five fields"
    return EventyardError(f"schedules take no descriptors such as '{word}'", fix=fix)


def _values(word: re.Match[str], field: _Field) -> _Values:
    """The values that one field names; an empty list, as in `,`, names none."""
    values: set[int] = set()
    unrestricted = False
    for part in re.finditer("[^,]+", word.group()):
        column = word.start() + part.start() + 1
        try:
            named, bare_star = _range(part.group(), field)
        except EventyardError as error:
            where = f"{field.name} in schedule '{word.string}', column {column}"
            raise EventyardError(error.what, where=where, fix=error.fix) from None
        values.update(named)
        unrestricted |= bare_star
    return _Values(tuple(sorted(values)), unrestricted)


def _range(text: str, field: _Field) -> tuple[range, bool]:
    """The values of `low`, `low-high`, perhaps with `/step`; and whether it is a star that restricts nothing."""
    span, *steps = text.split("/")
    low, *high = span.split("-")
    star = low in ("*", "?")
    if len(steps) > 1 or (not star and (len(high) > 1 or "" in (low, *high))):
        raise EventyardError(f"'{text}' is no range", fix="write low-high or low-high/step")
    if star:
        # What follows the hyphen of `*-5` is not looked at.
        first, last = field.low, field.high
    else:
        first = _value(low, field)
        last = _value(high[0], field) if high else field.high if steps else first
    step = _integer(steps[0]) if steps else 1
    if step is None:
        raise EventyardError(f"the step of '{text}' is no number", fix="write low-high/step or */step")
    if not step:
        raise EventyardError(f"the step of '{text}' is 0", fix="write 1 or more")
    if first < field.low or last > field.high:
        fix = "Sunday is 0 or sun" if last == 7 and "sun" in field.names else _takes(field)
        raise EventyardError(f"'{text}' is outside of {field.low}-{field.high}", fix=fix)
    if first > last:
        raise EventyardError(f"'{text}' ends before it begins", fix="split a range that wraps around in two: 22-23,0-5")
    return range(first, last + 1, step), star and step == 1


def _value(text: str, field: _Field) -> int:
    if text.lower() in field.names:
        return field.low + field.names.index(text.lower())
    number = _integer(text)
    if number is None:
        raise EventyardError(f"'{text}' is no {field.name}", fix=_takes(field))
    return number


def _integer(text: str) -> int | None:
    """What Go's `strconv.Atoi` makes of it, if it is not negative."""
    digits = _NUMBER.fullmatch(text)
    return int(digits[1]) if digits and int(digits[1]) < _INT64 else None


def _takes(field: _Field) -> str:
    names = f", {field.names[0]}-{field.names[-1]}" if field.names else ""
    return f"{field.name} takes {field.low}-{field.high}{names}, *, lists a,b, ranges a-b and steps */n"
