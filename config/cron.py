"""When a cron schedule is due: the next and the previous tick, on the clocks of a time zone.

The ticks are those of Go's robfig/cron v3, which Argo Events uses, so that a schedule means the same here. In a local
hour that summer time skips nothing is due; what is due in an hour that comes twice is due twice.

Three of its faults are left out. On a day whose midnight is skipped it loses the whole day (Cairo, Beirut) or runs what
was due the day before (Havana). On a day when an hour comes twice it looks for the previous tick for ever, or in the
wrong one of the two. And it takes no tick for the previous one that is less than a second ago.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from config.errors import EventyardError
from config.gotime import start_of_day

_SECOND: Final = timedelta(seconds=1)
_DAY: Final = timedelta(days=1)
# The longest wait that ends: 29 February, from 1896 to 1904 or from 2096 to 2104.
_LEAP_GAP: Final = 8 * 366 * _DAY


@dataclass(frozen=True, slots=True)
class Cron:
    """When a cron text is due, on the clocks of `zone`. Sorted values; weekdays count from Sunday, 0.

    `any_day` says that day of month or day of week is unrestricted, so that both must agree.
    """

    text: str
    zone: tzinfo
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    any_day: bool

    @property
    def never_due(self) -> bool:
        """Whether no instant at all is due, as in `0 0 31 2 *`."""
        return self.next_after(datetime(2000, 1, 1, tzinfo=UTC)) is None

    @property
    def fault(self) -> EventyardError | None:
        """Why it makes no sense to run this schedule."""
        if not self.never_due:
            return None
        return EventyardError(
            f"schedule '{self.text}' is never due",
            fix="no instant fits all five fields: correct the day of month, the month or an empty list",
        )

    def next_after(self, instant: datetime) -> datetime | None:
        """The first due instant after that one, in UTC; None if there is none within eight years."""
        if not (self.minutes and self.hours):
            return None
        moment = instant.astimezone(UTC).replace(microsecond=0) + _SECOND
        moved = False
        while True:
            local = moment.astimezone(self.zone)
            day = self._due_day(local.date(), _DAY)
            if day is None:
                return None
            if day > local.date():
                moment = start_of_day(day, self.zone)
            elif local.hour not in self.hours:
                # Later steps are whole hours, even where a change of 30 minutes (Lord Howe) takes them off the hour and
                # so past that day's tick: which instants are due is not ours to choose.
                into_the_hour = timedelta() if moved else timedelta(minutes=local.minute, seconds=local.second)
                moment += timedelta(hours=1) - into_the_hour
            elif local.minute not in self.minutes:
                later = bisect_right(self.minutes, local.minute)
                minute = self.minutes[later] if later < len(self.minutes) else 60
                moment += timedelta(minutes=minute - local.minute, seconds=-local.second)
            elif local.second:
                moment += timedelta(seconds=60 - local.second)
            else:
                return moment
            moved = True

    def previous_before(self, instant: datetime) -> datetime | None:
        """The last due instant before that one, in UTC; None if there is none within eight years."""
        if not (self.minutes and self.hours):
            return None
        moment = (instant.astimezone(UTC) - timedelta(microseconds=1)).replace(microsecond=0)
        while True:
            local = moment.astimezone(self.zone)
            day = self._due_day(local.date(), -_DAY)
            if day is None:
                return None
            if day < local.date():
                moment = start_of_day(day + _DAY, self.zone) - _SECOND
            elif local.hour not in self.hours:
                moment -= timedelta(minutes=local.minute, seconds=local.second + 1)
            elif local.second:
                moment -= timedelta(seconds=local.second)
            elif local.minute not in self.minutes:
                earlier = bisect_left(self.minutes, local.minute)
                minute = self.minutes[earlier - 1] if earlier else -1
                moment -= timedelta(minutes=local.minute - minute)
            else:
                return moment

    def resume(self, tick: datetime, earliest: datetime) -> datetime | None:
        """The first due instant after `tick` that is not before `earliest`."""
        return self.next_after(max(tick, earliest - _SECOND))

    def _due_day(self, day: date, step: timedelta) -> date | None:
        """The nearest day that is due, in steps of one day forward or back; that day itself if it is."""
        start = day
        while abs(day - start) <= _LEAP_GAP:
            if day.month not in self.months:
                day = _edge_of_month(day, step)
            elif self._due_on(day):
                return day
            day += step
        return None

    def _due_on(self, day: date) -> bool:
        by_month, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return (by_month and by_week) if self.any_day else (by_month or by_week)


def _edge_of_month(day: date, step: timedelta) -> date:
    if step < timedelta():
        return day.replace(day=1)
    return day.replace(day=monthrange(day.year, day.month)[1])
